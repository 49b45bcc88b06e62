"""The words of one side, row after row in sampling order.

The first rows of a string in that order are those that it is met in first, whoever looks for them:
nothing has to be sorted, nor the best of many to be kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.kernels.rows import copy_rows
from poisonscan.spool import CHUNK_TOKENS, Column, Side, release
from poisonscan.threads import cut_evenly, map_in_order

Array = npt.NDArray[Any]

#: Tokens that are copied at a time. They are read from anywhere: each row brings 15 pages along.
_COPIED = 1 << 18


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
class OrderedTerms:
    """The words of one side; what is called a row here is a place in sampling order.

    Attributes
    ----------
    terms : int32[T]
        The word of each token, -1 for boundaries and rare tokens.
    offsets : int64[R + 1]
        Where each row begins.
    rows : int32[R]
        Which row of the side it is.
    """

    terms: Array
    offsets: Array
    rows: Array

    @classmethod
    def of(cls, side: Side, terms: Array, order: Sampling, scratch: Path) -> OrderedTerms:
        """Copy the words (int32[T]) of a side to the scratch folder, in order."""
        sizes = np.diff(side.row_tokens)[order.by_rank]
        offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
        ordered = Column(scratch, np.int32)

        def copy(part: tuple[int, int]) -> Array:
            first, last = part
            out = np.empty(offsets[last] - offsets[first], np.int32)
            copy_rows(terms, side.row_tokens, order.by_rank[first:last], out)
            release(terms)
            return out

        for chunk in map_in_order(copy, _chunks(offsets, _COPIED)):
            ordered.append(chunk)
        return cls(ordered.finish(), offsets, order.by_rank.astype(np.int32))

    def chunks(self) -> list[tuple[int, int]]:
        """Return ranges of rows of about `CHUNK_TOKENS` tokens (at least one row each)."""
        return _chunks(self.offsets, CHUNK_TOKENS)

    def release(self, first: int, last: int) -> None:
        """Let go of the memory of a range of rows."""
        release(self.terms, int(self.offsets[first]), int(self.offsets[last]))


def _chunks(offsets: Array, tokens: int) -> list[tuple[int, int]]:
    """Return ranges of rows of about so many tokens (at least one row each)."""
    parts = cut_evenly(offsets[1:], max(1, int(offsets[-1]) // tokens))
    return [part for part in parts if part[0] < part[1]]
