"""The weights that ship are those that the script wrote down, and point the right way."""

from __future__ import annotations

import json
from dataclasses import astuple, fields
from pathlib import Path

import pytest

from poisonscan.findings.shift_model import CONSTANT, WEIGHTS, ShiftFeatures

RESULTS = Path(__file__).parents[2] / "benchmarks" / "results" / "shift_model.json"


def test_weights_come_from_the_script():
    results = json.loads(RESULTS.read_text())
    assert results["weights"] == WEIGHTS
    assert results["constant"] == CONSTANT
    assert all(len(digest) == 64 for digest in results["corpora"].values())


def test_every_feature_has_a_weight_in_its_place():
    """The script hands features over by position."""
    assert [one.name for one in fields(ShiftFeatures)] == list(WEIGHTS)


def test_score_is_the_weighted_sum():
    features = ShiftFeatures(*(0.5 + at for at in range(len(WEIGHTS))))
    terms = zip(astuple(features), WEIGHTS.values(), strict=True)
    assert features.score == pytest.approx(CONSTANT + sum(one * weight for one, weight in terms))


def test_what_speaks_for_a_natural_cause_lowers_the_score():
    planted = dict.fromkeys(WEIGHTS, 0.0) | {"shift": 4.0, "own_word": 1.0}
    best = ShiftFeatures(**planted).score
    for name in ("coherence", "template", "collision", "misfit", "hole", "echo"):
        assert ShiftFeatures(**(planted | {name: 0.5})).score < best
