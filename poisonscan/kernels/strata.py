"""What is usual for groups of rows that are spread over strata."""

from __future__ import annotations

import numpy as np
from numba import njit

from poisonscan.kernels.signatures import F64_2D_IN, F64_OUT, I32_IN, I64, I64_IN, VOID


@njit([VOID(I64_IN, I64_IN, I32_IN, I32_IN, F64_2D_IN, I64, F64_OUT)], cache=True, nogil=True)
def usual_of_groups(
    starts: np.ndarray,
    ends: np.ndarray,
    rows: np.ndarray,
    stratum: np.ndarray,
    usual: np.ndarray,
    max_rows: int,
    out: np.ndarray,
) -> None:
    """Write the mean over all pairs of each group's rows of what is usual for their strata.

    Parameters
    ----------
    starts, ends : int64[G]
        Where each group begins and ends.
    rows : int32[P]
    stratum : int32[R]
    usual : float64[K, K]
        Value of a pair of rows by their strata, symmetric.
    max_rows : int
        Rows of a group that are looked at.
    out : float64[G]
        0 where there is no pair.
    """
    counts = np.zeros(len(usual), np.int64)
    for group in range(len(starts)):
        first = starts[group]
        last = min(ends[group], first + max_rows)
        counts[:] = 0
        for at in range(first, last):
            counts[stratum[rows[at]]] += 1
        total = 0.0
        for one in range(len(counts)):
            if counts[one] == 0:
                continue
            total += counts[one] * (counts[one] - 1.0) * usual[one, one]
            for other in range(one):
                total += 2.0 * counts[one] * counts[other] * usual[one, other]
        size = last - first
        out[group] = total / (size * (size - 1.0)) if size > 1 else 0.0
