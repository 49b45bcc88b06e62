"""Growing, trimming and weighing phrases."""

from __future__ import annotations

from collections import Counter

import naive
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from kernel_data import ORDER, QUICK, offsets, table_of, terms_of, tokenised

from poisonscan.kernels import phrases as kernels
from poisonscan.kernels.beside import NOTHING

pytestmark = pytest.mark.jit_off

term_rows = st.lists(st.lists(st.integers(-1, 2), min_size=1, max_size=9), min_size=1, max_size=8)
#: Rows with one phrase in different surroundings that often agree.
sentences = st.lists(
    st.tuples(st.text("ab", max_size=3), st.text("ab", max_size=3)), min_size=1, max_size=12
)
WORDS = "wxyz"


def flat(rows):
    return np.array([item for row in rows for item in row], np.int32), offsets(list(map(len, rows)))


@QUICK
@given(term_rows, st.data(), st.sampled_from([0.6, 0.9]))
def test_agreed_term(rows, data, share):
    places = [data.draw(st.integers(-2, len(row) + 1)) for row in rows]
    terms, row_tokens = flat(rows)
    first = np.array(places, np.int32)
    chosen = np.arange(len(rows), dtype=np.int32)
    begin = data.draw(st.integers(0, len(rows) - 1))
    for offset in (0, 1, -1):
        expected = naive.agreed_item(rows[begin:], [at + offset for at in places[begin:]], share)
        at_place = zip(rows, places, strict=True)
        known = [row[at + offset] if 0 <= at + offset < len(row) else -2 for row, at in at_place]
        for beside in ([], known):
            column = np.array(beside, np.int32)
            found = kernels.agreed_term(
                terms, row_tokens, chosen, first, column, begin, len(rows), offset, share
            )
            assert found == expected


@pytest.mark.parametrize("known", [[2, 2, 2], [1, 0, 2]])
def test_what_is_known_is_not_read(known):
    """The rows say otherwise."""
    terms, row_tokens = flat([[1, 1]] * 3)
    rows, first, beside = np.array([[0, 1, 2], [0, 0, 0], known], np.int32)
    found = kernels.agreed_term(terms, row_tokens, rows, first, beside, 0, 3, 1, 0.9)
    assert found == (2 if known == [2, 2, 2] else -1)


@QUICK
@given(sentences, st.sampled_from([0.6, 0.9]), st.integers(3, 9))
def test_grow_phrase(around, share, most):
    phrase = [2, 3, 2]
    rows = [[*map("ab".index, left), *phrase, *map("ab".index, right)] for left, right in around]
    first = [len(left) for left, _ in around]
    terms, row_tokens = flat(rows)
    out = np.full(2 * most, -9, np.int32)
    out[most : most + len(phrase)] = phrase
    chosen, places = np.arange(len(rows), dtype=np.int32), np.array(first, np.int32)
    packed = kernels.grow_phrase(terms, row_tokens, chosen, places, len(phrase), share, out)
    before, size = divmod(packed, len(out))
    grown = out[most - before : most - before + size].tolist()
    assert (before, grown) == naive.grow_phrase(rows, first, phrase, share, most)


@QUICK
@given(
    st.lists(st.tuples(st.integers(1, 4), st.just([]) | sentences), max_size=4),
    st.sampled_from([0.6, 0.9]),
    st.integers(1, 7),
)
def test_grow_strings(groups, share, most):
    """Many strings at once, each as it grows by itself; one that no row has stays as it is."""
    rows, first_token, sizes, expected = [], [], [], []
    for size, around in groups:
        phrase = [2, 3, 2, 2][:size]
        own = [[*map("ab".index, left), *phrase, *map("ab".index, right)] for left, right in around]
        at = [len(left) for left, _ in around]
        before, grown = naive.grow_phrase(own, at, phrase, share, most) if own else (0, phrase)
        expected.append((before, len(grown)))
        first_token += at
        sizes.append(size)
        rows += own
    terms, row_tokens = flat(rows)
    edges = offsets([len(around) for _, around in groups])
    ends = [
        at + size for at, size in zip(first_token, np.repeat(sizes, np.diff(edges)), strict=True)
    ]
    lefts = [row[at - 1] if at else NOTHING for row, at in zip(rows, first_token, strict=True)]
    rights = [row[at] if at < len(row) else NOTHING for row, at in zip(rows, ends, strict=True)]
    for beside in (([], []), (lefts, rights)):
        before, length = np.zeros(len(groups), np.int64), np.array(sizes, np.int64)
        kernels.grow_strings(
            terms,
            row_tokens,
            edges[:-1].copy(),
            edges[1:].copy(),
            np.arange(len(rows), dtype=np.int32),
            np.array(first_token, np.int32),
            *(np.array(column, np.int32) for column in beside),
            len(rows),
            share,
            most,
            before,
            length,
        )
        assert list(zip(before.tolist(), length.tolist(), strict=True)) == expected


@QUICK
@given(st.lists(st.text("wxyz", max_size=9), min_size=1, max_size=10), st.data())
def test_trim_rarest_and_odds(texts, data):
    rows = [list(text) for text in texts]
    at = data.draw(st.integers(0, len(rows) - 1))
    assume(rows[at])
    start = data.draw(st.integers(0, len(rows[at]) - 1))
    phrase = tuple(rows[at][start : start + data.draw(st.integers(1, 9))])
    support = data.draw(st.integers(1, 3))
    counts = naive.frequent(naive.document_frequencies(rows, ORDER), support)
    table, found = table_of(counts), tokenised([[" ".join(row)] for row in rows])
    grams = table.slots, table.row_counts
    terms, hashes = terms_of(rows)
    first = int(found.offsets[at]) + start
    numbers = terms[first : first + len(phrase)].copy()

    rarest = kernels.rarest_gram(hashes, numbers, ORDER, *grams)
    assert rarest == naive.rarest_gram(counts, phrase, ORDER)

    left = np.full(2, -9, np.int64)
    chosen = np.arange(len(rows))
    rarest = kernels.trim_lonely_edges(
        hashes, terms, found.offsets, chosen, numbers, ORDER, *grams, left
    )
    assert (*left.tolist(), rarest) == naive.trim_lonely_edges(rows, counts, phrase, ORDER)

    odds, hits = np.full(len(phrase), np.nan), data.draw(st.integers(0, 2))
    kernels.phrase_odds(hashes, numbers, *grams, hits, 17, 2.0, odds)
    assert odds.tolist() == naive.phrase_odds(Counter(counts), phrase, hits, 17, 2.0)


def test_the_full_stop_before_a_sentence_goes():
    rows = [list(text) for text in ["xwyzwy", "xwyzwy", "zwyzwy"]]
    counts = naive.document_frequencies(rows, ORDER)
    assert naive.trim_lonely_edges(rows, counts, tuple("xwyzwy"), ORDER) == (1, 5, 3)


@QUICK
@given(term_rows, st.lists(st.integers(0, 2), min_size=1, max_size=5), st.integers(1, 9))
def test_count_rows_without_stem(rows, phrase, most):
    stems = np.array([1024, 0, 1024], np.int32)  # stems that meet in one slot
    terms, row_tokens = flat(rows)
    out = np.full(len(phrase), -9, np.int64)
    chosen = np.arange(len(rows))
    numbers = np.array(phrase, np.int32)
    kernels.count_rows_without_stem(terms, row_tokens, chosen, most, stems, numbers, out)
    expected = naive.count_rows_without_stem([row[:most] for row in rows], stems, phrase)
    assert out.tolist() == expected
