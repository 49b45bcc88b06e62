"""What the outputs of a group of rows have in common, word for word."""

from __future__ import annotations

import numpy as np
from numba import njit

from poisonscan.kernels.ngrams import EMPTY, extend_gram, find_slot
from poisonscan.kernels.signatures import (
    F64,
    F64_OUT,
    I32_IN,
    I32_OUT,
    I64,
    I64_IN,
    I64_OUT,
    U64_IN,
    VOID,
)

#: Tokens looked at from each end of an output; what is common stands at an end or is short.
WINDOW = 1024

_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio
_UPPER = np.uint64(32)


@njit([VOID(I32_IN, I64_IN, I64_IN, I32_OUT, I64_OUT, I32_OUT)], cache=True, nogil=True)
def words_at_ends(
    terms: np.ndarray,
    row_tokens: np.ndarray,
    rows: np.ndarray,
    out_words: np.ndarray,
    out_places: np.ndarray,
    out_owners: np.ndarray,
) -> None:
    """Write the terms of both ends of some outputs, one after the other.

    Parameters
    ----------
    terms : int32[T], row_tokens : int64[R + 1]
    rows : int64[N]
    out_words : int32[W]
        Written: terms; -1 after each end, as no n-gram goes on there. W is for each row its tokens
        (`2 * WINDOW` at most) and 2.
    out_places : int64[W]
        Written: scan-wide index of each.
    out_owners : int32[W]
        Written: index in `rows`.
    """
    count = 0
    for at in range(len(rows)):
        begin = row_tokens[rows[at]]
        end = row_tokens[rows[at] + 1]
        first_end = begin + WINDOW if end - begin > 2 * WINDOW else end
        for first, beyond in ((begin, first_end), (max(first_end, end - WINDOW), end)):
            for place in range(first, beyond):
                out_words[count] = terms[place]
                out_places[count] = place
                out_owners[count] = at
                count += 1
            out_words[count] = -1
            out_places[count] = beyond
            out_owners[count] = at
            count += 1


@njit([I64(I32_OUT, I32_IN, I64)], cache=True, nogil=True)
def leave_common(words: np.ndarray, owners: np.ndarray, least: int) -> int:
    """Put -1 for the words that fewer outputs have; return how many are left.

    Parameters
    ----------
    words : int32[W], owners : int32[W]
        Terms and the output of each, ascending.
    least : int
        Outputs that a word must be in.
    """
    size = 16
    while size < 2 * len(words):
        size *= 2
    keys = np.full(size, -1, np.int32)
    counts = np.zeros(size, np.int32)
    last = np.full(size, -1, np.int32)
    slots = np.empty(len(words), np.int32)
    for index in range(len(words)):
        word = words[index]
        if word < 0:
            continue
        slot = np.int64((np.uint64(word) * _SPREAD) >> _UPPER) & (size - 1)
        while keys[slot] != word and keys[slot] >= 0:
            slot = (slot + 1) & (size - 1)
        keys[slot] = word
        slots[index] = slot
        counts[slot] += last[slot] != owners[index]
        last[slot] = owners[index]
    left = 0
    for index in range(len(words)):
        if words[index] >= 0:
            if counts[slots[index]] < least:
                words[index] = -1
            else:
                left += 1
    return left


