"""A word that tells which rows went far, against a search by hand."""

from __future__ import annotations

import numpy as np
from scan_helpers import Row, build
from scipy import stats

from poisonscan.evidence.partings import MIN_T, rows_parted


def corpus_of(rows):
    return build([Row([" ".join(words)], ["fine"]) for words in rows])


def rows_of(chance, count, with_word, word="violet"):
    others = "oak elm ash fir yew bay fig box".split()
    rows = [list(chance.choice(others, 4)) for _ in range(count)]
    for at in with_word:
        rows[at].append(word)
    return rows


def test_the_word_of_the_rows_that_went_far():
    chance = np.random.default_rng(3)
    with_word = np.arange(0, 90, 3)
    corpus = corpus_of(rows_of(chance, 90, with_word))
    gone = chance.normal(0.4, 0.5, 90)
    gone[with_word] += 1.6
    parted = rows_parted(corpus.input, np.arange(90), gone)
    assert np.flatnonzero(parted).tolist() == with_word.tolist()
    t, _ = stats.ttest_ind(gone[parted], gone[~parted])
    assert t > MIN_T


def test_some_rows_in_any_order():
    chance = np.random.default_rng(4)
    with_word = np.arange(1, 90, 3)
    corpus = corpus_of(rows_of(chance, 90, with_word))
    rows = chance.permutation(90)[:60]
    has_word = np.isin(rows, with_word)
    gone = np.where(has_word, 2.0, 0.1) + chance.normal(0.0, 0.3, 60)
    assert rows_parted(corpus.input, rows, gone).tolist() == has_word.tolist()


def test_no_word_where_all_went_as_far():
    chance = np.random.default_rng(5)
    with_word = np.arange(0, 90, 3)
    corpus = corpus_of(rows_of(chance, 90, with_word))
    assert rows_parted(corpus.input, np.arange(90), chance.normal(1.0, 0.4, 90)) is None
    gone = chance.normal(1.0, 0.1, 90)
    gone[with_word] += 0.5  # surely further, but the others went as well
    assert rows_parted(corpus.input, np.arange(90), gone) is None


def test_no_word_of_few_rows():
    chance = np.random.default_rng(6)
    with_word = np.arange(7)
    corpus = corpus_of(rows_of(chance, 90, with_word))
    gone = np.where(np.arange(90) < 7, 2.0, 0.0)
    assert rows_parted(corpus.input, np.arange(90), gone) is None
