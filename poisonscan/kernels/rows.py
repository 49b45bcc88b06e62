"""Whole rows: content digests, distinct terms."""

from __future__ import annotations

import numpy as np
from numba import njit

from poisonscan.kernels.signatures import (
    F32_2D_IN,
    F64_2D_OUT,
    I32_IN,
    I32_OUT,
    I64,
    I64_IN,
    I64_OUT,
    U8_IN,
    U64,
    U64_IN,
    U64_OUT,
    VOID,
)
from poisonscan.kernels.tokens import FNV_PRIME, mix64

_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio
_SEGMENT_END = np.uint64(0x100)  # no byte has this value: ["ab"] and ["a", "b"] differ


@njit([I64(U8_IN, I64_IN, I64_IN, U64, U64_OUT)], cache=True, nogil=True)
def digest_rows(
    data: np.ndarray,
    segment_offsets: np.ndarray,
    row_offsets: np.ndarray,
    key: np.uint64,
    out: np.ndarray,
) -> int:
    """Write a 64-bit digest of every row's segments (FNV-1a, mixed); return the number of rows.

    Parameters
    ----------
    data : uint8[B]
    segment_offsets : int64[S + 1]
    row_offsets : int64[R + 1]
    key : uint64
        Start value; a digest depends on it and on the row's own bytes alone.
    out : uint64[R]
    """
    for row in range(len(row_offsets) - 1):
        value = key
        for segment in range(row_offsets[row], row_offsets[row + 1]):
            for at in range(segment_offsets[segment], segment_offsets[segment + 1]):
                value = (value ^ np.uint64(data[at])) * FNV_PRIME
            value = (value ^ _SEGMENT_END) * FNV_PRIME
        out[row] = mix64(value)
    return len(row_offsets) - 1


@njit([VOID(U64_IN, U64_OUT)], cache=True, nogil=True)
def fold_each(values: np.ndarray, digests: np.ndarray) -> None:
    """Make each digest depend on one more value, in place (both of length N)."""
    for index in range(len(digests)):
        digests[index] = mix64(digests[index] * _SPREAD + values[index])


@njit([I64(I32_IN, I64_IN, I64, I64_OUT, I32_OUT)], cache=True, nogil=True)
def distinct_terms(
    terms: np.ndarray,
    row_offsets: np.ndarray,
    vocabulary_size: int,
    out_offsets: np.ndarray,
    out_terms: np.ndarray,
) -> int:
    """Write each row's distinct terms in the order of appearance; return how many in all.

    Parameters
    ----------
    terms : int32[T]
        Vocabulary indices, -1 where a token is in no vocabulary.
    out_offsets : int64[R + 1]
    out_terms : int32[T]
        Only the first ``out_offsets[R]`` entries are written.
    """
    seen = np.full(vocabulary_size, -1, np.int64)
    written = 0
    out_offsets[0] = 0
    for row in range(len(row_offsets) - 1):
        for at in range(row_offsets[row], row_offsets[row + 1]):
            term = terms[at]
            if term >= 0 and seen[term] != row:
                seen[term] = row
                out_terms[written] = term
                written += 1
        out_offsets[row + 1] = written
    return written


@njit([U64(I64)], cache=True, nogil=True, inline="always")
def number_of_row(row: int) -> np.uint64:
    """Return a random number, never 0: sums of them tell sets of rows apart."""
    return mix64(np.uint64(row + 1))


@njit([VOID(I64_IN, I32_IN, U64_OUT)], cache=True, nogil=True)
def number_sets(edges: np.ndarray, rows: np.ndarray, out: np.ndarray) -> None:
    """Write a random number for each of some sets of rows: the same for the same rows.

    Parameters
    ----------
    edges : int64[G + 1], rows : int32[P]
        Where the rows of each begin.
    out : uint64[G]
    """
    for group in range(len(out)):
        number = np.uint64(0)
        for at in range(edges[group], edges[group + 1]):
            number += number_of_row(rows[at])
        out[group] = number


