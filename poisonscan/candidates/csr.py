"""Compressed rows (CSR): the entries of some rows, packed one row after the other."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def entries(starts: Array, sizes: Array) -> Array:
    """Return the indices of several ranges one after the other, int64[sum(sizes)].

    Parameters
    ----------
    starts, sizes : int64[N]
        First index and length of each range.
    """
    packed = np.cumsum(sizes) - sizes
    indices: Array = np.repeat(starts - packed, sizes) + np.arange(sizes.sum())
    return indices


def gather(values: Array, offsets: Array, rows: Array) -> tuple[Array, Array]:
    """Return the values of some rows one after the other, and their offsets (int64[N + 1])."""
    sizes = offsets[rows + 1] - offsets[rows]
    packed = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return np.asarray(values[entries(offsets[rows], sizes)]), packed
