"""How what stands beside an n-gram is told, so that nobody need look into the row for it."""

from __future__ import annotations

from numba import njit

from poisonscan.kernels.signatures import I64

#: Beside an n-gram is an end of the row.
NOTHING = -(1 << 31)


@njit([I64(I64, I64)], cache=True, nogil=True, inline="always")
def named(term: int, rare: int) -> int:
    """Return a term, or for a token that has none which of these it is in its row.

    Parameters
    ----------
    term : int
        -1 for boundaries and rare tokens.
    rare : int
        How many of these are before it in the row.

    Returns
    -------
    int
        The term, or -1 less that number.
    """
    return term if term >= 0 else -1 - rare
