"""Document frequencies of n-grams: `NgramGate` (first pass), `NgramCounter` (second pass)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from poisonscan.accumulators.base import Accumulator
from poisonscan.accumulators.occurrences import (
    WHOLE,
    Batch,
    Lister,
    Occurrences,
    Share,
    work_by_part,
)
from poisonscan.errors import IncompatibleStateError
from poisonscan.kernels import ngrams as kernels
from poisonscan.memory import count_parts

Array = npt.NDArray[Any]

#: Counters of a gate, one byte each: what is wrongly let through costs memory, never a result.
GATE_CELLS = 1 << 16  # a multiple of the parts of a table
MAX_GATE_CELLS = 1 << 28

#: Unit of the tokens whose n-grams are counted in shares (`count_parts`).
_SHARED_TOKENS = 1 << 24

#: Slots of a counter's table at the start; it grows by a half when a part of it is full.
_FIRST_SLOTS = 1 << 12

#: Bits of the last row in a record's second word; its rows are above.
_HALF = np.uint64(32)

#: Where a counter stops: it says no more than "at least so many".
_GATE_MAX = 255


def gate_cells(tokens: int) -> int:
    """Return how many counters hold back most singletons of a text of so many tokens.

    There are about three different n-grams for each token.
    """
    cells = 1 << int(np.ceil(np.log2(max(1, 4 * tokens))))
    return min(max(cells, GATE_CELLS), MAX_GATE_CELLS)


def count_shares(tokens: int) -> int:
    """Return in how many shares the n-grams of so many tokens are counted."""
    return count_parts(tokens, _SHARED_TOKENS)


class NgramGate:
    """Saturating counters: "is this n-gram certainly rarer than the support?".

    Parameters
    ----------
    cells
        See `gate_cells`.
    share
        Only n-grams whose first token is in it are counted.
    """

    def __init__(self, cells: int = GATE_CELLS, share: Share = WHOLE) -> None:
        self.counters = np.zeros(cells, np.uint8)
        self._share = share
        self._lister = Lister()

    def update(self, tokens: Array, row_offsets: Array) -> None:
        """Count the n-grams of a batch (tokens uint64[T], row_offsets int64[R + 1])."""

        def work(listed: Occurrences, first: int, last: int) -> int:
            kernels.gate_ngrams(listed.grams, first, last, self.counters)
            return last

        batch = Batch(tokens, row_offsets, self.counters, self._share)
        for listed in self._lister.each(batch, len(self.counters)):
            work_by_part(listed, work)

    def merge(self, other: NgramGate) -> None:
        """Add another part's counters (saturating)."""
        if len(other.counters) != len(self.counters) or other._share != self._share:
            raise IncompatibleStateError("n-gram gates of different settings cannot be merged")
        room = np.uint8(_GATE_MAX) - self.counters
        self.counters += np.minimum(room, other.counters)

    def finalize(self) -> Array:
        """Return the counters, uint8[cells]."""
        return self.counters


@dataclass(frozen=True, slots=True)
class NgramTable:
    """Row counts of n-grams, as a hash table.

    Attributes
    ----------
    slots : uint64[N]
        Hashes; 0 is a free slot.
    row_counts : int32[N]
        Rows of the n-gram of each slot.
    row_sets : uint64[N]
        What n-grams with the same rows have in common: a random number for each set of rows.
    last_rows : int32[N]
        The last row of each.
    """

    slots: Array
    row_counts: Array
    row_sets: Array
    last_rows: Array

    @classmethod
    def of_records(cls, parts: Sequence[Array]) -> NgramTable:
        """Return the table of what counters of different shares found frequent.

        Parameters
        ----------
        parts : sequence of uint64[N, RECORD]
        """
        size = table_size(sum(map(len, parts)))
        slots, sets = np.zeros(size, np.uint64), np.zeros(size, np.uint64)
        counts, rows = np.zeros(size, np.int32), np.zeros(size, np.int32)
        for records in parts:
            at = np.empty(len(records), np.int64)
            kernels.insert_keys(np.ascontiguousarray(records[:, 0]), slots, at)
            counts[at], rows[at] = records[:, 1] >> _HALF, records[:, 1] & kernels.LOW
            sets[at] = records[:, 2]
        return cls(slots, counts, sets, rows)

    def find(self, queries: Array) -> Array:
        """Return the slot of each hash, -1 where it is too rare to be here."""
        out = np.empty(len(queries), np.int64)
        kernels.lookup(self.slots, np.ascontiguousarray(queries, np.uint64), out)
        return out

    def count(self, queries: Array) -> Array:
        """Return the rows of each hash, float64[Q]: 0 where it is too rare to be here."""
        slot = self.find(queries)
        rows: Array = np.where(slot >= 0, self.row_counts[np.maximum(slot, 0)], 0)
        return rows.astype(np.float64)

    def words(self) -> Array:
        """Return the table of the n-grams of a single token alone, uint64[M]."""
        return hashed(self.slots[(self.slots & kernels.WORD_BIT) != 0])[0]


def hashed(keys: Array) -> tuple[Array, Array]:
    """Return a table of distinct keys (uint64[N]), and the slot of each (int64[N])."""
    slots, at = np.zeros(table_size(len(keys)), np.uint64), np.empty(len(keys), np.int64)
    kernels.insert_keys(np.ascontiguousarray(keys), slots, at)
    return slots, at


