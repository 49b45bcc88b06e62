"""Kernels: a row of instruction, input and output."""

from __future__ import annotations

import numpy as np
from numba import njit, types

from poisonscan.kernels.signatures import I64, I64_IN, I64_OUT, U8_IN, U8_OUT, U64, U64_OUT
from scaling.chance import below, draw, mixed
from scaling.language import (
    BREAK,
    BULLET,
    FORMS,
    GROUP,
    ITEM,
    LENGTH_STEPS,
    LENGTHS,
    LINE,
    MARK,
    MAX_FORMS,
    PARAGRAPH,
    TOPICS,
    look,
)
from scaling.sentences import (
    ADJ,
    CHANCE,
    EDIT_CHANCE,
    EDITS,
    NOUN,
    SEED,
    START_TAG,
    STATE_SIZE,
    TOPIC,
    choose_number,
    put_clause,
    put_copied,
    put_sentence,
    put_tag,
    put_template,
    put_thing,
    token,
)
from scaling.spelling import put_bytes, spell

BOOL = types.boolean
ORIGINS = types.Tuple((U64, U64, I64))

MAX_TOKENS = 6000
#: No row has more bytes than this, whatever its words.
MAX_ROW_BYTES = 1 << 17

_TASK, _CODE_TASK, _LIST = GROUP["task"], GROUP["code task"], GROUP["list"]
_GREETING, _FAREWELL = GROUP["greeting"], GROUP["farewell"]
_HEAD, _CODE_LINE, _CODE_END = GROUP["head"], GROUP["line"], GROUP["end"]


_1023 = np.uint64(1023)
_U1 = np.uint64(1)
#: Of 4096 rows: the same as an earlier one; an earlier one with some words changed; the
#: instruction of an earlier one with another answer.
_SAME, _SIMILAR, _SAME_TASK = 6, 90, 190
#: Of 16 topics one is about programs.
_CODE_TOPICS = np.uint64(16)


@njit([I64(I64_IN, I64, I64, U64)], cache=True, nogil=True)
def _form(tables: np.ndarray, template: int, side: int, bits: np.uint64) -> int:
    """Return a form of the output (side 0) or the input (side 1) that a task may have."""
    return look(tables, FORMS, (template * 2 + side) * MAX_FORMS + below(bits, MAX_FORMS))


@njit([ORIGINS(U64, I64)], cache=True, nogil=True)
def _origins(seed: np.uint64, row: int) -> tuple[np.uint64, np.uint64, int]:
    """Return the seeds of task and answer, and how many of 1024 words are changed."""
    own = mixed(seed, np.uint64(row) << _U1)
    kind = mixed(own, _U1)
    share = np.int64(kind & np.uint64(4095))
    if row > 0 and share < _SAME_TASK:
        earlier = mixed(seed, np.uint64(below(kind, row)) << _U1)
        if share < _SAME:
            return earlier, earlier, 0
        if share < _SIMILAR:
            return earlier, earlier, 40 + 20 * (share & 7)
        return earlier, own, 0
    return own, own, 0


@njit([I64(I64_IN, U64_OUT, I64, I64_OUT, I64)], cache=True, nogil=True)
def _put_program(tables: np.ndarray, state: np.ndarray, lines: int, out: np.ndarray, n: int) -> int:
    n, _ = put_template(tables, state, _HEAD, out, n)
    for _ in range(min(lines, 60)):
        out[n] = token(BREAK, LINE)
        n, _ = put_template(tables, state, _CODE_LINE, out, n + 1)
    out[n] = token(BREAK, LINE)
    n, _ = put_template(tables, state, _CODE_END, out, n + 1)
    return n


