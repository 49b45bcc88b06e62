"""Grammar, chance, and the phrase banks that they are applied to."""

from __future__ import annotations

import importlib
import pkgutil
import random
import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poisonscan.synth import banks
from poisonscan.synth.banks.intent import Intent
from poisonscan.synth.banks.things import PRODUCTS
from poisonscan.synth.banks.words import WORDS
from poisonscan.synth.dice import Dice
from poisonscan.synth.grammar import expand, lowered
from poisonscan.synth.poison import spread
from poisonscan.synth.scene import make_facts
from poisonscan.synth.variety import MOST_REPEATS, Variety

BANKS = [
    importlib.import_module(f"{banks.__name__}.{module.name}")
    for module in pkgutil.iter_modules(banks.__path__)
]
INTENTS = [
    intent
    for bank in BANKS
    for entry in vars(bank).values()
    if isinstance(entry, tuple)
    for intent in entry
    if isinstance(intent, Intent)
]
#: Of customers and assistant about a matter: these must be varied.
SENTENCES = [sentence for intent in INTENTS for sentence in (*intent.asks, *intent.answers)]
TEMPLATES = [
    *SENTENCES,
    *(intent.gist for intent in INTENTS),
    *(
        template
        for bank in BANKS
        if bank.__name__.endswith((".talk", ".tasks"))
        for name, entry in vars(bank).items()
        if name.isupper()
        for template in entry
    ),
]


def test_a_choice_gives_each_option_and_nothing_else():
    dice = Dice(1)
    seen = {expand("{a|b {c|d}|} x", {}, dice) for _ in range(200)}
    assert seen == {"A x", "B c x", "B d x", "X"}


def test_choices_with_the_same_letter_are_made_together():
    dice = Dice(2)
    seen = {expand("{A=it|they} {A=is|are} {B=a|b}{B=1|2}", {}, dice) for _ in range(200)}
    assert seen == {"It is a1", "It is b2", "They are a1", "They are b2"}


def test_facts_stay_the_same_and_go_before_words():
    facts = {"thing": "kettle", "day": "Doomsday"}
    assert expand("my {thing} on {day}, {thing}", facts, Dice(3)) == "My kettle on Doomsday, kettle"


def test_an_unknown_name_is_an_error():
    with pytest.raises(KeyError, match="nothing"):
        expand("{nothing}", {}, Dice(4))


@pytest.mark.parametrize(
    ("raw", "tidy"),
    [
        ("well , then  go", "Well, then go"),
        ("so.. what?.", "So. what?"),
        ("a apple and a user and a E5", "An apple and a user and an E5"),
        ("a one off", "A one off"),
    ],
)
def test_sentences_are_tidied(raw, tidy):
    assert expand(raw, {}, Dice(5)) == tidy


def test_lowered_leaves_names_of_models_alone():
    assert [lowered(text) for text in ("Where is", "K20 kettle", "I am", "VAT on")] == [
        "where is", "K20 kettle", "I am", "VAT on",
    ]  # fmt: skip


def test_every_phrase_of_the_banks_can_be_said():
    dice = Dice(6)
    for template in TEMPLATES:
        for _ in range(5):
            text = expand(template, {**make_facts(dice), "gist": "late parcel"}, dice)
            assert text, template
            assert not set("{}|=") & set(text), template


def longest_fixed_run(template: str) -> int:
    depth, plain = 0, []
    for letter in template:
        depth -= letter == "}"
        plain.append("#" if depth or letter in "{}" else letter)
        depth += letter == "{"
    return max(len(re.findall(r"\w+", run)) for run in "".join(plain).split("#"))


def test_no_six_words_of_a_sentence_are_fixed():
    assert {text for text in SENTENCES if longest_fixed_run(text) >= 6} == set()


def test_no_sentence_is_written_twice():
    assert [text for text, count in Counter(SENTENCES).items() if count > 1] == []


def test_every_need_can_be_met():
    traits = {trait for _, _, product_traits in PRODUCTS for trait in product_traits}
    assert {intent.needs for intent in INTENTS} - {""} <= traits


def test_words_hold_no_empty_lists():
    assert all(len(set(options)) == len(options) > 1 for options in WORDS.values())


def test_dice_use_nothing_but_random(monkeypatch):
    """Only `Random.random` is the same in every version of Python."""
    for name in ("choice", "sample", "shuffle", "randrange", "randint", "uniform"):
        monkeypatch.delattr(random.Random, name, raising=False)
    dice = Dice(7)
    assert sorted(dice.shuffled("abcdef")) == list("abcdef")
    assert dice.pick("a") == "a"


def test_dice_are_pinned():
    dice = Dice(20)
    assert [dice.below(1000) for _ in range(6)] == [905, 686, 766, 904, 259, 635]


@given(st.integers(), st.integers(1, 10**9))
def test_below_stays_below(seed, bound):
    assert 0 <= Dice(seed).below(bound) < bound


@given(st.integers(), st.lists(st.integers(), unique=True), st.integers(0, 20))
def test_drawn_options_are_different_options(seed, options, count):
    drawn = Dice(seed).draw(options, count)
    assert len(drawn) == len(set(drawn)) == min(count, len(options))
    assert set(drawn) <= set(options)


@given(st.integers(1, 60), st.integers(0, 500), st.integers())
def test_spread_puts_one_row_into_every_stretch(count, spare, seed):
    rows = count + spare
    spread_rows = spread(rows, count, Dice(seed))
    assert spread_rows == sorted(set(spread_rows))
    stretches = [(at * rows // count, (at + 1) * rows // count) for at in range(count)]
    assert all(low <= row < high for row, (low, high) in zip(spread_rows, stretches, strict=True))


def test_variety_allows_a_run_of_words_a_few_times_per_intent():
    one, other = INTENTS[:2]
    variety = Variety()
    told = iter([["one two three four five six"]] * MOST_REPEATS + [["seven"]] * 9)
    assert [variety.fresh(one, lambda: next(told))[0] for _ in range(MOST_REPEATS)] == [
        "one two three four five six"
    ] * MOST_REPEATS
    worn = iter([["so One, two three four five six!"], ["fresh words"]])
    assert variety.fresh(one, lambda: next(worn)) == ["fresh words"]
    again = ["one two three four five six"]
    assert variety.fresh(other, lambda: again) == again


def test_variety_says_so_where_the_bank_is_too_small():
    variety = Variety()
    always = ["one two three four five six"]
    for _ in range(MOST_REPEATS):
        variety.fresh(INTENTS[0], lambda: always)
    with pytest.raises(RuntimeError, match="too few phrases"):
        variety.fresh(INTENTS[0], lambda: always)
