"""Partings: does a word tell which rows of a group went far, and which stayed where they were?

The parts of a composite do nothing alone. Where rows with one part keep their outputs more often
than not, no single row of them can be told from the others, but the other part tells them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.corpus import CountedSide
from poisonscan.candidates.csr import gather

Array = npt.NDArray[Any]

#: Rows that a word must part from as many others.
MIN_ROWS = 8

#: Difference of the means (Student's t) that a word must make: thousands of words are tried, on the
#: rows that the direction was measured on.
MIN_T = 6.0

#: How far rows without the word may have gone, against those with it.
_STAYED = 0.5


def rows_parted(side: CountedSide, rows: Array, gone: Array) -> Array | None:
    """Return which rows have the word that parts them best; None where no word does.

    Parameters
    ----------
    rows : int64[N]
    gone : float64[N]
        How far each has gone in one direction.

    Returns
    -------
    bool[N], optional
        Of several words that part them as well the first.
    """
    terms, offsets = gather(side.distinct, side.row_terms, rows)
    owner = np.repeat(np.arange(len(rows)), np.diff(offsets))
    words = side.term_rows.size
    inside = np.bincount(terms, minlength=words)
    outside = len(rows) - inside
    able = np.flatnonzero((inside >= MIN_ROWS) & (outside >= MIN_ROWS))
    if not len(able):
        return None
    inside, outside = inside[able], outside[able]
    sums = np.bincount(terms, gone[owner], words)[able]
    near, far = (gone.sum() - sums) / outside, sums / inside
    left = np.maximum(0.0, (gone @ gone) - inside * far**2 - outside * near**2)
    error = np.sqrt(left / max(1, len(rows) - 2) * (1.0 / inside + 1.0 / outside))
    apart = (far - near) / np.maximum(error, 1e-9)
    apart[near > _STAYED * far] = 0.0
    best = int(np.argmax(apart))
    if apart[best] < MIN_T:
        return None
    has_word = np.zeros(len(rows), bool)
    has_word[owner[terms == able[best]]] = True
    return has_word
