"""The text before a string: what its documents were about when it came."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.bags import Bags
from poisonscan.candidates.corpus import Corpus
from poisonscan.candidates.spaces import SideSpace
from poisonscan.evidence.independence import Independence, measure_independence
from poisonscan.evidence.reading import Reader

Array = npt.NDArray[Any]

#: Tokens before the string that are read.
MAX_TOKENS = 512


def independence_of_texts(
    corpus: Corpus,
    space: SideSpace,
    rows: Array,
    phrase: tuple[int, ...],
    reader: Reader | None = None,
) -> Independence:
    """Measure how little some texts share without a string.

    That they say less than others is no sign: a text may be of any length, and end where the
    string was put.
    """
    found = measure_independence(corpus, space, rows, phrase, reader)
    return replace(found, wholeness=1.0)


class ReaderBefore(Reader):
    """Reads documents as far as a string, and documents without it to their end.

    What follows the string is the attacker's: it may be alike in all of its rows.

    Parameters
    ----------
    rows, first : int64[N]
        Rows with the string, and the scan-wide index of its first token in each.
    """

    def __init__(self, corpus: Corpus, rows: Array, first: Array) -> None:
        super().__init__(corpus)
        self._first = dict(zip(rows.tolist(), first.tolist(), strict=True))

    def read(self, rows: Array) -> Bags:
        """Return the terms of these rows (int64[N])."""
        side = self._corpus.input
        ends = side.side.row_tokens
        bags = []
        for row in rows.tolist():
            start = int(ends[row])
            end = self._first.get(row, int(ends[row + 1]))
            terms = np.unique(side.terms[max(start, end - MAX_TOKENS) : end])
            bags.append(terms[terms >= 0])
        offsets = np.cumsum([0, *map(len, bags)])
        nothing = np.empty(0, np.int32)
        return Bags(offsets.astype(np.int64), np.concatenate([nothing, *bags]))
