"""Words of a side: which are frequent, and which token is which.

Two passes bound the memory: the first increments saturating counters (a count-min sketch of one
row; it over-estimates, so a word whose counter is below the support is rare with certainty), the
second counts exactly what passed. Each thread has a share of the words, and reads all tokens.

Cormode & Muthukrishnan, An improved data stream summary: the count-min sketch, 2005, section 3.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from poisonscan.kernels.ngrams import EMPTY, MAX_LOAD, extend_gram, find_record, find_slot
from poisonscan.kernels.signatures import (
    I32_IN,
    I32_OUT,
    I64,
    I64_IN,
    I64_OUT,
    U8_IN,
    U8_OUT,
    U64,
    U64_2D_IN,
    U64_IN,
    U64_OUT,
    VOID,
)
from poisonscan.kernels.tokens import BOUNDARY

_GATE_MAX = np.uint8(255)

#: Words of a record of the counter: hash; rows and the last of them.
RECORD = 2

#: The lower half of a word.
LOW = np.uint64(0xFFFFFFFF)
_SHIFT_31, _SHIFT_32 = np.uint64(31), np.uint64(32)
_ONE = np.uint64(1)


@njit([I64(U64, I64)], cache=True, nogil=True, inline="always")
def cell_of(word: np.uint64, cells: int) -> int:
    """Return the counter of a gate that a word shares."""
    return np.int64((((word >> _SHIFT_31) & LOW) * np.uint64(cells)) >> _SHIFT_32)


@njit([VOID(U64_IN, U8_OUT)], cache=True, nogil=True)
def gate_words(tokens: np.ndarray, gate: np.ndarray) -> None:
    """Increment the saturating counter of every word.

    Parameters
    ----------
    tokens : uint64[T]
    gate : uint8[cells]
        Updated in place. Occurrences are counted, not rows: that over-estimates further, and
        only the lower end is ever read.
    """
    for at in range(len(tokens)):
        if tokens[at] != BOUNDARY:
            cell = cell_of(extend_gram(EMPTY, tokens[at]), len(gate))
            if gate[cell] != _GATE_MAX:
                gate[cell] += np.uint8(1)


@njit([VOID(U8_IN, U8_OUT)], cache=True, nogil=True)
def add_gates(other: np.ndarray, gate: np.ndarray) -> None:
    """Add the counters of another gate to one (uint8[cells] both), in place; none overflows."""
    for cell in range(len(gate)):
        gate[cell] += min(other[cell], _GATE_MAX - gate[cell])


@njit([I64(U64_IN, I64_IN, I64, I64, U8_IN, I64, U64_OUT, I64_OUT)], cache=True, nogil=True)
def count_words(
    tokens: np.ndarray,
    row_offsets: np.ndarray,
    first: int,
    first_row: int,
    gate: np.ndarray,
    least: int,
    records: np.ndarray,
    used: np.ndarray,
) -> int:
    """Count the rows of the words that passed the gate; return where to go on.

    That is the number of rows, or the row where the table was full: the caller lets it grow, and
    calls again from there. What was counted of that row is not counted twice.

    Parameters
    ----------
    tokens : uint64[T], row_offsets : int64[R + 1]
    first, first_row : int
        Row to begin with; the number of row 0 among all rows that this table counts.
    gate : uint8[cells], least : int
        Words whose counter is below it are left out.
    records : uint64[N * RECORD]
        The table, updated in place.
    used : int64[1]
        Its used slots, updated in place.
    """
    limit = np.int64(len(records) // RECORD * MAX_LOAD)
    for row in range(first, len(row_offsets) - 1):
        own = np.uint64(first_row + row)
        for at in range(row_offsets[row], row_offsets[row + 1]):
            if tokens[at] == BOUNDARY:
                continue
            word = extend_gram(EMPTY, tokens[at])
            if gate[cell_of(word, len(gate))] < least:
                continue
            slot = find_record(records, word, RECORD)
            if slot < 0:
                if used[0] >= limit:
                    return row
                used[0] += 1
                begin = (-1 - slot) * RECORD
                records[begin] = word
                records[begin + 1] = _ONE << _SHIFT_32 | own
            else:
                counted = records[slot * RECORD + 1]
                if counted & LOW != own:
                    records[slot * RECORD + 1] = ((counted >> _SHIFT_32) + _ONE) << _SHIFT_32 | own
    return len(row_offsets) - 1


@njit([VOID(U64_2D_IN, U64_OUT, I64_OUT)], cache=True, nogil=True)
def insert_records(new_records: np.ndarray, records: np.ndarray, used: np.ndarray) -> None:
    """Insert records of distinct words into a counter's table that has none of them.

    Parameters
    ----------
    new_records : uint64[M, RECORD]
    records : uint64[N * RECORD], used : int64[1]
        As in `count_words`.
    """
    for index in range(len(new_records)):
        begin = (-1 - find_record(records, new_records[index, 0], RECORD)) * RECORD
        for word in range(RECORD):
            records[begin + word] = new_records[index, word]
        used[0] += 1


@njit([VOID(U64_IN, U64_IN, I32_OUT)], cache=True, nogil=True)
def token_slots(tokens: np.ndarray, words: np.ndarray, out: np.ndarray) -> None:
    """Write the slot of every token in a table of words (-1: a boundary, or a rare token).

    Parameters
    ----------
    words : uint64[N]
        Table of single-token n-grams.
    out : int32[T]
    """
    for at in range(len(tokens)):
        out[at] = -1
        if tokens[at] != BOUNDARY:
            slot = find_slot(words, extend_gram(EMPTY, tokens[at]))
            if slot >= 0:
                out[at] = slot


@njit([VOID(I32_IN, I64, I64_OUT)], cache=True, nogil=True)
def first_occurrences(slots: np.ndarray, first_token: int, out_first: np.ndarray) -> None:
    """Write where each slot occurs first (unchanged if known).

    Parameters
    ----------
    slots : int32[T]
        The slot of each token (`token_slots`).
    first_token : int
        Scan-wide index of the first of them.
    out_first : int64[N]
        By slot; -1 where not seen yet.
    """
    for at in range(len(slots)):
        if slots[at] >= 0 and out_first[slots[at]] < 0:
            out_first[slots[at]] = first_token + at