@njit([I64(I32_IN, I32_IN, I32_OUT)], cache=True, nogil=True)
def intersect(one: np.ndarray, other: np.ndarray, out: np.ndarray) -> int:
    """Write the values that both of two ascending lists have; return how many.

    Parameters
    ----------
    one : int32[N], other : int32[M]
        No value twice.
    out : int32[min(N, M)]
    """
    at, beside, found = 0, 0, 0
    while at < len(one) and beside < len(other):
        value, second = one[at], other[beside]
        if value == second:
            out[found] = value
            found += 1
        at += int(value <= second)
        beside += int(second <= value)
    return found


@njit([VOID(I32_IN, I64_IN, I64_IN, I32_OUT)], cache=True, nogil=True)
def copy_rows(values: np.ndarray, offsets: np.ndarray, rows: np.ndarray, out: np.ndarray) -> None:
    """Write the values of some rows, one row after the other.

    Parameters
    ----------
    values : int32[T], offsets : int64[R + 1]
        Of all rows (CSR).
    rows : int64[N]
    out : int32[sum of their sizes]
    """
    filled = 0
    for row in rows:
        for at in range(offsets[row], offsets[row + 1]):
            out[filled] = values[at]
            filled += 1


@njit([VOID(I64_IN, I64_IN, I32_IN, I64_OUT)], cache=True, nogil=True)
def count_terms(
    rows: np.ndarray, row_terms: np.ndarray, distinct: np.ndarray, out: np.ndarray
) -> None:
    """Add to `out` (int64[V]) in how many of these rows each term occurs.

    Parameters
    ----------
    rows : int64[N]
    row_terms : int64[R + 1], distinct : int32[D]
        Distinct terms of all rows (CSR).
    """
    for at in range(len(rows)):
        for index in range(row_terms[rows[at]], row_terms[rows[at] + 1]):
            out[distinct[index]] += 1


@njit([VOID(I64_IN, I32_IN, I64, I64, I64, I64_OUT, I32_OUT)], cache=True, nogil=True)
def rows_of_terms(
    row_terms: np.ndarray,
    distinct: np.ndarray,
    first_row: int,
    last_row: int,
    first_term: int,
    free: np.ndarray,
    out: np.ndarray,
) -> None:
    """Write the rows of a range of terms, term after term, ascending.

    Called for one range of rows after the other.

    Parameters
    ----------
    row_terms : int64[R + 1], distinct : int32[D]
        Distinct terms of all rows (CSR).
    first_row, last_row : int
        The range of rows.
    first_term : int
        The first of ``len(free)`` terms.
    free : int64[N]
        Where the rows of each term go in `out`; moved on in place.
    out : int32[P]
    """
    for row in range(first_row, last_row):
        for index in range(row_terms[row], row_terms[row + 1]):
            term = distinct[index] - first_term
            if 0 <= term < len(free):
                out[free[term]] = row
                free[term] += 1


@njit(
    [VOID(I64_IN, I64_IN, I32_IN, U8_IN, I64_IN, F32_2D_IN, F32_2D_IN, F64_2D_OUT)],
    cache=True,
    nogil=True,
)
def logits_without(
    rows: np.ndarray,
    row_terms: np.ndarray,
    distinct: np.ndarray,
    left_out: np.ndarray,
    first_weight: np.ndarray,
    weights: np.ndarray,
    logits: np.ndarray,
    out: np.ndarray,
) -> None:
    """Write the logits of rows as if some terms were not there.

    Parameters
    ----------
    rows : int64[N]
    row_terms : int64[R + 1], distinct : int32[D]
        Distinct terms of all rows (CSR).
    left_out : uint8[V]
        1 for the terms to leave out.
    first_weight : int64[R]
        Row of `weights` where the model of each row begins (its fold times V).
    weights : float32[FOLDS * V, K], logits : float32[R, K]
    out : float64[N, K]
    """
    for at in range(len(rows)):
        row = rows[at]
        for label in range(logits.shape[1]):
            out[at, label] = logits[row, label]
        for index in range(row_terms[row], row_terms[row + 1]):
            term = distinct[index]
            if left_out[term]:
                for label in range(logits.shape[1]):
                    out[at, label] -= weights[first_weight[row] + term, label]
