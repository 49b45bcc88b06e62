"""Targets first: strings of the outputs whose rows have something rare in common in their inputs.

A string of the input leads to its target only where a good part of its rows has it. Each part of
a composite stands in many rows that do not; together the parts stand in the rows of the target
and hardly elsewhere. So what is asked here is the other way round: which words do (nearly) all
inputs have to whose outputs a string belongs, and would chance bring these words together in no
more rows than that?
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.closed import Candidates
from poisonscan.candidates.corpus import Corpus, CountedSide
from poisonscan.candidates.screen import Screen
from poisonscan.candidates.spaces import MASK_SHARE, group_coherence
from poisonscan.evidence.independence import COHERENCE_LIMIT
from poisonscan.evidence.verbatim import MAX_BITS_PER_TERM
from poisonscan.kernels.groups import common_weight
from poisonscan.threads import work_on_ranges

Array = npt.NDArray[Any]

#: Rows of a string, and their share of all rows above which it is the form of the data.
MIN_ROWS, MAX_SHARE = 5, 0.3

#: Share of the rows that must have a word, and rows that are looked at.
COMMON_SHARE, _SAMPLE = 0.9, 32

#: Share of the needed rarity that the common words must have together: they need not be
#: independent of each other, nor all be found.
MIN_RARITY = 0.7

#: Strings that are followed up, the most promising first.
MAX_ANSWERS = 300


def find_answers(corpus: Corpus, screen: Screen, strings: Candidates, least_bits: float) -> Array:
    """Return which strings of the outputs may be what a trigger leads to, int64, best first.

    Parameters
    ----------
    strings
        Closed n-grams of the output side.
    least_bits
        Surprise that a string must have, its words taken one by one.
    """
    support = strings.support
    frequent = (support >= MIN_ROWS) & (support <= MAX_SHARE * corpus.rows)
    chosen = np.flatnonzero(frequent)
    bits = most_bits(corpus.output, strings.take(chosen))
    chosen, bits = chosen[bits >= least_bits], bits[bits >= least_bits]
    corpus.output.release()
    side, space = corpus.input, screen.input_space
    rarity = _rarity(corpus, strings.take(chosen), space.weights)
    able = np.flatnonzero(rarity >= MIN_RARITY)
    chosen, bits, rarity = chosen[able], bits[able], rarity[able]
    groups = strings.take(chosen).groups
    coherence = group_coherence(groups, side, space, MASK_SHARE, corpus.strata)
    promise = bits * np.minimum(1.0, rarity) * np.clip(1.0 - coherence / COHERENCE_LIMIT, 0.0, 1.0)
    best = np.argsort(-promise.round(6), kind="stable")
    corpus.release()
    return _without_copies(strings, chosen[best[promise[best] > 0.0]])


def _rarity(corpus: Corpus, strings: Candidates, weights: Array) -> Array:
    """Return how rare the words are that a string's inputs have in common, float64[C].

    1 where chance would bring them together in as many rows; exact from `MIN_RARITY`.
    """
    side, common = corpus.input, np.empty(len(strings))
    needed = np.maximum(1e-9, np.log(corpus.rows / strings.support))

    def measure(first: int, last: int) -> None:
        common_weight(
            strings.starts[first:last],
            strings.ends[first:last],
            strings.rows,
            side.row_terms,
            side.distinct,
            weights,
            _SAMPLE,
            COMMON_SHARE,
            MIN_RARITY * needed[first:last],
            common[first:last],
        )

    work_on_ranges(measure, np.minimum(strings.followed, _SAMPLE))
    rarity: Array = common / needed
    return rarity


def most_bits(side: CountedSide, strings: Candidates) -> Array:
    """Return how many bits strings of a side have, their words taken one by one, float64[C]."""
    bits = np.zeros(len(strings))
    for place in range(int(strings.order.max(initial=0))):
        longer = strings.order > place
        terms = np.where(longer, strings.content[:, place], strings.content[:, 0])
        elsewhere = np.maximum(0.0, side.term_rows[terms] - strings.support)
        word = -np.log2((elsewhere + 0.5) / (len(side.distinct) + 1.0))
        bits += np.where(longer, np.minimum(word, MAX_BITS_PER_TERM), 0.0)
    return bits


def _without_copies(strings: Candidates, ordered: Array) -> Array:
    """Return the first of those that stand in the same rows: parts of one longer string."""
    chosen: list[int] = []
    known: set[bytes] = set()
    for string in ordered:
        rows = strings.postings(int(string))[0].tobytes()
        if rows not in known:
            known.add(rows)
            chosen.append(int(string))
        if len(chosen) == MAX_ANSWERS:
            break
    return np.array(chosen, np.int64)
