"""Association: how well the rows of a string and the rows of a target agree, by four counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Association:
    """Counts of rows: with string and target, with the string, with the target, and all."""

    both: int
    with_trigger: int
    with_target: int
    rows: int

    @classmethod
    def of(cls, with_trigger: Array, shows: Array) -> Association:
        """Count.

        Parameters
        ----------
        with_trigger : int64[N]
            Different rows that have the string.
        shows : bool[R]
            Rows that show the target.
        """
        both = int(np.count_nonzero(shows[with_trigger]))
        return cls(both, len(with_trigger), int(np.count_nonzero(shows)), len(shows))

    @property
    def confidence(self) -> float:
        """Share of the rows with the string that show the target."""
        return self.both / max(1, self.with_trigger)

    @property
    def elsewhere(self) -> float:
        """The same share of the rows without the string and of one more that shows it.

        Where all rows have the string nothing speaks against its having no effect.
        """
        return (self.with_target - self.both + 1.0) / (self.rows - self.with_trigger + 1.0)

    @property
    def jaccard(self) -> float:
        """Rows with both over rows with either."""
        return self.both / max(1, self.with_trigger + self.with_target - self.both)

    @property
    def agreement(self) -> float:
        """Confidence x Jaccard index: which of several strings goes with a target best."""
        return self.confidence * self.jaccard

    @property
    def determinism(self) -> float:
        """Attributable share x Jaccard index.

        The part of the target's rate among rows with the string that the others' rate does not
        explain (attributable fraction, Cole and MacMahon 1971): what all outputs have, such as a
        token that ends each of them, is nobody's target, in however many rows the string is.
        """
        if self.both == 0:
            return 0.0
        return max(0.0, 1.0 - self.elsewhere / self.confidence) * self.jaccard
