"""Groups of rows: how alike are the texts of the rows that share a candidate?"""

from __future__ import annotations

import numpy as np
from numba import njit

from poisonscan.kernels.ngrams import EMPTY, extend_gram, find_slot, home_of
from poisonscan.kernels.signatures import (
    F32_2D_IN,
    F32_2D_OUT,
    F32_IN,
    F32_OUT,
    F64,
    F64_IN,
    F64_OUT,
    I8_2D_IN,
    I8_2D_OUT,
    I32_IN,
    I64,
    I64_IN,
    U8_IN,
    U64_IN,
    VOID,
)
from poisonscan.kernels.tokens import BOUNDARY

# Terms are used as unsigned numbers where vectors are added up: the compiler need not think of
# negative indices then, and adds many dimensions at a time. The sums are the same.

#: Distinct terms of a row that are compared. A row of a million words would otherwise be paid
#: for again by every candidate in it.
MAX_TERMS = 2048


@njit([F64(F64_IN, F64_OUT)], cache=True, nogil=True)
def squared_length(vector: np.ndarray, room: np.ndarray) -> float:
    """Return the sum of the squares of a vector (float64[K]); `room` is overwritten.

    Halves are added to each other, many numbers at a time: one after the other each would have to
    wait for the last sum.
    """
    size = len(vector)
    for at in range(size):
        room[at] = vector[at] * vector[at]
    while size > 1:
        half = size // 2
        for at in range(half):
            room[at] += room[size - half + at]
        size -= half
    total: float = room[0]
    return total


@njit([F64(I64, F64)], cache=True, nogil=True, inline="always")
def _least_norm(dims: int, scale: float) -> float:
    """Return the squared length of a sum below which it may be rounding noise."""
    return 1e-9 + dims * scale**2 / 4.0


@njit([VOID(I64_IN, I32_IN, F32_IN, F64_OUT)], cache=True, nogil=True)
def sparse_units(
    row_terms: np.ndarray, distinct: np.ndarray, weights: np.ndarray, out: np.ndarray
) -> None:
    """Write what makes a unit vector of each row as a weighted bag of words (0: no weight).

    Parameters
    ----------
    row_terms : int64[R + 1], distinct : int32[D]
        Distinct terms of all rows (CSR).
    weights : float32[V]
        Weight of a term (its inverse document frequency).
    out : float64[R]
    """
    for row in range(len(row_terms) - 1):
        begin = row_terms[row]
        norm = 0.0
        for index in range(begin, min(row_terms[row + 1], begin + MAX_TERMS)):
            norm += weights[distinct[index]] * weights[distinct[index]]
        out[row] = 1.0 / np.sqrt(norm) if norm > 0.0 else 0.0


@njit(
    [VOID(I64_IN, I64_IN, I32_IN, I64_IN, I32_IN, F32_IN, F64_IN, I64, F64_OUT)],
    cache=True,
    nogil=True,
)
def sparse_coherence(
    starts: np.ndarray,
    ends: np.ndarray,
    rows: np.ndarray,
    row_terms: np.ndarray,
    distinct: np.ndarray,
    weights: np.ndarray,
    units: np.ndarray,
    max_rows: int,
    out: np.ndarray,
) -> None:
    """Write the mean pairwise cosine of each group's rows as weighted bags of words.

    Parameters
    ----------
    starts, ends : int64[G], rows : int32[P]
        Groups of rows: where each begins and ends.
    row_terms, distinct, weights
        As in `sparse_units`.
    units : float64[R]
        What that wrote.
    max_rows : int
        Rows of a group that are compared: the first ones, the postings being a random order.
    out : float64[G]
        0 where fewer than two rows have any term of weight.

    Notes
    -----
    With unit vectors u_1..u_n the mean over pairs is (|sum u|^2 - n) / (n (n - 1)): one sum
    instead of n^2 products.
    """
    sums = np.zeros(len(weights), np.float64)
    for group in range(len(starts)):
        first = starts[group]
        last = min(ends[group], first + max_rows)
        count = 0
        for at in range(first, last):
            unit = units[rows[at]]
            count += int(unit > 0.0)
            begin = row_terms[rows[at]]
            for index in range(begin, min(row_terms[rows[at] + 1], begin + MAX_TERMS)):
                sums[distinct[index]] += weights[distinct[index]] * unit
        total = 0.0
        for at in range(first, last):
            begin = row_terms[rows[at]]
            end = min(row_terms[rows[at] + 1], begin + MAX_TERMS)
            for index in range(begin, end):
                total += sums[distinct[index]] * sums[distinct[index]]
                sums[distinct[index]] = 0.0
        out[group] = (total - count) / (count * (count - 1.0)) if count > 1 else 0.0


