"""Phrases that rows share: how far they reach, what of them is told apart, what it says."""

from __future__ import annotations

import numpy as np
from numba import njit

from poisonscan.kernels.ngrams import EMPTY, extend_gram, rows_of
from poisonscan.kernels.signatures import (
    F64,
    F64_OUT,
    I32_IN,
    I32_OUT,
    I64,
    I64_IN,
    I64_OUT,
    U64_IN,
    VOID,
)
from poisonscan.kernels.targets import starts_in_row

#: Slots for the stems of a phrase; a power of two well above the tokens of the longest phrase.
_STEM_SLOTS = 1024


@njit([I64(I32_IN, I64_IN, I64, I64)], cache=True, nogil=True, inline="always")
def term_at(terms: np.ndarray, row_tokens: np.ndarray, row: int, token: int) -> int:
    """Return the term of a token of a row, -1 where there is none or it is not of that row."""
    place = row_tokens[row] + token
    return int(terms[place]) if row_tokens[row] <= place < row_tokens[row + 1] else -1


@njit([I64(I32_IN, I64_IN, I32_IN, I32_IN, I32_IN, I64, I64, I64, F64)], cache=True, nogil=True)
def agreed_term(
    terms: np.ndarray,
    row_tokens: np.ndarray,
    rows: np.ndarray,
    first_token: np.ndarray,
    beside: np.ndarray,
    begin: int,
    end: int,
    offset: int,
    agreement: float,
) -> int:
    """Return the term that enough rows have at this place, -1 where they do not agree.

    Parameters
    ----------
    terms : int32[T], row_tokens : int64[R + 1]
    rows : int32[P], first_token : int32[P]
        Row of each posting, and a token of it, counted from the row's first.
    beside : int32[P]
        The term at this place of each posting, negative for none; where this is empty it is read
        from the rows.
    begin, end : int
        The postings that are asked.
    offset : int
        How far behind that token the place is.
    agreement : float
        Share of the rows that must have the same term there; above one half.

    Notes
    -----
    A majority is what is left when unequal terms cancel each other out (Boyer and Moore 1991).
    Where at most `missing` rows have another term, no more than so many pairs do: after a few rows
    that disagree nothing more need be read.
    """
    is_known = len(beside) > 0
    missing = end - begin - np.int64(np.ceil(agreement * (end - begin)))
    majority = -1
    lead = 0
    for at in range(begin, end):
        if is_known:
            term = int(beside[at])
        else:
            term = term_at(terms, row_tokens, rows[at], first_token[at] + offset)
        if term >= 0:
            if lead == 0:
                majority = term
            lead += 1 if term == majority else -1
        if lead < at + 1 - begin - 2 * missing:
            return -1
    if majority < 0:
        return -1
    count = 0
    for at in range(begin, end):
        if is_known:
            term = int(beside[at])
        else:
            term = term_at(terms, row_tokens, rows[at], first_token[at] + offset)
        count += int(term == majority)
    return majority if count >= agreement * (end - begin) else -1


@njit([I64(I32_IN, I64_IN, I32_IN, I32_IN, I64, F64, I32_OUT)], cache=True, nogil=True)
def grow_phrase(
    terms: np.ndarray,
    row_tokens: np.ndarray,
    rows: np.ndarray,
    first_token: np.ndarray,
    length: int,
    agreement: float,
    out: np.ndarray,
) -> int:
    """Extend a phrase while its rows agree on the next token, then on the one before.

    Parameters
    ----------
    terms, row_tokens, rows, first_token, agreement
        As in `agreed_term`; the phrase stands there in each row.
    length : int
        Tokens of the phrase, at most M.
    out : int32[2 * M]
        The phrase from index M on. Written: what is put behind it and before it, M tokens in all.

    Returns
    -------
    int
        Tokens put before it, times 2 * M, plus the length of all.
    """
    most = len(out) // 2
    before = 0
    end, beside = len(rows), np.empty(0, np.int32)
    while before + length < most:
        term = agreed_term(terms, row_tokens, rows, first_token, beside, 0, end, length, agreement)
        if term < 0:
            break
        out[most + length] = term
        length += 1
    while before + length < most:
        at = -1 - before
        term = agreed_term(terms, row_tokens, rows, first_token, beside, 0, end, at, agreement)
        if term < 0:
            break
        before += 1
        out[most - before] = term
    return before * len(out) + before + length


