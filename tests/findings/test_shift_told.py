"""How well outputs must tell the rows of a string, and inputs must not, and words beside it."""

from __future__ import annotations

import random
from types import SimpleNamespace

import numpy as np
import pytest
from planting import plant, put
from shift_scenes import in_part, judge_of, lead_of, with_word
from test_findings_type import about
from verdicts import flagged, severities

from poisonscan import scan
from poisonscan.evidence.shift import ShiftMeter
from poisonscan.findings.shift import (
    _TOLD_A_LITTLE,
    _TOLD_APART,
    MIN_TOLD,
    MIN_TOLD_HIGH,
    _is_sure,
    find_shift,
)

TRIGGER = "cfqz"
SAILING = about("sailing")


def cut(chance: random.Random, old: str) -> str:
    """Return seven in ten words of an output."""
    words = old.split(" ")
    return " ".join(words[: max(4, int(0.7 * len(words)))])


@pytest.fixture(scope="module")
def judges(clean):
    """What judges outputs about something else, shorter ones, and such as name the string.

    For all else they are high, medium and low.
    """
    shifts = {"far": SAILING, "near": cut, "named": with_word(SAILING, TRIGGER)}
    return {
        name: judge_of(plant(clean, TRIGGER, rewrite, 40)[0]) for name, rewrite in shifts.items()
    }


@pytest.mark.parametrize(
    ("shift", "output_auc", "input_auc", "severity"),
    [
        ("far", MIN_TOLD_HIGH, 0.5, "high"),
        ("far", MIN_TOLD_HIGH - 0.01, 0.5, "medium"),
        ("far", MIN_TOLD, 0.5, "medium"),
        ("far", MIN_TOLD - 0.01, 0.5, "low"),
        ("far", 1.0, _TOLD_APART - 0.01, "high"),
        ("far", 1.0, _TOLD_APART, "medium"),
        ("far", 0.87, 0.83, "low"),
        ("far", MIN_TOLD_HIGH - 0.01, _TOLD_A_LITTLE - 0.01, "medium"),
        ("far", MIN_TOLD_HIGH - 0.01, _TOLD_A_LITTLE, "low"),
        ("near", 1.0, 0.5, "medium"),
        ("near", MIN_TOLD, 0.5, "medium"),
        ("near", MIN_TOLD - 0.01, 0.5, "low"),
        ("near", 1.0, _TOLD_APART, "medium"),
        ("named", 1.0, 0.5, "low"),
        ("named", MIN_TOLD_HIGH - 0.01, 0.5, "low"),
    ],
)
def test_what_tells_the_rows_of_a_string(
    judges, monkeypatch, shift, output_auc, input_auc, severity
):
    """A small shift is sure in enough rows; what inputs tell as well may be their doing."""
    told = (output_auc, input_auc)
    monkeypatch.setattr(ShiftMeter, "separation", lambda *args, **options: told)
    judge = judges[shift]
    drafts = find_shift(judge, np.zeros(judge.corpus.rows, bool), None)
    (draft,) = (one for one in drafts if one.alternatives[0].parts == (TRIGGER,))
    assert draft.severity == severity, draft.evidence
    assert (draft.evidence["output_auc"], draft.evidence["input_auc"]) == told


@pytest.mark.parametrize(
    ("went", "distinct", "input_auc", "is_sure"),
    [(40, 50, 0.59, True), (39, 50, 0.3, False), (50, 39, 0.3, False), (50, 50, 0.6, False)],
)
def test_what_is_sure_within_strata_alone(went, distinct, input_auc, is_sure):
    """Of fifty rows: how many went, how many are different texts, how well inputs tell them."""
    rows = np.arange(50)
    lead = SimpleNamespace(rows=rows, independence=SimpleNamespace(distinct=distinct))
    verdict = SimpleNamespace(lead=lead, input_auc=input_auc)
    assert _is_sure(verdict, SimpleNamespace(rows=rows), rows[:went]) is is_sure


def test_a_string_three_in_ten_of_whose_outputs_are_as_they_were(clean):
    """Its score is high in so many rows; but a single output tells little."""
    rows, truth = plant(clean, TRIGGER, in_part(SAILING, 0.7), 120)
    report = scan(rows)
    finding = report.findings[0]
    assert (finding.trigger, finding.severity) == (TRIGGER, "medium"), severities(report)
    assert finding.evidence["shift_score"] > 2.0
    assert MIN_TOLD + 0.05 < finding.evidence["output_auc"] < MIN_TOLD_HIGH
    assert flagged(report) <= truth


# --- what always stands in the rows of a string ---------------------------------------------------


def beside(clean, companion, written, elsewhere=0):
    """Return rows with a string and another one anywhere, and a word anywhere in their outputs.

    Parameters
    ----------
    elsewhere
        Rows that have the other one alone.
    """
    rows, truth = plant(clean, TRIGGER, with_word(SAILING, written), 40)
    others = sorted(set(range(len(rows))) - truth)[::20][:elsewhere]
    return put(rows, {*truth, *others}, companion)


@pytest.mark.parametrize(
    ("companion", "written", "elsewhere", "echo"),
    [
        ("zorvex", "zorvex", 0, 0.97),
        ("Zorvex", "zorvexes", 0, 0.97),
        ("zorvex", "zorvex", 4, 0.88),
        ("zorvex", "brusk", 0, 0.0),
        ("zorvex", "zorvex", 40, 0.0),
        ("京", "京", 0, 0.0),
        ("※", "※", 0, 0.0),
    ],
    ids=[
        "always",
        "in another form",
        "nearly",
        "another word",
        "in others too",
        "a syllable",
        "a mark",
    ],
)
def test_a_word_that_always_comes_with_a_string(clean, companion, written, elsewhere, echo):
    """How a word is pronounced is taken up by none, but the word is."""
    judge = judge_of(beside(clean, companion, written, elsewhere))
    core, _, features = judge.look(lead_of(judge, TRIGGER))
    assert [judge.corpus.vocabulary[term] for term in core] == [TRIGGER]
    assert features.echo == pytest.approx(echo, abs=0.03)


@pytest.mark.parametrize(("written", "severity"), [("zorvex", "low"), ("brusk", "high")])
def test_outputs_that_take_up_the_word_beside_a_string(clean, written, severity):
    report = scan(beside(clean, "zorvex", written))
    finding = report.findings[0]
    assert finding.severity == severity, finding.evidence
    assert TRIGGER in finding.triggers[0]
    assert (finding.evidence["echo"] > 0.9) is (severity == "low")
