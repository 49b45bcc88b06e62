"""Where threads count n-grams: rooms that are used again for part after part.

Memory that was never used before is dear: what is counted and forgotten would take as long to get
as to fill.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from queue import LifoQueue
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.accumulators.ngrams import MAX_ORDER
from poisonscan.candidates.starts import Listed
from poisonscan.candidates.strings import CLOSED_SHARE, MAX_SHARE, Kept, Strings
from poisonscan.kernels.starts import FIELDS, count_ngrams
from poisonscan.threads import count_workers, map_as_done

Array = npt.NDArray[Any]

#: Rows of closed n-grams that a room has place for, for each place and at most. Where there are
#: more, all is counted again with twice the room: place that is not written to costs nothing. At
#: most because a text that is one pair of words over and over has many places and few n-grams.
_POSTINGS_EACH, _POSTINGS = 2, 1 << 24


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of n-grams.

    Attributes
    ----------
    hashes : uint64[V]
        Token hash of each word.
    rows : int32[R]
        Row at each place of the sampling order.
    support
        Rows that an n-gram needs.
    kept
        What is kept of those that are closed.
    """

    hashes: Array
    rows: Array
    support: int
    kept: Kept


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted in some parts.

    Attributes
    ----------
    grams : uint64[N], rows : int32[N]
        Hash of each n-gram, and rows that have it.
    strings
        Those of them that are closed.
    beside : int32[V]
        Rows of the most frequent pair that each word is part of, here or in parts before.
    """

    grams: Array
    rows: Array
    strings: Strings
    beside: Array


class Rooms:
    """Rooms for all threads.

    Parameters
    ----------
    make
        Returns an int32 array of a shape, in memory or on disk.
    """

    def __init__(self, wanted: Wanted, make: Callable[[tuple[int, ...]], Array]) -> None:
        # `map_as_done` has one result more under way than there are threads. The last one that was
        # used goes first: where fewer are needed, the others stay empty.
        self._free: LifoQueue[_Room] = LifoQueue()
        for _ in range(count_workers() + 1):
            self._free.put(_Room(wanted, make))

    def count(self, listed: Listed) -> Iterator[Counted]:
        """Yield the n-grams of two and more words, some parts at a time.

        What is yielded is overwritten when the next is asked for.
        """

        def count(edges: Array) -> tuple[_Room, Counted]:
            room = self._free.get()
            return room, room.count(listed, edges)

        for room, counted in map_as_done(count, listed.pieces()):
            yield counted
            self._free.put(room)


class _Room:
    """Where one thread counts; it grows to what the largest of its parts take."""

    def __init__(self, wanted: Wanted, make: Callable[[tuple[int, ...]], Array]) -> None:
        self._wanted, self._make = wanted, make
        words = len(wanted.hashes)
        self._known, self._seen = np.zeros((words, FIELDS), np.int32), np.empty(words, np.int32)
        self._beside = np.zeros(words, np.int32)
        self._places, self._groups = make((2, 0)), _make_groups(0)
        self._most, self._found = 0, _make_found(0)
        self._having = tuple(make((0,)) for _ in range(4))

    def count(self, listed: Listed, edges: Array) -> Counted:
        """Return the n-grams of some parts."""
        places = int(edges[-1] - edges[0])
        self._fit(places, int(np.diff(edges).max()))
        found = self._count(listed, edges)
        while found < 0:
            self._fit_postings(2 * len(self._having[0]))
            found = self._count(listed, edges)
        grams, rows, orders, sizes, sets = self._found
        closed = np.flatnonzero(sizes[:found])
        kept = sizes[closed]
        having = (column[: kept.sum(dtype=np.int64)] for column in self._having)
        strings = Strings(grams[closed], rows[closed], orders[closed], sets[closed], kept, *having)
        return Counted(grams[:found], rows[:found], strings, self._beside)

    def _count(self, listed: Listed, edges: Array) -> int:
        wanted, (grams, rows, orders, sizes, sets) = self._wanted, self._found
        having, tokens, lefts, rights = self._having
        return count_ngrams(
            listed.starts, listed.tokens, edges, wanted.support,
            wanted.hashes, self._places, *self._groups, self._known, self._seen, CLOSED_SHARE,
            int(MAX_SHARE * len(wanted.rows)), wanted.rows, wanted.kept.rows,
            grams, rows, orders, sizes, sets, having, tokens, lefts, rights, self._beside,
        )  # fmt: skip

    def _fit(self, places: int, most: int) -> None:
        """Have room for parts with so many places together, and for the largest of them."""
        if most > self._places.shape[1]:
            self._places = self._make((2, most))
            self._groups = _make_groups(most // self._wanted.support + 2)
        if places > self._most:
            self._most = places
            self._found = _make_found((MAX_ORDER - 1) * (places // self._wanted.support))
            if self._wanted.kept.rows:
                self._fit_postings(min(_POSTINGS_EACH * places, _POSTINGS))

    def _fit_postings(self, size: int) -> None:
        """Have room for so many rows of closed n-grams."""
        if size <= len(self._having[0]):
            return
        neighbours = size if self._wanted.kept.neighbours else 0
        self._having = tuple(self._make((each,)) for each in (size, size, neighbours, neighbours))


def _make_groups(count: int) -> tuple[Array, Array, Array, Array]:
    """Return edges, n-grams, rows and largest parts of so many groups (`refine`)."""
    return (
        np.empty((2, count), np.int64),
        np.empty((2, count), np.uint64),
        np.empty((2, count), np.int32),
        np.empty(count, np.int32),
    )


def _make_found(count: int) -> tuple[Array, ...]:
    """Return hashes, rows, orders, sizes and sets of so many n-grams (`count_ngrams`)."""
    types = np.uint64, np.int32, np.uint8, np.int32, np.uint64
    return tuple(np.empty(count, dtype) for dtype in types)
