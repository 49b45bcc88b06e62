"""Text to tokens: one pass over UTF-8 bytes, a 64-bit hash and a byte span per token."""

from __future__ import annotations

import numpy as np
from numba import njit

from poisonscan.kernels.signatures import I64, I64_IN, I64_OUT, U8_IN, U64, U64_OUT

#: Multiplier of FNV-1a (Fowler, Noll, Vo), 64 bit.
FNV_PRIME = np.uint64(0x100000001B3)
#: Finaliser constants of MurmurHash3 (Appleby), 64 bit.
_MIX_1 = np.uint64(0xFF51AFD7ED558CCD)
_MIX_2 = np.uint64(0xC4CEB9FE1A85EC53)
_SHIFT_33 = np.uint64(33)

#: The token between two segments of one side of a record; no n-gram contains it.
BOUNDARY = np.uint64(0)
_REPLACES_BOUNDARY = np.uint64(0x9E3779B97F4A7C15)

#: Bytes after which a run of letters is cut: a row of ten million letters stays a list of tokens.
MAX_TOKEN_BYTES = 64

# Character classes, see charclass.py.
_SPACE, _WORD, _SINGLE, _SYMBOL, _MARK, _HIDDEN = 0, 1, 2, 3, 4, 5
_LETTER, _LEAD, _KILLER, _STACKER = 6, 7, 8, 9

#: Where `decode` has the code point.
_POINT = 0xFFFFFFF8


@njit([U64(U64)], cache=True, nogil=True, inline="always")
def mix64(value: np.uint64) -> np.uint64:
    """Scramble 64 bits so that every input bit reaches every output bit."""
    value ^= value >> _SHIFT_33
    value *= _MIX_1
    value ^= value >> _SHIFT_33
    value *= _MIX_2
    value ^= value >> _SHIFT_33
    return value


@njit([I64(U8_IN, I64, I64, U8_IN)], cache=True, nogil=True)
def decode(data: np.ndarray, at: int, end: int, classes: np.ndarray) -> int:
    """Return ``class << 32 | code_point << 3 | n_bytes`` of the character at byte `at`.

    Bytes that are no valid UTF-8 (overlong forms and surrogates too) count as one hidden character
    each.
    """
    first = np.int64(data[at])
    if first < 0x80:
        return (np.int64(classes[first]) << 32) | (first << 3) | 1
    size = 0
    point = np.int64(0)
    if 0xC2 <= first < 0xE0:
        size, point = 2, first & 0x1F
    elif 0xE0 <= first < 0xF0:
        size, point = 3, first & 0x0F
    elif 0xF0 <= first < 0xF5:
        size, point = 4, first & 0x07
    if size == 0 or at + size > end:
        return (np.int64(_HIDDEN) << 32) | (first << 3) | 1
    for offset in range(1, size):
        following = np.int64(data[at + offset])
        if following & 0xC0 != 0x80:
            return (np.int64(_HIDDEN) << 32) | (first << 3) | 1
        point = (point << 6) | (following & 0x3F)
    if (size == 3 and (point < 0x800 or 0xD800 <= point < 0xE000)) or (
        size == 4 and (point < 0x10000 or point >= 0x110000)
    ):
        return (np.int64(_HIDDEN) << 32) | (first << 3) | 1
    if point < len(classes):
        kind = np.int64(classes[point])
    else:
        plane = point >> 16
        kind = np.int64(_SINGLE if plane == 2 or plane == 3 else _HIDDEN)
    return (kind << 32) | (point << 3) | size


@njit([I64(U8_IN, I64, I64, U8_IN, I64)], cache=True, nogil=True)
def _closes_syllable(data: np.ndarray, at: int, end: int, classes: np.ndarray, before: int) -> int:
    """Return whether a letter whose end is byte `at` goes on with the syllable before it.

    Parameters
    ----------
    before : int
        Class of the character before the letter.
    """
    if before == _KILLER:
        return 0
    if before == _LEAD or before == _STACKER or at >= end:
        return 1
    after = decode(data, at, end, classes) >> 32
    return int(after != _MARK and after != _STACKER)


