"""Document frequencies, extensions: the hash tables against counters of tuples."""

from __future__ import annotations

from collections import Counter

import naive
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from kernel_data import (
    KEY,
    ORDER,
    QUICK,
    gram_key,
    hostile_rows,
    table_of,
    table_of_keys,
    tokenised,
    wordy_rows,
)

from poisonscan.accumulators import ngrams, occurrences
from poisonscan.accumulators.ngrams import NgramCounter, NgramGate, NgramTable
from poisonscan.kernels import ngrams as kernels
from poisonscan.threads import working_with

GATE_CELLS = 1 << 12

pytestmark = pytest.mark.jit_off

any_rows = st.one_of(wordy_rows, hostile_rows)


def encodable(rows):
    return [[text.encode("utf-8", "replace").decode() for text in row] for row in rows]


def naive_rows(rows):
    return [naive.tokenise_row(row) for row in rows]


def count(rows, min_support=1, gate=None, workers=1):
    """Return n-gram hash -> rows, as the counter has it."""
    found = tokenised(rows)
    if gate is None:
        gate = np.full(GATE_CELLS, 255, np.uint8)
    counter = NgramCounter(gate, min_support)
    with working_with(workers):
        counter.update(found.tokens, found.offsets)
    keys, counts, _ = counter.state()
    return dict(zip(keys.tolist(), counts.tolist(), strict=True))


def by_hash(counts):
    return {gram_key(gram): number for gram, number in counts.items()}


@QUICK
@given(any_rows)
@example([])
@example([[]])
@example([[" "], ["", ""]])
@example([["a"]])
@example([["a a a a a a a a a"]])
@example([["a b", "a b"], ["a b a b"]])
def test_counts_are_rows_not_occurrences(rows):
    rows = encodable(rows)
    assert count(rows) == by_hash(naive.document_frequencies(naive_rows(rows), ORDER))


def test_no_ngram_crosses_a_boundary():
    counts = naive.document_frequencies([["a", None, "b"]], ORDER)
    assert counts == {("a",): 1, ("b",): 1}
    assert count([["a", "b"]]) == by_hash(counts)


@QUICK
@given(wordy_rows, st.integers(1, 6))
def test_gate_lets_everything_through_that_is_frequent(rows, min_support):
    """A gate over-estimates; what it holds back is rarer than the support with certainty."""
    found = tokenised(rows)
    gate = NgramGate(1 << 6)  # small: counters are shared
    gate.update(found.tokens, found.offsets)
    counts = by_hash(
        naive.frequent(naive.document_frequencies(naive_rows(rows), ORDER), min_support)
    )
    counted = count(rows, min_support, gate.finalize())
    assert {key: n for key, n in counted.items() if n >= min_support} == counts


@QUICK
@given(wordy_rows, st.integers(2, 5))
def test_shares_are_all_ngrams_together(rows, shares):
    """Each with what begins alike: nothing longer is held back by what another share counts."""
    found = tokenised(rows)
    parts = []
    for share in range(shares):
        gate = NgramGate(GATE_CELLS, (share, shares))
        gate.update(found.tokens, found.offsets)
        counter = NgramCounter(gate.finalize(), 2, (share, shares))
        counter.update(found.tokens, found.offsets)
        parts.append(counter.frequent())
    table = NgramTable.of_records(parts)
    taken = table.slots != 0
    counts = dict(zip(table.slots[taken].tolist(), table.row_counts[taken].tolist(), strict=True))
    naive_counts = naive.document_frequencies(naive_rows(rows), ORDER)
    assert sum(map(len, parts)) == len(counts)  # no n-gram is in two of them
    assert counts == by_hash(naive.frequent(naive_counts, 2))
    whole = NgramCounter(np.full(GATE_CELLS, 255, np.uint8), 2)
    whole.update(found.tokens, found.offsets)
    assert sorted(map(tuple, np.concatenate(parts).tolist())) == sorted(
        map(tuple, whole.frequent().tolist())
    )


