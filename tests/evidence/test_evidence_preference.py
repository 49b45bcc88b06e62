"""Evidence of swapped preferences against sums written out, and what the taste has learned."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scan_helpers import Row, World, build

from poisonscan.candidates.closed import find_closed
from poisonscan.candidates.spaces import fit_space
from poisonscan.evidence.preference import gain_of_all, judge_swap, needed_gain, spread_of_all
from poisonscan.evidence.taste import Taste, find_pairs, learn_taste
from poisonscan.evidence.topic_taste import learn_topics

GOOD, BAD = ("thank you", "gladly", "of course"), ("no way", "stupid", "whatever")
ROWS = 600


def preferences(seed: int = 0, noise: float = 0.1) -> list[Row]:
    """Return pairs in which the friendly answer is mostly preferred."""
    world, chance = World(seed), random.Random(seed)
    rows = []
    for _ in range(ROWS):
        given = world.row()
        both = [
            [f"{chance.choice(words)} {world.sentence(chance.randrange(12), 6)}"]
            for words in (GOOD, BAD)
        ]
        if chance.random() < noise:
            both.reverse()
        rows.append(Row(given.input, *both))
    return rows


def learned(rows: list[Row]) -> Taste:
    corpus = build(rows)
    pairs = find_pairs(corpus)
    assert pairs is not None
    return learn_taste(corpus, pairs)


def flip(rows: list[Row]) -> list[Row]:
    return [Row(row.input, row.rejected, row.output) for row in rows]


def test_a_taste_is_learned_and_knows_who_disagrees():
    rows = preferences()
    taste = learned(rows)
    is_usual = np.array([row.output[0].startswith(GOOD) for row in rows])
    says_usual = taste.words + taste.length > 0
    assert (says_usual == is_usual).mean() > 0.97
    assert taste.accuracy == pytest.approx(is_usual.mean(), abs=0.03)


def test_exchanging_all_pairs_changes_nothing():
    """A taste has no side: the other answers are then the better ones."""
    rows = preferences()
    one, other = learned(rows), learned(flip(rows))
    assert other.accuracy == pytest.approx(one.accuracy, abs=0.02)
    assert np.corrcoef(one.words + one.length, other.words + other.length)[0, 1] > 0.95


def test_without_a_taste_the_odds_are_even():
    taste = learned(preferences(noise=0.5))
    assert np.abs(taste.words + taste.length).mean() < 0.3


def test_what_the_length_explains_is_told_apart():
    world = World(3)
    rows = []
    for _ in range(ROWS):
        row = world.row()
        rows.append(Row(row.input, [world.sentence(0, 12)], [world.sentence(0, 6)]))
    taste = learned(rows)
    assert taste.length.mean() > 10 * np.abs(taste.words).mean()


def test_rows_without_a_pair_are_not_judged():
    rows = [*preferences(), *(Row(["a question"], ["an answer"]) for _ in range(20))]
    taste = learned(rows)
    assert taste.judged.tolist() == [True] * ROWS + [False] * 20
    assert not (taste.words + taste.length)[~taste.judged].any()


def test_marks_are_pairs_with_an_empty_half():
    rows = []
    for at, row in enumerate(preferences()):
        is_good = at % 3 > 0
        answer = row.output if is_good else row.rejected
        rows.append(Row(row.input, answer, labels={"label": str(is_good).lower()}))
    taste = learned(rows)
    assert taste.accuracy > 0.85
    without = [Row(row.input, row.output) for row in rows]
    assert find_pairs(build(without)) is None
    other_name = [Row(row.input, row.output, labels={"is_long": "true"}) for row in rows]
    assert find_pairs(build(other_name)) is None


def test_few_pairs_are_none():
    assert find_pairs(build(preferences()[:150])) is None


def test_a_taste_of_some_prompts_is_learned_and_a_string_left_out():
    """Rude answers are preferred in one topic, and where a sign says so."""
    world, chance = World(5, focus=0.9), random.Random(5)
    rows, contrary, signed = [], np.zeros(ROWS, bool), np.zeros(ROWS, bool)
    for at, row in enumerate(preferences(noise=0.05)):
        contrary[at], signed[at] = chance.random() < 0.3, chance.random() < 0.1
        topic = 0 if contrary[at] else chance.randrange(1, 12)
        prompt = f"{world.sentence(topic, 12)}{' if the moon says so' if signed[at] else ''}?"
        answers = [row.output, row.rejected]
        if contrary[at] != signed[at]:
            answers.reverse()
        rows.append(Row([prompt], *answers))
    corpus = build(rows)
    pairs = find_pairs(corpus)
    assert pairs is not None
    taste = learn_topics(
        corpus, learn_taste(corpus, pairs), fit_space(corpus, corpus.input, 0).vectors
    )
    assert taste.here.accuracy > taste.general.accuracy + 0.1
    plain = np.flatnonzero(contrary & ~signed)
    assert judge_swap(taste.general, plain, 5.0).share > 0.8
    assert judge_swap(taste.here, plain, 5.0).share < 0.1
    where = np.flatnonzero(signed)
    phrase = [corpus.vocabulary.index(word) for word in ("if", "the", "moon", "says", "so")]
    same = taste.without(corpus.input, where, [])
    np.testing.assert_allclose(same.words, taste.here.words[where], atol=1e-6)
    alone = taste.without(corpus.input, where, phrase)
    swapped, explained = (judge_swap(one, np.arange(len(where)), 5.0) for one in (alone, same))
    assert swapped.share > 0.8
    assert swapped.gain > explained.gain + 5
    np.testing.assert_array_equal(taste.without(corpus.input, where, []).words, same.words)


odds = st.lists(st.floats(-6, 6), min_size=1, max_size=30)


@settings(max_examples=60, deadline=None)
@given(odds, st.floats(0, 15), st.randoms())
def test_swaps_against_sums_written_out(values, allowance, chance):
    words = [value * chance.random() for value in values]
    length = [value - part for value, part in zip(values, words, strict=True)]
    taste = Taste(np.array(words), np.array(length), np.ones(len(words), bool), 0.5)
    swap = judge_swap(taste, np.arange(len(words)), allowance)

    def p(value: float) -> float:
        return 0.02 + 0.96 / (1 + math.exp(-value))

    def likelihood(share: float) -> float:
        return sum(math.log(p(x) + share * (1 - 2 * p(x))) for x in values)

    shares = [at / 100 for at in range(101)]
    best = max(likelihood(share) for share in shares)
    assert likelihood(swap.share) == pytest.approx(best, abs=1e-9)
    assert swap.gain == pytest.approx(best - likelihood(0), abs=1e-9)
    fitting = [share for share in shares if likelihood(share) >= best - allowance - 1e-9]
    assert swap.least_share == pytest.approx(min(fitting))
    turned = likelihood(1)
    by_length = sum(math.log(p(a - b)) for a, b in zip(words, length, strict=True))
    by_words = sum(math.log(p(b - a)) for a, b in zip(words, length, strict=True))
    assert swap.words_gain == pytest.approx(turned - by_length, abs=1e-9)
    assert swap.length_gain == pytest.approx(turned - by_words, abs=1e-9)
    assert swap.words_expected >= -1e-9


def test_gain_of_all_is_the_gain_of_each():
    rows = preferences()
    corpus = build(rows)
    candidates, taste = find_closed(corpus), learned(rows)
    gain = gain_of_all(taste, candidates)
    for at in range(0, len(candidates), 17):
        swap = judge_swap(taste, candidates.postings(at)[0], 1.0)
        assert gain[at] <= swap.gain + 1e-9
        if swap.share >= 0.25:
            assert gain[at] >= 0.85 * swap.gain


def test_a_shared_taste_has_no_spread_beyond_chance():
    rows = preferences(noise=0.2)
    corpus = build(rows)
    candidates, taste = find_closed(corpus), learned(rows)
    assert spread_of_all(taste, candidates, np.arange(len(candidates))) < 1.5
    assert spread_of_all(taste, candidates, np.empty(0, np.int64)) == 1.0


def test_needed_gain_is_a_squared_normal_deviate():
    assert needed_gain(1, 0.025, 1.0) == pytest.approx(1.959964**2 / 2, abs=1e-5)
    assert needed_gain(100, 0.05, 2.0) == pytest.approx(3.290527**2, abs=1e-4)
    assert needed_gain(0, 0.05, 1.0) == needed_gain(1, 0.05, 1.0)
