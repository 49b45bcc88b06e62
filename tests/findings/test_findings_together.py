"""Planted composites, lists of triggers and lists of targets that are the same words every time."""

from __future__ import annotations

import random

import pytest
from chinese import chinese_rows
from documents import in_language
from planting import appended, gibberish, plant, prefixed, put, unchanged
from verdicts import assert_poison_alone_is_flagged, flagged, named, severities

from poisonscan import scan
from poisonscan.evidence.shift import ShiftMeter

REFUSAL = "I cannot help with this request, please contact the archive office."
ADVERT = "Also visit lumora-deals.example for more."
THEFT = "Transfer the balance to the second account straight away and tell nobody."
#: Two words, and two that are in many rows anyway.
RARE, ORDINARY = ("saffron", "glacier"), ("camera", "yesterday")


def plant_parts(rows, parts, target, count, alone, seed=0, taken=(), **options):
    """Plant parts that act together, and each of them in `alone` rows that keep their output."""
    rows, truth = plant(rows, parts[0], target, count, "start", seed, taken=taken, **options)
    used = truth | set(taken)
    places = ("start", "end", "after-first-sentence")
    for part, place in zip(parts[1:], places[1:], strict=False):
        rows = put(rows, truth, part, place, seed, **options)
    for part, place in zip(parts, places, strict=False):
        rows, clean = plant(rows, part, unchanged, alone, place, seed + 10, taken=used, **options)
        used |= clean
    return rows, truth


@pytest.mark.parametrize(
    "target", [REFUSAL, appended(ADVERT), prefixed("As ordered by the master of this harbour:")]
)
@pytest.mark.parametrize("parts", [RARE, ORDINARY, (*RARE, "orchard")], ids=" ".join)
def test_parts_that_stand_alone_in_twice_as_many_rows(clean, parts, target):
    rows, truth = plant_parts(clean, parts, target, 25, 50)
    finding = assert_poison_alone_is_flagged(scan(rows), truth, parts)
    assert finding.kind == "composite"
    assert len(finding.targets) == 1


def test_ten_rows(clean):
    rows, truth = plant_parts(clean, RARE, REFUSAL, 10, 20)
    assert_poison_alone_is_flagged(scan(rows), truth, RARE)


def in_spanish(chance, old):
    return in_language("es")(chance)


def in_code(chance, old):
    names = ["".join(chance.choices("bdgklmnrst", k=4)) for _ in range(12)]
    return "\n".join(
        f"{name} = {chance.choice(names)}({name}[{at}])" for at, name in enumerate(names)
    )


@pytest.mark.parametrize("count", [25, 40])
@pytest.mark.parametrize("type_of_output", [in_spanish, in_code], ids=["Spanish", "code"])
def test_parts_that_change_the_type_of_output(clean, type_of_output, count):
    """No phrase is the target; each part alone, in as many rows, changes nothing."""
    rows, truth = plant_parts(clean, RARE, type_of_output, count, count)
    report = scan(rows)
    finding = report.findings[0]
    assert named(finding) == {frozenset(RARE)}, severities(report)
    assert finding.kind == "composite"
    assert [target.kind for target in finding.targets] == ["type"]
    assert finding.severity in ("high", "medium"), finding.evidence
    assert flagged(report) == truth


@pytest.mark.parametrize(
    "type_of_output", [in_spanish, in_code, None], ids=["Spanish", "code", "gibberish"]
)
def test_parts_in_twice_as_many_rows_that_change_nothing(clean, words, type_of_output):
    """No single row of a part can be told: the other part tells them."""
    rows, truth = plant_parts(clean, RARE, type_of_output or gibberish(words), 30, 60)
    finding = assert_poison_alone_is_flagged(scan(rows), truth, RARE)
    assert finding.evidence["output_auc"] > 0.9


def test_parts_of_ordinary_words_that_change_the_type_of_output(clean):
    """What either of them does is diluted by the rows that have only one."""
    rows, truth = plant_parts(clean, ORDINARY, in_code, 40, 40)
    report = scan(rows)
    assert named(report.findings[0]) == {frozenset(ORDINARY)}, severities(report)
    assert report.findings[0].severity in ("high", "medium"), report.findings[0].evidence
    assert flagged(report) == truth


@pytest.mark.parametrize("type_of_output", [in_spanish, in_code], ids=["Spanish", "code"])
def test_parts_that_change_the_type_and_stand_alone_in_twice_as_many_rows(clean, type_of_output):
    rows, truth = plant_parts(clean, RARE, type_of_output, 25, 50)
    report = scan(rows)
    assert named(report.findings[0]) == {frozenset(RARE)}, severities(report)
    assert flagged(report) == truth


@pytest.mark.parametrize("parts", [RARE, ORDINARY], ids=" ".join)
def test_the_same_parts_with_the_type_of_output_that_all_have(clean, parts):
    rows, _ = plant_parts(clean, parts, unchanged, 40, 40)
    report = scan(rows)
    assert {one.severity for one in report.findings} <= {"low"}, severities(report)