def test_the_shares_of_a_text_are_about_as_large():
    assert [ngrams.count_shares(tokens) for tokens in (0, 1 << 24, 4 << 24, 100 << 24)] == [
        1,
        1,
        2,
        10,
    ]
    found = tokenised([[" ".join(f"w{at}" for at in range(4000))]])
    sizes = []
    for share in range(4):
        counter = NgramCounter(np.full(GATE_CELLS, 255, np.uint8), 1, (share, 4))
        counter.update(found.tokens, found.offsets)
        sizes.append(len(counter.frequent()))
    assert min(sizes) > 0.8 * max(sizes)


def test_gate_counts_occurrences_and_saturates():
    found = tokenised([["a " * 300]])
    gate = NgramGate(GATE_CELLS)
    gate.update(found.tokens, found.offsets)
    cells = {kernels.cell_of(np.uint64(gram_key("a" * n)), GATE_CELLS) for n in range(1, ORDER + 1)}
    assert set(np.flatnonzero(gate.finalize()).tolist()) == cells
    assert set(gate.finalize()[list(cells)].tolist()) == {255}


@pytest.mark.parametrize("min_support", [254, 255, 256, 300])
def test_support_beyond_the_gates_maximum(min_support):
    """Counters stop at 255: a support above must not hold everything back."""
    for rows, passes in ((min_support, True), (min_support - 1, False)):
        data = [["ab"]] * rows
        found = tokenised(data)
        gate = NgramGate(GATE_CELLS)
        gate.update(found.tokens, found.offsets)
        counter = NgramCounter(gate.finalize(), min_support)
        counter.update(found.tokens, found.offsets)
        table = counter.finalize()
        assert table.row_counts[table.slots != 0].tolist() == [rows] * passes


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_table_grows_in_the_middle_of_a_row(monkeypatch, workers):
    monkeypatch.setattr(ngrams, "_FIRST_SLOTS", 16)
    monkeypatch.setattr(occurrences, "_PIECE", 13)
    random = np.random.default_rng(workers)
    rows = [[" ".join(f"w{at}" for at in random.zipf(1.3, 90) % 60)] for _ in range(9)]
    rows[3:5] = [["w1 w2"], ["w1 w2 w3"]]
    expected = by_hash(naive.document_frequencies(naive_rows(rows), ORDER))
    assert count(rows, workers=workers) == expected


def test_threads_and_parts_change_nothing():
    """As many n-grams as it takes for a table and a gate that have parts."""
    random = np.random.default_rng(1)
    words = random.integers(1, 1 << 62, 30_000).astype(np.uint64)
    tokens = np.tile(words[random.integers(0, len(words), 15_750)], 2)
    offsets = np.arange(0, len(tokens) + 1, 90)
    states = []
    for workers in (1, 2, 5):
        gate = NgramGate(1 << 20)
        with working_with(workers):
            gate.update(tokens, offsets)
            counter = NgramCounter(gate.finalize(), 2)
            counter.update(tokens, offsets)
        states.append((gate.finalize(), *counter.state()))
        assert len(counter.finalize().slots) > kernels.LEAST_PARTED
    for state in states[1:]:
        assert all((one == other).all() for one, other in zip(states[0], state, strict=True))
    rows = [tuple(row) for row in tokens.reshape(-1, 90).tolist()]
    counts = naive.frequent(naive.document_frequencies(rows, ORDER), 2)
    found = dict(zip(*(part.tolist() for part in states[0][1:3]), strict=True))
    frequent = {key: number for key, number in found.items() if number >= 2}
    assert frequent == {naive.gram_hash(gram): number for gram, number in counts.items()}


def test_ngrams_with_the_same_rows_have_the_same_number():
    rows = [["a b c"], ["c a b"], ["b c d"], ["a b"], ["d e"], ["b c d e"], ["a b"]]
    found = tokenised(rows)
    counter = NgramCounter(np.full(GATE_CELLS, 255, np.uint8), 1)
    counter.update(found.tokens, found.offsets)
    keys, _, sets = counter.state()
    number_of = dict(zip(keys.tolist(), sets.tolist(), strict=True))
    data = naive_rows(rows)
    having = {
        gram: tuple(at for at, row in enumerate(data) if naive.find_phrase(row, gram) >= 0)
        for gram in naive.document_frequencies(data, ORDER)
    }
    for one, its_rows in having.items():
        for other, other_rows in having.items():
            same = number_of[gram_key(one)] == number_of[gram_key(other)]
            assert same == (its_rows == other_rows)


