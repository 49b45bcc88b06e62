"""Phrases: sequences of vocabulary terms that rows have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.closed import Candidates
from poisonscan.candidates.corpus import CountedSide
from poisonscan.kernels.phrases import grow_phrase, grow_strings
from poisonscan.kernels.rows import intersect
from poisonscan.kernels.targets import find_phrase
from poisonscan.threads import work_on_ranges

Array = npt.NDArray[Any]

#: A phrase grows while this share of its rows agree on the next token: one row in ten may differ
#: by a typo or an edit.
AGREEMENT = 0.9

#: Rows that a list of a word's rows may have for each that is to be read: to read one takes as long
#: as to go through some hundred in a list.
_LISTED_FOR_EACH = 64

#: Rows of a candidate that say how far its phrase reaches.
_GROWN = 256

#: Tokens beyond which a phrase is long enough to be shown and judged.
MAX_PHRASE = 64


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Where a phrase stands in some rows.

    Attributes
    ----------
    rows : int64[N]
        Rows that contain it.
    first : int64[N]
        Scan-wide token index of its first occurrence in each.
    """

    rows: Array
    first: Array


def locate(side: CountedSide, rows: Array, phrase: Sequence[int]) -> Occurrences:
    """Return the occurrences of a phrase of terms in `rows`."""
    rows = np.ascontiguousarray(rows, np.int64)
    first = np.empty(len(rows), np.int64)
    find_phrase(side.terms, side.side.row_tokens, rows, np.array(phrase, np.int32), first)
    found = first >= 0
    return Occurrences(rows[found], first[found])


def rows_having(side: CountedSide, phrase: Sequence[int]) -> Array:
    """Return all rows that contain the phrase, int64[N], ascending.

    Only rows that have all its words are read: those of its rarest word are, without the others.
    """
    rarest, *others = sorted(set(phrase), key=lambda term: (int(side.term_rows[term]), term))
    rows = side.rows_of(rarest)
    for term in others:
        if side.term_rows[term] > _LISTED_FOR_EACH * len(rows):
            break
        common = np.empty(len(rows), np.int32)
        rows = common[: intersect(rows, side.rows_of(term), common)]
    every = rows.astype(np.int64)
    return every if len(phrase) == 1 else locate(side, every, phrase).rows


def rows_with(side: CountedSide, phrase: Sequence[int]) -> Array:
    """Return a boolean mask over all rows: which contain the phrase."""
    marks = np.zeros(side.side.rows, bool)
    marks[rows_having(side, phrase)] = True
    return marks


def grow(side: CountedSide, found: Occurrences, length: int) -> tuple[tuple[int, ...], Array]:
    """Extend a phrase in both directions while its rows agree.

    Returns
    -------
    tuple of int
        The terms of the longest phrase.
    int64[N]
        Where it starts in each row (may lie before the row's start in a disagreeing row).
    """
    start = int(found.first[0])
    phrase = side.terms[start : start + length]
    if length >= MAX_PHRASE:
        return tuple(phrase.tolist()), found.first
    grown = np.empty(2 * MAX_PHRASE, np.int32)
    grown[MAX_PHRASE : MAX_PHRASE + length] = phrase
    string = Candidates.of_one(side, found.rows, found.first, length)
    packed = grow_phrase(
        side.terms,
        side.side.row_tokens,
        string.rows,
        string.first_token,
        length,
        AGREEMENT,
        grown,
    )
    before, size = divmod(packed, len(grown))
    phrase = grown[MAX_PHRASE - before : MAX_PHRASE - before + size]
    return tuple(phrase.tolist()), found.first - before


def grow_all(side: CountedSide, strings: Candidates, max_rows: int) -> tuple[Array, Array]:
    """Return how far the longest phrases reach that some strings are a part of.

    Parameters
    ----------
    max_rows
        Rows of each that are looked at.

    Returns
    -------
    int64[C], int64[C]
        Tokens before each string, and those of its phrase.
    """
    before, length = np.zeros(len(strings), np.int64), strings.order.astype(np.int64)

    def grow_range(first: int, last: int) -> None:
        grow_strings(
            side.terms,
            side.side.row_tokens,
            strings.starts[first:last],
            strings.ends[first:last],
            strings.rows,
            strings.first_token,
            strings.lefts,
            strings.rights,
            max_rows,
            AGREEMENT,
            MAX_PHRASE,
            before[first:last],
            length[first:last],
        )

    work_on_ranges(grow_range, np.minimum(strings.followed, max_rows))
    return before, length


def grow_candidate(
    side: CountedSide, candidates: Candidates, candidate: int
) -> tuple[tuple[int, ...], Array]:
    """Return the longest phrase that a candidate is a part of.

    Returns
    -------
    tuple of int
        The terms of the phrase.
    int64[N]
        Where it starts in each row of the candidate's postings, counted from the row's start.
    """
    rows, first = candidates.postings(candidate)
    return grow_postings(side, rows, first, int(candidates.order[candidate]))


def grow_postings(
    side: CountedSide, rows: Array, first_token: Array, order: int
) -> tuple[tuple[int, ...], Array]:
    """Return the same of a string of `order` tokens in some rows (see `Candidates.postings`)."""
    sample = rows[:_GROWN]
    at = side.side.row_tokens[sample] + first_token[:_GROWN]
    phrase, start = grow(side, Occurrences(sample, at), order)
    return phrase, np.maximum(first_token - int(at[0] - start[0]), 0)


def text_of(side: CountedSide, row: int, first: int, length: int) -> str:
    """Return the text between two tokens of a row exactly as it stands there."""
    start_token = int(side.side.row_tokens[row])
    starts, ends = side.side.spans(row, row + 1)
    first_byte = int(starts[first - start_token])
    last_byte = int(ends[first - start_token + length - 1])
    return side.side.text[first_byte:last_byte].tobytes().decode("utf-8", "replace")
