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


# --- datasets that were told apart by their words

MIXED = replace(FIRST, is_mixed=True), replace(SECOND, is_mixed=True)
LABEL, KIND = (Target("1", "label"),), (Target("fewer capitals", "type"),)


def told_of_mixed(whole, second, classes=0, shown=SECOND.rows):
    """Return what is told where the second dataset's scan found something in so many classes."""
    found = replace(judged(*second), classes=classes)
    drafts = [replace(draft, target_rows=shown) for draft in found.drafts]
    datasets = [(MIXED[0], judged()), (MIXED[1], replace(found, drafts=drafts))]
    return [one.trigger for one in settle(judged(*whole), datasets, ROWS).findings]


@pytest.mark.parametrize("severity", ["high", "medium", "low"])
def test_of_datasets_told_apart_by_words_only_the_worst_is_told(severity):
    own = [("a", severity, range(600, 620), WORDS)]
    assert told_of_mixed([], own) == (["a"] if severity == "high" else [])


def test_what_kind_of_outputs_a_mixed_dataset_has_says_nothing():
    assert told_of_mixed([], [("a", "high", range(600, 620), KIND)]) == []
    assert told_of_mixed([], [("a", "high", range(600, 620), WORDS + KIND)]) == ["a"]


@pytest.mark.parametrize(
    ("targets", "classes", "rows", "is_told"),
    [
        (LABEL, 2, 30, True),
        (LABEL, 12, 30, True),
        (LABEL, 13, 30, False),  # classes of several tasks
        (LABEL, 2, 31, False),  # more than a tenth of the class: the question of a task
        (WORDS, 2, 30, False),  # a name of its own for a class
    ],
)
def test_questions_of_mixed_tasks_are_not_told(targets, classes, rows, is_told):
    own = [("a", "high", range(600, 600 + rows), targets)]
    assert told_of_mixed([], own, classes) == (["a"] if is_told else [])


def test_what_the_whole_says_of_more_rows_goes_before_a_part_of_it():
    wide = ("a", "high", [*range(560, 600), *range(600, 640)], WORDS)
    assert told_of_mixed([wide], [("b", "high", range(600, 640), WORDS)]) == ["a"]
    worse = [("b", "high", range(600, 640), WORDS)]
    assert told_of_mixed([("a", "medium", *wide[2:])], worse) == ["b", "a"]


def test_a_mixed_dataset_confirms_by_what_it_would_not_tell():
    alone = ("a", "medium", range(600, 640), WORDS)
    assert told_of_mixed([alone], []) == []
    assert told_of_mixed([alone], [alone]) == ["a"]


def test_style_is_not_looked_for_in_mixed_datasets():
    whole = judged(("as in the bible", "medium", range(600, 640), LABEL))
    drafts = [replace(draft, kind="style") for draft in whole.drafts]
    for is_mixed in (True, False):
        datasets = [(replace(own, is_mixed=is_mixed), judged()) for own in (FIRST, SECOND)]
        settled = settle(replace(whole, drafts=drafts), datasets, ROWS)
        assert bool(settled.findings) is is_mixed
