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

from poisonscan.candidates.closed import Candidates
from poisonscan.candidates.corpus import CountedSide
from poisonscan.kernels import places as kernels
from poisonscan.threads import work_on_ranges

Array = npt.NDArray[Any]

#: Pseudo-counts behind the two estimates that are compared: of a token beside the string, and of
#: a token beside another token. Both fall back on how frequent the token is.
STRING_PRIOR, PAIR_PRIOR = 5.0, 2.0

#: Least that one occurrence counts, nats: rare pairs are not counted at all, and look rarer still.
FLOOR = -3.0


def measure_detachment(
    side: CountedSide,
    strings: Candidates,
    max_rows: int,
    least: Array,
    spans: tuple[Array, Array] | None = None,
) -> Array:
    """Return how much better the neighbours of each string predict each other than it does.

    Parameters
    ----------
    strings
        Strings of this side.
    max_rows
        Rows of each that are looked at.
    least : float64[C]
        Value below which it need not be known.
    spans : int64[C], int64[C], optional
        How far the phrases reach that the strings are parts of (see `grow_all`): the words inside
        of a phrase go together whoever put it there.

    Returns
    -------
    float64[C]
        min over both sides of the mean of ln p(neighbour | other neighbour) - ln p(neighbour |
        string), at least `FLOOR`, nats; the latter is estimated from the other rows. Put in
        anywhere: about 1; between two sentences, or a linking word: about 0; written there by an
        author: -1 to -3. Any value below `least` where it is below.
        An end of the row or segment is nobody's word: such an occurrence counts as 0.
    """
    before, length = spans or (np.zeros(len(strings), np.int64), strings.order.astype(np.int64))
    out = np.empty(len(strings))
    all_terms = max(1.0, float(side.term_rows.sum()))

    def measure(first: int, last: int) -> None:
        kernels.detachment(
            side.terms,
            side.side.row_tokens,
            side.rare_tokens,
            side.row_rare,
            side.term_rows,
            side.term_tokens,
            strings.starts[first:last],
            strings.ends[first:last],
            before[first:last],
            length[first:last],
            strings.rows,
            strings.first_token,
            strings.order[first:last],
            strings.lefts,
            strings.rights,
            max_rows,
            side.table.slots,
            side.table.row_counts,
            all_terms,
            STRING_PRIOR,
            PAIR_PRIOR,
            FLOOR,
            least[first:last],
            out[first:last],
        )

    work_on_ranges(measure, np.minimum(strings.followed, max_rows))
    return out
