"""Insertion: does a string stand where the text would read on without it?

What an author writes goes with its neighbours; what somebody put in does not. Cut a planted
string out, and the words on both sides of it belong together.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.accumulators.ngrams import extend_grams, word_grams
from poisonscan.candidates.corpus import Corpus, CountedSide
from poisonscan.candidates.csr import gather
from poisonscan.kernels.tokens import BOUNDARY

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Insertion:
    """Does a string stand where the text would read on without it?

    Attributes
    ----------
    gap_fit
        Mean over rows of log P(right | left) / P(right), nats, of the tokens on both sides once
        the string is cut out. Planted between words that belong together: about -1; written
        there by an author: -2 to -4. nan where it stands at an end of every row.
    inside
        Share of its rows in which it stands between two tokens.
    collision
        How much more often two rows have the same neighbour than two random tokens are the same,
        the larger of both sides. Planted: about 1; written: 4 to 100.
    """

    gap_fit: float
    inside: float
    collision: float


def measure_insertion(corpus: Corpus, rows: Array, first_token: Array, length: int) -> Insertion:
    """Measure the surroundings of one candidate's occurrences (postings, length in tokens)."""
    side = corpus.input
    offsets = side.side.row_tokens
    first = offsets[rows] + first_token
    last = first + length
    # The end of a segment is an end: the text next to it belongs to another one.
    tokens = side.side.tokens
    left = np.where(first > offsets[rows], tokens[np.maximum(first - 1, 0)], BOUNDARY)
    right = np.where(last < offsets[rows + 1], tokens[np.minimum(last, len(tokens) - 1)], BOUNDARY)
    has_left, has_right = left != BOUNDARY, right != BOUNDARY
    inside = has_left & has_right
    gap = math.nan
    if inside.any():
        gap = float(_gap_fit(side, left[inside], right[inside]).mean())
        left_reference = right_reference = any_collision(side)
    else:
        edges = collect_edges(corpus)
        left_reference = _collision_rate(np.concatenate([edges.last, edges.segment_last]))
        right_reference = _collision_rate(np.concatenate([edges.first, edges.segment_first]))
    collisions = [
        _collision_rate(neighbours) / max(reference, 1e-9)
        for neighbours, reference in (
            (left[has_left], left_reference),
            (right[has_right], right_reference),
        )
        if len(neighbours) >= 3
    ]
    return Insertion(gap, float(inside.mean()), max(collisions, default=math.inf))


def _gap_fit(side: CountedSide, left: Array, right: Array) -> Array:
    words = word_grams(left)
    pairs = extend_grams(words, right)
    expected = side.table.count(words) * side.table.count(word_grams(right))
    fit: Array = np.log((side.table.count(pairs) + 0.5) / (expected / max(1, side.side.rows) + 0.5))
    return fit


def _collision_rate(tokens: Array) -> float:
    """Return how often two of these tokens are the same."""
    _, counts = np.unique(tokens, return_counts=True)
    total = len(tokens)
    return float((counts * (counts - 1.0)).sum() / max(1.0, total * (total - 1.0)))


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
