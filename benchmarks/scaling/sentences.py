"""Kernels: one word after another, each chosen by what stands before it and what the row is about.

A word prefers certain followers, a topic has words of its own, and a row repeats itself. No table
holds these preferences: the r-th follower of a word is drawn by a hash of the word and r, so it is
the same in all rows, and ranks are drawn by Zipf's law. This gives n-grams of every order the long
tail that they have in natural text, in no memory.
"""

from __future__ import annotations

import numpy as np
from numba import njit, types

from poisonscan.kernels.signatures import I64, I64_IN, I64_OUT, U64, U64_OUT
from scaling.chance import below, below_skewed, draw, mixed
from scaling.language import (
    AFTER_ONE,
    AFTER_TWO,
    BREAK,
    CUT,
    FLOW_BY_WORD,
    FLOW_TABLE,
    FOLLOWER_RANKS,
    FUNCTION_AFTER_ONE,
    FUNCTION_AFTER_TWO,
    GROUP_START,
    IDENTIFIER,
    KIND_SHIFT,
    MARK,
    MISSPELT,
    NAME,
    NUMBER,
    OTHER,
    PARTS,
    REPEATED,
    SHARES,
    SLOT,
    TAG,
    TAG_START,
    TEMPLATE_START,
    TOPIC_RANKS,
    TOPICAL,
    TYPO,
    WORD,
    look,
)

PAIR = types.UniTuple(I64, 2)

ADJ, NOUN, INF, START_TAG = TAG["adj"], TAG["noun"], TAG["inf"], TAG["start"]
_DET, _PREP, _VERB, _ADV = TAG["det"], TAG["prep"], TAG["verb"], TAG["adv"]
_NAME, _NUM, _COMMA, _END = TAG["name"], TAG["num"], TAG[","], TAG["."]
_OPEN_INF, _OPEN_CLAUSE, _OPEN_NOUN = TAG["open inf"], TAG["open clause"], TAG["open noun"]
_FIRST, _CODE = TAG["first"], TAG["code"]

#: Positions in `state`: the source of chance, topic, source and share of edits (near-duplicates),
#: and what entities and identifiers of the row are drawn from.
CHANCE, TOPIC, EDITS, EDIT_CHANCE, SEED = 0, 1, 2, 3, 4
STATE_SIZE = 8
PAYLOAD = (1 << KIND_SHIFT) - 1
_U0, _U1, _U10, _U20 = (np.uint64(n) for n in (0, 1, 10, 20))
_1023 = np.uint64(1023)
_4095 = np.int64(4095)
_LOW = np.uint64(0xFFFFFFFF)

MIN_SENTENCE, MAX_SENTENCE = 4, 42


@njit([I64(I64, I64)], cache=True, nogil=True)
def token(kind: int, payload: int) -> int:
    """Return a token."""
    return (np.int64(kind) << KIND_SHIFT) | np.int64(payload)


@njit([I64(I64_IN, I64, U64)], cache=True, nogil=True)
def _random_word(tables: np.ndarray, tag: int, bits: np.uint64) -> int:
    """Return a word of a part of speech, as likely as it is (by its alias table)."""
    start = look(tables, TAG_START, tag)
    at = start + below(bits, look(tables, TAG_START, tag + 1) - start)
    if np.int64(bits & _LOW) < look(tables, CUT, at):
        return at
    return start + look(tables, OTHER, at)


@njit([I64(I64_IN, I64, U64, U64)], cache=True, nogil=True)
def _topic_word(tables: np.ndarray, tag: int, topic: np.uint64, bits: np.uint64) -> int:
    """Return a word of a topic: of all ranks, and not mostly of the first as elsewhere."""
    rank = np.uint64(look(tables, TOPIC_RANKS, np.int64(bits >> _U20) & _4095))
    place = mixed(topic * np.uint64(64) + np.uint64(tag), rank)
    start = look(tables, TAG_START, tag)
    size = look(tables, TAG_START, tag + 1) - start
    return start + below_skewed(place, size)


