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
    I32_IN,
    I32_OUT,
    I64,
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

#: N-grams that are looked up side by side: memory answers some ten requests at a time, if the next
#: does not have to wait for what is made of the last one.
BATCH = 512

#: The top bit of a hash tells single tokens from longer n-grams.
WORD_BIT = np.uint64(1 << 63)

#: Words of a record of the counter: hash; rows and the last of them; sum of the rows' numbers.
RECORD = 3

#: The lower half of a word.
LOW = np.uint64(0xFFFFFFFF)
_LOWEST = np.uint64(0xFFFF)
_SHIFT_16, _SHIFT_31, _SHIFT_32 = np.uint64(16), np.uint64(31), np.uint64(32)
_ONE = np.uint64(1)


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
    return np.int64((((gram >> _SHIFT_31) & LOW) * np.uint64(PARTS)) >> _SHIFT_32)


@njit([I64(U64, I64)], cache=True, nogil=True, inline="always")
def cell_of(gram: np.uint64, cells: int) -> int:
    """Return the counter of a gate that an n-gram shares; its part is that of the n-gram."""
    return np.int64((((gram >> _SHIFT_31) & LOW) * np.uint64(cells)) >> _SHIFT_32)


@njit([I64(U64, I64)], cache=True, nogil=True, inline="always")
def home_of(gram: np.uint64, size: int) -> int:
    """Return where the search for an n-gram begins in a table of `size` slots."""
    high = (gram >> _SHIFT_31) & LOW
    if size < LEAST_PARTED:
        return np.int64((high * np.uint64(size)) >> _SHIFT_32)
    part_size = np.uint64(size) // np.uint64(PARTS)
    high *= np.uint64(PARTS)
    return np.int64((high >> _SHIFT_32) * part_size + (((high & LOW) * part_size) >> _SHIFT_32))


@njit([I64(U64, I64)], cache=True, nogil=True, inline="always")
def share_of(gram: np.uint64, shares: int) -> int:
    """Return which of some shares an n-gram or a token belongs to: by no bits of a table's."""
    return np.int64(((gram & _LOWEST) * np.uint64(shares)) >> _SHIFT_16)


