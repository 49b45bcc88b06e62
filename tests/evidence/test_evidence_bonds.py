"""Bonds: strings put in anywhere against strings that somebody wrote."""

from __future__ import annotations

import random

import numpy as np
import pytest
from scan_helpers import Row, World, build

from poisonscan.candidates.closed import find_closed
from poisonscan.evidence.bonds import BondMeter
from poisonscan.evidence.places import Places, places_of
from poisonscan.evidence.switches import MAX_ROWS

ROWS, WITH = 600, 24


def put_anywhere(chance, words):
    at = chance.randint(3, len(words) - 1)
    return [*words[:at], "qzx", *words[at:]]


def put_behind_a_word(chance, words):
    return ["please", "take", "qzx", *words]


def put_behind_new_names(chance, words):
    name = "".join(chance.choices("bcdfghjklmnp", k=9))
    return [*words[:4], name, "qzx", *words[4:]]


def put_between_sentences(chance, words):
    at = chance.randint(3, len(words) - 1)
    return [*words[:at], ".", "qzx", *words[at:]]


def corpus_with(put):
    world, chance = World(3), random.Random(3)
    texts = [world.sentence(row % 12, 30).split() for row in range(ROWS)]
    texts = [put(chance, words) if row < WITH else words for row, words in enumerate(texts)]
    return build([Row([" ".join([*words, "."]).replace(" .", ".")]) for words in texts])


def places_of_word(corpus, word):
    candidates = find_closed(corpus)
    places = places_of(corpus.input, candidates, MAX_ROWS)
    for number in range(len(candidates)):
        if [corpus.vocabulary[term] for term in candidates.terms(number)][-1] == word:
            own = places.take(places.group == number)
            last = own.last
            return Places(np.zeros(len(last), np.int64), own.row, last - 1, last)
    raise AssertionError(word)


def bond(put):
    corpus = corpus_with(put)
    values, sizes = BondMeter(corpus).measure(places_of_word(corpus, "qzx"), 1)
    assert sizes[0] == WITH
    return values[0]


def test_a_string_that_was_put_in_anywhere_has_no_bond():
    assert bond(put_anywhere) < 0.5


@pytest.mark.parametrize("put", [put_behind_a_word, put_behind_new_names, put_between_sentences])
def test_a_string_that_belongs_somewhere_has_one(put):
    assert bond(put) > 1.2


def test_marks_that_close_a_sentence_are_no_part_of_a_string():
    corpus = corpus_with(put_between_sentences)
    meter, places = BondMeter(corpus), places_of_word(corpus, "qzx")
    stop, word = (corpus.vocabulary.index(text) for text in (".", "qzx"))
    whole = Places(places.group, places.row, places.first - 1, places.last)
    assert meter.closing[stop]
    assert not meter.closing[word]
    assert meter.count_leading_marks(whole, (stop, word)) == 1
    assert meter.count_leading_marks(places, (word,)) == 0


def test_steadiness_is_the_chance_that_two_rows_go_on_alike():
    texts = ["qzx one two"] * 6 + ["qzx three"] * 3 + ["qzx"]
    corpus = build([Row([text]) for text in texts], min_support=3)
    rows = np.arange(len(texts))
    first = corpus.input.side.row_tokens[rows]
    places = Places(np.zeros(len(rows), np.int64), rows, first, first + 1)
    expected = (6 * 5 + 3 * 2) / (10 * 9)
    assert BondMeter(corpus).steadiness(places, 1)[0] == pytest.approx(expected)