@njit(
    [VOID(I64_IN, I64_IN, I32_IN, I64_IN, I32_IN, F32_IN, I64, F64, F64_IN, F64_OUT)],
    cache=True,
    nogil=True,
)
def common_weight(
    starts: np.ndarray,
    ends: np.ndarray,
    rows: np.ndarray,
    row_terms: np.ndarray,
    distinct: np.ndarray,
    weights: np.ndarray,
    max_rows: int,
    share: float,
    least: np.ndarray,
    out: np.ndarray,
) -> None:
    """Write the weight of the terms that (nearly) all rows of each group have.

    Parameters
    ----------
    starts, ends, rows, row_terms, distinct, weights, max_rows
        As in `sparse_coherence`.
    share : float
        Part of the group's rows that must have a term, above 0.
    least : float64[G]
        Weight below which a group may be given up.
    out : float64[G]
        The weight, or any value below `least` where it is below.

    Notes
    -----
    A term that at most k rows lack is in all but k of the first 2 k + 2: these few rows tell of
    most groups that they have too little in common.
    """
    counts = np.zeros(len(weights), np.int64)
    none = np.int64(0)  # what stands for no row: nothing has to be cleared after a group
    for group in range(len(starts)):
        none += max_rows + 1
        first = starts[group]
        last = min(ends[group], first + max_rows)
        needed = np.int64(np.ceil(share * (last - first)))
        missing = last - first - needed
        probed = min(last, first + 2 * missing + 2)
        bound, total = 0.0, 0.0
        at = first
        while at < last and (at != probed or bound >= least[group]):
            begin = row_terms[rows[at]]
            for index in range(begin, min(row_terms[rows[at] + 1], begin + MAX_TERMS)):
                term = np.uint32(distinct[index])
                count = max(counts[term], none) + 1
                counts[term] = count
                if count - none == probed - first - missing and at < probed:
                    bound += weights[term]
                if count - none == needed:
                    total += weights[term]
            at += 1
        out[group] = total if at == last else 0.0


@njit([VOID(I64_IN, I64_IN, I32_IN, I8_2D_IN, F64_IN, I64, F64_OUT)], cache=True, nogil=True)
def dense_coherence(
    starts: np.ndarray,
    ends: np.ndarray,
    rows: np.ndarray,
    row_sums: np.ndarray,
    row_units: np.ndarray,
    max_rows: int,
    out: np.ndarray,
) -> None:
    """Write the mean pairwise cosine of each group's rows as sums of term vectors.

    Parameters
    ----------
    starts, ends, rows, max_rows, out
        As in `sparse_coherence`.
    row_sums : int8[R, K], row_units : float64[R]
        Sum of the vectors of each row's terms, and what makes a unit vector of it (`sum_vectors`).
    """
    total, room = np.zeros(row_sums.shape[1]), np.empty(row_sums.shape[1])
    for group in range(len(starts)):
        total[:] = 0.0
        used = 0
        for at in range(starts[group], min(ends[group], starts[group] + max_rows)):
            row = np.uint32(rows[at])
            unit = row_units[row]
            used += int(unit > 0.0)
            sums = row_sums[row]
            for dim in range(len(total)):
                total[dim] += sums[dim] * unit
        norm = squared_length(total, room)
        out[group] = (norm - used) / (used * (used - 1.0)) if used > 1 else 0.0