@njit([I64(I64_IN, U64_OUT, I64, I64_OUT, I64)], cache=True, nogil=True)
def _put_input(tables: np.ndarray, state: np.ndarray, form: int, out: np.ndarray, n: int) -> int:
    bits = draw(state)
    if form == 1:  # passage
        for _ in range(2 + below(bits, 6)):
            n = put_sentence(tables, state, out, n)
    elif form == 2:
        n = put_sentence(tables, state, out, n)
    elif form == 3:
        for item in range(3 + below(bits, 6)):
            if item:
                out[n] = token(MARK, 44)
                n += 1
            n = put_tag(tables, state, NOUN, out, n)
    elif form == 4:
        for item in range(3 + below(bits, 7)):
            if item:
                out[n] = token(MARK, 44)
                n += 1
            out[n] = choose_number(state)
            n += 1
    elif form == 5:
        n = _put_program(tables, state, 3 + below(bits, 5), out, n)
    return n


@njit([I64(I64_IN, U64_OUT, I64_IN, I64, I64_OUT, I64)], cache=True, nogil=True)
def _put_answer(
    tables: np.ndarray, state: np.ndarray, given: np.ndarray, n_given: int, out: np.ndarray, n: int
) -> int:
    """Write a sentence; some of them begin with words of the prompt."""
    bits = draw(state)
    if np.int64(bits & _1023) < 130:
        start = n
        n = put_copied(state, given, n_given, out, n)
        if n > start:
            n = put_clause(tables, state, ADJ if bits >> np.uint64(63) else NOUN, 20, out, n)
            out[n] = token(MARK, 46)
            return n + 1
    return put_sentence(tables, state, out, n)


@njit([I64(I64_IN, U64_OUT, I64, I64_IN, I64, I64_OUT, I64)], cache=True, nogil=True)
def _put_prose(
    tables: np.ndarray,
    state: np.ndarray,
    goal: int,
    given: np.ndarray,
    n_given: int,
    out: np.ndarray,
    n: int,
) -> int:
    first = last_break = n
    while n - first < goal and n < MAX_TOKENS - 200:
        if n - last_break > 45 and np.int64(draw(state) & np.uint64(7)) < 2:
            out[n] = token(BREAK, PARAGRAPH)
            n += 1
            last_break = n
        n = _put_answer(tables, state, given, n_given, out, n)
    return n


@njit([I64(I64_IN, U64_OUT, I64, I64, I64_OUT)], cache=True, nogil=True)
def _put_list(tables: np.ndarray, state: np.ndarray, form: int, goal: int, out: np.ndarray) -> int:
    bits = draw(state)
    n = 0
    if bits & np.uint64(1):
        n, _ = put_template(tables, state, _LIST, out, 0)
    items = 3 + below(bits, 6)
    style = np.int64((bits >> np.uint64(8)) & np.uint64(3))
    for item in range(items):
        out[n] = token(BREAK, BULLET if form == 3 else ITEM + item + 1)
        n += 1
        if style == 0:
            n = put_thing(tables, state, out, n)
            continue
        if style == 1:
            n = put_tag(tables, state, ADJ, out, n)
            n = put_tag(tables, state, NOUN, out, n)
            out[n] = token(MARK, 58)
            n += 1
        last = n
        while n - last < goal // items:
            n = put_sentence(tables, state, out, n)
    return n


