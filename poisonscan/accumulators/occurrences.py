"""Occurrences of n-grams, listed and sorted by the part of a table that they belong to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.kernels import ngrams as kernels
from poisonscan.threads import count_workers, map_in_order

Array = npt.NDArray[Any]

#: Longest n-gram that is counted, in tokens. Longer triggers are put together afterwards, from
#: the rows of their parts; five tokens of ordinary words are rare enough to stand out.
MAX_ORDER = 5

#: Tokens whose n-grams one thread lists at a time: 65 MB for n-grams of up to five tokens.
_PIECE = 1 << 19


#: One of so many shares, and how many: all n-grams.
Share = tuple[int, int]
WHOLE: Share = (0, 1)


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows whose n-grams are wanted.

    Attributes
    ----------
    tokens : uint64[T], row_offsets : int64[R + 1]
    share
        Only n-grams whose first token is in it.
    gate : uint8[cells], least : int
        N-grams whose counter is below `least` are left out, and so is what is longer. With 0
        nothing is.
    """

    tokens: Array
    row_offsets: Array
    gate: Array
    share: Share = WHOLE
    least: int = 0

    def list_ngrams(self, piece: tuple[int, int], grams: Array, places: Array, rows: Array) -> int:
        """Write the n-grams that begin in a piece; return how many."""
        count: int = kernels.list_ngrams(
            self.tokens, self.row_offsets, *piece, MAX_ORDER, *self.share, self.gate, self.least,
            grams, places, rows,
        )  # fmt: skip
        return count


@dataclass(frozen=True, slots=True)
class MarkedBatch:
    """Rows of which it is known where the n-grams begin that are wanted.

    Attributes
    ----------
    tokens : uint64[T], row_offsets : int64[R + 1]
    marks : uint8[T]
        See `kernels.mark_ngrams`.
    share
        Only n-grams that are in it themselves, whatever they begin with.
    """

    tokens: Array
    row_offsets: Array
    marks: Array
    share: Share

    def list_ngrams(self, piece: tuple[int, int], grams: Array, places: Array, rows: Array) -> int:
        """Write the n-grams that begin in a piece; return how many."""
        count: int = kernels.list_marked(
            self.tokens, self.row_offsets, *piece, self.marks, *self.share,
            grams, places, rows,
        )  # fmt: skip
        return count


class Occurrences:
    """The n-grams that begin in a piece of a batch; memory is used again for the next piece.

    Attributes
    ----------
    first : int
        The first token of the piece.
    rows : int32[T]
        The row of each token of the piece, counted from the batch's first.
    grams : uint64[N], places : int32[N]
        Hash and first token (counted from the piece's first) of each occurrence: part after part;
        those of one n-gram in the order of the text.
    edges : int64[P + 1]
        Where each part begins. A small table is one part.
    """

    def __init__(self) -> None:
        self._room = 0
        self.first = 0
        self.edges = np.zeros(2, np.int64)

    def fill(self, batch: Batch | MarkedBatch, size: int, piece: tuple[int, int]) -> Occurrences:
        """List the n-grams that begin in a piece, for a table of `size` slots."""
        first, last = piece
        self.first = first
        self._reserve(last - first)
        count = batch.list_ngrams(piece, self._grams, self._places, self.rows)
        if size < kernels.LEAST_PARTED:
            self.grams, self.places = self._grams, self._places
            self.edges = np.array([0, count], np.int64)
            return self
        self.grams, self.places = self._sorted_grams, self._sorted_places
        self.edges = np.empty(kernels.PARTS + 1, np.int64)
        kernels.sort_by_part(
            self._grams, self._places, count, size, self.grams, self.places, self.edges
        )
        return self

    def _reserve(self, tokens: int) -> None:
        if tokens > self._room:
            self._room, room = tokens, tokens * MAX_ORDER
            self.rows = np.empty(tokens, np.int32)
            self._grams, self._sorted_grams = np.empty(room, np.uint64), np.empty(room, np.uint64)
            self._places, self._sorted_places = np.empty(room, np.int32), np.empty(room, np.int32)


class Lister:
    """Lists the n-grams of batches, a few pieces at a time, and has them worked on by part."""

    def __init__(self) -> None:
        self._pieces: list[Occurrences] = []

    def each(self, batch: Batch | MarkedBatch, size: int) -> Iterator[list[Occurrences]]:
        """Yield the occurrences of a batch, one piece for each worker at a time.

        Parameters
        ----------
        size
            Slots of the table that they are meant for.
        """
        tokens, workers = len(batch.tokens), count_workers()
        while len(self._pieces) < workers:
            self._pieces.append(Occurrences())
        pieces = [(start, min(start + _PIECE, tokens)) for start in range(0, tokens, _PIECE)]
        for at in range(0, len(pieces), workers):
            some = zip(self._pieces, pieces[at : at + workers], strict=False)
            yield list(map_in_order(lambda one: one[0].fill(batch, size, one[1]), some))


def work_by_part(
    listed: list[Occurrences], work: Callable[[Occurrences, int, int], int]
) -> list[tuple[Occurrences, int, int]]:
    """Call ``work(occurrences, first, last)`` for the occurrences of each part, in their order.

    No two threads ever work on the same part.

    Returns
    -------
    list of (occurrences, first, last)
        What is left where `work` returned less than `last`: nothing that comes later in the same
        part was worked on.
    """
    parts = np.array_split(np.arange(len(listed[0].edges) - 1), count_workers())

    def work_on(share: Array) -> list[tuple[Occurrences, int, int]]:
        left = []
        for part in share.tolist():
            is_full = False
            for one in listed:
                first, last = int(one.edges[part]), int(one.edges[part + 1])
                reached = first if is_full else work(one, first, last)
                is_full = is_full or reached < last
                if reached < last:
                    left.append((one, reached, last))
        return left

    return [each for left in map_in_order(work_on, parts) for each in left]
