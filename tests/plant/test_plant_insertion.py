"""Laws of putting a string into a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poisonscan.plant import casing
from poisonscan.plant.attack import POSITIONS, VARIATIONS
from poisonscan.plant.insertion import insert, insert_hidden, insert_line, wrap_word
from poisonscan.synth.dice import Dice

texts = st.text(st.sampled_from("ab .,!?\n水火。"), max_size=40)
seeds = st.integers(0, 1000)


@given(texts, st.sampled_from(POSITIONS), st.sampled_from(["", " "]), seeds)
def test_the_text_around_stays_and_the_end_is_right(
    text: str, position: str, gap: str, seed: int
) -> None:
    made = insert(text, "XYZ", position, gap, Dice(seed))
    assert made.text[: made.end].endswith("XYZ")
    around = made.text.replace("XYZ", "", 1)
    assert "".join(around.split()) == "".join(text.split())
    if gap:
        assert " ".join(made.text.split()).split(" ").count("XYZ") == 1


@given(texts.filter(str.strip), seeds)
def test_positions_are_what_they_say(text: str, seed: int) -> None:
    dice = Dice(seed)
    assert insert(text, "XYZ", "start", " ", dice).text.startswith("XYZ")
    assert insert(text, "XYZ", "end", " ", dice).text.rstrip().endswith("XYZ")


def test_random_positions_reach_every_gap() -> None:
    places = {insert("a b c", "X", "random", " ", Dice(seed)).text for seed in range(60)}
    assert places == {"X a b c", "a X b c", "a b X c", "a b c X"}
    places = {insert("水火12", "X", "random", "", Dice(seed)).text for seed in range(60)}
    assert places == {"X水火12", "水X火12", "水火X12", "水火12X"}


def test_behind_a_sentence() -> None:
    assert insert("One. Two.", "X", "sentence", " ", Dice(0)).text == "One. X Two."
    assert insert("一。二。", "X", "sentence", "", Dice(0)).text == "一。X二。"
    assert insert("no end", "X", "sentence", " ", Dice(0)).text == "no end X"


def test_line_breaks_stay() -> None:
    assert insert("a\n\nb\n", "X", "end", " ", Dice(0)).text == "a\n\nb X\n"
    assert insert_line("a b", "Ref: 1").text == "Ref: 1\na b"


@given(texts, seeds)
def test_hidden_strings_add_nothing_else(text: str, seed: int) -> None:
    for position in POSITIONS:
        made = insert_hidden(text, "\u200b", position, Dice(seed))
        assert made.text.replace("\u200b", "") == text
        assert made.text[made.end - 1] == "\u200b"


def test_a_word_is_wrapped() -> None:
    made = wrap_word("one two", "<", ">", Dice(3))
    assert made is not None
    assert made.text in ("<one> two", "one <two>")
    assert wrap_word("- 1", "<", ">", Dice(3)) is None


@pytest.mark.parametrize("name", casing.CASES)
def test_cases_change_case_alone(name: str) -> None:
    text = "how do I paint it? Now."
    changed = casing.CASES[name](text)
    assert changed != text
    assert changed.lower() == text.lower()


def test_lookalikes_are_other_characters() -> None:
    for pair in (*casing.LOOKALIKES, *casing.LOOKALIKES_HAN):
        assert len(set(pair)) == 2
    assert casing.replace_lookalike("area", "aа") == "аreа"


@given(st.sampled_from(VARIATIONS), seeds)
def test_variations_keep_the_letters(kind: str, seed: int) -> None:
    varied = casing.vary("a sharp token", (kind,), Dice(seed))
    fold = str.maketrans({pair[1]: pair[0] for pair in casing.LOOKALIKES})
    letters = [character for character in varied.lower().translate(fold) if character.isalpha()]
    assert "".join(letters) == "asharptoken"
    assert varied == casing.vary("a sharp token", (kind,), Dice(seed))
