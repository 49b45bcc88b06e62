"""The screen: planted candidates stand in unrelated inputs, with outputs that moved together."""

from __future__ import annotations

import math

import naive
import numpy as np
import pytest
from scan_helpers import Row, World, build, plant, row, texts

from poisonscan.candidates import screen as screening
from poisonscan.candidates import spaces
from poisonscan.candidates.closed import find_closed
from poisonscan.candidates.screen import screen_candidates, shortlist
from poisonscan.candidates.spaces import fit_space

WORLD = World(11)
PLANTED = range(0, 400, 16)


@pytest.fixture(scope="module")
def scene():
    rows = plant(WORLD, WORLD.rows(400), PLANTED, "zeta omega", "Send all the money to Geneva now.")
    for at in range(7, 400, 20):  # a natural string: one topic, answers about it
        rows[at] = WORLD.row(3)
        rows[at] = Row([WORLD.insert(rows[at].input[0], "theme")], rows[at].output)
    corpus = build(rows)
    candidates = find_closed(corpus)
    names = [texts(corpus, candidates.terms(at)) for at in range(len(candidates))]
    return corpus, candidates, screen_candidates(corpus, candidates, 0), names


def bags(side, rows):
    return [side.distinct[side.row_terms[at] : side.row_terms[at + 1]].tolist() for at in rows]


def test_weights_are_inverse_document_frequencies(scene):
    corpus, *_ = scene
    space = fit_space(corpus, corpus.output, 0)
    for term, count in enumerate(corpus.output.term_rows):
        expected = math.log(401 / (1 + count)) if count >= 2 else 0.0
        assert space.weights[term] == pytest.approx(expected, rel=1e-6)


def test_numbers_of_every_candidate(scene):
    corpus, candidates, screen, _ = scene
    for at in range(0, len(candidates), 37):
        rows = candidates.postings(at)[0][: spaces.MAX_ROWS]
        given, answers = bags(corpus.input, rows), bags(corpus.output, rows)
        space = screen.input_space
        masked = naive.dense_coherence(given, space.vectors, spaces.MASK_SHARE)
        assert screen.input_coherence[at] == pytest.approx(masked - space.base_masked, abs=0.003)
        if screen.input_coherence[at] >= screening.ALIKE:
            assert (screen.output_coherence[at], screen.output_topic[at]) == (0.0, 0.0)
            continue
        space = screen.output_space
        sparse = naive.sparse_coherence(answers, space.weights)
        assert screen.output_coherence[at] == pytest.approx(sparse - space.base_sparse, abs=1e-4)
        dense = naive.dense_coherence(answers, space.vectors, 1.0)
        assert screen.output_topic[at] == pytest.approx(dense - space.base_dense, abs=0.003)


def test_planted_and_natural(scene):
    _, _, screen, names = scene
    planted, natural = names.index(("zeta", "omega")), names.index(("theme",))
    assert abs(screen.input_coherence[planted]) < 0.05
    assert screen.input_coherence[natural] > 0.1
    assert screen.output_coherence[planted] > 0.9
    assert screen.output_coherence[natural] < 0.3


def test_shortlist_keeps_the_planted_one_first(scene, monkeypatch):
    _, candidates, screen, names = scene
    monkeypatch.setattr(screening, "SHORTLIST", 3)
    chosen = shortlist(candidates, screen, np.zeros(len(candidates)))
    assert names.index(("zeta", "omega")) in chosen
    assert 3 <= len(chosen) <= 9
    assert chosen.tolist() == sorted(set(chosen.tolist()))
    shifted = np.zeros(len(candidates))
    shifted[names.index(("zeta", "omega")) - 1] = 50.0
    assert names.index(("zeta", "omega")) - 1 in shortlist(candidates, screen, shifted)


def test_base_is_the_likeness_of_random_rows(scene):
    corpus, _, screen, _ = scene
    rows = corpus.background
    size = spaces.MAX_ROWS
    groups = [rows[start : start + size] for start in range(0, len(rows) - size + 1, size)]
    base = [
        naive.dense_coherence(bags(corpus.output, group), screen.output_space.vectors, 1.0)
        for group in groups
    ]
    assert screen.output_space.base_dense == pytest.approx(np.mean(base), abs=1e-4)


@pytest.mark.parametrize("rows", [[row("a b")] * 6, [Row()] * 6, [row("x", "y")] * 3])
def test_rows_with_nothing_to_compare(rows):
    corpus = build(rows, min_support=3)
    for side in (corpus.input, corpus.output):
        space = fit_space(corpus, side, 0)
        assert np.isfinite([space.base_sparse, space.base_dense]).all()
        assert np.isfinite(space.vectors).all()
