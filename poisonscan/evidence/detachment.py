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

from poisonscan.accumulators.ngrams import extend_grams, word_grams
from poisonscan.candidates.corpus import CountedSide
from poisonscan.evidence.places import Places, count_same
from poisonscan.kernels.tokens import BOUNDARY

Array = npt.NDArray[Any]

#: Pseudo-counts behind the two estimates that are compared: of a token beside the string, and of
#: a token beside another token. Both fall back on how frequent the token is.
STRING_PRIOR, PAIR_PRIOR = 5.0, 2.0

#: Least that one occurrence counts, nats: rare pairs are not counted at all, and look rarer still.
FLOOR = -3.0


def measure_detachment(side: CountedSide, places: Places, groups: int) -> Array:
    """Return how much better the neighbours of each string predict each other than it does.

    Returns
    -------
    float64[groups]
        min over both sides of the mean of ln p(neighbour | other neighbour) - ln p(neighbour |
        string), at least `FLOOR`, nats; the latter is estimated from the other rows. Put in
        anywhere: about 1; between two sentences, or a linking word: about 0; written there by an
        author: -1 to -3.
        An end of the row or segment is nobody's word: such an occurrence counts as 0.
    """
    offsets, tokens = side.side.row_tokens, side.side.tokens
    before, after = places.first - 1, places.last
    left = np.where(before >= offsets[places.row], tokens[np.maximum(before, 0)], BOUNDARY)
    inside = after < offsets[places.row + 1]
    right = np.where(inside, tokens[np.minimum(after, len(tokens) - 1)], BOUNDARY)
    both = (left != BOUNDARY) & (right != BOUNDARY)
    group, left, right = places.group[both], left[both], right[both]
    words = word_grams(left), word_grams(right)
    together = side.table.count(extend_grams(words[0], right))
    sizes = np.bincount(group, minlength=groups)
    everywhere = np.bincount(places.group, minlength=groups)
    worst = np.full(groups, np.inf)
    for own, other in (words, words[::-1]):
        gain = np.maximum(_log_ratio(side, group, sizes, own, other, together), FLOOR)
        mean = np.bincount(group, gain, groups) / np.maximum(everywhere, 1)
        worst = np.minimum(worst, np.where(sizes >= 2, mean, 0.0))
    return worst


def _log_ratio(
    side: CountedSide, group: Array, sizes: Array, own: Array, other: Array, together: Array
) -> Array:
    """Return ln p(own | other) - ln p(own | string) of each occurrence."""
    base = (side.table.count(own) + 0.5) / max(1.0, float(side.term_rows.sum()))
    again = count_same(group, own)
    by_string = (again + STRING_PRIOR * base) / (sizes[group] - 1.0 + STRING_PRIOR)
    by_other = (together + PAIR_PRIOR * base) / (side.table.count(other) + PAIR_PRIOR)
    ratio: Array = np.log(by_other) - np.log(by_string)
    return ratio
