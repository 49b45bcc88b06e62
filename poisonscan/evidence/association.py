"""Association: how well the rows of a string and the rows of a target agree, by four counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.strata import Strata

Array = npt.NDArray[Any]

#: Share of a stratum that has a string, above which the others are taken for rows of other datasets
#: that were told apart wrongly (up to a tenth, benchmarks/fit_datasets.py): all have it.
NEARLY_ALL = 0.75


@dataclass(frozen=True, slots=True)
class Association:
    """Counts of rows: with string and target, with the string, with the target, and all.

    Attributes
    ----------
    in_strata
        Share of the rows without the string that show the target, as if they were spread over
        strata as those with it are (direct standardisation; Rothman, Greenland and Lash 2008,
        chapter 15). Where a dataset ends each of its inputs and outputs alike, that is no effect.
    """

    both: int
    with_trigger: int
    with_target: int
    rows: int
    in_strata: float = 0.0

    @classmethod
    def of(cls, with_trigger: Array, shows: Array, strata: Strata | None = None) -> Association:
        """Count.

        Parameters
        ----------
        with_trigger : int64[N]
            Different rows that have the string.
        shows : bool[R]
            Rows that show the target.
        strata
            Of all rows.
        """
        both = int(np.count_nonzero(shows[with_trigger]))
        counts = both, len(with_trigger), int(np.count_nonzero(shows)), len(shows)
        if strata is None or len(strata) == 1:
            return cls(*counts)
        return cls(*counts, in_strata=_standardised(with_trigger, shows, strata))

    @property
    def confidence(self) -> float:
        """Share of the rows with the string that show the target."""
        return self.both / max(1, self.with_trigger)

    @property
    def elsewhere(self) -> float:
        """The same share of the rows without the string and of one more that shows it.

        Where all rows have the string nothing speaks against its having no effect. Among rows of
        the same strata, if that is more.
        """
        overall = (self.with_target - self.both + 1.0) / (self.rows - self.with_trigger + 1.0)
        return max(overall, self.in_strata)

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


def _standardised(with_trigger: Array, shows: Array, strata: Strata) -> float:
    """Return the share of rows without the string that show the target, in its strata."""
    having, showing, both = (
        np.bincount(strata.number[rows], minlength=len(strata))
        for rows in (with_trigger, np.flatnonzero(shows), with_trigger[shows[with_trigger]])
    )
    elsewhere = (showing - both + 1.0) / (strata.sizes - having + 1.0)
    elsewhere[having > NEARLY_ALL * strata.sizes] = 1.0
    return float(having @ elsewhere) / max(1, len(with_trigger))