@njit(
    [I64(U8_IN, I64_IN, I64_IN, U8_IN, U64, U64_OUT, I64_OUT, I64_OUT, I64_OUT)],
    cache=True,
    nogil=True,
)
def tokenise(
    data: np.ndarray,
    segment_offsets: np.ndarray,
    row_offsets: np.ndarray,
    classes: np.ndarray,
    key: np.uint64,
    out_hash: np.ndarray,
    out_start: np.ndarray,
    out_end: np.ndarray,
    out_row_offsets: np.ndarray,
) -> int:
    """Tokenise rows of segments; return the number of tokens written.

    Parameters
    ----------
    data : uint8[B]
        UTF-8 text of all segments.
    segment_offsets : int64[S + 1]
        Byte range of each segment in `data`.
    row_offsets : int64[R + 1]
        Segment range of each row.
    classes : uint8[TABLE_SIZE]
        Character classes (charclass.class_table).
    key : uint64
        Key of the token hash.
    out_hash : uint64[B + S]
        Written: hash of each token. `BOUNDARY` stands between two segments of a row that have
        tokens. The size is the upper bound of one token a byte.
    out_start, out_end : int64[B + S]
        Written: byte range in `data` of each token, an empty one of a boundary. Or of size 0.
    out_row_offsets : int64[R + 1]
        Written: token range of each row.

    Notes
    -----
    Equal bytes have equal hashes whatever surrounds them: case, accents and punctuation are kept
    apart, spaces are dropped.
    """
    count = 0
    wants_ranges = len(out_start) > 0
    out_row_offsets[0] = 0
    for row in range(len(row_offsets) - 1):
        row_start = count
        for segment in range(row_offsets[row], row_offsets[row + 1]):
            at = segment_offsets[segment]
            end = segment_offsets[segment + 1]
            is_joined = count > row_start  # there is something to be kept apart from
            while at < end:
                start = at
                point = int(data[at])
                kind, size = int(classes[point]), 1
                if point >= 0x80:
                    decoded = decode(data, at, end, classes)
                    kind, point, size = decoded >> 32, (decoded & _POINT) >> 3, decoded & 7
                at += size
                if kind == _SPACE:
                    continue
                if kind >= _KILLER:  # with nothing before it
                    kind = _MARK
                value = key
                for position in range(start, at):
                    value = (value ^ np.uint64(data[position])) * FNV_PRIME
                # Extend: words by letters and marks, single characters by marks, syllables by what
                # closes them, symbols by repetition of themselves ("###", "...."); hidden
                # characters stand alone.
                last = kind
                while at < end and at - start < MAX_TOKEN_BYTES:
                    next_point = int(data[at])
                    next_kind, size = int(classes[next_point]), 1
                    if next_point >= 0x80:
                        decoded = decode(data, at, end, classes)
                        next_kind, next_point = decoded >> 32, (decoded & _POINT) >> 3
                        size = decoded & 7
                    if next_kind == _MARK or next_kind >= _KILLER:
                        joins = kind != _HIDDEN
                    elif kind == _WORD or kind == _MARK:
                        joins = next_kind == _WORD
                    elif next_kind == _LETTER:
                        joins = kind == _LETTER or kind == _LEAD
                        joins &= _closes_syllable(data, at + size, end, classes, last) == 1
                    else:
                        joins = kind == _SYMBOL and (next_kind, next_point) == (kind, point)
                    if not joins:
                        break
                    for position in range(at, at + size):
                        value = (value ^ np.uint64(data[position])) * FNV_PRIME
                    at += size
                    last = next_kind
                if is_joined:
                    out_hash[count] = BOUNDARY
                    if wants_ranges:
                        out_start[count] = start
                        out_end[count] = start
                    count += 1
                    is_joined = False
                value = mix64(value)
                out_hash[count] = value if value != BOUNDARY else _REPLACES_BOUNDARY
                if wants_ranges:
                    out_start[count] = start
                    out_end[count] = at
                count += 1
        out_row_offsets[row + 1] = count
    return count
