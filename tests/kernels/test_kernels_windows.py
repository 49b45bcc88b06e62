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
