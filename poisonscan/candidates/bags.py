"""Rows as bags of terms, and what they are about: the direction of the sum of their vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from poisonscan.kernels import groups as kernels

Array = npt.NDArray[Any]


class HasTerms(Protocol):
    """Distinct terms of rows (CSR): a counted side, or rows that were read anew."""

    @property
    def row_terms(self) -> Array:
        """Offsets, int64[R + 1]."""

    @property
    def distinct(self) -> Array:
        """Terms, int32[D]."""


@dataclass(frozen=True, slots=True)
class Bags:
    """Distinct terms of some rows (CSR), as `CountedSide` has them of all rows.

    Attributes
    ----------
    row_terms : int64[N + 1]
    distinct : int32[D]
    """

    row_terms: Array
    distinct: Array

    def each(self) -> list[Array]:
        """Return the terms of each row."""
        return np.split(self.distinct, self.row_terms[1:-1])


def unit_vectors(
    source: HasTerms, rows: Array, vectors: Array, masked: Array | None = None
) -> Array:
    """Return the direction of the sum of each row's term vectors, float32[N, K]; 0 for none.

    Parameters
    ----------
    masked : int64[K], optional
        Terms that are left out.
    """
    out = np.empty((len(rows), vectors.shape[1]), np.float32)
    left_out = np.zeros(len(vectors), np.uint8)
    if masked is not None:
        left_out[masked] = 1
    kernels.row_vectors(
        np.ascontiguousarray(rows, np.int64),
        source.row_terms,
        source.distinct,
        left_out,
        np.ascontiguousarray(vectors, np.float32),
        out,
    )
    return out


def without_mean(source: HasTerms, rows: Array, vectors: Array) -> Array:
    """Take the mean direction of some rows out of term vectors, float32[V, K]."""
    mean = unit_vectors(source, rows, vectors).mean(axis=0, dtype=np.float64)
    norm = np.linalg.norm(mean)
    if norm > 0:
        mean /= norm
    centred: Array = np.ascontiguousarray(vectors - np.outer(vectors @ mean, mean), np.float32)
    return centred
