"""Names of n-grams, and tables of them."""

from __future__ import annotations

from collections import Counter

import naive
import numpy as np
import pytest
from kernel_data import KEY, gram_key, table_of, table_of_keys

from poisonscan.accumulators.ngrams import table_size
from poisonscan.kernels import ngrams as kernels

pytestmark = pytest.mark.jit_off


@pytest.mark.parametrize("words", [0, 1, 200])
def test_lookup_finds_all_keys_and_nothing_else(words):
    counts = {(f"w{at}",): at + 1 for at in range(words)}
    table = table_of(counts)
    assert np.count_nonzero(table.slots) == words
    queries = [gram_key(gram) for gram in counts]
    index = table.find(np.array([*queries, 0, 7], np.uint64))
    assert index[-2:].tolist() == [-1, -1]
    assert table.row_counts[index[:-2]].tolist() == list(counts.values())
    assert table.count(np.array([7, *queries], np.uint64)).tolist() == [0, *counts.values()]


def test_lookup_survives_colliding_slots():
    keys = [1 + at for at in range(40)]  # all want the same slot
    table = table_of_keys(keys, range(40))
    assert table.row_counts[table.find(np.array(keys, np.uint64))].tolist() == list(range(40))
    assert table.find(np.array([99], np.uint64)).tolist() == [-1]


def test_a_search_goes_on_at_the_beginning():
    last = (1 << 63) - 1  # wants the last slot
    keys = [last - at for at in range(5)]
    table = table_of_keys(keys, range(5))
    homes = {kernels.home_of(np.uint64(key), len(table.slots)) for key in keys}
    assert homes == {len(table.slots) - 1}
    assert table.row_counts[table.find(np.array(keys, np.uint64))].tolist() == list(range(5))


def test_a_table_is_never_full():
    """Or a search for what is not in it would not end."""
    assert all(table_size(n) > n / (kernels.MAX_LOAD + 0.1) for n in range(1, 1000))
    assert table_size(0) > 0


def test_extend_each_names_ngrams_like_the_others():
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
