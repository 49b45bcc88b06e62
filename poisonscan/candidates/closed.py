"""Closed n-grams of the input, each with the rows that contain it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.accumulators.ngrams import MAX_ORDER, NgramTable
from poisonscan.candidates.corpus import Corpus, CountedSide
from poisonscan.candidates.csr import entries
from poisonscan.kernels import ngrams as kernels

Array = npt.NDArray[Any]

#: An n-gram is closed when no longer one has (nearly) its rows. Exact equality would split a
#: trigger that one typo or one edit touches.
CLOSED_SHARE = 0.95

#: Share of all rows above which a string is part of the dataset's form, not a trigger in it:
#: the rows without it become too few to compare with.
MAX_SHARE = 0.7

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
    offsets : int64[C + 1], rows : int64[P], first_token : int32[P]
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
        """Return rows and first tokens of one candidate."""
        where = slice(int(self.offsets[candidate]), int(self.offsets[candidate + 1]))
        return self.rows[where], self.first_token[where]

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
        source = entries(self.offsets[:-1][chosen], sizes)
        return Candidates(
            support=self.support[chosen],
            order=self.order[chosen],
            offsets=offsets,
            rows=self.rows[source],
            first_token=self.first_token[source],
        )


def find_closed(corpus: Corpus) -> Candidates:
    """Return all closed n-grams of the input side, ordered by their terms.

    Those of the output side are the ones of `corpus.swapped()`.
    """
    counted = corpus.input
    keys = _closed_keys(counted, corpus.rows)
    offsets, rows, token = _postings(corpus, keys)
    lengths, content = _content(counted, keys, offsets, rows, token)
    support = counted.table.row_counts[counted.table.find(keys)]
    by_key = Candidates(support, lengths, offsets, rows, token)
    return by_key.take(np.lexsort(content.T[::-1]))


def _closed_keys(counted: CountedSide, rows: int) -> Array:
    table = counted.table
    longest = np.zeros(len(table.keys), np.int64)
    for start, end in counted.side.chunks():
        tokens, row_offsets = counted.side.token_slice(start, end)
        kernels.measure_extensions(
            tokens,
            row_offsets,
            MAX_ORDER,
            table.slots,
            table.positions,
            table.row_counts,
            longest,
        )
    closed = (longest < CLOSED_SHARE * table.row_counts) & (table.row_counts <= MAX_SHARE * rows)
    keys: Array = table.keys[closed]
    return keys


def _postings(corpus: Corpus, keys: Array) -> tuple[Array, Array, Array]:
    """Return offsets, rows and first tokens (CSR) of the followed occurrences."""
    side, table = corpus.input.side, corpus.input.table
    wanted = NgramTable.build(keys, np.zeros(len(keys), np.int64))
    sizes = np.minimum(table.row_counts[table.find(wanted.keys)], MAX_POSTINGS)
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    rows = np.empty(offsets[-1], np.int64)
    token = np.empty(offsets[-1], np.int32)
    kernels.collect_postings(
        side.tokens,
        side.row_tokens,
        corpus.by_rank,
        MAX_ORDER,
        wanted.slots,
        wanted.positions,
        offsets,
        np.full(2 * len(keys), -1, np.int64),
        rows,
        token,
    )
    return offsets, rows, token


def _content(
    counted: CountedSide, keys: Array, offsets: Array, rows: Array, token: Array
) -> tuple[Array, Array]:
    """Return each candidate's length and its terms, int32[C, MAX_ORDER] padded with -1."""
    lengths = np.zeros(len(keys), np.int64)
    content = np.full((len(keys), MAX_ORDER), -1, np.int32)
    sorted_keys = np.sort(keys)
    row_tokens = counted.side.row_tokens
    first = row_tokens[rows[offsets[:-1]]] + token[offsets[:-1]]
    last = row_tokens[rows[offsets[:-1]] + 1]
    gram = np.zeros(len(keys), np.uint64)
    for position in range(MAX_ORDER):
        at = np.minimum(first + position, last - 1)
        kernels.extend_each(np.ascontiguousarray(counted.side.tokens[at]), gram)
        open_ = lengths == 0
        content[open_, position] = counted.terms[at[open_]]
        lengths[open_ & (gram == sorted_keys)] = position + 1
    return lengths, content
