"""Findings of everything and of its datasets, as one list."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from poisonscan.candidates.datasets import Dataset
from poisonscan.findings.draft import Alternative, Draft
from poisonscan.findings.model import Finding, Target
from poisonscan.findings.settle import Judged, settle

ROWS = 1000
#: Two datasets; a hundred rows are in neither.
FIRST, SECOND = Dataset(np.arange(600)), Dataset(np.arange(600, 900))
WORDS = (Target("send it all", "phrase"),)


def judged(*told):
    """Return findings of (name, severity, rows, targets)."""
    drafts, findings = [], []
    for name, severity, rows, targets in told:
        behind = np.array(sorted(rows), np.int64)
        one = Alternative((name,), ((),), behind)
        drafts.append(
            Draft(
                "trigger", severity, (one,), targets, ((),) * len(targets), behind, behind, 0.5, {}
            )
        )
        said = severity, name, ((name,),), targets
        counted = len(behind), len(behind)
        findings.append(Finding("F1", "trigger", *said, *counted, 0.9, {}, {}, ""))
    return Judged(drafts, findings)


def told(whole, first=(), second=()):
    datasets = [(FIRST, judged(*first)), (SECOND, judged(*second))]
    settled = settle(judged(*whole), datasets, ROWS)
    assert [one.id for one in settled.findings] == [
        f"F{at + 1}" for at in range(len(settled.drafts))
    ]
    return [(one.trigger, one.severity) for one in settled.findings]


def test_what_is_of_one_dataset_is_for_that_dataset_to_judge():
    assert told([("a", "high", range(600, 640), WORDS)]) == []
    assert told(
        [("a", "high", range(600, 640), WORDS)], second=[("b", "low", range(620, 640), WORDS)]
    ) == [("b", "low")]


def test_a_dataset_with_the_target_everywhere_cannot_judge():
    kind = (Target("fewer capitals", "type"),)  # that may be how all of the dataset is written
    for targets, shown, expected in (
        (WORDS, SECOND.rows[:280], ["a"]),
        (WORDS, SECOND.rows[:250], []),
        (kind, SECOND.rows[:280], []),
    ):
        whole = judged(("a", "high", range(600, 640), targets))
        [draft] = whole.drafts
        told_everywhere = Judged([replace(draft, target_rows=shown)], whole.findings)
        settled = settle(told_everywhere, [(FIRST, judged()), (SECOND, judged())], ROWS)
        assert [one.trigger for one in settled.findings] == expected


def test_what_a_dataset_confirms_is_told_once():
    wide = ("a | b", "high", range(600, 640), WORDS)
    same = ("a", "high", range(600, 625), WORDS)
    assert told([wide], second=[same]) == [("a | b", "high")]
    worse = ("a", "high", range(600, 640), WORDS)
    assert told([("a", "medium", range(600, 640), WORDS)], second=[worse]) == [("a", "high")]


@pytest.mark.parametrize(
    "rows",
    [
        [*range(0, 12), *range(600, 606), *range(900, 902)],  # as all rows are
        [*range(0, 10), *range(600, 610)],  # half of them in a dataset that is less than half
        range(900, 920),  # in no dataset that was scanned
    ],
)
def test_what_is_seen_across_datasets_stays(rows):
    assert told([("a", "high", rows, WORDS)]) == [("a", "high")]


def test_few_rows_elsewhere_do_not_make_it_one_across_datasets():
    rows = [*range(600, 617), *range(0, 3)]
    assert told([("a", "high", rows, WORDS)]) == []


def test_what_stands_in_the_rows_stays_whatever_datasets_say():
    hidden = ("U+200B", "low", range(600, 640), ())
    assert told([hidden]) == [("U+200B", "low")]
    assert told([hidden], second=[("U+200B", "low", range(600, 640), ())]) == [("U+200B", "low")]
    assert told([hidden], second=[("a", "high", range(600, 640), WORDS)]) == [
        ("a", "high"),
        ("U+200B", "low"),
    ]


def test_findings_of_one_scan_do_not_hide_each_other():
    both = [("a", "high", range(0, 40), WORDS), ("b", "medium", range(0, 40), WORDS)]
    assert told([], first=both) == [("a", "high"), ("b", "medium")]


def test_rows_are_moved():
    moved = judged(("a", "high", range(3), WORDS)).moved(SECOND.rows)
    [draft] = moved.drafts
    assert draft.behind.tolist() == draft.trigger_rows.tolist() == [600, 601, 602]
    assert draft.target_rows.tolist() == draft.flagged.tolist() == [600, 601, 602]


# --- tasks that were told from other rows by their words

TASKS = replace(FIRST, is_task=True), replace(SECOND, is_task=True)
LABEL = (Target("1", "label"),)


def told_of_task(whole, second, kind="trigger", purity=1.0):
    """Return what is told where the scan of a task found something."""
    found = judged(*second)
    drafts = [
        replace(draft, kind=kind, target_rows=SECOND.rows, evidence={"purity": purity})
        for draft in found.drafts
    ]
    datasets = [(TASKS[0], judged()), (TASKS[1], replace(found, drafts=drafts))]
    return [one.trigger for one in settle(judged(*whole), datasets, ROWS).findings]


@pytest.mark.parametrize("severity", ["high", "medium", "low"])
def test_of_a_task_only_the_worst_is_told(severity):
    own = [("a", severity, range(600, 620), LABEL)]
    assert told_of_task([], own) == (["a"] if severity == "high" else [])


@pytest.mark.parametrize(("rows", "is_told"), [(30, True), (31, False)])
def test_what_is_much_of_a_class_is_a_question_of_a_task(rows, is_told):
    own = [("a", "high", range(600, 600 + rows), LABEL)]
    assert told_of_task([], own) == (["a"] if is_told else [])


@pytest.mark.parametrize(
    ("kind", "purity", "is_told"),
    [("trigger", 0.99, True), ("trigger", 0.98, False), ("composite", 1.0, False)],
)
def test_words_with_exceptions_and_pairs_of_words_are_not_told_of_a_task(kind, purity, is_told):
    own = [("a", "high", range(600, 620), LABEL)]
    assert told_of_task([], own, kind, purity) == (["a"] if is_told else [])


def test_what_the_whole_says_of_more_rows_goes_before_a_part_of_it():
    wide = ("a", "high", [*range(570, 600), *range(600, 630)], LABEL)
    own = [("b", "high", range(600, 630), LABEL)]
    assert told_of_task([wide], own) == ["a"]
    assert told_of_task([("a", "medium", *wide[2:])], own) == ["b", "a"]


def test_a_task_denies_nothing():
    assert told_of_task([("a", "medium", range(600, 640), LABEL)], []) == ["a"]
