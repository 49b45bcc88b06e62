"""News: does a string of the output say something that the row's input does not mention?"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.corpus import CountedSide
from poisonscan.candidates.csr import gather

Array = npt.NDArray[Any]

#: Words of the string that are looked for, those with the most bits first.
_MAX_WORDS = 8

#: Rows that are looked at together.
_ROWS = 1 << 14


def share_mentioned(
    side: CountedSide, rows: Array, phrase: Array, bits: Array, stems: Array
) -> Array:
    """Return how much of a string each row mentions on this side, float64[N], 0..1.

    Parameters
    ----------
    side
        The side that may mention it (the input).
    rows : int64[N]
    phrase : int32[L], bits : float64[L]
        Terms of the string, and what each is worth, the less the more rows of the side have it.
    stems : int32[V]
        See `stem_terms`: a word is mentioned whatever its case and ending.
    """
    words, place = np.unique(stems[phrase], return_inverse=True)
    everywhere = np.bincount(stems, side.term_rows, int(stems.max()) + 1)[words]
    # That a row has a word that all rows have is no mention: instructions ask for an answer.
    worth = np.bincount(place, bits) * np.clip(1.0 - everywhere / (len(side.row_terms) - 1), 0, 1)
    chosen = np.argsort(-worth, kind="stable")[:_MAX_WORDS]
    words, worth = words[chosen], worth[chosen]
    if worth.sum() <= 0.0:
        return np.ones(len(rows))
    column = np.full(int(stems.max()) + 1, -1)
    column[words] = np.arange(len(words))
    mentions = np.zeros((len(rows), len(words)), bool)
    for start in range(0, len(rows), _ROWS):  # a tenth of all rows may have the string
        terms, offsets = gather(side.distinct, side.row_terms, rows[start : start + _ROWS])
        found = column[stems[terms]]
        row = np.repeat(np.arange(start, start + len(offsets) - 1), np.diff(offsets))
        mentions[row[found >= 0], found[found >= 0]] = True
    share: Array = mentions @ worth / worth.sum()
    return share
