from __future__ import annotations

import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text
from scan_helpers import no_quadratic_work

from poisonscan.report.sanitise import CUT, MIN_LIMIT, for_html, for_terminal, spans, visible
from tests.report.builders import HOSTILE

UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
#: Any code point, surrogates included; the awkward ones often.
ANY_CHAR = st.one_of(
    st.integers(0, 0x10FFFF).map(chr),
    st.sampled_from(
        "\x00\x1b\x7f\x85\x9b\xad\n\r\t\u200b\u200d\u202e\u2028\u2066\ud800\udfff\ufeff"
    ),
    st.sampled_from("abc [/]\\<>&\"'… ⏎"),
)
ANY_TEXT = st.text(ANY_CHAR, max_size=120)


def unseen_characters(text: str) -> list[str]:
    return [char for char in text if unicodedata.category(char) in UNSEEN]


@given(ANY_TEXT, st.none() | st.integers(0, 60), st.lists(ANY_TEXT, max_size=4))
def test_nothing_unseen_is_left(text, limit, marks):
    for shown in (for_terminal(text, limit, marks), for_html(text, limit, marks)):
        assert unseen_characters(shown) == []
        shown.encode("utf-8")  # no lone surrogate
        if limit is not None:
            assert len(shown) <= max(limit, MIN_LIMIT)


@given(ANY_TEXT)
def test_without_a_limit_every_character_is_kept(text):
    assert for_terminal(text) == "".join(visible(char) for char in text)
    plain = [char for char in text if visible(char) == char]
    shown = [char for span in spans(text) if not span.escaped for char in span.text]
    assert shown == plain


@given(ANY_TEXT)
def test_rich_takes_it_literally(text):
    shown = for_terminal(text)
    out = io.StringIO()
    Console(file=out, width=10_000, force_terminal=True, color_system="truecolor").print(
        Text(shown), soft_wrap=True
    )
    assert out.getvalue() == shown + "\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mb", r"a\x1b[31mb"),
        ("a\u202eb", r"a\u202eb"),
        ("a\u200bb", r"a\u200bb"),
        ("a\U000e0041b", r"a\U000e0041b"),
        ("a\ud800b", r"a\ud800b"),
        ("a\nb\tc\rd", r"a⏎b\tc\x0dd"),
        ("a\u2028b\u2029c\x85", r"a\u2028b\u2029c\x85"),
        ("a\xa0b\u3164c\ufe0f\u2800", r"a\xa0b\u3164c\ufe0f\u2800"),
        ("\ue000\U0010ffff", r"\ue000\U0010ffff"),
        ("naïve 请问 שלום 🙂\u3000é", "naïve 请问 שלום 🙂\u3000é"),
    ],
)
def test_what_it_looks_like(text, shown):
    assert for_terminal(text) == shown


@given(
    st.text("ab \n\x1b", max_size=400),
    st.text("xyz\u200b", min_size=1, max_size=3),
    st.text("ab \n\x1b", max_size=400),
    st.integers(MIN_LIMIT * 4, 120),
)
def test_the_mark_survives_the_cut(before, mark, after, limit):
    result = spans(before + mark + after, limit, [mark])
    assert "".join(span.text for span in result if span.marked) == for_terminal(mark)
    assert len("".join(span.text for span in result)) <= limit


def test_all_parts_survive_the_cut():
    text = "velvet " + "filler " * 500 + "quarterly" + " filler" * 500
    shown = for_terminal(text, 80, ["velvet", "quarterly"])
    assert "velvet" in shown
    assert "quarterly" in shown
    assert shown.count(CUT) == 2


def test_without_a_mark_the_beginning_is_shown():
    assert for_terminal("abcdefghij" * 9, 20, ["absent"]) == "abcdefghijabcdefgh" + CUT


@pytest.mark.parametrize(
    ("text", "mark", "marked"),
    [
        ("scuffle cf scuffle", "cf", ["cf"]),  # as a word of its own
        ("scuffle", "cuff", ["cuff"]),  # only inside a word
        ("Weather IS nice", "weather is", ["Weather IS"]),  # in another case
        ("CF and cf", "cf", ["cf"]),  # as it is before in any case
        ("今天天气很好", "天气", ["天气"]),
        ("a\u200b\u200bb", "\u200b\u200b", [r"\u200b\u200b"]),
        ("İİ CF", "cf", []),  # lower case would shift the positions
        ("abc", "", []),
    ],
)
def test_what_is_marked(text, mark, marked):
    assert [span.text for span in spans(text, 100, [mark]) if span.marked] == marked


def test_a_huge_mark_is_cut():
    shown = spans("x" * 1000 + "y" * 1000, 50, ["y" * 1000])
    assert shown[0].text == CUT
    assert shown[1].marked
    assert sum(len(span.text) for span in shown) <= 50


@pytest.mark.parametrize("mark", ["x", "x" * 5000 + "y", "\n", " cf "])
def test_huge_rows_are_cheap(mark):
    text = "x" * 5_000_000 + " cf " + "\n" * 5_000_000
    with no_quadratic_work():
        assert len(for_terminal(text, 200, [mark])) <= 200


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_strings(text):
    assert unseen_characters(for_terminal(text)) == []
