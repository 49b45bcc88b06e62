"""N-grams counted and their rows found by sorting, against counters of tuples."""

from __future__ import annotations

import naive
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_data import ORDER, QUICK, offsets

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
        self.starts = np.full((size, starts.WORDS + ORDER + 1), -9, np.int32)
        self.tokens = np.full(size, -9, np.int32)
        pass_of, marks = np.full(parts, 7, np.uint8), np.full(len(terms), 9, np.uint8)
        pass_of[first_part:last_part] = 8
        for first, last in ranges:
            starts.mark_starts(terms, self.row_tokens, first, last, KEY, pass_of, marks)
        assert set(marks.tolist()) <= {7, 8, starts.RARE, starts.NO_PASS}
        for (first, last), own in zip(ranges, free, strict=True):
            starts.list_starts(
                terms, self.row_tokens, marks, 8, first, last, KEY, parts, first_part, own, names,
                self.starts, self.tokens,
            )  # fmt: skip

    def room(self, support):
        most = int(np.diff(self.edges).max(initial=0))
        groups = most // support + 2
        return (
            np.empty((2, most), np.int32),
            np.empty((2, groups), np.int64),
            np.empty((2, groups), np.uint64),
            np.empty((2, groups), np.int32),
            np.empty(groups, np.int32),
            np.zeros((len(HASHES), starts.FIELDS), np.int32),
            np.empty(len(HASHES), np.int32),
        )


def data_of(rows):
    return [[None if term < 0 else "abcd"[term] for term in row] for row in rows]


def numbers(rows):
    return np.arange(len(rows), dtype=np.int32)


def until_none(words):
    """Return some words up to the first that is none."""
    last = next((at for at, word in enumerate(words) if word < 0), len(words))
    return words[: last + 1]


def both_sides(row, at, size):
    """Return what stands before and behind some words of a row."""
    return naive.beside(row, at - 1), naive.beside(row, at + size)


def key_of(gram):
    return naive.gram_hash(naive.token_hash(word, 7) for word in gram)


@QUICK
@given(rows_of_terms, st.integers(1, 5), st.data())
def test_all_places_are_listed_once_by_their_first_two_words(rows, parts, data):
    first = data.draw(st.integers(0, parts))
    last = data.draw(st.integers(first, parts))
    expected = [[] for _ in range(parts)]
    for number, row in enumerate(rows):
        for at in range(len(row) - 1):
            if row[at] >= 0 and row[at + 1] >= 0:
                words = until_none([naive.beside(row, at + word) for word in range(ORDER + 1)])
                part = starts.part_of(row[at], row[at + 1], KEY, parts)
                expected[part].append((10 + number, at, naive.beside(row, at - 1), words))
    listing = Listing(rows, numbers(rows) + 10, parts, first, last)
    for part in range(first, last):
        where = slice(*listing.edges[part - first : part - first + 2].tolist())
        found = []
        for (before, name, *words), token in zip(
            listing.starts[where].tolist(), listing.tokens[where].tolist(), strict=True
        ):
            found.append((name, token, before, until_none(words)))
        assert found == expected[part]  # in the order of the text


