"""Closed n-grams and their postings, against a search through all rows."""

from __future__ import annotations

import naive
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_data import ORDER, QUICK, gram_key, table_of, tokenised, wordy_rows

from poisonscan.accumulators.occurrences import Batch, Lister, MarkedBatch
from poisonscan.candidates import postings
from poisonscan.kernels import closed, ngrams

pytestmark = pytest.mark.jit_off


class Scene:
    """Rows, their n-grams, and which rows have each."""

    def __init__(self, rows, min_support=1):
        self.data, self.found = [naive.tokenise_row(row) for row in rows], tokenised(rows)
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
@given(wordy_rows, st.integers(1, 4), st.sampled_from([0.5, 0.95, 1.0]), st.randoms())
def test_places_and_what_is_accompanied(rows, min_support, share, random):
    scene = Scene(rows, min_support)
    table = table_of(scene.counts)
    by_row = {gram: random.choice(sorted(scene.having[gram])) for gram in scene.counts}
    grams = sorted(scene.counts, key=by_row.__getitem__)
    keys = np.array([gram_key(gram) for gram in grams], np.uint64)
    edges = np.searchsorted([by_row[gram] for gram in grams], np.arange(len(rows) + 1))
    places, orders = np.full(len(grams), -9, np.int64), np.full(len(grams), -9, np.int64)
    tokens, offsets = scene.found.tokens, scene.found.offsets
    closed.place_ngrams(tokens, offsets, ORDER, keys, edges, places, orders)
    assert orders.tolist() == [len(gram) for gram in grams]
    for place, gram in zip(places.tolist(), grams, strict=True):
        assert place == offsets[by_row[gram]] + scene.place(by_row[gram], gram)

    marks = np.zeros(len(table.slots), np.uint8)
    own = table.find(keys)
    closed.mark_accompanied(
        tokens, places, orders, own, table.slots, table.row_counts, share, marks
    )
    expected = {
        gram_key(gram)
        for gram in scene.counts
        if naive.longest_extension(scene.counts, gram) >= share * scene.counts[gram]
    }
    assert set(table.slots[marks == 1].tolist()) == expected


