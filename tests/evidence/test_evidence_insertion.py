"""Insertion: a planted string stands where the text would read on without it."""

from __future__ import annotations

import math

import naive
import numpy as np
import pytest
from scan_helpers import KEY, Row, World, build

from poisonscan.evidence import insertion
from poisonscan.evidence.insertion import measure_insertion

ROWS = 400
PLANTED, WRITTEN, FIRST, ALONE = (np.arange(start, ROWS, 16) for start in range(4))
PHRASES = [
    f"the {noun} of {place}" for noun in ("king", "house", "price") for place in ("it", "us")
]


@pytest.fixture(scope="module")
def corpus():
    """Texts of fixed phrases: their words belong together."""
    world = World(51)
    rows = []
    for at in range(ROWS):
        words = " , ".join(world._random.choices(PHRASES, k=6))
        if at in PLANTED:
            words = world.insert(words, "zeta")
        elif at in WRITTEN:
            words += " was called omega by everyone there"
        elif at in FIRST:
            words = f"start {words}"
        elif at in ALONE:
            words = "alone"
        rows.append(Row([words]))
    return build(rows)


def places(corpus, word, rows):
    term = corpus.vocabulary.index(word)
    return np.array([corpus.input.row_slice(at).tolist().index(term) for at in rows])


def measure(corpus, word, rows):
    return measure_insertion(corpus, rows, places(corpus, word, rows), 1)


def test_planted_between_words_that_belong_together(corpus):
    planted, written = measure(corpus, "zeta", PLANTED), measure(corpus, "omega", WRITTEN)
    assert planted.inside == written.inside == 1.0
    assert planted.collision < 2.5
    assert written.collision > 2 * planted.collision
    assert planted.gap_fit > written.gap_fit + 1


def test_at_an_end_of_every_row(corpus):
    found = measure(corpus, "start", FIRST)
    assert found.inside == 0.0
    assert math.isnan(found.gap_fit)
    assert found.collision < 2.5  # what follows is what rows begin with


def test_nothing_but_the_string(corpus):
    found = measure(corpus, "alone", ALONE)
    assert found.inside == 0.0
    assert found.collision == math.inf


def test_gap_fit_and_collision(corpus):
    rows, first = PLANTED, places(corpus, "zeta", PLANTED)
    data = [naive.tokenise_row(corpus.input.side.segments(at)) for at in range(ROWS)]
    left = [data[at][place - 1] for at, place in zip(rows, first, strict=True)]
    right = [data[at][place + 1] for at, place in zip(rows, first, strict=True)]
    fits = [naive.gap_fit(*pair, data, 5) for pair in zip(left, right, strict=True)]
    found = measure(corpus, "zeta", PLANTED)
    assert found.gap_fit == pytest.approx(sum(fits) / len(fits))
    bags = [{token for token in row if token in corpus.vocabulary} for row in data]
    total = sum(map(len, bags))
    shares = [sum(word in bag for bag in bags) / total for word in corpus.vocabulary]
    random = sum(share**2 for share in shares)
    rates = [naive.collision_rate(side) for side in (left, right)]
    assert found.collision == pytest.approx(max(rates) / random)


@pytest.mark.parametrize("tokens", [[], [3], [3, 3], [3, 4], [1, 1, 2, 2, 2, 5]])
def test_collision_rate(tokens):
    found = insertion._collision_rate(np.array(tokens, np.uint64))
    assert found == pytest.approx(naive.collision_rate(tokens))


def test_edges_of_rows_and_segments():
    rows = [Row(["a b", "c d e", "f"]), Row(["b"]), Row([]), Row([" ", "e f "])]
    corpus = build(rows * 5, min_support=3)
    edges = insertion.collect_edges(corpus)

    def words(tokens):
        names = {naive.token_hash(word, KEY): word for word in "abcdef"}
        return "".join(sorted(names[token] for token in tokens.tolist())[::5])

    assert words(edges.first) == "abe"
    assert words(edges.last) == "bff"
    assert words(edges.segment_first) == "cf"
    assert words(edges.segment_last) == "be"


def at_the_end(extra, hidden_label=None):
    """Return what is measured of a word at the end of every fourth row's text."""
    world = World(51)
    rows = []
    for at in range(200):
        words = " , ".join(world._random.choices(PHRASES, k=6)) + (" zeta" if at % 4 == 0 else "")
        label = "ab"[at % 2]
        rows.append(Row([words, *extra(label)], labels={"y": label}))
    corpus = build(rows, hidden_label=hidden_label)
    return measure(corpus, "zeta", np.arange(0, 200, 4))


def test_a_hidden_label_is_no_neighbour():
    """Where the label stood behind the text, the text ends all the same."""
    plain, hidden = at_the_end(lambda _: []), at_the_end(lambda label: [label], "y")
    assert plain.inside == hidden.inside == 0.0
    assert math.isnan(hidden.gap_fit)
    assert hidden.collision == pytest.approx(plain.collision)


def test_the_next_segment_is_no_neighbour():
    plain, followed = at_the_end(lambda _: []), at_the_end(lambda _: ["more text follows here"])
    assert followed.inside == 0.0
    assert math.isnan(followed.gap_fit)
    assert followed.collision == pytest.approx(plain.collision, rel=0.3)
