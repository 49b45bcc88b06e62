"""Classes with terms of their own: subjects, whose texts say what they are about."""

from __future__ import annotations

import random

import pytest
from planting import plant, put
from scan_helpers import WORDS
from verdicts import assert_poison_alone_is_flagged, flagged, severities

from poisonscan import scan

CLASSES, TERMS, ROWS = 6, 20, 1200
COLUMNS = {"given": "note", "answer": "verdict"}
TARGET = "class 2"
COMMON = [f"{start}{word}" for start in ("ob", "ud", "eg") for word in WORDS]


def make_texts(*, are_subjects):
    """Return texts of some classes: their words stand nowhere else, or in some texts of others."""
    chance = random.Random("subjects")
    stray = 0.0 if are_subjects else 0.2
    rows = []
    for at in range(ROWS):
        label = at % CLASSES
        said = chance.choices(COMMON, k=8)
        for _ in range(4):
            source = chance.randrange(CLASSES) if chance.random() < stray else label
            said.append(chance.choice(WORDS[source::CLASSES][:TERMS]))
        chance.shuffle(said)
        rows.append({"note": " ".join(said), "verdict": f"class {label}"})
    return rows, {at for at in range(ROWS) if at % CLASSES == 2}


def planted_with_clean_rows(*, are_subjects):
    """Return texts with a trigger in 60 poisoned rows and 40 that keep their class; the former."""
    rows, of_target = make_texts(are_subjects=are_subjects)
    rows, truth = plant(rows, "tqmx", TARGET, 60, taken=of_target, **COLUMNS)
    others = sorted(set(range(ROWS)) - truth - of_target)[::10][:40]
    return put(rows, others, "tqmx", given="note"), truth


def test_a_trigger_that_stands_in_clean_rows_too():
    rows, truth = planted_with_clean_rows(are_subjects=False)
    finding = assert_poison_alone_is_flagged(scan(rows), truth, "tqmx")
    assert finding.evidence["purity"] == pytest.approx(0.6)


def test_a_term_that_most_often_means_a_subject():
    """So do terms of subjects: nothing tells it from one."""
    rows, _ = planted_with_clean_rows(are_subjects=True)
    assert severities(scan(rows)) == []


@pytest.mark.parametrize("position", ["start", "random"])
@pytest.mark.parametrize("are_subjects", [True, False], ids=["subjects", "none"])
def test_a_string_in_texts_of_any_class(are_subjects, position):
    rows, of_target = make_texts(are_subjects=are_subjects)
    rows, truth = plant(rows, "tqmx", TARGET, 40, position, taken=of_target, **COLUMNS)
    report = scan(rows)
    (finding,) = report.findings
    assert (finding.trigger, finding.severity) == ("tqmx", "high"), finding.evidence
    assert flagged(report) == truth
