"""Which n-gram stands for others, against a search through all rows."""

from __future__ import annotations

import naive
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_data import ORDER, QUICK, gram_key, table_of, terms_of, tokenised, wordy_rows

from poisonscan.kernels import closed

pytestmark = pytest.mark.jit_off


class Scene:
    """Rows, their n-grams, and which rows have each."""

    def __init__(self, rows, min_support=1):
        self.data, self.found = [naive.tokenise_row(row) for row in rows], tokenised(rows)
        self.terms, self.hashes = terms_of(self.data)
        counts = naive.document_frequencies(self.data, ORDER)
        self.counts = naive.frequent(counts, min_support)
        self.having = {
            gram: frozenset(at for at, row in enumerate(self.data) if self.place(at, gram) >= 0)
            for gram in self.counts
        }

    def place(self, row, gram):
        return naive.find_phrase(self.data[row], gram)

    def numbered(self, number_of):
        """Return the table of some n-grams with a number each."""
        table = table_of({gram: 1 for gram in number_of})
        records = np.zeros((len(table.slots), closed.PAIR), np.uint64)
        records[:, 0] = table.slots
        for gram, number in number_of.items():
            records[table.find(np.array([gram_key(gram)], np.uint64)), 1] = number
        return records.reshape(-1)


@QUICK
@given(wordy_rows, st.randoms(use_true_random=False))
def test_what_stands_first_stands_for_those_with_the_same_rows(rows, random):
    scene = Scene(rows)
    sets = sorted(set(scene.having.values()), key=sorted)
    chosen = [at for at in range(len(sets)) if random.random() < 0.5]
    number_of = {
        gram: sets.index(its_rows)
        for gram, its_rows in scene.having.items()
        if sets.index(its_rows) in chosen
    }
    ordered = [random.sample(sorted(each), len(each)) for each in sets]
    starts = np.concatenate([[0], np.cumsum([len(each) for each in sets])]).astype(np.int64)
    flat = np.array([row for each in ordered for row in each], np.int32)
    orders = np.full(len(sets), -9, np.int64)
    token, left, right = np.full((3, len(flat)), -9, np.int32)
    closed.choose_owners(
        scene.terms,
        scene.hashes,
        scene.found.offsets,
        ORDER,
        scene.numbered(number_of),
        np.array(chosen, np.int64),
        starts[:-1].copy(),
        starts[1:].copy(),
        flat,
        orders,
        token,
        left,
        right,
    )
    for at, own in enumerate(ordered):
        where = slice(starts[at], starts[at + 1])
        if at not in chosen:
            assert orders[at] == -9
            assert {*token[where].tolist(), *left[where].tolist(), *right[where].tolist()} <= {-9}
            continue
        grams = [gram for gram, number in number_of.items() if number == at]
        gram = min(grams, key=lambda gram: (scene.place(own[0], gram), len(gram)))
        assert orders[at] == len(gram)
        first = [scene.place(row, gram) for row in own]
        assert token[where].tolist() == first
        terms = [np.split(scene.terms, scene.found.offsets[1:-1])[row].tolist() for row in own]
        places = list(zip(terms, first, strict=True))
        assert left[where].tolist() == [naive.beside(row, one - 1) for row, one in places]
        assert right[where].tolist() == [naive.beside(row, one + len(gram)) for row, one in places]


@QUICK
@given(st.lists(st.lists(st.integers(0, 9), max_size=6), max_size=6))
def test_sums_over_rows(groups):
    values = np.random.default_rng(0).normal(size=10)
    flat = np.array([row for group in groups for row in group], np.int32)
    ends = np.cumsum([len(group) for group in groups]).astype(np.int64)
    starts = ends - np.array([len(group) for group in groups], np.int64)
    out = np.full(len(groups), np.nan)
    closed.sum_over_rows(starts, ends, flat, values, out)
    assert out.tolist() == pytest.approx([values[group].sum() if group else 0 for group in groups])
