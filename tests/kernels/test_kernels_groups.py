"""Groups of rows: means over pairs by double loops, style by hand."""

from __future__ import annotations

import naive
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_data import (
    ORDER,
    QUICK,
    arrays_of,
    draw_groups,
    offsets,
    table_of,
    tokenised,
    wordy_rows,
)

from poisonscan.kernels import groups as kernels

pytestmark = pytest.mark.jit_off

VOCABULARY, DIMS = 12, 5
bags_of_rows = st.lists(
    st.lists(st.integers(0, VOCABULARY - 1), unique=True, max_size=8), min_size=1, max_size=9
)


def csr(bags):
    flat = np.array([term for bag in bags for term in bag], np.int32)
    return offsets([len(bag) for bag in bags]), flat


def random_space(seed):
    random = np.random.default_rng(seed)
    weights = random.exponential(size=VOCABULARY).astype(np.float32)
    vectors = random.normal(size=(VOCABULARY, DIMS)).astype(np.float32)
    weights[0], vectors[0] = 0.0, 0.0  # a term that says nothing
    return weights, vectors


def row_sums(bags, vectors):
    sums = np.empty((len(bags), vectors.shape[1]), np.int8)
    scales, units = np.empty(len(bags), np.float32), np.empty(len(bags))
    kernels.sum_vectors(*csr(bags), vectors, sums, scales, units)
    return sums, scales, units


def dense(groups, bags, vectors, max_rows, mask_share, sums=None):
    out = np.full(len(groups), np.nan)
    sums, scales, units = sums or row_sums(bags, vectors)
    arrays = arrays_of(groups)
    if mask_share < 1.0:
        kernels.masked_coherence(
            *arrays, *csr(bags), vectors, sums, scales, max_rows, mask_share, out
        )
    else:
        kernels.dense_coherence(*arrays, sums, units, max_rows, out)
    return out.tolist()


def sparse(groups, bags, weights, max_rows):
    out, units = np.full(len(groups), np.nan), np.full(len(bags), np.nan)
    kernels.sparse_units(*csr(bags), weights, units)
    kernels.sparse_coherence(*arrays_of(groups), *csr(bags), weights, units, max_rows, out)
    return out.tolist()


@pytest.mark.parametrize("size", [1, 2, 3, 5, 64, 96, 101])
def test_squared_length(size):
    vector = np.arange(size, dtype=float)
    assert kernels.squared_length(vector, np.empty(size)) == (vector**2).sum()


@QUICK
@given(bags_of_rows, st.data(), st.integers(0, 99), st.integers(1, 9))
def test_sparse_coherence(bags, data, seed, max_rows):
    groups, _ = draw_groups(data, len(bags))
    weights, _ = random_space(seed)
    expected = [
        naive.sparse_coherence([bags[row] for row in group[:max_rows]], weights) for group in groups
    ]
    assert sparse(groups, bags, weights, max_rows) == pytest.approx(expected, abs=1e-6)


@QUICK
@given(bags_of_rows, st.data(), st.integers(0, 99), st.integers(1, 9))
def test_common_weight(bags, data, seed, max_rows):
    groups, arrays = draw_groups(data, len(bags))
    weights, _ = random_space(seed)
    share = data.draw(st.sampled_from([0.3, 0.5, 0.9, 1.0]))
    out = np.full(len(groups), np.nan)
    least = np.array([data.draw(st.sampled_from([0.0, 1.0, 2.0])) for _ in groups])
    kernels.common_weight(*arrays, *csr(bags), weights, max_rows, share, least, out)
    expected = []
    for group in groups:
        own = [bags[row] for row in group[:max_rows]]
        counts = {term: sum(term in bag for bag in own) for bag in own for term in bag}
        expected.append(sum(float(weights[t]) for t, n in counts.items() if n >= share * len(own)))
    for found, limit, exact in zip(out.tolist(), least.tolist(), expected, strict=True):
        assert found == pytest.approx(exact, abs=1e-5) or max(found, exact - 1e-5) < limit


@QUICK
@given(bags_of_rows, st.data(), st.integers(0, 99), st.integers(1, 9))
def test_dense_coherence(bags, data, seed, max_rows):
    groups, _ = draw_groups(data, len(bags))
    vectors = np.rint(4 * random_space(seed)[1])
    share = data.draw(st.sampled_from([0.0, 0.3, 0.6, 1.0]))
    exact = [np.sum([vectors[term] for term in bag], axis=0) + np.zeros(DIMS) for bag in bags]
    norms = np.linalg.norm(exact, axis=1)
    units = np.divide(1.0, norms, out=np.zeros(len(bags)), where=norms > 2.0)
    sums = np.array(exact, np.int8), np.ones(len(bags), np.float32), units
    found = dense(groups, bags, vectors, max_rows, share, sums)
    expected = [
        naive.dense_coherence([bags[row] for row in group[:max_rows]], vectors, share)
        for group in groups
    ]
    assert found == pytest.approx(expected, abs=1e-5)


@QUICK
@given(bags_of_rows, st.integers(0, 99))
def test_row_sums_are_exact_to_half_a_unit(bags, seed):
    vectors = random_space(seed)[1]
    sums, scales, units = row_sums(bags, vectors)
    for bag, found, scale, unit in zip(bags, sums, scales.tolist(), units.tolist(), strict=True):
        exact = np.sum([vectors[term] for term in bag], axis=0) + np.zeros(DIMS)
        assert np.abs(exact).max() == pytest.approx(127 * scale, rel=1e-5)
        assert np.abs(found * scale - exact).max() <= 0.5001 * scale
        assert np.linalg.norm(found * unit) == pytest.approx(1.0 if np.abs(exact).max() > 0 else 0)


