"""Continuations: is what follows a string alike wherever it stands, and unlike what it follows?

Whatever a document is about, it goes on about that. So the window behind a string is like the one
before it, and windows behind a string are alike only where those before it are. A payload of one
kind (another language, code, insults) is alike behind its trigger whatever stood before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.corpus import Corpus
from poisonscan.evidence.places import Places
from poisonscan.kernels import windows

Array = npt.NDArray[Any]

#: Tokens of a window.
WINDOW = 48

#: Windows of each background row that say what is usual.
_WINDOWS_PER_ROW = 4


@dataclass(frozen=True, slots=True)
class Continuations:
    """The windows beside some strings.

    Attributes
    ----------
    after, before : float64[G]
        Mean cosine of two windows behind a string, before it, above that of any two windows.
    likeness : float64[G]
        Mean cosine of the window behind a string and the one before it.
    counted : int64[G]
        Places with enough text behind them.
    direction : float64[G, D]
        Mean direction of the windows behind it.
    """

    after: Array
    before: Array
    likeness: Array
    counted: Array
    direction: Array

    @property
    def turn(self) -> Array:
        """How far the text turns to what is alike: 0 where it goes on, 1 for one and the same."""
        gained: Array = self.after - np.maximum(0.0, self.before) - np.maximum(0.0, self.likeness)
        return gained


class ContinuationMeter:
    """Knows how alike any windows of some texts are.

    Parameters
    ----------
    vectors : float32[V, D]
        Of the input side's terms.
    texts : bool[R]
        Rows that are plain text.
    """

    def __init__(self, corpus: Corpus, vectors: Array, texts: Array) -> None:
        self._side = corpus.input
        self._vectors = np.array(vectors, np.float32)
        self._usual = 0.0
        rows = np.sort(corpus.background[texts[corpus.background]])
        starts = self._side.side.row_tokens[rows]
        sizes = self._side.side.row_tokens[rows + 1] - starts
        parts = np.arange(_WINDOWS_PER_ROW)
        at = (starts[:, None] + sizes[:, None] * parts // _WINDOWS_PER_ROW).T
        # the windows of a row are alike: two of one row are never in one group
        usual = self.measure(
            Places(np.repeat(parts, len(rows)), np.tile(rows, len(parts)), at.ravel(), at.ravel()),
            len(parts),
        )
        self._usual = float(np.median(usual.after))

    def measure(self, places: Places, groups: int, masked: Sequence[int] = ()) -> Continuations:
        """Measure the windows beside some places, by group.

        Parameters
        ----------
        masked
            Terms that are left out: behind laughter there is more of it.
        """
        own = list(masked)
        kept = self._vectors[own]
        self._vectors[own] = 0.0
        dims = self._vectors.shape[1]
        after = np.zeros((groups, dims), np.int32)
        before = np.zeros((groups, dims), np.int32)
        counts = np.zeros((groups, 4), np.int64)
        order = np.argsort(places.row, kind="stable")
        ordered = places.take(order)
        windows.add_directions(
            self._side.terms,
            self._side.side.row_tokens,
            self._vectors,
            ordered.row,
            ordered.first,
            ordered.last,
            ordered.group,
            WINDOW,
            after,
            before,
            counts,
        )
        self._vectors[own] = kept
        return Continuations(
            after=_alike(after, counts[:, 0]) - self._usual,
            before=_alike(before, counts[:, 1]) - self._usual,
            likeness=counts[:, 3] / windows.FIXED / np.maximum(1, counts[:, 2]),
            counted=counts[:, 0],
            direction=after / windows.FIXED / np.maximum(1, counts[:, :1]),
        )


def _alike(sums: Array, counts: Array) -> Array:
    """Return the mean cosine of two of the directions that were added up, float64[G]."""
    squares = ((sums / windows.FIXED) ** 2).sum(axis=1)
    alike: Array = (squares - counts) / np.maximum(1, counts * (counts - 1))
    return np.where(counts > 1, alike, 0.0)
