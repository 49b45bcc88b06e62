"""From texts to a counted dataset: frequent words, then terms, then n-grams of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.accumulators.base import accumulate
from poisonscan.accumulators.ngrams import hashed
from poisonscan.accumulators.words import WordCounter, WordGate, gate_cells
from poisonscan.candidates.corpus import Corpus, CountedSide
from poisonscan.candidates.ngrams import NumberedSide, count_ngrams
from poisonscan.candidates.ordered import OrderedTerms, Sampling
from poisonscan.candidates.spaces import MAX_ROWS
from poisonscan.candidates.starts import Done, count_passes
from poisonscan.candidates.strata import Strata
from poisonscan.candidates.strings import Kept
from poisonscan.kernels import words as kernels
from poisonscan.kernels.rows import distinct_terms, fold_each, rows_of_terms
from poisonscan.memory import count_parts
from poisonscan.spool import Column, Side, Spool, digest_text, release
from poisonscan.threads import count_workers, map_in_order

Array = npt.NDArray[Any]

#: Passes over the tokens until the words are counted: a rough one, an exact one.
_WORD_PASSES = 2

#: Bytes that the gates of all threads take, at most (one in any case): others wait.
_GATES = 1 << 29

#: What is kept of the strings of each side. Rates over 4,096 rows are known to 1.6 %; of outputs,
#: which are most of the text, as many as are compared, all of them with their neighbours. No
#: detector asks for strings of rejected outputs.
KEPT: Mapping[str, Kept] = {"input": Kept(4096), "output": Kept(MAX_ROWS, neighbours=True)}

#: Unit of the rows of terms that are sorted by term in parts (`count_parts`), and how many of them
#: are read at a time.
_POSTINGS, _READ = 1 << 22, 1 << 24


def counting_work(spool: Spool) -> int:
    """Return how many tokens are looked at until all is counted, pass by pass."""
    sizes = [len(side.tokens) for side in spool.sides.values()]
    return sum((_WORD_PASSES + 1 + count_passes(size)) * size for size in sizes)


def build_corpus(
    spool: Spool,
    support: int,
    scratch: Path,
    done: Done = lambda _: None,
    kept: Mapping[str, Kept] = KEPT,
    parts: Sequence[Array] = (),
) -> Corpus:
    """Count words, name the terms, number the tokens, count n-grams, order the rows.

    Parameters
    ----------
    support
        Rows below which a string is forgotten.
    done
        Told of the tokens that were looked at, `counting_work` in all.
    kept
        What is kept of closed n-grams, by side.
    parts
        Rows of each stratum, int64: none, or each row is in one.
    """
    order = Sampling.of(_sampling_order(spool))
    named = {
        name: _name_words(side, _count_words(side, support, done), scratch)
        for name, side in spool.sides.items()
    }
    vocabulary = sorted({text for one in named.values() for text in one.texts})
    term_of_text = {text: term for term, text in enumerate(vocabulary)}

    counted: dict[str, CountedSide] = {}
    for name, side in spool.sides.items():
        numbers = np.array([term_of_text[text] for text in named[name].texts], np.int32)
        words = _Terms.of(named.pop(name), numbers, len(vocabulary))
        own = kept.get(name, Kept())
        counted[name] = _count_side(side, words, order, support, own, scratch, done)

    return Corpus(
        spool=spool,
        input=counted["input"],
        output=counted["output"],
        rejected=counted.get("rejected"),
        vocabulary=vocabulary,
        rank=order.rank,
        by_rank=order.by_rank,
        strata=Strata.of(parts, order.by_rank),
        scratch=scratch,
    )


def _sampling_order(spool: Spool) -> Array:
    """Return all rows in an order that depends on their content alone, int64[R].

    Equal rows are spread by their occurrence number: a row that was copied a thousand times would
    otherwise be all in a sample or not at all.
    """
    priority = spool.contents()
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


def _count_words(side: Side, support: int, done: Done) -> Array:
    """Return the hashes of the frequent words of one side, uint64[N]."""

    def gate_rows(gate: WordGate, rows: tuple[int, int]) -> None:
        gate.update(side.token_slice(*rows)[0])

    def count_rows(counter: WordCounter, rows: tuple[int, int]) -> None:
        counter.update(*side.token_slice(*rows))

    def tell(rows: tuple[int, int]) -> None:
        done(int(side.row_tokens[rows[1]] - side.row_tokens[rows[0]]))

    threads, cells = count_workers(), gate_cells(len(side.tokens))
    gates = [WordGate(cells) for _ in range(min(threads, max(1, _GATES // cells)))]
    gate = accumulate(gates, gate_rows, side.chunks(), tell).finalize()
    counters = [WordCounter(gate, support) for _ in range(threads)]
    return accumulate(counters, count_rows, side.chunks(), tell).finalize()


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of one side: slot in their table, token hash and text of each.

    And how many slots there are, and the slot of every token (int32[T], -1 for none).
    """

    slots: Array
    tokens: Array
    texts: list[str]
    size: int
    of_tokens: Array


