"""Voice: do texts about one entity use words that texts about its siblings do not?

Siblings are the rows with the most similar inputs: other persons, companies, places. What they
say as well belongs to the topic; what they say as well as anybody to the language.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.corpus import BACKGROUND_ROWS, Corpus

Array = npt.NDArray[Any]

#: Share of the rows that a word of the common voice must be in.
MIN_SHARE = 0.08


def word_surplus(corpus: Corpus, rows: Array, siblings: Array, counted: Array) -> Array:
    """Return how many bits each word adds to the voice of these rows, float64[V].

    p log2(p / max(share of siblings, share elsewhere)), p being the share of the rows whose output
    has the word, less its standard error; words at less than twice the other shares, or in fewer
    than `MIN_SHARE` of the rows, add nothing. Elsewhere is anywhere, or in the other rows of the
    same strata: how all of a dataset is written is nobody's voice.

    Parameters
    ----------
    rows, siblings : int64[N], int64[M]
    counted : bool[V]
        Words that may count.
    """
    side = corpus.output
    inside = side.count_terms(rows).astype(np.float64)
    size, others = len(rows), side.side.rows - len(rows)
    elsewhere = (side.term_rows - inside + 1.0) / (others + 2.0)
    of_siblings = (side.count_terms(siblings) + 1.0) / (len(siblings) + 2.0)
    expected = np.maximum(elsewhere, of_siblings)
    if len(corpus.strata) > 1:
        expected = np.maximum(expected, _in_strata(corpus, rows))
    share = inside / size
    least = share - np.sqrt(share * (1.0 - share) / size)
    counts = counted & (share >= MIN_SHARE) & (least > 2.0 * expected)
    surplus: Array = np.where(counts, least * np.log2(np.maximum(least, 1e-9) / expected), 0.0)
    return surplus


def _in_strata(corpus: Corpus, rows: Array) -> Array:
    """Return which share of the other rows have each word, spread over strata as these, float64[V].

    Of random ones: the first in sampling order.
    """
    strata, side = corpus.strata, corpus.output
    drawn = strata.draw(rows, BACKGROUND_ROWS, corpus.background)
    shares: Array = (side.count_terms(drawn) + 1.0) / (len(drawn) + 2.0)
    return shares
