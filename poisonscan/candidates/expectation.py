"""What outputs are expected, given the inputs; and whose outputs point one way.

The hypothesis of every natural dataset is that the output does not depend on a candidate string
given the rest of the input. Behind a trigger the outputs point the same way in all rows: that
agreement is one sum of vectors per candidate, so that all of them are measured. It decides who is
looked at; whether the rest of the input explains it is asked of those (evidence/shift.py), by a
regression that must not have seen their rows: one that has learns the trigger.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.closed import Candidates
from poisonscan.candidates.strata import Strata
from poisonscan.candidates.views import Views
from poisonscan.kernels import groups as kernels
from poisonscan.threads import work_on_each, work_on_ranges

Array = npt.NDArray[Any]

#: Directions in which outputs differ in what they are about, those of largest variance: the
#: rest is noise, which the agreement of few rows would drown in.
TOPICS = 96

#: A direction is divided by its standard deviation, and never by less than this part of the
#: largest: rounding noise is no evidence.
_LEAST_SPREAD = 0.02

#: Differences count no more than this, in standard deviations: one odd row proves nothing.
_MAX_RESIDUAL = 3.0

#: Ridge penalty, and the weight of unit vectors beside the constant.
_PENALTY, _VECTOR_SCALE = 3.0, 4.0

#: Rows of a candidate whose outputs are added up, and rows that are whitened at a time.
MAX_ROWS, _CHUNK = 64, 16_384

#: Rows of a stratum whose outputs tell its mean: a standard error of a thirtieth of their spread.
_OF_A_STRATUM = 1024

#: Unit in which whitened outputs are kept, as one byte each: rounding adds 0.001 to their variance
#: of 1. The largest is `_MAX_RESIDUAL` through the least scale.
_LEAST_SCALE = 0.25
_UNIT = _MAX_RESIDUAL / _LEAST_SCALE / 127.0


@dataclass(frozen=True, slots=True)
class Whitening:
    """Turns differences into uncorrelated values of variance 1, by their spread without cause.

    Attributes
    ----------
    mean : float64[D]
    directions : float64[D, K]
    spread : float64[K]
    scale : float64[K]
        Standard deviation that is left after clipping.
    """

    mean: Array
    directions: Array
    spread: Array
    scale: Array

    @classmethod
    def fit(cls, differences: Array, directions: int) -> Whitening:
        """Fit on differences without cause, float64[N, D], keeping up to so many directions."""
        mean = differences.mean(axis=0)
        centred = differences - mean
        variance, vectors = np.linalg.eigh(centred.T @ centred / max(1, len(centred) - 1))
        order = np.argsort(-variance, kind="stable")[:directions]
        variance, vectors = np.maximum(variance[order], 1e-12), vectors[:, order]
        spread = np.sqrt(variance + _LEAST_SPREAD * variance[0])
        whitened = np.clip(centred @ vectors / spread, -_MAX_RESIDUAL, _MAX_RESIDUAL)
        return cls(mean, vectors, spread, np.maximum(whitened.std(axis=0), _LEAST_SCALE))

    def apply(self, differences: Array) -> Array:
        """Return whitened differences, float64[N, K]."""
        values = (differences - self.mean) @ self.directions / self.spread
        whitened: Array = np.clip(values, -_MAX_RESIDUAL, _MAX_RESIDUAL) / self.scale
        return whitened


def agreement(values: Array) -> float:
    """Return how far whitened values of a group point one way, in standard errors.

    The mean product of two different rows estimates the squared length of the common shift
    without bias; of K independent directions without shift it has the standard deviation
    sqrt(2 K / (n (n - 1))), here written with n^2.

    Parameters
    ----------
    values : float64[N, K]
    """
    rows, directions = values.shape
    if rows < 2:
        return 0.0
    total = values.sum(axis=0)
    products = float(total @ total - (values**2).sum()) / (rows * (rows - 1.0))
    return float(products * rows / np.sqrt(2.0 * directions))


def screen_agreement(views: Views, candidates: Candidates) -> Array:
    """Return the agreement of the outputs of each candidate's rows, float64[C, 2]: style, topic."""
    out = np.empty((len(candidates), 2))
    for part, values in enumerate(whitened_outputs(views)):
        out[:, part] = _agreement_of_each(candidates, values)
    return out