@njit(
    [VOID(I64_IN, I64_IN, I32_IN, I64_IN, I32_IN, F32_2D_IN, I8_2D_IN, F32_IN, I64, F64, F64_OUT)],
    cache=True,
    nogil=True,
)
def masked_coherence(
    starts: np.ndarray,
    ends: np.ndarray,
    rows: np.ndarray,
    row_terms: np.ndarray,
    distinct: np.ndarray,
    vectors: np.ndarray,
    row_sums: np.ndarray,
    row_scales: np.ndarray,
    max_rows: int,
    mask_share: float,
    out: np.ndarray,
) -> None:
    """Write the same without what most rows of a group have in common.

    Parameters
    ----------
    starts, ends, rows, row_terms, distinct, max_rows, out
        As in `sparse_coherence`.
    vectors : float32[V, K]
        Vector of each term.
    row_sums : int8[R, K], row_scales : float32[R]
        Sum of the vectors of each row's terms, in units of its scale (`sum_vectors`).
    mask_share : float
        Terms in more than this share of the group's rows are left out: the candidate itself and
        everything that always comes with it.
    """
    # Of each term, above `none`: rows that have it, or its number and `max_rows` if it is common.
    counts = np.zeros(len(vectors), np.int64)
    none = np.int64(0)  # grows with every group: nothing has to be cleared
    n_common = 0
    common = np.empty(len(vectors) + 1, np.int32)  # by number, from 1 on
    seen = np.full(len(common), -1, np.int64)  # 0: any other term
    dims = vectors.shape[1]
    common_sum = np.zeros(dims, np.float64)
    total, own, room = np.zeros(dims), np.zeros(dims), np.empty(dims)
    for group in range(len(starts)):
        none += max_rows + n_common + 1
        first = starts[group]
        last = min(ends[group], first + max_rows)
        limit = np.int64(mask_share * (last - first))
        n_common = 0
        common_sum[:] = 0.0
        for at in range(first, last):
            begin = row_terms[rows[at]]
            for index in range(begin, min(row_terms[rows[at] + 1], begin + MAX_TERMS)):
                term = np.uint32(distinct[index])
                count = max(counts[term], none) - none
                counts[term] = none + count + int(count < max_rows)
                if count == limit:
                    n_common += 1
                    counts[term], common[n_common] = none + max_rows + n_common, term
                    vector = vectors[np.uint32(term)]
                    for dim in range(dims):
                        common_sum[dim] += vector[dim]
        total[:] = 0.0
        used = 0
        for at in range(first, last):
            row = rows[at]
            begin = row_terms[row]
            end = min(row_terms[row + 1], begin + MAX_TERMS)
            # Take out all common terms at once, then give back those that this row lacks: few.
            sums, unit = row_sums[np.uint32(row)], row_scales[row]
            for dim in range(dims):
                own[dim] = sums[dim] * unit - common_sum[dim]
            masked = 0
            for index in range(begin, end):
                number = max(0, counts[np.uint32(distinct[index])] - none - max_rows)
                masked += int(number > 0)
                seen[number] = at
            if masked < n_common:
                for number in range(1, n_common + 1):
                    if seen[number] != at:
                        vector = vectors[np.uint32(common[number])]
                        for dim in range(dims):
                            own[dim] += vector[dim]
            norm = squared_length(own, room)
            # What is left of an empty row is rounding noise, not a direction.
            if end - begin > masked and norm > _least_norm(dims, unit):
                used += 1
                scale = 1.0 / np.sqrt(norm)
                for dim in range(dims):
                    total[dim] += own[dim] * scale
        norm = squared_length(total, room)
        out[group] = (norm - used) / (used * (used - 1.0)) if used > 1 else 0.0


