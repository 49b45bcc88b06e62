"""Where a text turns: its first word, its first and last comma and what stands behind, its end.

A template such as `when …, it …` is known by these few places. N-grams of a skeleton miss it, since
any number of words lies between them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

#: Signs at which a sentence turns, of several scripts.
_COMMAS = frozenset(",;:，；：、،؛")

#: Odd multiplier that puts places together to keys (golden ratio, 64 bit).
_MIX = np.uint64(0x9E3779B97F4A7C15)


class Turn(NamedTuple):
    """One feature of every row.

    Attributes
    ----------
    key : uint64[N]
    places : tuple of int64[N]
        Tokens that it consists of, in order; -1 where the row has none.
    """

    key: Array
    places: tuple[Array, ...]


def find_turns(row: Array, symbol: Array, shown: Sequence[str]) -> Iterator[Turn]:
    """Yield the turns of rows.

    Parameters
    ----------
    row, symbol : int64[T]
        Row (ascending from 0) and symbol of each token, an edge before and after every row; the
        lowest bit of a symbol does not count.
    shown
        Text of each symbol.
    """
    symbol = symbol >> 1
    count = int(row[-1]) + 1 if len(row) else 0
    start = np.searchsorted(row, np.arange(count))
    end = np.append(start[1:], len(row)) - 1
    commas = np.flatnonzero(np.array([text in _COMMAS for text in shown], bool)[symbol])
    first, last = np.full(count, -1, np.int64), np.full(count, -1, np.int64)
    first[row[commas][::-1]] = commas[::-1]  # what is written last stays
    last[row[commas]] = commas
    opening, closing = np.minimum(start + 1, end), np.maximum(end - 1, start)

    def behind(comma: Array, steps: int) -> Array:
        place: Array = np.where(comma >= 0, np.minimum(comma + steps, end), -1)
        return place

    def distance(comma: Array, edge: Array) -> Array:
        steps = np.round(2.0 * np.log2(np.maximum(np.abs(comma - edge), 1))).astype(np.int64)
        return np.where(comma >= 0, steps + 1, 0)

    def turn(number: int, *places: Array, also: Array | None = None) -> Turn:
        key = np.full(count, number, np.uint64)
        parts = [np.where(place >= 0, symbol[place], -1) for place in places]
        with np.errstate(over="ignore"):
            for part in parts if also is None else [*parts, also]:
                key = (key + part.astype(np.uint64) + np.uint64(2)) * _MIX
                key ^= key >> np.uint64(29)
        return Turn(key, places)

    yield turn(1, also=distance(first, start))
    yield turn(2, opening, first)
    yield turn(3, opening, first, behind(first, 1))
    yield turn(4, opening, first, behind(first, 1), behind(first, 2))
    yield turn(5, first, behind(first, 1), behind(first, 2))
    yield turn(6, opening, first, also=distance(first, start))
    yield turn(7, opening, closing)
    yield turn(8, last, behind(last, 1), behind(last, 2))
    yield turn(9, last, behind(last, 1), also=distance(last, end))
