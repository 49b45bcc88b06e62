"""Detachment: neighbours of a planted string belong together across it."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace

import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scan_helpers import KEY, Row, World, build

from poisonscan.accumulators.ngrams import word_grams
from poisonscan.candidates.closed import Candidates, map_closed
from poisonscan.evidence.detachment import (
    FLOOR,
    PAIR_PRIOR,
    STRING_PRIOR,
    measure_detachment,
)
from poisonscan.evidence.phrases import grow_all, locate
from poisonscan.kernels.beside import NOTHING

ROWS = 400
PHRASES = [
    f"the {noun} of {place}" for noun in ("king", "house", "price") for place in ("it", "us")
]


@pytest.fixture(scope="module")
def corpus():
    """Outputs of fixed phrases: their words belong together."""
    world = World(51)
    rows = []
    for at in range(ROWS):
        words = " , ".join(world._random.choices(PHRASES, k=6))
        if at % 8 == 0:
            words = world.insert(words, "zeta")
        elif at % 8 == 1:
            words += " was called omega by everyone there"
        elif at % 8 == 2:
            words += " end"
        elif at % 8 == 3:
            words = words.replace(" of ", " also of ", 1)
        rows.append(Row(["say it"], [words]))
    return build(rows)


def strings_of(side, *terms):
    """Return terms as candidates: where each stands first in each row."""
    found = []
    for term in terms:
        for row in side.rows_of(term).tolist():
            found.append((row, side.row_slice(row).tolist().index(term)))
    rows, first_token = np.array(found, np.int32).T.copy()
    ends = np.cumsum(side.term_rows[list(terms)])
    starts = np.concatenate([[0], ends[:-1]])
    content = np.array(terms, np.int32)[:, None]
    return Candidates(ends - starts, np.ones_like(ends), content, starts, ends, rows, first_token)


def measure(corpus, *words, least=-np.inf):
    strings = strings_of(corpus.output, *map(corpus.vocabulary.index, words))
    return measure_detachment(corpus.output, strings, ROWS, np.full(len(words), least))


def test_planted_linking_and_written(corpus):
    planted, linking, written = measure(corpus, "zeta", "also", "omega")
    assert planted > 0.5
    assert written < -2.0
    assert written < linking < planted


def test_an_end_is_nobodys_word(corpus):
    assert measure(corpus, "end")[0] == 0.0


def test_one_place_is_nothing_to_measure(corpus):
    strings = strings_of(corpus.output, corpus.vocabulary.index("zeta"))
    assert measure_detachment(corpus.output, strings, 1, np.zeros(1)).tolist() == [0.0]


def test_as_one_string(corpus):
    side, term = corpus.output, corpus.vocabulary.index("zeta")
    found = locate(side, side.rows_of(term), (term,))
    string = Candidates.of_one(side, found.rows, found.first, 1)
    assert measure_detachment(side, string, ROWS, np.zeros(1)) == measure(corpus, "zeta")


def test_what_is_known_beside_strings_changes_nothing():
    """Rare words, ends of rows and of segments, single words and long strings among them."""
    world, rows = World(52), []
    for row in world.rows(300):
        words = world.insert(world.insert(row.output[0], "zeta eta"), f"rare{len(rows) % 150}")
        rows.append(Row(row.input, [f"Well then {words}", "zeta eta", *row.output[1:]]))
    swapped = build(rows, limit=64).swapped()
    side, kinds, is_at_end = swapped.input, set(), False
    for part in map_closed(swapped, lambda one: one):
        unknown = replace(part, lefts=part.lefts[:0], rights=part.rights[:0])
        kinds |= {
            np.sign(term) for term in np.concatenate([part.lefts, part.rights]) if term != NOTHING
        }
        is_at_end |= NOTHING in part.lefts
        spans = grow_all(side, part, 64)
        assert [one.tolist() for one in spans] == [
            one.tolist() for one in grow_all(side, unknown, 64)
        ]
        least = np.full(len(part), -np.inf)
        for own in (None, spans):
            found, expected = (
                measure_detachment(side, one, 64, least, own) for one in (part, unknown)
            )
            assert found.tolist() == expected.tolist()
    assert (kinds >= {1, -1}, is_at_end) == (True, True)


@pytest.mark.parametrize("least", [-2.5, -1.0, 0.0, 0.5])
def test_what_is_below_the_least_stays_below(corpus, least):
    words = ("zeta", "omega", "also", "king", "end")
    exact, bounded = measure(corpus, *words), measure(corpus, *words, least=least)
    kept = exact >= least
    assert bounded[kept].tolist() == exact[kept].tolist()
    assert (bounded[~kept] < least).all()


def test_rows_of_terms_are_those_of_the_table(corpus):
    """A neighbour's rows are read off its term, its pairs' off the table."""
    for side in (corpus.input, corpus.output):
        own = side.term_rows > 0
        assert (side.table.count(word_grams(side.term_tokens[own])) == side.term_rows[own]).all()


def expected(corpus, word):
    """Return the formula of the docs, by dictionaries."""
    data = [naive.tokenise_row(corpus.output.side.segments(row)) for row in range(corpus.rows)]
    frequent = naive.frequent(naive.document_frequencies(data, 2), 5)
    total = sum(count for gram, count in frequent.items() if len(gram) == 1)
    places = [(row, naive.find_phrase(row, (word,))) for row in data if word in row]
    pairs = [(row[at - 1], row[at + 1]) for row, at in places if 0 < at < len(row) - 1]
    means = []
    for own_at in (0, 1):
        beside = Counter(pair[own_at] for pair in pairs)
        logs = []
        for pair in pairs:
            own, other = pair[own_at], pair[1 - own_at]
            base = (frequent[(own,)] + 0.5) / total
            by_string = (beside[own] - 1 + STRING_PRIOR * base) / (len(pairs) - 1 + STRING_PRIOR)
            by_other = (frequent[pair] + PAIR_PRIOR * base) / (frequent[(other,)] + PAIR_PRIOR)
            logs.append(max(FLOOR, math.log(by_other / by_string)))
        means.append(sum(logs) / len(places))
    return min(means)


@pytest.mark.parametrize("word", ["zeta", "omega", "also", "king"])
def test_formula(corpus, word):
    assert measure(corpus, word)[0] == pytest.approx(expected(corpus, word))


@settings(max_examples=20, deadline=None)
@given(st.permutations(["zeta", "omega", "also", "end", "king", "price"]))
def test_groups_do_not_touch_each_other(corpus, words):
    alone = [measure(corpus, word)[0] for word in words]
    assert measure(corpus, *words) == pytest.approx(alone)


def test_the_next_segment_is_no_neighbour():
    world = World(3)
    rows = [Row(["x"], [f"{world.sentence(0, 6)} zeta", "more text"]) for _ in range(40)]
    assert KEY
    assert measure(build(rows), "zeta")[0] == 0.0


def test_a_rare_neighbour_is_a_word():
    """What is too rare to have a term is told from an end, and from other rare words."""
    world, rows = World(4), []
    for at in range(40):
        left = "unseen" if at < 2 else f"rare{at}"
        rows.append(Row(["x"], [f"{left} zeta {world.sentence(0, 6)}"]))
    corpus = build(rows)
    assert "unseen" not in corpus.vocabulary
    assert measure(corpus, "zeta")[0] == pytest.approx(expected(corpus, "zeta"))
