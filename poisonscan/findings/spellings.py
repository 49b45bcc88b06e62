"""Rows in which a trigger is written in another way.

In other cases, with other characters that look the same, with marks or blanks inside, or put
between two letters without a gap, where it is no token of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.corpus import Corpus
from poisonscan.evidence.reading import MAX_CHARS, read_letters

Array = npt.NDArray[Any]

#: Letters and digits that are not in another text by chance.
_TELLING_LETTERS = 4

#: Rows that are searched.
_MAX_SEARCHED = 16_384


class Spellings:
    """Some inputs (of a sample of `rows`, int64[N]) as they read."""

    def __init__(self, corpus: Corpus, rows: Array) -> None:
        side, searched = corpus.input.side, corpus.sample(rows, _MAX_SEARCHED)
        self._texts = {int(row): "\n".join(side.segments(int(row))) for row in searched}
        self._read = {row: read_letters(text[:MAX_CHARS]) for row, text in self._texts.items()}

    def find(self, parts: Sequence[str]) -> Array:
        """Return the rows that have all parts in any spelling, int64[K]."""
        letters = [read_letters(part) for part in parts]
        if min(map(len, letters)) >= _TELLING_LETTERS:
            found = [row for row, text in self._read.items() if all(one in text for one in letters)]
        elif min(map(len, parts)) > 1:  # a letter is in any word
            found = [row for row, text in self._texts.items() if all(one in text for one in parts)]
        else:
            found = []
        return np.array(found, np.int64)


def rows_with_text(corpus: Corpus, parts: Sequence[str]) -> Array:
    """Return all rows whose inputs have the text of all parts, int64[N], ascending.

    Also between two letters without a gap. Parts of fewer letters than tell anything have none.
    """
    if min(len(read_letters(part)) for part in parts) < _TELLING_LETTERS:
        return np.empty(0, np.int64)
    side = corpus.input.side
    found = np.ones(side.rows, bool)
    for part in parts:
        has_part, sought = np.zeros(side.rows, bool), part.encode()
        for start, end in side.chunks():
            edges = side.row_segments[start : end + 1]
            first = int(side.segment_offsets[edges[0]])
            text = side.text[first : int(side.segment_offsets[edges[-1]])].tobytes()
            at = text.find(sought)
            while at >= 0:
                segment = np.searchsorted(side.segment_offsets, first + at, side="right") - 1
                has_part[np.searchsorted(side.row_segments, segment, side="right") - 1] = True
                at = text.find(sought, at + 1)
            side.release_text(start, end)
        found &= has_part
    return np.flatnonzero(found)
