"""What every accumulator can do."""

from __future__ import annotations

from typing import Protocol, Self, TypeVar

Stats = TypeVar("Stats", covariant=True)


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
