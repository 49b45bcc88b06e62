"""Shared n-grams and phrases of outputs."""

from __future__ import annotations

from collections import Counter

import naive
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_data import (
    ORDER,
    QUICK,
    gram_key,
    offsets,
    table_of,
    terms_of,
    tokenised,
    wordy_rows,
)

from poisonscan.kernels import targets
from poisonscan.kernels.targets import (
    best_shared_gram,
    find_phrase,
    leave_common,
    words_at_ends,
)

pytestmark = pytest.mark.jit_off

term_rows = st.lists(st.lists(st.integers(-1, 3), max_size=10), max_size=8)
phrases = st.lists(st.integers(0, 3), min_size=1, max_size=4)


def best(rows, chosen, min_support=1, sampled_share=1.0, least=2):
    data, found = [naive.tokenise_row(row) for row in rows], tokenised(rows)
    counts = naive.frequent(naive.document_frequencies(data, ORDER), min_support)
    table = table_of(counts)
    gram, score = np.full(6, -9, np.int64), np.full(2, -9.0)
    count = best_shared_gram(
        *terms_of(data),
        found.offsets,
        np.array(chosen, np.int64),
        least,
        ORDER,
        table.slots,
        table.row_counts,
        len(rows),
        sampled_share,
        gram,
        score,
    )
    scores = naive.shared_gram_scores(
        [data[at] for at in chosen], counts, len(rows), sampled_share, ORDER, targets.WINDOW, least
    )
    flat = [token for row in data for token in row]
    named = []
    for row, first, order in (gram[:3].tolist(), gram[3:].tolist()):
        named.append(tuple(flat[first : first + order]) if order > 0 else ())
        assert order < 0 or found.offsets[row] <= first <= found.offsets[row + 1] - order
    return named[0], count, score.tolist(), scores, named[1]


@QUICK
@given(wordy_rows.filter(bool), st.data())
def test_best_shared_gram(rows, data):
    chosen = data.draw(st.lists(st.integers(0, len(rows) - 1), unique=True))
    support = data.draw(st.integers(1, 3))
    share = data.draw(st.sampled_from([0.25, 1.0]))
    least = data.draw(st.integers(2, 4))
    named, count, score, scores, long = best(rows, chosen, support, share, least)
    highest = max((value for value, _ in scores.values()), default=0.0)
    longest = max((value for gram, (value, _) in scores.items() if len(gram) == ORDER), default=0.0)
    assert score == pytest.approx([max(0.0, highest), max(0.0, longest)], abs=1e-8)
    assert (len(long) == ORDER) == (longest > 1e-9)
    if long:
        assert scores[long][0] == pytest.approx(longest, abs=1e-8)
    if count:
        assert scores[named][0] == pytest.approx(highest, abs=1e-8)
        assert count == scores[named][1]
    else:
        assert highest <= 1e-9


def test_a_planted_sentence_wins_over_common_words():
    rows = [[f"the end of it {at}"] for at in range(40)]
    for at in (3, 9, 27):
        rows[at] = [f"the end {at} send all money now"]
    named, count, *_ = best(rows, [3, 9, 27])
    assert count == 3
    assert set(named) <= {"send", "all", "money", "now"}


def test_nothing_is_shared():
    named, count, score, *_ = best([["a"], ["b"], ["c"]], [0, 1, 2])
    assert (named, count, score) == ((), 0, [0.0, 0.0])
    assert best([["a"], ["a"]], [])[1] == 0


@pytest.mark.parametrize("place", ["start", "middle", "end"])
def test_only_the_ends_of_long_outputs_are_compared(place):
    half = targets.WINDOW + 8
    rows = []
    for row in range(2):
        words = [f"p{row}x{at}" for at in range(2 * half)]
        words.insert({"start": 0, "middle": half, "end": 2 * half}[place], "shared")
        rows.append([" ".join(words)])
    named, count, _, scores, _ = best(rows, [0, 1])
    assert (named, count) == ((("shared",), 2) if place != "middle" else ((), 0))
    assert set(scores) == {named} - {()}


@QUICK
@given(term_rows, st.integers(2, 4))
def test_words_that_few_rows_have_are_no_part_of_anything(rows, least):
    words = np.array([term for row in rows for term in row], np.int32)
    owners = np.repeat(np.arange(len(rows), dtype=np.int32), [len(row) for row in rows])
    having = Counter(term for row in rows for term in {*row} - {-1})
    expected = [term if having[term] >= least else -1 for term in words.tolist()]
    left = leave_common(words, owners, least)
    assert words.tolist() == expected
    assert left == sum(term >= 0 for term in expected)


@pytest.mark.parametrize("more", [-1, 0, 1, 5])
def test_words_at_the_ends_of_rows(more):
    both = 2 * targets.WINDOW
    row_tokens = offsets([3, both + more, 0, 4])
    terms = np.arange(row_tokens[-1], dtype=np.int32) + 100
    sizes = [4, min(both + more, both), 0]
    words, places = np.empty(sum(sizes) + 6, np.int32), np.empty(sum(sizes) + 6, np.int64)
    owners = np.empty(len(words), np.int32)
    words_at_ends(terms, row_tokens, np.array([3, 1, 2]), words, places, owners)
    kept = words >= 0
    assert owners.tolist() == np.repeat([0, 1, 2], [size + 2 for size in sizes]).tolist()
    assert (words[kept] - 100).tolist() == places[kept].tolist()
    middle = range(3 + targets.WINDOW, 3 + targets.WINDOW + max(0, more))
    looked_at = [*range(3 + both + more, 7 + both + more), *range(3, 3 + both + more)]
    assert places[kept].tolist() == [at for at in looked_at if at not in middle]
    gap = 6 + targets.WINDOW  # after the end of the first half of the long one
    assert kept[gap] == (more <= 0)


@QUICK
@given(term_rows, phrases)
def test_find_phrase(rows, phrase):
    terms = np.array([term for row in rows for term in row], np.int32)
    row_tokens = offsets([len(row) for row in rows])
    chosen = np.arange(len(rows), dtype=np.int64)[::-1].copy()
    first = np.full(len(rows), -9, np.int64)
    count = find_phrase(terms, row_tokens, chosen, np.array(phrase, np.int32), first)
    local = [naive.find_phrase(rows[row], phrase) for row in chosen]
    expected = [
        at if at < 0 else at + row_tokens[row] for at, row in zip(local, chosen, strict=True)
    ]
    assert first.tolist() == expected
    assert count == sum(at >= 0 for at in local)


def test_a_phrase_does_not_reach_into_the_next_row():
    terms, row_tokens = np.array([0, 1, 0, 1, 2], np.int32), np.array([0, 1, 5], np.int64)
    first = np.empty(2, np.int64)
    find_phrase(terms, row_tokens, np.array([0, 1]), np.array([0, 1], np.int32), first)
    assert first.tolist() == [-1, 2]


def test_keys_of_grams_are_those_of_the_table():
    slots = table_of({("a",): 1}).slots
    assert slots[slots != 0].tolist() == [gram_key(("a",))]