@njit([I64(I64_IN, I64, I64_OUT, I64, U64)], cache=True, nogil=True)
def _repeated(tables: np.ndarray, tag: int, out: np.ndarray, n: int, bits: np.uint64) -> int:
    """Return an earlier word of this kind, or -1."""
    first, last = look(tables, TAG_START, tag), look(tables, TAG_START, tag + 1)
    if n == 0:
        return -1
    at = below(bits, n)
    for _ in range(12):
        word = out[at]
        if first <= word < last:  # of the kind WORD, which is 0
            return word
        at = at + 1 if at + 1 < n else 0
    return -1


@njit([I64(I64_IN, U64_OUT, I64, I64_OUT, I64)], cache=True, nogil=True)
def choose_word(tables: np.ndarray, state: np.ndarray, tag: int, out: np.ndarray, n: int) -> int:
    """Return the next word of a kind; two draws whatever happens."""
    kind, bits = draw(state), draw(state)
    share = np.int64(kind & _1023)
    before = np.uint64(out[n - 1]) if n > 0 else _U0
    second = np.uint64(out[n - 2]) if n > 1 else _U0
    is_content = tag == NOUN or tag == ADJ or tag == _VERB or tag == INF
    if state[EDIT_CHANCE] > _U0 and is_content:
        edit = draw(state[EDITS:])
        if (edit & _1023) < state[EDIT_CHANCE]:
            return _topic_word(tables, tag, state[TOPIC], mixed(edit, bits))
    rank = np.uint64(look(tables, FOLLOWER_RANKS, np.int64(bits >> _U20) & _4095))
    if is_content:
        if share < look(tables, SHARES, REPEATED):
            word = _repeated(tables, tag, out, n, bits)
            if word >= 0:
                return word
        if share < look(tables, SHARES, TOPICAL):
            return _topic_word(tables, tag, state[TOPIC], bits)
        if share < look(tables, SHARES, AFTER_TWO):
            context = mixed(mixed(second, before), np.uint64(tag))
            return _random_word(tables, tag, mixed(context, rank >> _U1))
        if share < look(tables, SHARES, AFTER_ONE):
            return _random_word(tables, tag, mixed(mixed(before, np.uint64(tag)), rank))
    else:
        if share < look(tables, SHARES, FUNCTION_AFTER_TWO):
            context = mixed(mixed(second, before), np.uint64(tag))
            return _random_word(tables, tag, mixed(context, rank >> _U1))
        if share < look(tables, SHARES, FUNCTION_AFTER_ONE):
            return _random_word(tables, tag, mixed(mixed(before, np.uint64(tag)), rank))
    return _random_word(tables, tag, mixed(bits, kind))


@njit([I64(I64_IN, U64_OUT)], cache=True, nogil=True)
def choose_name(tables: np.ndarray, state: np.ndarray) -> int:
    """Return a name: of the row, of its topic, a first name, or one that nobody else has."""
    kind, bits = draw(state), draw(state)
    share = np.int64(kind & _1023)
    if share < 300:
        return token(NAME, np.int64(mixed(state[SEED], bits >> np.uint64(63)) >> np.uint64(16)))
    if share < 700:
        rank = np.uint64(look(tables, FOLLOWER_RANKS, np.int64(bits >> _U20) & _4095))
        return token(NAME, np.int64(mixed(state[TOPIC], rank + np.uint64(99)) >> np.uint64(16)))
    if share < 960:
        return token(WORD, _random_word(tables, _FIRST, mixed(bits, kind)))
    return token(NAME, np.int64(bits >> np.uint64(16)))


@njit([I64(U64_OUT)], cache=True, nogil=True)
def choose_number(state: np.ndarray) -> int:
    """Return a number: mostly a small one, or a year, a large one, one with a fraction."""
    kind, bits = draw(state), draw(state)
    share = np.int64(kind & _1023)
    style = 0
    if share < 520:
        value = 1 + below_skewed(bits, 20)
    elif share < 640:
        value = 1900 + below(bits, 126)
    elif share < 800:
        value = (1 + below(bits, 20)) * 5
    elif share < 900:
        value, style = 1 + below(bits, 99), 1  # per cent
    elif share < 960:
        value, style = below_skewed(bits, 4000), 2  # with a fraction
    else:
        value = below_skewed(bits, 100_000)
    return token(NUMBER, style << 40 | value)


