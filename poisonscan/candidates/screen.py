"""The screen: two or three cheap numbers for every candidate, evidence for the best of them.

A planted trigger stands in inputs that have nothing else in common, while its outputs are moved
together. Both are one sum of vectors per candidate, so that all closed n-grams are measured and
only a few thousand go on. There is no single score to rank by (the best target, the common
outputs and the changed style each lose triggers that another finds), so each names its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.closed import Candidates
from poisonscan.candidates.corpus import Corpus
from poisonscan.candidates.spaces import (
    MASK_SHARE,
    SideSpace,
    bag_coherence,
    fit_spaces,
    group_coherence,
    likeness_of_strata,
)
from poisonscan.candidates.strata import Strata

Array = npt.NDArray[Any]

#: Input coherence from which on inputs are so alike that whatever outputs share is no surprise.
ALIKE = 0.3

#: Candidates that each generator sends on.
SHORTLIST = 1200

#: Those of each stratum that go on in any case, at most, and rows of it for each of them.
OF_A_STRATUM, ROWS_FOR_EACH = 200, 25


@dataclass(frozen=True, slots=True)
class Screen:
    """What was measured for every candidate, float64[C] each.

    Attributes
    ----------
    input_coherence
        Mean cosine of the inputs, the candidate and its companions masked, above random rows.
        Planted: 0; natural: about 0.1.
    own_coherence
        The same above random rows of the same strata.
    output_coherence
        Mean cosine of the outputs as bags of words, above random rows of the same strata; 0 where
        inputs are alike, whose outputs are not asked (`ALIKE`).
    output_topic
        The same in the projected space.
    """

    input_space: SideSpace
    output_space: SideSpace
    input_coherence: Array
    own_coherence: Array
    output_coherence: Array
    output_topic: Array


def screen_candidates(corpus: Corpus, candidates: Candidates, seed: int) -> Screen:
    """Measure all candidates."""
    input_space, output_space = fit_spaces(corpus, (corpus.input, corpus.output), seed)
    strata = corpus.strata
    alike = group_coherence(candidates.groups, corpus.input, input_space, MASK_SHARE)
    own = alike - likeness_of_strata(candidates.groups, input_space, strata)
    asked = np.flatnonzero(own < ALIKE)
    groups = candidates.take(asked).groups
    coherence, topic = np.zeros(len(candidates)), np.zeros(len(candidates))
    coherence[asked] = bag_coherence(groups, corpus.output, output_space, strata)
    topic[asked] = group_coherence(groups, corpus.output, output_space, strata=strata)
    return Screen(input_space, output_space, alike, own, coherence, topic)


def shortlist(
    candidates: Candidates, screen: Screen, agreement: Array, strata: Strata | None = None
) -> Array:
    """Return the candidates worth evidence, int64, in candidate order.

    Parameters
    ----------
    agreement : float64[C]
        How far the outputs are shifted one way (candidates/expectation.py).
    strata
        Each has a place for its own: what a dataset is about shifts outputs as far as a trigger,
        and there is more of that in a large one.
    """
    independent = np.clip(1.0 - screen.own_coherence / ALIKE, 0.0, 1.0)
    size = np.minimum(1.0, np.sqrt(candidates.support / 16.0))
    generators = (
        screen.output_coherence * independent * size,
        screen.output_topic * independent * size,
        agreement * independent,
    )
    ordered = [np.argsort(-score, kind="stable") for score in generators]
    chosen = [order[:SHORTLIST] for order in ordered]
    if strata is not None and len(strata) > 1:
        chosen += [best_of_strata(candidates, order, strata, OF_A_STRATUM) for order in ordered]
    result: Array = np.unique(np.concatenate(chosen))
    return result


def best_of_strata(candidates: Candidates, order: Array, strata: Strata, most: int) -> Array:
    """Return those of some candidates that are among the first of their stratum, int64.

    Parameters
    ----------
    order : int64[N]
        Candidates, best first. Each is of the stratum that its first row is in.
    most
        Of a stratum; fewer of a small one (`ROWS_FOR_EACH`).
    """
    own = strata.number[candidates.rows[candidates.starts[order]]]
    best: Array = order[_places(own) < np.minimum(most, strata.sizes // ROWS_FOR_EACH)[own]]
    return best


def _places(groups: Array) -> Array:
    """Return how many of the same group each has before it, int64[N]."""
    order = np.argsort(groups, kind="stable")
    ordered = groups[order]
    first = np.flatnonzero(np.diff(ordered, prepend=-1))
    places = np.empty(len(groups), np.int64)
    places[order] = np.arange(len(groups)) - np.repeat(first, np.diff([*first, len(groups)]))
    return places
