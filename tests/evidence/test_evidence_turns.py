"""Where a text turns: its first word, its commas, its end."""

from __future__ import annotations

import numpy as np
from scan_helpers import build, row

from poisonscan.evidence.forms import choose_forms
from poisonscan.evidence.turns import find_turns

SHOWN = ("", "…", "when", "it", ",", ".", "if")
EDGE, BLANK, WHEN, IT, COMMA, STOP, IF = (2 * at for at in range(7))


def turns(*texts):
    rows = [[EDGE, *text, EDGE] for text in texts]
    row_of = np.repeat(np.arange(len(rows)), [len(one) for one in rows])
    return list(find_turns(row_of, np.array([s for one in rows for s in one], np.int64), SHOWN))


def test_what_lies_between_does_not_count():
    short = [WHEN, BLANK, COMMA, IT, BLANK, STOP]
    long = [WHEN, *[BLANK] * 6, COMMA, IT, BLANK, BLANK, STOP]
    other = [IF, BLANK, COMMA, IT, BLANK, STOP]
    found = turns(short, long, other)
    same = [bool(turn.key[0] == turn.key[1]) for turn in found]
    assert sum(same) == 6  # all but the three that say how far the comma is
    assert sum(bool(turn.key[0] == turn.key[2]) for turn in found) == 4
    opening = next(turn for turn in found if len(turn.places) == 3)
    assert [place.tolist() for place in opening.places] == [[1, 9, 23], [3, 16, 25], [4, 17, 26]]


def test_punctuation_with_and_without_a_space_is_the_same():
    assert all(turn.key[0] == turn.key[1] for turn in turns([IT, COMMA, IT], [IT, COMMA | 1, IT]))


def test_rows_without_a_comma_or_without_anything():
    found = turns([], [WHEN], [COMMA], [BLANK, STOP], [COMMA, COMMA])
    for turn in found:
        assert turn.key.shape == (5,)
        assert all((place < 16).all() for place in turn.places)
    assert turns() == [] or all(len(turn.key) == 0 for turn in turns())


def test_people_see_the_words():
    corpus = build([row(f"when the {word} is here, it will be", "x") for word in ["belba"] * 9])
    forms = choose_forms(corpus, np.arange(corpus.rows))
    assert forms is not None
    shown = forms.show(corpus, np.array([0]), np.arange(len(forms.form_keys)))
    assert {"when …, it", "when …,", "…, it will", "when … be"} & set(shown)
    assert "when …, it" in shown
