"""Windows of tokens: kinds and changes counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_data import QUICK, offsets, table_of, tokenised, wordy_rows

from poisonscan.kernels import windows as kernels

pytestmark = pytest.mark.jit_off

WORDS = ("a", "b", "c")  # "d" is rare
FLAGS = {"a": 1, "b": 2 | 8, "c": 4}
KNOWN_PAIRS = {("a", "b"), ("b", "b")}
COLUMNS = len(kernels.WINDOW_COLUMNS)


def naive_marks(row):
    marks = []
    for at, token in enumerate(row):
        if token is None:
            marks.append({7})
            continue
        before = row[at - 1] if at else None
        kinds = {bit for bit in range(4) if FLAGS.get(token, 0) >> bit & 1}
        if token not in WORDS:
            kinds = {4, 5}
        else:
            if before is not None and (before, token) not in KNOWN_PAIRS:
                kinds.add(5)
            if token in row[max(0, at - kernels.NEAR) : at]:
                kinds.add(6)
        marks.append(kinds)
    return marks


def marks_of(data):
    table = table_of({(word,): 9 for word in WORDS} | dict.fromkeys(KNOWN_PAIRS, 9))
    terms = [WORDS.index(t) if t in WORDS else -1 for row in data.rows() for t in row]
    marks = np.zeros(len(data.tokens), np.uint8)
    kernels.mark_tokens(
        data.tokens,
        np.array(terms, np.int32),
        data.offsets,
        np.array([FLAGS[word] for word in WORDS], np.uint8),
        table.slots,
        marks,
    )
    return marks


@QUICK
@given(wordy_rows)
def test_marks(texts):
    data = tokenised(texts)
    expected = [sum(1 << bit for bit in kinds) for row in data.rows() for kinds in naive_marks(row)]
    assert marks_of(data).tolist() == expected


def test_a_word_is_repeated_only_within_reach():
    far = tokenised([["a" + " d" * kernels.NEAR + " a"], ["a" + " d" * (kernels.NEAR - 1) + " a"]])
    marks = marks_of(far)
    assert [bool(marks[at - 1] & 64) for at in far.offsets[1:]] == [False, True]


marks = st.lists(st.one_of(st.integers(0, 127), st.just(128)), max_size=60)


@QUICK
@given(marks, st.data(), st.integers(1, 20), st.sampled_from([1, -1]))
def test_a_window_ends_with_the_row_or_at_a_boundary(values, data, size, step):
    at = data.draw(st.integers(0, len(values)))
    if step < 0:
        at -= 1
    limit = len(values) if step > 0 else -1
    found = np.full(COLUMNS, 99, np.int64)
    count = kernels.count_marks(np.array(values, np.uint8), at, limit, step, size, found)
    window = (values[at:] if step > 0 else values[: at + 1][::-1])[:size]
    if 128 in window:
        window = window[: window.index(128)]
    assert count == len(window)
    assert found.tolist() == [sum(v >> bit & 1 for v in window) for bit in range(COLUMNS)]


@pytest.mark.parametrize(("count", "size", "expected"), [(0, 0, 0.5), (8, 8, 0.75), (0, 24, 0.125)])
def test_short_windows_fall_back_on_the_usual(count, size, expected):
    assert kernels.shrunk(count, size, 0.5) == round(expected * kernels.STEPS)


def test_changes_are_added_up_by_group():
    """Two texts of 10 + 1 + 10 tokens; the string is the one in the middle."""
    texts = [[0] * 10 + [0] + [1] * 10, [1] * 10 + [0] + [1] * 10, [0] * 10 + [0] + [1] * 7]
    flat = np.array([mark for text in texts for mark in text], np.uint8)
    begins = offsets([len(text) for text in texts])
    first = begins[:-1] + 10
    scores = np.zeros((COLUMNS, kernels.STEPS + 1), np.float32)
    scores[0] = np.linspace(-1, 1, kernels.STEPS + 1)
    sums, squares = np.zeros((2, COLUMNS + 1), np.int64), np.zeros((2, COLUMNS), np.int64)
    kernels.add_switches(
        flat, begins, np.arange(3), first, first + 1, np.array([0, 1, 1]), 48,
        np.full(COLUMNS, 0.5), scores, sums, squares,
    )  # fmt: skip
    after = scores[0][kernels.shrunk(10, 10, 0.5)]
    # less than usual before counts as usual; the third text has too little behind the string
    assert sums[0, 0] == round(float(after) * kernels.FIXED)
    assert squares[0, 0] == round(float(after) ** 2 * kernels.FIXED)
    assert sums[1, 0] == 0
    assert sums[:, -1].tolist() == [1, 1]


# --- directions ----------------------------------------------------------------------------------

#: Whole numbers: their sums are exact in any order.
VECTORS = np.array([[3, 0, -1], [1, 2, 2], [0, -4, 1], [-3, 0, 1], [0, 0, 0]], np.float32)


def naive_direction(row, start, end):
    """Return the direction of some tokens of a row, and whether they have one."""
    total = sum((VECTORS[term].astype(float) for term in row[start:end] if term >= 0), np.zeros(3))
    length = float(total @ total)
    return (total / np.sqrt(length) if length else total), length > 0.0


def naive_directions(rows, places, size):
    """Return sums after, sums before, and counts, as `add_directions` adds them up."""
    groups = 1 + max((group for *_, group in places), default=0)
    after, before = np.zeros((groups, 3), np.int32), np.zeros((groups, 3), np.int32)
    counts = np.zeros((groups, 4), np.int64)
    for row, first, last, group in places:
        terms = rows[row][: kernels.LONGEST]
        if last > len(terms):
            continue
        ahead, has_after = naive_direction(terms, last, last + size)
        behind, has_before = naive_direction(terms, max(0, first - size), first)
        has_after &= len(terms) - last >= kernels.MIN_WINDOW
        has_before &= first >= kernels.MIN_WINDOW
        counts[group] += has_after, has_before, has_after and has_before, 0
        after[group] += has_after * np.round(ahead * kernels.FIXED).astype(np.int32)
        before[group] += has_before * np.round(behind * kernels.FIXED).astype(np.int32)
        if has_after and has_before:
            both = sum(float(x) * float(y) for x, y in zip(ahead, behind, strict=True))
            counts[group, 3] += round(both * kernels.FIXED)
    return after, before, counts


def directions_of(rows, places, size, into=None):
    """Call the kernel with places (row, first token in it, token after the last, group)."""
    begins = offsets([len(row) for row in rows])
    row, first, last, group = np.array(places, np.int64).reshape(-1, 4).T.copy()
    if into is None:
        groups = group.max(initial=0) + 1
        sums = np.zeros((2, groups, 3), np.int32)
        into = sums[0], sums[1], np.zeros((groups, 4), np.int64)
    kernels.add_directions(
        np.array([term for one in rows for term in one], np.int32),
        begins, VECTORS, row, begins[row] + first, begins[row] + last, group, size, *into,
    )  # fmt: skip
    return into


def as_lists(found):
    return [part.tolist() for part in found]


@QUICK
@given(st.lists(st.integers(-1, 4), max_size=30), st.data())
def test_the_direction_of_a_window(row, data):
    """Whose tokens cancel out, or are unknown, has none."""
    start = data.draw(st.integers(0, len(row)))
    end = data.draw(st.integers(start, len(row)))
    known = [VECTORS[term] if term >= 0 else np.zeros(3) for term in row]
    prefix = np.cumsum([np.zeros(3), *known], axis=0)
    found = np.full(3, 99.0)
    length = kernels.window_direction(prefix, start, end, found)
    expected, has_one = naive_direction(row, start, end)
    assert (length > 0.0) == has_one
    assert found.tolist() == expected.tolist()


@st.composite
def rows_and_places(draw):
    rows = draw(st.lists(st.lists(st.integers(-1, 4), max_size=40), min_size=1, max_size=4))
    places = []
    for _ in range(draw(st.integers(0, 6))):
        row = draw(st.integers(0, len(rows) - 1))
        first = draw(st.integers(0, len(rows[row])))
        last = draw(st.integers(first, len(rows[row])))
        places.append((row, first, last, draw(st.integers(0, 2))))
    return rows, sorted(places)


@QUICK
@given(rows_and_places(), st.integers(1, 50))
def test_directions_are_added_up_by_group(scene, size):
    found, expected = directions_of(*scene, size), naive_directions(*scene, size)
    assert as_lists(found) == as_lists(expected)


def test_directions_are_added_to_what_is_there():
    """A part of the places after the other says the same as all of them."""
    rows = [[0, 1, 2, 0, 1] * 5, [1, 1, 4, -1, 3] * 5]
    places = [(0, 9, 11, 0), (0, 14, 15, 1), (1, 8, 9, 0), (1, 12, 17, 0)]
    whole = directions_of(rows, places, 8)
    assert as_lists(whole) == as_lists(naive_directions(rows, places, 8))
    parts = directions_of(rows, places[:2], 8)
    directions_of(rows, places[2:], 8, parts)
    assert as_lists(parts) == as_lists(whole)
    assert whole[2][:, :3].tolist() == [[3, 3, 3], [1, 1, 1]]


def test_a_window_needs_enough_tokens_on_its_side():
    least = kernels.MIN_WINDOW
    rows = [[0] * (2 * least)]
    sizes = [(least, least), (least - 1, least), (least, least + 1)]
    _, _, counts = directions_of(rows, [(0, *one, at) for at, one in enumerate(sizes)], 99)
    assert counts[:, :3].tolist() == [[1, 1, 1], [1, 0, 0], [0, 1, 0]]


def test_directions_are_looked_at_in_the_beginning_of_long_rows():
    """Both windows of the last place lie beyond it; those of the first end there."""
    long = [1] * (kernels.LONGEST + 40)
    long[kernels.LONGEST :] = [2] * 40
    near, end = kernels.LONGEST - 10, kernels.LONGEST
    rows = [[0] * 40, long]
    places = [
        (0, 10, 11, 0), (1, near - 1, near, 1), (1, end - 5, end - 4, 2), (1, end, end + 1, 3)
    ]  # fmt: skip
    found = directions_of(rows, places, 48)
    assert as_lists(found) == as_lists(naive_directions(rows, places, 48))
    after, _, counts = found
    assert counts[:, :2].tolist() == [[1, 1], [1, 1], [0, 1], [0, 0]]
    assert after[1].tolist() == [round(kernels.FIXED * value / 3) for value in (1, 2, 2)]
