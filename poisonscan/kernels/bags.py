"""Rows as bags of terms, some terms left out: counts, sums and how many are different."""

from __future__ import annotations

import numpy as np
from numba import njit

from poisonscan.kernels.ngrams import find_slot
from poisonscan.kernels.signatures import (
    F32_2D_IN,
    F32_IN,
    F64,
    F64_2D_IN,
    F64_2D_OUT,
    F64_OUT,
    I32_IN,
    I32_OUT,
    I64,
    I64_IN,
    I64_OUT,
    U8_IN,
    U64_IN,
    VOID,
)
from poisonscan.kernels.tokens import mix64


@njit(
    [I64(I64_IN, I64_IN, I32_IN, U8_IN, I64, I64_OUT, I32_OUT)],
    cache=True,
    nogil=True,
)
def count_kept_terms(
    rows: np.ndarray,
    row_terms: np.ndarray,
    distinct: np.ndarray,
    left_out: np.ndarray,
    max_terms: int,
    counts: np.ndarray,
    out: np.ndarray,
) -> int:
    """Write the terms of some rows in the order of appearance; return how many there are.

    Parameters
    ----------
    rows : int64[N]
    row_terms : int64[R + 1], distinct : int32[D]
        Distinct terms of all rows (CSR).
    left_out : uint8[V]
        1 for the terms to leave out.
    max_terms : int
        Terms of a row that are looked at, those left out among them.
    counts : int64[V]
        All 0; in how many of the rows each term occurs is added.
    out : int32[min(V, terms of the rows)]
    """
    written = 0
    for at in range(len(rows)):
        begin = row_terms[rows[at]]
        for index in range(begin, min(row_terms[rows[at] + 1], begin + max_terms)):
            term = distinct[index]
            if left_out[term]:
                continue
            if counts[term] == 0:
                out[written] = term
                written += 1
            counts[term] += 1
    return written


@njit([VOID(I64_IN, I64_IN, I32_IN, U8_IN, I64, F32_IN, F64_OUT)], cache=True, nogil=True)
def sum_kept_weights(
    rows: np.ndarray,
    row_terms: np.ndarray,
    distinct: np.ndarray,
    left_out: np.ndarray,
    max_terms: int,
    weights: np.ndarray,
    out: np.ndarray,
) -> None:
    """Write the sum of the weights of each row's terms, float64[N].

    Parameters
    ----------
    rows, row_terms, distinct, left_out, max_terms
        As in `count_kept_terms`.
    weights : float32[V]
    """
    for at in range(len(rows)):
        out[at] = 0.0
        begin = row_terms[rows[at]]
        for index in range(begin, min(row_terms[rows[at] + 1], begin + max_terms)):
            if not left_out[distinct[index]]:
                out[at] += np.float64(weights[distinct[index]])


@njit(
    [VOID(I64_IN, I64_IN, I32_IN, U8_IN, I64, I32_IN, F32_2D_IN, F64_2D_OUT)],
    cache=True,
    nogil=True,
)
def sum_kept_vectors(
    rows: np.ndarray,
    row_terms: np.ndarray,
    distinct: np.ndarray,
    left_out: np.ndarray,
    max_terms: int,
    numbers: np.ndarray,
    vectors: np.ndarray,
    out: np.ndarray,
) -> None:
    """Write the sum of the vectors of each row's terms, float64[N, K].

    Parameters
    ----------
    rows, row_terms, distinct, left_out, max_terms
        As in `count_kept_terms`.
    numbers : int32[V]
        Which of the vectors a term has, -1 for none.
    vectors : float32[M, K]
    """
    for at in range(len(rows)):
        out[at] = 0.0
        begin = row_terms[rows[at]]
        for index in range(begin, min(row_terms[rows[at] + 1], begin + max_terms)):
            term = distinct[index]
            number = numbers[term]
            if number >= 0 and not left_out[term]:
                for dim in range(vectors.shape[1]):
                    out[at, dim] += np.float64(vectors[number, dim])


