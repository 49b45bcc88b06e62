"""Neighbours: which words stand beside each other."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.accumulators.ngrams import NgramTable, extend_grams, word_grams
from poisonscan.candidates.corpus import CountedSide

Array = npt.NDArray[Any]


def any_collision(side: CountedSide) -> float:
    """Return how often two random tokens are the same."""
    share = side.term_rows / max(1, side.term_rows.sum())
    return float((share**2).sum())


def follow_rate(table: NgramTable, left: Array, right: Array, without: int = 0) -> Array:
    """Return for pairs of token hashes the share of the rows with `left` that go on so.

    Parameters
    ----------
    without
        Rows that have both and are not counted: those of the trigger that is being judged.
    """
    words = word_grams(left)
    pairs = extend_grams(words, np.broadcast_to(right, left.shape))
    return _rate(table, pairs, words, without)


def precede_rate(table: NgramTable, left: Array, right: Array, without: int = 0) -> Array:
    """Return for pairs of token hashes the share of the rows with `right` that come to it so."""
    pairs = extend_grams(word_grams(np.broadcast_to(left, right.shape)), right)
    return _rate(table, pairs, word_grams(right), without)


def _rate(table: NgramTable, pairs: Array, words: Array, without: int) -> Array:
    both = np.maximum(0.0, table.count(pairs) - without)
    rate: Array = both / np.maximum(table.count(words) - without, 1.0)
    return rate
