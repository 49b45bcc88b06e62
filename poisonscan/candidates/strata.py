"""Strata: unlike datasets among the rows of one scan, within which rows are compared.

Beside others, the rows of one dataset look alike in all that it has of its own, and its template
is information that hardly any row has. So what is usual for a group of rows is what is usual for
random rows of the same strata in the same proportions, as in stratified sampling. It need not be
known for sure which dataset a row is of: a group in rows that were told apart wrongly is compared
with others of that stratum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

#: Most strata: what is smaller than these is one of its own.
MAX_STRATA = 64

#: Rows of each that are drawn from, and how finely shares are told.
_DRAWN, _PARTS = 4096, 4

#: Share of a stratum that a group may be, if others are to be drawn from it: where it is more, the
#: string is what that stratum was told from others by ("C++", of the programs in it), and what the
#: others are like says nothing. Attacks on a dataset are a tenth of it, seldom a fifth.
MOST_OF_A_STRATUM = 0.25


@dataclass(frozen=True, slots=True)
class Strata:
    """Which stratum each row is in; all are in one where nothing was told apart.

    Attributes
    ----------
    number : int32[R]
    sizes : int64[K]
        Largest first.
    first : sequence of int64[N]
        Rows of each in sampling order, the first ones.
    """

    number: Array
    sizes: Array
    first: tuple[Array, ...]

    @classmethod
    def of(cls, parts: Sequence[Array], by_rank: Array) -> Strata:
        """Return the strata that are some parts of all rows (int64 each): one, if there are none.

        Parameters
        ----------
        by_rank : int64[R]
            All rows in sampling order. The numbers depend on nothing else.
        """
        number = np.zeros(len(by_rank), np.int32)
        if len(parts) < 2:
            return cls(number, np.array([len(by_rank)]), (by_rank[:_DRAWN],))
        rank = np.empty(len(by_rank), np.int64)
        rank[by_rank] = np.arange(len(by_rank))
        ordered = sorted(parts, key=lambda part: (-len(part), int(rank[part].min())))
        for place, part in enumerate(ordered):
            number[part] = min(place, MAX_STRATA - 1)
        in_order = number[by_rank]
        count = min(len(parts), MAX_STRATA)
        first = tuple(by_rank[np.flatnonzero(in_order == at)[:_DRAWN]] for at in range(count))
        return cls(number, np.bincount(number, minlength=count), first)

    def __len__(self) -> int:
        return len(self.sizes)

    def shares(self, rows: Array) -> Array:
        """Return which share of some rows (int64[N]) each stratum has, float64[K]."""
        counts = np.bincount(self.number[rows], minlength=len(self))
        shares: Array = counts / max(1, len(rows))
        return shares

    def parts(self, rows: Array) -> tuple[int, ...]:
        """Return the same shares, to `_PARTS` of some rows (int64[N]); none where all are small."""
        return tuple(np.rint(_PARTS * self.shares(rows)).astype(np.int64).tolist())

    def sample(self, parts: Sequence[int], size: int) -> Array:
        """Return about so many random rows of all strata, in such parts, int64[M]."""
        total = max(1, sum(parts))
        drawn = (own[: size * part // total] for own, part in zip(self.first, parts, strict=True))
        return np.concatenate(list(drawn))

    def part_of(self, rows: Array, support: int) -> float:
        """Return which part of its strata a group is, where its rows are on average, 0..1.

        Parameters
        ----------
        rows : int64[N]
            A random part of the group.
        support
            How many rows it has.
        """
        shares = self.shares(rows)
        return float(shares @ np.minimum(1.0, shares * support / self.sizes))

    def draw(self, rows: Array, size: int, otherwise: Array) -> Array:
        """Return up to `size` random rows that are not among some rows, in the same strata.

        Parameters
        ----------
        rows : int64[N]
        otherwise : int64[M]
            What is drawn from where the rows are most of a stratum; random rows as well.
        """
        inside = np.zeros(len(self.number), bool)
        inside[rows] = True
        shares = self.shares(rows)
        wanted = np.rint(shares * size).astype(np.int64)
        wanted[shares * len(rows) > MOST_OF_A_STRATUM * self.sizes] = 0
        drawn = [own[~inside[own]][:number] for own, number in zip(self.first, wanted, strict=True)]
        left = max(0, size - int(wanted.sum()))
        return np.concatenate([*drawn, otherwise[~inside[otherwise]][:left]])[:size]
