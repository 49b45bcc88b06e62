"""The places where n-grams of two and more words begin, sorted by these words part by part.

Sorting is what counts n-grams and finds their rows; see `kernels/starts.py`. Parts are listed in
passes over all rows, so that memory stays bounded.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.accumulators.ngrams import MAX_ORDER
from poisonscan.candidates.ordered import OrderedTerms
from poisonscan.kernels.starts import RARE, WORDS, count_starts, list_starts, mark_starts
from poisonscan.memory import count_parts
from poisonscan.spool import map_zeros, release
from poisonscan.threads import count_workers, cut_evenly, work_on_each

Array = npt.NDArray[Any]

#: Told of the tokens that were looked at.
Done = Callable[[int], object]

#: Places of a part: what is looked up for them is 2 MB, about the processor's own cache.
_PART = 1 << 16

#: Unit of the places that are listed in passes (`count_parts`), 36 bytes each.
PASS = 1 << 19

#: Ranges of rows that are listed apart, at most: for each of them the places of each part are
#: counted, and both would grow with the data.
_CHUNKS = 64

#: Bytes of a line of the cache.
_LINE = 64

#: Bytes above which a list is kept on the disk: a text of few different words is all one part.
_OWN_BYTES = 1 << 29


def count_passes(tokens: int) -> int:
    """Return in how many passes the places of a side of so many tokens are listed."""
    return min(RARE, count_parts(tokens, PASS))


@dataclass(frozen=True)
class Starts:
    """Where n-grams begin on one side.

    Attributes
    ----------
    ordered
        The word of each token.
    hashes : uint64[V]
        Token hash of each word.
    scratch
        Folder for what does not fit into memory.
    passes
        In how many passes to list them.
    """

    ordered: OrderedTerms
    hashes: Array
    scratch: Path
    passes: int

    @cached_property
    def _chunks(self) -> list[tuple[int, int]]:
        """First and last row of what is listed at a time."""
        chunks = self.ordered.chunks()
        several = -(-len(chunks) // _CHUNKS)
        return [
            (chunks[at][0], chunks[min(at + several, len(chunks)) - 1][1])
            for at in range(0, len(chunks), several or 1)
        ]

    @property
    def _words(self) -> tuple[Array, Array]:
        return self.ordered.terms, self.ordered.offsets

    @cached_property
    def _key(self) -> np.uint64:
        """A secret odd number: token hashes are."""
        return np.uint64(np.bitwise_xor.reduce(self.hashes, initial=np.uint64(0)) | np.uint64(1))

    @cached_property
    def _parts(self) -> int:
        return max(self.passes, len(self.ordered.terms) // _PART)

    @cached_property
    def _counts(self) -> Array:
        """Places of each part in each chunk, int32[C, P]."""
        counts = np.zeros((len(self._chunks), self._parts), np.int32)

        def count(chunk: tuple[int, tuple[int, int]]) -> None:
            number, (start, end) = chunk
            count_starts(*self._words, start, end, self._key, counts[number])
            self.ordered.release(start, end)

        work_on_each(count, enumerate(self._chunks))
        return counts

    @cached_property
    def _edges(self) -> Array:
        """How many places there are before each part, int64[P + 1]."""
        return np.concatenate([[0], np.cumsum(self._counts.sum(axis=0, dtype=np.int64))])

    def each_pass(self, done: Done = lambda _: None) -> Iterator[Listed]:
        """Yield what is listed, one pass after the other.

        Parameters
        ----------
        done
            Told of the tokens that were looked at.
        """
        ranges = cut_evenly(self._edges[1:], self.passes)
        most = max(int(self._edges[last] - self._edges[first]) for first, last in ranges)
        rooms = self.room((most, WORDS + MAX_ORDER + 1)), self.room((most,))
        marks = self._mark(ranges)
        done(len(self.ordered.terms))  # to count and to mark them
        for number, (first, last) in enumerate(ranges):
            yield self._list(marks, number, first, last, rooms)
            done(len(self.ordered.terms))

    def _mark(self, ranges: list[tuple[int, int]]) -> Array:
        """Return in which pass each place is listed (the parts of each pass are given), uint8[T].

        A pass need not find out of each place where it belongs, and reads a quarter of the bytes.
        """
        sizes = [last - first for first, last in ranges]
        pass_of = np.repeat(np.arange(len(ranges), dtype=np.uint8), sizes)
        marks = map_zeros(self.scratch, (len(self.ordered.terms),), np.uint8)

        def mark(chunk: tuple[int, int]) -> None:
            mark_starts(*self._words, *chunk, self._key, pass_of, marks)
            self._let_go(marks, *chunk)

        work_on_each(mark, self._chunks)
        return marks

    def _list(
        self, marks: Array, own: int, first: int, last: int, rooms: tuple[Array, ...]
    ) -> Listed:
        """List the parts of a pass in rooms that are used again for each."""
        edges = self._edges[first : last + 1] - self._edges[first]
        size = int(edges[-1])
        starts, tokens = (room[:size] for room in rooms)
        counts = self._counts[:, first:last]
        free = edges[:-1] + np.cumsum(counts, axis=0, dtype=np.int64) - counts

        def write(chunk: tuple[int, tuple[int, int]]) -> None:
            number, (start, end) = chunk
            list_starts(
                *self._words, marks, own, start, end, self._key, self._parts, first, free[number],
                starts, tokens,
            )  # fmt: skip
            self._let_go(marks, start, end)

        if size:
            work_on_each(write, enumerate(self._chunks))
        return Listed(starts, tokens, edges)

    def _let_go(self, marks: Array, start: int, end: int) -> None:
        self.ordered.release(start, end)
        release(marks, int(self.ordered.offsets[start]), int(self.ordered.offsets[end]))

    def room(self, shape: tuple[int, ...]) -> Array:
        """Return an int32 array to work in, on disk where it is large.

        It begins with a line of the cache: two places fit into one, and none is in two.
        """
        size = math.prod(shape)
        if 4 * size > _OWN_BYTES:
            return map_zeros(self.scratch, shape, np.int32)
        room: Array = np.empty(size + _LINE // 4, np.int32)
        first = -room.ctypes.data % _LINE // 4
        return room[first : first + size].reshape(shape)


@dataclass(frozen=True, slots=True)
class Listed:
    """The places of some parts, those of a part in the order of the rows and of the text.

    Attributes
    ----------
    starts : int32[S, WORDS + MAX_ORDER + 1], tokens : int32[S]
        See `list_starts`.
    edges : int64[P + 1]
        Where each part begins.
    """

    starts: Array
    tokens: Array
    edges: Array

    def pieces(self) -> Iterator[Array]:
        """Yield the edges of a few ranges of parts for each thread, the largest first.

        All are about as large, but one with a part that has many places.
        """
        ranges = cut_evenly(self.edges[1:], 4 * count_workers())
        pieces = (self.edges[first : last + 1] for first, last in ranges if first < last)
        yield from sorted(pieces, key=lambda edges: int(edges[0] - edges[-1]))
