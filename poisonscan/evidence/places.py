"""Places: where strings stand, and the words that stand beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.closed import Candidates
from poisonscan.candidates.corpus import CountedSide
from poisonscan.candidates.csr import entries

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Places:
    """Occurrences of strings on one side, in any order.

    Attributes
    ----------
    group : int64[N]
        Number of the string.
    row : int64[N]
    first, last : int64[N]
        Scan-wide index of the first token and of the token behind it.
    """

    group: Array
    row: Array
    first: Array
    last: Array

    @classmethod
    def of_one(cls, row: Array, first: Array, length: int) -> Places:
        """Return the places of a single string of `length` tokens."""
        return cls(np.zeros(len(row), np.int64), row, first, first + length)

    def take(self, chosen: Array) -> Places:
        """Return these places (indices or mask)."""
        return Places(self.group[chosen], self.row[chosen], self.first[chosen], self.last[chosen])

    def grown(self, before: Array, length: Array) -> Places:
        """Return the places of longer strings: tokens before each (int64[G]), and those of it."""
        first = self.first - before[self.group]
        return Places(self.group, self.row, first, first + length[self.group])


def places_of(
    side: CountedSide,
    candidates: Candidates,
    max_rows: int,
    first_candidate: int = 0,
    last_candidate: int | None = None,
) -> Places:
    """Return where each candidate of a range stands first, in up to `max_rows` of its rows.

    Places are ordered by candidate; groups are numbered from 0.
    """
    chosen = slice(first_candidate, last_candidate)
    sizes = np.minimum(candidates.followed[chosen], max_rows)
    at = entries(candidates.starts[chosen], sizes)
    group = np.repeat(np.arange(len(sizes)), sizes)
    row = candidates.rows[at].astype(np.int64)
    first = side.side.row_tokens[row] + candidates.first_token[at]
    return Places(group, row, first, first + candidates.order[chosen][group])


def count_same(group: Array, words: Array) -> Array:
    """Return for each occurrence how many others of its group have its word, float64[N]."""
    if not len(words):
        return np.empty(0)
    order = np.lexsort((words, group))
    is_new = np.ones(len(words), bool)
    is_new[1:] = (np.diff(group[order]) != 0) | (words[order][1:] != words[order][:-1])
    run = np.cumsum(is_new) - 1
    same = np.empty(len(words))
    same[order] = np.bincount(run)[run] - 1.0
    return same