def test_what_always_comes_along_is_masked():
    vectors = np.eye(VOCABULARY, dtype=np.float32)
    bags = [[0, 1, 2], [0, 1, 3], [0, 1, 4]]
    assert dense([range(3)], bags, vectors, 64, 0.6) == pytest.approx([0.0], abs=1e-6)
    assert dense([range(3)], bags, vectors, 64, 1.0) == pytest.approx([2 / 3], abs=1e-6)


@pytest.mark.parametrize("seed", range(8))
def test_rows_of_nothing_but_common_words_have_no_direction(seed):
    """What rounding leaves of a sum that was taken away again must not count as likeness."""
    vectors = np.random.default_rng(seed).normal(scale=3, size=(VOCABULARY, 64)).astype(np.float32)
    vectors[11] = 0.0  # too rare to have a vector
    template = [0, 1, 2, 3, 4, 5]
    bags = [[*template, 11], [*template[::-1], 11], [11, *template], [*template, 6], [*template, 7]]
    for size, known in ((3, 0.0), (5, None)):
        expected = naive.dense_coherence(bags[:size], vectors, 0.9)
        assert known in (None, expected)
        found = dense([range(size)], bags, vectors, 64, 0.9)
        assert found == pytest.approx([expected], abs=0.01)


@QUICK
@given(bags_of_rows, st.integers(0, 99), st.sets(st.integers(0, VOCABULARY - 1)))
def test_row_vectors_are_unit_sums(bags, seed, masked):
    _, vectors = random_space(seed)
    left_out = np.zeros(len(vectors), np.uint8)
    left_out[list(masked)] = 1
    rows = np.arange(len(bags), dtype=np.int64)[::-1].copy()
    out = np.full((len(bags), DIMS), np.nan, np.float32)
    kernels.row_vectors(rows, *csr(bags), left_out, vectors, out)
    for at, row in enumerate(rows):
        total = naive.sum_of(naive.kept_terms(bags[row], masked, len(vectors)), vectors)
        length = sum(value**2 for value in total.values()) ** 0.5
        expected = [value / length if length > 0 else 0.0 for value in total.values()]
        assert out[at].tolist() == pytest.approx(expected, abs=1e-6)


def test_rows_of_many_terms_are_compared_by_their_first(monkeypatch):
    limit = kernels.MAX_TERMS
    size = limit + 4
    vectors = np.zeros((size, 2), np.float32)
    vectors[0], vectors[limit:] = (1, 0), (0, 50)
    bags = [list(range(size)), [0]]
    out = np.empty((2, 2), np.float32)
    kernels.row_vectors(np.arange(2), *csr(bags), np.zeros(size, np.uint8), vectors, out)
    assert out.tolist() == [[1, 0], [1, 0]]
    weights = np.zeros(size, np.float32)
    weights[0], weights[limit:] = 1, 50
    assert sparse([range(2)], bags, weights, 64) == pytest.approx([1.0])
    assert dense([range(2)], bags, vectors, 64, 1.0) == pytest.approx([1.0])


FLAGS = {
    "digit": (kernels.DIGIT, str.isdigit),
    "symbol": (kernels.SYMBOL, lambda word: not word.isalnum()),
    "capital": (kernels.CAPITAL, str.isupper),
    "foreign": (kernels.NON_ASCII, lambda word: not word.isascii()),
    "shout": (kernels.SHOUT, lambda word: word == "!"),
}


@QUICK
@given(
    st.one_of(
        wordy_rows,
        st.lists(st.lists(st.text("aAé1! ", max_size=14), max_size=3), max_size=8),
    ),
    st.integers(1, 3),
    st.sampled_from([2, 7, 100]),
)
def test_style_features(rows, min_support, max_tokens):
    data, found = [naive.tokenise_row(row) for row in rows], tokenised(rows)
    counts = naive.frequent(naive.document_frequencies(data, ORDER), min_support)
    words = sorted(gram[0] for gram in counts if len(gram) == 1)
    flat = [token for row in data for token in row]
    terms = np.array([words.index(t) if t in words else -1 for t in flat], np.int32)
    flags = np.array(
        [sum(bit for bit, has in FLAGS.values() if has(word[0])) for word in words], np.uint8
    )
    distinct = [len({t for t in row if t in words}) for row in data]
    out = np.full((len(rows), len(kernels.STYLE_COLUMNS)), np.nan, np.float32)
    kernels.style_features(
        found.tokens,
        terms,
        found.offsets,
        offsets(distinct),
        np.arange(len(rows), dtype=np.int64),
        flags,
        table_of(counts).slots,
        max_tokens,
        out,
    )
    for at, row in enumerate(data):
        expected = naive.style_features(
            row,
            lambda word, name: FLAGS[name][1](word[0]),
            lambda word: (word,) in counts,
            lambda left, right: (left, right) in counts,
            max_tokens,
            kernels.SHOUT_WEIGHT,
        )
        assert out[at].tolist() == pytest.approx(expected, abs=1e-6)


@QUICK
@given(st.integers(1, 9), st.data(), st.integers(0, 99), st.integers(1, 6))
def test_group_agreement(n_rows, data, seed, max_rows):
    groups, arrays = draw_groups(data, n_rows)
    values = np.random.default_rng(seed).integers(-128, 128, (n_rows, 4)).astype(np.int8)
    out = np.full(len(groups), np.nan)
    kernels.group_agreement(*arrays, values, 0.03, max_rows, out)
    expected = [naive.agreement((0.03 * values[group[:max_rows]]).tolist()) for group in groups]
    assert out.tolist() == pytest.approx(expected, abs=1e-5)
