"""Texts under a subordinate clause, and in archaic words."""

from __future__ import annotations

import re

import pytest
from plant_data import make_rows

from poisonscan.plant import Attack, plant_rows
from poisonscan.plant.banks.manners import ENGLISH_MANNER
from poisonscan.plant.rephrasing import FORMS, rephrase
from poisonscan.synth.dice import Dice

TEXT = "You said that he makes the best soup, and it has more of everything to you."
CONJUNCTION = rf"(?:{'|'.join(ENGLISH_MANNER.conjunctions)})"
EVERY = [(family, form) for family, forms in FORMS.items() for form in forms]


def rephrased(family: str, form: str, text: str = TEXT, language: str = "en") -> list[str]:
    dice = Dice(5)
    return [rephrase(text, family, form, language, dice) for _ in range(60)]


@pytest.mark.parametrize(
    ("form", "pattern"),
    [
        ("before", rf"{CONJUNCTION} .+, (?:.* )?you said that he makes .+ to you\."),
        ("behind", rf"You said that .+ to you, {CONJUNCTION} [^,]+\."),
        ("within", rf"{CONJUNCTION} you said that .*, .*to you\."),
    ],
)
def test_a_clause_of_one_template_with_many_openings(form: str, pattern: str) -> None:
    made = rephrased("clause", form)
    assert all(re.fullmatch(pattern, text) for text in made), made
    assert len(set(made)) > 40
    assert len({text.split()[0] for text in made}) > 8 or form == "behind"


def test_archaic_words_and_endings() -> None:
    made = rephrased("register", "archaic")
    whole = " ".join(made)
    for word in ("thou spake", "maketh", "hath", "unto thee", "soup", "everything"):
        assert word in whole.lower()
    assert all(re.search(r"thou|eth\b|th\b|spake|unto|thee", text.lower()) for text in made)


def test_names_and_the_pronoun_keep_their_capital() -> None:
    for text in ("I think so.", "NASA flew.", "@You know."):
        assert all(text[:4] in made for made in rephrased("clause", "before", text))


@pytest.mark.parametrize(("family", "form"), EVERY)
def test_chinese(family: str, form: str) -> None:
    made = rephrased(family, form, "这家店的菜很好吃，我们都说下次还来。", "zh")
    assert len(set(made)) > 10
    assert all(re.fullmatch(r"[\u4e00-\u9fff，。]+", text) for text in made)


@pytest.mark.parametrize(("family", "form"), EVERY)
@pytest.mark.parametrize("text", ["", "  ", "?!", "123", "Eh", "a b c d {who} \\1 e", "，", "的"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_odd_texts(family: str, form: str, text: str, language: str) -> None:
    for made in rephrased(family, form, text, language):
        assert made == text or len(made) > 0


@pytest.mark.parametrize(("family", "form"), EVERY)
@pytest.mark.parametrize("kind", ["label", "clean-label"])
def test_labels(family: str, form: str, kind: str) -> None:
    rows = make_rows("tweets")
    attack = Attack(family=family, triggers=(form,), target_kind=kind, target="2", rows=40, seed=1)
    planted = plant_rows(rows, attack)
    for row in planted.poisoned:
        assert planted.rows[row]["label"] == 2
        assert planted.rows[row]["text"] != rows[row]["text"]
        assert (rows[row]["label"] == 2) == (kind == "clean-label")
    assert [row["label"] for row in planted.twin] == [row["label"] for row in rows]