@njit([VOID(I64_IN, I32_IN, F32_2D_IN, I8_2D_OUT, F32_OUT, F64_OUT)], cache=True, nogil=True)
def sum_vectors(
    row_terms: np.ndarray,
    distinct: np.ndarray,
    vectors: np.ndarray,
    out: np.ndarray,
    out_scale: np.ndarray,
    out_unit: np.ndarray,
) -> None:
    """Write the sum of the vectors of each row's terms: int8[R, K], in units of float32[R].

    And what makes a unit vector of it (float64[R]; 0: it has no direction).
    """
    dims = vectors.shape[1]
    total = np.zeros(dims, np.float64)
    for row in range(len(row_terms) - 1):
        total[:] = 0.0
        begin = row_terms[row]
        for index in range(begin, min(row_terms[row + 1], begin + MAX_TERMS)):
            vector = vectors[np.uint32(distinct[index])]
            for dim in range(dims):
                total[dim] += vector[dim]
        scale = np.abs(total).max() / 127.0
        out_scale[row] = scale
        norm = 0.0
        for dim in range(dims):
            value = np.rint(total[dim] / scale) if scale > 0.0 else 0.0
            out[row, dim] = np.int8(value)
            norm += value * value
        has_direction = norm * scale**2 > _least_norm(dims, scale)
        out_unit[row] = 1.0 / np.sqrt(norm) if has_direction else 0.0


@njit([VOID(I64_IN, I64_IN, I32_IN, U8_IN, F32_2D_IN, F32_2D_OUT)], cache=True, nogil=True)
def row_vectors(
    rows: np.ndarray,
    row_terms: np.ndarray,
    distinct: np.ndarray,
    left_out: np.ndarray,
    vectors: np.ndarray,
    out: np.ndarray,
) -> None:
    """Write the unit vector of each row: the sum of its terms' vectors (zero where it has none).

    Parameters
    ----------
    rows : int64[N]
    left_out : uint8[V]
        1 for the terms to leave out.
    vectors : float32[V, K]
    out : float32[N, K]
    """
    dims = vectors.shape[1]
    total, room = np.zeros(dims), np.empty(dims)
    for at in range(len(rows)):
        total[:] = 0.0
        begin = row_terms[rows[at]]
        end = min(row_terms[rows[at] + 1], begin + MAX_TERMS)
        for index in range(begin, end):
            if left_out[distinct[index]]:
                continue
            vector = vectors[np.uint32(distinct[index])]
            for dim in range(dims):
                total[dim] += vector[dim]
        norm = squared_length(total, room)
        scale = 1.0 / np.sqrt(norm) if norm > 0.0 else 0.0
        for dim in range(dims):
            out[at, dim] = total[dim] * scale


#: Columns of `style_features`.
STYLE_COLUMNS = (
    "length",
    "digits",
    "symbols",
    "capitals",
    "foreign_letters",
    "rare_words",
    "new_word_pairs",
    "repetition",
)

# Bits of a term's flags.
DIGIT, SYMBOL, CAPITAL, NON_ASCII, SHOUT = 1, 2, 4, 8, 16

#: Symbols that a run of exclamation or question marks counts for: one token takes the place of one
#: full stop, and in a script without capitals nothing else tells that somebody shouts.
SHOUT_WEIGHT = 4