@QUICK
@given(wordy_rows, st.randoms(use_true_random=False), st.integers(1, 5), st.integers(1, 9))
def test_postings_are_the_first_rows_in_sampling_order(rows, random, limit, batch):
    scene = Scene(rows)
    grams = [gram for gram in sorted(scene.counts) if random.random() < 0.5]
    order = list(range(len(rows)))
    random.shuffle(order)
    rank = np.argsort(order).astype(np.int32)
    sizes = np.minimum([len(scene.having[gram]) for gram in grams], limit)
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    records = postings._followed(np.array([gram_key(gram) for gram in grams], np.uint64), starts)
    packed = np.full(starts[-1], -9, np.int64)
    lister = Lister()
    for first in range(0, len(rows), batch):
        edges = scene.found.offsets[first : first + batch + 1]
        offsets = edges - edges[0]
        part = Batch(scene.found.tokens[edges[0] : edges[-1]], offsets, np.zeros(1, np.uint8))
        for (one,) in lister.each(part, len(records) // closed.FOLLOWED):
            closed.collect_postings(
                one.grams, one.places, int(one.edges[0]), int(one.edges[-1]), one.rows, one.first,
                offsets, first, rank, records, packed,
            )  # fmt: skip
    assert (records[2 :: closed.FOLLOWED] & ngrams.LOW).sum() == sizes.sum()
    closed.sort_heaps(starts, 0, len(grams), packed)
    for at, gram in enumerate(grams):
        own = [(order[one >> 32], one & 0xFFFFFFFF) for one in packed[starts[at] : starts[at + 1]]]
        standing = [(row, scene.place(row, gram)) for row in order if row in scene.having[gram]]
        assert own == standing[:limit]


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
    orders, token = np.full(len(sets), -9, np.int64), np.full(len(flat), -9, np.int32)
    closed.choose_owners(
        scene.found.tokens,
        scene.found.offsets,
        ORDER,
        scene.numbered(number_of),
        np.array(chosen, np.int64),
        starts,
        flat,
        orders,
        token,
    )
    for at, own in enumerate(ordered):
        where = slice(starts[at], starts[at + 1])
        if at not in chosen:
            assert orders[at] == -9
            assert set(token[where].tolist()) <= {-9}
            continue
        grams = [gram for gram, number in number_of.items() if number == at]
        gram = min(grams, key=lambda gram: (scene.place(own[0], gram), len(gram)))
        assert orders[at] == len(gram)
        assert token[where].tolist() == [scene.place(row, gram) for row in own]


def test_more_postings_than_room_are_those_of_least_rank():
    """A heap of many levels."""
    rows = [["a"]] * 300
    scene = Scene(rows)
    rank = np.random.default_rng(0).permutation(300).astype(np.int32)
    starts, packed = np.array([0, 100], np.int64), np.empty(100, np.int64)
    records = postings._followed(np.array([gram_key(("a",))], np.uint64), starts)
    part = Batch(scene.found.tokens, scene.found.offsets, np.zeros(1, np.uint8))
    for (one,) in Lister().each(part, len(records) // closed.FOLLOWED):
        closed.collect_postings(
            one.grams, one.places, 0, int(one.edges[-1]), one.rows, one.first,
            scene.found.offsets, 0, rank, records, packed,
        )  # fmt: skip
    assert packed[0] >> 32 == 99  # the greatest is at the root
    closed.sort_heaps(starts, 0, 1, packed)
    assert (packed >> 32).tolist() == list(range(100))


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


@QUICK
@given(wordy_rows, st.randoms(use_true_random=False), st.integers(1, 3))
def test_what_is_marked_is_listed_share_by_share(rows, random, shares):
    scene = Scene(rows)
    counter_of = {gram: random.randint(1, 4) for gram in scene.counts}
    keys = np.array([gram_key(gram) for gram in counter_of], np.uint64)
    gate = np.zeros(1 << 22, np.uint8)  # so many cells that no two n-grams share one
    ngrams.set_gate(keys, np.array(list(counter_of.values()), np.uint8), gate)
    least = np.array([random.randint(2, 4) for _ in rows], np.uint8)
    tokens, offsets = scene.found.tokens, scene.found.offsets
    marks = np.full(len(tokens), 255, np.uint8)
    ngrams.mark_ngrams(tokens, offsets, ORDER, gate, least, marks)
    listed = []
    for share in range(shares):
        for (one,) in Lister().each(MarkedBatch(tokens, offsets, marks, (share, shares)), 0):
            for at in range(int(one.edges[-1])):
                gram, place = int(one.grams[at]), int(one.places[at])
                listed.append((int(one.rows[place]), place - int(offsets[one.rows[place]]), gram))
                assert ngrams.share_of(one.grams[at], shares) == share
    expected = [
        (number, start, gram_key(row[start : start + order]))
        for number, row in enumerate(scene.data)
        for start in range(len(row))
        for order in range(1, ORDER + 1)
        if counter_of.get(tuple(row[start : start + order]), 0) >= least[number]
        and start + order <= len(row)
    ]
    assert sorted(listed) == sorted(expected)


def test_a_gate_is_raised_and_never_lowered():
    gate = np.zeros(1 << 16, np.uint8)
    grams = np.array([gram_key((word,)) for word in "abc"], np.uint64)
    ngrams.set_gate(grams, np.full(3, 2, np.uint8), gate)
    ngrams.set_gate(grams[:1], np.ones(1, np.uint8), gate)
    assert sorted(gate[gate > 0].tolist()) == [2, 2, 2]
    assert all(gate[ngrams.cell_of(gram, len(gate))] == 2 for gram in grams)
