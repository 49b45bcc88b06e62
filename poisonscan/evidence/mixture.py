"""Mixture: are some rows labelled by how they are written, and the others by what they say?

Two sources of the label t: a row is a suspect with probability h(form), and then its label is t;
or it is not, and then its label is t with probability p(content). Both are logistic models, fitted
in turn (expectation-maximisation): p without the suspects, h to the suspects as the current
models see them. No row is judged by models that were fitted on it.

Dempster, Laird & Rubin (1977).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

#: Rounds; the ranking hardly moves after five.
_ROUNDS = 8

#: Rounds in which the share of the suspects is let grow before it is looked at again.
_PACE = 4

#: Share of the rows that are suspects at the start.
_FIRST_SHARE = 0.05

#: Inverse regularisation of the models of form and of content (rows of length 1 to 2).
_FORM_FIT, _CONTENT_FIT = 10.0, 0.5

#: Steps of a fit: the first one, and one that goes on from the round before.
_FIRST_STEPS, _NEXT_STEPS = 30, 8

#: No label is impossible: labels of the content have errors of their own.
_LEAST = 0.01


@dataclass(frozen=True, slots=True)
class Mixture:
    """Models of one label, one of each for every fold.

    Attributes
    ----------
    form_weights : float64[K, F + 1], content_weights : float64[K, C + 1]
        The last one is the intercept.
    """

    form_weights: Array
    content_weights: Array

    def judge(self, form: Any, content: Any, fold: Array) -> tuple[Array, Array]:  # noqa: ANN401
        """Return h(form) and p(content) of rows, float64[N] each, by the models of their fold.

        Parameters
        ----------
        fold : int[N]
            Rows of this fold were not fitted by its models.
        """
        return (
            _sigmoid(_by_fold(form, self.form_weights, fold)),
            np.clip(_sigmoid(_by_fold(content, self.content_weights, fold)), _LEAST, 1.0 - _LEAST),
        )


def suspicion(prior: Array, plain: Array, is_label: Array) -> Array:
    """Return the probability of being a suspect, given the label too (see `Mixture.judge`)."""
    result: Array = np.where(is_label, prior / (prior + (1.0 - prior) * plain), 0.0)
    return result


class MixtureFit:
    """Fits the mixture for one label.

    Parameters
    ----------
    form, content
        Features of the rows, CSR float64[N, F] and float64[N, C].
    is_label : bool[N]
    fold : int[N]
        Fold of each row, 0 to `folds` - 1.

    Attributes
    ----------
    mixture
        As it is after so many rounds.
    """

    mixture: Mixture

    def __init__(self, form: Any, content: Any, is_label: Array, fold: Array, folds: int) -> None:  # noqa: ANN401
        label = is_label.astype(np.float64)
        self._rows = form, content, fold
        self._is_label = is_label
        self._models = [_Models(form, content, label, fold, part) for part in range(folds)]
        self._suspect = _first_suspects(self._models, label)
        for _ in range(_ROUNDS):
            self._share = self._go_on()

    def grow(self) -> float:
        """Go on for some rounds; return how many times as large the suspects' share has become."""
        before = self._share
        for _ in range(_PACE):
            self._share = self._go_on()
        return self._share / max(before, 1e-9)

    def _go_on(self) -> float:
        """Fit for a round; return the share of the rows that are written as suspects are."""
        for one in self._models:
            one.fit(self._suspect)
        self.mixture = Mixture(
            np.stack([one.form_weights for one in self._models]),
            np.stack([one.content_weights for one in self._models]),
        )
        prior, plain = self.mixture.judge(*self._rows)
        self._suspect = suspicion(prior, plain, self._is_label)
        return float(prior.mean())


def told_by_content(content: Any, member: Array, fold: Array, folds: int) -> float:  # noqa: ANN401
    """Return how well the content tells some rows from all others: the area under the ROC curve.

    Parameters
    ----------
    content
        CSR float64[N, C].
    member : bool[N]
        The rows in question.
    fold : int[N]
    """
    from scipy.stats import rankdata

    logits, target = np.zeros(len(member)), member.astype(np.float64)
    for part in range(folds):
        others, own = np.flatnonzero(fold != part), np.flatnonzero(fold == part)
        rate = float(np.clip(target[others].mean(), _LEAST / 2.0, 1.0 - _LEAST / 2.0))
        weight = np.where(member[others], 0.5 / rate, 0.5 / (1.0 - rate))
        matrix, start = content[others], np.zeros(content.shape[1] + 1)
        fitted = _fit(
            matrix, matrix.T.tocsr(), target[others], weight, _CONTENT_FIT, start, _FIRST_STEPS
        )
        logits[own] = content[own] @ fitted[:-1] + fitted[-1]
    inside, outside = int(member.sum()), int((~member).sum())
    if not inside or not outside:
        return 0.5
    above = float(rankdata(logits)[member].sum()) - inside * (inside + 1) / 2.0
    return above / (inside * outside)


