"""Chance that is the same everywhere: every draw is built on `random.Random.random` alone.

The standard library promises equal results across Python versions for `random()` only; `choice`,
`sample` and `shuffle` may change. The sample files are compared byte for byte, so nothing else is
used here.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A seeded source of draws.

    Parameters
    ----------
    seed
        The only thing that the draws depend on.
    """

    __slots__ = ("_random",)

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def below(self, bound: int) -> int:
        """Return a whole number in ``[0, bound)``."""
        return min(int(self._random.random() * bound), bound - 1)

    def between(self, low: int, high: int) -> int:
        """Return a whole number in ``[low, high]``."""
        return low + self.below(high - low + 1)

    def chance(self, probability: float) -> bool:
        """Return True with the given probability."""
        return self._random.random() < probability

    def pick(self, options: Sequence[T]) -> T:
        """Return one of the options."""
        return options[self.below(len(options))]

    def draw(self, options: Sequence[T], count: int) -> list[T]:
        """Return `count` different options in random order (all of them if there are fewer)."""
        rest = list(options)
        return [rest.pop(self.below(len(rest))) for _ in range(min(count, len(rest)))]

    def shuffled(self, options: Sequence[T]) -> list[T]:
        """Return all options in random order."""
        return self.draw(options, len(options))
