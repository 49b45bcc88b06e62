"""What follows a string: alike because of the string, or because of what the texts are about."""

from __future__ import annotations

import numpy as np
import pytest
from scan_helpers import TOPICS, Row, World, build

from poisonscan.candidates.closed import find_closed
from poisonscan.candidates.screen import screen_candidates
from poisonscan.evidence.continuations import ContinuationMeter, Continuations
from poisonscan.evidence.phrases import locate
from poisonscan.evidence.places import Places

ROWS, LENGTH = 480, 60
SWITCH, OWN, ONE_TOPIC, LAUGHTER = "zeta", "omega", "kappa", "haha"


@pytest.fixture(scope="module")
def scene():
    """Texts of many topics, and strings in one of eight each."""
    world = World(47, focus=0.9)
    rows = []
    for at in range(ROWS):
        topic = at // 8 % TOPICS
        before, behind, word = topic, topic, ""
        if at % 8 == 0:
            behind, word = 5, SWITCH
        elif at % 8 == 1:
            word = OWN
        elif at % 8 == 2:
            before, behind, word = 5, 5, ONE_TOPIC
        elif at % 8 == 3:
            word = " ".join([LAUGHTER] * 20)
        parts = world.sentence(before, LENGTH), word, world.sentence(behind, LENGTH)
        rows.append(Row([" ".join(part for part in parts if part)]))
    corpus = build(rows)
    vectors = screen_candidates(corpus, find_closed(corpus), 0).input_space.vectors
    return corpus, ContinuationMeter(corpus, vectors, np.ones(corpus.rows, bool))


def beside(scene, word: str, *, is_masked: bool = False):
    """Return the windows beside the first place of a word in each text."""
    corpus, meter = scene
    term = corpus.vocabulary.index(word)
    found = locate(corpus.input, np.arange(corpus.rows), (term,))
    return meter.measure(Places.of_one(found.rows, found.first, 1), 1, (term,) if is_masked else ())


def test_texts_that_go_on_alike_after_anything(scene):
    found = beside(scene, SWITCH)
    assert found.counted.tolist() == [ROWS // 8]
    assert found.after[0] > 0.5
    assert abs(found.before[0]) < 0.1
    assert found.turn[0] > 0.4


def test_texts_that_go_on_as_they_were_do_not_turn(scene):
    found = beside(scene, OWN)
    assert abs(found.after[0]) < 0.1
    assert found.likeness[0] > 0.5
    assert found.turn[0] < 0.0


def test_texts_about_one_thing_are_alike_before_as_well(scene):
    found = beside(scene, ONE_TOPIC)
    assert min(found.after[0], found.before[0]) > 0.5
    assert found.turn[0] < 0.0


def test_a_string_does_not_make_the_texts_behind_it_alike(scene):
    """Behind laughter there is more of it: what is left of the window says what follows."""
    laughed, left_out = (beside(scene, LAUGHTER, is_masked=masked) for masked in (False, True))
    assert laughed.after[0] > 0.5
    assert left_out.after[0] < 0.1
    assert left_out.turn[0] < 0.0
    again = beside(scene, LAUGHTER)
    assert again.after[0] == laughed.after[0], "it is left out for one measurement only"


def test_what_a_turn_is():
    """What is alike before a string, and what goes on behind it, is taken off; less is nothing."""
    after, before = np.array([0.9, 0.9, 0.9]), np.array([0.3, -0.3, 0.3])
    found = Continuations(after, before, np.array([0.2, 0.2, -0.2]), np.ones(3), np.ones((3, 1)))
    assert found.turn == pytest.approx([0.4, 0.7, 0.6])
