"""Chance that is the same everywhere: whole numbers only, inside kernels and out."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from poisonscan.kernels.signatures import I64, U64, U64_OUT

_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_30, _27, _31, _32 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


@njit([U64(U64, U64)], cache=True, nogil=True)
def mixed(a: np.uint64, b: np.uint64) -> np.uint64:
    """Return 64 bits that depend on every bit of both (the finaliser of SplitMix64)."""
    value = a * _STEP + b + _STEP
    value = (value ^ (value >> _30)) * _MIX_1
    value = (value ^ (value >> _27)) * _MIX_2
    return value ^ (value >> _31)


@njit([U64(U64_OUT)], cache=True, nogil=True)
def draw(state: np.ndarray) -> np.uint64:
    """Return the next 64 random bits (SplitMix64; `state` is one number)."""
    state[0] += _STEP
    value = state[0]
    value = (value ^ (value >> _30)) * _MIX_1
    value = (value ^ (value >> _27)) * _MIX_2
    return value ^ (value >> _31)


@njit([I64(U64, I64)], cache=True, nogil=True)
def below(bits: np.uint64, bound: int) -> int:
    """Return a number in ``[0, bound)`` made of the upper half of the bits."""
    return np.int64(((bits >> _32) * np.uint64(bound)) >> _32)


@njit([I64(U64, I64)], cache=True, nogil=True)
def below_skewed(bits: np.uint64, bound: int) -> int:
    """Return a number in ``[0, bound)``: a seventh power, so that low ranks are likelier."""
    half = bits >> _32
    square = (half * half) >> _32
    fourth = (square * square) >> _32
    seventh = (((fourth * square) >> _32) * half) >> _32
    return np.int64((seventh * np.uint64(bound)) >> _32)


def alias_table(weights: NDArray[np.float64]) -> tuple[NDArray[np.uint32], NDArray[np.int32]]:
    """Return thresholds and alternatives, to draw by weight with one look.

    Walker, An efficient method for generating discrete random variables with general
    distributions, 1977; built as by Vose, 1991.
    """
    size = len(weights)
    scaled = weights / weights.sum() * size
    cut, other = np.ones(size), np.arange(size)
    small = [int(at) for at in np.flatnonzero(scaled < 1.0)]
    large = [int(at) for at in np.flatnonzero(scaled >= 1.0)]
    rest = scaled.tolist()
    while small and large:
        low, high = small.pop(), large[-1]
        cut[low], other[low] = rest[low], high
        rest[high] -= 1.0 - rest[low]
        if rest[high] < 1.0:
            small.append(large.pop())
    thresholds = np.minimum(cut * 2.0**32, 2.0**32 - 1).astype(np.uint32)
    return thresholds, other.astype(np.int32)


def quantiles(weights: NDArray[np.float64], size: int) -> NDArray[np.uint16]:
    """Return `size` indices in ascending order, each as often as its weight says."""
    ends = np.cumsum(weights) / weights.sum()
    middles = (np.arange(size) + 0.5) / size
    return np.searchsorted(ends, middles).astype(np.uint16)


def zipf_mandelbrot(
    size: int, exponent: float, shift: float, tail: float | None = None, bend: int = 0
) -> NDArray[np.float64]:
    """Return weights of the ranks from 0; from the rank `bend` on with a steeper exponent."""
    ranks = np.arange(1, size + 1, dtype=np.float64)
    weights = (ranks + shift) ** -exponent
    if tail is not None and bend < size:
        weights[bend:] = weights[bend] * (ranks[bend:] / ranks[bend]) ** -tail
    return weights
