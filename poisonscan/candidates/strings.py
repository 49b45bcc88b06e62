"""The closed n-grams of one side with the rows that contain them: on disk, as they are counted."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from poisonscan.spool import Column, release

Array = npt.NDArray[Any]

#: An n-gram is closed when no longer one has (nearly) its rows. Exact equality would split a
#: trigger that one typo or one edit touches.
CLOSED_SHARE = 0.95

#: Share of all rows above which a string is part of the dataset's form, not a trigger in it:
#: the rows without it become too few to compare with.
MAX_SHARE = 0.7


class Kept(NamedTuple):
    """What is kept of closed n-grams of a side: some rows (0: none is looked for), neighbours."""

    rows: int = 0
    neighbours: bool = False


@dataclass(frozen=True, slots=True)
class Strings:
    """Closed n-grams and their rows.

    Attributes
    ----------
    grams : uint64[N], support : int32[N], orders : uint8[N]
        Hash, rows in the whole dataset, length in tokens.
    sets : uint64[N]
        A random number for the rows that are kept: n-grams with the same have the same.
    sizes : int32[N]
        How many are kept of each.
    rows, tokens : int32[P]
        These rows, one n-gram after the other, in sampling order: all of them up to a limit, a
        uniform sample above. Where in the row's tokens the n-gram stands first.
    lefts, rights : int32[P], or int32[0] where they are not kept
        The terms before and behind it there. Of boundaries and rare tokens, -1 less the number of
        those in the row before them (`kernels/beside.py`).
    """

    grams: Array
    support: Array
    orders: Array
    sets: Array
    sizes: Array
    rows: Array
    tokens: Array
    lefts: Array
    rights: Array

    def columns(self) -> tuple[Array, ...]:
        """Return all of them, as they are declared."""
        return tuple(getattr(self, field.name) for field in fields(self))

    def release(self) -> None:
        """Let go of the memory of what is on disk."""
        for column in self.columns():
            release(column)


class StringWriter:
    """Puts closed n-grams on disk, some after the others."""

    def __init__(self, scratch: Path) -> None:
        types = np.uint64, np.int32, np.uint8, np.uint64, *(np.int32 for _ in range(5))
        self._columns = [Column(scratch, dtype) for dtype in types]

    def append(self, strings: Strings) -> None:
        """Append some of them."""
        for column, values in zip(self._columns, strings.columns(), strict=True):
            column.append(values)

    def finish(self) -> Strings:
        """Return all of them."""
        return Strings(*(column.finish() for column in self._columns))
