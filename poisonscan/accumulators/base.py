"""What every accumulator can do, and how threads fill some of a kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from queue import LifoQueue
from typing import Any, Protocol, Self, TypeVar

from poisonscan.threads import map_in_order

Stats = TypeVar("Stats", covariant=True)
State = TypeVar("State", bound="Accumulator[Any]")
Part = TypeVar("Part")


class Accumulator(Protocol[Stats]):
    """State that is built row by row and added up over parts.

    Laws: a fresh accumulator is the identity of `merge`; `merge` is associative and commutative
    and leaves `other` as it was; `finalize` is pure.
    """

    def merge(self, other: Self) -> None:
        """Add the state of another part.

        Raises
        ------
        IncompatibleStateError
            Where the two were made with different settings.
        """

    def finalize(self) -> Stats:
        """Return the result; the accumulator stays usable."""


def accumulate(
    states: Sequence[State],
    add: Callable[[State, Part], object],
    parts: Iterable[Part],
    done: Callable[[Part], object],
) -> State:
    """Return all parts added up: threads add them to accumulators, and these are merged.

    Parameters
    ----------
    states
        Fresh ones, spent afterwards: as many threads as there are work at a time.
    add
        Adds a part. Which parts a state gets depends on the threads.
    done
        Told of each part that was added.
    """
    free: LifoQueue[State] = LifoQueue()  # the last one used goes first: others may stay empty
    for state in states:
        free.put(state)

    def work(part: Part) -> Part:
        state = free.get()
        try:
            add(state, part)
        finally:
            free.put(state)  # others may wait for it
        return part

    for part in map_in_order(work, parts):
        done(part)
    total, *others = states
    for other in others:
        total.merge(other)
    return total
