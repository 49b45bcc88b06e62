"""Finds the rows of many words, a part of them at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.kernels.closed import sort_groups
from poisonscan.kernels.starts import follow_words
from poisonscan.memory import count_parts
from poisonscan.spool import Side, release
from poisonscan.threads import count_workers, work_on_each, work_on_ranges

Array = npt.NDArray[Any]

#: Unit of the postings of single words that are collected in parts (`count_parts`), 16 bytes each.
_POSTINGS = 1 << 22

#: The lower half of a posting.
_LOW = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class Words:
    """Words of one side whose rows are asked for.

    Attributes
    ----------
    side, terms : int32[T]
        Texts, and the word of each token; -1 for boundaries and rare tokens.
    rank : int32[R]
        What rows are sorted by; no two alike.
    of_terms : int64[V]
        Number of each word among those that are asked for, -1 for others.
    latest, sizes : int32[N]
        Rank of the last row that is wanted of each, and how many there are up to it.
    """

    side: Side
    terms: Array
    rank: Array
    of_terms: Array
    latest: Array
    sizes: Array

    def each_part(self) -> Iterator[tuple[Array, Array]]:
        """Yield words (numbers, int64[K], ascending) and their postings (int64[P])."""
        for own in split_evenly(self.sizes, count_parts(int(self.sizes.sum()), _POSTINGS)):
            yield own, self._follow(own)

    def _follow(self, own: Array) -> Array:
        starts = np.concatenate([[0], np.cumsum(self.sizes[own], dtype=np.int64)])
        postings, free = np.full(starts[-1], -1, np.int64), starts[:-1].copy()
        seen, latest = np.zeros(len(own), np.int32), self.latest[own]
        place = np.full(len(self.sizes) + 1, -1, np.int64)

        def find(part: Array) -> None:
            place_of = place.copy()
            place_of[own[part]] = part
            offsets, of_terms = self.side.row_tokens, place_of[self.of_terms]
            for start, end in self.side.chunks():
                follow_words(
                    self.terms, offsets, start, end, of_terms, latest, self.rank, seen, free,
                    postings,
                )  # fmt: skip
                release(self.terms, int(offsets[start]), int(offsets[end]))

        def sort(first: int, last: int) -> None:
            sort_groups(starts, first, last, postings)

        if len(own):
            work_on_each(find, np.array_split(np.arange(len(own)), count_workers()))
        if len(postings) and postings.min() < 0:
            raise RuntimeError("words have other rows than were counted")
        work_on_ranges(sort, np.diff(starts))
        return postings


def split_evenly(sizes: Array, count: int) -> Iterator[Array]:
    """Yield the places of groups, int64, in so many parts with about as many members each."""
    up_to = np.cumsum(sizes, dtype=np.int64)
    wanted = np.linspace(0, up_to[-1] if len(sizes) else 0, count + 1)[1:-1]
    yield from np.split(np.arange(len(sizes)), np.searchsorted(up_to, wanted))


def unpack(postings: Array, by_rank: Array) -> tuple[Array, Array]:
    """Return the rows and the first tokens of postings (int64[P]), int32[P] each.

    Parameters
    ----------
    by_rank : int64[R]
        Row at each rank.
    """
    return by_rank[postings >> 32].astype(np.int32), (postings & _LOW).astype(np.int32)
