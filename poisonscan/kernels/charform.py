"""What a code point is to the eye: cased, punctuation, a look-alike, or nothing at all.

The tokeniser's classes (charclass.py) say where words end; these say what a reader does not see
(zero-width, bidi, tags, odd spaces) or takes for something else (look-alikes). Kind in the low
five bits, script in the others.
"""

from __future__ import annotations

import unicodedata
from functools import cache

import numpy as np
import numpy.typing as npt

from poisonscan.kernels.charclass import TABLE_SIZE, categories

(
    OTHER,
    LOWER,
    UPPER,
    LETTER,
    DIGIT,
    PUNCTUATION,
    SPACE,
    TAB,
    LINE_FEED,
    CARRIAGE_RETURN,
    WIDE_SPACE,
    NO_BREAK_SPACE,
    ODD_SPACE,
    MARK,
    STYLED,
    ZERO_WIDTH,
    JOINER,
    BIDI,
    BIDI_OVERRIDE,
    SELECTOR,
    TAG,
    SOFT_HYPHEN,
    CONTROL,
    PRIVATE,
) = range(24)

#: Scripts: Latin, a letter that looks like a Latin one (or like an ideograph), a letter of the same
#: scripts that does not, one of a script written from right to left, any other.
LATIN, LOOK_ALIKE, LOOK_UNLIKE, RIGHT_TO_LEFT, FOREIGN = range(1, 6)

KIND_MASK, SCRIPT_SHIFT = 31, 5

#: Letters of other scripts that most typefaces draw like a Latin letter (from the confusables of
#: Unicode Technical Standard 39, those of one glyph).
LOOK_ALIKES = dict(
    zip(
        "аеорсухіјѕԁһԛԝѵӏАВЕЅІЈКМНОРСТУХԌԚԜΑΒΕΖΗΙΚΜΝΟΡΤΥΧονϳօսոցհԼՏՕᎪᏴᏟᎠᎬᎻᎫᏦᏞᎷᏢᏒᏚᎢᏙᏔᏃ",
        "aeopcyxijsdhqwvlABESIJKMHOPCTYXGQWABEZHIKMNOPTYXovjounghLSOABCDEHJKLMPRSTVWZ",
        strict=True,
    )
)

_ZERO_WIDTH = frozenset(
    (0x180E, 0x200B, *range(0x2060, 0x2065), 0xFEFF, 0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5)
) | {0x3164, 0xFFA0}
_BIDI = frozenset((0x061C, 0x200E, 0x200F, 0x202A, 0x202B, 0x202C, *range(0x2066, 0x206A)))
_SELECTORS = frozenset((*range(0xFE00, 0xFE10), 0x180B, 0x180C, 0x180D, 0x180F))
_LOOK_SCRIPTS = ((0x0370, 0x058F), (0x13A0, 0x13FF), (0x1C80, 0x1C8F), (0x1F00, 0x1FFF))
_RIGHT_TO_LEFT = ((0x0590, 0x08FF), (0xFB1D, 0xFDFF), (0xFE70, 0xFEFE), (0x10800, 0x10FFF))
#: Letters that only dress up another one: full width, mathematical, enclosed.
_STYLED = ((0x2460, 0x24FF), (0xFF10, 0xFF5A), (0x1D400, 0x1D7FF), (0x1F110, 0x1F189))
#: Radicals and compatibility ideographs: drawn like an ideograph, and typed by nobody.
_IDEOGRAPH_ALIKE = ((0x2E80, 0x2FD5), (0xF900, 0xFAFF))

_BY_CHAR = {
    " ": SPACE,
    "\t": TAB,
    "\n": LINE_FEED,
    "\r": CARRIAGE_RETURN,
    "\u3000": WIDE_SPACE,
    "\u00a0": NO_BREAK_SPACE,
    "\u00ad": SOFT_HYPHEN,
    "\u200c": JOINER,
    "\u200d": JOINER,
    "\u202d": BIDI_OVERRIDE,
    "\u202e": BIDI_OVERRIDE,
    "\u2800": ODD_SPACE,
}


def is_within(point: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    """Return whether a code point lies in one of the ranges (both ends included)."""
    return any(low <= point <= high for low, high in ranges)


def form_of(point: int) -> int:
    """Return ``script << SCRIPT_SHIFT | kind`` of one code point (what the table follows)."""
    char = chr(point)
    if point >= TABLE_SIZE:
        if 0xE0000 <= point <= 0xE007F:
            return TAG
        if 0xE0100 <= point <= 0xE01EF:
            return SELECTOR
        return FOREIGN << SCRIPT_SHIFT | LETTER if point >> 16 in (2, 3) else PRIVATE
    if char in _BY_CHAR:
        return _BY_CHAR[char]
    if point in _ZERO_WIDTH:
        return ZERO_WIDTH
    if point in _BIDI:
        return BIDI
    if point in _SELECTORS:
        return SELECTOR
    category = unicodedata.category(char)
    if is_within(point, _STYLED) and category[0] in "LNS":
        return STYLED
    if is_within(point, _IDEOGRAPH_ALIKE) and category != "Cn":
        return LOOK_ALIKE << SCRIPT_SHIFT | STYLED
    if category[0] == "L":
        kind = UPPER if char.isupper() else LOWER if char.islower() else LETTER
        return _script(point, char) << SCRIPT_SHIFT | kind
    if category == "Nd":
        return DIGIT
    if category[0] == "M":
        return MARK
    if category[0] == "P":
        return PUNCTUATION
    if category[0] == "Z":
        return ODD_SPACE
    if category == "Cc" or category == "Cf":
        return CONTROL
    is_emoji = 0x1F000 <= point <= 0x1FAFF  # also those of a Unicode yet to come
    return PRIVATE if category[0] == "C" and not is_emoji else OTHER


def _script(point: int, char: str) -> int:
    if char in LOOK_ALIKES:
        return LOOK_ALIKE
    if is_within(point, _LOOK_SCRIPTS):
        return LOOK_UNLIKE
    if is_within(point, _RIGHT_TO_LEFT):
        return RIGHT_TO_LEFT
    is_latin = point < 0x0250 or 0x1E00 <= point <= 0x1EFF
    return LATIN if is_latin else FOREIGN


@cache
def form_table() -> npt.NDArray[np.uint8]:
    """Return the forms of the first `TABLE_SIZE` code points, uint8."""
    category = categories()
    table = np.full(TABLE_SIZE, FOREIGN << SCRIPT_SHIFT | LETTER, np.uint8)
    unassigned = np.isin(category, (b"Cn", b"Co", b"Cs"))
    table[unassigned] = PRIVATE
    rest = ~unassigned & (category != b"Lo")
    ranges = (*_LOOK_SCRIPTS, *_RIGHT_TO_LEFT, *_STYLED, *_IDEOGRAPH_ALIKE)
    for first, last in (*ranges, (0, 0x024F), (0x1E00, 0x1EFF)):
        rest[first : last + 1] = True
    rest[0x1F000:0x1FB00] = True
    rest[[*map(ord, (*_BY_CHAR, *LOOK_ALIKES)), *_ZERO_WIDTH, *_BIDI, *_SELECTORS]] = True
    for point in np.flatnonzero(rest).tolist():  # most of the others are ideographs
        table[point] = form_of(point)
    return table
