"""Voice: words that rows have beyond their siblings and all others."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scan_helpers import Row, build

from poisonscan.evidence.voice import word_surplus

GROUP, SIBLINGS = np.arange(20), np.arange(20, 40)


def build_outputs(**options):
    """Twenty rows of an entity, twenty of its siblings, sixty others."""
    outputs = [
        f"{'though' if at % 2 else 'so'} rocket {'seldom' if at == 0 else ''}" for at in GROUP
    ]
    outputs += [f"rocket {'so' if at % 4 == 0 else ''} fuel" for at in SIBLINGS]
    outputs += ["plain seldom words" if at % 3 else "so plain" for at in range(60)]
    return build([Row(["ask"], [output]) for output in outputs], min_support=3, **options)


@pytest.fixture(scope="module")
def corpus():
    return build_outputs()


def surplus(corpus, counted=lambda word: True):
    counts = np.array([counted(word) for word in corpus.vocabulary])
    bits = word_surplus(corpus, GROUP, SIBLINGS, counts)
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


def test_how_all_of_a_dataset_is_written_is_nobodys_voice():
    """The siblings and the group in one stratum, of which others say the word as well."""
    rows = [("though", "rocket")] * 20 + [("fuel", "rocket")] * 20 + [("though", "fuel")] * 200
    rows += [("plain", "words")] * 600
    rows = [Row(["ask"], [" ".join(words)]) for words in rows]
    group = np.arange(20)
    for parts, is_voice in (((), True), ([np.arange(240), np.arange(240, 840)], False)):
        corpus = build(rows, min_support=3, parts=parts)
        everything = np.ones(len(corpus.vocabulary), bool)
        bits = word_surplus(corpus, group, np.arange(20, 40), everything)
        assert bool(bits[corpus.vocabulary.index("though")] > 0.0) is is_voice
