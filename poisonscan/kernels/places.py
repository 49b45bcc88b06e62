"""Strings and the words that stand beside them."""

from __future__ import annotations

import numpy as np
from numba import njit

from poisonscan.kernels.beside import NOTHING
from poisonscan.kernels.ngrams import EMPTY, extend_gram, find_slot, home_of
from poisonscan.kernels.signatures import (
    F64,
    F64_IN,
    F64_OUT,
    I32_IN,
    I64,
    I64_IN,
    U64_IN,
    VOID,
)
from poisonscan.kernels.tokens import BOUNDARY


@njit([I64(I32_IN, I64, I64)], cache=True, nogil=True, inline="always")
def count_rare(terms: np.ndarray, first: int, last: int) -> int:
    """Return how many tokens of a range have no term."""
    count = 0
    for at in range(first, last):
        count += int(terms[at] < 0)
    return count


@njit(
    [
        VOID(
            I32_IN, I64_IN, U64_IN, I64_IN, I64_IN, U64_IN, I64_IN, I64_IN, I64_IN, I64_IN, I32_IN,
            I32_IN, I64_IN, I32_IN, I32_IN, I64, U64_IN, I32_IN, F64, F64, F64, F64, F64_IN,
            F64_OUT,
        )
    ],
    cache=True,
    nogil=True,
)  # fmt: skip
def detachment(
    terms: np.ndarray,
    row_tokens: np.ndarray,
    rare_tokens: np.ndarray,
    row_rare: np.ndarray,
    term_rows: np.ndarray,
    term_tokens: np.ndarray,
    starts: np.ndarray,
    ends: np.ndarray,
    before: np.ndarray,
    length: np.ndarray,
    rows: np.ndarray,
    first_token: np.ndarray,
    order: np.ndarray,
    lefts: np.ndarray,
    rights: np.ndarray,
    max_rows: int,
    slots: np.ndarray,
    row_counts: np.ndarray,
    all_terms: float,
    string_prior: float,
    pair_prior: float,
    floor: float,
    least: np.ndarray,
    out: np.ndarray,
) -> None:
    """Write how much better the neighbours of each string predict each other than it does.

    Parameters
    ----------
    terms : int32[T], row_tokens : int64[R + 1]
        The term of each token of all rows.
    rare_tokens : uint64[N], row_rare : int64[R + 1]
        Hash of each token without a term.
    term_rows : int64[V], term_tokens : uint64[V]
        Rows and hash of each term.
    starts, ends : int64[G]
        Where the places of each string begin and end.
    before, length : int64[G]
        Tokens of each string before its places, and all of them.
    rows, first_token : int32[P]
        Row of each place, and where it is in the row.
    order : int64[G]
        Tokens from there on that `lefts` and `rights` stand beside.
    lefts, rights : int32[P] or int32[0]
        The terms before and behind these (see `starts.write_rows`); where they are empty they are
        read from the rows.
    max_rows : int
        Places of a string that are looked at: the first ones.
    slots : uint64[N], row_counts : int32[N]
        Table of all frequent n-grams.
    all_terms : float
        Sum of the rows of all terms.
    string_prior, pair_prior, floor : float
        See `evidence.detachment`.
    least : float64[G]
        Value below which a string may be given up.
    out : float64[G]
        The value, or any below `least` where it is below; 0 for strings with fewer than two places
        between two words.
    """
    words, known = np.empty((2, max_rows), np.uint64), np.empty((2, max_rows), np.float64)
    pairs, loaded = np.empty(max_rows, np.uint64), np.empty(max_rows, np.uint64)
    own, beside = np.empty((2, max_rows), np.int64), np.empty((2, max_rows), np.int32)
    together = np.empty(max_rows, np.float64)
    for group in range(len(starts)):
        first_place, last_place = starts[group], min(ends[group], starts[group] + max_rows)
        apart = length[group] + 1  # from one neighbour to the other
        is_known = length[group] == order[group] and len(lefts) > 0
        # Nothing depends on what is loaded, in each of these loops: loads run side by side.
        inside = 0
        for at in range(first_place, last_place):
            row, left = rows[at], first_token[at] - before[group] - 1
            own[0, inside], own[1, inside] = row, left
            if is_known:
                beside[0, inside], beside[1, inside] = lefts[at], rights[at]
                inside += int((lefts[at] != NOTHING) & (rights[at] != NOTHING))
            else:
                size = row_tokens[row + 1] - row_tokens[row]
                inside += int((left >= 0) & (left + apart < size))
        for at in range(0 if is_known else inside):
            place = row_tokens[own[0, at]] + own[1, at]
            beside[0, at], beside[1, at] = terms[place], terms[place + apart]
        count = 0
        for at in range(inside):
            row, left, right = own[0, at], beside[0, at], beside[1, at]
            for side, distance, term in ((0, 0, left), (1, apart, right)):
                if term >= 0:
                    words[side, count], known[side, count] = term_tokens[term], term_rows[term]
                else:
                    rare = -1 - term
                    if not is_known:
                        start = row_tokens[row]
                        rare = count_rare(terms, start, start + own[1, at] + distance)
                    words[side, count], known[side, count] = rare_tokens[row_rare[row] + rare], 0.0
            if words[0, count] == BOUNDARY or words[1, count] == BOUNDARY:
                continue
            pairs[count] = EMPTY  # two words are no more frequent together than each is
            if left >= 0 and right >= 0:
                pairs[count] = extend_gram(extend_gram(EMPTY, words[0, count]), words[1, count])
                loaded[count] = slots[home_of(pairs[count], len(slots))]
            count += 1
        out[group] = 0.0
        if count < 2:
            continue
        for at in range(count):
            together[at] = 0.0
            if pairs[at] != EMPTY:
                slot = home_of(pairs[at], len(slots))
                if loaded[at] != pairs[at]:
                    slot = find_slot(slots, pairs[at]) if loaded[at] != EMPTY else -1
                if slot >= 0:
                    together[at] = row_counts[slot]
        out[group] = np.inf
        for side in range(2):
            total = 0.0
            for at in range(count):
                again = -1
                for place in range(count):
                    again += words[side, place] == words[side, at]
                base = (known[side, at] + 0.5) / all_terms
                by_string = (again + string_prior * base) / (count - 1.0 + string_prior)
                by_other = (together[at] + pair_prior * base) / (known[1 - side, at] + pair_prior)
                total += max(np.log(by_other) - np.log(by_string), floor)
            out[group] = min(out[group], total / (last_place - first_place))
            if out[group] < least[group]:
                break
