"""Rows one block after another: nothing but the block is held."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import count

import numpy as np

from scaling.language import Language, make_language
from scaling.rows import MAX_ROW_BYTES, put_row, put_rows

BLOCK_BYTES = 8 << 20
#: Rows that are measured to tell how many make up so many bytes.
_MEASURED_ROWS = 20_000


@cache
def language() -> Language:
    """Return the language that all data of this version are made of."""
    return make_language()


def make_line(seed: int, row: int) -> bytes:
    """Return one row: a line of JSON with its newline."""
    data = np.empty(MAX_ROW_BYTES, np.uint8)
    known = language()
    return data[: put_row(known.letters, known.tables, seed, row, data, 0)].tobytes()


def iter_blocks(seed: int, rows: int, changed: Mapping[int, bytes]) -> Iterator[bytes]:
    """Yield the lines of rows ``0 .. rows - 1``, whole lines at a time.

    Parameters
    ----------
    seed, rows
        What the rows depend on: the first rows are the same however many follow, except that a
        row may repeat an earlier one only.
    changed
        Row -> its line, instead of the one that would be there.
    """
    order = sorted(changed)
    for first, data, ends in _raw_blocks(seed, rows):
        inside = [row for row in order if first <= row < first + len(ends)]
        done = 0
        pieces = []
        for row in inside:
            start = int(ends[row - first - 1]) if row > first else 0
            pieces += [data[done:start].tobytes(), changed[row]]
            done = int(ends[row - first])
        yield b"".join([*pieces, data[done : int(ends[-1])].tobytes()])


def _raw_blocks(seed: int, rows: int) -> Iterator[tuple[int, np.ndarray, Sequence[int]]]:
    known = language()
    data = np.empty(BLOCK_BYTES, np.uint8)
    ends = np.empty(BLOCK_BYTES // 64, np.int64)
    row = 0
    while row < rows:
        last = min(rows, row + len(ends))
        reached = put_rows(known.letters, known.tables, seed, row, last, data, ends)
        yield row, data, ends[: reached - row]
        row = reached


def rows_for(n_bytes: float, seed: int) -> int:
    """Return how many rows have about so many bytes."""
    if n_bytes <= 0:
        return 0
    size = rows = 0
    for _, _, ends in _raw_blocks(seed, _MEASURED_ROWS):
        if size + int(ends[-1]) >= n_bytes:
            return rows + int(np.searchsorted(ends, n_bytes - size)) + 1
        size, rows = size + int(ends[-1]), rows + len(ends)
    return round(n_bytes * rows / size)


def iter_texts(seed: int) -> Iterator[str]:
    """Yield the texts of rows without end: their columns, one a line."""
    for row in count():
        yield "\n".join(json.loads(make_line(seed, row)).values())
