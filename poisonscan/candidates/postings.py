"""Collects the rows of many n-grams: where they stand is marked once, then read share by share."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.accumulators.ngrams import gate_cells, hashed
from poisonscan.accumulators.occurrences import (
    MAX_ORDER,
    Lister,
    MarkedBatch,
    Occurrences,
    Share,
    work_by_part,
)
from poisonscan.candidates.corpus import Corpus
from poisonscan.kernels.closed import FOLLOWED, PAIR, collect_postings, sort_heaps
from poisonscan.kernels.ngrams import LOW, mark_ngrams, set_gate, share_of_each
from poisonscan.spool import Column, release
from poisonscan.threads import map_in_order, work_on_each, work_on_ranges

Array = npt.NDArray[Any]

#: An n-gram that has its limit of postings this many times over is looked for in some rows alone,
#: the first in sampling order: chance never leaves less than the limit there.
_SPARE = 4

#: Counter of a gate for n-grams that are frequent, not followed: what is longer may be.
_FREQUENT = 1

#: Postings that are turned into rows at a time.
_PART = 1 << 20


class Follower:
    """Finds the rows of n-grams of the input side.

    Parameters
    ----------
    grams : uint64[G], support : int64[G]
        All n-grams that will be asked for, and their rows.
    limit
        Rows that are wanted of each.
    """

    def __init__(self, corpus: Corpus, grams: Array, support: Array, limit: int) -> None:
        self._corpus, self._grams = corpus, grams
        levels = np.log2(np.maximum(1.0, support / (_SPARE * limit))).astype(np.uint8)
        self._marks = self._mark(levels)
        self._is_complete = not levels.any()
        self._lister = Lister()

    def collect(self, grams: Array, starts: Array, share: Share) -> tuple[Array, Array]:
        """Return rows and first tokens of the followed occurrences, int32[P] each.

        Parameters
        ----------
        grams : uint64[G]
            The n-grams of a share (`shares_of`), in the order of their hashes (what is looked up
            together lies together then).
        starts : int64[G + 1]
            Where the postings of each have their place. The first rows in sampling order find room.
        """
        found = self._collect(grams, starts, share)
        if found is None and not self._is_complete:  # somebody chose rows that come late
            self._marks = self._mark(np.zeros(len(self._grams), np.uint8))
            self._is_complete = True
            found = self._collect(grams, starts, share)
        if found is None:
            raise RuntimeError("n-grams have other rows than were counted")
        return self._unpack(found)

    def _collect(self, grams: Array, starts: Array, share: Share) -> Array | None:
        """Return ranks and first tokens in one, int64[P], ascending; None where some miss."""
        corpus, side = self._corpus, self._corpus.input.side
        records = _followed(grams, starts)
        postings = np.empty(starts[-1], np.int64)
        for start, end in side.chunks():
            tokens, offsets = side.token_slice(start, end)
            first, last = int(side.row_tokens[start]), int(side.row_tokens[end])

            def work(
                listed: Occurrences, first: int, last: int, offsets: Array = offsets,
                row: int = start,
            ) -> int:  # fmt: skip
                collect_postings(
                    listed.grams, listed.places, first, last, listed.rows, listed.first, offsets,
                    row, corpus.rank, records, postings,
                )  # fmt: skip
                return last

            batch = MarkedBatch(tokens, offsets, self._marks[first:last], share)
            for listed in self._lister.each(batch, len(records) // FOLLOWED):
                work_by_part(listed, work)
            release(self._marks, first, last)
        if int((records[2::FOLLOWED] & LOW).sum()) < len(postings):
            return None

        def sort(first: int, last: int) -> None:
            sort_heaps(starts, first, last, postings)

        work_on_ranges(sort, np.diff(starts))
        return postings

    def _unpack(self, postings: Array) -> tuple[Array, Array]:
        """Return rows and first tokens, int32[P] each."""
        rows, token = np.empty(len(postings), np.int32), np.empty(len(postings), np.int32)

        def unpack(first: int) -> None:
            part = slice(first, first + _PART)
            rows[part] = self._corpus.by_rank[postings[part] >> 32]
            token[part] = postings[part] & int(LOW)

        work_on_each(unpack, range(0, len(postings), _PART))
        return rows, token

    def _mark(self, levels: Array) -> Array:
        """Return which n-grams that begin at each token are to be looked at, uint8[T].

        Parameters
        ----------
        levels : uint8[G]
            N-grams of level k are looked at in the first 1 / 2^k of the rows in sampling order.
        """
        corpus, side = self._corpus, self._corpus.input.side
        most = int(levels.max(initial=0))
        gate = _gate(corpus.input.table.slots, self._grams, _FREQUENT + 1 + most - levels)
        least = np.full(corpus.rows, _FREQUENT + 1 + most, np.uint8)
        for level in range(1, most + 1):
            least[corpus.rank < corpus.rows / 2**level] -= 1

        def mark(rows: tuple[int, int]) -> Array:
            tokens, offsets = side.token_slice(*rows)
            marks = np.empty(len(tokens), np.uint8)
            mark_ngrams(tokens, offsets, MAX_ORDER, gate, least[slice(*rows)], marks)
            return marks

        column = Column(corpus.new_file(), np.uint8)
        for marks in map_in_order(mark, side.chunks()):
            column.append(marks)
        return corpus.keep(column.finish())


def _gate(slots: Array, followed: Array, counters: Array) -> Array:
    """Return the gate that lets through what is followed and no more of the rest than chance.

    uint8[cells]: `_FREQUENT` for all n-grams of a table, larger ones for those given. Where two
    share a counter it is the larger one: more is let through, never less.
    """
    frequent = slots[slots != 0]
    gate = np.zeros(gate_cells(2 * len(frequent)), np.uint8)
    set_gate(frequent, np.full(len(frequent), _FREQUENT, np.uint8), gate)
    set_gate(followed, counters, gate)
    return gate


def shares_of(grams: Array, shares: int) -> Array:
    """Return which of so many shares each n-gram belongs to, int64[G]."""
    own = np.empty(len(grams), np.int64)
    share_of_each(np.ascontiguousarray(grams), shares, own)
    return own


def _followed(grams: Array, starts: Array) -> Array:
    """Return the table that postings are collected with, uint64[M * FOLLOWED]."""
    slots, at = hashed(grams)
    records = np.zeros((len(slots), FOLLOWED), np.uint64)
    records[:, 0] = slots
    records[at, 1] = starts[:-1]
    records[at, 2] = np.diff(starts) << 32
    return records.reshape(-1)


def numbered(grams: Array, numbers: Array) -> Array:
    """Return the table of n-grams with a number each, uint64[M * PAIR]."""
    slots, at = hashed(grams)
    records = np.zeros((len(slots), PAIR), np.uint64)
    records[:, 0] = slots
    records[at, 1] = numbers
    return records.reshape(-1)
