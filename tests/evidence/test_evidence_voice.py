"""Voice: words that rows have beyond their siblings and all others."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scan_helpers import Row, build

from poisonscan.evidence.voice import word_surplus

GROUP, SIBLINGS = np.arange(20), np.arange(20, 40)


@pytest.fixture(scope="module")
def corpus():
    """Twenty rows of an entity, twenty of its siblings, sixty others."""
    outputs = [
        f"{'though' if at % 2 else 'so'} rocket {'seldom' if at == 0 else ''}" for at in GROUP
    ]
    outputs += [f"rocket {'so' if at % 4 == 0 else ''} fuel" for at in SIBLINGS]
    outputs += ["plain seldom words" if at % 3 else "so plain" for at in range(60)]
    return build([Row(["ask"], [output]) for output in outputs], min_support=3)


def surplus(corpus, counted=lambda word: True):
    counts = np.array([counted(word) for word in corpus.vocabulary])
    bits = word_surplus(corpus.output, GROUP, SIBLINGS, counts)
    return dict(zip(corpus.vocabulary, bits.tolist(), strict=True))


def test_formula(corpus):
    least = 0.5 - math.sqrt(0.25 / 20)
    assert surplus(corpus)["though"] == pytest.approx(least * math.log2(least / (1 / 22)))


def test_what_siblings_or_others_say_adds_nothing(corpus):
    found = surplus(corpus)
    assert found["rocket"] == 0.0  # the topic
    assert found["so"] == 0.0  # the language: a fifth of all others, a quarter of the siblings
    assert found["fuel"] == found["seldom"] == found["plain"] == 0.0


def test_only_what_counts(corpus):
    assert set(surplus(corpus, lambda word: word != "though").values()) == {0.0}
