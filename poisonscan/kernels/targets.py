"""What the outputs of a group of rows have in common, word for word."""

from __future__ import annotations

import numpy as np
from numba import njit

from poisonscan.kernels.ngrams import EMPTY, extend_gram, find_slot
from poisonscan.kernels.signatures import (
    F64,
    F64_OUT,
    I32_IN,
    I64,
    I64_IN,
    I64_OUT,
    U64_IN,
)

#: Tokens looked at from each end of an output; what is common stands at an end or is short.
WINDOW = 1024


@njit(
    [I64(I32_IN, U64_IN, I64_IN, I64_IN, I64, U64_IN, I32_IN, I64, F64, I64_OUT, F64_OUT)],
    cache=True,
    nogil=True,
)
def best_shared_gram(
    terms: np.ndarray,
    hashes: np.ndarray,
    row_tokens: np.ndarray,
    rows: np.ndarray,
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
    slots, row_counts
        Table of the output n-grams of the whole dataset.
    sampled_share : float
        Share of the group that `rows` is, 0..1.
    out_gram : int64[6]
        Written: row, first token (scan-wide index) and order of one occurrence of the best of
        any length, then of the long one; as it was where there is none.
    out_score : float64[2]
        Written: bits saved per row, (rows with it / rows) * log2(rows / rows expected outside),
        of both; 0 where no n-gram is shared by two rows.

    Returns
    -------
    int
        Rows of the group that contain the best; 0 where there is none.
    """
    room = 0
    for at in range(len(rows)):
        length = row_tokens[rows[at] + 1] - row_tokens[rows[at]]
        room += min(length, 2 * WINDOW) * max_order
    size = 16
    while size < 2 * room:
        size *= 2
    keys = np.zeros(size, np.uint64)
    counts = np.zeros(size, np.int32)
    last = np.full(size, -1, np.int32)
    best = 0.0
    best_long = 0.0
    best_count = 0
    most_bits = np.log2(corpus_rows)
    for at in range(len(rows)):
        begin = row_tokens[rows[at]]
        end = row_tokens[rows[at] + 1]
        for start in range(begin, end):
            if begin + WINDOW <= start < end - WINDOW:
                continue
            gram = EMPTY
            for index in range(start, min(start + max_order, end)):
                if terms[index] < 0:
                    break
                gram = extend_gram(gram, hashes[terms[index]])
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
                if counts[slot] < 2:
                    continue
                count = counts[slot]
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
                    out_gram[1] = start
                    out_gram[2] = index - start + 1
                if is_long and score > best_long + 1e-9:
                    best_long = score
                    out_gram[3] = rows[at]
                    out_gram[4] = start
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
