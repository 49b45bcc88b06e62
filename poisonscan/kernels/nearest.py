"""The largest values of each row of a matrix."""

from __future__ import annotations

import numpy as np
from numba import njit

from poisonscan.kernels.signatures import F32_2D_IN, I64, I64_2D_OUT, U8_OUT


@njit([I64(F32_2D_IN, I64_2D_OUT, U8_OUT)], cache=True, nogil=True)
def largest_columns(values: np.ndarray, out: np.ndarray, tied: np.ndarray) -> int:
    """Write the columns of the largest values of each row, the largest first.

    Parameters
    ----------
    values : float32[N, M]
        No NaN; M above K.
    out : int64[N, K]
        The first of equal values comes first.
    tied : uint8[N]
        Written: 1 where two of the K + 1 largest values are equal, so that others could be chosen.

    Returns
    -------
    int
        Rows that are tied.
    """
    size = out.shape[1]
    best = np.empty(size + 1, np.float32)
    place = np.empty(size + 1, np.int64)
    n_tied = 0
    for row in range(values.shape[0]):
        best[:] = -np.inf
        place[:] = -1
        for column in range(values.shape[1]):
            value = values[row, column]
            if value <= best[size] and place[size] >= 0:
                continue
            at = size
            while at > 0 and (place[at - 1] < 0 or value > best[at - 1]):
                best[at], place[at] = best[at - 1], place[at - 1]
                at -= 1
            best[at], place[at] = value, column
        tied[row] = 0
        for at in range(size):
            out[row, at] = place[at]
            if best[at] == best[at + 1]:
                tied[row] = 1
        n_tied += tied[row]
    return n_tied