@njit([I64(U64_IN, U64, I64)], cache=True, nogil=True, inline="always")
def find_record(table: np.ndarray, key: np.uint64, width: int) -> int:
    """Return the slot of `key` in an open-addressing table, or ``-1 - slot`` of its free place.

    A search stays within the key's part of a large table.

    Parameters
    ----------
    table : uint64[N * width]
        The first word of each record is its key.
    """
    size = len(table) // width
    slot = np.uint64(home_of(key, size))
    first, last = np.uint64(0), np.uint64(size)
    if size >= LEAST_PARTED:
        part_size = np.uint64(size // PARTS)
        first = np.uint64(part_of(key, size)) * part_size
        last = first + part_size
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


@njit(
    [I64(U64_IN, I64_IN, I64, I64, I64, I64, I64, U8_IN, I64, U64_OUT, I32_OUT, I32_OUT)],
    cache=True,
    nogil=True,
)
def list_ngrams(
    tokens: np.ndarray,
    row_offsets: np.ndarray,
    first: int,
    last: int,
    max_order: int,
    share: int,
    shares: int,
    gate: np.ndarray,
    least: int,
    out_gram: np.ndarray,
    out_place: np.ndarray,
    out_row: np.ndarray,
) -> int:
    """Write hash and place of every n-gram that begins in a range of tokens; return how many.

    Those of one length come in the order of the text, `BATCH` tokens at a time.

    Parameters
    ----------
    tokens : uint64[T], row_offsets : int64[R + 1]
    first, last : int
        Tokens at which n-grams begin; they may reach beyond `last`, to the end of their row.
    share, shares : int
        Only n-grams whose first token is in one of so many shares (`share_of`) are listed: what
        is shorter is in the same share.
    gate : uint8[cells]
    least : int
        N-grams whose counter is below it are left out, and so is what is longer. With 0 the gate
        is open.
    out_gram : uint64[max_order * N], out_place : int32[max_order * N]
        Hashes and first tokens, counted from `first`.
    out_row : int32[N]
        The row of each token of the range.
    """
    grams, cells = np.empty(BATCH, np.uint64), np.empty(BATCH, np.int64)
    alive, ends = np.empty(BATCH, np.int64), np.empty(BATCH, np.int64)
    seen = np.full(BATCH, _GATE_MAX, np.uint8)
    count = 0
    row = np.searchsorted(row_offsets, first, side="right") - 1
    at_token = first
    while at_token < last:
        left = 0
        while at_token < last and left < BATCH:
            while at_token >= row_offsets[row + 1]:
                row += 1
            out_row[at_token - first] = row
            grams[left], alive[left], ends[left] = EMPTY, at_token, row_offsets[row + 1]
            token = tokens[at_token]
            left += int((token != BOUNDARY) & (share_of(token, shares) == share))
            at_token += 1
        # What is loaded side by side, and what goes on, is found without a branch: no guess of the
        # processor is wrong.
        for order in range(max_order):
            for at in range(left):
                grams[at] = extend_gram(grams[at], tokens[alive[at] + order])
            if least > 0:
                for at in range(left):
                    cells[at] = cell_of(grams[at], len(gate))
                for at in range(left):
                    seen[at] = gate[cells[at]]
            longer = 0
            for at in range(left):
                gram, start, end = grams[at], alive[at], ends[at]
                out_gram[count], out_place[count] = gram, start - first
                count += int(seen[at] >= least)
                grams[longer], alive[longer], ends[longer] = gram, start, end
                after = start + order + 1
                goes_on = (after < end) & (tokens[min(after, end - 1)] != BOUNDARY)
                longer += int((seen[at] >= least) & goes_on)
            left = longer
    return count


@njit([VOID(U64_IN, I64_IN, I64, U8_IN, U8_IN, U8_OUT)], cache=True, nogil=True)
def mark_ngrams(
    tokens: np.ndarray,
    row_offsets: np.ndarray,
    max_order: int,
    gate: np.ndarray,
    least: np.ndarray,
    out: np.ndarray,
) -> None:
    """Write which n-grams that begin at each token are wanted: bit k for k + 1 tokens.

    Parameters
    ----------
    tokens : uint64[T], row_offsets : int64[R + 1]
    gate : uint8[cells]
        0 for n-grams that nothing longer is wanted of, either.
    least : uint8[R]
        Counter from which on an n-gram is wanted in each row, above 0.
    out : uint8[T]
    """
    grams, cells = np.empty(BATCH, np.uint64), np.empty(BATCH, np.int64)
    alive, ends = np.empty(BATCH, np.int64), np.empty(BATCH, np.int64)
    seen, needed = np.empty(BATCH, np.uint8), np.empty(BATCH, np.uint8)
    row = 0
    for batch in range(0, len(tokens), BATCH):
        left = 0
        for at in range(batch, min(batch + BATCH, len(tokens))):
            while at >= row_offsets[row + 1]:
                row += 1
            out[at] = 0
            grams[left], alive[left], ends[left] = EMPTY, at, row_offsets[row + 1]
            needed[left] = least[row]
            left += int(tokens[at] != BOUNDARY)
        for order in range(max_order):  # without a branch, as in `list_ngrams`
            for at in range(left):
                grams[at] = extend_gram(grams[at], tokens[alive[at] + order])
                cells[at] = cell_of(grams[at], len(gate))
            for at in range(left):
                seen[at] = gate[cells[at]]
            longer = 0
            for at in range(left):
                gram, start, end, own = grams[at], alive[at], ends[at], needed[at]
                out[start] |= np.uint8(int(seen[at] >= own) << order)
                grams[longer], alive[longer], ends[longer], needed[longer] = gram, start, end, own
                after = start + order + 1
                goes_on = (after < end) & (tokens[min(after, end - 1)] != BOUNDARY)
                longer += int((seen[at] > 0) & goes_on)
            left = longer


@njit(
    [I64(U64_IN, I64_IN, I64, I64, U8_IN, I64, I64, U64_OUT, I32_OUT, I32_OUT)],
    cache=True,
    nogil=True,
)
def list_marked(
    tokens: np.ndarray,
    row_offsets: np.ndarray,
    first: int,
    last: int,
    marks: np.ndarray,
    share: int,
    shares: int,
    out_gram: np.ndarray,
    out_place: np.ndarray,
    out_row: np.ndarray,
) -> int:
    """Write the n-grams that are marked, in the same order as `list_ngrams` does.

    Parameters
    ----------
    tokens, row_offsets, first, last, out_gram, out_place, out_row
        As in `list_ngrams`.
    marks : uint8[T]
        See `mark_ngrams`.
    share, shares : int
        Only the n-grams of one of so many shares are listed (`share_of`).
    """
    grams, alive = np.empty(BATCH, np.uint64), np.empty(BATCH, np.int64)
    wanted = np.empty(BATCH, np.uint8)
    count = 0
    row = np.searchsorted(row_offsets, first, side="right") - 1
    for batch in range(first, last, BATCH):
        left = 0
        for at in range(batch, min(batch + BATCH, last)):
            while at >= row_offsets[row + 1]:
                row += 1
            out_row[at - first] = row
            grams[left], alive[left], wanted[left] = EMPTY, at, marks[at]
            left += int(marks[at] != 0)
        order = 0
        while left > 0:
            longer = 0
            for at in range(left):
                start, mark = alive[at], wanted[at]
                gram = extend_gram(grams[at], tokens[start + order])
                out_gram[count], out_place[count] = gram, start - first
                count += int((mark & 1 != 0) & (share_of(gram, shares) == share))
                grams[longer], alive[longer], wanted[longer] = gram, start, mark >> 1
                longer += int(mark > 1)
            left = longer
            order += 1
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
    places: np.ndarray,
    count: int,
    size: int,
    out_gram: np.ndarray,
    out_place: np.ndarray,
    out_edges: np.ndarray,
) -> None:
    """Order n-grams by the part of a table that they belong to, keeping their order within.

    Parameters
    ----------
    grams : uint64[N], places : int32[N]
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
        out_place[free[part]] = places[at]
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
    cells, seen = np.empty(BATCH, np.int64), np.empty(BATCH, np.uint8)
    for batch in range(first, last, BATCH):
        size = min(BATCH, last - batch)
        for at in range(size):
            cells[at] = cell_of(grams[batch + at], len(gate))
        for at in range(size):
            seen[at] = gate[cells[at]]
        for at in range(size):
            if seen[at] != _GATE_MAX and gate[cells[at]] != _GATE_MAX:
                gate[cells[at]] += np.uint8(1)


@njit([VOID(U64_IN, U8_IN, U8_OUT)], cache=True, nogil=True)
def set_gate(grams: np.ndarray, values: np.ndarray, gate: np.ndarray) -> None:
    """Raise the counters of some n-grams (uint64[N]) to their values (uint8[N])."""
    for at in range(len(grams)):
        cell = cell_of(grams[at], len(gate))
        gate[cell] = max(gate[cell], values[at])


@njit([VOID(U64_IN, I64, I64_OUT)], cache=True, nogil=True)
def share_of_each(grams: np.ndarray, shares: int, out: np.ndarray) -> None:
    """Write which of some shares each n-gram belongs to (`share_of`)."""
    for at in range(len(grams)):
        out[at] = share_of(grams[at], shares)


@njit(
    [I64(U64_IN, I32_IN, I32_IN, I64, I64, I64, U64_IN, U64_OUT, I64_OUT)],
    cache=True,
    nogil=True,
)
def count_ngrams(
    grams: np.ndarray,
    places: np.ndarray,
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
    grams : uint64[N], places : int32[N]
        Occurrences (`list_ngrams`); those of one n-gram in the order of the text.
    rows : int32[T]
        The row of each place.
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
    keys, homes = np.empty(BATCH, np.uint64), np.empty(BATCH, np.int64)
    for batch in range(first, last, BATCH):
        end = min(batch + BATCH, last)
        for at in range(batch, end):
            homes[at - batch] = home_of(grams[at], size)
        for at in range(batch, end):
            keys[at - batch] = records[homes[at - batch] * RECORD]
        for at in range(batch, end):
            gram = grams[at]
            slot = homes[at - batch]
            if keys[at - batch] != gram:
                slot = find_record(records, gram, RECORD)
            own_row = rows[places[at]]
            row = np.uint64(first_row + own_row)
            if slot < 0:
                part = part_of(gram, size)
                if used[part] >= limit:
                    return at
                used[part] += 1
                begin = (-1 - slot) * RECORD
                records[begin] = gram
                records[begin + 1] = _ONE << _SHIFT_32 | row
                records[begin + 2] = numbers[own_row]
            else:
                begin = slot * RECORD
                if records[begin + 1] & LOW != row:
                    counted = (records[begin + 1] >> _SHIFT_32) + _ONE
                    records[begin + 1] = counted << _SHIFT_32 | row
                    records[begin + 2] += numbers[own_row]
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


@njit([VOID(U64_IN, U64_OUT)], cache=True, nogil=True)
def extend_each(tokens: np.ndarray, grams: np.ndarray) -> None:
    """Extend every n-gram hash by one token, in place (both of length N)."""
    for index in range(len(grams)):
        grams[index] = extend_gram(grams[index], tokens[index])


@njit([VOID(U64_IN, U64_IN, I32_OUT)], cache=True, nogil=True)
def token_slots(tokens: np.ndarray, words: np.ndarray, out: np.ndarray) -> None:
    """Write the slot of every token in a table of single tokens (-1: a boundary, or a rare token).

    Parameters
    ----------
    words : uint64[N]
        Table of single-token n-grams.
    out : int32[T]
    """
    for at in range(len(tokens)):
        out[at] = -1
        if tokens[at] != BOUNDARY:
            slot = find_slot(words, extend_gram(EMPTY, tokens[at]))
            if slot >= 0:
                out[at] = slot


@njit([VOID(I32_IN, I64, I64_OUT)], cache=True, nogil=True)
def first_occurrences(slots: np.ndarray, first_token: int, out_first: np.ndarray) -> None:
    """Write where each slot occurs first (unchanged if known).

    Parameters
    ----------
    slots : int32[T]
        The slot of each token (`token_slots`).
    first_token : int
        Scan-wide index of the first of them.
    out_first : int64[N]
        By slot; -1 where not seen yet.
    """
    for at in range(len(slots)):
        if slots[at] >= 0 and out_first[slots[at]] < 0:
            out_first[slots[at]] = first_token + at
