"""Document frequencies of n-grams: `NgramGate` (first pass), `NgramCounter` (second pass)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from poisonscan.accumulators.base import Accumulator
from poisonscan.errors import IncompatibleStateError
from poisonscan.kernels import ngrams as kernels

Array = npt.NDArray[Any]

#: Longest n-gram that is counted, in tokens. Longer triggers are put together afterwards, from
#: the rows of their parts; five tokens of ordinary words are rare enough to stand out.
MAX_ORDER = 5

#: Counters of a gate, one byte each. At 100 million distinct n-grams 64 Mi counters still hold
#: back most of the singletons; what passes wrongly costs memory, never a result.
GATE_CELLS = 1 << 26

#: Where a counter stops: it says no more than "at least so many".
_GATE_MAX = 255


class NgramGate:
    """Saturating counters: "is this n-gram certainly rarer than the support?"."""

    def __init__(self, cells: int = GATE_CELLS) -> None:
        self.counters = np.zeros(cells, np.uint8)

    def update(self, tokens: Array, row_offsets: Array) -> None:
        """Count the n-grams of a batch (tokens uint64[T], row_offsets int64[R + 1])."""
        kernels.gate_ngrams(tokens, row_offsets, MAX_ORDER, self.counters)

    def merge(self, other: NgramGate) -> None:
        """Add another part's counters (saturating)."""
        if len(other.counters) != len(self.counters):
            raise IncompatibleStateError("n-gram gates of different sizes cannot be merged")
        room = np.uint8(_GATE_MAX) - self.counters
        self.counters += np.minimum(room, other.counters)

    def finalize(self) -> Array:
        """Return the counters, uint8[cells]."""
        return self.counters


@dataclass(frozen=True, slots=True)
class NgramTable:
    """Row counts of all n-grams of at least the minimal support.

    Attributes
    ----------
    keys : uint64[N]
        Hashes, ascending.
    row_counts : int64[N]
    slots : uint64[2**k], positions : int64[2**k]
        The same as a hash table, for kernels.
    """

    keys: Array
    row_counts: Array
    slots: Array
    positions: Array

    @classmethod
    def build(cls, keys: Array, row_counts: Array) -> NgramTable:
        """Return the table of distinct keys."""
        order = np.argsort(keys, kind="stable")
        keys, row_counts = keys[order], row_counts[order]
        slots = np.zeros(table_size(len(keys)), np.uint64)
        positions = np.zeros(len(slots), np.int64)
        kernels.insert_keys(keys, slots, positions)
        return cls(keys, row_counts, slots, positions)

    def find(self, queries: Array) -> Array:
        """Return the index of each hash, -1 where it is too rare to be here."""
        out = np.empty(len(queries), np.int64)
        kernels.lookup(self.slots, self.positions, np.ascontiguousarray(queries, np.uint64), out)
        return out

    def count(self, queries: Array) -> Array:
        """Return the rows of each hash, float64[Q]: 0 where it is too rare to be here."""
        index = self.find(queries)
        rows: Array = np.where(index >= 0, self.row_counts[np.maximum(index, 0)], 0)
        return rows.astype(np.float64)


def extend_grams(grams: Array, tokens: Array) -> Array:
    """Return the hashes of n-grams with one more token each (both uint64[N]), uint64[N]."""
    longer = grams.copy()
    kernels.extend_each(np.ascontiguousarray(tokens), longer)
    return longer


def word_grams(tokens: Array) -> Array:
    """Return the hashes of n-grams of a single token, uint64[N]."""
    return extend_grams(np.zeros(len(tokens), np.uint64), tokens)


def table_size(entries: int) -> int:
    """Return the power of two that holds so many keys at less than the maximal load."""
    return 1 << max(4, int(np.ceil(np.log2(max(1, entries) / kernels.MAX_LOAD))))


class NgramCounter:
    """Exact row counts of the n-grams that passed the gate.

    Parameters
    ----------
    gate : uint8[cells]
        Finalised gate of *all* rows.
    min_support : int
        Rows below which an n-gram is forgotten, at `finalize`.
    """

    def __init__(self, gate: Array, min_support: int) -> None:
        self._gate = gate
        self._min_support = min_support
        self._allocate(1 << 16)
        self._rows = 0

    def _allocate(self, size: int) -> None:
        self._keys = np.zeros(size, np.uint64)
        self._counts = np.zeros(size, np.int64)
        self._last_row = np.full(size, -1, np.int64)
        self._used = np.zeros(1, np.int64)

    def update(self, tokens: Array, row_offsets: Array) -> None:
        """Count the n-grams of a batch (tokens uint64[T], row_offsets int64[R + 1])."""
        row, rows = 0, len(row_offsets) - 1
        while row < rows:
            row = kernels.count_ngrams(
                tokens,
                row_offsets,
                row,
                self._rows,
                MAX_ORDER,
                self._gate,
                min(self._min_support, _GATE_MAX),
                self._keys,
                self._counts,
                self._last_row,
                self._used,
            )
            if row < rows:
                self._grow()
        self._rows += rows

    def _grow(self) -> None:
        keys, counts, last_row = self._keys, self._counts, self._last_row
        taken = keys != 0
        self._allocate(2 * len(keys))
        slots = np.zeros(len(self._keys), np.int64)
        kernels.insert_keys(keys[taken], self._keys, slots)
        filled = self._keys != 0
        self._counts[filled] = counts[taken][slots[filled]]
        self._last_row[filled] = last_row[taken][slots[filled]]
        self._used[0] = int(taken.sum())

    def state(self) -> tuple[Array, Array]:
        """Return (keys, row counts), ascending by key: the whole state, nothing dropped."""
        taken = self._keys != 0
        keys, counts = self._keys[taken], self._counts[taken]
        order = np.argsort(keys)
        return keys[order], counts[order]

    def merge(self, other: NgramCounter) -> None:
        """Add another part's counts; the parts must not share rows."""
        same_gate = other._gate is self._gate or np.array_equal(other._gate, self._gate)
        if other._min_support != self._min_support or not same_gate:
            raise IncompatibleStateError("n-gram counters of different settings cannot be merged")
        mine, theirs = self.state(), other.state()
        keys, inverse = np.unique(np.concatenate([mine[0], theirs[0]]), return_inverse=True)
        counts = np.zeros(len(keys), np.int64)
        np.add.at(counts, inverse, np.concatenate([mine[1], theirs[1]]))
        self._allocate(table_size(len(keys)))
        slots = np.zeros(len(self._keys), np.int64)
        kernels.insert_keys(keys, self._keys, slots)
        filled = self._keys != 0
        self._counts[filled] = counts[slots[filled]]
        self._used[0] = len(keys)
        self._rows += other._rows

    def finalize(self) -> NgramTable:
        """Return the n-grams of at least the minimal support."""
        keys, counts = self.state()
        frequent = counts >= self._min_support
        return NgramTable.build(keys[frequent], counts[frequent])


if TYPE_CHECKING:  # the type checker proves that both keep the contract
    _GATE: Accumulator[Array] = NgramGate()
    _COUNTER: Accumulator[NgramTable] = NgramCounter(_GATE.finalize(), 1)
