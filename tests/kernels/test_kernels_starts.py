"""N-grams counted and their rows found by sorting, against counters of tuples."""

from __future__ import annotations

import naive
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_data import ORDER, QUICK, offsets

from poisonscan.kernels import starts

pytestmark = pytest.mark.jit_off

KEY = np.uint64(0x1234_5678_9ABC_DEF1)

#: Rows of words by their numbers; -1 ends a segment.
rows_of_terms = st.lists(st.lists(st.integers(-1, 3), max_size=12), max_size=9)
HASHES = np.array([naive.token_hash(word, 7) for word in "abcd"], np.uint64)


class Listing:
    """What is listed of some rows, in one or several ranges of them."""

    def __init__(self, rows, parts, first_part=0, last_part=None, step=2):
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
                terms, self.row_tokens, marks, 8, first, last, KEY, parts, first_part, own,
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
                expected[part].append((number, at, naive.beside(row, at - 1), words))
    listing = Listing(rows, parts, first, last)
    for part in range(first, last):
        where = slice(*listing.edges[part - first : part - first + 2].tolist())
        found = []
        for (before, number, *words), token in zip(
            listing.starts[where].tolist(), listing.tokens[where].tolist(), strict=True
        ):
            found.append((number, token, before, until_none(words)))
        assert found == expected[part]  # in the order of the rows and of the text


def counted(
    rows, support, parts, *, names=None, share=0.95, most_rows=99, limit=9, fewer=0, neighbours=True
):
    """Return n-gram -> (rows, its length, set, the listed ones); the most by word.

    Those listed are the row's name, the place in it, and what stands before and behind it there.
    """
    listing = Listing(rows, parts)
    names = np.arange(len(rows), dtype=np.int32) if names is None else names
    room = (ORDER - 1) * (len(listing.tokens) // support)
    grams, sets = np.full((2, room), 9, np.uint64)
    counts, sizes = np.full((2, room), -9, np.int32)
    orders, beside = np.zeros(room, np.uint8), np.zeros(len(HASHES), np.int32)
    most = max(0, (ORDER - 1) * len(listing.tokens) - fewer)
    postings = np.full((4, most), -9, np.int32)
    found = starts.count_ngrams(
        listing.starts, listing.tokens, listing.edges, support,
        HASHES, *listing.room(support), share, most_rows, names, limit,
        grams, counts, orders, sizes, sets, *postings[:2],
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
    rows = [[0, 1, 2], [0, 1, 3]] * 4
    known, _ = counted(rows, 3, 2)
    listed = sum(len(own[3]) for own in known.values())
    assert listed == 16  # of "a b", "a b c" and "a b d"
    assert counted(rows, 3, 2, fewer=64 - 16)[0] == known
    assert counted(rows, 3, 2, fewer=64 - 15)[0] is None


def test_neighbours_are_written_where_there_is_room():
    rows = [[0, 1, 2], [3, 0, 1]] * 4
    known, _ = counted(rows, 3, 2)
    bare, _ = counted(rows, 3, 2, neighbours=False)
    assert [one[2:] for one in known[key_of("ab")][3][:2]] == [
        (starts.NOTHING, 2),
        (3, starts.NOTHING),
    ]
    assert [one[:2] for one in known[key_of("ab")][3]] == [one[:2] for one in bare[key_of("ab")][3]]
    assert {one[2:] for one in bare[key_of("ab")][3]} == {(-9, -9)}


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
    names = np.array(random.sample(range(len(rows)), len(rows)), np.int32)
    data, named = data_of(rows), names.tolist()
    known, beside = counted(
        rows, support, parts, names=names, share=share, most_rows=most_rows, limit=limit
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
        standing = [(row, naive.find_phrase(words, gram)) for row, words in enumerate(data)]
        standing = [one for one in standing if one[1] >= 0][:limit]
        beside = [both_sides(rows[row], at, len(gram)) for row, at in standing]
        assert listed == [
            (named[row], at, *two) for (row, at), two in zip(standing, beside, strict=True)
        ]
        first = tuple(row for row, _ in standing)
        assert set_of.setdefault(its_set, first) == first
    assert len(set(set_of.values())) == len(set_of)  # the same rows, the same number


def test_an_ngram_of_more_rows_than_are_listed():
    """Rows of which each has several places."""
    random = np.random.default_rng(0)
    phrase = [0, 1, 2, 0, 1]
    rows = [[*random.integers(0, 4, at % 3).tolist(), *phrase] for at in range(300)]
    known, _ = counted(rows, 5, 2, most_rows=300, limit=100)
    number, _, _, listed = known[key_of("abcab")]
    assert number == 300
    at = [naive.find_phrase(row, phrase) for row in rows[:100]]
    assert [one[:2] for one in listed] == list(enumerate(at))
    assert [one[2:] for one in listed] == [
        both_sides(row, one, ORDER) for row, one in zip(rows[:100], at, strict=True)
    ]


@QUICK
@given(rows_of_terms, st.lists(st.booleans(), min_size=4, max_size=4), st.integers(0, 9))
def test_words_are_followed_while_there_is_room(rows, asked, limit):
    data, words = data_of(rows), np.flatnonzero(asked)
    having = [
        [(row, data[row].index(word)) for row in range(len(rows)) if word in data[row]][:limit]
        for word in (("abcd"[word]) for word in words)
    ]
    edges = offsets([len(own) for own in having])
    number_of = np.full(4, -1, np.int64)
    number_of[words] = np.arange(len(words))
    seen, free = np.zeros(len(words), np.int32), edges[:-1].copy()
    found = np.full((4, edges[-1]), -9, np.int32)
    row_tokens = offsets([len(row) for row in rows])
    terms = np.array([term for row in rows for term in row], np.int32)
    half = len(rows) // 2
    for first, end in ((0, half), (half, len(rows))):
        starts.follow_words(terms, row_tokens, first, end, number_of, edges[1:], seen, free, *found)
    assert free.tolist() == edges[1:].tolist()
    for number, own in enumerate(having):
        part = found[:, edges[number] : edges[number + 1]].T.tolist()
        assert part == [[row, at, *both_sides(rows[row], at, 1)] for row, at in own]
