"""What a code point is to the tokeniser, as a table that kernels can index.

The rules work without knowing the language: runs of letters and digits are words; in scripts that
write no spaces an ideograph or a kana is one token (n-grams put their words together), and letters
are put together to about a syllable, which says as much; a combining mark belongs to the
character before it; everything that can be seen but is no word is a token of its own; and whatever
is *not* seen (zero-width, bidi, control, odd spaces) is a token too, because that is where triggers
hide.

A syllable of Thai, Lao, Burmese and Khmer begins with a vowel that is written first, or with a
letter that has a vowel or another sign; a letter without one closes the syllable before it, and one
below another belongs to it. That follows the character clusters of Theeramunkong et al., Character
cluster based Thai information retrieval, IRAL 2000, and joins closing letters besides.
"""

from __future__ import annotations

import unicodedata
from functools import cache

import numpy as np
import numpy.typing as npt

SPACE, WORD, SINGLE, SYMBOL, MARK, HIDDEN, LETTER, LEAD, KILLER, STACKER = range(10)

#: Classes of characters of scripts without spaces that a token may begin with.
_UNSPACED = (SINGLE, LETTER, LEAD)

#: What stands between words: also the mark between syllables of Tibetan, which is its space.
_SPACES = frozenset(" \t\n\r\u3000\u0f0b")

#: Code points from here on are classified by plane: ideographs, tags and selectors, private use.
TABLE_SIZE = 0x20000

#: Scripts written without spaces between words (first and last code point), Unicode 15 blocks.
_UNSPACED_SCRIPTS = (
    (0x2E80, 0x2FDF),  # CJK radicals
    (0x3005, 0x3007),  # ideographic iteration mark, closing mark, zero
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x3100, 0x312F),  # Bopomofo
    (0x31F0, 0x31FF),  # Katakana extensions
    (0x3400, 0x4DBF),  # CJK extension A
    (0x4E00, 0x9FFF),  # CJK unified ideographs
    (0xF900, 0xFAFF),  # CJK compatibility ideographs
    (0xFF66, 0xFF9F),  # half-width Katakana
)

#: Scripts without spaces whose letters make syllables.
SYLLABLE_SCRIPTS = (
    (0x0E00, 0x0E7F),  # Thai
    (0x0E80, 0x0EFF),  # Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
)

#: Their vowels that are letters to Unicode: those written before a consonant, and those behind it.
_LEADS = frozenset("เแโใไເແໂໃໄ")
_VOWELS = frozenset("ะาำๅະາຳ")

#: Marks that silence the letter below them, and that put the letter behind them below.
_KILLERS = frozenset("\u0e4c\u0ecc\u103a\u17cd")
_STACKERS = frozenset("\u1039\u17d2")


def classify(code_point: int) -> int:
    """Return the class of one code point (the definition that the table and kernel follow)."""
    if code_point >= TABLE_SIZE:
        plane = code_point >> 16
        return SINGLE if plane in (2, 3) else HIDDEN
    char = chr(code_point)
    category = unicodedata.category(char)
    if char in _SPACES:
        return SPACE
    if char in _KILLERS or char in _STACKERS:
        return KILLER if char in _KILLERS else STACKER
    if category in ("Mn", "Mc", "Me"):
        # Variation selectors and grapheme joiners are invisible on their own.
        return HIDDEN if 0xFE00 <= code_point <= 0xFE0F or code_point == 0x034F else MARK
    if category[0] in "CZ":
        return HIDDEN
    if category[0] in "LN" or char == "_":
        if any(low <= code_point <= high for low, high in SYLLABLE_SCRIPTS):
            return _classify_letter(char, category)
        unspaced = any(low <= code_point <= high for low, high in _UNSPACED_SCRIPTS)
        return SINGLE if unspaced else WORD
    return SYMBOL


def _classify_letter(char: str, category: str) -> int:
    """Return the class of a letter or number of the scripts that write syllables."""
    if char in _VOWELS:
        return MARK
    if char in _LEADS:
        return LEAD
    return LETTER if category == "Lo" else SINGLE


def begins_unspaced(text: str) -> bool:
    """Return whether a token is one of a script that is written without spaces.

    Examples
    --------
    >>> begins_unspaced("茶"), begins_unspaced("tea"), begins_unspaced("。")
    (True, False, False)
    """
    return classify(ord(text[0])) in _UNSPACED


@cache
def categories() -> npt.NDArray[np.bytes_]:
    """Return the Unicode categories of the first `TABLE_SIZE` code points, two letters each."""
    return np.array(list(map(unicodedata.category, map(chr, range(TABLE_SIZE)))), "S2")


@cache
def class_table() -> npt.NDArray[np.uint8]:
    """Return the classes of the first `TABLE_SIZE` code points, uint8.

    All of them at once: every process builds it, and `classify` takes a microsecond.
    """
    category = categories()
    major = category.astype("S1")
    table = np.full(TABLE_SIZE, SYMBOL, np.uint8)
    table[np.isin(major, (b"L", b"N"))] = WORD
    table[ord("_")] = WORD
    for low, high in _UNSPACED_SCRIPTS:
        script = table[low : high + 1]
        script[script == WORD] = SINGLE
    for low, high in SYLLABLE_SCRIPTS:
        script = table[low : high + 1]
        is_letter = category[low : high + 1] == b"Lo"
        script[script == WORD] = np.where(is_letter[script == WORD], LETTER, SINGLE)
    table[np.isin(major, (b"C", b"Z"))] = HIDDEN
    table[major == b"M"] = MARK
    table[0xFE00:0xFE10] = table[0x034F] = HIDDEN
    for chars, kind in (
        (_SPACES, SPACE), (_LEADS, LEAD), (_VOWELS, MARK), (_KILLERS, KILLER), (_STACKERS, STACKER)
    ):  # fmt: skip
        table[[ord(char) for char in chars]] = kind
    return table
