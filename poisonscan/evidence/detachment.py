"""Detachment: do the neighbours of a string get on better with each other than with it?

What an author writes goes with its neighbours: the string makes the word beside it more likely
than the word on its other side does. What somebody put in does not: its neighbours are any words
of the text, and belong together across it. Adverbs and linking words ("also", "however") are in
between: the text reads on without them, but they do not stand just anywhere.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.corpus import CountedSide
from poisonscan.evidence.places import Places
from poisonscan.kernels import places as kernels

Array = npt.NDArray[Any]

#: Pseudo-counts behind the two estimates that are compared: of a token beside the string, and of
#: a token beside another token. Both fall back on how frequent the token is.
STRING_PRIOR, PAIR_PRIOR = 5.0, 2.0

#: Least that one occurrence counts, nats: rare pairs are not counted at all, and look rarer still.
FLOOR = -3.0


def measure_detachment(side: CountedSide, places: Places, groups: int) -> Array:
    """Return how much better the neighbours of each string predict each other than it does.

    Parameters
    ----------
    places
        Ordered by string.

    Returns
    -------
    float64[groups]
        min over both sides of the mean of ln p(neighbour | other neighbour) - ln p(neighbour |
        string), at least `FLOOR`, nats; the latter is estimated from the other rows. Put in
        anywhere: about 1; between two sentences, or a linking word: about 0; written there by an
        author: -1 to -3.
        An end of the row or segment is nobody's word: such an occurrence counts as 0.
    """
    out = np.empty(groups)
    row, first, last = map(np.ascontiguousarray, (places.row, places.first, places.last))
    kernels.detachment(
        side.side.tokens,
        side.side.row_tokens,
        np.searchsorted(places.group, np.arange(groups + 1)),
        row,
        first,
        last,
        side.table.slots,
        side.table.row_counts,
        max(1.0, float(side.term_rows.sum())),
        STRING_PRIOR,
        PAIR_PRIOR,
        FLOOR,
        out,
    )
    return out
