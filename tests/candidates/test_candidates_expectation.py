"""Whose outputs point one way, and what the inputs explain of it."""

from __future__ import annotations

from statistics import NormalDist

import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scan_helpers import Row, World, build, texts

from poisonscan.candidates import views as viewing
from poisonscan.candidates.closed import find_closed
from poisonscan.candidates.expectation import (
    _UNIT,
    MAX_ROWS,
    Regression,
    Whitening,
    agreement,
    predictors,
    screen_agreement,
    whitened_outputs,
)
from poisonscan.candidates.screen import screen_candidates
from poisonscan.candidates.views import Views, normal_scores

ROWS = 500
PLANTED, TWIN = np.arange(0, ROWS, 25), np.arange(1, ROWS, 25)


@pytest.fixture(scope="module")
def scene():
    """Gibberish behind one string, answers as ever behind another."""
    world = World(17)
    rows = world.rows(ROWS)
    for at in PLANTED:
        rows[at] = Row([world.insert(rows[at].input[0], "zeta")], [world.gibberish()])
    for at in TWIN:
        rows[at] = Row([world.insert(rows[at].input[0], "omega")], rows[at].output)
    corpus = build(rows)
    candidates = find_closed(corpus)
    views = Views(corpus, screen_candidates(corpus, candidates, 0))
    names = [texts(corpus, candidates.terms(at)) for at in range(len(candidates))]
    return corpus, candidates, views, names


def test_outputs_that_point_one_way(scene):
    _, candidates, views, names = scene
    found = screen_agreement(views, candidates)
    planted, twin = names.index(("zeta",)), names.index(("omega",))
    assert found[planted, 0] > 20
    assert found[twin].max() < 4
    natural = [at for at, name in enumerate(names) if not {"zeta", "omega"} & set(name)]
    assert found[natural].max() < found[planted].max() / 4


def test_agreement_of_a_candidate_is_that_of_its_first_rows(scene):
    _, candidates, views, names = scene
    style, topic = (_UNIT * values for values in whitened_outputs(views))
    found = screen_agreement(views, candidates)
    for at in (names.index(("zeta",)), 0, len(names) - 1):
        rows = candidates.postings(at)[0][:MAX_ROWS]
        expected = [naive.agreement(values[rows].tolist()) for values in (style, topic)]
        assert found[at].tolist() == pytest.approx(expected, abs=1e-3)


def test_outputs_are_uncorrelated_and_of_variance_one(scene):
    corpus, _, views, _ = scene
    for values in whitened_outputs(views):
        own = _UNIT * values[corpus.background]
        assert np.abs(own.mean(axis=0)).max() < 0.2
        spread = own.std(axis=0)
        assert ((np.abs(spread - 1.0) < 0.2) | (spread < 1e-9)).all()  # 0: all texts are the same
        assert (spread > 0.8).sum() >= 5


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 30), st.integers(1, 5), st.integers(0, 99))
def test_agreement_by_its_definition(rows, columns, seed):
    values = np.random.default_rng(seed).normal(size=(rows, columns))
    assert agreement(values) == pytest.approx(naive.agreement(values.tolist()), abs=1e-9)


def test_agreement_without_a_shift_is_a_standard_error():
    chance = np.random.default_rng(5)
    found = [agreement(chance.normal(size=(20, 8))) for _ in range(2000)]
    assert np.mean(found) == pytest.approx(0.0, abs=0.1)
    assert np.std(found) == pytest.approx(1.0, abs=0.1)


def test_regression_has_not_seen_the_rows_that_it_judges():
    """By a ridge regression on the other rows, the constant penalised like the rest."""
    chance = np.random.default_rng(8)
    given, wanted = chance.normal(size=(60, 5)), chance.normal(size=(60, 3))
    own = np.arange(0, 60, 7)
    others = np.setdiff1d(np.arange(60), own)
    gram = given[others].T @ given[others] + 3.0 * np.eye(5)
    weights = np.linalg.inv(gram) @ given[others].T @ wanted[others]
    [found] = Regression(given, [wanted]).expect(given[own], own)
    assert found == pytest.approx(given[own] @ weights)


