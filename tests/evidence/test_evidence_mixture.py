"""Rows labelled by form among rows labelled by content: made up as features, without any text."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from poisonscan.evidence.mixture import MixtureFit, suspicion

ROWS, FOLDS = 2000, 2
share = st.floats(0.001, 0.999)


def world(planted, seed=0, strength=0.8):
    """Return form, content, labels and truth: `planted` rows have a form and the label 1."""
    chance = np.random.default_rng(seed)
    content = (chance.random((ROWS, 40)) < 0.1).astype(float)
    logit = content[:, :10].sum(axis=1) - content[:, 10:20].sum(axis=1)
    label = chance.random(ROWS) < 1.0 / (1.0 + np.exp(-3.0 * logit))
    form = (chance.random((ROWS, 60)) < 0.1).astype(float)
    truth = np.zeros(ROWS, bool)
    truth[np.flatnonzero(~label)[:planted]] = True
    form[truth, :4] = chance.random((planted, 4)) < strength
    label = label | truth
    form /= np.maximum(1.0, np.linalg.norm(form, axis=1))[:, None]
    order = chance.permutation(ROWS)
    return (
        sparse.csr_matrix(form[order]),
        sparse.csr_matrix(content[order]),
        label[order],
        truth[order],
    )


def judged(form, content, label):
    fold = np.arange(ROWS) % FOLDS
    prior, plain = MixtureFit(form, content, label, fold, FOLDS).mixture.judge(form, content, fold)
    return prior, plain, suspicion(prior, plain, label)


@pytest.mark.parametrize("planted", [100, 200, 400])
def test_rows_labelled_by_their_form_are_found(planted):
    form, content, label, truth = world(planted)
    prior, plain, suspected = judged(form, content, label)
    best = np.argsort(-suspected)[:planted]
    assert truth[best].mean() > 0.85
    assert label[prior > 0.5].mean() > 0.9
    assert plain[truth].mean() < 0.5 * plain[label & ~truth].mean()  # fitted without them


@pytest.mark.parametrize(("planted", "gain"), [(60, 0.0), (500, 0.2)])
def test_growing_finds_many_suspects_and_does_not_drown_few(planted, gain):
    """At the start they are a twentieth of the rows."""
    form, content, label, truth = world(planted, strength=0.5)
    fold = np.arange(ROWS) % FOLDS
    fit = MixtureFit(form, content, label, fold, FOLDS)

    def measure():
        flagged = suspicion(*fit.mixture.judge(form, content, fold), label) > 0.5
        return flagged[truth].mean(), truth[flagged].mean()

    before, growth = measure(), 2.0
    while growth > 1.1:
        growth = fit.grow()
    recall, precision = measure()
    assert recall >= before[0] + gain
    assert precision > 0.7


def test_nobody_is_suspected_where_content_explains_the_labels():
    form, content, label, _ = world(0)
    prior, _, _ = judged(form, content, label)
    assert (prior > 0.5).sum() < 5


def test_no_row_is_judged_by_models_that_saw_it():
    """A form that only one row has cannot make it a suspect."""
    form, content, label, _ = world(0)
    unique = sparse.csr_matrix(np.eye(ROWS, 50))
    prior, _, _ = judged(sparse.hstack([form, 5.0 * unique]).tocsr(), content, label)
    assert (prior[:50] > 0.5).sum() == 0


def test_the_same_rows_give_the_same_models():
    form, content, label, _ = world(100)
    first, second = (judged(form, content, label)[0] for _ in range(2))
    assert np.array_equal(first, second)


@given(share, share, share)
def test_suspicion_grows_with_form_and_falls_with_content(prior, plain, more):
    one, label = np.array([prior]), np.array([True])
    value = suspicion(one, np.array([plain]), label)
    assert one <= value + 1e-12
    assert value <= suspicion(np.maximum(one, more), np.array([plain]), label) + 1e-12
    assert value <= suspicion(one, np.minimum(np.array([plain]), more), label) + 1e-12
    assert suspicion(one, np.array([plain]), ~label) == 0.0