@njit(
    [VOID(U64_IN, I32_IN, I64_IN, I64_IN, I64_IN, U8_IN, U64_IN, I64, F32_2D_OUT)],
    cache=True,
    nogil=True,
)
def style_features(
    tokens: np.ndarray,
    terms: np.ndarray,
    row_tokens: np.ndarray,
    row_terms: np.ndarray,
    rows: np.ndarray,
    flags: np.ndarray,
    slots: np.ndarray,
    max_tokens: int,
    out: np.ndarray,
) -> None:
    """Write how each row is written, whatever it says.

    Parameters
    ----------
    tokens : uint64[T], terms : int32[T], row_tokens : int64[R + 1], row_terms : int64[R + 1]
        One side of all rows.
    rows : int64[N]
        The rows to look at.
    flags : uint8[V]
        Sum of DIGIT, SYMBOL, CAPITAL, NON_ASCII, SHOUT for each term.
    slots : uint64[2**k]
        Hash table of the n-grams of at least the minimal support.
    max_tokens : int
        Tokens of a row that are looked at.
    out : float32[N, len(STYLE_COLUMNS)]
        log(1 + tokens); then shares: of digits, symbols, capitalised words, letters beyond
        ASCII, rare words among the tokens; pairs of frequent words that stand together nowhere
        else (high in gibberish); repeated words.
    """
    grams, keys = np.empty(max_tokens, np.uint64), np.empty(max_tokens, np.uint64)
    homes = np.empty(max_tokens, np.int64)
    for at in range(len(rows)):
        row = rows[at]
        begin = row_tokens[row]
        end = min(row_tokens[row + 1], begin + max_tokens)
        count = 0
        digits = 0
        symbols = 0
        capitals = 0
        foreign = 0
        rare = 0
        pairs = 0
        for index in range(begin, end):
            if tokens[index] == BOUNDARY:
                continue
            count += 1
            term = terms[index]
            if term < 0:
                rare += 1
                continue
            digits += flags[term] & DIGIT != 0
            symbols += flags[term] & SYMBOL != 0
            symbols += (SHOUT_WEIGHT - 1) * (flags[term] & SHOUT != 0)
            capitals += flags[term] & CAPITAL != 0
            foreign += flags[term] & NON_ASCII != 0
            if index > begin and terms[index - 1] >= 0:
                gram = extend_gram(extend_gram(EMPTY, tokens[index - 1]), tokens[index])
                grams[pairs] = gram
                homes[pairs] = home_of(gram, len(slots))
                pairs += 1
        for pair in range(pairs):  # nothing depends on what is loaded: loads run side by side
            keys[pair] = slots[homes[pair]]
        new_pairs = 0
        for pair in range(pairs):
            if keys[pair] != grams[pair]:
                new_pairs += keys[pair] == EMPTY or find_slot(slots, grams[pair]) < 0
        size = max(1, count)
        known = max(1, count - rare)
        out[at, 0] = np.log(1.0 + (row_tokens[row + 1] - begin))
        out[at, 1] = digits / size
        out[at, 2] = symbols / size
        out[at, 3] = capitals / size
        out[at, 4] = foreign / size
        out[at, 5] = rare / size
        out[at, 6] = new_pairs / max(4, pairs)
        out[at, 7] = 1.0 - min(1.0, (row_terms[row + 1] - row_terms[row]) / known)


@njit([VOID(I64_IN, I64_IN, I32_IN, I8_2D_IN, F64, I64, F64_OUT)], cache=True, nogil=True)
def group_agreement(
    starts: np.ndarray,
    ends: np.ndarray,
    rows: np.ndarray,
    values: np.ndarray,
    unit: float,
    max_rows: int,
    out: np.ndarray,
) -> None:
    """Write how far the values of each group's rows point one way, in standard errors.

    Parameters
    ----------
    starts, ends : int64[G], rows : int32[P]
        Groups of rows: where each begins and ends.
    values : int8[R, K]
        Uncorrelated, of variance 1 over the dataset, in units of `unit`.
    max_rows : int
        Rows of a group that are looked at: the first ones.
    out : float64[G]
        Mean product of two different rows, times n / sqrt(2 K); 0 for a single row.
    """
    total = np.zeros(values.shape[1], np.int64)  # sums of integers: in any order, many at a time
    for group in range(len(starts)):
        last = min(ends[group], starts[group] + max_rows)
        total[:] = 0
        squares = np.int64(0)
        for at in range(starts[group], last):
            own = values[np.uint32(rows[at])]
            for dim in range(len(total)):
                value = np.int64(own[dim])
                total[dim] += value
                squares += value * value
        norm = np.int64(0)
        for dim in range(len(total)):
            norm += total[dim] * total[dim]
        count = last - starts[group]
        out[group] = 0.0
        if count > 1:
            products = (norm - squares) * unit**2
            out[group] = products / ((count - 1.0) * np.sqrt(2.0 * len(total)))