@njit([I64(I64_IN, U64_OUT, I64)], cache=True, nogil=True)
def _spoilt(tables: np.ndarray, state: np.ndarray, word: int) -> int:
    bits = draw(state)
    if np.int64(bits & np.uint64(0xFFFFF)) < look(tables, SHARES, MISSPELT):
        return token(TYPO, np.int64(bits >> np.uint64(48)) << 32 | word)
    return word


@njit([I64(I64_IN, U64_OUT, I64, I64_OUT, I64)], cache=True, nogil=True)
def put_tag(tables: np.ndarray, state: np.ndarray, tag: int, out: np.ndarray, n: int) -> int:
    """Write what stands for a part of speech; return the new length."""
    if tag == _NAME:
        out[n] = choose_name(tables, state)
    elif tag == _NUM:
        out[n] = choose_number(state)
    elif tag == _COMMA:
        out[n] = token(MARK, 44)
    else:
        out[n] = _spoilt(tables, state, choose_word(tables, state, tag, out, n))
    return n + 1


@njit([I64(I64_IN, U64_OUT, I64, I64_OUT, I64)], cache=True, nogil=True)
def _closed(tables: np.ndarray, state: np.ndarray, tag: int, out: np.ndarray, n: int) -> int:
    """Do not leave a clause at a word that asks for another one."""
    if out[n - 1] == token(MARK, 44):
        return n - 1
    if tag != NOUN and tag != _NAME and tag != _ADV and tag != _NUM:
        n = put_tag(tables, state, NOUN, out, n)
    return n


@njit([I64(I64_IN, U64_OUT, I64, I64, I64_OUT, I64)], cache=True, nogil=True)
def put_clause(
    tables: np.ndarray, state: np.ndarray, tag: int, longest: int, out: np.ndarray, n: int
) -> int:
    """Write words from a part of speech on, up to the end of a sentence, without its mark."""
    count = 0
    while count < longest:
        if tag != START_TAG:
            n = put_tag(tables, state, tag, out, n)
            count += 1
        bits = draw(state)
        place = np.int64(bits & np.uint64(255))
        if np.int64((bits >> np.uint64(8)) & _1023) < look(tables, SHARES, FLOW_BY_WORD) and n > 0:
            rank = np.uint64(
                look(tables, FOLLOWER_RANKS, np.int64(bits >> _U20) & _4095)
            ) >> np.uint64(2)
            place = np.int64(mixed(np.uint64(out[n - 1]), rank) & np.uint64(255))
        following = np.int64(look(tables, FLOW_TABLE, tag * 256 + place))
        if following == _END:
            if count >= MIN_SENTENCE:
                break
            following = _PREP
        tag = following
    return _closed(tables, state, tag, out, n)


@njit([I64(I64_IN, U64_OUT, I64_OUT, I64)], cache=True, nogil=True)
def put_sentence(tables: np.ndarray, state: np.ndarray, out: np.ndarray, n: int) -> int:
    """Write a sentence with its mark."""
    bits = draw(state)
    share = np.int64(bits & _1023)
    longest = 8 + below(draw(state), MAX_SENTENCE - 8)
    if share < 110:
        n = put_tag(tables, state, _OPEN_INF, out, n)
        n = put_clause(tables, state, INF, longest, out, n)
    elif share < 210:
        n = put_tag(tables, state, _OPEN_CLAUSE, out, n)
        n = put_clause(tables, state, START_TAG, longest, out, n)
    elif share < 290:
        n = put_tag(tables, state, _OPEN_NOUN, out, n)
        n = put_clause(tables, state, ADJ if share & 1 else NOUN, longest, out, n)
    else:
        n = put_clause(tables, state, START_TAG, longest, out, n)
    mark = np.int64((bits >> _U10) & _1023)
    out[n] = token(MARK, 33 if mark < 25 else 63 if mark < 45 else 58 if mark < 55 else 46)
    return n + 1