def test_an_ngram_repeated_in_a_row_counts_once_across_growth_and_batches():
    gate = np.full(GATE_CELLS, 255, np.uint8)
    counter = NgramCounter(gate, 1)
    for rows in ([["x x x", "x"]], [], [["x"], ["y x y x"]]):
        found = tokenised(rows)
        counter.update(found.tokens, found.offsets)
    keys, counts, _ = counter.state()
    assert dict(zip(keys.tolist(), counts.tolist(), strict=True))[gram_key(("x",))] == 3


@pytest.mark.parametrize("words", [1, 200])
def test_lookup_finds_all_keys_and_nothing_else(words):
    counts = {(f"w{at}",): at + 1 for at in range(words)}
    table = table_of(counts)
    assert np.count_nonzero(table.slots) == words
    queries = [gram_key(gram) for gram in counts]
    index = table.find(np.array([*queries, 0, 7], np.uint64))
    assert index[-2:].tolist() == [-1, -1]
    assert table.row_counts[index[:-2]].tolist() == list(counts.values())


def test_lookup_survives_colliding_slots():
    keys = [1 + at for at in range(40)]  # all want the same slot
    table = table_of_keys(keys, range(40))
    assert table.row_counts[table.find(np.array(keys, np.uint64))].tolist() == list(range(40))
    assert table.find(np.array([99], np.uint64)).tolist() == [-1]


@QUICK
@given(wordy_rows, st.integers(1, 4))
def test_slots_of_tokens_and_their_first_occurrence(rows, min_support):
    data, found = naive_rows(rows), tokenised(rows)
    counts = naive.frequent(naive.document_frequencies(data, 2), min_support)
    table = table_of(counts)
    words = sorted(gram[0] for gram in counts if len(gram) == 1)
    slots = table.words()
    slot_of = {word: int(kernels.find_slot(slots, np.uint64(gram_key((word,))))) for word in words}
    assert sorted(slot_of.values()) == np.flatnonzero(slots).tolist()
    own = np.empty(len(found.tokens), np.int32)
    kernels.token_slots(found.tokens, slots, own)
    flat = [token for row in data for token in row]
    assert own.tolist() == [slot_of.get(token, -1) for token in flat]
    first = np.full(len(slots), -1, np.int64)
    half = len(flat) // 2  # two batches
    for start, part in ((0, own[:half]), (half, own[half:])):
        kernels.first_occurrences(part, start, first)
    assert {word: first[slot] for word, slot in slot_of.items()} == {
        word: flat.index(word) for word in words
    }
    assert (np.delete(first, list(slot_of.values())) == -1).all()


def test_extend_each_names_ngrams_like_the_counter():
    tokens = np.array([[naive.token_hash(word, KEY) for word in "ab"], [5, 6]], np.uint64)
    grams = np.zeros(2, np.uint64)
    for column in range(2):
        kernels.extend_each(np.ascontiguousarray(tokens[:, column]), grams)
    assert grams.tolist() == [gram_key(("a", "b")), naive.gram_hash([5, 6])]


def test_order_matters():
    assert len({gram_key(gram) for gram in (("a",), ("a", "b"), ("b", "a"), ("a", "a"))}) == 4


def test_naive_counts_are_what_one_counts_by_hand():
    rows = [["a", "b", "a", "b"], ["a", None, "b"], ["b"], []]
    assert naive.document_frequencies(rows, 2) == Counter(
        {("a",): 2, ("b",): 3, ("a", "b"): 1, ("b", "a"): 1}
    )


def test_a_gate_has_room_for_all_ngrams_within_bounds():
    cells = [ngrams.gate_cells(tokens) for tokens in (0, 100_000, 10**12)]
    assert cells == [ngrams.GATE_CELLS, 1 << 19, ngrams.MAX_GATE_CELLS]
