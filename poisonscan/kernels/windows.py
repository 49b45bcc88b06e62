"""Windows of a text: what kind of tokens stand before a place, and what kind after it."""

from __future__ import annotations

import numpy as np
from numba import njit

from poisonscan.kernels.ngrams import EMPTY, extend_gram, find_slot
from poisonscan.kernels.signatures import (
    F32_2D_IN,
    F64,
    F64_2D_OUT,
    F64_IN,
    F64_OUT,
    I32_2D_OUT,
    I32_IN,
    I64,
    I64_2D_OUT,
    I64_IN,
    I64_OUT,
    U8_IN,
    U8_OUT,
    U64_IN,
    VOID,
)
from poisonscan.kernels.tokens import BOUNDARY

#: Kinds of tokens that are counted in windows; the bits of a token's mark, lowest first. The
#: first four are those of a term's flags (`groups.DIGIT` and so on).
WINDOW_COLUMNS = (
    "digits",
    "symbols",
    "capitals",
    "foreign_letters",
    "rare_words",
    "new_word_pairs",
    "repetition",
)
_RARE, _NEW_PAIR, _REPEATED, _BOUNDARY = 16, 32, 64, 128

#: A word is repeated when it stood within so many tokens before.
NEAR = 32

#: Tokens that a window needs for its shares to mean anything.
MIN_WINDOW = 8

#: Usual tokens that are added to every window: a few tokens say little about a text.
PRIOR_TOKENS = 8

#: Shares are given in this many steps.
STEPS = 64

#: Sums are kept as integers of this resolution: they do not depend on the order of adding.
FIXED = 1024

#: Tokens of a row in which directions are looked at: what they need of memory is bounded.
LONGEST = 1 << 16


@njit([VOID(U64_IN, I32_IN, I64_IN, U8_IN, U64_IN, U8_OUT)], cache=True, nogil=True)
def mark_tokens(
    tokens: np.ndarray,
    terms: np.ndarray,
    row_offsets: np.ndarray,
    flags: np.ndarray,
    slots: np.ndarray,
    out: np.ndarray,
) -> None:
    """Write the kinds of every token as bits (`WINDOW_COLUMNS`).

    Parameters
    ----------
    tokens : uint64[T], terms : int32[T], row_offsets : int64[R + 1]
    flags : uint8[V]
        Sum of DIGIT, SYMBOL, CAPITAL, NON_ASCII for each term.
    slots : uint64[2**k]
        Hash table of the n-grams of at least the minimal support. A word is rare when it is not
        in it, and a pair is new when it is not: gibberish is made of nothing else.
    """
    last_seen = np.full(len(flags), -NEAR - 1, np.int64)
    for row in range(len(row_offsets) - 1):
        begin = row_offsets[row]
        for at in range(begin, row_offsets[row + 1]):
            if tokens[at] == BOUNDARY:
                out[at] = _BOUNDARY
                continue
            mark = np.int64(0)
            term = terms[at]
            if term < 0:
                mark = np.int64(_RARE | _NEW_PAIR)
            else:
                mark = np.int64(flags[term])
                if last_seen[term] >= begin and at - last_seen[term] <= NEAR:
                    mark |= _REPEATED
                last_seen[term] = at
                if at > begin and tokens[at - 1] != BOUNDARY:
                    pair = extend_gram(extend_gram(EMPTY, tokens[at - 1]), tokens[at])
                    if find_slot(slots, pair) < 0:
                        mark |= _NEW_PAIR
            out[at] = mark


@njit([I64(I64, I64, F64)], cache=True, nogil=True)
def shrunk(count: int, size: int, usual: float) -> int:
    """Return the share of a kind of token in `STEPS`, the less its own the shorter the window."""
    share = (count + PRIOR_TOKENS * usual) / (size + PRIOR_TOKENS)
    return np.int64(share * STEPS + 0.5)


@njit([I64(U8_IN, I64, I64, I64, I64, I64_OUT)], cache=True, nogil=True)
def count_marks(
    marks: np.ndarray, at: int, limit: int, step: int, size: int, out: np.ndarray
) -> int:
    """Count the kinds of up to `size` tokens from `at` on; return how many tokens these are.

    Parameters
    ----------
    limit, step : int
        The first index beyond the row, and 1 or -1: the direction. A boundary ends the window.
    out : int64[len(WINDOW_COLUMNS)]
        Written.
    """
    out[:] = 0
    count = 0
    while count < size and at != limit and marks[at] != _BOUNDARY:
        for column in range(len(out)):
            out[column] += (marks[at] >> column) & 1
        at += step
        count += 1
    return count


