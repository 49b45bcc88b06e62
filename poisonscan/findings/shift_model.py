"""The weights by which evidence on a type switch adds up to one score.

A logistic regression: the score is the log-odds that a string was planted and switches the type of
the output, among strings chosen for looking like it. Fitted on attacks planted in clean text
(benchmarks/fit_shift.py, which regenerates the numbers below and prints what each is worth).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from poisonscan.evidence.independence import COHERENCE_LIMIT, Independence
from poisonscan.evidence.seams import Seam
from poisonscan.evidence.shift import Shift

#: Agreement beyond which more is no more evidence, standard errors.
_ENOUGH = 100.0

#: Remainder of the inputs below which it counts against a string.
_REMAINDER = 0.9

#: Wholeness of the inputs below which it counts against a string.
_WHOLENESS = 0.8

#: A fit of the seam below this is no worse.
_WORST_FIT = -6.0

#: Fitted: log-odds for one unit of each feature of `ShiftFeatures`, and the constant.
WEIGHTS = {
    "shift": 2.55,
    "coherence": -5.48,
    "template": -1.13,
    "collision": -0.49,
    "misfit": -1.85,
    "hole": -3.92,
    "echo": -1.2,
    "own_word": 2.68,
}
CONSTANT = -7.83


@dataclass(frozen=True, slots=True)
class ShiftFeatures:
    """What the score is computed from; 0 is what a planted string has, but for the shift.

    Attributes
    ----------
    shift
        ln(1 + agreement), style or topic, whichever is larger: the geometric mean of the
        agreement beyond a regression on the inputs and of that beyond matched controls. What
        either of them explains is no shift. A model of the user's choice may see it sharper.
    coherence
        Likeness of the inputs beyond chance, in units of `COHERENCE_LIMIT`.
    template
        Part of the inputs that they share.
    collision, misfit
        See `Seam`.
    hole
        What the inputs lack without the string.
    echo
        Do the outputs take up its words? See `EchoMeter`.
    own_word
        Largest share of a word's rows that are rows of the string: 1 for an invented word.
    """

    shift: float
    coherence: float
    template: float
    collision: float
    misfit: float
    hole: float
    echo: float
    own_word: float

    @property
    def score(self) -> float:
        """Log-odds of being planted."""
        return CONSTANT + sum(
            weight * float(getattr(self, name)) for name, weight in WEIGHTS.items()
        )


def shift_features(
    shift: Shift,
    independence: Independence,
    seam: Seam | None,
    echo: float,
    own_word: float,
) -> ShiftFeatures:
    """Return the features of one candidate.

    Parameters
    ----------
    seam
        None where the trigger is no string that could stand anywhere.
    """
    explained = max(0.0, independence.coherence - independence.noise)
    seam = seam or Seam(0.0, 0.0)
    return ShiftFeatures(
        shift=max(
            _shift(shift.beyond_style, shift.style),
            _shift(shift.sharpened * shift.beyond_topic, shift.sharpened * shift.topic),
        ),
        coherence=explained / COHERENCE_LIMIT,
        template=max(0.0, _REMAINDER - independence.remainder),
        collision=max(0.0, seam.collision),
        misfit=-min(0.0, max(_WORST_FIT, seam.fit)),
        hole=max(0.0, _WHOLENESS - independence.wholeness),
        echo=echo,
        own_word=own_word,
    )


def _shift(beyond: float, matched: float) -> float:
    both = np.sqrt(max(0.0, beyond) * max(0.0, matched))
    return float(np.log1p(min(_ENOUGH, both)))