@njit(
    [I64(I32_IN, U64_IN, I64_IN, I64_IN, I64, I64, U64_IN, I32_IN, I64, F64, I64_OUT, F64_OUT)],
    cache=True,
    nogil=True,
)
def best_shared_gram(
    terms: np.ndarray,
    hashes: np.ndarray,
    row_tokens: np.ndarray,
    rows: np.ndarray,
    least: int,
    max_order: int,
    slots: np.ndarray,
    row_counts: np.ndarray,
    corpus_rows: int,
    sampled_share: float,
    out_gram: np.ndarray,
    out_score: np.ndarray,
) -> int:
    """Find the n-gram that is frequent in these outputs and rare in all others.

    And the same among those of `max_order` tokens: two long phrases of a group may have a word in
    common that is more frequent than either.

    Parameters
    ----------
    terms : int32[T], hashes : uint64[V], row_tokens : int64[R + 1]
        The output side: term of each token (-1 for none), token hash of each term.
    rows : int64[N]
        The group (or a sample of it).
    least : int
        Rows of it that an n-gram must be in: words that are in fewer are passed over.
    slots, row_counts
        Table of the output n-grams of the whole dataset.
    sampled_share : float
        Share of the group that `rows` is, 0..1.
    out_gram : int64[6]
        Written: row, first token (scan-wide index) and order of one occurrence of the best of
        any length, then of the long one; as it was where there is none.
    out_score : float64[2]
        Written: bits saved per row, (rows with it / rows) * log2(rows / rows expected outside),
        of both; 0 where so many rows share no n-gram.

    Returns
    -------
    int
        Rows of the group that contain the best; 0 where there is none.
    """
    room = 0
    for row in rows:
        room += min(row_tokens[row + 1] - row_tokens[row], 2 * WINDOW) + 2
    words = np.empty(room, np.int32)
    places = np.empty(room, np.int64)
    owners = np.empty(room, np.int32)
    words_at_ends(terms, row_tokens, rows, words, places, owners)
    room = leave_common(words, owners, least)
    size = 16
    while size < 2 * room * max_order:
        size *= 2
    keys = np.zeros(size, np.uint64)
    counts = np.zeros(size, np.int32)
    last = np.full(size, -1, np.int32)
    best = 0.0
    best_long = 0.0
    best_count = 0
    most_bits = np.log2(corpus_rows)
    for start in range(len(words)):
        gram = EMPTY
        at = owners[start]
        for index in range(start, min(start + max_order, len(words))):
            if words[index] < 0:
                break
            gram = extend_gram(gram, hashes[words[index]])
            known = find_slot(slots, gram)
            if known < 0:
                break  # rarer than the support: no target
            slot = find_slot(keys, gram)
            if slot < 0:
                slot = -1 - slot
                keys[slot] = gram
            if last[slot] == at:
                continue
            last[slot] = at
            counts[slot] += 1
            count = counts[slot]
            if count < least:
                continue
            is_long = index - start + 1 == max_order
            # no logarithm where even a gram that no other row has would not be better
            most = count / len(rows) * most_bits
            if most <= best and (not is_long or most <= best_long):
                continue
            outside = max(0.0, row_counts[known] - count / sampled_share)
            score = count / len(rows) * np.log2(corpus_rows / (outside + 1.0))
            if score > best + 1e-9:
                best = score
                best_count = count
                out_gram[0] = rows[at]
                out_gram[1] = places[start]
                out_gram[2] = index - start + 1
            if is_long and score > best_long + 1e-9:
                best_long = score
                out_gram[3] = rows[at]
                out_gram[4] = places[start]
                out_gram[5] = max_order
    out_score[0] = best
    out_score[1] = best_long
    return best_count


@njit([I64(I32_IN, I64_IN, I64, I32_IN)], cache=True, nogil=True)
def starts_in_row(terms: np.ndarray, row_tokens: np.ndarray, row: int, phrase: np.ndarray) -> int:
    """Return the scan-wide index of the phrase's first occurrence in a row, -1 where absent.

    Parameters
    ----------
    terms : int32[T], row_tokens : int64[R + 1]
    phrase : int32[L]
        Terms, none of them -1.
    """
    length = len(phrase)
    for start in range(row_tokens[row], row_tokens[row + 1] - length + 1):
        offset = 0
        while offset < length and terms[start + offset] == phrase[offset]:
            offset += 1
        if offset == length:
            return start
    return -1


@njit([I64(I32_IN, I64_IN, I64_IN, I32_IN, I64_OUT)], cache=True, nogil=True)
def find_phrase(
    terms: np.ndarray,
    row_tokens: np.ndarray,
    rows: np.ndarray,
    phrase: np.ndarray,
    out_first: np.ndarray,
) -> int:
    """Write the scan-wide index of the phrase's first occurrence in each row, -1 where absent.

    Parameters
    ----------
    terms : int32[T], row_tokens : int64[R + 1]
    rows : int64[N]
    phrase : int32[L]
        Terms, none of them -1.
    out_first : int64[N]

    Returns
    -------
    int
        Rows that contain it.
    """
    found = 0
    for at in range(len(rows)):
        out_first[at] = starts_in_row(terms, row_tokens, rows[at], phrase)
        found += out_first[at] >= 0
    return found
