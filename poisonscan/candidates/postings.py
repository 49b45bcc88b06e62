"""Finds the rows of many words, a part of them at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.ordered import OrderedTerms
from poisonscan.kernels.rows import number_sets
from poisonscan.kernels.starts import follow_words
from poisonscan.memory import count_parts
from poisonscan.threads import count_workers, cut_evenly, work_on_each

Array = npt.NDArray[Any]

#: Unit of the postings of single words that are collected in parts (`count_parts`), 28 bytes each.
_POSTINGS = 1 << 21


@dataclass(frozen=True, slots=True)
class Words:
    """Words of one side whose rows are asked for.

    Attributes
    ----------
    ordered
        The word of each token.
    of_terms : int64[V]
        Number of each word among those that are asked for, -1 for others.
    sizes : int32[N]
        Rows that are wanted of each.
    """

    ordered: OrderedTerms
    of_terms: Array
    sizes: Array

    def each_part(self) -> Iterator[tuple[slice, Array, tuple[Array, ...]]]:
        """Yield which words; a number for the rows of each; rows, tokens, lefts and rights.

        See `Strings`. Words with the same rows have the same number.
        """
        parts = count_parts(int(self.sizes.sum()), _POSTINGS)
        for first, last in cut_evenly(np.cumsum(self.sizes, dtype=np.int64), parts):
            yield slice(first, last), *self._follow(first, last)

    def _follow(self, first: int, last: int) -> tuple[Array, tuple[Array, ...]]:
        edges = np.concatenate([[0], np.cumsum(self.sizes[first:last], dtype=np.int64)])
        free, ends = edges[:-1].copy(), edges[1:]
        found, *beside = (np.empty(edges[-1], np.int32) for _ in range(4))
        seen, ordered = np.zeros(last - first, np.int32), self.ordered

        def find(share: tuple[int, int]) -> None:
            is_own = (self.of_terms >= share[0]) & (self.of_terms < share[1])
            number_of = np.where(is_own, self.of_terms - first, -1)
            for rows in ordered.chunks():
                follow_words(
                    ordered.terms, ordered.offsets, *rows, number_of, ends, seen, free,
                    found, *beside,
                )  # fmt: skip
                ordered.release(*rows)

        if last > first:
            shares = np.linspace(first, last, count_workers() + 1).astype(np.int64).tolist()
            work_on_each(find, pairwise(shares))
        if not np.array_equal(free, ends):
            raise RuntimeError("words have other rows than were counted")
        sets = np.empty(last - first, np.uint64)
        number_sets(edges, found, sets)
        return sets, (ordered.rows[found], *beside)