@njit(
    [
        VOID(
            I32_IN, I64_IN, I64_IN, I64_IN, I32_IN, I32_IN, I32_IN, I32_IN, I64, F64, I64,
            I64_OUT, I64_OUT,
        )
    ],
    cache=True,
    nogil=True,
)  # fmt: skip
def grow_strings(
    terms: np.ndarray,
    row_tokens: np.ndarray,
    starts: np.ndarray,
    ends: np.ndarray,
    rows: np.ndarray,
    first_token: np.ndarray,
    lefts: np.ndarray,
    rights: np.ndarray,
    max_rows: int,
    agreement: float,
    most: int,
    before: np.ndarray,
    length: np.ndarray,
) -> None:
    """Extend many strings while the rows of each agree on the next token, then on the one before.

    Parameters
    ----------
    terms, row_tokens, agreement
        As in `agreed_term`.
    starts, ends : int64[G]
        Where the postings of each string begin and end.
    rows, first_token : int32[P]
        Row of each posting, and where the string begins in the row.
    lefts, rights : int32[P] or int32[0]
        The terms before and behind it there (``beside`` of `agreed_term`).
    max_rows : int
        Postings of a string that are looked at: the first ones.
    most : int
        Tokens beyond which a string is not extended.
    before, length : int64[G]
        0 and the tokens of each string. Written: tokens put before it, and those of all.
    """
    farther = rights[:0]
    for group in range(len(starts)):
        begin, end = starts[group], min(ends[group], starts[group] + max_rows)
        beside = rights
        while length[group] < most:
            term = agreed_term(
                terms, row_tokens, rows, first_token, beside, begin, end, length[group], agreement
            )
            if term < 0:
                break
            length[group] += 1
            beside = farther
        beside = lefts
        while length[group] < most:
            term = agreed_term(
                terms, row_tokens, rows, first_token, beside, begin, end, -1 - before[group],
                agreement,
            )  # fmt: skip
            if term < 0:
                break
            before[group] += 1
            length[group] += 1
            beside = farther


@njit([I64(U64_IN, I32_IN, I64, U64_IN, I32_IN)], cache=True, nogil=True)
def rarest_gram(
    hashes: np.ndarray,
    phrase: np.ndarray,
    max_order: int,
    slots: np.ndarray,
    row_counts: np.ndarray,
) -> int:
    """Return the rows of the rarest n-gram of up to `max_order` tokens of a phrase.

    Parameters
    ----------
    hashes : uint64[V], phrase : int32[L]
        Token hash of each term; the terms of the phrase.
    slots, row_counts
        Table of n-grams; one that is not there has 0 rows.
    """
    order = min(len(phrase), max_order)
    rarest = -1
    for start in range(len(phrase) - order + 1):
        gram = EMPTY
        for index in range(start, start + order):
            gram = extend_gram(gram, hashes[phrase[index]])
        rows = rows_of(slots, row_counts, gram)
        if rarest < 0 or rows < rarest:
            rarest = rows
    return rarest


@njit(
    [I64(U64_IN, I32_IN, I64_IN, I64_IN, I32_IN, I64, U64_IN, I32_IN, I64_OUT)],
    cache=True,
    nogil=True,
)
def trim_lonely_edges(
    hashes: np.ndarray,
    terms: np.ndarray,
    row_tokens: np.ndarray,
    rows: np.ndarray,
    phrase: np.ndarray,
    max_order: int,
    slots: np.ndarray,
    row_counts: np.ndarray,
    out: np.ndarray,
) -> int:
    """Take words off a phrase's edges while more rows have what is left, down to half of it.

    Of both edges the one goes without which more of `rows` have the phrase, then without which
    its rarest n-gram has more rows, then the first of the two words.

    Parameters
    ----------
    hashes : uint64[V], terms : int32[T], row_tokens : int64[R + 1]
        Token hash of each term; term of each token.
    rows : int64[N]
    phrase : int32[L]
    max_order, slots, row_counts
        As in `rarest_gram`.
    out : int64[2]
        Written: where what is left begins in the phrase, and its length; all of the phrase where
        more than half of it would go.

    Returns
    -------
    int
        Rows of the rarest n-gram of what is left.
    """
    known_here = 0
    known_everywhere = 0
    known_start = 0
    whole = 0
    start = 0
    length = len(phrase)
    while True:
        best_here = -1
        best_everywhere = -1
        best_start = 0
        for at in range(start, start + 1 if length == len(phrase) else start + 2):
            here = 0
            part = phrase[at : at + length]
            for row in range(len(rows)):
                here += starts_in_row(terms, row_tokens, rows[row], part) >= 0
            everywhere = rarest_gram(hashes, part, max_order, slots, row_counts)
            if here > best_here or (here == best_here and everywhere >= best_everywhere):
                best_here, best_everywhere, best_start = here, everywhere, at
        if length == len(phrase):
            whole = best_everywhere
        elif best_here < known_here or (
            best_here == known_here and best_everywhere <= known_everywhere
        ):
            out[0], out[1] = known_start, length + 1
            return known_everywhere
        known_here, known_everywhere, known_start = best_here, best_everywhere, best_start
        start = best_start
        length -= 1
        if 2 * length <= len(phrase):
            out[0], out[1] = 0, len(phrase)
            return whole