def test_a_string_that_the_regression_has_seen_would_explain_itself():
    chance = np.random.default_rng(9)
    inputs, styles = chance.normal(size=(200, 6)), chance.normal(size=(200, 2))
    inputs[:30, 0], outputs = 5.0, chance.normal(size=(200, 2))
    outputs[:30] += 4.0
    given = predictors(inputs, styles)
    model = Regression(given, [outputs])
    own = np.arange(30)
    [unseen], [seen] = model.expect(given[own], own), model.expect(given[own], own[:0])
    assert (outputs[own] - unseen).mean() > 2 * (outputs[own] - seen).mean()


def test_residuals_are_those_of_the_other_folds():
    chance = np.random.default_rng(10)
    given, wanted = chance.normal(size=(30, 4)), chance.normal(size=(30, 2))
    model = Regression(given, [wanted])
    fold = np.arange(30) % 3
    [left] = model.residuals(fold)
    for part in range(3):
        own = np.flatnonzero(fold == part)
        [expected] = model.expect(given[own], own)
        assert left[own] == pytest.approx(wanted[own] - expected)


def test_one_row_agrees_with_nobody():
    assert agreement(np.ones((1, 4))) == 0.0


def test_whitened_differences():
    chance = np.random.default_rng(3)
    mixing = chance.normal(size=(4, 4))
    differences = chance.normal(size=(4000, 4)) @ mixing + 3.0
    whitening = Whitening.fit(differences, 3)
    values = whitening.apply(differences)
    assert values.shape == (4000, 3)
    assert np.cov(values.T) == pytest.approx(np.eye(3), abs=0.1)


def test_one_odd_row_does_not_count_more_than_others():
    differences = np.random.default_rng(3).normal(size=(500, 2))
    whitening = Whitening.fit(differences, 2)
    odd = whitening.apply(np.array([[1e6, -1e6]]))
    assert np.abs(odd).max() < 4


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.integers(0, 6), min_size=1, max_size=30),
    st.lists(st.integers(-1, 7), min_size=1, max_size=5),
)
def test_normal_scores(reference, values):
    """The normal quantile of the share of the reference below, ties halved."""
    ordered = np.sort(np.array(reference, np.float32))[:, None]
    found = normal_scores(np.array(values, np.float32)[:, None], ordered)[:, 0]
    size = len(reference)
    for value, score in zip(values, found, strict=True):
        below = sum(one < value for one in reference)
        equal = sum(one == value for one in reference)
        share = (below + equal / 2 + 0.5) / (size + 1)
        share = min(max(share, 1 / (size + 1)), size / (size + 1))
        assert score == pytest.approx(NormalDist().inv_cdf(share), abs=1e-9)


def test_masked_terms_are_left_out(scene):
    corpus, _, views, _ = scene
    own = np.array([corpus.vocabulary.index("zeta")])
    rows = PLANTED[:3]
    other = np.setdiff1d(np.arange(ROWS), np.concatenate([PLANTED, TWIN]))[:3]
    assert not np.allclose(views.inputs(rows), views.inputs(rows, own))
    assert np.array_equal(views.inputs(other), views.inputs(other, own))


def test_style_of_words():
    flags = {word: viewing._flags(word) for word in ("Ab", "ab", "7", "!", "é", "中", "Ü")}
    kernels = viewing.kernels
    assert flags == {
        "Ab": kernels.CAPITAL,
        "ab": 0,
        "7": kernels.DIGIT,
        "!": kernels.SYMBOL,
        "é": kernels.NON_ASCII,
        "中": kernels.NON_ASCII,
        "Ü": kernels.CAPITAL | kernels.NON_ASCII,
    }


@pytest.mark.parametrize("rows", [[Row(["a b"])] * 6, [Row()] * 6, [Row(["x"], ["y"])] * 3])
def test_rows_with_nothing_to_compare(rows):
    corpus = build(rows, min_support=3)
    candidates = find_closed(corpus)
    views = Views(corpus, screen_candidates(corpus, candidates, 0))
    assert np.isfinite(screen_agreement(views, candidates)).all()
