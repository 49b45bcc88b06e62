"""The counted dataset: what candidates and evidence are computed from.

Everything here is ordered by content (terms by their text, rows by their digest), never by hash
or by position in the files, so that results do not depend on hash keys, shards or workers.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.accumulators.ngrams import NgramTable
from poisonscan.candidates.edges import Edges, collect_edges
from poisonscan.kernels import ngrams as kernels
from poisonscan.kernels.rows import count_terms, distinct_terms, fold_each, rows_of_terms
from poisonscan.memory import count_parts
from poisonscan.spool import Column, Side, Spool, digest_text, map_zeros, release
from poisonscan.threads import map_in_order

Array = npt.NDArray[Any]

_MIX = np.uint64(0x9E3779B97F4A7C15)

#: Rows that stand for the whole dataset: models are fitted on them, controls drawn from them.
#: Standard errors of a rate are below 0.8 % at this size.
BACKGROUND_ROWS = 4096

#: Unit of the rows of terms that are sorted by term in parts (`count_parts`), and how many of them
#: are read at a time.
_POSTINGS, _READ = 1 << 22, 1 << 24


@dataclass(frozen=True, slots=True)
class CountedSide:
    """One side of all records, counted.

    Attributes
    ----------
    side
        Texts and token hashes.
    table
        N-grams of at least the minimal support.
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
        table = self.table.row_sets, self.table.last_rows
        terms = self.terms, self.row_terms, self.distinct, self.term_postings
        for column in (*terms, self.rare_tokens, self.row_rare, *table):
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
    scratch: Path
    mapped: list[Array] = field(default_factory=list)

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
        return self.keep(map_zeros(self.new_file(), (self.rows, columns), dtype))

    def new_file(self) -> Path:
        """Return where another column may be kept."""
        return Path(tempfile.mkdtemp(dir=self.scratch)) / "column"

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
        return replace(self, input=self.output, output=self.input)

    @property
    def background(self) -> Array:
        """Rows of the background sample, int64[B]."""
        return self.by_rank[:BACKGROUND_ROWS]

    @cached_property
    def edges(self) -> Edges:
        """The tokens that inputs of the background sample begin and end with."""
        return collect_edges(self.input.side, self.background)


def build_corpus(spool: Spool, tables: Mapping[str, NgramTable], scratch: Path) -> Corpus:
    """Name the terms, number the tokens, order the rows.

    Parameters
    ----------
    tables
        The counted n-grams of each of `spool.sides`.
    """
    named = {
        name: _name_words(side, tables[name].words(), scratch / name)
        for name, side in spool.sides.items()
    }
    vocabulary = sorted({text for one in named.values() for text in one.texts})
    term_of_text = {text: term for term, text in enumerate(vocabulary)}

    counted: dict[str, CountedSide] = {}
    for name, side in spool.sides.items():
        own, numbers = named[name], [term_of_text[text] for text in named[name].texts]
        term_of = np.full(own.size + 1, -1, np.int32)  # the last one is that of slot -1
        term_tokens = np.zeros(len(vocabulary), np.uint64)
        term_of[own.slots], term_tokens[numbers] = numbers, own.tokens
        terms = own.of_tokens, term_of, term_tokens
        counted[name] = _count_side(side, tables[name], terms, scratch / name)

    by_rank = _sampling_order(spool)
    rank = np.empty(spool.rows, np.int32)
    rank[by_rank] = np.arange(spool.rows, dtype=np.int32)
    return Corpus(
        spool=spool,
        input=counted["input"],
        output=counted["output"],
        rejected=counted.get("rejected"),
        vocabulary=vocabulary,
        rank=rank,
        by_rank=by_rank,
        scratch=scratch,
    )


