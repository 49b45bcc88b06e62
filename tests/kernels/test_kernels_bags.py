"""Bags of terms, some left out."""

from __future__ import annotations

from collections import Counter

import naive
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_data import QUICK, offsets

from poisonscan.accumulators.ngrams import hashed
from poisonscan.kernels import bags as kernels

pytestmark = pytest.mark.jit_off

V = 6
bags_of_rows = st.lists(st.lists(st.integers(0, V - 1), unique=True), max_size=9)


@QUICK
@given(bags_of_rows, st.sets(st.integers(0, V - 1)), st.integers(1, V), st.integers(0, 99))
def test_counts_and_sums_of_what_is_kept(bags, left_out, most, seed):
    chance = np.random.default_rng(seed)
    weights = chance.normal(size=V).astype(np.float32)
    vectors = chance.normal(size=(V, 3)).astype(np.float32)
    mask = np.zeros(V, np.uint8)
    mask[list(left_out)] = 1
    distinct = np.array([term for bag in bags for term in bag], np.int32)
    rows = np.arange(len(bags), dtype=np.int64)[::-1].copy()
    given_rows = rows, offsets(list(map(len, bags))), distinct, mask, most
    kept = [naive.kept_terms(bags[row], left_out, most) for row in rows]

    counts, terms = np.zeros(V, np.int64), np.full(len(distinct), -9, np.int32)
    size = kernels.count_kept_terms(*given_rows, counts, terms)
    expected = Counter(term for bag in kept for term in bag)
    assert terms[:size].tolist() == list(expected)
    assert counts.tolist() == [expected[term] for term in range(V)]

    sums = np.full(len(bags), np.nan)
    kernels.sum_kept_weights(*given_rows, weights, sums)
    assert sums.tolist() == [sum(float(weights[term]) for term in bag) for bag in kept]

    totals = np.full((len(bags), 3), np.nan)
    numbers = np.array([-1 if term % 3 == 0 else V - 1 - term for term in range(V)], np.int32)
    kernels.sum_kept_vectors(*given_rows, numbers, vectors, totals)
    having = [[int(numbers[term]) for term in bag if numbers[term] >= 0] for bag in kept]
    assert totals.tolist() == [list(naive.sum_of(bag, vectors).values()) for bag in having]

    different = {frozenset(bag) for bag in kept if bag}
    assert kernels.count_different_rows(*given_rows) == len(different)


def test_sets_of_terms_whose_sums_are_equal_are_told_apart(monkeypatch):
    """Anybody can look for two such sets; here all sums are equal."""
    from kernel_data import IS_JIT_OFF

    if not IS_JIT_OFF:
        pytest.skip("a compiled kernel calls the compiled function")
    monkeypatch.setattr(kernels, "mix64", lambda value: np.uint64(0))
    bags = [[0, 1], [1, 0], [2, 1], [3], [], [3]]
    distinct = np.array([term for bag in bags for term in bag], np.int32)
    row_terms, rows = offsets(list(map(len, bags))), np.arange(len(bags))
    nothing = np.zeros(V, np.uint8)
    assert kernels.count_different_rows(rows, row_terms, distinct, nothing, V) == 3


@QUICK
@given(bags_of_rows, st.sets(st.integers(0, V - 1)), st.integers(1, V), st.integers(0, 99))
def test_texts_of_which_no_two_have_most_in_common(bags, left_out, most, seed):
    weights = np.random.default_rng(seed).choice([0.0, 0.5, 1.0, 2.0], V).astype(np.float32)
    mask = np.zeros(V, np.uint8)
    mask[list(left_out)] = 1
    distinct = np.array([term for bag in bags for term in bag], np.int32)
    rows = np.arange(len(bags), dtype=np.int64)[::-1].copy()
    given_rows = rows, offsets(list(map(len, bags))), distinct, mask, most
    kept = [set(naive.kept_terms(bags[row], left_out, most)) for row in rows]
    for same in (0.5, 1.0):
        texts = naive.different_texts(kept, weights.tolist(), same)
        assert kernels.count_texts(*given_rows, weights, same) == len(texts)


words_of_rows = st.lists(st.lists(st.integers(0, 8), max_size=7), max_size=6)


@QUICK
@given(words_of_rows, st.sets(st.integers(1, 8)), st.integers(1, 7), st.integers(0, 99))
def test_weights_of_different_words_are_summed(rows, known, most, seed):
    """Token 0 is the boundary between segments; words that are not known have no weight."""
    chance = np.random.default_rng(seed)
    keys = chance.integers(1, 2**63, 9).astype(np.uint64)
    keys[0] = 0
    words = sorted(known)
    weights = chance.normal(size=(len(words), 2))
    table, slots = hashed(keys[words])
    numbers = np.zeros(len(table), np.int64)
    numbers[slots] = np.arange(len(words))
    tokens = keys[[word for row in rows for word in row]] if any(rows) else keys[:0]
    chosen = np.arange(len(rows), dtype=np.int64)[::2].copy()
    out = np.full((len(chosen), 2), np.nan)
    row_tokens = offsets(list(map(len, rows)))
    kernels.sum_token_weights(chosen, row_tokens, tokens, most, table, numbers, weights, out)
    for at, row in enumerate(chosen):
        own = [words.index(word) for word in dict.fromkeys(rows[row][:most]) if word in known]
        assert out[at] == pytest.approx(weights[own].sum(axis=0))
