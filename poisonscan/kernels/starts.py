"""N-grams of two and more words, found by sorting the places where they begin.

Places whose first two words are the same are in the same part; a part fits into the processor's
cache. There they are sorted word by word: what is left of a group when the next word is known are
the n-grams with one word more, and groups of too few rows are dropped on the way. Nothing is ever
looked up in a table that is larger than the cache, which is what makes counting by hash slow. While
a group is at hand it is told whether its n-gram is closed, and in which rows it stands.

An n-gram that is frequent begins with one that is: as in Agrawal & Srikant, Fast algorithms for
mining association rules, 1994, but depth first.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from poisonscan.kernels.beside import NOTHING, named
from poisonscan.kernels.ngrams import EMPTY, extend_gram
from poisonscan.kernels.rows import number_of_row
from poisonscan.kernels.signatures import (
    BOOL,
    F64,
    I32_2D_IN,
    I32_2D_OUT,
    I32_IN,
    I32_OUT,
    I64,
    I64_2D_OUT,
    I64_IN,
    I64_OUT,
    U8_IN,
    U8_OUT,
    U64,
    U64_2D_OUT,
    U64_IN,
    U64_OUT,
    VOID,
)

_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio
_SHIFT_32 = np.uint64(32)

#: Fields of what is known of a word while a group is sorted: places, rows, the last row, and where
#: the next place goes (-1: nowhere).
_PLACES, _ROWS, _LAST, _NEXT, FIELDS = 0, 1, 2, 3, 4

#: Columns of what is known of a place, side by side: the word before it, its row, and from `WORDS`
#: on the words that follow each other there.
_BEFORE, _ROW, WORDS = 0, 1, 2

#: Marks of places that are in no pass: tokens that are no words, and words before such or an end.
RARE, NO_PASS = 254, 255


@njit([I64(I64, I64, U64, I64)], cache=True, nogil=True, inline="always")
def part_of(first: int, second: int, key: np.uint64, parts: int) -> int:
    """Return the part of two words. The key is secret: no text can be written to fill one part."""
    spread = (np.uint64(first) * key + np.uint64(second)) * _SPREAD
    return np.int64(((spread >> _SHIFT_32) * np.uint64(parts)) >> _SHIFT_32)


@njit([VOID(I32_IN, I64_IN, I64, I64, U64, I32_OUT)], cache=True, nogil=True)
def count_starts(
    terms: np.ndarray,
    row_tokens: np.ndarray,
    first_row: int,
    last_row: int,
    key: np.uint64,
    out: np.ndarray,
) -> None:
    """Add how many places of a range of rows each part has (int32[P]).

    Parameters
    ----------
    terms : int32[T], row_tokens : int64[R + 1]
        The word of each token of all rows; -1 for boundaries and rare tokens, which no n-gram has.
    """
    for row in range(first_row, last_row):
        for at in range(row_tokens[row], row_tokens[row + 1] - 1):
            if terms[at] >= 0 and terms[at + 1] >= 0:
                out[part_of(terms[at], terms[at + 1], key, len(out))] += 1


@njit([VOID(I32_IN, I64_IN, I64, I64, U64, U8_IN, U8_OUT)], cache=True, nogil=True)
def mark_starts(
    terms: np.ndarray,
    row_tokens: np.ndarray,
    first_row: int,
    last_row: int,
    key: np.uint64,
    pass_of: np.ndarray,
    out: np.ndarray,
) -> None:
    """Write in which pass each place of a range of rows is listed (uint8[T]).

    Parameters
    ----------
    terms, row_tokens
        As in `count_starts`.
    pass_of : uint8[P]
        The pass of each part. Tokens where no part has a place are marked `RARE` or `NO_PASS`.
    """
    for row in range(first_row, last_row):
        begin, end = row_tokens[row], row_tokens[row + 1]
        for at in range(begin, end):
            out[at] = NO_PASS if terms[at] >= 0 else RARE
            if at + 1 < end and terms[at] >= 0 and terms[at + 1] >= 0:
                out[at] = pass_of[part_of(terms[at], terms[at + 1], key, len(pass_of))]


@njit(
    [
        VOID(
            I32_IN, I64_IN, U8_IN, I64, I64, I64, U64, I64, I64, I64_OUT, I32_2D_OUT, I32_OUT,
        )
    ],
    cache=True,
    nogil=True,
)  # fmt: skip
def list_starts(
    terms: np.ndarray,
    row_tokens: np.ndarray,
    marks: np.ndarray,
    mark: int,
    first_row: int,
    last_row: int,
    key: np.uint64,
    parts: int,
    first_part: int,
    free: np.ndarray,
    out_starts: np.ndarray,
    out_tokens: np.ndarray,
) -> None:
    """Write the places of a range of rows, those of a part in the order of the text.

    Parameters
    ----------
    terms, row_tokens
        As in `count_starts`.
    marks : uint8[T], mark : int
        See `mark_starts`; the pass that is listed. A byte is all that is read of other places.
    parts, first_part : int
        How many parts there are; the first of those that are listed.
    free : int64[L]
        Where the places of each listed part go, updated in place.
    out_starts : int32[S, WORDS + K]
        The word before each place (`named`), the row, and the words that follow each
        other there; behind the first that is none they do not matter. `NOTHING` outside of the row.
    out_tokens : int32[S]
        Index of the first word in the row.
    """
    order = out_starts.shape[1] - WORDS
    for row in range(first_row, last_row):
        begin, end, rare = row_tokens[row], row_tokens[row + 1], 0
        for at in range(begin, end):
            if marks[at] != mark:
                rare += int(marks[at] == RARE)
                continue
            part = part_of(terms[at], terms[at + 1], key, parts) - first_part
            place = free[part]
            free[part] += 1
            out_starts[place, _ROW], out_tokens[place] = row, at - begin
            before = named(terms[at - 1], rare - 1) if at > begin else NOTHING
            out_starts[place, _BEFORE] = before
            for word in range(order):
                is_inside = at + word < end
                term = named(terms[at + word], rare) if is_inside else NOTHING
                out_starts[place, WORDS + word] = term


@njit([I64(I64, I64, I32_2D_OUT, I64_2D_OUT, U64_2D_OUT)], cache=True, nogil=True)
def take_part(
    first: int, last: int, places: np.ndarray, edges: np.ndarray, grams: np.ndarray
) -> int:
    """Write a part's places as the one group that level 0 splits; return how many groups there are.

    Parameters
    ----------
    first, last : int
        The places of the part.
    places, edges, grams
        See `refine`.
    """
    for at in range(last - first):
        places[0, at] = first + at
    edges[0, 0], edges[0, 1], grams[0, 0] = 0, last - first, EMPTY
    return 1


@njit(
    [
        I64(
            I32_2D_IN, I64, I64, I64, U64_IN,
            I32_2D_OUT, I64_2D_OUT, U64_2D_OUT, I32_2D_OUT, I32_OUT, I32_2D_OUT, I32_OUT,
        )
    ],
    cache=True,
    nogil=True,
)  # fmt: skip
def refine(
    starts: np.ndarray,
    level: int,
    support: int,
    groups: int,
    hashes: np.ndarray,
    places: np.ndarray,
    edges: np.ndarray,
    grams: np.ndarray,
    rows: np.ndarray,
    largest: np.ndarray,
    known: np.ndarray,
    seen: np.ndarray,
) -> int:
    """Split groups by their next word; return how many have the support.

    Parameters
    ----------
    starts : int32[S, WORDS + K]
        See `list_starts`.
    level : int
        Which word is the next one.
    groups : int
        How many there are.
    hashes : uint64[V]
        Token hash of each word.
    places : int32[2, N], edges : int64[2, G + 1], grams : uint64[2, G], rows : int32[2, G]
        Members of each group (``places[edges[g] : edges[g + 1]]``, those of a row side by side),
        the n-gram that they begin with, and how many rows have it. The half ``level % 2`` is read,
        the other written.
    largest : int32[G]
        Written: rows of the largest group that each was split into.
    known : int32[V, FIELDS], seen : int32[V]
        Room to work in, no places in `known` before and after.
    """
    old, new = level % 2, 1 - level % 2
    found, filled = 0, 0
    for group in range(groups):
        first, last = edges[old, group], edges[old, group + 1]
        largest[group] = 0
        if last - first < support:
            continue
        different = 0
        for at in range(first, last):
            place = places[old, at]
            word, name = starts[place, WORDS + level], starts[place, _ROW]
            if word < 0:
                continue
            if known[word, _PLACES] == 0:
                seen[different] = word
                different += 1
                known[word, _ROWS], known[word, _LAST] = 0, -1
            known[word, _PLACES] += 1
            if known[word, _LAST] != name:
                known[word, _LAST] = name
                known[word, _ROWS] += 1
        before = found
        for index in range(different):
            word = seen[index]
            known[word, _NEXT] = -1
            if known[word, _ROWS] >= support:
                known[word, _NEXT] = filled
                edges[new, found], rows[new, found] = filled, known[word, _ROWS]
                grams[new, found] = extend_gram(grams[old, group], hashes[word])
                largest[group] = max(largest[group], known[word, _ROWS])
                filled += known[word, _PLACES]
                found += 1
            known[word, _PLACES] = 0
        if found == before:
            continue
        for at in range(first, last):
            word = starts[places[old, at], WORDS + level]
            if word >= 0 and known[word, _NEXT] >= 0:
                places[new, known[word, _NEXT]] = places[old, at]
                known[word, _NEXT] += 1
    edges[new, found] = filled
    return found


@njit(
    [BOOL(I32_2D_IN, I32_IN, I64, F64, I32_2D_OUT, I32_OUT)],
    cache=True,
    nogil=True,
)
def is_led(
    starts: np.ndarray,
    members: np.ndarray,
    rows: int,
    needed: float,
    known: np.ndarray,
    seen: np.ndarray,
) -> bool:
    """Tell whether so many rows of a group have the same word before it.

    Parameters
    ----------
    starts : int32[S, WORDS + K]
        See `list_starts`.
    members : int32[N]
        Its places, those of a row side by side.
    rows : int
        How many rows it has.
    needed : float
        Of which so many.
    known, seen
        See `refine`.
    """
    different, most, left, last = 0, 0, rows, -1
    for place in members:
        if starts[place, _ROW] != last:
            if most + left < needed:
                break
            last = starts[place, _ROW]
            left -= 1
        word = starts[place, _BEFORE]
        if word < 0:
            continue
        if known[word, _PLACES] == 0:
            seen[different] = word
            different += 1
            known[word, _PLACES], known[word, _ROWS], known[word, _LAST] = 1, 0, -1
        if known[word, _LAST] != last:
            known[word, _LAST] = last
            known[word, _ROWS] += 1
            most = max(most, known[word, _ROWS])
    for index in range(different):
        known[seen[index], _PLACES] = 0
    return most >= needed


@njit(
    [
        U64(
            I32_2D_IN, I32_IN, I64, I32_IN, I32_IN,
            I32_OUT, I32_OUT, I32_OUT, I32_OUT,
        )
    ],
    cache=True,
    nogil=True,
)  # fmt: skip
def write_rows(
    starts: np.ndarray,
    tokens: np.ndarray,
    level: int,
    members: np.ndarray,
    names: np.ndarray,
    out_rows: np.ndarray,
    out_tokens: np.ndarray,
    out_lefts: np.ndarray,
    out_rights: np.ndarray,
) -> np.uint64:
    """Write the first rows of a group; return a random number for these.

    Parameters
    ----------
    starts : int32[S, WORDS + K], tokens : int32[S]
        See `list_starts`.
    level : int
        Words of the group, less than K.
    members : int32[N]
        Its places, in the order of the rows and of the text.
    names : int32[R]
        What each row is called.
    out_rows, out_tokens : int32[L]
        Written: no more rows than the group has, and the first place in each.
    out_lefts, out_rights : int32[L] or int32[0]
        Written where there is room: the words before and behind the group there (`named`).
    """
    filled, last, number = 0, -1, EMPTY
    for place in members:
        row = starts[place, _ROW]
        if row == last:
            continue
        if filled == len(out_rows):
            break
        last = row
        number += number_of_row(row)
        out_rows[filled], out_tokens[filled] = names[row], tokens[place]
        if len(out_lefts):
            out_lefts[filled] = starts[place, _BEFORE]
            out_rights[filled] = starts[place, WORDS + level]
        filled += 1
    return number


@njit(
    [
        I64(
            I32_2D_IN, I32_IN, I64_IN, I64, U64_IN,
            I32_2D_OUT, I64_2D_OUT, U64_2D_OUT, I32_2D_OUT, I32_OUT, I32_2D_OUT, I32_OUT,
            F64, I64, I32_IN, I64,
            U64_OUT, I32_OUT, U8_OUT, I32_OUT, U64_OUT, I32_OUT, I32_OUT, I32_OUT, I32_OUT, I32_OUT,
        )
    ],
    cache=True,
    nogil=True,
)  # fmt: skip
def count_ngrams(
    starts: np.ndarray,
    tokens: np.ndarray,
    parts: np.ndarray,
    support: int,
    hashes: np.ndarray,
    places: np.ndarray,
    edges: np.ndarray,
    grams: np.ndarray,
    rows: np.ndarray,
    largest: np.ndarray,
    known: np.ndarray,
    seen: np.ndarray,
    share: float,
    most_rows: int,
    names: np.ndarray,
    limit: int,
    out_grams: np.ndarray,
    out_rows: np.ndarray,
    out_orders: np.ndarray,
    out_sizes: np.ndarray,
    out_sets: np.ndarray,
    out_having: np.ndarray,
    out_tokens: np.ndarray,
    out_lefts: np.ndarray,
    out_rights: np.ndarray,
    out_beside: np.ndarray,
) -> int:
    """Write the n-grams of some parts that have the support; return how many.

    That is -1 where there is no room for all rows of closed n-grams.

    Parameters
    ----------
    starts : int32[S, WORDS + K + 1], tokens : int32[S]
        See `list_starts`. N-grams have up to K words.
    parts : int64[P + 1]
        Where the parts begin.
    hashes, places, edges, grams, rows, largest, known, seen
        See `refine`; room for the largest part.
    share, most_rows : float, int
        An n-gram is closed when no longer one has this share of its rows; those of more rows than
        `most_rows` do not matter.
    names : int32[R]
        What each row is called.
    limit : int
        Rows of a closed n-gram that are written; with 0 none is looked for.
    out_grams : uint64[M], out_rows : int32[M], out_orders : uint8[M]
        Hash, rows and length.
    out_sizes : int32[M]
        How many rows are written: 0 where the n-gram is not closed.
    out_sets : uint64[M]
        A random number for the rows that are written of each closed n-gram: those with the same
        have the same.
    out_having, out_tokens, out_lefts, out_rights : int32[Q], the last two or int32[0]
        One closed n-gram after the other, see `write_rows`.
    out_beside : int32[V]
        Rows of the most frequent pair that each word is part of, raised in place.
    """
    order, written, posted = starts.shape[1] - WORDS - 1, 0, 0
    for part in range(len(parts) - 1):
        groups = take_part(parts[part], parts[part + 1], places, edges, grams)
        # one level more than there are words: whether a group is closed is known only when it
        # has been split, and the last ones are not split any more
        for level in range(order + 1):
            old, new = level % 2, 1 - level % 2
            found = 0
            if level < order:
                found = refine(
                    starts, level, support, groups, hashes, places, edges, grams, rows,
                    largest, known, seen,
                )  # fmt: skip
            # groups of one word are counted elsewhere: they are in several parts
            for group in range(groups if level > 1 else 0):
                at = written - groups + group
                out_sizes[at], out_sets[at] = 0, EMPTY
                having = rows[old, group]
                if limit == 0 or having > most_rows:
                    continue
                members = places[old, edges[old, group] : edges[old, group + 1]]
                if level < order:
                    needed = max(float(support), share * having)
                    if largest[group] >= needed:
                        continue
                    if is_led(starts, members, having, needed, known, seen):
                        continue
                out_sizes[at] = min(int(having), limit)
                end = posted + out_sizes[at]
                if end > len(out_having):
                    return -1
                out_sets[at] = write_rows(
                    starts, tokens, level, members, names,
                    out_having[posted:end], out_tokens[posted:end],
                    out_lefts[posted:end], out_rights[posted:end],
                )  # fmt: skip
                posted = end
            for group in range(found if level > 0 else 0):
                out_grams[written], out_rows[written] = grams[new, group], rows[new, group]
                out_orders[written] = level + 1
                written += 1
                if level == 1:
                    first = places[new, edges[new, group]]
                    for word in starts[first, WORDS : WORDS + 2]:
                        out_beside[word] = max(out_beside[word], rows[new, group])
            groups = found
    return written


@njit(
    [
        VOID(
            I32_IN, I64_IN, I64, I64, I64_IN, I64_IN, I32_OUT, I64_OUT,
            I32_OUT, I32_OUT, I32_OUT, I32_OUT,
        )
    ],
    cache=True,
    nogil=True,
)  # fmt: skip
def follow_words(
    terms: np.ndarray,
    row_tokens: np.ndarray,
    first_row: int,
    last_row: int,
    number_of: np.ndarray,
    ends: np.ndarray,
    seen: np.ndarray,
    free: np.ndarray,
    out_rows: np.ndarray,
    out_tokens: np.ndarray,
    out_lefts: np.ndarray,
    out_rights: np.ndarray,
) -> None:
    """Write in which rows of a range some words are, and where they stand first.

    Parameters
    ----------
    terms, row_tokens
        As in `count_starts`.
    number_of : int64[V]
        Number of each word, -1 where it is not asked for.
    ends : int64[G]
        Where the room of each ends: rows beyond it are left out.
    seen : int32[G]
        1 + the last row of each, updated in place.
    free : int64[G]
        Where the next row of each goes, updated in place.
    out_rows : int32[P]
    out_tokens, out_lefts, out_rights : int32[P]
        Written: the word's first token in the row, and the words before and behind it there, as in
        `write_rows`.
    """
    for row in range(first_row, last_row):
        begin, end, rare = row_tokens[row], row_tokens[row + 1], 0
        for at in range(begin, end):
            if terms[at] < 0:
                rare += 1
                continue
            number = number_of[terms[at]]
            if number < 0 or seen[number] == row + 1 or free[number] == ends[number]:
                continue
            seen[number] = row + 1
            place = free[number]
            out_rows[place], out_tokens[place] = row, at - begin
            out_lefts[place] = named(terms[at - 1], rare - 1) if at > begin else NOTHING
            out_rights[place] = named(terms[at + 1], rare) if at + 1 < end else NOTHING
            free[number] += 1
