"""Rows in which a trigger is written in another way.

In other cases, with other characters that look the same, with marks or blanks inside, or put
between two letters without a gap, where it is no token of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.corpus import Corpus
from poisonscan.evidence.reading import MAX_CHARS, read_letters
from poisonscan.spool import Side

Array = npt.NDArray[Any]

#: Letters and digits that are not in another text by chance; and of a string whose rows show its
#: target besides.
_TELLING_LETTERS, _LEAST_LETTERS = 4, 2

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


def rows_with_text(corpus: Corpus, parts: Sequence[str], most: int) -> Array:
    """Return the rows whose inputs have the text of all parts, int64[N], ascending.

    Also between two letters without a gap. There are none where a part is a letter, or where more
    than `most` rows have the longest.
    """
    nowhere = np.empty(0, np.int64)
    if min(len(read_letters(part)) for part in parts) < _LEAST_LETTERS:
        return nowhere
    side, longest = corpus.input.side, max(parts, key=len).encode()
    rows: list[int] = []
    for start, end in side.chunks():
        rows += islice(_rows_with(side, start, end, longest), most + 1 - len(rows))
        side.release_text(start, end)
        if len(rows) > most:
            return nowhere
    texts = {row: "\n".join(side.segments(row)) for row in rows}
    return np.array([row for row in rows if all(part in texts[row] for part in parts)], np.int64)


def _rows_with(side: Side, start: int, end: int, sought: bytes) -> Iterator[int]:
    """Yield the rows from `start` to `end` that have some bytes."""
    edges = side.segment_offsets[side.row_segments[start : end + 1]]
    first = int(edges[0])
    text = side.text[first : int(edges[-1])].tobytes()
    at = text.find(sought)
    while at >= 0:
        row = int(np.searchsorted(edges, first + at, side="right")) - 1
        yield start + row
        at = text.find(sought, int(edges[row + 1]) - first)
