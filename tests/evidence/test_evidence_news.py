"""News: what an output says that its input does not mention."""

from __future__ import annotations

import numpy as np
import pytest
from scan_helpers import Row, build

from poisonscan.evidence import news
from poisonscan.evidence.news import share_mentioned
from poisonscan.evidence.verbatim import stem_terms

ADVERT = "eat at Zorvexia today now"
INPUTS = {
    "nothing of the kind now": 0.0,
    "do you know zorvexias now ?": 0.5,  # another case, another ending
    "where to eat today now": 0.5,
    "eat at Zorvexia today now": 1.0,
    "now": 0.0,
}
#: Times three fifths: two inputs of five have each word; all inputs have the last.
BITS = {"eat": 2.0, "at": 0.0, "Zorvexia": 4.0, "today": 2.0, "now": 9.0}


@pytest.fixture(scope="module")
def corpus():
    return build([Row([given], [ADVERT]) for given in INPUTS] * 6)


def shares(corpus, rows, bits):
    phrase = corpus.output.row_slice(0)
    worth = np.array([bits[corpus.vocabulary[term]] for term in phrase])
    return share_mentioned(corpus.input, rows, phrase, worth, stem_terms(corpus.vocabulary))


@pytest.mark.parametrize("together", [7, 1 << 14])
def test_shares_by_bits(corpus, together, monkeypatch):
    monkeypatch.setattr(news, "_ROWS", together)
    rows = np.arange(corpus.rows)
    assert shares(corpus, rows, BITS).tolist() == pytest.approx([*INPUTS.values()] * 6)


def test_some_rows(corpus):
    rows = np.array([3, 1, 9])
    assert shares(corpus, rows, BITS).tolist() == pytest.approx(
        [list(INPUTS.values())[row % 5] for row in rows]
    )
    assert shares(corpus, np.empty(0, np.int64), BITS).tolist() == []


def test_a_string_without_bits_is_no_news(corpus):
    rows = np.arange(3)
    assert shares(corpus, rows, dict.fromkeys(BITS, 0.0)).tolist() == [1.0, 1.0, 1.0]