def _name_words(side: Side, words: Array, scratch: Path) -> _Words:
    """Name the frequent words (hashes, uint64[N])."""
    table, _ = hashed(words)
    first = np.full(len(table), -1, np.int64)
    of_tokens = Column(scratch, np.int32, at_random=True)

    def number(rows: tuple[int, int]) -> Array:
        tokens, _ = side.token_slice(*rows)
        slots = np.empty(len(tokens), np.int32)
        kernels.token_slots(tokens, table, slots)
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
    return _Words(slots, tokens, texts, len(table), of_tokens.finish())


@dataclass(frozen=True, slots=True)
class _Terms:
    """The terms of one side.

    Attributes
    ----------
    of_tokens : int32[T], of_slot : int32[N + 1]
        Slot of each token, which its term takes the place of; term of each slot, and of slot -1.
    own : int32[M]
        The terms that this side has.
    tokens : uint64[V]
        Token hash of each, 0 of the terms that others have.
    """

    of_tokens: Array
    of_slot: Array
    own: Array
    tokens: Array

    @classmethod
    def of(cls, words: _Words, numbers: Array, vocabulary_size: int) -> _Terms:
        """Return the words (M of them) by their numbers in the vocabulary (int32[M])."""
        of_slot = np.full(words.size + 1, -1, np.int32)
        tokens = np.zeros(vocabulary_size, np.uint64)
        of_slot[words.slots], tokens[numbers] = numbers, words.tokens
        return cls(words.of_tokens, of_slot, numbers, tokens)


def _count_side(
    side: Side,
    words: _Terms,
    order: Sampling,
    support: int,
    kept: Kept,
    scratch: Path,
    done: Done,
) -> CountedSide:
    """Return one side with its tokens numbered and its n-grams counted."""
    terms, vocabulary_size = words.of_tokens, len(words.tokens)
    offsets = Column(scratch, np.int64, at_random=True)
    distinct = Column(scratch, np.int32, at_random=True)
    rare = Column(scratch, np.uint64)
    row_rare = Column(scratch, np.int64)
    term_rows = np.zeros(vocabulary_size, np.int64)
    offsets.append(np.zeros(1, np.int64))
    row_rare.append(np.zeros(1, np.int64))

    def number(rows: tuple[int, int]) -> tuple[Array, ...]:
        tokens, row_offsets = side.token_slice(*rows)
        first, last = int(side.row_tokens[rows[0]]), int(side.row_tokens[rows[1]])
        chunk = terms[first:last] = words.of_slot[terms[first:last]]
        release(terms, first, last)
        own_distinct = np.empty(len(tokens), np.int32)
        own_offsets = np.empty(len(row_offsets), np.int64)
        count = distinct_terms(chunk, row_offsets, vocabulary_size, own_offsets, own_distinct)
        own_rows = np.bincount(own_distinct[:count], minlength=vocabulary_size)
        left_over = np.flatnonzero(chunk < 0)
        ends = np.searchsorted(left_over, row_offsets[1:])
        return own_offsets, own_distinct[:count], own_rows, tokens[left_over], ends

    for each in map_in_order(number, side.chunks()):
        own_offsets, own_distinct, own_rows, own_rare, rare_ends = each
        offsets.append(own_offsets[1:] + distinct.size)
        distinct.append(own_distinct)
        row_rare.append(rare_ends + rare.size)
        rare.append(own_rare)
        term_rows += own_rows
    row_terms, row_distinct = offsets.finish(), distinct.finish()
    term_offsets = np.concatenate([[0], np.cumsum(term_rows)])
    postings = _transpose(row_terms, row_distinct, term_offsets, scratch)
    ordered = OrderedTerms.of(side, terms, order, scratch)
    numbered = NumberedSide(ordered, words.tokens, words.own, term_rows)
    table, strings = count_ngrams(numbered, support, kept, scratch, done)
    return CountedSide(
        side=side,
        table=table,
        strings=strings,
        terms=terms,
        row_terms=row_terms,
        distinct=row_distinct,
        term_rows=term_rows,
        term_postings=postings,
        term_offsets=term_offsets,
        term_tokens=words.tokens,
        rare_tokens=rare.finish(),
        row_rare=row_rare.finish(),
    )


def _transpose(row_terms: Array, distinct: Array, term_offsets: Array, scratch: Path) -> Array:
    """Return the rows of every term, term after term, int32[D].

    A range of terms at a time: not all of it is in memory.
    """
    postings = Column(scratch, np.int32)
    most = len(distinct) // count_parts(len(distinct), _POSTINGS)
    steps = np.append(np.arange(0, len(distinct), _READ), len(distinct))
    row_steps = np.searchsorted(row_terms, steps)

    def list_rows(part: tuple[int, int]) -> Array:
        first, last = part
        free = term_offsets[first:last] - term_offsets[first]
        rows = np.empty(term_offsets[last] - term_offsets[first], np.int32)
        for start, end in pairwise(row_steps.tolist()):
            rows_of_terms(row_terms, distinct, start, end, first, free, rows)
            release(distinct)
        return rows

    for rows in map_in_order(list_rows, _ranges(term_offsets, most)):
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
