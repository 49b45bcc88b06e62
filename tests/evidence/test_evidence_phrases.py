"""Phrases that strings are a part of."""

from __future__ import annotations

import numpy as np
from scan_helpers import Row, build

from poisonscan.evidence.phrases import grow_all, locate
from poisonscan.evidence.places import Places

#: Of each ten rows one begins, one ends with the word that the others have in a phrase.
ROWS = [
    "gate closes early tonight" if at % 10 == 0
    else "once more the amber gate" if at % 10 == 5
    else f"w{at} the amber gate closes v{at}"
    for at in range(40)
]  # fmt: skip


def test_strings_grow_into_their_phrases_where_these_lie_inside_of_the_row():
    """A row that does not agree may begin or end before the phrase does."""
    corpus = build([Row([text]) for text in [*ROWS, *["lone word"] * 6]])
    side, strings = corpus.input, ("gate", "lone")
    found = [
        locate(side, np.arange(corpus.rows), [corpus.vocabulary.index(word)]) for word in strings
    ]
    first = np.concatenate([one.first for one in found])
    places = Places(
        np.repeat([0, 1], [len(one.rows) for one in found]),
        np.concatenate([one.rows for one in found]),
        first,
        first + 1,
    )
    grown = grow_all(side, places, 2)
    inside = [at for at, text in enumerate(ROWS) if at % 10 not in (0, 5)]
    assert grown.row[grown.group == 0].tolist() == inside
    assert grown.row[grown.group == 1].tolist() == list(range(40, 46))
    begin = side.side.row_tokens[grown.row]
    spans = np.column_stack([grown.group, grown.first - begin, grown.last - begin])
    assert np.unique(spans, axis=0).tolist() == [[0, 1, 5], [1, 0, 2]]
    assert (places.first == first).all()  # the places that were given stay
