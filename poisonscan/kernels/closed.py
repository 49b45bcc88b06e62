"""Closed n-grams: their rows in order, and which one stands for those with the same rows."""

from __future__ import annotations

import numpy as np
from numba import njit

from poisonscan.kernels.beside import NOTHING, named
from poisonscan.kernels.ngrams import EMPTY, extend_gram, find_record
from poisonscan.kernels.signatures import (
    F64_IN,
    F64_OUT,
    I32_IN,
    I32_OUT,
    I64,
    I64_IN,
    I64_OUT,
    U64_IN,
    VOID,
)

#: Words of a record of an n-gram and its number.
PAIR = 2


@njit(
    [
        VOID(
            I32_IN, U64_IN, I64_IN, I64, U64_IN, I64_IN, I64_IN, I64_IN, I32_IN,
            I64_OUT, I32_OUT, I32_OUT, I32_OUT,
        )
    ],
    cache=True,
    nogil=True,
)  # fmt: skip
def choose_owners(
    terms: np.ndarray,
    hashes: np.ndarray,
    row_offsets: np.ndarray,
    max_order: int,
    records: np.ndarray,
    groups: np.ndarray,
    starts: np.ndarray,
    ends: np.ndarray,
    rows: np.ndarray,
    out_order: np.ndarray,
    out_token: np.ndarray,
    out_left: np.ndarray,
    out_right: np.ndarray,
) -> None:
    """Let the n-gram that stands first in the first row stand for each of some groups.

    Parameters
    ----------
    terms : int32[T], hashes : uint64[V], row_offsets : int64[R + 1]
        Word of each token of all rows (-1 for none), token hash of each word.
    records : uint64[M * PAIR]
        Table of the n-grams of these groups, each with the number of its group. Those of a group
        stand in the same rows.
    groups : int64[S]
    starts, ends : int64[G], rows : int32[P]
        Rows of all groups, and where those of each begin and end.
    out_order : int64[G], out_token : int32[P]
        Written for these groups: length of the n-gram, and where it stands first in each row.
    out_left, out_right : int32[P] or int32[0]
        Written for these groups, where there is room: the words before and behind it (`named`).
    """
    for index in range(len(groups)):
        group = groups[index]
        chosen = EMPTY
        for place in range(starts[group], ends[group]):
            begin, end = row_offsets[rows[place]], row_offsets[rows[place] + 1]
            is_found, rare = False, 0
            for start in range(begin, end):
                rare += int(terms[start] < 0)
                gram = EMPTY
                for at in range(start, min(start + max_order, end)):
                    if terms[at] < 0:
                        break
                    gram = extend_gram(gram, hashes[terms[at]])
                    if chosen == EMPTY:
                        slot = find_record(records, gram, PAIR)
                        if slot >= 0 and np.int64(records[slot * PAIR + 1]) == group:
                            chosen = gram
                            out_order[group] = at + 1 - start
                    if gram == chosen:
                        out_token[place] = start - begin
                        is_found = True
                        if len(out_left) == 0:
                            break
                        out_left[place], out_right[place] = NOTHING, NOTHING
                        if start > begin:
                            out_left[place] = named(terms[start - 1], rare - 1)
                        if at + 1 < end:
                            out_right[place] = named(terms[at + 1], rare)
                        break
                if is_found:
                    break


@njit([VOID(I64_IN, I64_IN, I32_IN, F64_IN, F64_OUT)], cache=True, nogil=True)
def sum_over_rows(
    starts: np.ndarray, ends: np.ndarray, rows: np.ndarray, values: np.ndarray, out: np.ndarray
) -> None:
    """Write the sum of a value over the rows of each group.

    Parameters
    ----------
    starts, ends : int64[G]
        Where the rows of each group begin and end in `rows` (int32[P]).
    values : float64[R]
    out : float64[G]
    """
    for group in range(len(starts)):
        total = 0.0
        for at in range(starts[group], ends[group]):
            total += values[rows[at]]
        out[group] = total
