"""Closed n-grams of the input, each with the rows that contain it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.accumulators.ngrams import MAX_ORDER, NgramTable, gate_cells, hashed
from poisonscan.accumulators.occurrences import Batch, Lister, Occurrences, work_by_part
from poisonscan.candidates.corpus import Corpus, CountedSide
from poisonscan.kernels import ngrams as kernels
from poisonscan.kernels.closed import (
    PAIR,
    choose_owners,
    collect_postings,
    mark_accompanied,
    place_ngrams,
    sort_heaps,
    sum_over_rows,
)
from poisonscan.threads import work_on_each, work_on_ranges

Array = npt.NDArray[Any]

#: An n-gram is closed when no longer one has (nearly) its rows. Exact equality would split a
#: trigger that one typo or one edit touches.
CLOSED_SHARE = 0.95

#: Share of all rows above which a string is part of the dataset's form, not a trigger in it:
#: the rows without it become too few to compare with.
MAX_SHARE = 0.7

#: N-grams with the same rows that are candidates each: the windows of a sentence, which differ in
#: what stands beside them. More of them are a passage, or all that near-duplicates have in common
#: (four fifths of the candidates in a collection of templates).
MAX_WINDOWS = 16

#: Rows of one candidate that are followed; rates over that many are known to 1.6 %.
MAX_POSTINGS = 4096

#: What a gate has for n-grams that are frequent, and for those whose rows are followed.
_FREQUENT, _FOLLOWED = 1, 2

#: Ranks that are turned into rows at a time.
_PART = 1 << 20


@dataclass(frozen=True, slots=True)
class Candidates:
    """Closed n-grams and their rows.

    Attributes
    ----------
    support : int64[C]
        Rows that contain the candidate, in the whole dataset.
    order : int64[C]
        Length in tokens.
    starts, ends : int64[C]
        Where the candidate's postings begin and end.
    rows : int32[P], first_token : int32[P]
        Postings, also of other candidates: the rows, in sampling order, all of them up to a limit
        and a uniform sample above; and where in the row's tokens the candidate stands first.
    """

    support: Array
    order: Array
    starts: Array
    ends: Array
    rows: Array
    first_token: Array

    def __len__(self) -> int:
        return len(self.support)

    @property
    def followed(self) -> Array:
        """Number of postings of each candidate, int64[C]."""
        sizes: Array = self.ends - self.starts
        return sizes

    @property
    def groups(self) -> tuple[Array, Array, Array]:
        """Starts, ends and rows: what kernels work on."""
        return self.starts, self.ends, self.rows

    def postings(self, candidate: int) -> tuple[Array, Array]:
        """Return rows (int64[N]) and first tokens (int32[N]) of one candidate."""
        where = slice(int(self.starts[candidate]), int(self.ends[candidate]))
        return self.rows[where].astype(np.int64), self.first_token[where]

    def first_places(self, side: CountedSide) -> Array:
        """Return the scan-wide token index of one occurrence of each candidate, int64[C]."""
        at = self.starts
        places: Array = side.side.row_tokens[self.rows[at]] + self.first_token[at]
        return places

    def terms(self, corpus: Corpus, candidate: int) -> tuple[int, ...]:
        """Return the vocabulary terms that the candidate consists of."""
        at = int(self.starts[candidate])
        terms = corpus.input.row_slice(int(self.rows[at]))
        start = int(self.first_token[at])
        return tuple(int(term) for term in terms[start : start + int(self.order[candidate])])

    def take(self, chosen: Array) -> Candidates:
        """Return these candidates (int64[K]), in this order; postings are shared."""
        return replace(
            self,
            support=self.support[chosen],
            order=self.order[chosen],
            starts=self.starts[chosen],
            ends=self.ends[chosen],
        )

    def sums(self, values: Array) -> Array:
        """Return the sum of a value of rows (float64[R]) over each candidate's, float64[C]."""
        out = np.empty(len(self))

        def add(first: int, last: int) -> None:
            sum_over_rows(
                self.starts[first:last], self.ends[first:last], self.rows, values, out[first:last]
            )

        work_on_ranges(add, self.followed)
        return out


def find_closed(corpus: Corpus, max_postings: int = MAX_POSTINGS) -> Candidates:
    """Return the closed n-grams of the input side, ordered by their terms.

    One stands for all where more than `MAX_WINDOWS` have the same rows: that which stands first
    in the first of them. Those of the output side are the ones of `corpus.swapped()`.

    Parameters
    ----------
    max_postings
        Rows of a candidate that are followed.
    """
    counted = corpus.input
    slots, places, orders = _closed_ngrams(counted, corpus.rows)
    grams, support = counted.table.slots[slots], counted.table.row_counts[slots].astype(np.int64)
    group, owner = _group_by_rows(counted.table, slots, places)
    starts = np.concatenate([[0], np.cumsum(np.minimum(support[owner], max_postings))])
    rows, token = _postings(corpus, grams[owner], starts)
    orders = orders[owner]
    members = np.bincount(group, minlength=len(owner))[group] > 1
    choose_owners(
        counted.side.tokens,
        counted.side.row_tokens,
        MAX_ORDER,
        _numbered(grams[members], group[members]),
        np.unique(group[members]),
        starts,
        rows,
        orders,
        token,
    )
    found = Candidates(support[owner], orders, starts[:-1], starts[1:], rows, token)
    in_order = found.take(np.lexsort(_content(counted, found).T[::-1]))
    counted.release()
    return in_order