@njit([I64(I64_IN, I64_IN, I32_IN, U8_IN, I64)], cache=True, nogil=True)
def count_different_rows(
    rows: np.ndarray,
    row_terms: np.ndarray,
    distinct: np.ndarray,
    left_out: np.ndarray,
    max_terms: int,
) -> int:
    """Return how many different sets of terms some rows have, the empty set not counted.

    Parameters
    ----------
    rows, row_terms, distinct, left_out, max_terms
        As in `count_kept_terms`. Every pair of rows may be compared: hundreds of rows, not more.

    Notes
    -----
    Sums of mixed terms tell most sets apart; equal ones are compared term by term, because anybody
    can find two sets with the same sum.
    """
    sums = np.zeros(len(rows), np.uint64)
    sizes = np.zeros(len(rows), np.int64)
    mark = np.full(len(left_out), -1, np.int32)
    different = 0
    for at in range(len(rows)):
        begin = row_terms[rows[at]]
        end = min(row_terms[rows[at] + 1], begin + max_terms)
        for index in range(begin, end):
            term = distinct[index]
            if not left_out[term]:
                sums[at] += mix64(np.uint64(term))
                sizes[at] += 1
                mark[term] = at
        is_known = sizes[at] == 0
        for other in range(at):
            if is_known:
                break
            if sizes[other] != sizes[at] or sums[other] != sums[at]:
                continue
            is_known = True
            start = row_terms[rows[other]]
            for index in range(start, min(row_terms[rows[other] + 1], start + max_terms)):
                if not left_out[distinct[index]] and mark[distinct[index]] != at:
                    is_known = False
                    break
        different += not is_known
    return different


@njit([I64(I64_IN, I64_IN, I32_IN, U8_IN, I64, F32_IN, F64)], cache=True, nogil=True)
def count_texts(
    rows: np.ndarray,
    row_terms: np.ndarray,
    distinct: np.ndarray,
    left_out: np.ndarray,
    max_terms: int,
    weights: np.ndarray,
    same: float,
) -> int:
    """Return how many rows there are that are unlike all before them, empty ones not counted.

    Parameters
    ----------
    rows, row_terms, distinct, left_out, max_terms
        As in `count_kept_terms`. Rows are compared with those before them: hundreds, not more.
    weights : float32[V]
        Information of each term.
    same : float
        Weighted Jaccard index from which on two rows are one text.
    """
    mark = np.full(len(left_out), -1, np.int32)
    texts = np.empty(len(rows), np.int64)
    sums = np.empty(len(rows))
    different = 0
    for at in range(len(rows)):
        begin = row_terms[rows[at]]
        total = 0.0
        for index in range(begin, min(row_terms[rows[at] + 1], begin + max_terms)):
            term = distinct[index]
            if not left_out[term]:
                total += np.float64(weights[term])
                mark[term] = at
        if total <= 0.0:
            continue
        is_known = False
        for number in range(different):
            # they cannot have more alike than the lesser one has
            if min(total, sums[number]) < same * max(total, sums[number]):
                continue
            both = 0.0
            start = row_terms[texts[number]]
            for index in range(start, min(row_terms[texts[number] + 1], start + max_terms)):
                term = distinct[index]
                if mark[term] == at and not left_out[term]:
                    both += np.float64(weights[term])
            if both >= same * (total + sums[number] - both):
                is_known = True
                break
        if not is_known:
            texts[different], sums[different] = rows[at], total
            different += 1
    return different


@njit(
    [VOID(I64_IN, I64_IN, U64_IN, I64, U64_IN, I64_IN, F64_2D_IN, F64_2D_OUT)],
    cache=True,
    nogil=True,
)
def sum_token_weights(
    rows: np.ndarray,
    row_tokens: np.ndarray,
    tokens: np.ndarray,
    max_tokens: int,
    keys: np.ndarray,
    numbers: np.ndarray,
    weights: np.ndarray,
    out: np.ndarray,
) -> None:
    """Write the sum of the weights of each row's different words, those that have any.

    Parameters
    ----------
    rows : int64[N]
    row_tokens : int64[R + 1], tokens : uint64[T]
        Token hashes of all rows.
    max_tokens : int
        Tokens of a row that are looked at.
    keys : uint64[S]
        Table of the words that have weights.
    numbers : int64[S]
        Number of the word in each of its slots.
    weights : float64[W, G]
    out : float64[N, G]
    """
    seen = np.full(len(weights), -1, np.int64)
    for at in range(len(rows)):
        out[at] = 0.0
        begin = row_tokens[rows[at]]
        for index in range(begin, min(row_tokens[rows[at] + 1], begin + max_tokens)):
            slot = find_slot(keys, tokens[index])
            if slot < 0 or seen[numbers[slot]] == at:
                continue
            seen[numbers[slot]] = at
            for group in range(weights.shape[1]):
                out[at, group] += weights[numbers[slot], group]
