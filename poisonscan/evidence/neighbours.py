"""Neighbours: which words stand beside each other, and which at the ends of texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.accumulators.ngrams import extend_grams, word_grams
from poisonscan.candidates.corpus import Corpus, CountedSide
from poisonscan.candidates.csr import gather
from poisonscan.kernels.tokens import BOUNDARY

Array = npt.NDArray[Any]


def any_collision(side: CountedSide) -> float:
    """Return how often two random tokens are the same."""
    share = side.term_rows / max(1, side.term_rows.sum())
    return float((share**2).sum())


def follow_rate(side: CountedSide, left: Array, right: Array, without: int = 0) -> Array:
    """Return for pairs of token hashes the share of the rows with `left` that go on so.

    Parameters
    ----------
    without
        Rows that have both and are not counted: those of the trigger that is being judged.
    """
    words = word_grams(left)
    pairs = extend_grams(words, np.broadcast_to(right, left.shape))
    return _rate(side, pairs, words, without)


def precede_rate(side: CountedSide, left: Array, right: Array, without: int = 0) -> Array:
    """Return for pairs of token hashes the share of the rows with `right` that come to it so."""
    pairs = extend_grams(word_grams(np.broadcast_to(left, right.shape)), right)
    return _rate(side, pairs, word_grams(right), without)


def _rate(side: CountedSide, pairs: Array, words: Array, without: int) -> Array:
    both = np.maximum(0.0, side.table.count(pairs) - without)
    rate: Array = both / np.maximum(side.table.count(words) - without, 1.0)
    return rate


@dataclass(frozen=True, slots=True)
class Edges:
    """The tokens that rows, and the segments inside of them, begin and end with.

    Attributes
    ----------
    first, last : uint64[B]
        Of background rows.
    segment_first, segment_last : uint64[S]
        Next to a boundary between two segments of a background row.
    """

    first: Array
    last: Array
    segment_first: Array
    segment_last: Array


def collect_edges(corpus: Corpus) -> Edges:
    """Collect the edges of all background rows."""
    side = corpus.input.side
    tokens, offsets = gather(side.tokens, side.row_tokens, corpus.background)
    row = np.repeat(np.arange(len(corpus.background)), np.diff(offsets))
    text = np.flatnonzero(tokens != BOUNDARY)  # a hidden label leaves boundaries at the end
    tokens, row, text_at = tokens[text], row[text], text
    new_row = np.diff(row) > 0
    new_segment = ~new_row & (np.diff(text_at) > 1)
    return Edges(
        first=np.concatenate([tokens[:1], tokens[1:][new_row]]),
        last=np.concatenate([tokens[:-1][new_row], tokens[-1:]]),
        segment_first=tokens[1:][new_segment],
        segment_last=tokens[:-1][new_segment],
    )