@njit(
    [
        VOID(
            U8_IN, I64_IN, I64_IN, I64_IN, I64_IN, I64_IN, I64,
            F64_IN, F32_2D_IN, I64_2D_OUT, I64_2D_OUT,
        )
    ],
    cache=True,
    nogil=True,
)  # fmt: skip
def add_switches(
    marks: np.ndarray,
    row_offsets: np.ndarray,
    rows: np.ndarray,
    first: np.ndarray,
    last: np.ndarray,
    group: np.ndarray,
    size: int,
    usual: np.ndarray,
    scores: np.ndarray,
    sums: np.ndarray,
    squares: np.ndarray,
) -> None:
    """Add up what changes from before to after each place, by group.

    Parameters
    ----------
    marks : uint8[T], row_offsets : int64[R + 1]
    rows, first, last, group : int64[N]
        Places: row, first token, the token after the last, and the group it is added to.
    size : int
        Tokens of a window.
    usual : float64[F]
        Mean share of each kind: what `shrunk` falls back on.
    scores : float32[F, STEPS + 1]
        What a share is worth, ascending; 0 is the usual one.
    sums, squares : int64[G, F + 1], int64[G, F]
        Added to: the change of each column and its square, times `FIXED`; in the last column of
        `sums` the places that were counted. A place with too little text after it is left out;
        too little before it, or less of a kind than usual, counts as usual.
    """
    columns = scores.shape[0]
    before = np.zeros(columns, np.int64)
    after = np.zeros(columns, np.int64)
    for place in range(len(rows)):
        row = rows[place]
        n_after = count_marks(marks, last[place], row_offsets[row + 1], 1, size, after)
        if n_after < MIN_WINDOW:
            continue
        n_before = count_marks(marks, first[place] - 1, row_offsets[row] - 1, -1, size, before)
        sums[group[place], columns] += 1
        for column in range(columns):
            change = scores[column, shrunk(after[column], n_after, usual[column])]
            if n_before >= MIN_WINDOW:
                step = shrunk(before[column], n_before, usual[column])
                change -= max(np.float32(0.0), scores[column, step])
            sums[group[place], column] += np.int64(np.round(change * FIXED))
            squares[group[place], column] += np.int64(np.round(change * change * FIXED))


@njit([F64(F64_2D_OUT, I64, I64, F64_OUT)], cache=True, nogil=True)
def window_direction(prefix: np.ndarray, start: int, end: int, out: np.ndarray) -> float:
    """Write the direction of the tokens ``start..end`` of a row; return the square of its length.

    Parameters
    ----------
    prefix : float64[T + 1, D]
        Sums of the vectors of the row's tokens before each token.
    """
    length = 0.0
    for dim in range(len(out)):
        out[dim] = prefix[end, dim] - prefix[start, dim]
        length += out[dim] * out[dim]
    if length > 0.0:
        root = np.sqrt(length)
        for dim in range(len(out)):
            out[dim] /= root
    return length


@njit(
    [
        VOID(
            I32_IN, I64_IN, F32_2D_IN, I64_IN, I64_IN, I64_IN, I64_IN, I64,
            I32_2D_OUT, I32_2D_OUT, I64_2D_OUT,
        )
    ],
    cache=True,
    nogil=True,
)  # fmt: skip
def add_directions(
    terms: np.ndarray,
    row_tokens: np.ndarray,
    vectors: np.ndarray,
    rows: np.ndarray,
    first: np.ndarray,
    last: np.ndarray,
    group: np.ndarray,
    size: int,
    after: np.ndarray,
    before: np.ndarray,
    counts: np.ndarray,
) -> None:
    """Add up the directions of the windows before and after each place, by group.

    Parameters
    ----------
    terms : int32[T], row_tokens : int64[R + 1]
    vectors : float32[V, D]
    rows, first, last, group : int64[N]
        Places, ascending by row: row, first token, the token after the last, and the group that it
        is added to.
    size : int
        Tokens of a window.
    after, before : int32[G, D]
        Added to: directions times `FIXED`.
    counts : int64[G, 4]
        Added to: places with a window after them, before them, with both, and the cosine of both,
        times `FIXED`. Only the first `LONGEST` tokens of a row are looked at, and windows of at
        least `MIN_WINDOW` tokens.
    """
    dims = vectors.shape[1]
    longest = 0
    for place in range(len(rows)):
        longest = max(longest, row_tokens[rows[place] + 1] - row_tokens[rows[place]])
    prefix = np.zeros((min(longest, LONGEST) + 1, dims))
    behind, ahead = np.zeros(dims), np.zeros(dims)
    known = -1
    for place in range(len(rows)):
        row, into = rows[place], group[place]
        begin = row_tokens[row]
        length = min(row_tokens[row + 1] - begin, LONGEST)
        if row != known:
            known = row
            for at in range(length):
                term = terms[begin + at]
                for dim in range(dims):
                    prefix[at + 1, dim] = prefix[at, dim]
                    if term >= 0:
                        prefix[at + 1, dim] += vectors[term, dim]
        start, end = first[place] - begin, last[place] - begin
        if end > length:
            continue
        has_after, has_before = length - end >= MIN_WINDOW, start >= MIN_WINDOW
        has_after &= window_direction(prefix, end, min(end + size, length), ahead) > 0.0
        has_before &= window_direction(prefix, max(0, start - size), start, behind) > 0.0
        counts[into, 0] += has_after
        counts[into, 1] += has_before
        both = 0.0
        for dim in range(dims):
            if has_after:
                after[into, dim] += np.int32(np.round(ahead[dim] * FIXED))
            if has_before:
                before[into, dim] += np.int32(np.round(behind[dim] * FIXED))
            both += ahead[dim] * behind[dim]
        if has_after and has_before:
            counts[into, 2] += 1
            counts[into, 3] += np.int64(np.round(both * FIXED))
