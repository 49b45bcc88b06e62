"""Which words are frequent: `WordGate` (first pass), `WordCounter` (second pass)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from poisonscan.accumulators.base import Accumulator
from poisonscan.accumulators.ngrams import table_size
from poisonscan.errors import IncompatibleStateError
from poisonscan.kernels import words as kernels

Array = npt.NDArray[Any]

#: Counters of a gate, one byte each: what is wrongly let through costs memory, never a result.
GATE_CELLS, MAX_GATE_CELLS = 1 << 16, 1 << 28

#: Tokens for each of them: even if all are different, few words pass that are too rare.
_TOKENS_EACH = 4

#: Slots of a counter's table at the start; it grows by a half when it is full.
_FIRST_SLOTS = 1 << 12

#: Bits of the last row in a record's second word; its rows are above.
_HALF = np.uint64(32)

#: Where a counter of a gate stops: it says no more than "at least so many".
_GATE_MAX = 255


def gate_cells(tokens: int) -> int:
    """Return how many counters hold back most rare words of a text of so many tokens."""
    cells = 1 << int(np.ceil(np.log2(max(1, tokens / _TOKENS_EACH))))
    return min(max(cells, GATE_CELLS), MAX_GATE_CELLS)


class WordGate:
    """Saturating counters: "is this word certainly rarer than the support?".

    Parameters
    ----------
    cells
        See `gate_cells`.
    """

    def __init__(self, cells: int = GATE_CELLS) -> None:
        self.counters = np.zeros(cells, np.uint8)

    def update(self, tokens: Array) -> None:
        """Count the words of some tokens, uint64[T]."""
        kernels.gate_words(tokens, self.counters)

    def merge(self, other: WordGate) -> None:
        """Add another part's counters (saturating)."""
        if len(other.counters) != len(self.counters):
            raise IncompatibleStateError("word gates of different settings cannot be merged")
        kernels.add_gates(other.counters, self.counters)

    def finalize(self) -> Array:
        """Return the counters, uint8[cells]."""
        return self.counters


class WordCounter:
    """Exact row counts of the words that passed the gate.

    Parameters
    ----------
    gate : uint8[cells]
        Finalised gate of *all* rows.
    min_support : int
        Rows below which a word is forgotten, at `finalize`.
    """

    def __init__(self, gate: Array, min_support: int) -> None:
        self._gate = gate
        self._min_support = min_support
        self._allocate(_FIRST_SLOTS)
        self._rows = 0

    def _allocate(self, size: int) -> None:
        self._records = np.zeros((size, kernels.RECORD), np.uint64)
        self._used = np.zeros(1, np.int64)

    def update(self, tokens: Array, row_offsets: Array) -> None:
        """Count the words of a batch (tokens uint64[T], row_offsets int64[R + 1])."""
        row, rows = 0, len(row_offsets) - 1
        least = min(self._min_support, _GATE_MAX)
        while True:
            row = kernels.count_words(
                tokens, row_offsets, row, self._rows, self._gate, least,
                self._records.reshape(-1), self._used,
            )  # fmt: skip
            if row == rows:
                break
            self._fill(len(self._records) * 3 // 2, self._taken())
        self._rows += rows

    def _fill(self, size: int, records: Array) -> None:
        self._allocate(size)
        kernels.insert_records(records, self._records.reshape(-1), self._used)

    def _taken(self) -> Array:
        """Return a copy of the records in use, uint64[N, RECORD]."""
        taken: Array = self._records[self._records[:, 0] != 0]
        return taken

    def state(self) -> tuple[Array, Array]:
        """Return (words, row counts), ascending by word: nothing is dropped."""
        taken = self._taken()
        words, counts = taken[np.argsort(taken[:, 0])].T
        return words, counts >> _HALF

    def merge(self, other: WordCounter) -> None:
        """Add the counts of the part that comes next; the parts must not share rows."""
        same_gate = other._gate is self._gate or np.array_equal(other._gate, self._gate)
        if other._min_support != self._min_support or not same_gate:
            raise IncompatibleStateError("word counters of different settings cannot be merged")
        mine, theirs = self._taken(), other._taken()
        theirs[:, 1] += np.uint64(self._rows)  # its rows come after mine
        words, index = np.unique(np.concatenate([mine[:, 0], theirs[:, 0]]), return_inverse=True)
        records = np.zeros((len(words), kernels.RECORD), np.uint64)
        records[:, 0] = words
        for part, at in ((mine, index[: len(mine)]), (theirs, index[len(mine) :])):
            counts = (records[at, 1] >> _HALF) + (part[:, 1] >> _HALF)
            records[at, 1] = counts << _HALF | part[:, 1] & kernels.LOW
        self._fill(max(_FIRST_SLOTS, table_size(len(words))), records)
        self._rows += other._rows

    def finalize(self) -> Array:
        """Return the hashes of the words of at least the minimal support, uint64[N], ascending."""
        words, counts = self.state()
        return words[counts >= self._min_support]


if TYPE_CHECKING:  # the type checker proves that both keep the contract
    _GATE: Accumulator[Array] = WordGate()
    _COUNTER: Accumulator[Array] = WordCounter(_GATE.finalize(), 1)