def extend_grams(grams: Array, tokens: Array) -> Array:
    """Return the hashes of n-grams with one more token each (both uint64[N]), uint64[N]."""
    longer = grams.copy()
    kernels.extend_each(np.ascontiguousarray(tokens), longer)
    return longer


def word_grams(tokens: Array) -> Array:
    """Return the hashes of n-grams of a single token, uint64[N]."""
    return extend_grams(np.zeros(len(tokens), np.uint64), tokens)


def table_size(entries: int) -> int:
    """Return how many slots hold so many keys at less than the maximal load."""
    return _whole_parts(1 + int(entries / kernels.MAX_LOAD))


def _whole_parts(slots: int) -> int:
    """Return the next number of slots that parts of one size make."""
    return kernels.PARTS * -(-slots // kernels.PARTS)


class NgramCounter:
    """Exact row counts of the n-grams that passed the gate.

    Parameters
    ----------
    gate : uint8[cells]
        Finalised gate of *all* rows.
    min_support : int
        Rows below which an n-gram is forgotten, at `finalize`.
    share
        That of the gate.
    """

    def __init__(self, gate: Array, min_support: int, share: Share = WHOLE) -> None:
        self._gate = gate
        self._share = share
        self._min_support = min_support
        # each cell that lets anything pass stands for one n-gram at least
        self._allocate(max(_FIRST_SLOTS, table_size(self._count_passing())))
        self._lister = Lister()
        self._rows = 0

    def _count_passing(self) -> int:
        """Return how many cells of the gate let n-grams pass."""
        least, step = min(self._min_support, _GATE_MAX), 1 << 22
        parts = (self._gate[at : at + step] for at in range(0, len(self._gate), step))
        return sum(int(np.count_nonzero(part >= least)) for part in parts)

    def _allocate(self, size: int) -> None:
        self._records = np.zeros((size, kernels.RECORD), np.uint64)
        self._used = np.zeros(kernels.PARTS, np.int64)

    def update(self, tokens: Array, row_offsets: Array) -> None:
        """Count the n-grams of a batch (tokens uint64[T], row_offsets int64[R + 1])."""
        numbers = np.empty(len(row_offsets) - 1, np.uint64)
        kernels.number_rows(tokens, row_offsets, numbers)

        def work(listed: Occurrences, first: int, last: int) -> int:
            return self._count(listed, first, last, numbers)

        least = min(self._min_support, _GATE_MAX)
        batch = Batch(tokens, row_offsets, self._gate, self._share, least)
        for listed in self._lister.each(batch, len(self._records)):
            for one, first, last in work_by_part(listed, work):
                while (first := work(one, first, last)) < last:
                    self._grow()
        self._rows += len(row_offsets) - 1

    def _count(self, listed: Occurrences, first: int, last: int, numbers: Array) -> int:
        """Count a range of occurrences; return where the table was full."""
        reached: int = kernels.count_ngrams(
            listed.grams,
            listed.places,
            listed.rows,
            first,
            last,
            self._rows,
            numbers,
            self._records.reshape(-1),
            self._used,
        )
        return reached

    def _grow(self) -> None:
        self._fill(len(self._records) * 3 // 2, self._taken())

    def _fill(self, size: int, records: Array) -> None:
        self._allocate(_whole_parts(size))
        kernels.insert_records(records, self._records.reshape(-1), self._used)

    def state(self) -> tuple[Array, Array, Array]:
        """Return (keys, row counts, sets of rows), ascending by key: nothing is dropped."""
        taken = self._taken()
        keys, counts, sets = taken[np.argsort(taken[:, 0])].T
        return keys, counts >> _HALF, sets

    def _taken(self) -> Array:
        """Return a copy of the records in use, uint64[N, RECORD]."""
        taken: Array = self._records[self._records[:, 0] != 0]
        return taken

    def merge(self, other: NgramCounter) -> None:
        """Add the counts of the part that comes next; the parts must not share rows."""
        same_gate = other._gate is self._gate or np.array_equal(other._gate, self._gate)
        same_settings = (other._min_support, other._share) == (self._min_support, self._share)
        if not (same_settings and same_gate):
            raise IncompatibleStateError("n-gram counters of different settings cannot be merged")
        mine, theirs = self._taken(), other._taken()
        theirs[:, 1] += np.uint64(self._rows)  # its rows come after mine
        keys, index = np.unique(np.concatenate([mine[:, 0], theirs[:, 0]]), return_inverse=True)
        records = np.zeros((len(keys), kernels.RECORD), np.uint64)
        records[:, 0] = keys
        for part, at in ((mine, index[: len(mine)]), (theirs, index[len(mine) :])):
            counts = (records[at, 1] >> _HALF) + (part[:, 1] >> _HALF)
            records[at, 1] = counts << _HALF | part[:, 1] & kernels.LOW
            records[at, 2] += part[:, 2]
        self._fill(table_size(len(keys)), records)
        self._rows += other._rows

    def frequent(self) -> Array:
        """Return the records of the n-grams of at least the minimal support, uint64[N, RECORD]."""
        found: Array = self._records[self._records[:, 1] >> _HALF >= self._min_support]
        return found

    def finalize(self) -> NgramTable:
        """Return the n-grams of at least the minimal support."""
        return NgramTable.of_records([self.frequent()])


if TYPE_CHECKING:  # the type checker proves that both keep the contract
    _GATE: Accumulator[Array] = NgramGate()
    _COUNTER: Accumulator[NgramTable] = NgramCounter(_GATE.finalize(), 1)
