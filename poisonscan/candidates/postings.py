"""Finds the rows of many words, a part of them at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.kernels.closed import sort_groups
from poisonscan.kernels.starts import follow_words
from poisonscan.memory import count_parts
from poisonscan.spool import Side, release
from poisonscan.threads import count_workers, cut_evenly, work_on_each, work_on_ranges

Array = npt.NDArray[Any]

#: Unit of the postings of single words that are collected in parts (`count_parts`), 52 bytes each.
_POSTINGS = 1 << 21

#: The lower half of a posting.
_LOW = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class Sampling:
    """In which order rows are sampled.

    Attributes
    ----------
    rank : int32[R]
        Place of each row.
    by_rank : int64[R]
        The inverse: row at each place.
    """

    rank: Array
    by_rank: Array

    @classmethod
    def of(cls, by_rank: Array) -> Sampling:
        """Return the order in which rows (int64[R]) are sampled."""
        rank = np.empty(len(by_rank), np.int32)
        rank[by_rank] = np.arange(len(by_rank), dtype=np.int32)
        return cls(rank, by_rank)


@dataclass(frozen=True, slots=True)
class Words:
    """Words of one side whose rows are asked for.

    Attributes
    ----------
    side, terms : int32[T]
        Texts, and the word of each token; -1 for boundaries and rare tokens.
    order
        In which order rows are sampled.
    of_terms : int64[V]
        Number of each word among those that are asked for, -1 for others.
    latest, sizes : int32[N]
        Rank of the last row that is wanted of each, and how many there are up to it.
    """

    side: Side
    terms: Array
    order: Sampling
    of_terms: Array
    latest: Array
    sizes: Array

    def each_part(self) -> Iterator[tuple[slice, tuple[Array, ...]]]:
        """Yield which words, and rows, tokens, lefts and rights of their postings (`Strings`)."""
        parts = count_parts(int(self.sizes.sum()), _POSTINGS)
        for first, last in cut_evenly(np.cumsum(self.sizes, dtype=np.int64), parts):
            yield slice(first, last), self._follow(first, last)

    def _follow(self, first: int, last: int) -> tuple[Array, ...]:
        starts = np.concatenate([[0], np.cumsum(self.sizes[first:last], dtype=np.int64)])
        postings, free = np.full(starts[-1], -1, np.int64), starts[:-1].copy()
        columns = tuple(np.empty(starts[-1], np.int32) for _ in range(3))
        seen, latest = np.zeros(last - first, np.int32), self.latest[first:last]
        offsets = self.side.row_tokens

        def find(share: tuple[int, int]) -> None:
            is_own = (self.of_terms >= share[0]) & (self.of_terms < share[1])
            number_of = np.where(is_own, self.of_terms - first, -1)
            tokens, lefts, rights = columns
            for start, end in self.side.chunks():
                follow_words(
                    self.terms, offsets, start, end, number_of, latest, self.order.rank, seen, free,
                    postings, tokens, lefts, rights,
                )  # fmt: skip
                release(self.terms, int(offsets[start]), int(offsets[end]))

        def sort(begin: int, end: int) -> None:
            sort_groups(starts, begin, end, postings)

        if last > first:
            shares = np.linspace(first, last, count_workers() + 1).astype(np.int64).tolist()
            work_on_each(find, pairwise(shares))
        if len(postings) and postings.min() < 0:
            raise RuntimeError("words have other rows than were counted")
        work_on_ranges(sort, np.diff(starts))
        rows, found = self.order.by_rank[postings >> 32], postings & _LOW
        return rows.astype(np.int32), *(column[found] for column in columns)
