"""Switches: does the text become another one behind a string?

In plain text nothing is an output: what a trigger leads to is what follows it. Whatever a document
is about and however it is written, it goes on like that; so each row is compared with itself, the
window behind the string with the one before it. Gibberish shows as rare words and pairs of words
that stand together nowhere else, another script as its letters, endless output as repetition.
Natural strings do the same where they announce something (a list, a table, a piece of code), less
strongly and less steadily.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.corpus import Corpus
from poisonscan.candidates.csr import gather
from poisonscan.candidates.views import term_flags
from poisonscan.evidence.places import Places
from poisonscan.kernels import windows
from poisonscan.spool.sides import CHUNK_TOKENS

Array = npt.NDArray[Any]

#: Tokens of a window: payloads have 25 and more, headings reach less far.
WINDOW = 48

#: Rows of a candidate that are compared.
MAX_ROWS = 64

#: Windows of each background row that say what is usual.
_WINDOWS_PER_ROW = 4

#: Change of a share that counts as one unit, at most its normal score: where a kind of token is
#: rare, one of them is unusual and says little.
_UNIT = 0.08

#: Prior variance, worth this many rows, and the standard errors that a bound lies below the mean.
_PRIOR_ROWS, _PRIOR_VARIANCE, _ERRORS = 4.0, 1.0, 3.0


@dataclass(frozen=True, slots=True)
class Switches:
    """What changes behind some strings, in normal scores of windows.

    Attributes
    ----------
    mean : float64[G, F]
        Mean change of each kind of token (`windows.WINDOW_COLUMNS`).
    bound : float64[G, F]
        Lower bound of an increase, 0 where there may be none.
    counted : int64[G]
        Places with enough text behind them.
    """

    mean: Array
    bound: Array
    counted: Array


class SwitchMeter:
    """Knows what windows of some texts usually hold.

    Parameters
    ----------
    texts : bool[R]
        Rows that are plain text.
    """

    def __init__(self, corpus: Corpus, texts: Array) -> None:
        self._corpus = corpus
        self._flags = term_flags(corpus.vocabulary)
        counts, sizes = self._usual_windows(corpus.background[texts[corpus.background]])
        share = counts / np.maximum(sizes, 1)[:, None]
        columns = len(windows.WINDOW_COLUMNS)
        self._usual = share.mean(axis=0) if len(share) else np.zeros(columns)
        self._scores = _scores(counts, sizes, self._usual)

    def measure(self, places: Places, groups: int) -> Switches:
        """Measure what changes at some places, by group."""
        columns = len(windows.WINDOW_COLUMNS)
        sums = np.zeros((groups, columns + 1), np.int64)
        squares = np.zeros((groups, columns), np.int64)
        order = np.argsort(places.row, kind="stable")
        ordered = places.take(order)
        for rows, marks, offsets in self._slabs(np.unique(ordered.row)):
            low, high = np.searchsorted(ordered.row, (rows[0], rows[-1] + 1))
            part = ordered.take(np.arange(low, high))
            local = np.searchsorted(rows, part.row)
            shift = offsets[local] - self._corpus.input.side.row_tokens[part.row]
            windows.add_switches(
                marks,
                offsets,
                local,
                part.first + shift,
                part.last + shift,
                part.group,
                WINDOW,
                self._usual,
                self._scores,
                sums,
                squares,
            )
        return _summary(sums, squares)

    def _slabs(self, rows: Array) -> Iterator[tuple[Array, Array, Array]]:
        """Yield rows (ascending), the marks of their tokens and the rows' offsets in them."""
        side = self._corpus.input.side
        ends = np.cumsum(side.row_tokens[rows + 1] - side.row_tokens[rows])
        start = 0
        while start < len(rows):
            limit = CHUNK_TOKENS + (int(ends[start - 1]) if start else 0)
            end = max(start + 1, int(np.searchsorted(ends, limit, side="right")))
            yield rows[start:end], *self._marks(rows[start:end])
            start = end

    def _marks(self, rows: Array) -> tuple[Array, Array]:
        counted = self._corpus.input
        tokens, offsets = gather(counted.side.tokens, counted.side.row_tokens, rows)
        terms, _ = gather(counted.terms, counted.side.row_tokens, rows)
        marks = np.empty(len(tokens), np.uint8)
        windows.mark_tokens(tokens, terms, offsets, self._flags, counted.table.slots, marks)
        return marks, offsets

    def _usual_windows(self, rows: Array) -> tuple[Array, Array]:
        """Return the counts and sizes of windows at regular places of some rows."""
        counts, sizes = [], []
        found = np.zeros(len(windows.WINDOW_COLUMNS), np.int64)
        for _, marks, offsets in self._slabs(np.sort(rows)):
            for begin, end in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
                for part in range(_WINDOWS_PER_ROW):
                    at = begin + (end - begin) * (2 * part + 1) // (2 * _WINDOWS_PER_ROW)
                    size = windows.count_marks(marks, at, end, 1, WINDOW, found)
                    if size >= windows.MIN_WINDOW:
                        counts.append(found.copy())
                        sizes.append(size)
        width = len(windows.WINDOW_COLUMNS)
        return np.array(counts, np.int64).reshape(-1, width), np.array(sizes, np.int64)


def _scores(counts: Array, sizes: Array, usual: Array) -> Array:
    """Return what each share of each kind of token is worth, float32[F, STEPS + 1]."""
    from scipy.special import ndtri

    steps = np.arange(windows.STEPS + 1)
    scores = np.zeros((len(usual), len(steps)), np.float32)
    total = len(sizes)
    if not total:
        return scores
    for column in range(len(usual)):
        share = (counts[:, column] + windows.PRIOR_TOKENS * usual[column]) / (
            sizes + windows.PRIOR_TOKENS
        )
        step = (share * windows.STEPS + 0.5).astype(np.int64)
        having = np.bincount(step, minlength=len(steps))
        rank = (np.cumsum(having) - 0.5 * having) / total
        unusual = np.abs(ndtri(np.clip(rank, 0.5 / total, 1.0 - 0.5 / total)))
        distance = (steps - float(np.median(step))) / windows.STEPS / _UNIT
        scores[column] = np.sign(distance) * np.minimum(np.abs(distance), unusual)
    return scores


def _summary(sums: Array, squares: Array) -> Switches:
    counted = sums[:, -1]
    size = np.maximum(counted, 1)[:, None]
    mean = sums[:, :-1] / windows.FIXED / size
    spread = np.maximum(0.0, squares / windows.FIXED - size * mean**2)
    variance = (spread + _PRIOR_ROWS * _PRIOR_VARIANCE) / (size + _PRIOR_ROWS)
    bound = np.maximum(0.0, mean - _ERRORS * np.sqrt(variance / size))
    bound[counted == 0] = 0.0
    return Switches(mean, bound, counted)
