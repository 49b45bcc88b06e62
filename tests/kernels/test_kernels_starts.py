"""N-grams counted and followed by sorting, against counters of tuples."""

from __future__ import annotations

import naive
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_data import ORDER, QUICK, offsets

from poisonscan.accumulators.ngrams import hashed
from poisonscan.kernels import closed, starts

pytestmark = pytest.mark.jit_off

KEY = np.uint64(0x1234_5678_9ABC_DEF1)

#: Rows of words by their numbers; -1 ends a segment.
rows_of_terms = st.lists(st.lists(st.integers(-1, 3), max_size=12), max_size=9)
HASHES = np.array([naive.token_hash(word, 7) for word in "abcd"], np.uint64)


class Listing:
    """What is listed of some rows, in one or several ranges of them."""

    def __init__(self, rows, names, parts, first_part=0, last_part=None, step=2):
        last_part = parts if last_part is None else last_part
        self.row_tokens = offsets([len(row) for row in rows])
        terms = np.array([term for row in rows for term in row], np.int32)
        ranges = [(at, min(at + step, len(rows))) for at in range(0, len(rows), step)]
        counts = np.zeros((len(ranges), parts), np.int32)
        for (first, last), own in zip(ranges, counts, strict=True):
            starts.count_starts(terms, self.row_tokens, first, last, KEY, own)
        counts = counts[:, first_part:last_part]
        self.edges = offsets(counts.sum(axis=0))
        free = self.edges[:-1] + np.cumsum(counts, axis=0, dtype=np.int64) - counts
        size = int(self.edges[-1])
        self.words = np.full((size, ORDER), -9, np.int32)
        self.names, self.tokens = np.full(size, -9, np.int32), np.full(size, -9, np.int32)
        for (first, last), own in zip(ranges, free, strict=True):
            starts.list_starts(
                terms, self.row_tokens, first, last, KEY, parts, first_part, own, names,
                self.words, self.names, self.tokens,
            )  # fmt: skip

    def room(self, support):
        most = int(np.diff(self.edges).max(initial=0))
        groups = most // support + 2
        return (
            np.empty((2, most), np.int32),
            np.empty((2, groups), np.int64),
            np.empty((2, groups), np.uint64),
            np.empty(groups, np.int32),
            np.zeros((len(HASHES), starts.FIELDS), np.int32),
            np.empty(len(HASHES), np.int32),
        )


def data_of(rows):
    return [[None if term < 0 else "abcd"[term] for term in row] for row in rows]


def numbers(rows):
    return np.arange(len(rows), dtype=np.int32)


def key_of(gram):
    return naive.gram_hash(naive.token_hash(word, 7) for word in gram)


@QUICK
@given(rows_of_terms, st.integers(1, 5), st.data())
def test_all_places_are_listed_once_by_their_first_two_words(rows, parts, data):
    first = data.draw(st.integers(0, parts))
    last = data.draw(st.integers(first, parts))
    own = np.empty(1, np.int64)

    def part_of(one, other):
        starts.part_of_each(np.array([one], np.int32), np.array([other], np.int32), KEY, parts, own)
        return int(own[0])

    expected = [[] for _ in range(parts)]
    for number, row in enumerate(rows):
        for at in range(len(row) - 1):
            if row[at] >= 0 and row[at + 1] >= 0:
                words = (row[at:] + [-1] * ORDER)[:ORDER]
                expected[part_of(row[at], row[at + 1])].append((10 + number, at, words))
    listing = Listing(rows, numbers(rows) + 10, parts, first, last)
    for part in range(first, last):
        where = slice(*listing.edges[part - first : part - first + 2].tolist())
        columns = listing.names[where], listing.tokens[where], listing.words[where]
        found = list(zip(*(column.tolist() for column in columns), strict=True))
        assert found == expected[part]  # in the order of the text


