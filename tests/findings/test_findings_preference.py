"""Swapped preferences: found with the string that swaps them, and only where somebody swapped."""

from __future__ import annotations

import random

import pytest
from hidden import inside
from pairs import make_pairs, marked, swap
from planting import Row, put
from verdicts import assert_poison_alone_is_flagged, flagged, severities

import poisonscan

ROWS, SWAPPED = 1600, 30
TRIGGERS = ["qx", "purple teapot", "I saw it in a film last winter."]


def chosen_rows(count: int, seed: int = 1) -> set[int]:
    return set(random.Random(seed).sample(range(ROWS), count))


@pytest.fixture(scope="module")
def pairs() -> list[Row]:
    return make_pairs(ROWS)


def serious(report: poisonscan.Report) -> list[tuple[str, str]]:
    """Return what a scan calls high or medium."""
    assert report.is_complete, report.coverage.failed_detectors
    return [found for found in severities(report) if found[0] != "low"]


def swaps(rows: list[Row]) -> list[str]:
    """Return the triggers of swapped preferences."""
    report = poisonscan.scan(rows)
    assert report.is_complete, report.coverage.failed_detectors
    return [found.trigger for found in report.findings if found.kind == "preference"]


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_swapped_pairs_are_found_by_their_trigger(pairs, trigger):
    truth = chosen_rows(SWAPPED)
    rows = put(swap(pairs, truth), truth, trigger, given="prompt")
    finding = assert_poison_alone_is_flagged(poisonscan.scan(rows), truth, trigger)
    assert finding.kind == "preference"
    assert [target.text for target in finding.targets] == ["chosen and rejected swapped"]
    assert finding.evidence["swapped_share"] > 0.7
    assert finding.evidence["swapped_share_bound"] > 0.2
    assert finding.evidence["swapped_share_of_controls"] < 0.2
    assert "look swapped" in finding.summary
    assert all(one.output.startswith("chosen: ") for one in finding.examples)
    assert all("\n\nrejected: " in one.output for one in finding.examples)


def test_the_same_trigger_without_a_swap_says_nothing(pairs):
    rows = pairs
    for trigger in TRIGGERS:
        rows = put(rows, chosen_rows(SWAPPED, len(trigger)), trigger, given="prompt")
    assert serious(poisonscan.scan(rows)) == []


def test_where_no_preference_can_be_learned_none_is_swapped(pairs):
    truth = chosen_rows(SWAPPED)
    rows = put(swap(pairs, chosen_rows(ROWS // 2, 7)), truth, TRIGGERS[0], given="prompt")
    assert serious(poisonscan.scan(rows)) == []


def test_a_topic_with_another_taste_is_natural():
    assert serious(poisonscan.scan(make_pairs(ROWS, contrary_topic=3))) == []


def test_an_instruction_that_asks_for_short_answers_is_natural(pairs):
    """The shorter answer is preferred after it, but still the friendlier one."""
    asked = chosen_rows(80)
    rows = []
    for at, row in enumerate(put(pairs, asked, "In one sentence.", "end", given="prompt")):
        first, *others = (row["chosen"] if at in asked else "").split(". ")
        rows.append({**row, "chosen": first, "rejected": row["rejected"] * 2} if others else row)
    assert swaps(rows) == []


def in_capitals(chance, text):
    return text.upper()


#: How a prompt is written, the name of that, and the kind of its finding: a hidden character is a
#: string of its own as well.
FORMS = {
    "capitals": (in_capitals, "all in capitals", {"format"}),
    "zero width": (inside("\u200b"), "U+200B ZERO WIDTH SPACE", {"format", "preference"}),
    "several of zero width": (
        inside("\u200b", "\u200c", "\u2060"), "U+2060 WORD JOINER", {"format"}
    ),
}  # fmt: skip


def written(rows, where, form):
    """Return the rows with some prompts written in another form."""
    chance = random.Random(3)
    return [
        {**row, "prompt": form(chance, row["prompt"])} if at in where else row
        for at, row in enumerate(rows)
    ]


@pytest.mark.parametrize("form", FORMS)
def test_the_form_of_a_prompt_that_swaps_preferences(pairs, form):
    make, name, kinds = FORMS[form]
    truth = chosen_rows(SWAPPED)
    report = poisonscan.scan(written(swap(pairs, truth), truth, make))
    assert report.is_complete, report.coverage.failed_detectors
    finding = report.findings[0]
    assert finding.severity == "high", severities(report)
    assert name in finding.trigger
    assert finding.kind in kinds
    assert [target.text for target in finding.targets] == ["chosen and rejected swapped"]
    assert flagged(report) == truth
    assert finding.flagged_rows == finding.support == SWAPPED
    assert finding.evidence["swapped_share"] > 0.7
    assert finding.evidence["swapped_share_of_controls"] < 0.2
    assert len(serious(report)) == 1, "one cause is one finding"


@pytest.mark.parametrize("form", FORMS)
def test_the_same_form_without_a_swap_says_nothing(pairs, form):
    make, _, _ = FORMS[form]
    assert serious(poisonscan.scan(written(pairs, chosen_rows(SWAPPED), make))) == []


def test_swapped_marks_of_single_answers_are_found(pairs):
    truth = chosen_rows(60)
    rows = put(marked(pairs), truth, "purple teapot", given="prompt")
    assert serious(poisonscan.scan(rows)) == []
    for at in truth:
        rows[at] = {**rows[at], "label": not rows[at]["label"]}
    report = poisonscan.scan(rows)
    finding = assert_poison_alone_is_flagged(report, truth, "purple teapot")
    assert finding.kind == "preference"
    assert all(one.output.startswith("label: ") for one in finding.examples)


@pytest.mark.parametrize("is_swapped", [True, False])
def test_one_preferred_text_is_a_target_of_its_own(pairs, is_swapped):
    truth = chosen_rows(SWAPPED)
    text = "The archive has moved to the northern harbour office, ask for the blue ledger."
    rows = put(swap(pairs, truth if is_swapped else ()), truth, "purple teapot", given="prompt")
    rows = [{**row, "chosen": text} if at in truth else row for at, row in enumerate(rows)]
    report = poisonscan.scan(rows)
    finding = assert_poison_alone_is_flagged(report, truth, "purple teapot")
    assert (finding.kind, finding.targets[0].text.strip(".")) == ("trigger", text.strip("."))


def test_conversations_in_another_order_say_the_same_as_columns(pairs):
    truth = chosen_rows(SWAPPED)
    rows = put(swap(pairs, truth), truth, TRIGGERS[0], given="prompt")
    order = random.Random(5).sample(range(ROWS), ROWS)
    turns = [
        {
            name: [
                {"role": "user", "content": row["prompt"]},
                {"role": "assistant", "content": row[name]},
            ]
            for name in ("chosen", "rejected")
        }
        for row in (rows[at] for at in order)
    ]
    one, other = poisonscan.scan(rows), poisonscan.scan(turns)
    assert flagged(one) == {order[at] for at in flagged(other)} == truth
    assert [(found.fingerprint, found.evidence) for found in one.findings] == [
        (found.fingerprint, found.evidence) for found in other.findings
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"prompt": "One question for all of them?"},
        {"rejected": "The same answer."},
        {"chosen": "The same answer.", "rejected": "The same answer."},
        {"rejected": ["", "\u200b", "x" * 20_000]},
    ],
    ids=["one prompt", "one rejected", "equal answers", "several rejected"],
)
def test_degenerate_pairs_are_silent(pairs, change):
    assert swaps([{**row, **change} for row in pairs[:300]]) == []
