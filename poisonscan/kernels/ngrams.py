"""N-gram document frequencies: a gate of small counters, then an exact table.

An n-gram is named by a 64-bit hash of its token hashes. Two passes bound the memory: the first
increments saturating counters (a count-min sketch of one row; it over-estimates, so an n-gram
whose counter is below the support is rare with certainty), the second counts exactly what passed.
Both list the occurrences of some rows, sort them by the part of the table that they go to, and
work through it part by part.

Cormode & Muthukrishnan, An improved data stream summary: the count-min sketch, 2005, section 3.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from poisonscan.kernels.signatures import (
    F64,
    I32_IN,
    I32_OUT,
    I64,
    I64_2D_OUT,
    I64_IN,
    I64_OUT,
    U8_IN,
    U8_OUT,
    U64,
    U64_2D_IN,
    U64_IN,
    U64_OUT,
    VOID,
)
from poisonscan.kernels.tokens import BOUNDARY, mix64

_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio: successive orders never coincide
#: The n-gram of no tokens, and a free slot of a table; no other n-gram has this hash.
EMPTY = np.uint64(0)
_REPLACES_EMPTY = np.uint64(1)
_GATE_MAX = np.uint8(255)

#: Part of a table's slots that may be used before it has to grow.
MAX_LOAD = 0.65

#: A large table has this many parts that are independent of each other: n-grams are sorted by the
#: part that they belong to, and threads share nothing when each works on parts of its own. More
#: would cost more: the processor can look up the pages of so many streams at once.
PARTS = 16

#: Slots from which on a table has parts: each is then so large that chance never fills one while
#: the table has room.
LEAST_PARTED = PARTS << 12

#: The top bit of a hash tells single tokens from longer n-grams.
WORD_BIT = np.uint64(1 << 63)

#: Words of a record of the counter: hash; rows and the last of them; sum of the rows' numbers.
RECORD = 3

_LOW = np.uint64(0xFFFFFFFF)
_SHIFT_31, _SHIFT_32, _ONE = np.uint64(31), np.uint64(32), np.uint64(1)


@njit([U64(U64, U64)], cache=True, nogil=True, inline="always")
def extend_gram(prefix: np.uint64, token: np.uint64) -> np.uint64:
    """Return the hash of the n-gram `prefix` followed by `token` (prefix 0: the token alone).

    Token hashes are random already: one multiplication spreads them over all bits.
    """
    value = (prefix + token) * _SPREAD
    value ^= value >> _SHIFT_32
    if prefix == EMPTY:
        return value | WORD_BIT
    value &= ~WORD_BIT
    return value if value != EMPTY else _REPLACES_EMPTY


@njit([I64(U64, I64)], cache=True, nogil=True, inline="always")
def part_of(gram: np.uint64, size: int) -> int:
    """Return which part of a table of `size` slots (or cells) an n-gram belongs to."""
    if size < LEAST_PARTED:
        return 0
    return np.int64((((gram >> _SHIFT_31) & _LOW) * np.uint64(PARTS)) >> _SHIFT_32)


@njit([I64(U64, I64)], cache=True, nogil=True, inline="always")
def cell_of(gram: np.uint64, cells: int) -> int:
    """Return the counter of a gate that an n-gram shares; its part is that of the n-gram."""
    return np.int64((((gram >> _SHIFT_31) & _LOW) * np.uint64(cells)) >> _SHIFT_32)


@njit([I64(U64_IN, U64, I64)], cache=True, nogil=True, inline="always")
def find_record(table: np.ndarray, key: np.uint64, width: int) -> int:
    """Return the slot of `key` in an open-addressing table, or ``-1 - slot`` of its free place.

    A search stays within the key's part of a large table.

    Parameters
    ----------
    table : uint64[N * width]
        The first word of each record is its key.
    """
    size = np.uint64(len(table) // width)
    high = (key >> _SHIFT_31) & _LOW
    first, last = np.uint64(0), size
    if size >= LEAST_PARTED:
        high *= np.uint64(PARTS)
        last = size // np.uint64(PARTS)
        first = (high >> _SHIFT_32) * last
        high &= _LOW
        last += first
    slot = first + ((high * (last - first)) >> _SHIFT_32)
    step = np.uint64(width)
    while table[slot * step] != EMPTY:
        if table[slot * step] == key:
            return np.int64(slot)
        slot += _ONE
        if slot == last:
            slot = first
    return -1 - np.int64(slot)


@njit([I64(U64_IN, U64)], cache=True, nogil=True, inline="always")
def find_slot(keys: np.ndarray, key: np.uint64) -> int:
    """Return the slot of `key` in a table of keys alone (see `find_record`)."""
    return find_record(keys, key, 1)


@njit([I64(U64_IN, I32_IN, U64)], cache=True, nogil=True, inline="always")
def rows_of(slots: np.ndarray, row_counts: np.ndarray, gram: np.uint64) -> int:
    """Return the rows of an n-gram, 0 where it is rarer than the support."""
    slot = find_slot(slots, gram)
    return np.int64(row_counts[slot]) if slot >= 0 else 0


@njit([I64(U64_IN, I64_IN, I64, I64, I64, U8_IN, I64, U64_OUT, I32_OUT)], cache=True, nogil=True)
def list_ngrams(
    tokens: np.ndarray,
    row_offsets: np.ndarray,
    first: int,
    last: int,
    max_order: int,
    gate: np.ndarray,
    min_support: int,
    out_gram: np.ndarray,
    out_row: np.ndarray,
) -> int:
    """Write hash and row of every n-gram that begins in a range of tokens; return how many.

    Those that the gate says are rarer than the support are left out, and so is what is longer.

    Parameters
    ----------
    tokens : uint64[T], row_offsets : int64[R + 1]
    first, last : int
        Tokens at which n-grams begin; they may reach beyond `last`, to the end of their row.
    gate : uint8[cells], min_support : int
        With a support of 0 the gate is open.
    out_gram : uint64[max_order * N], out_row : int32[max_order * N]
    """
    count = 0
    row = np.searchsorted(row_offsets, first, side="right") - 1
    for start in range(first, last):
        while start >= row_offsets[row + 1]:
            row += 1
        gram = EMPTY
        for at in range(start, min(start + max_order, row_offsets[row + 1])):
            if tokens[at] == BOUNDARY:
                break
            gram = extend_gram(gram, tokens[at])
            if min_support > 0 and gate[cell_of(gram, len(gate))] < min_support:
                break
            out_gram[count] = gram
            out_row[count] = row
            count += 1
    return count


@njit([VOID(U64_IN, I64_IN, U64_OUT)], cache=True, nogil=True)
def number_rows(tokens: np.ndarray, row_offsets: np.ndarray, out: np.ndarray) -> None:
    """Write a random number for each row (uint64[R]), the same for the same tokens."""
    for row in range(len(row_offsets) - 1):
        value = EMPTY
        for at in range(row_offsets[row], row_offsets[row + 1]):
            value = (value + tokens[at]) * _SPREAD
            value ^= value >> _SHIFT_32
        out[row] = mix64(value)


@njit([VOID(U64_IN, I32_IN, I64, I64, U64_OUT, I32_OUT, I64_OUT)], cache=True, nogil=True)
def sort_by_part(
    grams: np.ndarray,
    rows: np.ndarray,
    count: int,
    size: int,
    out_gram: np.ndarray,
    out_row: np.ndarray,
    out_edges: np.ndarray,
) -> None:
    """Order n-grams by the part of a table that they belong to, keeping their order within.

    Parameters
    ----------
    grams : uint64[N], rows : int32[N]
        The first `count` of them are sorted.
    size : int
        Slots or cells of the table.
    out_edges : int64[PARTS + 1]
        Written: where each part begins.
    """
    free = np.zeros(PARTS + 1, np.int64)
    for at in range(count):
        free[part_of(grams[at], size) + 1] += 1
    for part in range(PARTS):
        free[part + 1] += free[part]
    out_edges[:] = free
    for at in range(count):
        part = part_of(grams[at], size)
        out_gram[free[part]] = grams[at]
        out_row[free[part]] = rows[at]
        free[part] += 1


@njit([VOID(U64_IN, I64, I64, U8_OUT)], cache=True, nogil=True)
def gate_ngrams(grams: np.ndarray, first: int, last: int, gate: np.ndarray) -> None:
    """Increment the saturating counter of every n-gram occurrence of a range.

    Parameters
    ----------
    grams : uint64[N]
    gate : uint8[cells]
        Updated in place. Occurrences are counted, not rows: that over-estimates further, and
        only the lower end is ever read.
    """
    for at in range(first, last):
        cell = cell_of(grams[at], len(gate))
        if gate[cell] != _GATE_MAX:
            gate[cell] += np.uint8(1)


@njit(
    [I64(U64_IN, I32_IN, I64, I64, I64, U64_IN, U64_OUT, I64_OUT)],
    cache=True,
    nogil=True,
)
def count_ngrams(
    grams: np.ndarray,
    rows: np.ndarray,
    first: int,
    last: int,
    first_row: int,
    numbers: np.ndarray,
    records: np.ndarray,
    used: np.ndarray,
) -> int:
    """Count the rows of the n-grams of a range; return where to go on.

    That is `last`, or where a part of the table is full: the caller lets it grow, and calls
    again from there.

    Parameters
    ----------
    grams : uint64[N], rows : int32[N]
        Occurrences (`list_ngrams`); those of one row follow each other.
    first_row : int
        Scan-wide number of the batch's first row.
    numbers : uint64[R]
        What the third word of a record adds up (`number_rows`): n-grams with the same rows have
        the same sum.
    records : uint64[N * RECORD]
        The table, updated in place; a record is in one or two lines of memory.
    used : int64[PARTS]
        Used slots of each part, updated in place.
    """
    size = len(records) // RECORD
    limit = np.int64((size // PARTS if size >= LEAST_PARTED else size) * MAX_LOAD)
    for at in range(first, last):
        gram = grams[at]
        slot = find_record(records, gram, RECORD)
        row = np.uint64(first_row + rows[at])
        if slot < 0:
            part = part_of(gram, size)
            if used[part] >= limit:
                return at
            used[part] += 1
            begin = (-1 - slot) * RECORD
            records[begin] = gram
            records[begin + 1] = _ONE << _SHIFT_32 | row
            records[begin + 2] = numbers[rows[at]]
        else:
            begin = slot * RECORD
            if records[begin + 1] & _LOW != row:
                records[begin + 1] = ((records[begin + 1] >> _SHIFT_32) + _ONE) << _SHIFT_32 | row
                records[begin + 2] += numbers[rows[at]]
    return last


@njit([VOID(U64_IN, U64_OUT, I64_OUT)], cache=True, nogil=True)
def insert_keys(new_keys: np.ndarray, keys: np.ndarray, out_slots: np.ndarray) -> None:
    """Insert distinct keys into a table that has none of them.

    Parameters
    ----------
    new_keys : uint64[N]
        Distinct, none of them 0.
    keys : uint64[N]
        The table, updated in place.
    out_slots : int64[N]
        Written: the slot of each key.
    """
    for index in range(len(new_keys)):
        slot = -1 - find_slot(keys, new_keys[index])
        keys[slot] = new_keys[index]
        out_slots[index] = slot


@njit([VOID(U64_2D_IN, U64_OUT, I64_OUT)], cache=True, nogil=True)
def insert_records(new_records: np.ndarray, records: np.ndarray, used: np.ndarray) -> None:
    """Insert records of distinct keys into a counter's table that has none of them.

    Parameters
    ----------
    new_records : uint64[M, RECORD]
    records : uint64[N * RECORD], used : int64[PARTS]
        As in `count_ngrams`.
    """
    size = len(records) // RECORD
    for index in range(len(new_records)):
        key = new_records[index, 0]
        begin = (-1 - find_record(records, key, RECORD)) * RECORD
        for word in range(RECORD):
            records[begin + word] = new_records[index, word]
        used[part_of(key, size)] += 1


@njit([VOID(U64_IN, U64_IN, I64_OUT)], cache=True, nogil=True)
def lookup(keys: np.ndarray, queries: np.ndarray, out: np.ndarray) -> None:
    """Write the slot of each query (-1 where it is not in the table)."""
    for index in range(len(queries)):
        slot = find_slot(keys, queries[index]) if queries[index] != EMPTY else -1
        out[index] = slot if slot >= 0 else -1


#: Words of a record that candidates are found with: hash; rows, and the number of the group plus 1.
PAIR = 2

#: Set in the second word where the group has other n-grams.
SHARED_BIT = np.uint64(1 << 31)


@njit([VOID(U64_IN, I64_IN, I64, U64_IN, F64, U8_OUT)], cache=True, nogil=True)
def mark_accompanied(
    tokens: np.ndarray,
    row_offsets: np.ndarray,
    max_order: int,
    records: np.ndarray,
    share: float,
    out: np.ndarray,
) -> None:
    """Mark the n-grams that an (n+1)-gram around them has (nearly) all rows of.

    Such an n-gram never stands alone: it is not closed.

    Parameters
    ----------
    records : uint64[N * PAIR]
        The table of all frequent n-grams.
    share : float
        Part of the rows that is nearly all.
    out : uint8[N]
        1 for what is marked, by slot; else as it was. Threads may share it.
    """
    slots = np.empty(max_order, np.int64)  # of the n-grams that start here, by length
    rows = np.empty(max_order, np.int64)
    rows_before = np.empty(max_order, np.int64)  # of those that start one token earlier
    for row in range(len(row_offsets) - 1):
        known_before = 0
        end = row_offsets[row + 1]
        for start in range(row_offsets[row], end):
            gram = EMPTY
            known = 0
            for at in range(start, min(start + max_order, end)):
                if tokens[at] == BOUNDARY:
                    break
                gram = extend_gram(gram, tokens[at])
                slot = find_record(records, gram, PAIR)
                if slot < 0:
                    break
                slots[known] = slot
                rows[known] = np.int64(records[slot * PAIR + 1] >> _SHIFT_32)
                if known > 0 and rows[known] >= share * rows[known - 1]:
                    out[slots[known - 1]] = 1
                if known + 1 < known_before and rows_before[known + 1] >= share * rows[known]:
                    out[slot] = 1
                known += 1
            for length in range(known):
                rows_before[length] = rows[length]
            known_before = known


@njit(
    [VOID(U64_IN, I64_IN, I64_IN, I64, U64_IN, I64_2D_OUT, I64_OUT, I32_OUT, I32_OUT)],
    cache=True,
    nogil=True,
)
def collect_postings(
    tokens: np.ndarray,
    row_offsets: np.ndarray,
    by_rank: np.ndarray,
    max_order: int,
    records: np.ndarray,
    places: np.ndarray,
    owner: np.ndarray,
    out_row: np.ndarray,
    out_token: np.ndarray,
) -> None:
    """Write the first rows, in sampling order, of one n-gram of every group.

    It is the one that stands first in the first of the rows; the others of a group stand in the
    same rows.

    Parameters
    ----------
    by_rank : int64[R]
        All rows in sampling order. A frequent n-gram has fewer places than rows: it is followed
        in the first ones, which are a uniform sample.
    records : uint64[N * PAIR]
        Table of the n-grams; group 0 is none.
    places : int64[G, 2]
        Where the postings of each group begin and end; the first is moved on to where they are
        written up to.
    owner : int64[G]
        -1 at the start; written: the slot of the n-gram that stands for the group.
    out_row : int32[P]
    out_token : int32[P]
        Index of the n-gram's first token, counted from the row's first token.
    """
    last_row = np.int64(-1)
    for rank in range(len(by_rank)):
        row = by_rank[rank]
        end = row_offsets[row + 1]
        for start in range(row_offsets[row], end):
            gram = EMPTY
            for at in range(start, min(start + max_order, end)):
                if tokens[at] == BOUNDARY:
                    break
                gram = extend_gram(gram, tokens[at])
                slot = find_record(records, gram, PAIR)
                if slot < 0:
                    break  # rarer than the support, and so is what is longer
                word = records[slot * PAIR + 1] & _LOW
                group = np.int64(word & ~SHARED_BIT) - 1
                if group < 0:
                    continue
                place = places[group, 0]
                if owner[group] < 0:
                    owner[group] = slot
                    last_row = np.int64(-1)
                elif word & SHARED_BIT != 0 and owner[group] != slot:
                    continue
                else:
                    last_row = np.int64(out_row[place - 1])
                if place >= places[group, 1] or last_row == row:
                    continue
                places[group, 0] += 1
                out_row[place] = row
                out_token[place] = start - row_offsets[row]


@njit([VOID(U64_IN, U64_OUT)], cache=True, nogil=True)
def extend_each(tokens: np.ndarray, grams: np.ndarray) -> None:
    """Extend every n-gram hash by one token, in place (both of length N)."""
    for index in range(len(grams)):
        grams[index] = extend_gram(grams[index], tokens[index])


@njit([VOID(U64_IN, I64, U64_IN, I64_OUT)], cache=True, nogil=True)
def first_occurrences(
    tokens: np.ndarray, first_token: int, words: np.ndarray, out_first: np.ndarray
) -> None:
    """Write where each single-token n-gram of the table occurs first (unchanged if known).

    Parameters
    ----------
    first_token : int
        Scan-wide index of ``tokens[0]``.
    words : uint64[N]
        Table of single-token n-grams.
    out_first : int64[N]
        By slot; -1 where not seen yet.
    """
    for at in range(len(tokens)):
        if tokens[at] != BOUNDARY:
            slot = find_slot(words, extend_gram(EMPTY, tokens[at]))
            if slot >= 0 and out_first[slot] < 0:
                out_first[slot] = first_token + at


@njit([VOID(U64_IN, U64_IN, I32_IN, I32_OUT)], cache=True, nogil=True)
def token_terms(
    tokens: np.ndarray, words: np.ndarray, term_of: np.ndarray, out: np.ndarray
) -> None:
    """Write the vocabulary term of every token (-1: a boundary, or a rare token).

    Parameters
    ----------
    words : uint64[N], term_of : int32[N]
        Table of single-token n-grams, and the term of each.
    out : int32[T]
    """
    for at in range(len(tokens)):
        out[at] = -1
        if tokens[at] != BOUNDARY:
            slot = find_slot(words, extend_gram(EMPTY, tokens[at]))
            if slot >= 0:
                out[at] = term_of[slot]
