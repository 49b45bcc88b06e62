"""The weights that ship are those that the script wrote down, and point the right way."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from poisonscan.evidence.independence import Independence
from poisonscan.evidence.seams import NO_SEAM
from poisonscan.evidence.shift import Shift
from poisonscan.findings.shift import (
    HIGH_SCORE,
    LOW_SCORE,
    MAX_MEDIUM_MISFIT,
    MEDIUM_SCORE,
    severity_of,
)
from poisonscan.findings.shift_model import (
    CONSTANT,
    DOUBT_COST,
    WEIGHTS,
    ShiftFeatures,
    shift_features,
)

RESULTS = Path(__file__).parents[2] / "benchmarks" / "results" / "shift_model.json"


def test_weights_come_from_the_script():
    results = json.loads(RESULTS.read_text())
    assert results["weights"] == WEIGHTS
    assert results["constant"] == CONSTANT
    assert all(len(digest) == 64 for digest in results["corpora"].values())


def test_every_weight_is_one_of_a_feature():
    names = [one.name for one in fields(ShiftFeatures)]
    assert [name for name in names if name in WEIGHTS] == list(WEIGHTS)


def features_of(**changed: float) -> ShiftFeatures:
    planted = {one.name: 0.0 for one in fields(ShiftFeatures)} | {"shift": 4.0, "own_word": 1.0}
    return ShiftFeatures(**(planted | changed))


def test_score_is_the_weighted_sum():
    values = {name: 0.5 + at for at, name in enumerate(WEIGHTS)}
    expected = CONSTANT + sum(WEIGHTS[name] * value for name, value in values.items())
    assert features_of(**values).score == pytest.approx(expected)


def test_what_speaks_for_a_natural_cause_lowers_the_score():
    assert features_of(collision=0.5).score < features_of().score


def test_what_has_a_natural_cause_is_doubtful():
    assert features_of().doubts == 0
    assert features_of(echo=0.5).doubts == 1
    assert features_of(hole=0.3).doubts == 1
    assert features_of(coherence=0.4).doubts == 1
    assert features_of(coherence=0.6).doubts == 2
    assert features_of(misfit=2.0).doubts == 1
    assert features_of(misfit=5.0).doubts == 2
    assert features_of(counterpart=0.5).doubts == 1
    assert features_of(own_word=0.5, misfit=0.9).doubts == 1
    assert features_of(own_word=0.5, misfit=0.9, echo=0.5).doubts == 2


def test_common_words_that_the_text_reads_on_without_were_put_in():
    assert features_of(own_word=0.2, misfit=0.1).doubts == 0
    assert features_of(own_word=0.2, misfit=0.1, shift=3.6).doubts == 1


def severity(score: float, **doubts: float) -> str | None:
    """Return the severity of a string that has this score without what is doubtful of it."""
    return severity_of(features_of(shift=(score - CONSTANT) / WEIGHTS["shift"], **doubts))


INPUT_DOUBTS = ({"hole": 0.3}, {"coherence": 0.4})
EXPLAINED = ({"echo": 0.5}, {"counterpart": 0.5}, {"misfit": 2.0}, {"own_word": 0.5, "misfit": 0.9})
ABOVE = 0.01


@pytest.mark.parametrize(
    ("score", "expected"),
    [(HIGH_SCORE, "high"), (MEDIUM_SCORE, "medium"), (LOW_SCORE, "low")],
)
def test_without_doubts_the_score_decides(score, expected):
    assert severity(score + ABOVE) == expected
    assert severity(score - ABOVE) != expected
    assert severity(LOW_SCORE - ABOVE) is None


def test_a_small_shift_of_what_its_author_wrote_is_a_guess():
    for misfit, expected in ((MAX_MEDIUM_MISFIT, "medium"), (MAX_MEDIUM_MISFIT + ABOVE, "low")):
        assert severity(HIGH_SCORE - ABOVE, misfit=misfit) == expected
        assert severity(HIGH_SCORE + ABOVE, misfit=misfit) == "high"


@pytest.mark.parametrize("doubt", INPUT_DOUBTS, ids=lambda doubt: next(iter(doubt)))
def test_a_large_shift_outweighs_a_doubt_of_the_inputs(doubt):
    assert severity(HIGH_SCORE + DOUBT_COST + 9.0, **doubt) == "medium", "never high"
    assert severity(MEDIUM_SCORE + DOUBT_COST + ABOVE, **doubt) == "medium"
    assert severity(MEDIUM_SCORE + DOUBT_COST - ABOVE, **doubt) == "low"
    assert severity(HIGH_SCORE + ABOVE, **doubt) == "low"
    assert severity(HIGH_SCORE - ABOVE, **doubt) is None


@pytest.mark.parametrize("doubt", EXPLAINED, ids=lambda doubt: next(iter(doubt)))
def test_what_is_explained_is_never_more_than_low(doubt):
    assert severity(HIGH_SCORE + DOUBT_COST + 9.0, **doubt) == "low"
    assert severity(HIGH_SCORE + ABOVE, **doubt) == "low"
    assert severity(HIGH_SCORE - ABOVE, **doubt) is None


@pytest.mark.parametrize(
    "doubts",
    [{"hole": 0.3, "echo": 0.5}, {"misfit": 5.0}, {"coherence": 0.6}],
    ids=["two", "written", "related"],
)
def test_two_doubts_are_no_finding(doubts):
    assert severity(HIGH_SCORE + 2 * DOUBT_COST + 9.0, **doubts) is None


INDEPENDENT = Independence(0.0, 0.01, 1.0, 0.1, 30)


def shift_of(style: float, topic: float) -> Shift:
    return Shift(
        style=style, topic=topic, beyond_style=style, beyond_topic=topic, column="length",
        difference=0.1, closeness=1.0, matched=np.zeros((8, 1), np.int64), direction=np.zeros(1),
    )  # fmt: skip


def features_of_shift(shift: Shift, rest: float) -> ShiftFeatures:
    return shift_features(shift, INDEPENDENT, NO_SEAM, 0.0, 1.0, rest)


@pytest.mark.parametrize("changed", [{"style": 1.6, "beyond_style": 261.0}, {"style": 261.0}])
def test_a_shift_that_one_comparison_explains_is_none(changed):
    """A regression says anything of inputs unlike those that it was fitted on."""
    nothing = shift_of(1.6, 0.5)
    both = replace(nothing, **dict.fromkeys(("style", "beyond_style"), 261.0))
    one = replace(nothing, **changed)
    assert severity_of(features_of_shift(both, 0.5)) == "high"
    assert severity_of(features_of_shift(one, 0.5)) is None
    assert one.style_of_both >= nothing.style_of_both
