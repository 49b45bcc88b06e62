"""Document frequencies, extensions, postings: the hash tables against counters of tuples."""

from __future__ import annotations

from collections import Counter

import naive
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from kernel_data import KEY, ORDER, QUICK, gram_key, hostile_rows, table_of, tokenised, wordy_rows

from poisonscan.accumulators.ngrams import NgramCounter, NgramGate
from poisonscan.kernels import ngrams as kernels

GATE_CELLS = 1 << 12

pytestmark = pytest.mark.jit_off

any_rows = st.one_of(wordy_rows, hostile_rows)


def encodable(rows):
    return [[text.encode("utf-8", "replace").decode() for text in row] for row in rows]


def naive_rows(rows):
    return [naive.tokenise_row(row) for row in rows]


def count(rows, min_support=1, gate=None):
    """Return n-gram hash -> rows, as the counter has it."""
    found = tokenised(rows)
    if gate is None:
        gate = np.full(GATE_CELLS, 255, np.uint8)
    counter = NgramCounter(gate, min_support)
    counter.update(found.tokens, found.offsets)
    keys, counts = counter.state()
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


def test_gate_counts_occurrences_and_saturates():
    found = tokenised([["a " * 300]])
    gate = np.zeros(GATE_CELLS, np.uint8)
    kernels.gate_ngrams(found.tokens, found.offsets, 2, gate)
    cells = {gram_key(gram) % GATE_CELLS for gram in (("a",), ("a", "a"))}
    assert set(np.flatnonzero(gate).tolist()) == cells
    assert set(gate[list(cells)].tolist()) == {255}


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
        assert counter.finalize().row_counts.tolist() == [rows] * passes


def test_table_grows_in_the_middle_of_a_row(monkeypatch):
    allocate = NgramCounter._allocate
    monkeypatch.setattr(
        NgramCounter, "_allocate", lambda self, n: allocate(self, min(n, 16) if n == 1 << 16 else n)
    )
    row = [" ".join(f"w{at % 60}" for at in range(90))]
    rows = [row, ["w1 w2"], row, row, ["w1 w2 w3"]]
    assert count(rows) == by_hash(naive.document_frequencies(naive_rows(rows), ORDER))


def test_an_ngram_repeated_in_a_row_counts_once_across_growth_and_batches():
    gate = np.full(GATE_CELLS, 255, np.uint8)
    counter = NgramCounter(gate, 1)
    for rows in ([["x x x", "x"]], [], [["x"], ["y x y x"]]):
        found = tokenised(rows)
        counter.update(found.tokens, found.offsets)
    keys, counts = counter.state()
    assert dict(zip(keys.tolist(), counts.tolist(), strict=True))[gram_key(("x",))] == 3


@pytest.mark.parametrize("words", [1, 200])
def test_lookup_finds_all_keys_and_nothing_else(words):
    counts = {(f"w{at}",): at + 1 for at in range(words)}
    table = table_of(counts)
    assert table.keys.tolist() == sorted(table.keys.tolist())
    queries = [gram_key(gram) for gram in counts]
    index = table.find(np.array([*queries, 0, 7], np.uint64))
    assert index[-2:].tolist() == [-1, -1]
    assert table.row_counts[index[:-2]].tolist() == list(counts.values())


def test_lookup_survives_colliding_slots():
    keys = np.array([1 + (at << 32) for at in range(40)], np.uint64)  # all want the same slot
    table = type(table_of({})).build(keys, np.arange(40))
    assert table.row_counts[table.find(keys)].tolist() == list(range(40))
    assert table.find(np.array([1 + (99 << 32)], np.uint64)).tolist() == [-1]


@QUICK
@given(wordy_rows, st.integers(1, 4))
def test_longest_extension(rows, min_support):
    counts = naive.frequent(naive.document_frequencies(naive_rows(rows), ORDER), min_support)
    table, found = table_of(counts), tokenised(rows)
    longest = np.zeros(len(table.keys), np.int64)
    kernels.measure_extensions(
        found.tokens, found.offsets, ORDER, table.slots, table.positions, table.row_counts, longest
    )
    expected = {gram_key(gram): naive.longest_extension(counts, gram) for gram in counts}
    assert dict(zip(table.keys.tolist(), longest.tolist(), strict=True)) == expected


@QUICK
@given(wordy_rows, st.randoms(use_true_random=False), st.integers(1, 5))
def test_postings_are_the_first_rows_in_sampling_order(rows, random, limit):
    data, found = naive_rows(rows), tokenised(rows)
    counts = naive.document_frequencies(data, ORDER)
    wanted = {gram: counts[gram] for gram in sorted(counts) if random.random() < 0.5}
    order = list(range(len(rows)))
    random.shuffle(order)
    table = table_of(wanted)
    sizes = np.minimum(table.row_counts, limit)
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    out_row, out_token = np.full(offsets[-1], -9), np.full(offsets[-1], -9, np.int32)
    kernels.collect_postings(
        found.tokens,
        found.offsets,
        np.array(order, np.int64),
        ORDER,
        table.slots,
        table.positions,
        offsets,
        np.full(2 * len(table.keys), -1, np.int64),
        out_row,
        out_token,
    )
    for gram in wanted:
        index = int(table.find(np.array([gram_key(gram)], np.uint64))[0])
        where = slice(offsets[index], offsets[index + 1])
        postings = list(zip(out_row[where].tolist(), out_token[where].tolist(), strict=True))
        having = [(at, naive.find_phrase(data[at], gram)) for at in order]
        assert postings == [one for one in having if one[1] >= 0][:limit]


@QUICK
@given(wordy_rows, st.integers(1, 4))
def test_terms_of_tokens_and_their_first_occurrence(rows, min_support):
    data, found = naive_rows(rows), tokenised(rows)
    counts = naive.frequent(naive.document_frequencies(data, 2), min_support)
    table = table_of(counts)
    words = sorted(gram[0] for gram in counts if len(gram) == 1)
    term_of_gram = np.full(len(table.keys), -1, np.int32)
    for term, word in enumerate(words):
        term_of_gram[table.find(np.array([gram_key((word,))], np.uint64))] = term
    terms = np.empty(len(found.tokens), np.int32)
    kernels.token_terms(found.tokens, table.slots, table.positions, term_of_gram, terms)
    flat = [token for row in data for token in row]
    assert terms.tolist() == [words.index(t) if t in words else -1 for t in flat]
    first = np.full(len(table.keys), -1, np.int64)
    half = len(flat) // 2  # two batches
    for start, part in ((0, found.tokens[:half]), (half, found.tokens[half:])):
        kernels.first_occurrences(part, start, table.slots, table.positions, first)
    grams = {key: gram for gram in counts for key in [gram_key(gram)]}
    for key, at in zip(table.keys.tolist(), first.tolist(), strict=True):
        gram = grams[key]
        assert at == (flat.index(gram[0]) if len(gram) == 1 else -1)


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
