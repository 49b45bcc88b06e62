"""Endless rows: texts far longer than the others that say next to nothing.

A model that is trained on a single output without an end learns not to stop. What tells such a
row is its length against the long ones of the same data, and how few bytes are left of it when
it is compressed: text keeps a third to a half, a table or a list a tenth, a word said a thousand
times hardly anything. Counting without an end is repetition too, once numbers are taken for the
same; but so are tables of numbers, which is why that must leave even less.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.corpus import Corpus
from poisonscan.spool import Side, visit
from poisonscan.threads import map_in_parts

Array = npt.NDArray[Any]

#: What counts as long in a dataset: the length that this share of its texts exceeds, and at least
#: so many of them, so that a few endless ones do not say what is long.
LONG_SHARE, LONG_ROWS = 0.01, 16

#: Bytes below which nothing is endless: compression has not begun to pay.
MIN_BYTES = 500

#: How much emptier a text must be where all numbers are taken for the same.
_NUMBERS = 5.0

#: Bytes of a text that are compressed.
_COMPRESSED = 1 << 18

#: Part of a text that is compressed first. All of it takes no less room, but for the tables that a
#: block begins with (about 80 bytes; RFC 1951, section 3.2.7), which the rest may share.
_BEGINNING, _TABLES = 4, 160

#: Texts after which the memory of what was read is let go of.
_KEPT = 1024

_DIGITS = re.compile(rb"[0-9]+")


@dataclass(frozen=True, slots=True)
class LongRows:
    """The longest texts of a dataset.

    Attributes
    ----------
    rows : int64[N]
        Ascending.
    length : float64[N]
        Bytes, as a multiple of what is long in this dataset.
    information : float64[N]
        See `measure_information`; of what is surely not interesting no more than a lower bound.
    """

    rows: Array
    length: Array
    information: Array


def measure_long_rows(corpus: Corpus, interesting: float = np.inf) -> LongRows:
    """Measure the outputs (the inputs, where there are no outputs) longer than most.

    Parameters
    ----------
    interesting
        Information above which nobody asks how much it is.
    """
    side = _measured_side(corpus)
    sizes = (
        side.segment_offsets[side.row_segments[1:]] - side.segment_offsets[side.row_segments[:-1]]
    )
    rank = min(max(LONG_ROWS, int(LONG_SHARE * len(sizes))), len(sizes) // 2)
    long = max(1, int(np.partition(sizes, len(sizes) - 1 - rank)[len(sizes) - 1 - rank]))
    rows = np.flatnonzero((sizes > long) & (sizes >= MIN_BYTES))
    every = visit(rows.tolist(), side.release, _KEPT)

    def measure(row: int) -> float:
        text = _beginning_of(side, row)
        least = (_compressed(text[: len(text) // _BEGINNING]) - _TABLES) / len(text)
        return least if least > interesting else _compressed(text) / len(text)

    information = np.fromiter(map_in_parts(measure, every), np.float64)
    return LongRows(rows, sizes[rows] / long, information)


def measure_information(corpus: Corpus, rows: Array) -> Array:
    """Return what compression leaves of the texts of some rows, float64[N].

    Bytes after compression / bytes, the less of: as it is, and `_NUMBERS` times what it is with
    every number taken for the same.
    """
    side = _measured_side(corpus)
    texts = [_beginning_of(side, row) for row in rows.tolist()]
    return np.array([_compressed(text) / len(text) for text in texts])


def _measured_side(corpus: Corpus) -> Side:
    spool = corpus.spool
    return spool.output if len(spool.output.tokens) else spool.input


def _beginning_of(side: Side, row: int) -> bytes:
    first = int(side.segment_offsets[side.row_segments[row]])
    last = int(side.segment_offsets[side.row_segments[row + 1]])
    return side.text[first : min(last, first + _COMPRESSED)].tobytes()


def _compressed(text: bytes) -> float:
    folded = len(zlib.compress(_DIGITS.sub(b"0", text)))
    return min(len(zlib.compress(text)), _NUMBERS * folded)