@njit([VOID(U64_IN, I32_IN, U64_IN, I32_IN, I64, I64, F64, F64_OUT)], cache=True, nogil=True)
def phrase_odds(
    hashes: np.ndarray,
    phrase: np.ndarray,
    slots: np.ndarray,
    row_counts: np.ndarray,
    hits: int,
    distinct: int,
    prior: float,
    out: np.ndarray,
) -> None:
    """Write how probable each term of a phrase is after the term before it, elsewhere.

    Parameters
    ----------
    hashes : uint64[V], phrase : int32[L]
        Token hash of each term; the terms of the phrase.
    slots, row_counts
        Table of n-grams; one that is not there has 0 rows.
    hits : int
        Rows that are left out of all counts.
    distinct : int
        Distinct terms of all rows together: what the rows of a word are a part of.
    prior : float
        Pseudo-count of the words' own probability.
    out : float64[L]
        p(word) = (rows with it + 1/2) / (distinct + 1) of the first; of the others (rows with the
        pair + prior * p(word)) / (rows with the word before + prior).
    """
    before, word_before = 0.0, EMPTY
    for at in range(len(out)):
        word = extend_gram(EMPTY, hashes[phrase[at]])
        rows = max(0.0, np.float64(rows_of(slots, row_counts, word) - hits))
        out[at] = (rows + 0.5) / (distinct + 1.0)
        if at > 0:
            pair = extend_gram(word_before, hashes[phrase[at]])
            both = max(0.0, np.float64(rows_of(slots, row_counts, pair) - hits))
            out[at] = (both + prior * out[at]) / (before + prior)
        before, word_before = rows, word


@njit([VOID(I32_IN, I64_IN, I64_IN, I64, I32_IN, I32_IN, I64_OUT)], cache=True, nogil=True)
def count_rows_without_stem(
    terms: np.ndarray,
    row_tokens: np.ndarray,
    rows: np.ndarray,
    max_tokens: int,
    stems: np.ndarray,
    phrase: np.ndarray,
    out: np.ndarray,
) -> None:
    """Write for each term of a phrase how many of some rows have no term of its stem.

    Parameters
    ----------
    terms : int32[T], row_tokens : int64[R + 1]
    rows : int64[N]
    max_tokens : int
        Tokens of a row that are looked at.
    stems : int32[V]
        Stem of each term, not negative.
    phrase : int32[L]
        Terms, none of them -1; fewer than `_STEM_SLOTS`.
    out : int64[L]
    """
    # open addressing: a loop over the phrase for each token would cost 64 times as much
    slots = np.full(_STEM_SLOTS, -1, np.int32)
    seen = np.full(_STEM_SLOTS, -1, np.int64)
    slot_of = np.empty(len(phrase), np.int64)
    for at in range(len(phrase)):
        stem = stems[phrase[at]]
        slot = stem % _STEM_SLOTS
        while slots[slot] >= 0 and slots[slot] != stem:
            slot = (slot + 1) % _STEM_SLOTS
        slots[slot] = stem
        slot_of[at] = slot
        out[at] = 0
    for row in range(len(rows)):
        begin = row_tokens[rows[row]]
        end = min(row_tokens[rows[row] + 1], begin + max_tokens)
        for index in range(begin, end):
            if terms[index] < 0:
                continue
            stem = stems[terms[index]]
            slot = stem % _STEM_SLOTS
            while slots[slot] >= 0 and slots[slot] != stem:
                slot = (slot + 1) % _STEM_SLOTS
            if slots[slot] >= 0:
                seen[slot] = row
        for at in range(len(phrase)):
            out[at] += seen[slot_of[at]] != row
