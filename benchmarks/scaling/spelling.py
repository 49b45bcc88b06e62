"""Kernels: how tokens are spelled."""

from __future__ import annotations

import numpy as np
from numba import njit, types

from poisonscan.kernels.signatures import I64, I64_IN, U8_IN, U8_OUT
from scaling.chance import mixed
from scaling.language import (
    BREAK,
    BULLET,
    IDENTIFIER,
    ITEM,
    KIND_SHIFT,
    MARK,
    NAME,
    NUMBER,
    PARAGRAPH,
    RAW,
    STARTS,
    TAG,
    TAG_START,
    TYPO,
    WORD,
    look,
)
from scaling.sentences import PAYLOAD

BOOL = types.boolean
_FIRST = TAG["first"]

_U1 = np.uint64(1)
_SYLLABLES = np.frombuffer(
    b"ba be bi bo ca ce co da de di do fa fe fi ga go ha he ho ja jo ka ke ki ko la le li lo lu ma"
    b" me mi mo na ne ni no pa pe ra re ri ro sa se si so ta te ti to va ve vi wa we ya zi zo al an"
    b" ar el en er il in ir on or us ",
    np.uint8,
)
_N_SYLLABLES = len(_SYLLABLES) // 3
_NAME_ENDINGS = np.frombuffer(b"n s r l xt mckndstha  ", np.uint8)


@njit(cache=True, nogil=True)
def put_bytes(text: bytes, data: np.ndarray, at: int) -> int:
    """Write ASCII text as it is; return where it ends."""
    for byte in text:
        data[at] = byte
        at += 1
    return at


@njit([BOOL(I64)], cache=True, nogil=True)
def _is_vowel(letter: int) -> bool:
    return letter == 97 or letter == 101 or letter == 105 or letter == 111


@njit([BOOL(I64_IN, I64)], cache=True, nogil=True)
def _is_first_name(tables: np.ndarray, word: int) -> bool:
    return look(tables, TAG_START, _FIRST) <= word < look(tables, TAG_START, _FIRST + 1)


@njit([I64(I64, U8_OUT, I64)], cache=True, nogil=True)
def _put_digits(value: int, data: np.ndarray, at: int) -> int:
    size, rest = 1, value
    while rest >= 10:
        rest //= 10
        size += 1
    for place in range(at + size - 1, at - 1, -1):
        data[place] = 48 + value % 10
        value //= 10
    return at + size


@njit([I64(I64, U8_OUT, I64, BOOL)], cache=True, nogil=True)
def _put_break(payload: int, data: np.ndarray, at: int, is_start: bool) -> int:
    if not is_start:
        at = put_bytes(b"\\n", data, at)
        if payload == PARAGRAPH:
            at = put_bytes(b"\\n", data, at)
    if payload == BULLET:
        at = put_bytes(b"- ", data, at)
    elif payload > ITEM:
        at = _put_digits(payload - ITEM, data, at)
        at = put_bytes(b". ", data, at)
    return at


@njit([I64(U8_IN, I64_IN, I64, U8_OUT, I64)], cache=True, nogil=True)
def _put_letters(
    letters: np.ndarray, tables: np.ndarray, word: int, data: np.ndarray, at: int
) -> int:
    for place in range(look(tables, STARTS, word), look(tables, STARTS, word + 1)):
        letter = letters[place]
        if letter == 10:
            at = put_bytes(b"\\n", data, at)
        else:
            data[at] = letter
            at += 1
    return at


@njit([I64(U8_IN, I64_IN, I64, U8_OUT, I64)], cache=True, nogil=True)
def _put_identifier(
    letters: np.ndarray, tables: np.ndarray, payload: int, data: np.ndarray, at: int
) -> int:
    """Write a word without spaces; classes have a capital letter."""
    before = at
    at = _put_letters(letters, tables, payload & 0xFFFFFFFF, data, at)
    for place in range(before, at):
        if data[place] == 32 or data[place] == 45:
            data[place] = 95
    if payload >> 40 and 97 <= data[before] <= 122:
        data[before] -= 32
    return at


