"""N-gram document frequencies: a gate of small counters, then an exact table.

An n-gram is named by a 64-bit hash of its token hashes. Two passes bound the memory: the first
increments saturating counters (a count-min sketch of one row; it over-estimates, so an n-gram
whose counter is below the support is rare with certainty), the second counts exactly what passed.

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
MAX_LOAD = 0.6


@njit([U64(U64, U64)], cache=True, nogil=True, inline="always")
def extend_gram(prefix: np.uint64, token: np.uint64) -> np.uint64:
    """Return the hash of the n-gram `prefix` followed by `token` (prefix 0: the token alone)."""
    value = mix64(prefix * _SPREAD + token)
    return value if value != EMPTY else _REPLACES_EMPTY


@njit([I64(U64_IN, U64)], cache=True, nogil=True, inline="always")
def find_slot(keys: np.ndarray, key: np.uint64) -> int:
    """Return the slot of `key` in an open-addressing table, or ``-1 - slot`` of its free place."""
    mask = np.uint64(len(keys) - 1)
    slot = key & mask
    while keys[slot] != EMPTY:
        if keys[slot] == key:
            return np.int64(slot)
        slot = (slot + np.uint64(1)) & mask
    return -1 - np.int64(slot)


@njit([VOID(U64_IN, I64_IN, I64, U8_OUT)], cache=True, nogil=True)
def gate_ngrams(
    tokens: np.ndarray, row_offsets: np.ndarray, max_order: int, gate: np.ndarray
) -> None:
    """Increment the saturating counter of every n-gram occurrence.

    Parameters
    ----------
    tokens : uint64[T]
    row_offsets : int64[R + 1]
    gate : uint8[2**k]
        Updated in place. Occurrences are counted, not rows: that over-estimates further, and
        only the lower end is ever read.
    """
    mask = np.uint64(len(gate) - 1)
    for row in range(len(row_offsets) - 1):
        end = row_offsets[row + 1]
        for start in range(row_offsets[row], end):
            gram = EMPTY
            for at in range(start, min(start + max_order, end)):
                if tokens[at] == BOUNDARY:
                    break
                gram = extend_gram(gram, tokens[at])
                cell = gram & mask
                if gate[cell] != _GATE_MAX:
                    gate[cell] += np.uint8(1)


@njit(
    [I64(U64_IN, I64_IN, I64, I64, I64, U8_IN, I64, U64_OUT, I64_OUT, I64_OUT, I64_OUT)],
    cache=True,
    nogil=True,
)
def count_ngrams(
    tokens: np.ndarray,
    row_offsets: np.ndarray,
    from_row: int,
    first_row_id: int,
    max_order: int,
    gate: np.ndarray,
    min_support: int,
    keys: np.ndarray,
    row_counts: np.ndarray,
    last_row: np.ndarray,
    used: np.ndarray,
) -> int:
    """Count the rows of every n-gram that passed the gate; return the row to go on with.

    The caller grows the table when the returned row is not the last one, and calls again: a row
    is never counted twice, because `last_row` remembers it.

    Parameters
    ----------
    from_row, first_row_id : int
        Row of this batch to start at; scan-wide number of the batch's first row.
    keys : uint64[2**k], row_counts : int64[2**k], last_row : int64[2**k]
        The table, updated in place; key 0 is a free slot.
    used : int64[1]
        Number of used slots, updated in place.
    """
    mask = np.uint64(len(gate) - 1)
    limit = np.int64(len(keys) * MAX_LOAD)
    for row in range(from_row, len(row_offsets) - 1):
        row_id = first_row_id + row
        end = row_offsets[row + 1]
        for start in range(row_offsets[row], end):
            gram = EMPTY
            for at in range(start, min(start + max_order, end)):
                if tokens[at] == BOUNDARY:
                    break
                gram = extend_gram(gram, tokens[at])
                if gate[gram & mask] < min_support:
                    break  # a longer n-gram is at most as frequent
                slot = find_slot(keys, gram)
                if slot < 0:
                    if used[0] >= limit:
                        return row
                    slot = -1 - slot
                    keys[slot] = gram
                    row_counts[slot] = 1
                    last_row[slot] = row_id
                    used[0] += 1
                elif last_row[slot] != row_id:
                    row_counts[slot] += 1
                    last_row[slot] = row_id
    return len(row_offsets) - 1


@njit([VOID(U64_IN, U64_OUT, I64_OUT)], cache=True, nogil=True)
def insert_keys(new_keys: np.ndarray, keys: np.ndarray, positions: np.ndarray) -> None:
    """Insert distinct keys into an empty table and remember each one's index.

    Parameters
    ----------
    new_keys : uint64[N]
        Distinct, none of them 0.
    keys : uint64[2**k], positions : int64[2**k]
        The table; ``positions[slot]`` becomes the index into `new_keys`.
    """
    for index in range(len(new_keys)):
        slot = -1 - find_slot(keys, new_keys[index])
        keys[slot] = new_keys[index]
        positions[slot] = index


@njit([VOID(U64_IN, I64_IN, U64_IN, I64_OUT)], cache=True, nogil=True)
def lookup(keys: np.ndarray, positions: np.ndarray, queries: np.ndarray, out: np.ndarray) -> None:
    """Write the index of each query (-1 where it is not in the table)."""
    for index in range(len(queries)):
        slot = find_slot(keys, queries[index]) if queries[index] != EMPTY else -1
        out[index] = positions[slot] if slot >= 0 else -1


@njit([VOID(U64_IN, I64_IN, I64, U64_IN, I64_IN, I64_IN, I64_OUT)], cache=True, nogil=True)
def measure_extensions(
    tokens: np.ndarray,
    row_offsets: np.ndarray,
    max_order: int,
    keys: np.ndarray,
    positions: np.ndarray,
    row_counts: np.ndarray,
    longest_count: np.ndarray,
) -> None:
    """For every n-gram, find the largest row count among the (n+1)-grams that contain it.

    An n-gram with an extension of the same count is not closed: it never stands alone.

    Parameters
    ----------
    row_counts : int64[N]
        Rows of each n-gram, by index.
    longest_count : int64[N]
        Updated in place (maximum).
    """
    for row in range(len(row_offsets) - 1):
        end = row_offsets[row + 1]
        for start in range(row_offsets[row], end):
            gram = EMPTY
            suffix = EMPTY  # the same n-gram without its first token
            prefix_index = -1
            for at in range(start, min(start + max_order, end)):
                if tokens[at] == BOUNDARY:
                    break
                gram = extend_gram(gram, tokens[at])
                slot = find_slot(keys, gram)
                if slot < 0:
                    break
                index = positions[slot]
                count = row_counts[index]
                if at > start:
                    suffix = extend_gram(suffix, tokens[at])
                    longest_count[prefix_index] = max(longest_count[prefix_index], count)
                    inner = find_slot(keys, suffix)
                    if inner >= 0:
                        inner_index = positions[inner]
                        longest_count[inner_index] = max(longest_count[inner_index], count)
                prefix_index = index


@njit(
    [VOID(U64_IN, I64_IN, I64_IN, I64, U64_IN, I64_IN, I64_IN, I64_OUT, I64_OUT, I32_OUT)],
    cache=True,
    nogil=True,
)
def collect_postings(
    tokens: np.ndarray,
    row_offsets: np.ndarray,
    by_rank: np.ndarray,
    max_order: int,
    keys: np.ndarray,
    positions: np.ndarray,
    offsets: np.ndarray,
    last_row: np.ndarray,
    out_row: np.ndarray,
    out_token: np.ndarray,
) -> None:
    """Write the first rows, in sampling order, of every wanted n-gram.

    Parameters
    ----------
    by_rank : int64[R]
        All rows in sampling order. A frequent n-gram has fewer places than rows: it is followed
        in the first ones, which are a uniform sample.
    keys, positions
        Table of the wanted n-grams, by index.
    offsets : int64[N + 1]
        Places of each n-gram in the output, at most its number of rows.
    last_row : int64[2 * N]
        -1 at the start. The first half remembers the row that was written last, the second
        counts (from -1) how many were.
    out_row : int64[offsets[N]]
    out_token : int32[offsets[N]]
        Index of the n-gram's first token, counted from the row's first token.
    """
    size = len(offsets) - 1
    for rank in range(len(by_rank)):
        row = by_rank[rank]
        end = row_offsets[row + 1]
        for start in range(row_offsets[row], end):
            gram = EMPTY
            for at in range(start, min(start + max_order, end)):
                if tokens[at] == BOUNDARY:
                    break
                gram = extend_gram(gram, tokens[at])
                slot = find_slot(keys, gram)
                if slot < 0:
                    continue
                index = positions[slot]
                if last_row[index] == row:
                    continue
                place = offsets[index] + last_row[size + index] + 1
                if place >= offsets[index + 1]:
                    continue
                last_row[index] = row
                last_row[size + index] += 1
                out_row[place] = row
                out_token[place] = start - row_offsets[row]


@njit([VOID(U64_IN, U64_OUT)], cache=True, nogil=True)
def extend_each(tokens: np.ndarray, grams: np.ndarray) -> None:
    """Extend every n-gram hash by one token, in place (both of length N)."""
    for index in range(len(grams)):
        grams[index] = extend_gram(grams[index], tokens[index])


@njit([VOID(U64_IN, I64, U64_IN, I64_IN, I64_OUT)], cache=True, nogil=True)
def first_occurrences(
    tokens: np.ndarray,
    first_token: int,
    keys: np.ndarray,
    positions: np.ndarray,
    out_first: np.ndarray,
) -> None:
    """Write where each single-token n-gram of the table occurs first (unchanged if known).

    Parameters
    ----------
    first_token : int
        Scan-wide index of ``tokens[0]``.
    out_first : int64[N]
        By n-gram index; -1 where not seen yet (and for every longer n-gram).
    """
    for at in range(len(tokens)):
        if tokens[at] != BOUNDARY:
            slot = find_slot(keys, extend_gram(EMPTY, tokens[at]))
            if slot >= 0 and out_first[positions[slot]] < 0:
                out_first[positions[slot]] = first_token + at


@njit([VOID(U64_IN, U64_IN, I64_IN, I32_IN, I32_OUT)], cache=True, nogil=True)
def token_terms(
    tokens: np.ndarray,
    keys: np.ndarray,
    positions: np.ndarray,
    term_of_gram: np.ndarray,
    out: np.ndarray,
) -> None:
    """Write the vocabulary term of every token (-1: a boundary, or a rare token).

    Parameters
    ----------
    term_of_gram : int32[N]
        Term of each n-gram of the table, by index.
    out : int32[T]
    """
    for at in range(len(tokens)):
        out[at] = -1
        if tokens[at] != BOUNDARY:
            slot = find_slot(keys, extend_gram(EMPTY, tokens[at]))
            if slot >= 0:
                out[at] = term_of_gram[positions[slot]]