def _closed_ngrams(counted: CountedSide, rows: int) -> tuple[Array, Array, Array]:
    """Return slot, one place (scan-wide token) and length of each closed n-gram, int64[N] each."""
    table, side = counted.table, counted.side
    slots = np.flatnonzero(table.slots)
    slots = slots[np.argsort(table.last_rows[slots], kind="stable")]
    of_row = np.bincount(table.last_rows[slots], minlength=rows)
    all_edges = np.concatenate([[0], np.cumsum(of_row)])
    places, orders = np.empty(len(slots), np.int64), np.empty(len(slots), np.int64)
    left_out = (table.row_counts > MAX_SHARE * rows).astype(np.uint8)

    def mark(part: tuple[int, int]) -> None:
        start, end = part
        edges = all_edges[start : end + 1]
        own = slice(int(edges[0]), int(edges[-1]))
        tokens, offsets = side.token_slice(start, end)
        grams, edges = table.slots[slots[own]], edges - edges[0]
        place_ngrams(tokens, offsets, MAX_ORDER, grams, edges, places[own], orders[own])
        mark_accompanied(
            tokens, places[own], orders[own], slots[own],
            table.slots, table.row_counts, CLOSED_SHARE, left_out,
        )  # fmt: skip
        places[own] += side.row_tokens[start]

    work_on_each(mark, side.chunks())
    closed = np.flatnonzero(left_out[slots] == 0)
    return slots[closed], places[closed], orders[closed]


def _group_by_rows(table: NgramTable, slots: Array, places: Array) -> tuple[Array, Array]:
    """Return the group of each closed n-gram (int64[N]), and one of each group (int64[G])."""
    sets, counts = table.row_sets[slots], table.row_counts[slots]
    order = np.lexsort((places, counts, sets))
    is_new = np.ones(len(slots), bool)
    is_new[1:] = (np.diff(sets[order]) != 0) | (np.diff(counts[order]) != 0)
    same = np.cumsum(is_new) - 1
    is_new |= np.bincount(same, minlength=1)[same] <= MAX_WINDOWS
    group = np.empty(len(slots), np.int64)
    group[order] = np.cumsum(is_new) - 1
    return group, order[is_new]


def _numbered(grams: Array, numbers: Array) -> Array:
    """Return the table of n-grams with a number each, uint64[M * PAIR]."""
    slots, at = hashed(grams)
    records = np.zeros((len(slots), PAIR), np.uint64)
    records[:, 0] = slots
    records[at, 1] = numbers
    return records.reshape(-1)


def _postings(corpus: Corpus, grams: Array, starts: Array) -> tuple[Array, Array]:
    """Return rows and first tokens of the followed occurrences of n-grams, int32[P] each."""
    side = corpus.input.side
    records = _numbered(grams, np.arange(len(grams)))
    ranks, token = np.empty(starts[-1], np.int32), np.empty(starts[-1], np.int32)
    states = np.column_stack([np.zeros(len(grams), np.int64), np.full(len(grams), -1)])
    gate, lister = _gate(corpus.input.table, grams), Lister(MAX_ORDER)
    for start, end in side.chunks():
        tokens, offsets = side.token_slice(start, end)

        def collect(
            listed: Occurrences, first: int, last: int, offsets: Array = offsets, row: int = start
        ) -> int:
            collect_postings(
                listed.grams, listed.places, first, last, listed.rows, listed.first, offsets, row,
                corpus.rank, records, starts, states, ranks, token,
            )  # fmt: skip
            return last

        batch = Batch(tokens, offsets, gate, _FREQUENT, _FOLLOWED)
        for listed in lister.each(batch, len(records) // PAIR):
            work_by_part(listed, collect)
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
    kernels.set_gate(frequent, _FREQUENT, gate)
    kernels.set_gate(followed, _FOLLOWED, gate)
    return gate


def _content(counted: CountedSide, candidates: Candidates) -> Array:
    """Return the terms of each candidate, int32[C, MAX_ORDER] padded with -1."""
    content = np.full((len(candidates), MAX_ORDER), -1, np.int32)
    first = candidates.first_places(counted)
    for position in range(MAX_ORDER):
        longer = np.flatnonzero(candidates.order > position)
        content[longer, position] = counted.terms[first[longer] + position]
    return content
