"""Tokens against the definition on `str`: nothing lost, nothing split, nothing merged."""

from __future__ import annotations

import naive
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from kernel_data import (
    INVALID,
    IS_JIT_OFF,
    KEY,
    PATHOLOGICAL,
    QUICK,
    Tokenised,
    hostile_rows,
    tokenised,
)

from poisonscan.kernels import charclass
from poisonscan.kernels.tokens import MAX_TOKEN_BYTES

NAMES = (
    "space", "word", "single", "symbol", "mark", "hidden", "letter", "lead", "killer", "stacker",
)  # fmt: skip

pytestmark = pytest.mark.jit_off


def assert_same_as_naive(rows: list[list[bytes]]) -> None:
    expected = [naive.tokenise_row([naive.decode(text) for text in row]) for row in rows]
    found = Tokenised(rows)
    assert found.rows() == expected
    hashes = [naive.token_hash(token, KEY) for row in expected for token in row]
    assert found.tokens.tolist() == hashes


def test_class_table_follows_the_rules_for_every_code_point():
    table = charclass.class_table()
    expected = [naive.classify(chr(point)) for point in range(charclass.TABLE_SIZE)]
    different = [
        (hex(point), NAMES[kind], name)
        for point, (kind, name) in enumerate(zip(table.tolist(), expected, strict=True))
        if NAMES[kind] != name
    ]
    assert different == []


@pytest.mark.parametrize("point", [0x20000, 0x2FFFF, 0x3134A, 0x40000, 0xE0041, 0xF0000, 0x10FFFF])
def test_planes_beyond_the_table(point):
    assert NAMES[charclass.classify(point)] == naive.classify(chr(point))
    assert tokenised([["a" + chr(point) + "b"]]).rows() == [["a", chr(point), "b"]]


@pytest.mark.parametrize(
    ("char", "name"),
    [
        ("a", "word"), ("ß", "word"), ("я", "word"), ("7", "word"), ("_", "word"), ("ا", "word"),
        ("한", "word"), ("\u0e01", "letter"), ("ไ", "lead"),
        ("ำ", "mark"), ("๗", "single"), ("\u0e4c", "killer"), ("\u17d2", "stacker"),
        ("བ", "word"), ("中", "single"), ("の", "single"), ("々", "single"),
        ("ｶ", "single"), ("\u0301", "mark"), ("\u0e31", "mark"), ("\u093e", "mark"),
        (".", "symbol"), ("$", "symbol"), ("😀", "symbol"), ("`", "symbol"), ("。", "symbol"),
        ("\u200b", "hidden"), ("\u200d", "hidden"), ("\u202e", "hidden"), ("\ufeff", "hidden"),
        ("\u00a0", "hidden"), ("\u00ad", "hidden"), ("\ufe0f", "hidden"), ("\x00", "hidden"),
        ("\x1b", "hidden"), ("\ue000", "hidden"), ("\u2028", "hidden"), ("\u034f", "hidden"),
        (" ", "space"), ("\n", "space"), ("\u3000", "space"), ("\u0f0b", "space"),
    ],
)  # fmt: skip
def test_class_of_a_character(char, name):
    assert NAMES[charclass.classify(ord(char))] == name


@pytest.mark.parametrize("name", PATHOLOGICAL)
def test_pathological_text(name):
    text = PATHOLOGICAL[name]
    assert_same_as_naive([[text.encode()], [], [text.encode(), text.encode()]])


@pytest.mark.parametrize("name", INVALID)
def test_invalid_bytes_are_hidden_characters(name):
    assert_same_as_naive([[INVALID[name]], [b"a" + INVALID[name] + b"b", INVALID[name]]])


def test_an_overlong_letter_is_no_letter():
    assert tokenised([["ab"]]).rows() == [["ab"]]
    assert [len(row) for row in Tokenised([[b"a\xe0\x81\x82"]]).rows()] == [4]


@QUICK
@given(hostile_rows)
def test_any_text(rows):
    assert_same_as_naive([[text.encode("utf-8", "replace") for text in row] for row in rows])


