"""An n-gram language model in arrays: interpolated absolute discounting."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ORDER = 4
DISCOUNT = 0.75
_PRIME = np.uint64(0x9E3779B97F4A7C15)


def windows(tokens: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return each token with those before it, int64 ``(n, ORDER)``, the token last."""
    return np.stack([tokens[at - back] for back in range(ORDER - 1, -1, -1)], axis=1)


@dataclass(frozen=True, slots=True)
class _Counts:
    """Numbers by key; keys are sorted."""

    keys: NDArray[np.uint64]
    values: tuple[NDArray[np.float64], ...]

    def get(self, keys: NDArray[np.uint64]) -> list[NDArray[np.float64]]:
        """Return the numbers of each key; 0 for an unknown one."""
        if not len(self.keys):
            return [np.zeros(len(keys)) for _ in self.values]
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        is_known = self.keys[at] == keys
        return [np.where(is_known, value[at], 0.0) for value in self.values]


@dataclass(frozen=True, slots=True)
class NgramModel:
    """Probabilities of a token after up to ``ORDER - 1`` others.

    Attributes
    ----------
    grams
        By order: how often each n-gram occurs.
    contexts
        By order: how often each context occurs, and with how many different tokens after it.
    size
        Number of different tokens.
    """

    grams: tuple[_Counts, ...]
    contexts: tuple[_Counts, ...]
    size: int

    @classmethod
    def fit(cls, seen: NDArray[np.int64], size: int) -> NgramModel:
        """Count windows, int64 ``(n, ORDER)``."""
        grams, contexts = [], []
        for order in range(1, ORDER + 1):
            own = seen[:, ORDER - order :]
            keys, first, counts = np.unique(_hash(own), return_index=True, return_counts=True)
            grams.append(_Counts(keys, (counts.astype(float),)))
            before = _hash(own[first, :-1])
            keys, group = np.unique(before, return_inverse=True)
            totals = np.bincount(group, weights=counts, minlength=len(keys))
            types = np.bincount(group, minlength=len(keys)).astype(float)
            contexts.append(_Counts(keys, (totals, types)))
        return cls(tuple(grams), tuple(contexts), size)

    def bits(self, asked: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return minus log2 of the probability of the last token of each window, ``(n,)``."""
        chance = np.full(len(asked), 1.0 / (self.size + 1))
        for order in range(1, ORDER + 1):
            own = asked[:, ORDER - order :]
            [count] = self.grams[order - 1].get(_hash(own))
            total, types = self.contexts[order - 1].get(_hash(own[:, :-1]))
            known = total > 0
            # what the discount takes from the seen tokens goes to the shorter context
            mass = np.maximum(count - DISCOUNT, 0.0) + DISCOUNT * types * chance
            chance = np.where(known, mass / np.where(known, total, 1.0), chance)
        return -np.log2(chance)


def _hash(columns: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return one key a row; equal rows of equal width have equal keys (others by 2^-64 each)."""
    keys = np.full(len(columns), columns.shape[1] + 1, dtype=np.uint64)
    for column in columns.T:
        keys = (keys ^ column.astype(np.uint64)) * _PRIME
        keys ^= keys >> np.uint64(29)
    return keys