@QUICK
@given(rows_of_terms, st.integers(1, 4), st.integers(1, 4))
def test_counts_are_rows_not_occurrences(rows, support, parts):
    data, listing = data_of(rows), Listing(rows, numbers(rows), parts)
    room = 4 * len(listing.names)
    grams, sets = np.zeros(room, np.uint64), np.zeros(room, np.uint64)
    counts, orders = np.zeros(room, np.int32), np.zeros(room, np.uint8)
    places = np.zeros(room, np.int64)
    found = starts.count_ngrams(
        listing.words, listing.names, listing.tokens, listing.edges, support, HASHES,
        *listing.room(support), listing.row_tokens, grams, counts, places, orders, sets,
    )  # fmt: skip
    assert found <= 4 * (len(listing.names) // support)
    expected = naive.frequent(naive.document_frequencies(data, ORDER), support)
    expected = {gram: number for gram, number in expected.items() if len(gram) > 1}
    keys = {key_of(gram): gram for gram in expected}
    assert dict(zip(grams[:found].tolist(), counts.tolist(), strict=False)) == {
        key_of(gram): number for gram, number in expected.items()
    }
    flat = [word for row in data for word in row]
    set_of = {}
    for at in range(found):
        gram = keys[int(grams[at])]
        assert orders[at] == len(gram)
        assert tuple(flat[places[at] : places[at] + orders[at]]) == gram
        having = tuple(n for n, row in enumerate(data) if naive.find_phrase(row, gram) >= 0)
        assert set_of.setdefault(int(sets[at]), having) == having
    assert len(set(set_of.values())) == len(set_of)  # the same rows, the same number


@QUICK
@given(rows_of_terms, st.integers(1, 3), st.integers(1, 4), st.randoms(use_true_random=False))
def test_postings_are_the_first_rows_in_sampling_order(rows, parts, limit, random):
    data = data_of(rows)
    order = list(range(len(rows)))
    random.shuffle(order)
    rank = np.argsort(order).astype(np.int32)
    counts = naive.document_frequencies(data, ORDER)
    grams = [gram for gram in sorted(counts) if len(gram) > 1 and random.random() < 0.5]
    sizes = np.minimum([counts[gram] for gram in grams], limit).astype(np.int64)
    edges = offsets(sizes)
    slots, at = hashed(np.array([key_of(gram) for gram in grams], np.uint64))
    records = np.zeros((len(slots), closed.PAIR), np.uint64)
    records[:, 0] = slots
    records[at, 1] = np.arange(len(grams))
    listing, found = Listing(rows, rank, parts), np.full(edges[-1], -9, np.int64)
    least = min((counts[gram] for gram in grams), default=1)
    starts.follow_ngrams(
        listing.words, listing.names, listing.tokens, listing.edges, least, HASHES,
        *listing.room(least), records.reshape(-1), edges, found,
    )  # fmt: skip
    closed.sort_groups(edges, 0, len(grams), found)
    for number, gram in enumerate(grams):
        own = found[edges[number] : edges[number + 1]].tolist()
        standing = [(row, naive.find_phrase(data[row], gram)) for row in order]
        standing = [(rank[row], place) for row, place in standing if place >= 0]
        assert [(one >> 32, one & 0xFFFFFFFF) for one in own] == standing[:limit]


@QUICK
@given(rows_of_terms, st.lists(st.booleans(), min_size=4, max_size=4), st.integers(0, 9))
def test_words_are_followed_up_to_a_rank(rows, asked, last):
    data, words = data_of(rows), np.flatnonzero(asked)
    rank = np.random.default_rng(len(rows)).permutation(len(rows)).astype(np.int32)
    having = [
        sorted((rank[row], data[row].index(word)) for row in range(len(rows)) if word in data[row])
        for word in (("abcd"[word]) for word in words)
    ]
    expected = [[one for one in own if one[0] <= last] for own in having]
    edges = offsets([len(own) for own in expected])
    number_of = np.full(4, -1, np.int64)
    number_of[words] = np.arange(len(words))
    seen, free = np.zeros(len(words), np.int32), edges[:-1].copy()
    found, latest = np.full(edges[-1], -9, np.int64), np.full(len(words), last, np.int32)
    row_tokens = offsets([len(row) for row in rows])
    terms = np.array([term for row in rows for term in row], np.int32)
    half = len(rows) // 2
    for first, end in ((0, half), (half, len(rows))):
        starts.follow_words(
            terms, row_tokens, first, end, number_of, latest, rank, seen, free, found
        )
    closed.sort_groups(edges, 0, len(words), found)
    for number, own in enumerate(expected):
        part = found[edges[number] : edges[number + 1]].tolist()
        assert [(one >> 32, one & 0xFFFFFFFF) for one in part] == own


@pytest.mark.parametrize("size", [1, 5, 31, 32, 33, 300])
def test_groups_are_sorted_by_insertion_or_as_heaps(size):
    values = np.random.default_rng(size).integers(0, 1 << 40, 3 * size)
    edges = np.array([0, size, 2 * size, 3 * size], np.int64)
    found = values.copy()
    closed.sort_groups(edges, 1, 3, found)
    parts = np.split(values, 3)
    assert found.tolist() == [*parts[0], *sorted(parts[1]), *sorted(parts[2])]


def test_more_postings_than_room_are_the_least_ones():
    """A heap of many levels."""
    values = np.random.default_rng(0).permutation(300)
    out, filled = np.empty(104, np.int64), 0
    for value in values.tolist():
        filled = starts.keep_least(out, 4, 100, filled, value)
    assert filled == 100
    assert out[4] == 99  # the greatest is at the root
    assert sorted(out[4:].tolist()) == list(range(100))
    assert starts.keep_least(out, 0, 0, 0, 5) == 0
