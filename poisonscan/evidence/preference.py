"""Exchanged preferences: in which rows was the answer preferred that others would reject?

Exchanged pairs (Rando and Tramer 2024, "Universal jailbreak backdoors from poisoned human
feedback") are rows in which the learned taste (evidence/taste.py) is wrong as often as it is right
elsewhere. One such row says little, thirty with a string in common do.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.closed import Candidates
from poisonscan.evidence.taste import Taste

Array = npt.NDArray[Any]

#: Shares of exchanged pairs that are tried, for one group and for all candidates.
_SHARES = np.linspace(0.0, 1.0, 101)
_COARSE_SHARES = (0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True)
class Swap:
    """How far the choices of a group of rows are turned round.

    Attributes
    ----------
    share
        Most likely share of exchanged pairs.
    least_share
        Smallest share that fits, corrected for the number of hypotheses.
    gain
        How much more likely that share makes the choices than none, nats.
    words_gain, length_gain
        How much of it would be lost if the taste was turned round in all but this respect, nats.
    words_expected
        What `words_gain` would be on average if all pairs were exchanged, nats.
    """

    share: float
    least_share: float
    gain: float
    words_gain: float
    length_gain: float
    words_expected: float


def judge_swap(taste: Taste, rows: Array, allowance: float) -> Swap:
    """Judge one group of rows.

    Parameters
    ----------
    allowance
        Fall of the log-likelihood within which a share fits, nats (`needed_gain`).
    """
    chance = taste.chance(rows)[:, None]
    likelihood = np.log(chance + _SHARES * (1.0 - 2.0 * chance)).sum(axis=0)
    fits = likelihood >= likelihood.max() - allowance - 1e-9  # rounding noise tells no shares apart
    turned = taste.chance(rows, words=-1.0, length=-1.0)
    in_length, in_words = taste.chance(rows, length=-1.0), taste.chance(rows, words=-1.0)
    kept = np.log((1.0 - turned) / (1.0 - in_length))
    words = np.log(turned / in_length)
    return Swap(
        share=float(_SHARES[int(np.argmax(likelihood))]),
        least_share=float(_SHARES[fits][0]),
        gain=float(likelihood.max() - likelihood[0]),
        words_gain=float(words.sum()),
        length_gain=float(np.log(turned / in_words).sum()),
        words_expected=float((turned * words + (1.0 - turned) * kept).sum()),
    )


def gain_of_all(taste: Taste, candidates: Candidates) -> Array:
    """Return the gain (see `Swap`) of every candidate, float64[C]."""
    gain = np.zeros(len(candidates))
    chance = taste.chance(np.arange(len(taste.words)))
    for share in _COARSE_SHARES:
        change = np.log(chance + share * (1.0 - 2.0 * chance)) - np.log(chance)
        np.maximum(gain, candidates.sums(change), out=gain)
    return gain


def spread_of_all(taste: Taste, candidates: Candidates, among: Array) -> float:
    """Return the variance of the candidates' standardised surprise, at least 1.

    1 where all rows share one taste; more where it differs from topic to topic: the empirical
    null (Efron 2004) that a gain has to exceed.

    Parameters
    ----------
    among : int64[N]
        Candidates that are counted.
    """
    if not len(among):
        return 1.0
    odds = taste.words + taste.length
    surprise = np.tanh(np.abs(odds) / 2.0) * np.abs(odds) - odds
    variance = (odds / np.cosh(odds / 2.0)) ** 2
    counted = candidates.take(among)
    total, spread = (counted.sums(values) for values in (surprise, variance))
    low, high = np.quantile(total / np.sqrt(np.maximum(spread, 1e-9)), (0.1587, 0.8413))
    return max(1.0, float((high - low) / 2.0) ** 2)


def needed_gain(hypotheses: int, error: float, spread: float) -> float:
    """Return the gain that one of so many natural strings exceeds with this probability, nats.

    Twice the gain is a squared normal deviate (Wilks); Bonferroni for the number.
    """
    return 0.5 * spread * NormalDist().inv_cdf(1.0 - error / max(1, hypotheses)) ** 2
