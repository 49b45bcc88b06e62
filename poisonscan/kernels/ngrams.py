"""N-grams: their names, and tables of them.

An n-gram is named by a 64-bit hash of its token hashes. Tables are open-addressing ones.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from poisonscan.kernels.signatures import I32_IN, I64, I64_OUT, U64, U64_IN, U64_OUT, VOID

_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio: successive orders never coincide
#: The n-gram of no tokens, and a free slot of a table; no other n-gram has this hash.
EMPTY = np.uint64(0)
_REPLACES_EMPTY = np.uint64(1)

#: Part of a table's slots that may be used before it has to grow.
MAX_LOAD = 0.65

#: The top bit of a hash tells single tokens from longer n-grams.
WORD_BIT = np.uint64(1 << 63)

_LOW = np.uint64(0xFFFFFFFF)
_SHIFT_31, _SHIFT_32 = np.uint64(31), np.uint64(32)
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
def home_of(gram: np.uint64, size: int) -> int:
    """Return where the search for an n-gram begins in a table of `size` slots."""
    return np.int64((((gram >> _SHIFT_31) & _LOW) * np.uint64(size)) >> _SHIFT_32)


@njit([I64(U64_IN, U64, I64)], cache=True, nogil=True, inline="always")
def find_record(table: np.ndarray, key: np.uint64, width: int) -> int:
    """Return the slot of `key` in an open-addressing table, or ``-1 - slot`` of its free place.

    Parameters
    ----------
    table : uint64[N * width]
        The first word of each record is its key.
    """
    last = np.uint64(len(table) // width)
    slot, step = np.uint64(home_of(key, len(table) // width)), np.uint64(width)
    while table[slot * step] != EMPTY:
        if table[slot * step] == key:
            return np.int64(slot)
        slot += _ONE
        if slot == last:
            slot = np.uint64(0)
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