def counted(
    rows, rank, support, parts, *, share=0.95, most_rows=99, limit=9, fewer=0, neighbours=True
):
    """Return n-gram -> (rows, how many are listed, set, the listed ones); the most by word.

    Those listed are the row, the place in it, and what stands before and behind it there.
    """
    listing = Listing(rows, rank, parts)
    room = (ORDER - 1) * (len(listing.tokens) // support)
    grams, sets = np.full((2, room), 9, np.uint64)
    counts, sizes = np.full((2, room), -9, np.int32)
    orders, beside = np.zeros(room, np.uint8), np.zeros(len(HASHES), np.int32)
    most = max(0, (ORDER - 1) * len(listing.tokens) - fewer)
    postings = np.full((4, most), -9, np.int32)
    found = starts.count_ngrams(
        listing.starts, listing.tokens, listing.edges, support,
        HASHES, *listing.room(support), share, most_rows, np.argsort(rank).astype(np.int32),
        np.empty(limit, np.int64), grams, counts, orders, sizes, sets, *postings[:2],
        *(column[: None if neighbours else 0] for column in postings[2:]), beside,
    )  # fmt: skip
    if found < 0:
        return None, None
    ends = np.cumsum(sizes[:found])
    known = {}
    for at, end in enumerate(ends.tolist()):
        where = slice(end - int(sizes[at]), end)
        own = list(map(tuple, postings.T[where].tolist()))
        known[int(grams[at])] = int(counts[at]), int(orders[at]), int(sets[at]), own
    assert len(known) == found
    assert set(postings[:, sizes[:found].sum() :].reshape(-1).tolist()) <= {-9}
    return known, beside.tolist()


def test_no_room_for_all_rows():
    rows, rank = [[0, 1, 2], [0, 1, 3]] * 4, np.arange(8, dtype=np.int32)
    known, _ = counted(rows, rank, 3, 2)
    listed = sum(len(own[3]) for own in known.values())
    assert listed == 16  # of "a b", "a b c" and "a b d"
    assert counted(rows, rank, 3, 2, fewer=64 - 16)[0] == known
    assert counted(rows, rank, 3, 2, fewer=64 - 15)[0] is None


def test_neighbours_are_written_where_there_is_room():
    rows, rank = [[0, 1, 2], [3, 0, 1]] * 4, np.arange(8, dtype=np.int32)
    known, _ = counted(rows, rank, 3, 2)
    bare, _ = counted(rows, rank, 3, 2, neighbours=False)
    assert [one[2:] for one in known[key_of("ab")][3][:2]] == [
        (starts.NOTHING, 2),
        (3, starts.NOTHING),
    ]
    assert [one[:2] for one in known[key_of("ab")][3]] == [one[:2] for one in bare[key_of("ab")][3]]
    assert {one[2:] for one in bare[key_of("ab")][3]} == {(-9, -9)}


def shuffled(rows, random):
    return np.array(random.sample(range(len(rows)), len(rows)), np.int32)


@QUICK
@given(
    rows_of_terms,
    st.integers(1, 4),
    st.integers(1, 4),
    st.sampled_from([0.5, 0.95, 1.0]),
    st.integers(0, 9),
    st.integers(0, 4),
    st.randoms(use_true_random=False),
)
def test_ngrams_with_their_rows(rows, support, parts, share, most_rows, limit, random):
    data, rank = data_of(rows), shuffled(rows, random)
    known, beside = counted(
        rows, rank, support, parts, share=share, most_rows=most_rows, limit=limit
    )
    counts = naive.frequent(naive.document_frequencies(data, ORDER), support)
    longer = {gram: number for gram, number in counts.items() if len(gram) > 1}
    assert {key: own[:2] for key, own in known.items()} == {
        key_of(gram): (number, len(gram)) for gram, number in longer.items()
    }
    pairs = [(gram, number) for gram, number in longer.items() if len(gram) == 2]
    assert beside == [max((n for g, n in pairs if word in g), default=0) for word in "abcd"]
    set_of = {}
    for gram, number in longer.items():
        _, _, its_set, listed = known[key_of(gram)]
        together = naive.longest_extension(counts, gram) if len(gram) < ORDER else 0
        if limit == 0 or number > most_rows or together >= share * number:
            assert listed == []
            continue
        standing = [(row, naive.find_phrase(data[row], gram)) for row in np.argsort(rank).tolist()]
        standing = [one for one in standing if one[1] >= 0]
        beside = [both_sides(rows[row], at, len(gram)) for row, at in standing]
        standing = [(*one, *two) for one, two in zip(standing, beside, strict=True)]
        assert listed == standing[:limit]  # the first ones in sampling order
        having = tuple(sorted(row for row, *_ in standing))
        assert set_of.setdefault(its_set, having) == having
    assert len(set(set_of.values())) == len(set_of)  # the same rows, the same number


def test_an_ngram_of_more_rows_than_are_listed():
    """A heap of many levels, and rows of which each has several places."""
    random = np.random.default_rng(0)
    phrase = [0, 1, 2, 0, 1]
    rows = [[*random.integers(0, 4, at % 3).tolist(), *phrase] for at in range(300)]
    rank = random.permutation(300).astype(np.int32)
    known, _ = counted(rows, rank, 5, 2, most_rows=300, limit=100)
    number, _, _, listed = known[key_of("abcab")]
    first = np.argsort(rank)[:100].tolist()
    assert number == 300
    at = [naive.find_phrase(rows[row], phrase) for row in first]
    assert [one[:2] for one in listed] == list(zip(first, at, strict=True))
    assert [one[2:] for one in listed] == [
        both_sides(rows[row], one, ORDER) for row, one in zip(first, at, strict=True)
    ]


@QUICK
@given(rows_of_terms, st.integers(1, 4), st.randoms(use_true_random=False))
def test_the_last_rank_that_is_wanted_of_a_word(rows, limit, random):
    rank = shuffled(rows, random)
    having = [[at for at, row in enumerate(rows) if word in row] for word in range(4)]
    postings = np.array([at for own in having for at in own], np.int32)
    words = np.array([3, 0, 2], np.int32)
    out = np.full(3, -9, np.int32)
    edges = offsets([len(own) for own in having])
    starts.last_names(postings, edges, words, rank, np.empty(limit, np.int64), out)
    ranks = [sorted(rank[at] for at in having[word]) for word in words]
    assert out.tolist() == [own[limit - 1] if len(own) > limit else -9 for own in ranks]


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
    beside = np.full((3, edges[-1]), -9, np.int32)
    row_tokens = offsets([len(row) for row in rows])
    terms = np.array([term for row in rows for term in row], np.int32)
    half = len(rows) // 2
    for first, end in ((0, half), (half, len(rows))):
        starts.follow_words(
            terms, row_tokens, first, end, number_of, latest, rank, seen, free, found, *beside
        )
    closed.sort_groups(edges, 0, len(words), found)
    for number, own in enumerate(expected):
        part = found[edges[number] : edges[number + 1]].tolist()
        columns = beside[:, [one & 0xFFFFFFFF for one in part]].T.tolist()
        by_rank = np.argsort(rank)
        assert [(one >> 32, column[0]) for one, column in zip(part, columns, strict=True)] == own
        assert [tuple(column[1:]) for column in columns] == [
            both_sides(rows[by_rank[place]], at, 1) for place, at in own
        ]


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
