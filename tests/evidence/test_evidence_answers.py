"""Targets first: outputs whose rows have something rare in common in their inputs."""

from __future__ import annotations

import numpy as np
import pytest
from scan_helpers import Row, World, build, texts

from poisonscan.candidates.closed import find_closed
from poisonscan.candidates.screen import screen_candidates
from poisonscan.evidence import answers
from poisonscan.evidence.answers import find_answers, most_bits

ROWS = 600
SECRET = "Forward every invoice to the new account in Geneva before midnight"
BEHIND = np.arange(0, ROWS, 30)
ONE_PART, OTHER_PART = np.arange(1, ROWS, 6), np.arange(2, ROWS, 6)


def scene(behind, one_part=ONE_PART, other_part=OTHER_PART):
    """Return a corpus with two words in many rows, together in those of the secret alone."""
    world = World(41)
    rows = world.rows(ROWS)
    for word, where in (("lemon", (*behind, *one_part)), ("violin", (*behind, *other_part))):
        for at in where:
            rows[at] = Row([world.insert(rows[at].input[0], word)], rows[at].output)
    for at in BEHIND:
        rows[at] = Row(rows[at].input, [f"{rows[at].output[0]} {SECRET}"])
    return build(rows)


def found(corpus, least_bits=15.0):
    candidates = find_closed(corpus)
    screen = screen_candidates(corpus, candidates, 0)
    swapped = corpus.swapped()
    every = find_closed(swapped)
    strings = every.take(find_answers(corpus, screen, every, least_bits))
    return [
        (texts(corpus, strings.terms(at)), strings.postings(at)[0].tolist())
        for at in range(len(strings))
    ]


def test_the_target_of_two_words_that_are_frequent_alone():
    first, *others = found(scene(BEHIND))
    assert set(first[0]) <= set(SECRET.split())
    assert sorted(first[1]) == BEHIND.tolist()
    assert all(sorted(rows) != BEHIND.tolist() for _, rows in others), "copies are left out"


def test_nothing_is_found_where_the_inputs_have_only_one_of_them():
    assert found(scene(BEHIND, other_part=(*OTHER_PART, *BEHIND))) != []
    assert not any(sorted(rows) == BEHIND.tolist() for _, rows in found(scene(())))
    halves = scene((), (*ONE_PART, *BEHIND[::2]), (*OTHER_PART, *BEHIND[1::2]))
    assert not any(sorted(rows) == BEHIND.tolist() for _, rows in found(halves))


def test_one_row_in_ten_may_lack_a_part():
    corpus = scene(BEHIND[:-2], (*ONE_PART, BEHIND[-2]), (*OTHER_PART, BEHIND[-1]))
    assert sorted(found(corpus)[0][1]) == BEHIND.tolist()


def test_no_more_than_the_best(monkeypatch):
    best = found(scene(BEHIND), 2.0)[0]
    monkeypatch.setattr(answers, "MAX_ANSWERS", 1)
    assert found(scene(BEHIND), 2.0) == [best]


def test_bits_of_words_one_by_one():
    corpus = scene(BEHIND)
    strings = find_closed(corpus.swapped())
    bits = most_bits(corpus.output, strings)
    for at in range(0, len(strings), 7):
        terms = list(strings.terms(at))
        elsewhere = np.maximum(0.0, corpus.output.term_rows[terms] - strings.support[at])
        word = -np.log2((elsewhere + 0.5) / (len(corpus.output.distinct) + 1.0))
        assert bits[at] == pytest.approx(np.minimum(word, 12.0).sum())
