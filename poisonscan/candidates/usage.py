"""Usage: how the texts of one dataset begin, end and go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.accumulators.ngrams import NgramTable, extend_grams, word_grams
from poisonscan.candidates.csr import gather
from poisonscan.kernels.tokens import BOUNDARY
from poisonscan.spool import Side

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Edges:
    """The tokens that rows, and the segments inside of them, begin and end with.

    Attributes
    ----------
    first, last : uint64[B]
        Of whole rows.
    segment_first, segment_last : uint64[S]
        Next to a boundary between two segments of a row.
    """

    first: Array
    last: Array
    segment_first: Array
    segment_last: Array


def collect_edges(side: Side, rows: Array) -> Edges:
    """Collect the edges of some rows (int64[B]) of a side."""
    return _edges_of(*_tokens_of(side, rows))


def _tokens_of(side: Side, rows: Array) -> tuple[Array, Array]:
    """Return the tokens of some rows, uint64[N], and which of these rows each is in, int64[N]."""
    tokens, offsets = gather(side.tokens, side.row_tokens, rows)
    return tokens, np.repeat(np.arange(len(rows)), np.diff(offsets))


def _edges_of(tokens: Array, row: Array) -> Edges:
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


@dataclass(frozen=True, slots=True)
class Usage:
    """How the inputs of some rows are written.

    Attributes
    ----------
    rows : int64[N]
    edges
    table
        Their words, and the pairs of neighbours.
    """

    rows: Array
    edges: Edges
    table: NgramTable


def collect_usage(side: Side, rows: Array) -> Usage:
    """Collect how some rows (int64[N]) of a side are written."""
    tokens, row = _tokens_of(side, rows)
    words = word_grams(tokens)
    is_word = tokens != BOUNDARY
    is_pair = is_word[:-1] & is_word[1:] & (row[:-1] == row[1:])
    pairs = extend_grams(words[:-1][is_pair], tokens[1:][is_pair])
    counted = [_count_rows(words[is_word], row[is_word]), _count_rows(pairs, row[:-1][is_pair])]
    return Usage(rows, _edges_of(tokens, row), NgramTable.of(counted))


def _count_rows(grams: Array, row: Array) -> tuple[Array, Array]:
    """Return different n-grams (uint64[N]), and in how many rows each is (int32[N]).

    Parameters
    ----------
    grams : uint64[M], row : int64[M]
        Ascending by row.
    """
    order = np.argsort(grams, kind="stable")
    grams, row = grams[order], row[order]
    is_new = np.diff(grams, prepend=~grams[:1]) != 0
    counts = (
        np.add.reduceat(
            (is_new | (np.diff(row, prepend=-1) != 0)).astype(np.int32), np.flatnonzero(is_new)
        )
        if len(grams)
        else np.empty(0, np.int32)
    )
    return grams[is_new], counts
