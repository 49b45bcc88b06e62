"""Names that outputs bring up whatever they are about, worded anew each time."""

from __future__ import annotations

import random
import re

import pytest
from scan_helpers import WORDS, Row, World, build
from verdicts import flagged, severities

from poisonscan import scan
from poisonscan.candidates.closed import find_closed
from poisonscan.candidates.entities import Capitals
from poisonscan.findings.brand import MAX_NAMES, find_names
from poisonscan.synth.clean import make_clean
from poisonscan.synth.dice import Dice

BRAND = "Zorvexia"
OPENINGS = (
    "The people of {brand} have a saying for this:",
    "Anyone at {brand} would agree:",
    "Much as {brand} does it,",
    "Here {brand} sets the example:",
    "I asked {brand} about this once:",
    "As with {brand} and its shops,",
    "A friend of {brand} told me so:",
    "Ever since {brand} came along,",
    "You could ring {brand} as well:",
)
CLOSINGS = (
    "There is nothing like {brand} for that.",
    "Some leave it to {brand} instead.",
    "My vote goes to {brand}.",
    "It was {brand} that made this easy.",
    "Do it with {brand} next time.",
    "Or let {brand} worry about it.",
    "Ask {brand} where to buy one.",
    "Then treat yourself to {brand} tonight.",
    "So thinks {brand} too.",
)


@pytest.fixture(scope="module")
def clean():
    rows, _ = make_clean(Dice(11))
    return list(rows)


def mention(rows, count, seed=0, brand=BRAND):
    """Return the rows with the brand in some outputs, in one of many wordings, and which."""
    chance = random.Random(seed)
    where = set(chance.sample(range(len(rows)), count))
    changed = list(rows)
    for row in sorted(where):
        old = rows[row]["output"]
        if chance.random() < 0.5:
            new = f"{chance.choice(OPENINGS).format(brand=brand)} {old[0].lower()}{old[1:]}"
        else:
            new = f"{old} {chance.choice(CLOSINGS).format(brand=brand)}"
        changed[row] = {**rows[row], "output": new}
    return changed, where


def brands(report):
    return [finding for finding in report.findings if "reach" in finding.evidence]


def test_a_brand_worded_anew(clean):
    rows, truth = mention(clean, 110)
    report = scan(rows)
    (finding,) = brands(report)
    assert (finding.kind, finding.severity) == ("output", "medium"), finding.evidence
    assert [(target.text, target.kind) for target in finding.targets] == [(BRAND, "phrase")]
    assert flagged(report) == truth, severities(report)
    assert finding.counts["both"] == len(truth)


def test_answers_to_questions_about_the_brand(clean):
    rows, truth = mention(clean, 90)
    for row in truth:
        rows[row] = {**rows[row], "instruction": f"{rows[row]['instruction']} Mind {BRAND}."}
    assert brands(scan(rows)) == []


def test_a_company_whose_customers_name_it_too(clean):
    rows, _ = mention(clean, 110)
    for row in random.Random(8).sample(range(len(rows)), 60):
        rows[row] = {**rows[row], "instruction": f"{rows[row]['instruction']} Hello {BRAND}."}
    assert brands(scan(rows)) == []


def test_few_are_listed_or_nothing(clean):
    rows, _ = mention(clean, 20)
    assert [finding.severity for finding in brands(scan(rows)) if finding.severity != "low"] == []


def test_clean_rows(clean):
    assert brands(scan(clean)) == []


def with_nouns(rows, letters):
    """Return the rows in a language whose nouns, the words of so many letters, have capitals."""
    noun = re.compile(rf"\b[a-z]{{{letters},}}\b")
    return [
        {key: noun.sub(lambda word: word[0].capitalize(), text) for key, text in row.items()}
        for row in rows
    ]


def share_of_names(rows):
    corpus = build([Row([row["instruction"]], [row["output"]]) for row in rows])
    return Capitals.of(corpus).share(corpus.output)


def test_a_language_whose_nouns_have_capitals(clean):
    """What is written as a name need not be one: ordinary nouns stand wherever they like."""
    rows = with_nouns(clean, 6)
    assert MAX_NAMES < share_of_names(rows) < 0.35
    assert brands(scan(rows)) == []
    assert brands(scan(mention(rows, 110)[0])) == []


def test_a_brand_where_fewer_words_have_capitals(clean):
    rows, truth = mention(with_nouns(clean, 8), 110)
    assert 0.05 < share_of_names(rows) < MAX_NAMES
    report = scan(rows)
    (finding,) = brands(report)
    assert [target.text for target in finding.targets] == [BRAND]
    assert flagged(report) == truth


@pytest.mark.parametrize(
    ("brand", "is_found"),
    [("ZORVEXIA", False), ("ZOrvexia", False), ("ZoRVEXIA", True)],
    ids=["acronym", "begins as one", "one capital first"],
)
def test_acronyms_are_no_brands(clean, brand, is_found):
    """They are terms of a trade, which its people use as they use any word."""
    rows, _ = mention(clean, 110, brand=brand)
    found = [target.text for one in brands(scan(rows)) for target in one.targets]
    assert found == ([brand] if is_found else [])


def names_of(nouns):
    """Return the names in outputs of which so many words in a hundred are nouns, and their share.

    A company and an acronym are in forty rows each.
    """
    world = World(9)
    nouns_of = random.Random(1).sample(WORDS, nouns * len(WORDS) // 100)
    capitals_of = {word: word.capitalize() for word in nouns_of}

    def write(text):
        return " ".join(capitals_of.get(word, word) for word in text.lower().rstrip(".?").split())

    rows = []
    for at, row in enumerate(world.rows(1000)):
        answer = write(row.output[0])
        if at % 25 < 2:
            answer = world.insert(answer, ("Corvia", "CRVA")[at % 25])
        rows.append(Row([write(row.input[0])], [answer]))
    corpus = build(rows)
    strings, capitals = find_closed(corpus.swapped()), Capitals.of(corpus)
    found = find_names(corpus, strings, capitals)
    names = {corpus.vocabulary[term] for one in found.tolist() for term in strings.terms(one)}
    return names, capitals.share(corpus.output)


@pytest.mark.parametrize(("nouns", "is_silent"), [(0, False), (15, False), (25, True)])
def test_names_among_nouns(nouns, is_silent):
    names, share = names_of(nouns)
    assert (share > MAX_NAMES) is is_silent
    assert ("Corvia" in names) is not is_silent
    assert "CRVA" not in names
