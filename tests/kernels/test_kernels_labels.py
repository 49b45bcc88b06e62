"""Labels beyond the rest of the texts: by whole matrices, one group after the other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_data import QUICK, offsets

from poisonscan.kernels.labels import residuals_of_rest

pytestmark = pytest.mark.jit_off

VOCABULARY, CLASSES, FOLDS = 6, 3, 2
#: Distinct terms, label and fold of every row.
labelled_rows = st.lists(
    st.tuples(
        st.lists(st.integers(0, VOCABULARY - 1), unique=True, max_size=5),
        st.integers(-1, CLASSES - 1),
        st.integers(0, FOLDS - 1),
    ),
    min_size=1,
    max_size=9,
)


def rows_of_terms(rows):
    """Return in how many rows each term stands."""
    bags = [bag for bag, _, _ in rows]
    return np.array([sum(term in bag for bag in bags) for term in range(VOCABULARY)], np.int64)


def residuals(rows, groups, weights, logits, max_rows, share, own_share=0.0):
    """Return what the kernel makes of groups of rows, which need not lie in their order."""
    edges = offsets([len(group) for group in groups[::-1]])
    out = np.full(len(groups), np.nan)
    residuals_of_rest(
        edges[:-1][::-1].copy(),
        edges[1:][::-1].copy(),
        np.array([row for group in groups[::-1] for row in group], np.int32),
        offsets([len(bag) for bag, _, _ in rows]),
        np.array([term for bag, _, _ in rows for term in bag], np.int32),
        rows_of_terms(rows),
        np.array([label for _, label, _ in rows], np.int32),
        np.array([fold * VOCABULARY for _, _, fold in rows], np.int64),
        weights.astype(np.float32),
        logits.astype(np.float32),
        max_rows,
        share,
        own_share,
        out,
    )
    return out.tolist()


def residual_of(rows, weights, logits, share, is_own):
    """Return how unexpected the most frequent label of some rows is, the first of equals."""
    votes = [sum(label == one for _, label, _ in rows) for one in range(CLASSES)]
    if not any(votes):
        return -np.inf
    has = np.array([[term in bag for term in range(VOCABULARY)] for bag, _, _ in rows])
    is_common = (has.sum(axis=0) >= share * len(rows)) & is_own
    own = np.array([weights[fold * VOCABULARY :][:VOCABULARY] for _, _, fold in rows])
    rest = np.exp(logits - ((has & is_common)[:, :, None] * own).sum(axis=1))
    p = (rest / rest.sum(axis=1, keepdims=True))[:, int(np.argmax(votes))]
    return (max(votes) - p.sum()) / np.sqrt(0.1 + (p * (1.0 - p)).sum())


@QUICK
@given(
    labelled_rows,
    st.data(),
    st.integers(0, 99),
    st.integers(1, 7),
    st.sampled_from([0.3, 0.5, 0.9, 1.0]),
    st.sampled_from([0.0, 0.5, 1.0]),
)
def test_residuals_of_rest(rows, data, seed, max_rows, share, own_share):
    places = st.lists(st.integers(0, len(rows) - 1), unique=True)
    groups = data.draw(st.lists(places, max_size=4))
    random = np.random.default_rng(seed)
    weights = random.normal(scale=2, size=(FOLDS * VOCABULARY, CLASSES))
    logits = random.normal(scale=2, size=(len(rows), CLASSES))
    known = rows_of_terms(rows)
    expected = []
    for group in groups:
        kept, is_own = group[:max_rows], len(group) >= own_share * known
        own = [rows[at] for at in kept]
        expected.append(residual_of(own, weights, logits[kept], share, is_own))
    found = residuals(rows, groups, weights, logits, max_rows, share, own_share)
    assert found == pytest.approx(expected, rel=1e-4, abs=1e-5)


def test_a_word_that_the_model_has_learned_does_not_explain_its_label():
    """Term 0 stands in all rows of the group, and the model gives it the label."""
    weights = np.zeros((FOLDS * VOCABULARY, CLASSES))
    weights[::VOCABULARY, 1] = 8.0
    rows = [([0, 1 + at % 5], 1, at % FOLDS) for at in range(10)]
    logits = np.tile([2.0, 8.0, 0.0], (10, 1))
    every = list(range(10))
    assert residuals(rows, [every], weights, logits, 256, 0.9)[0] > 5.0
    assert residuals(rows, [every], 0 * weights, logits, 256, 0.9)[0] < 0.5


def test_a_word_of_many_other_rows_explains_its_label():
    weights = np.zeros((FOLDS * VOCABULARY, CLASSES))
    weights[::VOCABULARY, 1] = 8.0
    rows = [([0], 1, at % FOLDS) for at in range(30)]
    logits = np.tile([2.0, 8.0, 0.0], (30, 1))
    few = [list(range(10))]
    assert residuals(rows, few, weights, logits, 256, 0.9, 0.5)[0] < 0.5
    assert residuals(rows, few, weights, logits, 256, 0.9, 0.3)[0] > 5.0


def test_certain_models_have_finite_residuals():
    rows = [([0], 1, 0)] * 3
    logits = np.tile([900.0, -900.0, 0.0], (3, 1))
    weights = np.zeros((FOLDS * VOCABULARY, CLASSES))
    found = residuals(rows, [[0, 1, 2], []], weights, logits, 256, 0.9)
    assert found == [pytest.approx(3 / np.sqrt(0.1)), -np.inf]