def _sampling_order(spool: Spool) -> Array:
    """Return all rows in an order that depends on their content alone, int64[R].

    Equal rows are spread by their occurrence number: a row that was copied a thousand times would
    otherwise be all in a sample or not at all.
    """
    with np.errstate(over="ignore"):
        priority = spool.input.digests * _MIX ^ spool.output.digests
    if spool.has_pairs:
        fold_each(spool.rejected.digests, priority)
    labels = np.zeros(spool.rows, np.uint64)
    for name in sorted(spool.labels):
        codes = np.asarray(spool.labels[name])
        values = np.array([digest_text(text) for text in spool.label_values[name]], np.uint64)
        fold_each(np.where(codes >= 0, values[codes], np.uint64(0)), labels)
    order = np.lexsort((labels, priority))
    is_first = np.diff(priority[order], prepend=~priority[order[:1]]) != 0
    place = np.arange(spool.rows)
    occurrence = place - np.maximum.accumulate(np.where(is_first, place, 0))
    repeated = order[~is_first]
    spread = priority[repeated]
    fold_each(occurrence[~is_first].astype(np.uint64), spread)
    priority[repeated] = spread
    by_rank: Array = np.lexsort((labels, priority))
    return by_rank


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of one side: slot in the table of single tokens, token hash and text of each.

    And how many slots there are, and the slot of every token (int32[T], -1 for none).
    """

    slots: Array
    tokens: Array
    texts: list[str]
    size: int
    of_tokens: Array


def _name_words(side: Side, words: Array, path: Path) -> _Words:
    """Name every single-token n-gram of a table (uint64[N])."""
    first = np.full(len(words), -1, np.int64)
    of_tokens = Column(path.with_suffix(".terms"), np.int32)

    def number(rows: tuple[int, int]) -> Array:
        tokens, _ = side.token_slice(*rows)
        slots = np.empty(len(tokens), np.int32)
        kernels.token_slots(tokens, words, slots)
        return slots

    for chunk in map_in_order(number, side.chunks()):
        kernels.first_occurrences(chunk, of_tokens.size, first)
        of_tokens.append(chunk)
    slots = np.flatnonzero(first >= 0)
    slots = slots[np.argsort(first[slots])]
    wanted = first[slots]

    def name(rows: tuple[int, int]) -> tuple[Array, list[str]]:
        start, end = rows
        low, high = np.searchsorted(wanted, (side.row_tokens[start], side.row_tokens[end]))
        return side.tokens[wanted[low:high]], side.texts(wanted[low:high])

    parts = list(map_in_order(name, side.chunks()))
    tokens = np.concatenate([side.tokens[:0], *(part for part, _ in parts)])
    texts = [text for _, part in parts for text in part]
    return _Words(slots, tokens, texts, len(words), of_tokens.finish())


def _count_side(
    side: Side,
    table: NgramTable,
    words: tuple[Array, Array, Array],
    path: Path,
) -> CountedSide:
    """Return one side with its tokens numbered.

    Parameters
    ----------
    words
        The slot of every token, which its term takes the place of; the term of each slot; the
        token of each term.
    """
    terms, term_of, term_tokens = words
    vocabulary_size = len(term_tokens)
    offsets = Column(path.with_suffix(".row_terms"), np.int64)
    distinct = Column(path.with_suffix(".distinct"), np.int32)
    rare = Column(path.with_suffix(".rare"), np.uint64)
    row_rare = Column(path.with_suffix(".row_rare"), np.int64)
    term_rows = np.zeros(vocabulary_size, np.int64)
    offsets.append(np.zeros(1, np.int64))
    row_rare.append(np.zeros(1, np.int64))

    def number(rows: tuple[int, int]) -> tuple[Array, Array, Array, Array]:
        tokens, row_offsets = side.token_slice(*rows)
        first, last = int(side.row_tokens[rows[0]]), int(side.row_tokens[rows[1]])
        chunk = terms[first:last] = term_of[terms[first:last]]
        release(terms, first, last)
        chunk_distinct = np.empty(len(tokens), np.int32)
        chunk_offsets = np.empty(len(row_offsets), np.int64)
        count = distinct_terms(chunk, row_offsets, vocabulary_size, chunk_offsets, chunk_distinct)
        left_over = np.flatnonzero(chunk < 0)
        ends = np.searchsorted(left_over, row_offsets[1:])
        return chunk_offsets, chunk_distinct[:count], tokens[left_over], ends

    numbered = map_in_order(number, side.chunks())
    for chunk_offsets, chunk_distinct, chunk_rare, rare_ends in numbered:
        offsets.append(chunk_offsets[1:] + distinct.size)
        distinct.append(chunk_distinct)
        row_rare.append(rare_ends + rare.size)
        rare.append(chunk_rare)
        term_rows += np.bincount(chunk_distinct, minlength=vocabulary_size)
    row_terms, row_distinct = offsets.finish(), distinct.finish()
    term_offsets = np.concatenate([[0], np.cumsum(term_rows)])
    return CountedSide(
        side=side,
        table=replace(
            table,  # needed once, when candidates are found
            row_sets=_on_disk(table.row_sets, path.with_suffix(".row_sets")),
            last_rows=_on_disk(table.last_rows, path.with_suffix(".last_rows")),
        ),
        terms=terms,
        row_terms=row_terms,
        distinct=row_distinct,
        term_rows=term_rows,
        term_postings=_transpose(row_terms, row_distinct, term_offsets, path),
        term_offsets=term_offsets,
        term_tokens=term_tokens,
        rare_tokens=rare.finish(),
        row_rare=row_rare.finish(),
    )


def _on_disk(values: Array, path: Path) -> Array:
    column = Column(path, values.dtype)
    column.append(values)
    return column.finish()


def _transpose(row_terms: Array, distinct: Array, term_offsets: Array, path: Path) -> Array:
    """Return the rows of every term, term after term, int32[D].

    A range of terms at a time: not all of it is in memory.
    """
    postings = Column(path.with_suffix(".postings"), np.int32)
    most = len(distinct) // count_parts(len(distinct), _POSTINGS)
    steps = np.append(np.arange(0, len(distinct), _READ), len(distinct))
    row_steps = np.searchsorted(row_terms, steps)
    for first, last in _ranges(term_offsets, most):
        free = term_offsets[first:last] - term_offsets[first]
        rows = np.empty(term_offsets[last] - term_offsets[first], np.int32)
        for start, end in pairwise(row_steps.tolist()):
            rows_of_terms(row_terms, distinct, start, end, first, free, rows)
            release(distinct)
        postings.append(rows)
    return postings.finish()


def _ranges(term_offsets: Array, most: int) -> Iterator[tuple[int, int]]:
    """Yield ranges of terms with no more than so many rows, or of one term."""
    first, end = 0, len(term_offsets) - 1
    while first < end:
        limit = int(term_offsets[first]) + most
        last = max(first + 1, int(np.searchsorted(term_offsets, limit, side="right")) - 1)
        yield first, last
        first = last
