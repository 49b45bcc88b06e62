"""Effective bits: what is left of a repeated target when natural causes are taken off.

The formula stands at the head of findings/verbatim.py, and where the thresholds come from.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from poisonscan.config import Severity
from poisonscan.evidence.association import Association
from poisonscan.evidence.independence import Independence, certainty
from poisonscan.evidence.verbatim import SharedTarget

#: Effective bits at which a finding is high, medium, low.
HIGH_BITS, MEDIUM_BITS, LOW_BITS = 30.0, 25.0, 20.0

#: Rows behind a finding that may be high or medium: of ten planted rows all were found, of five
#: none could be told from chance.
HIGH_ROWS, MEDIUM_ROWS = 8, 6

#: Power of the determinism: of planted pairs it is near 1, of natural ones seldom.
DETERMINISM = 1.5

#: Weight of a target that stands at no end of the output.
INNER_PHRASE = 0.6


@dataclass(frozen=True, slots=True)
class Weighed:
    """The bits of some targets and their discounts, each 0..1.

    Attributes
    ----------
    bits
        Harmonic mean over the targets.
    usual
        Bits that as many words of the input bring anyway.
    distinct
        Different inputs.
    """

    bits: float
    usual: float
    determinism: float
    independence: float
    position: float
    certainty: float
    distinct: int

    @property
    def effective(self) -> float:
        """What is left."""
        left = max(0.0, self.bits - self.usual) * self.determinism * self.independence
        return left * self.position * self.certainty

    @property
    def severity(self) -> Severity | None:
        """The severity of a finding; None where it is none."""
        if self.effective >= HIGH_BITS and self.distinct >= HIGH_ROWS:
            return "high"
        if self.effective >= MEDIUM_BITS and self.distinct >= MEDIUM_ROWS:
            return "medium"
        return "low" if self.effective >= LOW_BITS else None


def weigh(
    targets: Sequence[SharedTarget],
    association: Association,
    independence: Independence,
    usual: float = 0.0,
) -> Weighed:
    """Weigh the targets that some rows share."""
    total = sum(target.share for target in targets)
    shares = [target.share / total for target in targets]
    return Weighed(
        # harmonic mean: a long phrase that a few rows share does not make up for a word elsewhere
        bits=total / sum(target.share / max(1e-9, target.bits) for target in targets),
        usual=usual,
        determinism=association.determinism**DETERMINISM,
        independence=independence.factor,
        position=INNER_PHRASE if all(target.kind == "phrase" for target in targets) else 1.0,
        certainty=sum(share * _certainty(share, independence.distinct) for share in shares),
        distinct=independence.distinct,
    )


def _certainty(share: float, distinct: int) -> float:
    """Return the discount of small groups for a target of this share of the rows.

    What its own rows say (the words they share) and what all of them say (that the trigger
    always leads to a target, that inputs are unlike) count alike: the geometric mean of both
    numbers of rows.
    """
    return certainty(math.sqrt(share) * distinct)
