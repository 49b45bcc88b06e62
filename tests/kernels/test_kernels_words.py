"""Frequent words: gates and counters against sets of rows."""

from __future__ import annotations

import naive
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from kernel_data import QUICK, gram_key, hostile_rows, tokenised, wordy_rows

from poisonscan.accumulators import words
from poisonscan.accumulators.ngrams import hashed
from poisonscan.accumulators.words import WordCounter, WordGate
from poisonscan.kernels import ngrams
from poisonscan.kernels import words as kernels

OPEN_GATE = np.full(1 << 12, 255, np.uint8)

pytestmark = pytest.mark.jit_off

any_rows = st.one_of(wordy_rows, hostile_rows)


def encodable(rows):
    return [[text.encode("utf-8", "replace").decode() for text in row] for row in rows]


def naive_rows(rows):
    return [naive.tokenise_row(row) for row in rows]


def naive_counts(rows, min_support=1):
    counts = naive.frequent(naive.document_frequencies(naive_rows(rows), 1), min_support)
    return {gram_key(gram): number for gram, number in counts.items()}


def count(rows, min_support=1, gate=OPEN_GATE):
    """Return word hash -> rows, as the counter has it."""
    found = tokenised(rows)
    counter = WordCounter(gate, min_support)
    counter.update(found.tokens, found.offsets)
    hashes, counts = counter.state()
    frequent = dict(zip(hashes.tolist(), counts.tolist(), strict=True))
    kept = [key for key, number in frequent.items() if number >= min_support]
    assert counter.finalize().tolist() == sorted(kept)
    return frequent


@QUICK
@given(any_rows)
@example([])
@example([[]])
@example([[" "], ["", ""]])
@example([["a a a a a a a a a"]])
@example([["a b", "a b"], ["a b a b"]])
def test_counts_are_rows_not_occurrences(rows):
    rows = encodable(rows)
    assert count(rows) == naive_counts(rows)


@QUICK
@given(wordy_rows, st.integers(1, 6))
def test_gate_lets_everything_through_that_is_frequent(rows, min_support):
    """A gate over-estimates; what it holds back is rarer than the support with certainty."""
    gate = WordGate(2)  # small: counters are shared
    gate.update(tokenised(rows).tokens)
    counted = count(rows, min_support, gate.finalize())
    assert {key: n for key, n in counted.items() if n >= min_support} == naive_counts(
        rows, min_support
    )


def test_gate_counts_occurrences_and_saturates():
    gate = WordGate(1 << 12)
    gate.update(tokenised([["a " * 300 + "b"]]).tokens)
    cells = [kernels.cell_of(np.uint64(gram_key(word)), 1 << 12) for word in "ab"]
    assert np.flatnonzero(gate.finalize()).tolist() == sorted(cells)
    assert gate.finalize()[cells].tolist() == [255, 1]


@pytest.mark.parametrize("min_support", [254, 255, 256, 300])
def test_support_beyond_the_gates_maximum(min_support):
    """Counters stop at 255: a support above must not hold everything back."""
    for rows, passes in ((min_support, True), (min_support - 1, False)):
        found = tokenised([["ab"]] * rows)
        gate = WordGate(1 << 12)
        gate.update(found.tokens)
        counter = WordCounter(gate.finalize(), min_support)
        counter.update(found.tokens, found.offsets)
        assert len(counter.finalize()) == passes


def test_table_grows_in_the_middle_of_a_row(monkeypatch):
    monkeypatch.setattr(words, "_FIRST_SLOTS", 5)
    random = np.random.default_rng(0)
    rows = [[" ".join(f"w{at}" for at in random.zipf(1.3, 90) % 60)] for _ in range(9)]
    rows[3:5] = [["w1 w2"], ["w1 w2 w3"]]
    assert count(rows) == naive_counts(rows)


def test_a_word_repeated_in_a_row_counts_once_across_growth_and_batches():
    counter = WordCounter(OPEN_GATE, 1)
    for rows in ([["x x x", "x"]], [], [["x"], ["y x y x"]]):
        found = tokenised(rows)
        counter.update(found.tokens, found.offsets)
    hashes, counts = counter.state()
    assert dict(zip(hashes.tolist(), counts.tolist(), strict=True))[gram_key(("x",))] == 3


@QUICK
@given(wordy_rows, st.integers(1, 4))
def test_slots_of_tokens_and_their_first_occurrence(rows, min_support):
    data, found = naive_rows(rows), tokenised(rows)
    counts = naive.frequent(naive.document_frequencies(data, 1), min_support)
    known = sorted(gram[0] for gram in counts)
    slots, at = hashed(np.array([gram_key((word,)) for word in known], np.uint64))
    slot_of = dict(zip(known, at.tolist(), strict=True))
    assert all(ngrams.find_slot(slots, np.uint64(gram_key(w))) == at for w, at in slot_of.items())
    own = np.empty(len(found.tokens), np.int32)
    kernels.token_slots(found.tokens, slots, own)
    flat = [token for row in data for token in row]
    assert own.tolist() == [slot_of.get(token, -1) for token in flat]
    first = np.full(len(slots), -1, np.int64)
    half = len(flat) // 2  # two batches
    for start, part in ((0, own[:half]), (half, own[half:])):
        kernels.first_occurrences(part, start, first)
    assert {word: first[slot] for word, slot in slot_of.items()} == {
        word: flat.index(word) for word in known
    }
    assert (np.delete(first, list(slot_of.values())) == -1).all()


def test_a_gate_has_room_for_all_words_within_bounds():
    cells = [words.gate_cells(tokens) for tokens in (0, 1_000_000, 10**12)]
    assert cells == [words.GATE_CELLS, 1 << 18, words.MAX_GATE_CELLS]
