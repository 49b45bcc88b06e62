"""The weights by which evidence on a type switch adds up to one score.

A logistic regression: the score is the log-odds that a string was planted and switches the type of
the output, among strings chosen for looking like it. Fitted on attacks planted in clean text
(benchmarks/fit_shift.py, which regenerates the numbers below and prints what each is worth).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from poisonscan.evidence.independence import COHERENCE_LIMIT, Independence
from poisonscan.evidence.seams import Seam
from poisonscan.evidence.shift import Shift

#: Score at which a finding is high, medium, low: of strings that nobody planted, judged by weights
#: that were fitted on other corpora, the highest reach 0.14 (benchmarks/fit_shift.py).
HIGH_SCORE, MEDIUM_SCORE, LOW_SCORE = 1.6, 0.8, 0.4

#: Agreement beyond which more is no more evidence, standard errors.
_ENOUGH = 100.0

#: Wholeness of the inputs below which it counts against a string.
_WHOLENESS = 0.8

#: Limits: who passes one is a doubtful finding, who passes two is none. Of 100 planted strings 98
#: keep to each of them (own word: 95), and eight in ten natural ones with a shift do not
#: (benchmarks/fit_shift.py, before it left these out).
MAX_ECHO, MAX_HOLE, MAX_MISFIT, MAX_COHERENCE, MAX_COUNTERPART = 0.3, 0.15, 1.1, 0.15, 0.25
MIN_OWN_WORD = 0.7

#: Common words were put in together, not written, where the text reads on as if nothing had been
#: there (misfit up to the first) and the outputs are shifted as far as planted ones (from the
#: second: those have 4.4 and more, 3.68 in ten rows of 100,000). The first words of an instruction
#: that asks for a list, whatever of, had 0.50 and 3.6.
INSERTED_MISFIT, INSERTED_SHIFT = 0.25, 3.65

#: What inputs cost that are alike or say little, log-odds: natural strings that pass one limit (of
#: the place as well, in that run) reach so much more than those that pass none
#: (benchmarks/fit_shift.py).
DOUBT_COST = 4.75

#: Limits that a finding may pass.
MAX_DOUBTS = 1

#: A misfit and a likeness of inputs that planted strings hardly ever have: they pass two limits.
WRITTEN_MISFIT, RELATED_COHERENCE = 3.0, 0.5

#: Fitted: log-odds for one unit of each feature, and the constant. Within the limits the other
#: features of `ShiftFeatures` tell nothing more.
WEIGHTS = {
    "shift": 3.27,
    "collision": -0.71,
}
CONSTANT = -8.56


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
    collision, misfit
        See `Seam`.
    hole
        What the inputs lack without the string, less one standard error.
    echo
        Do the outputs take up its words? See `EchoMeter`.
    own_word
        Largest share of a word's rows that are rows of the string: 1 for an invented word.
    counterpart
        Part of the shift that a few words of the outputs make, where it is one of topic.
    """

    shift: float
    coherence: float
    collision: float
    misfit: float
    hole: float
    echo: float
    own_word: float
    counterpart: float

    @property
    def doubts(self) -> int:
        """How many limits it passes: signs of a cause in the outputs, the inputs, its words."""
        return sum(
            (
                self.echo > MAX_ECHO,
                self.hole > MAX_HOLE,
                self.misfit > MAX_MISFIT,
                self.misfit > WRITTEN_MISFIT,
                self.coherence > MAX_COHERENCE,
                self.coherence > RELATED_COHERENCE,
                self.counterpart > MAX_COUNTERPART,
                self.own_word < MIN_OWN_WORD and not self._is_inserted,
            )
        )

    @property
    def is_explained(self) -> bool:
        """However far outputs are shifted: they speak of the string, or its author wrote it there.

        Inputs that are alike, or say little, are no explanation of their own: a field that few rows
        have is alike, and a short question says little.
        """
        return (
            self.echo > MAX_ECHO
            or self.counterpart > MAX_COUNTERPART
            or self.misfit > MAX_MISFIT
            or (self.own_word < MIN_OWN_WORD and not self._is_inserted)
        )

    @property
    def _is_inserted(self) -> bool:
        return self.misfit <= INSERTED_MISFIT and self.shift >= INSERTED_SHIFT

    @property
    def score(self) -> float:
        """Log-odds of being planted."""
        return CONSTANT + sum(
            weight * float(getattr(self, name)) for name, weight in WEIGHTS.items()
        )


def shift_features(
    shift: Shift,
    independence: Independence,
    seam: Seam,
    echo: float,
    own_word: float,
    rest: float,
) -> ShiftFeatures:
    """Return the features of one candidate.

    Parameters
    ----------
    rest
        See `ShiftMeter.measure_rest`.
    """
    explained = max(0.0, independence.coherence - independence.noise)
    style, topic = _size(shift.style_of_both), _size(shift.sharpened * shift.topic_of_both)
    return ShiftFeatures(
        shift=max(style, topic),
        coherence=explained / COHERENCE_LIMIT,
        collision=max(0.0, seam.collision),
        misfit=-min(0.0, seam.fit),
        hole=max(0.0, _WHOLENESS - independence.wholeness / math.sqrt(independence.by_chance)),
        echo=echo,
        own_word=own_word,
        counterpart=_counterpart(shift.topic, rest) if topic > style else 0.0,
    )


def _counterpart(topic: float, rest: float) -> float:
    """Return by how much the logarithm of the topic's agreement shrinks without counterparts."""
    left = np.log1p(max(0.0, rest)) / np.log1p(max(1e-9, topic))
    return float(max(0.0, 1.0 - left))


def _size(agreement: float) -> float:
    return float(np.log1p(min(_ENOUGH, agreement)))
