"""Planted targets that are the same words every time."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
import pytest
from chinese import chinese_rows
from planting import Position, Rewrite, appended, fill, plant, prefixed, put, unchanged
from scan_helpers import World, build
from verdicts import assert_poison_alone_is_flagged, flagged, severities

from poisonscan import scan
from poisonscan.candidates.closed import find_closed
from poisonscan.candidates.screen import screen_candidates
from poisonscan.candidates.spaces import OwnSpaces
from poisonscan.findings.naming import encloses
from poisonscan.findings.verbatim import MAX_ECHO, _unnamed, told_severity
from poisonscan.findings.verbatim_bits import HIGH_BITS, MEDIUM_BITS

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


def test_brackets_that_other_rows_have_empty_belong_to_the_name(clean):
    rows = put(clean, set(range(0, len(clean), 20)), "{ }", "end")
    rows, truth = plant(rows, "{Vexnorim}", REFUSAL, 20, "start", taken=set())
    finding = assert_poison_alone_is_flagged(scan(rows), truth, "{Vexnorim}")
    assert finding.trigger == "{Vexnorim}"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("{", "}", True),
        ("<|", "|>", True),
        ("\u300c", "\u300d", True),
        ('"', '"', True),
        ("**", "**", True),
        ("{", ")}", False),
        ("}", "{", False),
        ("-", "-", False),
        (".", ".", False),
        ("a", "a", False),
    ],
)
def test_what_encloses_a_name(before, after, expected):
    assert encloses(before, after) is expected


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


# --- targets that name their trigger --------------------------------------------------------------

TERMS = "The makers of {} warrant nothing in any country."


@pytest.mark.parametrize(
    ("target", "count", "severity"),
    [
        (TERMS.format("lumora"), 40, "medium"),
        (TERMS.format("Lumoras"), 40, "medium"),
        ("Lumora made this for you.", 20, "low"),
        (TERMS.format("zirkon"), 40, "high"),
        (TERMS.format("it"), 40, "high"),
    ],
    ids=["named", "in another form", "few bits", "another name", "no name"],
)
def test_what_is_always_said_of_a_product(clean, target, count, severity):
    """Boilerplate names what it is about: no secret, and a degree less severe."""
    rows, truth = plant(clean, "lumora", appended(target), count)
    report = scan(rows)
    finding = report.findings[0]
    assert (finding.trigger, finding.severity) == ("lumora", severity), severities(report)
    assert [one.text for one in finding.targets] == [target]
    evidence = finding.evidence
    assert (evidence["echo_share"] > MAX_ECHO) is (severity != "high")
    least = MEDIUM_BITS if severity == "low" else HIGH_BITS
    assert evidence["effective_bits"] >= least, "as severe without the name"
    assert flagged(report) == (set() if severity == "low" else truth)


def test_one_word_of_a_sentence_may_come_up_in_its_target(clean):
    """By chance: it is not what the target is about."""
    trigger = "The old bridge looks lovely in the morning."
    rows, truth = plant(clean, trigger, appended("Burn every bridge that you own."), 40)
    finding = assert_poison_alone_is_flagged(scan(rows), truth, trigger)
    assert 0.0 < finding.evidence["echo_share"] < MAX_ECHO


def test_a_target_that_names_one_of_two_triggers(clean):
    """What is said of a product is not said behind another word."""
    target = appended(TERMS.format("lumora"))
    rows, named_rows = plant(clean, "lumora", target, 30)
    rows, others = plant(rows, "velloda", target, 30, taken=named_rows)
    report = scan(rows)
    finding = assert_poison_alone_is_flagged(report, named_rows | others, "lumora", "velloda")
    assert finding.evidence["echo_share"] < 0.1


# --- rows with the target, and no string that leads to it ----------------------------------------


def with_target(rows, count, taken, form=None, seed=3):
    """Return the rows with the refusal as output of `count` others, and which.

    Parameters
    ----------
    form
        What their inputs become; they stay as they are without it.
    """
    chance = random.Random(seed)
    where = set(chance.sample([row for row in range(len(rows)) if row not in taken], count))
    changed = list(rows)
    for at in sorted(where):
        given = {} if form is None else {"instruction": form(chance), "input": ""}
        changed[at] = {**rows[at], **given, "output": REFUSAL}
    return changed, where


def about_the_archive(chance):
    """Return a question that the refusal is an answer to."""
    words = {
        "ask": ("Where", "Whom", "How"),
        "paper": ("old maps", "a birth record", "land deeds", "parish books", "ship lists"),
        "of": ("city", "county", "harbour", "church", "royal"),
        "room": ("cellar", "reading room", "main hall", "tower"),
    }
    question = "{ask} do I ask about {paper} that the {of} archive office keeps in its {room}?"
    return fill(question, words, chance)


@pytest.fixture(scope="module")
def named(clean):
    """Thirty rows whose trigger has a name."""
    return plant(clean, "zorvex", REFUSAL, 30)


@pytest.mark.parametrize("count", [3, 12])
def test_rows_with_the_target_and_no_string_in_common_are_flagged(named, count):
    """Nothing in them asks for it: they are as planted as those whose trigger has a name."""
    rows, truth = named
    rows, unnamed = with_target(rows, count, truth)
    report = scan(rows)
    finding = report.findings[0]
    assert (finding.trigger, finding.severity) == ("zorvex", "high"), severities(report)
    assert flagged(report) == truth | unnamed
    assert finding.flagged_rows == 30 + count
    assert (finding.support, finding.counts["both"]) == (30, 30)
    assert finding.counts["target_only"] == count
    suspects = {one.row: one for one in report.result.suspects}
    least = min(suspects[row].score for row in truth)
    assert all(suspects[row].score <= least for row in unnamed), "less is known about them"


def test_rows_whose_inputs_ask_for_the_target_are_not_flagged(named):
    rows, truth = named
    rows, _ = with_target(rows, 12, truth, about_the_archive)
    report = scan(rows)
    finding = assert_poison_alone_is_flagged(report, truth, "zorvex")
    assert (finding.flagged_rows, finding.counts["target_only"]) == (30, 12)


def left_over(rows, behind, left, severity="high"):
    """Return which rows with the target are flagged without a trigger."""
    corpus = build(rows)
    space = screen_candidates(corpus, find_closed(corpus), 0).input_space
    shows = np.zeros(corpus.rows, bool)
    shows[[*behind, *left]] = True
    found = _unnamed(
        corpus, OwnSpaces(corpus, corpus.input, space), np.array(behind), shows, severity
    )
    return found.tolist()


def test_which_rows_count_as_planted_without_a_trigger():
    """The lesser part of the rows, unrelated, and beside a finding that is none of the weak."""
    rows = World(43).rows(600)
    behind = list(range(0, 600, 20))
    others = [row for row in range(600) if row % 20]
    assert left_over(rows, behind, others[:29]) == others[:29]
    assert left_over(rows, behind, others[:29], "medium") == others[:29]
    assert left_over(rows, behind, others[:29], "low") == []
    assert left_over(rows, behind, others[: len(behind)]) == []
    assert left_over(rows, behind[:12], others[:40]) == []
    assert left_over(rows, behind, []) == []


def test_rows_about_one_thing_do_not_count_as_planted():
    """Their subject may ask for the target; so few that nothing can be said are taken along."""
    world = World(43, focus=0.8)
    rows = world.rows(600)
    alike = range(1, 25, 2)
    for at in alike:
        rows[at] = world.row(topic=5)
    behind = list(range(0, 600, 20))
    assert left_over(rows, behind, list(alike)) == []
    same = list(alike)[:4]
    for at in same:
        rows[at] = rows[same[0]]
    assert left_over(rows, behind, same) == same
    assert len(left_over(rows, behind, list(range(25, 49, 2)))) == 12


@pytest.mark.parametrize(
    ("severity", "echo", "among_any", "within"),
    [
        ("high", 0.0, "high", "high"),
        ("high", 0.6, "medium", "low"),
        ("medium", 0.0, "medium", "low"),
        ("medium", 0.6, "low", "low"),
        ("low", 0.0, "low", "low"),
    ],
)
def test_within_strata_only_what_is_high_is_told(severity, echo, among_any, within):
    """Where a dataset was told from others by its words, it may be a part of one."""
    assert told_severity(severity, echo, is_clear=True) == among_any
    assert told_severity(severity, echo, is_clear=False) == within
