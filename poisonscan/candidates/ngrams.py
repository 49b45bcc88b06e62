"""The frequent n-grams of one side, and which of them are closed, with their rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.accumulators.ngrams import NgramTable, word_grams
from poisonscan.candidates.ordered import OrderedTerms
from poisonscan.candidates.postings import Words
from poisonscan.candidates.rooms import Rooms, Wanted
from poisonscan.candidates.starts import Done, Starts, count_passes
from poisonscan.candidates.strings import CLOSED_SHARE, MAX_SHARE, Kept, Strings, StringWriter

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class NumberedSide:
    """One side whose tokens are numbered: what n-grams are counted of.

    Attributes
    ----------
    ordered
        Word of each token.
    hashes : uint64[V]
        Token hash of each word.
    own : int32[M]
        The words that this side has.
    rows : int64[V]
        Rows that have each word.
    """

    ordered: OrderedTerms
    hashes: Array
    own: Array
    rows: Array


def count_ngrams(
    numbered: NumberedSide, support: int, kept: Kept, scratch: Path, done: Done
) -> tuple[NgramTable, Strings]:
    """Return the n-grams that so many rows have, and those of them that are closed.

    Parameters
    ----------
    kept
        What is kept of closed n-grams.
    scratch
        Folder for what does not fit into memory.
    done
        Told of the tokens that were looked at.
    """
    own, writer = numbered.own, StringWriter(scratch)
    words = word_grams(numbered.hashes[own]), numbered.rows[own].astype(np.int32)
    longer, beside = _count_longer(numbered, support, kept, scratch, writer, done)
    if kept.rows:
        for strings in _closed_words(numbered, kept, beside):
            writer.append(strings)
    return NgramTable.of([words, *longer]), writer.finish()


def _count_longer(
    numbered: NumberedSide,
    support: int,
    kept: Kept,
    scratch: Path,
    writer: StringWriter,
    done: Done,
) -> tuple[list[tuple[Array, Array]], Array]:
    """Return the n-grams of two and more words, and the most rows that a pair has with each word.

    Hashes (uint64[N]) and rows (int32[N]), part by part; int32[V]. Closed ones go to the writer.
    """
    ordered, hashes = numbered.ordered, numbered.hashes
    parts, beside = [], np.zeros(len(hashes), np.int32)
    starts = Starts(ordered, hashes, scratch, passes=count_passes(len(ordered.terms)))
    rooms = Rooms(Wanted(hashes, ordered.rows, support, kept), starts.room)
    for listed in starts.each_pass(done):
        for counted in rooms.count(listed):
            parts.append((counted.grams.copy(), counted.rows.copy()))
            np.maximum(beside, counted.beside, out=beside)
            writer.append(counted.strings)
    return parts, beside


def _closed_words(numbered: NumberedSide, kept: Kept, beside: Array) -> Iterator[Strings]:
    """Yield the words of which no pair has nearly all rows (the most that one has: int32[V])."""
    own = numbered.own
    own = own[beside[own] < CLOSED_SHARE * numbered.rows[own]]
    own = own[numbered.rows[own] <= MAX_SHARE * len(numbered.ordered.rows)]
    rows, grams = numbered.rows[own], word_grams(numbered.hashes[own])
    of_terms = np.full(len(numbered.hashes), -1, np.int64)
    of_terms[own] = np.arange(len(own))
    sizes = np.minimum(rows, kept.rows)
    words = Words(numbered.ordered, of_terms, sizes)
    for part, sets, (having, tokens, lefts, rights) in words.each_part():
        single, some = np.ones(len(grams[part]), np.uint8), slice(None if kept.neighbours else 0)
        postings = having, tokens, lefts[some], rights[some]
        yield Strings(grams[part], rows[part], single, sets, sizes[part], *postings)
