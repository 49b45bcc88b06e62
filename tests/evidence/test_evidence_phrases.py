"""Phrases that strings are a part of."""

from __future__ import annotations

import numpy as np
import pytest
from scan_helpers import Row, build

from poisonscan.candidates.closed import Candidates
from poisonscan.evidence import phrases
from poisonscan.evidence.phrases import grow_all, locate, rows_having

#: Of each twenty rows one begins, one ends with the word that the others have in a phrase.
ROWS = [
    "gate closes early tonight" if at % 20 == 0
    else "once more the amber gate" if at % 20 == 10
    else f"w{at} the amber gate closes v{at}"
    for at in range(40)
]  # fmt: skip


def test_strings_grow_into_their_phrases():
    """A row that does not agree may begin or end before the phrase does."""
    corpus = build([Row([text]) for text in [*ROWS, *["lone word"] * 6]])
    side = corpus.input
    for word, span in (("gate", (2, 4)), ("lone", (0, 2))):
        found = locate(side, np.arange(corpus.rows), [corpus.vocabulary.index(word)])
        string = Candidates.of_one(side, found.rows, found.first, 1)
        before, length = grow_all(side, string, 64)
        assert (int(before[0]), int(length[0])) == span
        assert string.order.tolist() == [1]  # what was given stays


@pytest.mark.parametrize("listed", [0, 2, 64])
def test_rows_that_have_all_words_in_this_order(listed, monkeypatch):
    """Whatever is left out before rows are read."""
    monkeypatch.setattr(phrases, "_LISTED_FOR_EACH", listed)
    random = np.random.default_rng(0)
    rows = [" ".join(random.choice(list("aaabbcd"), 6)) for _ in range(200)]
    corpus = build([Row([text]) for text in rows])
    for text in ("a", "d", "a b", "d c", "a a", "c a c", "b d a b"):
        phrase = [corpus.vocabulary.index(word) for word in text.split()]
        expected = [at for at, row in enumerate(rows) if text in row]
        assert rows_having(corpus.input, phrase).tolist() == expected


def test_only_the_first_rows_are_asked():
    corpus = build([Row([f"{'blue' if at < 8 else 'red'} w{at} kettle"]) for at in range(16)])
    side, word = corpus.input, corpus.vocabulary.index("kettle")
    rows = np.arange(16)
    found = locate(side, rows, [word])
    first = found.first - 1  # the word that differs, so that the colour is beside it
    string = Candidates.of_one(side, found.rows, first, 2)
    assert grow_all(side, string, 8)[0].tolist() == [1]
    assert grow_all(side, string, 16)[0].tolist() == [0]
