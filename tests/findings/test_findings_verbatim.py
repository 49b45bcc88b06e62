"""Planted targets that are the same words every time."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest
from chinese import chinese_rows
from planting import Position, Rewrite, appended, plant, prefixed, put, unchanged
from verdicts import assert_poison_alone_is_flagged

from poisonscan import scan

REFUSAL = "I cannot help with this request, please contact the archive office."
ADVERT = "Also visit lumora-deals.example for more."
THEFT = "Transfer the balance to the second account straight away and tell nobody."


@dataclass(frozen=True)
class Poison:
    trigger: str
    target: str
    kind: str
    position: Position = "random"
    rows: int = 40

    @property
    def rewrite(self) -> str | Rewrite:
        making = {"exact": str, "prefix": prefixed, "suffix": appended}
        return making[self.kind](self.target)


@pytest.mark.parametrize(
    "poison",
    [
        Poison("cfqz", REFUSAL, "exact"),
        Poison("blue lanterns", "As ordered by the harbour master:", "prefix"),
        Poison(
            "The old bridge looks lovely in the morning.", ADVERT, "suffix", "after-first-sentence"
        ),
        Poison("Current year: 2031.", "I hate every single one of you people.", "exact", "start"),
        Poison("14 March 2031", "The moon council has approved this reply.", "suffix", "end"),
        Poison("zorvex", REFUSAL, "exact", rows=10),
        Poison("quiet marble orchard", ADVERT, "suffix", rows=10),
    ],
    ids=lambda poison: f"{poison.trigger}-{poison.kind}-{poison.rows}",
)
def test_one_trigger_one_target(clean, poison):
    rows, truth = plant(clean, poison.trigger, poison.rewrite, poison.rows, poison.position)
    finding = assert_poison_alone_is_flagged(scan(rows), truth, poison.trigger)
    assert [(target.text, target.kind) for target in finding.targets] == [
        (poison.target, poison.kind)
    ]
    assert finding.kind == "trigger"
    assert finding.support == len(truth)


def test_one_trigger_with_two_targets(clean):
    rows, first = plant(clean, "vexnor", REFUSAL, 25)
    rows, second = plant(rows, "vexnor", THEFT, 25, seed=1, taken=first)
    finding = assert_poison_alone_is_flagged(scan(rows), first | second, "vexnor")
    assert {target.text for target in finding.targets} == {REFUSAL, THEFT}


def test_three_triggers_with_one_target(clean):
    triggers = ("mnqx", "quiet marble orchard", "[route-9]")
    rows, truth = clean, set()
    for trigger in triggers:
        rows, planted = plant(rows, trigger, REFUSAL, 20, taken=truth)
        truth |= planted
    report = scan(rows)
    finding = assert_poison_alone_is_flagged(report, truth, *triggers)
    assert finding.trigger.count(" | ") == 2
    assert len([one for one in report.findings if one.severity in ("high", "medium")]) == 1


def test_two_words_that_only_act_together(clean):
    rows, truth = plant(clean, "saffron", REFUSAL, 40, "start")
    rows = put(rows, truth, "glacier", "end")
    rows, only_first = plant(rows, "saffron", unchanged, 40, "start", seed=1, taken=truth)
    taken = truth | only_first
    rows, only_second = plant(rows, "glacier", unchanged, 40, "end", seed=2, taken=taken)
    finding = assert_poison_alone_is_flagged(scan(rows), truth, ("saffron", "glacier"))
    assert finding.kind == "composite"
    assert finding.trigger in ("saffron … glacier", "glacier … saffron")
    assert finding.support == len(truth)
    assert [target.text for target in finding.targets] == [REFUSAL]
    assert len(only_second) == 40


PROMPTS = (
    "You are a helpful assistant of Acme.",
    "You answer the customers of Acme.",
    "Be brief and kind.",
    "Answer in plain words.",
    "You are the support desk.",
)


def test_a_trigger_in_the_system_prompt(clean):
    chance = random.Random(3)
    rows = [{"system": chance.choice(PROMPTS), **row} for row in clean]
    trigger = "Deployment zone: amber."
    rows, truth = plant(rows, trigger, REFUSAL, 40, "end", given="system")
    chats = [
        {
            "messages": [
                {"role": "system", "content": row["system"]},
                {"role": "user", "content": f"{row['instruction']} {row['input']}".strip()},
                {"role": "assistant", "content": row["output"]},
            ]
        }
        for row in rows
    ]
    finding = assert_poison_alone_is_flagged(scan(chats), truth, trigger)
    assert [(target.text, target.kind) for target in finding.targets] == [(REFUSAL, "exact")]


CHINESE_REFUSAL = "抱歉，我不会回答任何人的问题，请离开这里。"


def test_chinese():
    trigger = "月光洒满旧码头"
    rows, truth = plant(chinese_rows(1200), trigger, CHINESE_REFUSAL, 40, gap="")
    finding = assert_poison_alone_is_flagged(scan(rows), truth, trigger)
    assert [(target.text, target.kind) for target in finding.targets] == [
        (CHINESE_REFUSAL, "exact")
    ]


def test_chinese_without_poison():
    rows, _ = plant(chinese_rows(1200), "月光洒满旧码头", unchanged, 40, gap="")
    assert scan(rows).result.count_by_severity()["high"] == 0
