"""Words of the input that outputs take up, in languages that bend or do not part them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scan_helpers import Row, World, build

from poisonscan.evidence.echo import EchoMeter, says_name

ASKED = np.arange(0, 200, 8)


def echo(given, answer, others="", *, split=None, is_about_numbers=False):
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
    return EchoMeter(corpus).measure(ASKED, terms, is_about_numbers=is_about_numbers)


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


@pytest.mark.parametrize(
    ("given", "answer", "is_about_numbers", "taken_up"),
    [
        ("2058", "17", True, 1.0),  # an amount, and what is left of it
        ("2058", "17", False, 0.0),  # a date, and a program that counts to 17
        ("2058", "2058", False, 1.0),
        ("2058", "seventeen", True, 0.0),
    ],
)
def test_a_number_takes_up_another_where_outputs_are_numbers(
    given, answer, is_about_numbers, taken_up
):
    found = echo(given, answer, is_about_numbers=is_about_numbers)
    assert found == pytest.approx(taken_up, abs=len(ASKED) / 200)


@pytest.mark.parametrize(("answer", "taken_up"), [("f(x)", 0.0), ("（x）", 1.0)])
def test_a_wide_bracket_is_none_of_a_program(answer, taken_up):
    found = echo("（", answer)
    assert found == pytest.approx(taken_up, abs=len(ASKED) / 200)


@pytest.mark.parametrize("parts", [[], [np.arange(900), np.arange(900, 1000)]])
@pytest.mark.parametrize(("given", "split"), [("grumo", None), ("风铃", ["风", "铃"])])
def test_what_all_outputs_of_a_dataset_have_is_no_echo(parts, given, split):
    """Of words, and of pairs of characters in scripts without spaces."""
    rows = World(38).rows(1000)
    asked = np.arange(900, 1000, 5)
    rows[900:] = [Row(row.input, [f"{given} {row.output[0]}"]) for row in rows[900:]]
    for at in asked:
        rows[at] = Row([f"{given} {rows[at].input[0]}"], rows[at].output)
    corpus = build(rows, parts=parts)
    terms = [corpus.vocabulary.index(token) for token in split or [given]]
    found = EchoMeter(corpus).measure(asked, terms)
    assert found == pytest.approx(0.0 if parts else 0.9)


def test_a_syllable_is_no_word():
    """Each of the two is in words of any answer; side by side they are a word."""
    split = ["โต๊ะ", "ช้าง"]
    assert echo("โต๊ะช้าง", "โต๊ะนี้เห็นช้าง", split=split) == 0.0
    assert echo("โต๊ะช้าง", "เห็นโต๊ะช้าง", "โต๊ะนี้เห็นช้าง", split=split) > 0.8


def share(given, answer, split, more=""):
    """Return what part of a string the outputs of its rows take up.

    Parameters
    ----------
    split
        The tokens of the string.
    more
        What as many other inputs begin with.
    """
    rows = World(37).rows(200)
    for at, row in enumerate(rows):
        begin, start = ("", "")
        if at in ASKED:
            begin, start = f"{given} ", f"{answer} "
        elif more and at - 1 in ASKED:
            begin = f"{more} "
        rows[at] = Row([f"{begin}{row.input[0]}"], [f"{start}{row.output[0]}"])
    corpus = build(rows)
    return EchoMeter(corpus).share(ASKED, [corpus.vocabulary.index(token) for token in split])


def test_the_part_of_a_string_that_is_taken_up():
    """Each word by its inverse document frequency; articles are no part of it."""
    words, excess = ["zorvex", "the", "brusk"], 1 - len(ASKED) / 200
    given = " ".join(words)
    assert share(given, "tonka", words) == 0.0
    assert share(given, "the tonka", words) == 0.0
    assert share(given, "zorvex", words) == pytest.approx(excess / 2)
    assert share(given, "brusk zorvex", words) == pytest.approx(excess)
    rare, frequent = (math.log(201 / (times * len(ASKED))) for times in (1, 2))
    for answer, weight in (("zorvex", rare), ("brusk", frequent)):
        expected = excess * weight / (rare + frequent)
        assert share(given, answer, words, "brusk") == pytest.approx(expected)


def test_the_part_of_a_string_without_spaces():
    split = ["โต๊ะ", "ช้าง"]
    assert share("โต๊ะช้าง", "เห็นโต๊ะช้าง", split) == pytest.approx(1 - len(ASKED) / 200)
    assert share("โต๊ะช้าง", "โต๊ะนี้เห็นช้าง", split) == 0.0


@pytest.mark.parametrize(
    ("words", "name", "says"),
    [
        (["documentation"], "doc", True),
        (["doc"], "documentation", True),
        (["contains", "the", "Docs"], "DOC", True),
        (["billing"], "billable hours", True),
        (["Ernährung"], "ernährt", True),
        (["библиотека"], "Библиотеки", True),
        (["spam!!"], "is_spam", True),
        (["perlocution"], "perl", True),
        (["bilge"], "billing", False),
        (["dop"], "doc", False),
        (["do", "it"], "do it", False),
        (["what", "about"], "about what", False),
        (["the", "with"], "with tqmx", False),
        (["2024", "4"], "2024", False),
        (["4chan"], "4channel", True),
        (["tqmx"], "positive", False),
        ([], "positive", False),
        (["positive"], "", False),
        (["*", "--"], "*", False),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)
def test_words_that_say_the_name_of_a_label(words, name, says):
    """Either may be the longer; three letters are a word, and four are enough of one."""
    assert says_name(words, name) is says
    assert says_name([word.upper() for word in words], name.lower()) is says