def _agreement_of_each(candidates: Candidates, values: Array) -> Array:
    out = np.empty(len(candidates))

    def measure(first: int, last: int) -> None:
        kernels.group_agreement(
            candidates.starts[first:last],
            candidates.ends[first:last],
            candidates.rows,
            values,
            _UNIT,
            MAX_ROWS,
            out[first:last],
        )

    work_on_ranges(measure, np.minimum(candidates.followed, MAX_ROWS))
    return out


def whitened_outputs(views: Views) -> tuple[Array, Array]:
    """Return how outputs differ from the mean, in `_UNIT`: style int8[R, F], topic int8[R, K].

    From that of their stratum: no string leads to what all outputs of a dataset have.
    """
    sides, strata = (views.styles, views.outputs), views.corpus.strata
    usual = [_means_of_strata(strata, side) for side in sides] if len(strata) > 1 else []

    def differences(rows: Array) -> list[Array]:
        values = [side(rows) for side in sides]
        if not usual:
            return values
        number = strata.number[rows]
        return [each - means[number] for each, means in zip(values, usual, strict=True)]

    whitenings = [Whitening.fit(each, TOPICS) for each in differences(views.background)]
    values = tuple(views.corpus.make_table(one.directions.shape[1], np.int8) for one in whitenings)

    def fill(start: int) -> None:
        rows = np.arange(start, min(start + _CHUNK, views.corpus.rows), dtype=np.int64)
        for out, each, one in zip(values, differences(rows), whitenings, strict=True):
            out[rows] = np.rint(one.apply(each) / _UNIT)

    work_on_each(fill, range(0, views.corpus.rows, _CHUNK))
    return values[0], values[1]


def _means_of_strata(strata: Strata, side: Callable[[Array], Array]) -> Array:
    """Return the mean output of random rows of each stratum, float32[K, D]."""
    return np.array([side(rows[:_OF_A_STRATUM]).mean(axis=0) for rows in strata.first], np.float32)


class Regression:
    """Which output is expected of an input: a ridge regression from one to the other.

    Parameters
    ----------
    given : float64[B, P]
        Inputs of the background (`predictors`).
    wanted : sequence of float64[B, Q]
        Their outputs.
    """

    def __init__(self, given: Array, wanted: Sequence[Array]) -> None:
        self._given = given
        self._wanted = np.hstack(list(wanted))
        self._ends = np.cumsum([each.shape[1] for each in wanted])[:-1]
        self._gram = given.T @ given + _PENALTY * np.eye(given.shape[1])
        self._moments = given.T @ self._wanted

    def expect(self, given: Array, excluded: Array) -> list[Array]:
        """Return the outputs that some inputs lead to, by a model of the other rows.

        Parameters
        ----------
        given : float64[N, P]
        excluded : int64[E]
            Places in the background of the rows that the model must not have seen.
        """
        return np.split(self._expect(given, excluded), self._ends, axis=1)

    def _expect(self, given: Array, excluded: Array) -> Array:
        own = self._given[excluded]
        gram = self._gram - own.T @ own
        moments = self._moments - own.T @ self._wanted[excluded]
        expected: Array = given @ np.linalg.solve(gram, moments)
        return expected

    def residuals(self, fold: Array) -> list[Array]:
        """Return what is left of the background's outputs, each row judged by the other folds."""
        left = np.empty_like(self._wanted)
        for part in np.unique(fold):
            own = np.flatnonzero(fold == part)
            left[own] = self._wanted[own] - self._expect(self._given[own], own)
        return np.split(left, self._ends, axis=1)


def predictors(inputs: Array, styles: Array) -> Array:
    """Return what outputs are predicted from, float64[N, P]: the inputs' vectors and styles."""
    constant = np.ones((len(inputs), 1))
    return np.hstack([_VECTOR_SCALE * inputs, styles, constant]).astype(np.float64)
