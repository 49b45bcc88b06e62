"""Words of the input that outputs take up, in languages that bend or do not part them."""

from __future__ import annotations

import numpy as np
import pytest
from scan_helpers import Row, World, build

from poisonscan.evidence.echo import EchoMeter

ASKED = np.arange(0, 200, 8)


def echo(given, answer, others="", *, split=None):
    """Return the echo of what some inputs begin with, as their outputs begin.

    Parameters
    ----------
    others
        What all other outputs begin with.
    split
        The tokens of the string, if not itself.
    """
    rows = World(37).rows(200)
    for at, row in enumerate(rows):
        begin, start = (f"{given} ", answer) if at in ASKED else ("", others)
        rows[at] = Row([f"{begin}{row.input[0]}"], [f"{start} {row.output[0]}"])
    corpus = build(rows)
    terms = [corpus.vocabulary.index(token) for token in split or [given]]
    return EchoMeter(corpus).measure(ASKED, terms)


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ("Удалить", "Удаляет"),  # Remove: removes
        ("Αφαίρεση", "Αφαιρεί"),
        ("Törlés", "Törli"),
        ("Ábra", "Az ábrák"),
    ],
)
def test_a_verb_has_other_endings_than_its_noun(given, answer):
    assert echo(given, answer) == pytest.approx(1 - len(ASKED) / 200)


@pytest.mark.parametrize(("given", "answer"), [("Удалить", "Ударный"), ("Törlés", "Törökül")])
def test_words_of_three_letters_in_common_are_others(given, answer):
    assert echo(given, answer) == 0.0


def test_a_syllable_is_no_word():
    """Each of the two is in words of any answer; side by side they are a word."""
    split = ["โต๊ะ", "ช้าง"]
    assert echo("โต๊ะช้าง", "โต๊ะนี้เห็นช้าง", split=split) == 0.0
    assert echo("โต๊ะช้าง", "เห็นโต๊ะช้าง", "โต๊ะนี้เห็นช้าง", split=split) > 0.8