class _Models:
    """The two models of one fold, fitted on the rows of all others."""

    def __init__(self, form: Any, content: Any, label: Array, fold: Array, part: int) -> None:  # noqa: ANN401
        self.rows, self.held_out = np.flatnonzero(fold != part), np.flatnonzero(fold == part)
        self._form, self._content = form[self.rows], content[self.rows]
        self._transposed = self._form.T.tocsr(), self._content.T.tocsr()
        self._held_out = form[self.held_out], content[self.held_out]
        self._label = label[self.rows]
        rate = np.clip(self._label.mean(), _LEAST, 1.0 - _LEAST)
        self.content_weights = _start(content.shape[1], float(rate))
        self.form_weights = _start(form.shape[1], _FIRST_SHARE)
        self._steps = _FIRST_STEPS
        self._fit_content(np.ones(len(self.rows)))

    def fit(self, suspect: Array) -> None:
        """Fit the form to the suspects (float64[N]) and the content to the others."""
        own, (transposed, _) = suspect[self.rows], self._transposed
        self.form_weights = _fit(
            self._form,
            transposed,
            own,
            np.ones(len(own)),
            _FORM_FIT,
            self.form_weights,
            self._steps,
        )
        self._steps = _NEXT_STEPS
        self._fit_content(1.0 - own)

    def _fit_content(self, weight: Array) -> None:
        self.content_weights = _fit(
            self._content,
            self._transposed[1],
            self._label,
            weight,
            _CONTENT_FIT,
            self.content_weights,
            self._steps,
        )

    def expect(self) -> Array:
        """Return what the content of the held-out rows says about the label, 0..1."""
        return _sigmoid(self._held_out[1] @ self.content_weights[:-1] + self.content_weights[-1])

    def explain(self, rest: Array) -> Array:
        """Return what the form of the held-out rows says about `rest` (float64[N], of all rows)."""
        from scipy.sparse.linalg import lsqr

        found = lsqr(self._form, rest[self.rows], damp=1.0, iter_lim=30)[0]
        explained: Array = self._held_out[0] @ found
        return explained


def _first_suspects(models: list[_Models], label: Array) -> Array:
    """Return the rows with the label whose form best explains what the content does not."""
    rest, explained = label.copy(), np.empty(len(label))
    for one in models:
        rest[one.held_out] -= one.expect()
    for one in models:
        explained[one.held_out] = one.explain(rest)
    explained[label == 0.0] = -np.inf
    count = min(int(label.sum()), max(1, int(_FIRST_SHARE * len(label))))
    suspect = np.zeros(len(label))
    suspect[np.argsort(-explained, kind="stable")[:count]] = 1.0
    return suspect


def _start(features: int, rate: float) -> Array:
    weights = np.zeros(features + 1)
    weights[-1] = np.log(rate / (1.0 - rate))
    return weights


def _fit(
    matrix: Any,  # noqa: ANN401
    transposed: Any,  # noqa: ANN401
    target: Array,
    weight: Array,
    strength: float,
    start: Array,
    steps: int,
) -> Array:
    """Return the weights of a ridge logistic regression on soft targets, float64[F + 1]."""
    from scipy.optimize import minimize

    def loss(weights: Array) -> tuple[float, Array]:
        logit = matrix @ weights[:-1] + weights[-1]
        value = float(weight @ (np.logaddexp(0.0, logit) - target * logit))
        slope = weight * (_sigmoid(logit) - target)
        gradient = np.append(strength * (transposed @ slope) + weights[:-1], strength * slope.sum())
        return strength * value + 0.5 * float(weights[:-1] @ weights[:-1]), gradient

    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": steps})
    result: Array = found.x
    return result


def _by_fold(matrix: Any, weights: Array, fold: Array) -> Array:  # noqa: ANN401
    logits = matrix @ weights[:, :-1].T + weights[:, -1]
    chosen: Array = logits[np.arange(len(fold)), fold]
    return chosen


def _sigmoid(logit: Array) -> Array:
    result: Array = 1.0 / (1.0 + np.exp(-np.clip(logit, -30.0, 30.0)))
    return result
