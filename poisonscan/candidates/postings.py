"""Finds the rows of many n-grams, a part of them at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.accumulators.ngrams import hashed
from poisonscan.candidates.corpus import Corpus
from poisonscan.candidates.starts import Starts, count_passes
from poisonscan.kernels.closed import PAIR, sort_groups
from poisonscan.kernels.starts import follow_words
from poisonscan.memory import count_parts
from poisonscan.spool import pick, release
from poisonscan.threads import count_workers, work_on_each, work_on_ranges

Array = npt.NDArray[Any]

#: Unit of the postings of single words that are collected in parts (`count_parts`), 16 bytes each.
_POSTINGS = 1 << 22

#: Postings that are turned into rows at a time.
_PART = 1 << 20

#: The lower half of a posting.
_LOW = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class Followed:
    """Some of the n-grams that were asked for, with their rows.

    Attributes
    ----------
    own : int64[G]
        Which ones.
    starts : int64[G + 1]
        Where the postings of each begin.
    rows, tokens : int32[P]
        The first rows in sampling order; index of the first token in each.
    """

    own: Array
    starts: Array
    rows: Array
    tokens: Array


def follow(
    corpus: Corpus,
    grams: Array,
    support: Array,
    orders: Array,
    places: Array,
    limit: int,
    unit: int | None = None,
) -> Iterator[Followed]:
    """Yield the rows of n-grams of the input side: each of them is in one part.

    Parameters
    ----------
    grams : uint64[G], support : int32[G], orders : uint8[G], places : int64[G]
        Hash, rows, length, and the first token of one occurrence.
    limit
        Rows of each that are wanted.
    unit
        That of the passes that places are listed in (`count_passes`).
    """
    side = corpus.input
    words = np.flatnonzero(orders == 1)
    terms = pick(side.terms, places[words])
    sizes = np.minimum(support[words], limit)
    for part in _split(sizes, count_parts(int(sizes.sum()), unit or _POSTINGS)):
        starts = np.concatenate([[0], np.cumsum(sizes[part], dtype=np.int64)])
        found = _follow_words(corpus, terms[part], support[words[part]] > limit, starts)
        yield _unpack(corpus, words[part], starts, found)
    longer = np.flatnonzero(orders > 1)
    if not len(longer):
        return
    passes = count_passes(len(side.terms), unit)
    listing = Starts(side.side, side.terms, side.term_tokens, corpus.rank, corpus.scratch, passes)
    pass_of = np.full(len(grams), -1, np.int32)
    pass_of[longer] = listing.pass_of(
        pick(side.terms, places[longer]), pick(side.terms, places[longer] + 1)
    )
    least = int(support[longer].min())
    del longer
    for number, listed in enumerate(listing.each_pass()):
        own = np.flatnonzero(pass_of == number)
        starts = np.concatenate([[0], np.cumsum(np.minimum(support[own], limit), dtype=np.int64)])
        found = listed.follow(numbered(grams[own], np.arange(len(own))), starts, least)
        del listed  # before anybody works with what was found
        yield _unpack(corpus, own, starts, found)


def _split(sizes: Array, count: int) -> Iterator[Array]:
    """Yield the places of groups, int64, in so many parts with about as many members each."""
    up_to = np.cumsum(sizes)
    wanted = np.linspace(0, up_to[-1] if len(sizes) else 0, count + 1)[1:-1]
    yield from np.split(np.arange(len(sizes)), np.searchsorted(up_to, wanted))


def _follow_words(corpus: Corpus, words: Array, is_sampled: Array, starts: Array) -> Array:
    """Return the postings of words (int32[G]), int64[P]; `is_sampled` where not all are wanted."""
    side = corpus.input
    latest = np.full(len(words), corpus.rows, np.int32)
    for number in np.flatnonzero(is_sampled).tolist():
        ranks = corpus.rank[side.rows_of(int(words[number]))]
        last = int(starts[number + 1] - starts[number]) - 1
        latest[number] = np.partition(ranks, last)[last]
    postings, free = np.full(starts[-1], -1, np.int64), starts[:-1].copy()
    seen = np.zeros(len(words), np.int32)

    def find(own: Array) -> None:
        number_of = np.full(len(side.term_rows), -1, np.int64)
        number_of[words[own]] = own
        offsets = side.side.row_tokens
        for start, end in side.side.chunks():
            follow_words(
                side.terms, offsets, start, end, number_of, latest, corpus.rank, seen, free,
                postings,
            )  # fmt: skip
            release(side.terms, int(offsets[start]), int(offsets[end]))

    if len(words):
        work_on_each(find, np.array_split(np.arange(len(words)), count_workers()))
    return postings


def _unpack(corpus: Corpus, own: Array, starts: Array, postings: Array) -> Followed:
    """Return postings in sampling order, as rows and first tokens."""
    if len(postings) and postings.min() < 0:
        raise RuntimeError("n-grams have other rows than were counted")

    def sort(first: int, last: int) -> None:
        sort_groups(starts, first, last, postings)

    rows, tokens = np.empty(len(postings), np.int32), np.empty(len(postings), np.int32)

    def unpack(first: int) -> None:
        part = slice(first, first + _PART)
        rows[part] = corpus.by_rank[postings[part] >> 32]
        tokens[part] = postings[part] & _LOW

    work_on_ranges(sort, np.diff(starts))
    work_on_each(unpack, range(0, len(postings), _PART))
    return Followed(own, starts, rows, tokens)


def numbered(grams: Array, numbers: Array) -> Array:
    """Return the table of n-grams with a number each, uint64[M * PAIR]."""
    slots, at = hashed(grams)
    records = np.zeros((len(slots), PAIR), np.uint64)
    records[:, 0] = slots
    records[at, 1] = numbers
    return records.reshape(-1)
