"""Findings of everything and of its datasets, as one list."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from poisonscan.findings.draft import Alternative, Draft
from poisonscan.findings.model import Finding, Target
from poisonscan.findings.settle import Judged, settle

ROWS = 1000
FIRST, SECOND = np.arange(600), np.arange(600, 900)  # two datasets; a hundred rows are in neither
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
        (WORDS, SECOND[:280], ["a"]),
        (WORDS, SECOND[:250], []),
        (kind, SECOND[:280], []),
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
    moved = judged(("a", "high", range(3), WORDS)).moved(SECOND)
    [draft] = moved.drafts
    assert draft.behind.tolist() == draft.trigger_rows.tolist() == [600, 601, 602]
    assert draft.target_rows.tolist() == draft.flagged.tolist() == [600, 601, 602]
