"""The counted dataset: what candidates and evidence are computed from.

Everything here is ordered by content (terms by their text, rows by their digest), never by hash
or by position in the files, so that results do not depend on hash keys, shards or workers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.accumulators.ngrams import NgramTable
from poisonscan.candidates.strata import Strata
from poisonscan.candidates.strings import Strings
from poisonscan.candidates.usage import Edges, Usage, collect_edges, collect_usage
from poisonscan.kernels.rows import count_terms
from poisonscan.spool import Side, Spool, map_zeros, release

Array = npt.NDArray[Any]

#: Rows that stand for the whole dataset: models are fitted on them, controls drawn from them.
#: Standard errors of a rate are below 0.8 % at this size.
BACKGROUND_ROWS = 4096

#: Rows that tell how texts of some strata are written (a share is known to a fiftieth), and tokens
#: that they may have.
USAGE_ROWS, USAGE_TOKENS = 512, 4096

#: Segments of a row that are counted: conversations of more are of one shape.
MAX_SEGMENTS = 8


@dataclass(frozen=True, slots=True)
class CountedSide:
    """One side of all records, counted.

    Attributes
    ----------
    side
        Texts and token hashes.
    table
        N-grams of at least the minimal support.
    strings
        Those of them that are closed, with their rows.
    terms : int32[T]
        Vocabulary term of each token, -1 for boundaries and rare tokens.
    row_terms : int64[R + 1], distinct : int32[D]
        Distinct terms of each row (CSR), in the order of appearance.
    term_rows : int64[V]
        Rows that contain each term.
    term_postings : int32[D]
        Those rows, ascending, term after term.
    term_offsets : int64[V + 1]
        Where the rows of each term begin there.
    term_tokens : uint64[V]
        Token hash of each term that this side has.
    rare_tokens : uint64[N], row_rare : int64[R + 1]
        Token hashes of what has no term, row after row: few, so that who asks for some of them
        need not touch the pages of all tokens.
    """

    side: Side
    table: NgramTable
    strings: Strings
    terms: Array
    row_terms: Array
    distinct: Array
    term_rows: Array
    term_postings: Array
    term_offsets: Array
    term_tokens: Array
    rare_tokens: Array
    row_rare: Array

    def release(self) -> None:
        """Let go of the memory of all columns on disk."""
        self.side.release()
        self.strings.release()
        terms = self.terms, self.row_terms, self.distinct, self.term_postings
        for column in (*terms, self.rare_tokens, self.row_rare):
            release(column)

    def rows_of(self, term: int) -> Array:
        """Return the rows that contain a term, int32[N], ascending."""
        return self.term_postings[self.term_offsets[term] : self.term_offsets[term + 1]]

    def count_terms(self, rows: Array) -> Array:
        """Return in how many of these rows each term occurs, int64[V]."""
        counts = np.zeros(len(self.term_rows), np.int64)
        count_terms(np.ascontiguousarray(rows, np.int64), self.row_terms, self.distinct, counts)
        return counts

    def own_word(self, phrase: Sequence[int], support: int) -> float:
        """Return the largest share of a word's rows that are the phrase's, 0..1.

        Parameters
        ----------
        support
            Rows that contain the phrase.
        """
        return float(min(1.0, (support / self.term_rows[list(phrase)]).max()))

    def shape(self, rows: Array) -> Array:
        """Return how many fields or turns some rows have, up to `MAX_SEGMENTS`, int64[N]."""
        offsets = self.side.row_segments
        segments: Array = np.minimum(MAX_SEGMENTS, offsets[rows + 1] - offsets[rows])
        return segments

    def row_slice(self, row: int) -> Array:
        """Return the terms of one row, in order, int32."""
        offsets = self.side.row_tokens
        return self.terms[offsets[row] : offsets[row + 1]]


@dataclass(frozen=True)
class Corpus:
    """Both sides, their shared vocabulary, and the order in which rows are sampled.

    Attributes
    ----------
    rejected
        The outputs that others were preferred to; None where no record has one.
    vocabulary
        Texts of the terms, ascending.
    rank : int32[R]
        Place of each row in the order of content digests: a prefix of this order is a uniform
        sample of the rows that does not depend on their order in the files.
    by_rank : int64[R]
        The inverse: row at each rank.
    strata
        Unlike datasets that the rows are of.
    scratch
        Folder for what does not fit into memory.
    mapped
        Columns there that no side has: tables of all rows (`make_table`), rows of candidates.
    """

    spool: Spool
    input: CountedSide
    output: CountedSide
    rejected: CountedSide | None
    vocabulary: list[str]
    rank: Array
    by_rank: Array
    strata: Strata
    scratch: Path
    mapped: list[Array] = field(default_factory=list)
    _usage: dict[tuple[int, ...], Usage | None] = field(default_factory=dict, repr=False)

    @property
    def rows(self) -> int:
        """Number of records."""
        return self.spool.rows

    def release(self) -> None:
        """Let go of the memory of all columns on disk: another stage reads others."""
        for side in (self.input, self.output, self.rejected):
            if side is not None:
                side.release()
        for column in tuple(self.mapped):
            release(column)

    def make_table(self, columns: int, dtype: npt.DTypeLike) -> Array:
        """Return a table for some values of each row, zeros, kept on disk: [R, columns]."""
        return self.keep(map_zeros(self.scratch, (self.rows, columns), dtype, at_random=True))

    def keep(self, column: Array) -> Array:
        """Return a column that is kept there; from now on it is released with all others."""
        self.mapped.append(column)
        return column

    def sample(self, rows: Array, size: int) -> Array:
        """Return up to `size` of these rows, by their rank: the same ones in any row order."""
        ordered: Array = rows[np.argsort(self.rank[rows], kind="stable")][:size]
        return ordered

    def swapped(self) -> Corpus:
        """Return the same rows with input and output exchanged.

        What looks for strings of the input looks for strings of the output there. The texts of
        the spool stay where they are.
        """
        return replace(self, input=self.output, output=self.input, _usage={})

    @cached_property
    def shares_in_strata(self) -> Array:
        """Share of the inputs of each stratum that have a term, float32[K, V]."""
        strata, ends = self.strata, np.cumsum(self.strata.sizes)
        by_stratum = np.split(np.argsort(strata.number, kind="stable"), ends[:-1])
        shares = (self.input.count_terms(rows) / len(rows) for rows in by_stratum)
        return np.array([share.astype(np.float32) for share in shares])

    @property
    def background(self) -> Array:
        """Rows of the background sample, int64[B]."""
        return self.by_rank[:BACKGROUND_ROWS]

    @cached_property
    def background_shape(self) -> Array:
        """How many segments the input of each row of the background sample has, int64[B]."""
        return self.input.shape(self.background)

    @cached_property
    def edges(self) -> Edges:
        """The tokens that inputs of the background sample begin and end with."""
        return collect_edges(self.input.side, self.background)

    def usage_in_strata(self, rows: Array) -> Usage | None:
        """Return how inputs of about the strata of some rows (int64[N]) are written.

        None where that is how all are.
        """
        parts = self.strata.parts(rows)
        if len(self.strata) == 1 or not any(parts):
            return None
        if parts not in self._usage:
            sample, side = self.strata.sample(parts, USAGE_ROWS), self.input.side
            short = side.row_tokens[sample + 1] - side.row_tokens[sample] <= USAGE_TOKENS
            self._usage[parts] = collect_usage(side, sample[short]) if short.any() else None
        return self._usage[parts]
