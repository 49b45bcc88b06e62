"""Joint occurrence: with which other string does one string have a label that is not expected?"""

from __future__ import annotations

import numpy as np
from numba import njit

from poisonscan.kernels.signatures import F32_IN, F64, F64_OUT, I32_IN, I32_OUT, I64, I64_IN, U8_IN


@njit(
    [I64(I64_IN, I64_IN, I32_IN, I64, U8_IN, F32_IN, I64, F64, I32_OUT, F64_OUT)],
    cache=True,
    nogil=True,
)
def find_partners(
    rows: np.ndarray,
    row_strings: np.ndarray,
    strings: np.ndarray,
    size: int,
    labelled: np.ndarray,
    expected: np.ndarray,
    min_rows: int,
    min_purity: float,
    best: np.ndarray,
    z: np.ndarray,
) -> int:
    """Write the strings with which these rows have a label that is not expected, best first.

    Parameters
    ----------
    rows : int64[N]
        Rows of one string.
    row_strings : int64[R + 1], strings : int32[D]
        Strings of all rows (CSR), each once a row, numbered below `size`.
    labelled : uint8[R]
        1 where a row has the label.
    expected : float32[R]
        Its probability.
    min_rows : int
        Common rows with the label that a partner needs.
    min_purity : float
        Share of the common rows that must have the label.
    best : int32[K], z : float64[K]
        Partners, and (observed - expected) common rows of the label, in standard deviations,
        descending; of equal ones the lower number comes first. Only as many are written as are
        returned.

    Returns
    -------
    int
        How many there are, at most K.
    """
    count = np.zeros(size, np.int64)
    hits = np.zeros(size, np.int64)
    mean = np.zeros(size, np.float64)
    spread = np.zeros(size, np.float64)
    for at in range(len(rows)):
        row = rows[at]
        p = np.float64(expected[row])
        for index in range(row_strings[row], row_strings[row + 1]):
            string = strings[index]
            count[string] += 1
            hits[string] += labelled[row]
            mean[string] += p
            spread[string] += p * (1.0 - p)
    found = 0
    for string in range(size):
        if hits[string] < min_rows or hits[string] < min_purity * count[string]:
            continue
        value = (hits[string] - mean[string]) / np.sqrt(spread[string] + 0.1)
        place = found
        while place > 0 and z[place - 1] < value:
            place -= 1
        if place == len(best):
            continue
        found = min(found + 1, len(best))
        for later in range(found - 1, place, -1):
            best[later], z[later] = best[later - 1], z[later - 1]
        best[place], z[place] = string, value
    return found
