"""Counted n-grams, as a hash table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.kernels import ngrams as kernels

Array = npt.NDArray[Any]

#: Longest n-gram that is counted, in tokens. Longer triggers are put together afterwards, from
#: the rows of their parts; five tokens of ordinary words are rare enough to stand out.
MAX_ORDER = 5


@dataclass(frozen=True, slots=True)
class NgramTable:
    """Row counts of n-grams, as a hash table.

    Attributes
    ----------
    slots : uint64[N]
        Hashes; 0 is a free slot.
    row_counts : int32[N]
        Rows of the n-gram of each slot.
    """

    slots: Array
    row_counts: Array

    @classmethod
    def of(cls, parts: Sequence[tuple[Array, Array]]) -> NgramTable:
        """Return the table of n-grams that were counted in parts, all different.

        Parameters
        ----------
        parts
            Hash (uint64[N]) and rows (int32[N]) of each, in any order.
        """
        size = table_size(sum(len(grams) for grams, _ in parts))
        slots, row_counts = np.zeros(size, np.uint64), np.zeros(size, np.int32)
        for grams, rows in parts:
            at = np.empty(len(grams), np.int64)
            kernels.insert_keys(grams, slots, at)
            row_counts[at] = rows
        return cls(slots, row_counts)

    def find(self, queries: Array) -> Array:
        """Return the slot of each hash, -1 where it is too rare to be here."""
        out = np.empty(len(queries), np.int64)
        kernels.lookup(self.slots, np.ascontiguousarray(queries, np.uint64), out)
        return out

    def count(self, queries: Array) -> Array:
        """Return the rows of each hash, float64[Q]: 0 where it is too rare to be here."""
        slot = self.find(queries)
        rows: Array = np.where(slot >= 0, self.row_counts[np.maximum(slot, 0)], 0)
        return rows.astype(np.float64)


def hashed(keys: Array) -> tuple[Array, Array]:
    """Return a table of distinct keys (uint64[N]), and the slot of each (int64[N])."""
    slots, at = np.zeros(table_size(len(keys)), np.uint64), np.empty(len(keys), np.int64)
    kernels.insert_keys(np.ascontiguousarray(keys), slots, at)
    return slots, at


def extend_grams(grams: Array, tokens: Array) -> Array:
    """Return the hashes of n-grams with one more token each (both uint64[N]), uint64[N]."""
    longer = grams.copy()
    kernels.extend_each(np.ascontiguousarray(tokens), longer)
    return longer


def word_grams(tokens: Array) -> Array:
    """Return the hashes of n-grams of a single token, uint64[N]."""
    return extend_grams(np.zeros(len(tokens), np.uint64), tokens)


def table_size(entries: int) -> int:
    """Return how many slots hold so many keys at less than the maximal load."""
    return 2 + int(entries / kernels.MAX_LOAD)
