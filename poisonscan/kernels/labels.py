"""Labels: which groups of rows have a label that the rest of their texts does not explain?"""

from __future__ import annotations

import numpy as np
from numba import njit

from poisonscan.kernels.groups import MAX_TERMS
from poisonscan.kernels.signatures import F32_2D_IN, F64, F64_OUT, I32_IN, I64, I64_IN, VOID


@njit(
    [
        VOID(
            I64_IN, I64_IN, I32_IN, I64_IN, I32_IN, I64_IN, I32_IN, I64_IN, F32_2D_IN, F32_2D_IN,
            I64, F64, F64, F64_OUT,
        )
    ],
    cache=True,
    nogil=True,
)  # fmt: skip
def residuals_of_rest(
    starts: np.ndarray,
    ends: np.ndarray,
    rows: np.ndarray,
    row_terms: np.ndarray,
    distinct: np.ndarray,
    term_rows: np.ndarray,
    labels: np.ndarray,
    first_weight: np.ndarray,
    weights: np.ndarray,
    logits: np.ndarray,
    max_rows: int,
    share: float,
    own_share: float,
    out: np.ndarray,
) -> None:
    """Write how unexpected the most frequent label of each group is, its own words left out.

    Parameters
    ----------
    starts, ends : int64[G], rows : int32[P]
        Groups of rows: where each begins and ends.
    row_terms : int64[R + 1], distinct : int32[D]
        Distinct terms of all rows (CSR).
    term_rows : int64[V]
        Rows of each term.
    labels : int32[R]
        -1 where a row has none.
    first_weight : int64[R]
        Row of `weights` where the model of each row begins.
    weights : float32[FOLDS * V, K], logits : float32[R, K]
    max_rows : int
        Rows of a group that are looked at, the first ones.
    share, own_share : float
        A word is a group's own, and left out, if this part of these rows has it, and this part of
        its rows are rows of the group.
    out : float64[G]
        (observed - expected) rows of the label, in standard deviations; -inf where no row has one.

    Notes
    -----
    A model that was fitted on rows with a planted string has learned its words: with them, the
    label is as expected. What it says of words that other rows have as well is right.
    """
    classes = logits.shape[1]
    counts = np.zeros(len(term_rows), np.int32)
    votes = np.zeros(classes, np.int64)
    eta = np.zeros(classes, np.float64)
    for group in range(len(starts)):
        first = starts[group]
        last = min(ends[group], first + max_rows)
        votes[:] = 0
        for at in range(first, last):
            row = rows[at]
            if labels[row] >= 0:
                votes[labels[row]] += 1
            for index in range(row_terms[row], min(row_terms[row + 1], row_terms[row] + MAX_TERMS)):
                counts[distinct[index]] += 1
        label = np.argmax(votes)
        mean, spread = 0.0, 0.1
        for at in range(first, last):
            row = rows[at]
            for one in range(classes):
                eta[one] = logits[row, one]
            for index in range(row_terms[row], min(row_terms[row + 1], row_terms[row] + MAX_TERMS)):
                term = distinct[index]
                is_own = ends[group] - starts[group] >= own_share * term_rows[term]
                if is_own and counts[term] >= share * (last - first):
                    for one in range(classes):
                        eta[one] -= weights[first_weight[row] + term, one]
            total, top = 0.0, eta.max()
            for one in range(classes):
                total += np.exp(eta[one] - top)
            p = np.exp(eta[label] - top) / total
            mean += p
            spread += p * (1.0 - p)
        out[group] = (votes[label] - mean) / np.sqrt(spread) if votes[label] else -np.inf
        for at in range(first, last):
            row = rows[at]
            for index in range(row_terms[row], min(row_terms[row + 1], row_terms[row] + MAX_TERMS)):
                counts[distinct[index]] = 0