@njit([I64(I64_IN, U64_OUT, I64_OUT, I64)], cache=True, nogil=True)
def put_thing(tables: np.ndarray, state: np.ndarray, out: np.ndarray, n: int) -> int:
    """Write a thing with its attributes: one to five words."""
    bits = draw(state)
    share = np.int64(bits & _1023)
    if share < 90:
        return put_tag(tables, state, _NAME, out, n)
    if share < 480:
        n = put_tag(tables, state, _DET, out, n)
    if (share & 7) < 3:
        n = put_tag(tables, state, ADJ, out, n)
    n = put_tag(tables, state, NOUN, out, n)
    if (share & 63) < 14:
        n = put_tag(tables, state, _PREP, out, n)
        n = put_tag(tables, state, _NAME if share & 64 else NOUN, out, n)
    return n


@njit([I64(I64_IN, U64_OUT, I64_OUT, I64, I64)], cache=True, nogil=True)
def put_identifier(
    tables: np.ndarray, state: np.ndarray, out: np.ndarray, n: int, is_class: int
) -> int:
    """Write a name as programs have it: of a few that the row keeps using."""
    kind, bits = draw(state), draw(state)
    share = np.int64(kind & _1023)
    if share < 600:  # one of six of the row
        bits = mixed(state[SEED], bits >> np.uint64(61))
        share = np.int64(bits & _1023)
    if share < 640:
        word = _random_word(tables, _CODE, bits)
    elif share < 900:
        word = _topic_word(tables, NOUN, state[TOPIC], bits)
    else:
        word = _random_word(tables, NOUN, bits)
    out[n] = token(IDENTIFIER, is_class << 40 | word)
    return n + 1


@njit([I64(I64_IN, U64_OUT, I64, I64_OUT, I64)], cache=True, nogil=True)
def _put_slot(tables: np.ndarray, state: np.ndarray, slot: int, out: np.ndarray, n: int) -> int:
    if slot == 0:
        return put_thing(tables, state, out, n)
    if slot == 1:
        return put_tag(tables, state, NOUN, out, n)
    if slot == 2:
        return put_tag(tables, state, ADJ, out, n)
    if slot == 3:
        return put_tag(tables, state, INF, out, n)
    if slot == 4:
        return put_tag(tables, state, _NAME, out, n)
    if slot == 5:
        return put_tag(tables, state, _NUM, out, n)
    if slot == 6:
        return put_clause(tables, state, START_TAG, 9, out, n)
    if slot == 7 or slot == 8:
        return put_identifier(tables, state, out, n, slot - 7)
    n = put_tag(tables, state, ADJ, out, n)
    return put_tag(tables, state, NOUN, out, n)


@njit([PAIR(I64_IN, U64_OUT, I64, I64_OUT, I64)], cache=True, nogil=True)
def put_template(
    tables: np.ndarray, state: np.ndarray, group: int, out: np.ndarray, n: int
) -> tuple[int, int]:
    """Write one template of a group, filled; return the new length and its number."""
    first = look(tables, GROUP_START, group)
    number = first + below(draw(state), look(tables, GROUP_START, group + 1) - first)
    for at in range(look(tables, TEMPLATE_START, number), look(tables, TEMPLATE_START, number + 1)):
        part = look(tables, PARTS, at)
        if part >> KIND_SHIFT == SLOT:
            n = _put_slot(tables, state, part & PAYLOAD, out, n)
        else:
            out[n] = part
            n += 1
    return n, number


@njit([I64(U64_OUT, I64_IN, I64, I64_OUT, I64)], cache=True, nogil=True)
def put_copied(state: np.ndarray, given: np.ndarray, n_given: int, out: np.ndarray, n: int) -> int:
    """Write a few words of the prompt again, as answers do."""
    bits = draw(state)
    if n_given < 3:
        return n
    at = below(bits, n_given)
    for offset in range(2 + np.int64(bits & np.uint64(3)) + np.int64(bits >> _U10 & np.uint64(1))):
        if at + offset >= n_given:
            break
        kind = given[at + offset] >> KIND_SHIFT
        if kind == MARK or kind >= BREAK:
            break
        out[n] = given[at + offset]
        n += 1
    return n
