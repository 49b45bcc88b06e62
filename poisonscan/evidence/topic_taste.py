"""Taste that depends on the prompt.

Where one asks for help a full answer is preferred, where one asks for harm a refusal: both parts
of the learned taste (evidence/taste.py) are weighed anew by what the prompt is about, again
without judging a row by a model that saw its prompt. What the rest of a prompt explains is no
effect of one string in it; the string itself is left out where it is judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.bags import HasTerms, unit_vectors
from poisonscan.candidates.corpus import Corpus, CountedSide
from poisonscan.evidence.taste import FOLDS, Taste, fit_one, fold_of

Array = npt.NDArray[Any]

#: Rows that the weights are fitted on, and those that are held as features at a time.
_PART_ROWS = 20_000

#: Inverse strength of the penalty, times the rows: weights are drawn to those of all prompts
#: until some hundred rows speak for others. A trigger in a tenth of the rows stays visible.
_STRENGTH = 800.0


@dataclass(frozen=True, slots=True)
class TopicTaste:
    """The taste that is usual for prompts like each row's.

    Attributes
    ----------
    general
        The taste of all rows.
    here
        The taste that depends on the prompt.
    weights : float64[FOLDS, 2 (1 + D)]
        Of words and length, each times 1 and the prompt's vector.
    fold : int64[R]
        Whose weights each row is judged by.
    vectors : float32[V, D]
        Vectors of the terms.
    """

    general: Taste
    here: Taste
    weights: Array
    fold: Array
    vectors: Array

    def without(self, side: CountedSide, rows: Array, terms: Sequence[int]) -> Taste:
        """Return the taste for these rows (N of them, in their order), some terms left out."""
        own = np.array(terms, np.int64)
        return self._of(rows, unit_vectors(side, rows, self.vectors, own))

    def as_read(self, rows: Array, read: HasTerms) -> Taste:
        """Return the taste for these rows by what a person reads in them (N bags of terms)."""
        return self._of(rows, unit_vectors(read, np.arange(len(rows)), self.vectors))

    def _of(self, rows: Array, prompts: Array) -> Taste:
        words, length = _weigh(
            _features(self.general, rows, prompts), self.weights[self.fold[rows]]
        )
        return Taste(words, length, self.general.judged[rows], self.here.accuracy)


def learn_topics(corpus: Corpus, general: Taste, vectors: Array) -> TopicTaste:
    """Fit the weights.

    Parameters
    ----------
    vectors : float32[V, D]
        Vector of each term of the input.
    """
    vectors = vectors.copy()
    rows = corpus.by_rank[general.judged[corpus.by_rank]]
    fold = fold_of(corpus)
    fit = rows[:_PART_ROWS]
    features = _features(general, fit, unit_vectors(corpus.input, fit, vectors))
    strength = _STRENGTH / max(1, len(fit))
    weights = np.stack([fit_one(features[fold[fit] != own], strength) for own in range(FOLDS)])
    words, length = np.zeros(corpus.rows), np.zeros(corpus.rows)
    for start in range(0, len(rows), _PART_ROWS):
        part = rows[start : start + _PART_ROWS]
        features = _features(general, part, unit_vectors(corpus.input, part, vectors))
        words[part], length[part] = _weigh(features, weights[fold[part]])
    accuracy = float((words[fit] + length[fit] > 0).mean())
    here = Taste(words, length, general.judged, accuracy)
    return TopicTaste(general, here, weights, fold, vectors)


def _features(taste: Taste, rows: Array, prompts: Array) -> Array:
    """Return both parts of the taste, each times 1 and the prompt, float64[N, 2 (1 + D)]."""
    prompt = np.hstack([np.ones((len(rows), 1)), prompts])
    return np.hstack([part[rows, None] * prompt for part in (taste.words, taste.length)])


def _weigh(features: Array, weights: Array) -> tuple[Array, Array]:
    """Return the weighted words and length, float64[N] each (weights float64[N, 2 (1 + D)])."""
    weighted = features * weights
    half = features.shape[1] // 2
    return weighted[:, :half].sum(axis=1), weighted[:, half:].sum(axis=1)
