"""Closed n-grams and their postings: where n-grams stand, and in which rows.

What is known of each n-gram once (its text, what is longer and around it) is read off one of its
occurrences. Only the postings need all of them: occurrences are listed and sorted by part as in
`kernels/ngrams.py`. Of a frequent n-gram the first rows in sampling order are kept. Rows come in
the order of the files, which is the order in which they are on the disk, so each n-gram keeps the
least ranks that were seen so far, as a heap with the greatest at its root.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from poisonscan.kernels.ngrams import (
    BATCH,
    EMPTY,
    LOW,
    extend_gram,
    find_record,
    find_slot,
    home_of,
)
from poisonscan.kernels.signatures import (
    F64,
    F64_IN,
    F64_OUT,
    I32_IN,
    I32_OUT,
    I64,
    I64_IN,
    I64_OUT,
    U8_OUT,
    U64_IN,
    U64_OUT,
    VOID,
)
from poisonscan.kernels.tokens import BOUNDARY

#: Words of a record of an n-gram and its group, and of one that postings are collected with.
PAIR, FOLLOWED = 2, 4

_SHIFT_31, _SHIFT_32, _ONE = np.uint64(31), np.uint64(32), np.uint64(1)


@njit([VOID(U64_IN, I64_IN, I64, U64_IN, I64_IN, I64_OUT, I64_OUT)], cache=True, nogil=True)
def place_ngrams(
    tokens: np.ndarray,
    row_offsets: np.ndarray,
    max_order: int,
    grams: np.ndarray,
    edges: np.ndarray,
    out_place: np.ndarray,
    out_order: np.ndarray,
) -> None:
    """Write where n-grams stand of which one row is known each, and how long they are.

    Parameters
    ----------
    tokens : uint64[T], row_offsets : int64[R + 1]
        Some rows.
    grams : uint64[N], edges : int64[R + 1]
        The n-grams of each row, all of them in it.
    out_place, out_order : int64[N]
        First token and number of tokens.
    """
    most = 1
    for row in range(len(edges) - 1):
        most = max(most, edges[row + 1] - edges[row])
    room = 2
    while room < 2 * most:
        room *= 2
    keys, numbers = np.empty(room, np.uint64), np.empty(room, np.int64)
    for row in range(len(edges) - 1):
        missing = edges[row + 1] - edges[row]
        if missing == 0:
            continue
        size = 2
        while size < 2 * missing:
            size *= 2
        mask = np.uint64(size - 1)
        keys[:size] = EMPTY
        for number in range(edges[row], edges[row + 1]):
            slot = (grams[number] >> _SHIFT_31) & mask
            while keys[slot] != EMPTY:
                slot = (slot + _ONE) & mask
            keys[slot], numbers[slot] = grams[number], number
            out_order[number] = 0
        end = row_offsets[row + 1]
        for start in range(row_offsets[row], end):
            gram = EMPTY
            for at in range(start, min(start + max_order, end)):
                if tokens[at] == BOUNDARY:
                    break
                gram = extend_gram(gram, tokens[at])
                slot = (gram >> _SHIFT_31) & mask
                while keys[slot] != EMPTY and keys[slot] != gram:
                    slot = (slot + _ONE) & mask
                if keys[slot] == gram and out_order[numbers[slot]] == 0:
                    out_place[numbers[slot]] = start
                    out_order[numbers[slot]] = at + 1 - start
                    missing -= 1
            if missing == 0:
                break


@njit([VOID(U64_IN, I64_IN, I64_IN, I64_IN, U64_IN, I32_IN, F64, U8_OUT)], cache=True, nogil=True)
def mark_accompanied(
    tokens: np.ndarray,
    places: np.ndarray,
    orders: np.ndarray,
    own_slots: np.ndarray,
    slots: np.ndarray,
    row_counts: np.ndarray,
    share: float,
    out: np.ndarray,
) -> None:
    """Mark the n-grams that an (n+1)-gram around them has (nearly) all rows of.

    Such an n-gram never stands alone: it is not closed.

    Parameters
    ----------
    tokens : uint64[T]
    places, orders, own_slots : int64[N]
        First token, length and slot of the n-grams that others may be part of.
    slots : uint64[M], row_counts : int32[M]
        The table of all frequent n-grams.
    share : float
        Part of the rows that is nearly all.
    out : uint8[M]
        1 for what is marked, by slot; else as it was. Threads may share it.
    """
    for index in range(len(places)):
        first, last = places[index], places[index] + orders[index]
        rows = row_counts[own_slots[index]]
        for start, end in ((first, last - 1), (first + 1, last)):
            gram = EMPTY
            for at in range(start, end):
                gram = extend_gram(gram, tokens[at])
            if gram == EMPTY:
                continue
            slot = find_slot(slots, gram)
            if slot >= 0 and rows >= share * row_counts[slot]:
                out[slot] = 1


@njit([VOID(I64_OUT, I64, I64, I64)], cache=True, nogil=True)
def sift_down(heap: np.ndarray, start: int, size: int, at: int) -> None:
    """Let an entry of a heap sink until both entries below it are smaller.

    Parameters
    ----------
    heap : int64[P]
        The heap is ``heap[start : start + size]``.
    at : int
        Place of the entry within it.
    """
    entry = heap[start + at]
    while 2 * at + 1 < size:
        below = 2 * at + 1
        if below + 1 < size and heap[start + below + 1] > heap[start + below]:
            below += 1
        if heap[start + below] <= entry:
            break
        heap[start + at] = heap[start + below]
        at = below
    heap[start + at] = entry


@njit(
    [VOID(U64_IN, I32_IN, I64, I64, I32_IN, I64, I64_IN, I64, I32_IN, U64_OUT, I64_OUT)],
    cache=True,
    nogil=True,
)
def collect_postings(
    grams: np.ndarray,
    places: np.ndarray,
    first: int,
    last: int,
    rows: np.ndarray,
    first_token: int,
    row_offsets: np.ndarray,
    first_row: int,
    rank: np.ndarray,
    records: np.ndarray,
    out: np.ndarray,
) -> None:
    """Write the least ranks of the rows of every n-gram of a table.

    Called for one range of occurrences after the other, those of each n-gram in their order.

    Parameters
    ----------
    grams : uint64[N], places : int32[N], rows : int32[T]
        Occurrences as in `count_ngrams`, from `first` to `last`.
    first_token, row_offsets : int, int64[B + 1]
        The token of place 0, and where each row of the batch begins.
    first_row : int
        Scan-wide number of the batch's first row.
    rank : int32[R]
        Place of each row in sampling order.
    records : uint64[M * FOLLOWED]
        Table of the n-grams: hash; where its postings begin; how many have room, and how many
        there are (lower half); 1 + its last row. Updated in place. All that is known of an n-gram
        is in one line of memory, because each is looked up somewhere else.
    out : int64[P]
        Written: rank of the row, times 2^32, plus the n-gram's first token, counted from the row's
        first. Where all room is taken they are a heap.
    """
    size = len(records) // FOLLOWED
    keys, homes = np.empty(BATCH, np.uint64), np.empty(BATCH, np.int64)
    for batch in range(first, last, BATCH):
        end = min(batch + BATCH, last)
        for at in range(batch, end):
            homes[at - batch] = home_of(grams[at], size)
        for at in range(batch, end):  # nothing depends on what is loaded: loads run side by side
            keys[at - batch] = records[homes[at - batch] * FOLLOWED]
        for at in range(batch, end):
            slot = homes[at - batch]
            if keys[at - batch] != grams[at]:
                slot = find_record(records, grams[at], FOLLOWED)
                if slot < 0:
                    continue
            record = slot * FOLLOWED
            own_row = rows[places[at]]
            row = np.uint64(first_row + own_row + 1)
            if records[record + 3] == row:
                continue
            records[record + 3] = row
            begin = int(np.int64(records[record + 1]))
            room = int(np.int64(records[record + 2] >> _SHIFT_32))
            known = int(np.int64(records[record + 2] & LOW))
            token = first_token + places[at] - row_offsets[own_row]
            posting = np.int64(rank[first_row + own_row]) << 32 | token
            if known < room:
                out[begin + known] = posting
                records[record + 2] += _ONE
                if known + 1 == room:
                    for parent in range(room // 2 - 1, -1, -1):
                        sift_down(out, begin, room, parent)
            elif posting < out[begin]:
                out[begin] = posting
                sift_down(out, begin, room, 0)


@njit([VOID(I64_IN, I64, I64, I64_OUT)], cache=True, nogil=True)
def sort_heaps(starts: np.ndarray, first: int, last: int, out: np.ndarray) -> None:
    """Sort every group of a range (each a heap, as `collect_postings` leaves them).

    Parameters
    ----------
    starts : int64[G + 1]
        Where the groups begin in `out` (int64[P]).
    first, last : int
        The range of groups.
    """
    for group in range(first, last):
        begin = starts[group]
        for end in range(starts[group + 1] - 1, begin, -1):
            entry = out[end]
            out[end] = out[begin]
            out[begin] = entry
            sift_down(out, begin, end - begin, 0)


@njit(
    [VOID(U64_IN, I64_IN, I64, U64_IN, I64_IN, I64_IN, I32_IN, I64_OUT, I32_OUT)],
    cache=True,
    nogil=True,
)
def choose_owners(
    tokens: np.ndarray,
    row_offsets: np.ndarray,
    max_order: int,
    records: np.ndarray,
    groups: np.ndarray,
    starts: np.ndarray,
    rows: np.ndarray,
    out_order: np.ndarray,
    out_token: np.ndarray,
) -> None:
    """Let the n-gram that stands first in the first row stand for each of some groups.

    Parameters
    ----------
    tokens : uint64[T], row_offsets : int64[R + 1]
        All rows.
    records : uint64[M * PAIR]
        Table of the n-grams of these groups, each with the number of its group. Those of a group
        stand in the same rows.
    groups : int64[S]
    starts : int64[G + 1], rows : int32[P]
        Rows of all groups.
    out_order : int64[G], out_token : int32[P]
        Written for these groups: length of the n-gram, and where it stands first in each row.
    """
    for index in range(len(groups)):
        group = groups[index]
        chosen = EMPTY
        for place in range(starts[group], starts[group + 1]):
            begin, end = row_offsets[rows[place]], row_offsets[rows[place] + 1]
            is_found = False
            for start in range(begin, end):
                gram = EMPTY
                for at in range(start, min(start + max_order, end)):
                    if tokens[at] == BOUNDARY:
                        break
                    gram = extend_gram(gram, tokens[at])
                    if chosen == EMPTY:
                        slot = find_record(records, gram, PAIR)
                        if slot >= 0 and np.int64(records[slot * PAIR + 1]) == group:
                            chosen = gram
                            out_order[group] = at + 1 - start
                    if gram == chosen:
                        out_token[place] = start - begin
                        is_found = True
                        break
                if is_found:
                    break


@njit([VOID(I64_IN, I64_IN, I32_IN, F64_IN, F64_OUT)], cache=True, nogil=True)
def sum_over_rows(
    starts: np.ndarray, ends: np.ndarray, rows: np.ndarray, values: np.ndarray, out: np.ndarray
) -> None:
    """Write the sum of a value over the rows of each group.

    Parameters
    ----------
    starts, ends : int64[G]
        Where the rows of each group begin and end in `rows` (int32[P]).
    values : float64[R]
    out : float64[G]
    """
    for group in range(len(starts)):
        total = 0.0
        for at in range(starts[group], ends[group]):
            total += values[rows[at]]
        out[group] = total