@njit([I64(U8_IN, I64_IN, I64, U8_OUT, I64)], cache=True, nogil=True)
def _put_misspelt(
    letters: np.ndarray, tables: np.ndarray, payload: int, data: np.ndarray, at: int
) -> int:
    """Write a word with two letters swapped, one left out or one doubled."""
    word, way = payload & 0xFFFFFFFF, payload >> 32
    before = at
    at = _put_letters(letters, tables, word, data, at)
    size = at - before
    if size < 4:
        return at
    place = before + 1 + (way >> 2) % (size - 2)
    if way & 3 < 2:
        data[place], data[place + 1] = data[place + 1], data[place]
    elif way & 3 == 2:
        for other in range(place, at - 1):
            data[other] = data[other + 1]
        at -= 1
    else:
        for other in range(at, place, -1):
            data[other] = data[other - 1]
        at += 1
    return at


@njit([I64(I64, U8_OUT, I64)], cache=True, nogil=True)
def _put_name(payload: int, data: np.ndarray, at: int) -> int:
    """Spell a name: two or three syllables."""
    bits = mixed(np.uint64(payload), np.uint64(3))
    for _ in range(2 + np.int64(bits & _U1)):
        syllable = np.int64(bits % np.uint64(_N_SYLLABLES)) * 3
        data[at], data[at + 1] = _SYLLABLES[syllable], _SYLLABLES[syllable + 1]
        at += 2
        bits = mixed(bits, np.uint64(4))
    ending = _NAME_ENDINGS[np.int64(bits % np.uint64(len(_NAME_ENDINGS)))]
    if ending != 32:
        data[at] = ending
        at += 1
    return at


@njit([I64(I64, U8_OUT, I64)], cache=True, nogil=True)
def _put_number(payload: int, data: np.ndarray, at: int) -> int:
    style, value = payload >> 40, payload & 0xFFFFFFFF
    if style == 2:
        at = _put_digits(value // 10, data, at)
        data[at] = 46
        return _put_digits(value % 10, data, at + 1)
    at = _put_digits(value, data, at)
    if style == 1:
        data[at] = 37
        at += 1
    return at


@njit([I64(U8_IN, I64_IN, I64_IN, I64, I64, U8_OUT, I64)], cache=True, nogil=True)
def spell(
    letters: np.ndarray,
    tables: np.ndarray,
    tokens: np.ndarray,
    start: int,
    end: int,
    data: np.ndarray,
    at: int,
) -> int:
    """Write tokens as JSON text: spaces, capital letters and line breaks where they belong."""
    begin = at
    is_first = True  # of a sentence
    is_joined = True  # to what stands before it
    is_raw = False  # within a line of program
    for index in range(start, end):
        kind = tokens[index] >> KIND_SHIFT
        payload = tokens[index] & PAYLOAD
        if kind == MARK:
            data[at] = payload
            at += 1
            is_first = payload == 46 or payload == 33 or payload == 63
            is_joined = False
            continue
        if kind == BREAK:
            at = _put_break(payload, data, at, at == begin)
            is_first, is_joined, is_raw = True, True, False
            continue
        if kind == RAW:
            at = _put_letters(letters, tables, payload, data, at)
            is_raw, is_first, is_joined = True, False, True
            continue
        if kind == IDENTIFIER:
            at = _put_identifier(letters, tables, payload, data, at)
            is_raw, is_first, is_joined = True, False, True
            continue
        before = at
        letter = letters[look(tables, STARTS, payload)] if kind == WORD else 0
        is_closing = letter == 44 or letter == 46 or letter == 63 or letter == 58 or letter == 39
        if not is_joined and not is_closing:
            if _is_vowel(letter) and data[at - 1] == 97 and (at - 1 == begin or data[at - 2] == 32):
                data[at] = 110  # "a" becomes "an"
                at += 1
            data[at] = 32
            at += 1
        before = at
        if kind == WORD:
            at = _put_letters(letters, tables, payload, data, at)
        elif kind == TYPO:
            at = _put_misspelt(letters, tables, payload, data, at)
        elif kind == NAME:
            at = _put_name(payload, data, at)
        elif kind == NUMBER:
            at = _put_number(payload, data, at)
        is_name = kind == NAME or (kind == WORD and _is_first_name(tables, payload))
        if (is_first and not is_raw) or is_name:
            if 97 <= data[before] <= 122:
                data[before] -= 32
        last = data[at - 1]
        is_first = last == 46 or last == 33 or last == 63
        is_joined = is_raw and index + 1 < end and tokens[index + 1] >> KIND_SHIFT == RAW
    return at
