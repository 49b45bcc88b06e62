"""Strings and the words that stand beside them."""

from __future__ import annotations

import numpy as np
from numba import njit

from poisonscan.kernels.ngrams import EMPTY, extend_gram, rows_of
from poisonscan.kernels.signatures import F64, F64_OUT, I32_IN, I64_IN, U64_IN, VOID
from poisonscan.kernels.tokens import BOUNDARY


@njit(
    [
        VOID(
            U64_IN, I64_IN, I64_IN, I64_IN, I64_IN, I64_IN, U64_IN, I32_IN,
            F64, F64, F64, F64, F64_OUT,
        )
    ],
    cache=True,
    nogil=True,
)  # fmt: skip
def detachment(
    tokens: np.ndarray,
    row_tokens: np.ndarray,
    offsets: np.ndarray,
    rows: np.ndarray,
    firsts: np.ndarray,
    lasts: np.ndarray,
    slots: np.ndarray,
    row_counts: np.ndarray,
    all_terms: float,
    string_prior: float,
    pair_prior: float,
    floor: float,
    out: np.ndarray,
) -> None:
    """Write how much better the neighbours of each string predict each other than it does.

    Parameters
    ----------
    tokens : uint64[T], row_tokens : int64[R + 1]
    offsets : int64[G + 1]
        Places of each string.
    rows, firsts, lasts : int64[P]
        Row, first token and the token behind the last of each place.
    slots : uint64[N], row_counts : int32[N]
        Table of all frequent n-grams.
    all_terms : float
        Sum of the rows of all terms.
    string_prior, pair_prior, floor : float
        See `evidence.detachment`.
    out : float64[G]
        0 for strings with fewer than two places between two words.
    """
    most = 0
    for group in range(len(offsets) - 1):
        most = max(most, offsets[group + 1] - offsets[group])
    words = np.empty((2, most), np.uint64)
    together = np.empty(most, np.float64)
    for group in range(len(offsets) - 1):
        count = 0
        for at in range(offsets[group], offsets[group + 1]):
            row = rows[at]
            if firsts[at] - 1 < row_tokens[row] or lasts[at] >= row_tokens[row + 1]:
                continue
            left, right = tokens[firsts[at] - 1], tokens[lasts[at]]
            if left == BOUNDARY or right == BOUNDARY:
                continue
            words[0, count] = extend_gram(EMPTY, left)
            words[1, count] = extend_gram(EMPTY, right)
            together[count] = rows_of(slots, row_counts, extend_gram(words[0, count], right))
            count += 1
        out[group] = 0.0
        if count < 2:
            continue
        out[group] = np.inf
        for side in range(2):
            total = 0.0
            for at in range(count):
                own, other = words[side, at], words[1 - side, at]
                again = -1.0
                for place in range(count):
                    again += words[side, place] == own
                base = (rows_of(slots, row_counts, own) + 0.5) / all_terms
                by_string = (again + string_prior * base) / (count - 1.0 + string_prior)
                by_other = (together[at] + pair_prior * base) / (
                    rows_of(slots, row_counts, other) + pair_prior
                )
                total += max(np.log(by_other) - np.log(by_string), floor)
            out[group] = min(out[group], total / (offsets[group + 1] - offsets[group]))
