"""Whole rows: digests, distinct terms, sums over terms."""

from __future__ import annotations

import itertools

import naive
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_data import KEY, QUICK, flatten, hostile_rows, offsets

from poisonscan.kernels.rows import (
    copy_rows,
    count_terms,
    digest_rows,
    distinct_terms,
    fold_each,
    intersect,
    logits_without,
    number_sets,
    rows_of_terms,
)

pytestmark = pytest.mark.jit_off

VOCABULARY = 6
term_rows = st.lists(st.lists(st.integers(-1, VOCABULARY - 1), max_size=8), max_size=6)


def digests(rows, key=KEY):
    data, segment_offsets, row_segments = flatten(
        [[t.encode("utf-8", "replace") for t in row] for row in rows]
    )
    out = np.zeros(len(rows), np.uint64)
    assert digest_rows(data, segment_offsets, row_segments, np.uint64(key), out) == len(rows)
    return out.tolist()


def csr(bags):
    flat = np.array([term for bag in bags for term in bag], np.int32)
    return offsets([len(bag) for bag in bags]), flat


@QUICK
@given(hostile_rows)
def test_digest(rows):
    rows = [[text.encode("utf-8", "replace").decode() for text in row] for row in rows]
    assert digests(rows) == [naive.row_digest(row, KEY) for row in rows]


def test_digests_are_equal_only_for_equal_segments():
    rows = [[], [""], ["", ""], ["ab"], ["a", "b"], ["b", "a"], ["ab", ""], ["", "ab"], ["a b"]]
    rows += [["ab\u200b"], ["Ab"]]
    assert len(set(digests(rows))) == len(rows)
    assert digests(rows) == digests(rows[::-1])[::-1]


def test_pinned_digests():
    rows = [["Weather in Genève — 今天 ok\u200b!!", "x"], []]
    assert [f"{value:016x}" for value in digests(rows, 0xCBF29CE484222325)] == [
        "d197e3d11be32b74",
        "efd01f60ba992926",
    ]


def test_folded_digests_depend_on_all_values_and_their_order():
    digests = np.zeros(4, np.uint64)
    fold_each(np.array([0, 1, 2, 1], np.uint64), digests)
    fold_each(np.array([0, 2, 1, 2], np.uint64), digests)
    assert len(set(digests.tolist())) == 3
    assert (
        digests[1] == digests[3] == naive.mix((naive.mix(1) * 0x9E3779B97F4A7C15 + 2) % (1 << 64))
    )


@QUICK
@given(term_rows)
def test_distinct_terms(rows):
    row_offsets, terms = csr(rows)
    out_offsets = np.empty(len(rows) + 1, np.int64)
    out = np.empty(len(terms), np.int32)
    written = distinct_terms(terms, row_offsets, VOCABULARY, out_offsets, out)
    found = [out[start:end].tolist() for start, end in itertools.pairwise(out_offsets)]
    assert found == [naive.distinct(row) for row in rows]
    assert written == sum(map(len, found))


@QUICK
@given(term_rows, st.data())
def test_rows_of_each_term(rows, data):
    bags = [naive.distinct(row) for row in rows]
    chosen = data.draw(st.lists(st.integers(0, max(0, len(rows) - 1)), unique=True)) if rows else []
    counts = np.ones(VOCABULARY, np.int64)  # is added to
    count_terms(np.array(chosen, np.int64), *csr(bags), counts)
    expected = [1 + sum(term in bags[row] for row in chosen) for term in range(VOCABULARY)]
    assert counts.tolist() == expected


@QUICK
@given(term_rows, st.integers(0, VOCABULARY), st.integers(0, VOCABULARY), st.floats(0.0, 1.0))
def test_rows_of_a_range_of_terms(rows, one, other, cut):
    bags = [naive.distinct(row) for row in rows]
    row_terms, distinct = csr(bags)
    first, last = min(one, other), max(one, other)
    having = [[at for at, bag in enumerate(bags) if term in bag] for term in range(first, last)]
    starts = offsets([len(each) for each in having])
    out = np.full(starts[-1], -9, np.int32)
    free, middle = starts[:-1].copy(), int(cut * len(rows))
    for begin, end in ((0, middle), (middle, len(rows))):
        rows_of_terms(row_terms, distinct, begin, end, first, free, out)
    assert out.tolist() == [row for each in having for row in each]


@QUICK
@given(term_rows, st.randoms(use_true_random=False))
def test_rows_copied_in_another_order(rows, random):
    order = random.sample(range(len(rows)), random.randint(0, len(rows)))
    values = np.array([term for row in rows for term in row], np.int32)
    expected = [term for row in order for term in rows[row]]
    out = np.full(len(expected), -9, np.int32)
    copy_rows(values, offsets([len(row) for row in rows]), np.array(order, np.int64), out)
    assert out.tolist() == expected


@QUICK
@given(st.sets(st.integers(0, 30)), st.sets(st.integers(0, 30)))
def test_what_two_lists_have_in_common(one, other):
    lists = [np.array(sorted(values), np.int32) for values in (one, other)]
    out = np.full(min(len(one), len(other)), -9, np.int32)
    found = intersect(*lists, out)
    assert out[:found].tolist() == sorted(one & other)
    assert set(out[found:].tolist()) <= {-9}


@QUICK
@given(st.lists(st.sets(st.integers(0, 4), min_size=1), max_size=9))
def test_sets_of_rows_are_told_apart_by_their_numbers(sets):
    edges = offsets([len(own) for own in sets])
    rows = np.array([row for own in sets for row in sorted(own)], np.int32)
    out = np.zeros(len(sets), np.uint64)
    number_sets(edges, rows, out)
    known = dict(zip(map(frozenset, sets), out.tolist(), strict=True))
    assert [known[frozenset(own)] for own in sets] == out.tolist()
    assert len(set(known.values())) == len(known)


@QUICK
@given(term_rows.filter(bool), st.sets(st.integers(0, VOCABULARY - 1)), st.integers(0, 99))
def test_logits_without_some_terms(rows, left_out, seed):
    random = np.random.default_rng(seed)
    bags = [naive.distinct(row) for row in rows]
    folds, labels = 3, 4
    weights = random.normal(size=(folds * VOCABULARY, labels)).astype(np.float32)
    logits = random.normal(size=(len(rows), labels)).astype(np.float32)
    fold = random.integers(0, folds, len(rows))
    chosen = random.permutation(len(rows))[: 1 + len(rows) // 2]
    mask = np.array([term in left_out for term in range(VOCABULARY)], np.uint8)
    out = np.empty((len(chosen), labels))
    logits_without(chosen, *csr(bags), mask, fold * VOCABULARY, weights, logits, out)
    for at, row in enumerate(chosen):
        own = weights[fold[row] * VOCABULARY :][:VOCABULARY]
        expected = naive.logits_without(logits[row], bags[row], left_out, own)
        assert out[at].tolist() == pytest.approx(expected, abs=1e-6)
