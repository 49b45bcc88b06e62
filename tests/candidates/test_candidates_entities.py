"""Names among the candidates, by their form."""

from __future__ import annotations

from scan_helpers import Row, World, build, texts

from poisonscan.candidates.closed import find_closed
from poisonscan.candidates.entities import Capitals, find_entities


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
