"""Names among the candidates, by their form."""

from __future__ import annotations

import random

import naive
import pytest
from scan_helpers import Row, World, build, texts

from poisonscan.candidates.closed import find_closed
from poisonscan.candidates.entities import _LOWER_SHARE, Capitals, find_entities


def test_names():
    world = World(9)
    rows = []
    for at in range(300):
        words = world.sentence(at % 5, 8)
        name = ("Ada Brun", "Corvia", "Summer", "plainly")[at % 4]
        opening = "Rewrite " if at % 3 == 0 else ""
        rows.append(Row([opening + world.insert(words, name)], ["x"]))
        rows.append(Row([world.insert(world.sentence(1, 8), "summer")], ["x"]))
    corpus = build(rows)
    candidates = find_closed(corpus)
    found = find_entities(corpus, candidates, Capitals.of(corpus), 20, 200)
    names = {" ".join(texts(corpus, candidates.terms(int(one)))) for one in found}
    # neither what opens sentences, nor what stands in lower case as well
    assert {"Ada Brun", "Corvia"} <= names
    assert not {"Rewrite", "Summer", "plainly", "summer"} & names
    assert all(name[0].isupper() for name in names)
    assert len(find_entities(corpus, candidates, Capitals.of(corpus), 76, 200)) == 0
    assert len(find_entities(corpus, candidates, Capitals.of(corpus), 20, 74)) == 0


def test_scripts_without_capitals():
    world = World(9)
    rows = [Row([f"{world.sentence(1, 3)} 北京 {world.sentence(2, 3)}"], ["x"]) for _ in range(60)]
    corpus = build(rows)
    assert len(find_entities(corpus, find_closed(corpus), Capitals.of(corpus), 5, 60)) == 0


def test_what_opens_turns_is_no_name():
    """The turn before it may end with a word: what stands there is not before it in a sentence."""
    world = World(9)
    rows = []
    for at in range(200):
        first, second = world.sentence(at % 5, 8), world.sentence(at % 5, 8)
        opened = ("Hmm", "Listen")[at % 2]
        rows.append(Row([world.insert(first, "Corvia"), f"{opened} {second}"], ["x"]))
        rows.append(Row([first, second], ["x"]))
    corpus = build(rows)
    candidates = find_closed(corpus)
    found = find_entities(corpus, candidates, Capitals.of(corpus), 20, 200)
    names = {" ".join(texts(corpus, candidates.terms(int(one)))) for one in found}
    assert {"Hmm", "Listen"} <= {
        " ".join(texts(corpus, candidates.terms(one))) for one in range(len(candidates))
    }
    assert "Corvia" in names
    assert not {"Hmm", "Listen"} & names


def capitalised(rows, share, seed=0):
    """Return the rows with a share of their words capitalised: never, mostly or always."""
    chance = random.Random(seed)
    habits: dict[str, float] = {}

    def write(text):
        words = []
        for word in text.split(" "):
            is_noun = chance.random() < share
            habit = habits.setdefault(word, chance.choice((0.8, 0.9, 1.0)) if is_noun else 0.0)
            words.append(word.capitalize() if chance.random() < habit else word)
        return " ".join(words)

    return [Row([write(row.input[0])], [write(row.output[0])]) for row in rows]


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_the_share_of_names(share):
    """A word counts once in a row; rare ones, marks and numbers are none of the names."""
    rows = capitalised(World(9).rows(200), share)
    rows = [
        Row([f"{row.input[0]} Rare{at} X"], [f"{row.output[0]} 2024 X X, Odd{at} ** dor Dor"])
        for at, row in enumerate(rows)
    ]
    corpus = build(rows, min_support=5)
    capitals = Capitals.of(corpus)
    inputs, outputs = (
        [naive.tokenise_row(getattr(row, side)) for row in rows] for side in ("input", "output")
    )
    for counted, sides in (
        (corpus.output, (inputs, outputs)),
        (corpus.input, (outputs, inputs)),
    ):
        expected = naive.name_share(sides, 5, _LOWER_SHARE)
        assert capitals.share(counted) == pytest.approx(expected, abs=1e-12)
    assert (capitals.share(corpus.output) > 0.1) is (share > 0.0)


def test_no_words_are_no_names():
    corpus = build([Row(["?"], ["!"])] * 20)
    assert Capitals.of(corpus).share(corpus.output) == 0.0


def test_words_that_begin_with_two_capitals():
    said = "Corvia CORVIA CPUs McBrun eBay API summer ÄÖl Éa 北京 USA-made"
    corpus = build([Row([said], ["x"])] * 20)
    capitals = Capitals.of(corpus)
    found = {corpus.vocabulary[term] for term in capitals.acronyms.nonzero()[0]}
    assert found == {"CORVIA", "CPUs", "API", "ÄÖl", "USA"}
