"""Closed n-grams of the input, each with the rows that contain it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.accumulators.ngrams import MAX_ORDER, NgramTable
from poisonscan.candidates.corpus import Corpus, CountedSide
from poisonscan.kernels import ngrams as kernels
from poisonscan.kernels.rows import copy_ranges
from poisonscan.threads import work_on_each

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


@dataclass(frozen=True, slots=True)
class Candidates:
    """Closed n-grams and their rows.

    Attributes
    ----------
    support : int64[C]
        Rows that contain the candidate, in the whole dataset.
    order : int64[C]
        Length in tokens.
    offsets : int64[C + 1], rows : int32[P], first_token : int32[P]
        Postings (CSR): the rows, in sampling order, all of them up to `MAX_POSTINGS` and a
        uniform sample above; and where in the row's tokens the candidate stands first.
    """

    support: Array
    order: Array
    offsets: Array
    rows: Array
    first_token: Array

    def __len__(self) -> int:
        return len(self.support)

    def postings(self, candidate: int) -> tuple[Array, Array]:
        """Return rows (int64[N]) and first tokens (int32[N]) of one candidate."""
        where = slice(int(self.offsets[candidate]), int(self.offsets[candidate + 1]))
        return self.rows[where].astype(np.int64), self.first_token[where]

    def first_places(self, side: CountedSide) -> Array:
        """Return the scan-wide token index of one occurrence of each candidate, int64[C]."""
        at = self.offsets[:-1]
        places: Array = side.side.row_tokens[self.rows[at]] + self.first_token[at]
        return places

    def terms(self, corpus: Corpus, candidate: int) -> tuple[int, ...]:
        """Return the vocabulary terms that the candidate consists of."""
        at = int(self.offsets[candidate])
        terms = corpus.input.row_slice(int(self.rows[at]))
        start = int(self.first_token[at])
        return tuple(int(term) for term in terms[start : start + int(self.order[candidate])])

    def take(self, chosen: Array) -> Candidates:
        """Return these candidates (int64[K]), in this order."""
        sizes = np.diff(self.offsets)[chosen]
        offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        rows, first_token = np.empty(offsets[-1], np.int32), np.empty(offsets[-1], np.int32)
        for values, out in ((self.rows, rows), (self.first_token, first_token)):
            copy_ranges(values, self.offsets[:-1][chosen], offsets, out)
        return Candidates(self.support[chosen], self.order[chosen], offsets, rows, first_token)


def find_closed(corpus: Corpus) -> Candidates:
    """Return the closed n-grams of the input side, ordered by their terms.

    One stands for all where more than `MAX_WINDOWS` have the same rows. Those of the output side
    are the ones of `corpus.swapped()`.
    """
    counted = corpus.input
    records = counted.table.pairs()
    slots = _closed_slots(counted, records, corpus.rows)
    support = _group_by_rows(counted.table, slots, records)
    offsets, rows, token, owner = _postings(corpus, records, support)
    lengths, content = _content(counted, counted.table.slots[owner], offsets, rows, token)
    by_group = Candidates(support, lengths, offsets, rows, token)
    return by_group.take(np.lexsort(content.T[::-1]))


def _closed_slots(counted: CountedSide, records: Array, rows: int) -> Array:
    """Return the slots of the closed n-grams, int64[N]."""
    row_counts = counted.table.row_counts
    left_out = ((row_counts == 0) | (row_counts > MAX_SHARE * rows)).astype(np.uint8)

    def mark(part: tuple[int, int]) -> None:
        batch = counted.side.token_slice(*part)
        kernels.mark_accompanied(*batch, MAX_ORDER, records, CLOSED_SHARE, left_out)

    work_on_each(mark, counted.side.chunks())
    return np.flatnonzero(left_out == 0)


def _group_by_rows(table: NgramTable, slots: Array, records: Array) -> Array:
    """Write the group of each closed n-gram into its record; return their rows, int64[G]."""
    sets, counts = table.row_sets[slots], table.row_counts[slots].astype(np.int64)
    order = np.lexsort((counts, sets))
    is_new = np.ones(len(slots), bool)
    is_new[1:] = (np.diff(sets[order]) != 0) | (np.diff(counts[order]) != 0)
    same = np.cumsum(is_new) - 1
    is_shared = np.bincount(same, minlength=1)[same] > MAX_WINDOWS
    is_new |= ~is_shared
    group = np.cumsum(is_new).astype(np.uint64)
    records[slots[order] * kernels.PAIR + 1] |= group | is_shared * kernels.SHARED_BIT
    return counts[order][is_new]


def _postings(corpus: Corpus, records: Array, support: Array) -> tuple[Array, Array, Array, Array]:
    """Return offsets, rows and first tokens (CSR) of the followed occurrences, and whose.

    The last is the slot of the n-gram that stands for each group, int64[G].
    """
    side = corpus.input.side
    offsets = np.concatenate([[0], np.cumsum(np.minimum(support, MAX_POSTINGS))])
    rows, token = np.empty(offsets[-1], np.int32), np.empty(offsets[-1], np.int32)
    owner = np.full(len(support), -1, np.int64)
    places = np.column_stack([offsets[:-1], offsets[1:]])
    kernels.collect_postings(
        side.tokens,
        side.row_tokens,
        corpus.by_rank,
        MAX_ORDER,
        records,
        places,
        owner,
        rows,
        token,
    )
    if (places[:, 0] != places[:, 1]).any():  # what was not written is no row
        raise RuntimeError("n-grams have other rows than were counted")
    return offsets, rows, token, owner


def _content(
    counted: CountedSide, keys: Array, offsets: Array, rows: Array, token: Array
) -> tuple[Array, Array]:
    """Return each candidate's length and its terms, int32[C, MAX_ORDER] padded with -1."""
    lengths = np.zeros(len(keys), np.int64)
    content = np.full((len(keys), MAX_ORDER), -1, np.int32)
    row_tokens = counted.side.row_tokens
    first = row_tokens[rows[offsets[:-1]]] + token[offsets[:-1]]
    last = row_tokens[rows[offsets[:-1]] + 1]
    gram = np.zeros(len(keys), np.uint64)
    for position in range(MAX_ORDER):
        at = np.minimum(first + position, last - 1)
        kernels.extend_each(np.ascontiguousarray(counted.side.tokens[at]), gram)
        open_ = lengths == 0
        content[open_, position] = counted.terms[at[open_]]
        lengths[open_ & (gram == keys)] = position + 1
    return lengths, content