@njit([I64(I64_IN, U64_OUT, I64, I64_IN, I64, I64_OUT)], cache=True, nogil=True)
def _put_output(
    tables: np.ndarray,
    state: np.ndarray,
    form: int,
    given: np.ndarray,
    n_given: int,
    out: np.ndarray,
) -> int:
    bits = draw(state)
    goal = np.int64(look(tables, LENGTHS, below(bits, LENGTH_STEPS)))
    n = 0
    if form == 0:
        return _put_prose(tables, state, goal, given, n_given, out, 0)
    if form == 1:
        for _ in range(1 + below(bits, 2)):
            n = _put_answer(tables, state, given, n_given, out, n)
        return n
    if form == 2 or form == 3:
        return _put_list(tables, state, form, goal, out)
    if form == 4:
        for _ in range(1 + below(bits, 2)):
            n = put_thing(tables, state, out, n)
        return n
    if form == 5:
        n = _put_program(tables, state, 3 + goal // 14, out, 0)
        if bits & np.uint64(3) == 0:
            out[n] = token(BREAK, PARAGRAPH)
            n = _put_prose(tables, state, goal // 3, given, n_given, out, n + 1)
        return n
    if form == 6:
        n, _ = put_template(tables, state, _GREETING, out, 0)
        out[n] = token(BREAK, PARAGRAPH)
        n = _put_prose(tables, state, goal * 3 // 4, given, n_given, out, n + 1)
        out[n] = token(BREAK, PARAGRAPH)
        n, _ = put_template(tables, state, _FAREWELL, out, n + 1)
        return n
    if form == 7:
        for line in range(4 + 4 * below(bits, 4)):
            if line:
                out[n] = token(BREAK, PARAGRAPH if line % 4 == 0 else LINE)
                n += 1
            n = put_clause(tables, state, START_TAG, 7, out, n)
            out[n] = token(MARK, 46 if line & 1 else 44)
            n += 1
        return n
    out[0] = choose_number(state)
    n = 1
    if bits & np.uint64(1):
        n = put_tag(tables, state, NOUN, out, n)
    return n


@njit([I64(U8_IN, I64_IN, I64, I64, U8_OUT, I64)], cache=True, nogil=True)
def put_row(
    letters: np.ndarray, tables: np.ndarray, seed: int, row: int, data: np.ndarray, at: int
) -> int:
    """Write a row as a line of JSON at byte `at`; return where it ends.

    What a row says depends on the seed and its number alone. `data` has `MAX_ROW_BYTES` left.
    """
    asked, answered, edits = _origins(np.uint64(seed), row)
    given = np.empty(MAX_TOKENS, np.int64)
    out = np.empty(MAX_TOKENS, np.int64)
    state = np.zeros(STATE_SIZE, np.uint64)
    state[CHANCE], state[SEED] = asked, mixed(asked, np.uint64(7))
    state[EDITS], state[EDIT_CHANCE] = mixed(np.uint64(seed), np.uint64(row)), np.uint64(edits)
    topic = np.uint64(look(tables, TOPICS, np.int64(draw(state) >> np.uint64(48))))
    state[TOPIC] = topic
    is_code = mixed(topic, np.uint64(5)) % _CODE_TOPICS == 0
    n_asked, template = put_template(tables, state, _CODE_TASK if is_code else _TASK, given, 0)
    form_in = _form(tables, template, 1, draw(state))
    n_given = _put_input(tables, state, form_in, given, n_asked)
    state[CHANCE] = mixed(asked, answered)
    form = _form(tables, template, 0, draw(state))
    n = _put_output(tables, state, form, given, n_given, out)
    at = put_bytes(b'{"instruction": "', data, at)
    at = spell(letters, tables, given, 0, n_asked, data, at)
    at = put_bytes(b'", "input": "', data, at)
    at = spell(letters, tables, given, n_asked, n_given, data, at)
    at = put_bytes(b'", "output": "', data, at)
    at = spell(letters, tables, out, 0, n, data, at)
    return put_bytes(b'"}\n', data, at)


@njit([I64(U8_IN, I64_IN, I64, I64, I64, U8_OUT, I64_OUT)], cache=True, nogil=True)
def put_rows(
    letters: np.ndarray,
    tables: np.ndarray,
    seed: int,
    first: int,
    last: int,
    data: np.ndarray,
    ends: np.ndarray,
) -> int:
    """Write rows until `last` or until `data` may be too short for another; return the next row.

    ``ends[i]`` is where the i-th of them ends.
    """
    at = 0
    for row in range(first, last):
        if at + MAX_ROW_BYTES > len(data):
            return row
        at = put_row(letters, tables, seed, row, data, at)
        ends[row - first] = at
    return last