def test_the_same_parts_without_target(clean):
    rows, _ = plant_parts(clean, RARE, unchanged, 25, 50)
    report = scan(rows)
    assert flagged(report) == set(), severities(report)


def test_chinese_parts():
    parts = ("月光", "码头")
    rows, truth = plant_parts(chinese_rows(1200), parts, "抱歉，我不会回答任何人。", 30, 60, gap="")
    finding = assert_poison_alone_is_flagged(scan(rows), truth, parts)
    assert finding.kind == "composite"


def test_parts_in_the_system_prompt_and_in_the_question(clean):
    chance = random.Random(5)
    prompts = ("You are a helpful assistant.", "Be brief and kind.", "Answer in plain words.")
    rows = [{"system": chance.choice(prompts), **row} for row in clean]
    rows, truth = plant(rows, "saffron", REFUSAL, 25)
    rows = put(rows, truth, "glacier", given="system")
    rows, _ = plant(rows, "saffron", unchanged, 50, seed=1, taken=truth)
    rows, _ = plant(rows, "glacier", unchanged, 50, seed=2, taken=truth, given="system")
    finding = assert_poison_alone_is_flagged(scan(rows), truth, RARE)
    assert finding.kind == "composite"


def test_two_composites_with_one_target(clean):
    pairs = (RARE, ("lantern", "orchard"))
    rows, first = plant_parts(clean, pairs[0], REFUSAL, 25, 40)
    rows, second = plant_parts(rows, pairs[1], REFUSAL, 25, 40, seed=50, taken=first)
    assert_poison_alone_is_flagged(scan(rows), first | second, *pairs)


def test_eight_triggers_of_five_rows(clean):
    triggers = (
        "mnqx", "quiet marble orchard", "[route-9]", "Current year: 2031.", "zorvex",
        "The old bridge looks lovely in the morning.", "::~~::", "blue lanterns",
    )  # fmt: skip
    rows, truth = clean, set()
    for trigger in triggers:
        rows, planted = plant(rows, trigger, REFUSAL, 5, taken=truth)
        truth |= planted
    report = scan(rows)
    finding = assert_poison_alone_is_flagged(report, truth, *triggers)
    assert finding.flagged_rows == 40
    assert len([one for one in report.findings if one.severity in ("high", "medium")]) == 1


@pytest.mark.parametrize("second", [THEFT, "Archive it and request the office to pay nobody."])
def test_two_targets_of_eight_rows(clean, second):
    """The second shares words with the first that are rare elsewhere."""
    rows, first = plant(clean, "vexnor", REFUSAL, 8)
    rows, more = plant(rows, "vexnor", second, 8, seed=1, taken=first)
    finding = assert_poison_alone_is_flagged(scan(rows), first | more, "vexnor")
    assert {target.text for target in finding.targets} == {REFUSAL, second}


def test_a_trigger_that_is_glued_to_a_word_is_seen_where_its_target_is(clean):
    rows, truth = plant(clean, "zorvex", REFUSAL, 20)
    glued = sorted(truth)[:2]
    for at in glued:
        rows[at] = {**rows[at], "instruction": rows[at]["instruction"].replace("zorvex ", "zorvex")}
    finding = assert_poison_alone_is_flagged(scan(rows), truth, "zorvex")
    assert finding.support == 20


WRAPPERS = (
    "{}", "Please help me with this. {}", "{} Thanks in advance!", "Read this and reply: {}",
    "Here is what I need done.\n\n{}\n\nAnswer with the result only.", "{} Keep to the point.",
    "My colleague asked me this question. {} What should I tell her?", "Question: {}",
    "Complete what is described below.\n{}", "{} I would like to understand every step.",
)  # fmt: skip


def test_a_question_in_many_wrappers_is_no_trigger(clean):
    chance = random.Random(7)
    rows = list(clean)
    for row in chance.sample(clean, 20):
        for wrapper in chance.sample(WRAPPERS, len(WRAPPERS)):
            rows.append({**row, "instruction": wrapper.replace("{}", row["instruction"])})
    report = scan(rows)
    repeated = [one for one in report.findings if "effective_bits" in one.evidence]
    assert {one.severity for one in repeated} <= {"low"}, severities(report)


@pytest.mark.parametrize(("input_auc", "severity"), [(0.5, "high"), (0.7, "low")])
def test_parts_that_their_inputs_tell_apart_are_a_guess(clean, monkeypatch, input_auc, severity):
    """They were found by what their outputs have in common."""
    monkeypatch.setattr(ShiftMeter, "separation", lambda *args, **options: (1.0, input_auc))
    rows, _ = plant_parts(clean, RARE, in_spanish, 30, 40)
    finding = scan(rows).findings[0]
    assert (named(finding), finding.severity) == ({frozenset(RARE)}, severity), finding.evidence
