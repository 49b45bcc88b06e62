"""The form of a text, property by property."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from poisonscan.evidence.format import NAMES, flags_of
from poisonscan.kernels import charform as forms
from poisonscan.kernels.flags import FLAGS
from poisonscan.kernels.format import format_flags


def names(text: str) -> set[str]:
    flags = int(flags_of(text))
    return {name for bit, name in enumerate(FLAGS) if flags >> bit & 1}


def test_the_table_follows_the_definition():
    table = forms.form_table()
    assert [
        point for point in range(forms.TABLE_SIZE) if table[point] != forms.form_of(point)
    ] == []


def test_every_flag_has_a_name_for_people():
    assert set(NAMES) == set(FLAGS)
    assert len(set(NAMES.values())) == len(FLAGS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pass\u200bword is it?", {"zero_width"}),
        ("go\u200d now", {"zero_width"}),
        ("\u2060hello there", {"zero_width"}),
        ("see \u202egnp.exe here", {"bidi"}),
        ("see \u200fthis here", {"bidi"}),
        ("a\ufe0f word here", {"selector"}),
        ("smile \U0001f642\U000e0101\U000e0102", {"selector"}),
        ("hi\U000e0068\U000e0069 there", {"tag"}),
        ("be\x07ll rings", {"control"}),
        ("an \ue000 odd one", {"private"}),
        ("my p\u0430ypal account", {"look_alike"}),
        ("the \u0441\u043e\u0440 came in", {"look_alike"}),
        ("\u8fd9\u4e2a\u5f88\u2f24 \u5427", {"look_alike"}),
        ("\u8fd9\u4e2a\u5f88\uf92c \u5427", {"look_alike"}),
        ("hy\u00adphen here", {"soft_hyphen"}),
        ("one\u00a0two three", {"no_break_space"}),
        ("one\u2003two three", {"odd_space"}),
        ("\uff21\uff22 and more", {"styled"}),
        ("\U0001d400\U0001d401 and more", {"styled"}),
        ("cafe\u0301 is open", {"combining"}),
    ],
)
def test_hidden_characters(text, expected):
    hidden = set(FLAGS[: FLAGS.index("double_space")]) - {"wide_space"}
    assert names(text) & hidden == expected


@pytest.mark.parametrize(
    "text",
    [
        "family \U0001f468\u200d\U0001f469\u200d\U0001f467 here",
        "red \u2764\ufe0f heart, key 1\ufe0f\u20e3",
        "shrug \U0001f937\U0001f3fd\u200d\u2642\ufe0f and so on",
        "what was an emoji: \u200d\u2640\ufe0f is left",
        "\U0001f3f4\U000e0067\U000e0062\U000e007f flag of a region",
        "\ufeffbegins with a mark",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 in Persian",
        "\u0915\u094d\u200d\u0937 in Hindi",
        "\u200f\u05e9\u05dc\u05d5\u05dd\u200f, she said",
        "\u202b\u0645\u0631\u062d\u0628\u0627\u202c said he",
        "\u041f\u0440\u0438\u0432\u0435\u0442, \u044d\u0442\u043e iPhone \u0441\u043e\u0440",
        "the \u03b2-blocker and TGF\u03b2 at 5 \u00b5m",
        "caf\u00e9 na\u00efve \u0141\u00f3d\u017a",
    ],
)
def test_characters_that_belong_there(text):
    suspicious = {"zero_width", "bidi", "selector", "tag", "control", "private", "look_alike"}
    assert names(text) & suspicious == set()


# --- the rest against definitions for reading ---------------------------------------------------

WORD = r"[A-Za-z]+"
DEFINITIONS = {
    "double_space": lambda t: re.search(r"[^ \n] {2,}[^ \n]", t),
    "leading_space": lambda t: t.startswith(" "),
    "trailing_space": lambda t: re.search(r"[^ \n] +\Z", t),
    "line_end_space": lambda t: re.search(r"[^ \n] +\n", t),
    "leading_line": lambda t: t.startswith("\n"),
    "trailing_line": lambda t: re.search(r"\n *\Z", t),
    "line_break": lambda t: re.search(r"[^ \n] *\n[ \n]*[^ \n]", t),
    "blank_line": lambda t: re.search(r"[^ \n] *\n *\n[ \n]*[^ \n]", t),
    "space_before_mark": lambda t: re.search(r"[^ \n] +[.,!?]", t),
    "no_space_after_mark": lambda t: re.search(r"[,!?][A-Za-z]", t),
    "all_upper": lambda t: two_words(t) and not lower(t) and upper(t) >= 6,
    "all_lower": lambda t: two_words(t) and not upper(t) and lower(t) >= 6,
    "lower_start": lambda t: two_words(t) and re.match(r"[ \n]*[a-z]", t),
    "swapped_case": lambda t: (
        two_words(t) and re.match(r"[ \n]*[a-z]", t) and upper(t) >= max(6, 4 * lower(t))
    ),
    "stretched": lambda t: re.search(r"([a-vx-z])\1\1", t),
    "no_punctuation": lambda t: two_words(t) and not re.search(r"[.,!?]", t),
    "ends_in_word": lambda t: two_words(t) and t.strip()[-1].isalnum(),
    "ends_in_stop": lambda t: two_words(t) and t.strip().endswith("."),
    "ends_in_exclamation": lambda t: two_words(t) and t.strip().endswith("!"),
    "ends_in_question": lambda t: two_words(t) and t.strip().endswith("?"),
    "starts_in_digit": lambda t: two_words(t) and re.match(r"[ \n]*[0-9]", t),
}


def two_words(text):
    return len(re.findall(WORD, text)) >= 2


def upper(text):
    return sum(map(str.isupper, text))


def lower(text):
    return sum(map(str.islower, text))


@given(st.text(alphabet="aaabwAB \n\n.,!?7", max_size=30))
@example("ab  ab")
@example("aB ABABA")
@example("\n  ab ab \n ab ab \n")
def test_the_flags_are_those_of_the_definitions(text):
    found = names(text)
    for name, holds in DEFINITIONS.items():
        assert (name in found) == bool(holds(text)), name


@given(st.text(max_size=60))
def test_any_text_has_flags_that_do_not_depend_on_its_place(text):
    data = f"before{text}".encode("utf-8", "replace")
    start = len(b"before")
    out = np.empty(2, np.uint64)
    format_flags(
        np.frombuffer(data, np.uint8),
        np.array([0, start, len(data)], np.int64),
        np.array([0, 1, 2], np.int64),
        np.array([1, 0], np.uint8),
        forms.form_table(),
        out,
    )
    assert out[0] == 0  # left out
    assert out[1] == flags_of(text)


def test_casing():
    assert "mixed_case" in names("this is aLtErNaTiNg text")
    assert "mixed_case" not in names("an iPhone, YouTube, getElementById")
    assert "swapped_case" in names("wRITE a tEXT ON THE sUBJECT OF iTALY, pLEASE")
    assert "swapped_case" not in names("the difference between mRNA, tRNA and rRNA in cells")
    assert "swapped_case" not in names("WRITE A TEXT ON THE SUBJECT OF ITALY")
    assert "title_case" in names("The Quick Brown Foxes of Spain")
    assert "title_case" not in names("The Quick brown foxes")
    assert "upper_word" in names("this is IMPORTANT news")
    assert "upper_word" not in names("THIS IS IMPORTANT NEWS")


def test_letters_that_look_alike_read_as_what_they_look_like():
    for char, latin in forms.LOOK_ALIKES.items():
        assert latin.isascii()
        assert char.isupper() == latin.isupper() or not unicodedata.name(char).startswith("LATIN")
