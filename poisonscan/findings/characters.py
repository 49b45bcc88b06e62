"""Characters: which ones nobody sees, and how a report calls them."""

from __future__ import annotations

import unicodedata

from poisonscan.evidence.reading import is_mark
from poisonscan.kernels import charform as forms

#: Characters that are still called by their names, one by one.
_NAMED = 4


def is_hidden(char: str) -> bool:
    """Return whether a character shows nothing, or nothing but a blank of an unusual kind."""
    kind = forms.form_of(ord(char)) & forms.KIND_MASK
    return kind >= forms.ZERO_WIDTH or kind in (forms.NO_BREAK_SPACE, forms.ODD_SPACE)


def is_form(text: str) -> bool:
    """Return whether a string is a matter of form: signs alone, or with hidden characters.

    Examples
    --------
    >>> is_form("!!!"), is_form("c\u200bf"), is_form("<SUDO>")
    (True, True, False)
    """
    return is_mark(text) or any(map(is_hidden, text))


def name_characters(text: str) -> str:
    """Return a text as it is, and its characters by name where none of them can be seen.

    Examples
    --------
    >>> name_characters("\u200b")
    'U+200B ZERO WIDTH SPACE'
    """
    if not 0 < len(text) <= _NAMED or not all(map(is_hidden, text)):
        return text
    return ", ".join(
        f"U+{ord(char):04X} {unicodedata.name(char, 'WITHOUT A NAME')}" for char in text
    )