@QUICK
@given(st.lists(st.lists(st.binary(max_size=30), max_size=3), max_size=4))
@example([[b"\xc2\xbb\xbb"]])  # a broken byte with the number of the symbol before it
def test_any_bytes(rows):
    assert_same_as_naive(rows)


def test_empty_batch():
    found = Tokenised([])
    assert found.offsets.tolist() == [0]
    assert len(found.tokens) == 0


def test_segments_without_tokens_leave_no_boundary():
    rows = [["a", "b"], ["a", " ", "b"], ["", "a", ""], [" ", "a", "\n"], ["", " "], []]
    expected = [["a", None, "b"], ["a", None, "b"], ["a"], ["a"], [], []]
    assert tokenised(rows).rows() == expected


def test_boundaries_have_an_empty_span():
    found = tokenised([["ab", " cd"]])
    assert found.tokens[1] == 0
    assert found.starts[1] == found.ends[1]


@pytest.mark.parametrize("letter", ["x", "ж", "ก", "\U0001d400", "="])
def test_a_run_is_cut_between_characters(letter):
    count = 400
    (row,) = tokenised([[letter * count]]).rows()
    assert "".join(row) == letter * count
    longest = max(len(token.encode()) for token in row)
    assert MAX_TOKEN_BYTES <= longest < MAX_TOKEN_BYTES + 4
    assert len(row) == -(-count * len(letter.encode()) // longest)


@pytest.mark.parametrize(
    "syllables",
    [
        ["ภา", "ษา", "ไทย", "ใช้", "กัน", "ทั่ว", "เมือง"],  # Thai
        ["การ์", "ตูน", "๗", "ๆ"],
        ["ພາ", "ສາ", "ລາວ"],  # Lao
        ["မြန်", "မာ", "စာ"],  # Burmese
        ["ချစ်", "တယ်"],
        ["ភា", "សា", "ខ្មែរ"],  # Khmer
    ],
)
def test_syllables_of_scripts_without_spaces(syllables):
    assert tokenised([["".join(syllables)]]).rows() == [syllables]


@pytest.mark.skipif(IS_JIT_OFF, reason="takes minutes")
@pytest.mark.parametrize("letter", ["x", "中", "\u0301", "\U0001f600", "\x00"])
def test_a_megabyte_without_a_space(letter):
    count = (1 << 20) // len(letter.encode())
    found = Tokenised([[letter.encode() * count]])
    assert found.starts[0] == 0
    assert (found.starts[1:] == found.ends[:-1]).all()
    assert found.ends[-1] == len(letter.encode()) * count
    sizes = found.ends - found.starts
    assert sizes.max() < MAX_TOKEN_BYTES + 4
    assert (sizes % len(letter.encode()) == 0).all()


@pytest.mark.parametrize("text", ["abc", "今", "x\u0301", "###", "\u200b", "e"])
def test_a_token_has_one_hash_wherever_it_stands(text):
    rows = [[text], ["before " + text], [text + " after"], ["x", text]]
    found = tokenised(rows)
    places = [
        row.index(text) + start for row, start in zip(found.rows(), found.offsets, strict=False)
    ]
    assert len(set(found.tokens[places].tolist())) == 1


def test_the_key_changes_every_hash():
    text = [[b"one two three"]]
    assert not set(Tokenised(text, 1).tokens.tolist()) & set(Tokenised(text, 2).tokens.tolist())


def test_pinned_hashes():
    """The same numbers with and without a compiler, today and in the next release."""
    found = Tokenised([["Weather in Genève — 今天 ok\u200b!!".encode(), b"x"]], key=42)
    assert found.rows() == [
        ["Weather", "in", "Genève", "—", "今", "天", "ok", "\u200b", "!!", None, "x"]
    ]
    assert [f"{token:016x}" for token in found.tokens.tolist()] == PINNED


PINNED = [
    "ccb51b36f8fe17ca",
    "ed1893d88a054855",
    "3732d140d776f475",
    "85aa6e6331236a01",
    "67be3536ccb83c0f",
    "d2c580f7a37fa063",
    "fe033494c4a49ded",
    "37fefb4d5395fbd5",
    "47c6271fbfa98fd9",
    "0000000000000000",
    "55732d12f5cb92af",
]
