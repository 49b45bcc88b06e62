"""Collects the rows of many n-grams in one pass through the text."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.accumulators.ngrams import NgramTable, gate_cells, hashed
from poisonscan.accumulators.occurrences import Batch, Lister, Occurrences, work_by_part
from poisonscan.candidates.corpus import Corpus
from poisonscan.kernels.closed import PAIR, collect_postings, sort_heaps
from poisonscan.kernels.ngrams import set_gate

Array = npt.NDArray[Any]

#: What a gate has for n-grams that are frequent, and for those whose rows are followed.
_FREQUENT, _FOLLOWED = 1, 2

#: Ranks that are turned into rows at a time.
_PART = 1 << 20


def collect(corpus: Corpus, grams: Array, starts: Array, lister: Lister) -> tuple[Array, Array]:
    """Return rows and first tokens of the followed occurrences of n-grams, int32[P] each.

    Parameters
    ----------
    grams : uint64[G]
        N-grams of the input side, in the order of their hashes (what is looked up together lies
        together then).
    starts : int64[G + 1]
        Where the postings of each have their place. The first rows in sampling order find room.
    """
    side = corpus.input.side
    records = numbered(grams, np.arange(len(grams)))
    ranks, token = np.empty(starts[-1], np.int32), np.empty(starts[-1], np.int32)
    states = np.column_stack([np.zeros(len(grams), np.int64), np.full(len(grams), -1)])
    gate = _gate(corpus.input.table, grams)
    for start, end in side.chunks():
        tokens, offsets = side.token_slice(start, end)

        def work(
            listed: Occurrences, first: int, last: int, offsets: Array = offsets, row: int = start
        ) -> int:
            collect_postings(
                listed.grams, listed.places, first, last, listed.rows, listed.first, offsets, row,
                corpus.rank, records, starts, states, ranks, token,
            )  # fmt: skip
            return last

        batch = Batch(tokens, offsets, gate, _FREQUENT, _FOLLOWED)
        for listed in lister.each(batch, len(records) // PAIR):
            work_by_part(listed, work)
    if (states[:, 0] != np.diff(starts)).any():  # what was not written is no row
        raise RuntimeError("n-grams have other rows than were counted")
    sort_heaps(starts, ranks, token)
    for part in range(0, len(ranks), _PART):
        ranks[part : part + _PART] = corpus.by_rank[ranks[part : part + _PART]]
    return ranks, token


def _gate(table: NgramTable, followed: Array) -> Array:
    """Return the gate that lets through what is followed and no more of the rest than chance.

    uint8[cells]: `_FREQUENT` for all n-grams of the table, `_FOLLOWED` for those given.
    """
    frequent = table.slots[table.slots != 0]
    gate = np.zeros(gate_cells(2 * len(frequent)), np.uint8)
    set_gate(frequent, _FREQUENT, gate)
    set_gate(followed, _FOLLOWED, gate)
    return gate


def numbered(grams: Array, numbers: Array) -> Array:
    """Return the table of n-grams with a number each, uint64[M * PAIR]."""
    slots, at = hashed(grams)
    records = np.zeros((len(slots), PAIR), np.uint64)
    records[:, 0] = slots
    records[at, 1] = numbers
    return records.reshape(-1)
