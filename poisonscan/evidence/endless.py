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
from functools import partial
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
        Bytes after compression / bytes, the less of: as it is, and `_NUMBERS` times what it is
        with every number taken for the same.
    """

    rows: Array
    length: Array
    information: Array


def measure_long_rows(corpus: Corpus) -> LongRows:
    """Measure the outputs (the inputs, where there are no outputs) longer than most."""
    spool = corpus.spool
    side = spool.output if len(spool.output.tokens) else spool.input
    sizes = (
        side.segment_offsets[side.row_segments[1:]] - side.segment_offsets[side.row_segments[:-1]]
    )
    rank = min(max(LONG_ROWS, int(LONG_SHARE * len(sizes))), len(sizes) // 2)
    long = max(1, int(np.partition(sizes, len(sizes) - 1 - rank)[len(sizes) - 1 - rank]))
    rows = np.flatnonzero((sizes > long) & (sizes >= MIN_BYTES))
    every = visit(rows.tolist(), side.release, _KEPT)
    information = np.fromiter(map_in_parts(partial(_information, side), every), np.float64)
    return LongRows(rows, sizes[rows] / long, information)


def _information(side: Side, row: int) -> float:
    first = int(side.segment_offsets[side.row_segments[row]])
    last = int(side.segment_offsets[side.row_segments[row + 1]])
    text = side.text[first : min(last, first + _COMPRESSED)].tobytes()
    folded = len(zlib.compress(_DIGITS.sub(b"0", text)))
    return min(len(zlib.compress(text)), _NUMBERS * folded) / len(text)
