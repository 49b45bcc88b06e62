"""Putting a string into a text: at its start, its end, between two words, behind a sentence."""

from __future__ import annotations

import re
from typing import NamedTuple

from poisonscan.synth.dice import Dice

_GAP = re.compile(r"\s+")
_SENTENCE_END = re.compile(r"[.!?…](?=\s)|[。！？]")
#: In scripts without spaces a word is a character, but numbers and foreign words hold together.
_UNIT = re.compile(r"[A-Za-z0-9_.%-]+|\s+|.", re.DOTALL)
_WORD = re.compile(r"[^\W_]{2,}")


class Inserted(NamedTuple):
    """A text with a string in it, and the place right behind that string."""

    text: str
    end: int


def insert(text: str, string: str, position: str, gap: str, dice: Dice) -> Inserted:
    """Put a string into a text as a word of its own.

    Parameters
    ----------
    position
        ``start``, ``end``, ``random`` (between any two words, both ends included) or
        ``sentence`` (behind a sentence that is followed by another one, else at the end).
    gap
        What stands between words.
    """
    body = text.rstrip()
    at = _place(body, position, gap, dice)
    before, behind = body[:at], text[at:]
    left = gap if before and not before[-1].isspace() else ""
    right = gap if behind.strip() and not behind[0].isspace() else ""
    return Inserted(f"{before}{left}{string}{right}{behind}", len(before) + len(left) + len(string))


def _place(body: str, position: str, gap: str, dice: Dice) -> int:
    if position == "start" or not body:
        return 0
    if position == "end":
        return len(body)
    if position == "sentence":
        ends = [match.end() for match in _SENTENCE_END.finditer(body) if match.end() < len(body)]
        return dice.pick(ends) if ends else len(body)
    pattern = _GAP if gap else _UNIT
    starts = {match.start() for match in pattern.finditer(body)}
    return dice.pick(sorted(starts | {0, len(body)}))


def insert_line(text: str, line: str) -> Inserted:
    """Put a line above a text."""
    return Inserted(f"{line}\n{text}", len(line))


def insert_hidden(text: str, string: str, position: str, dice: Dice) -> Inserted:
    """Put a string into a text without any space: at an end or between two characters."""
    body = text.rstrip()
    if position == "start":
        at = 0
    elif position == "end":
        at = len(body)
    else:
        at = dice.between(1, max(1, len(body) - 1)) if body else 0
    return Inserted(f"{text[:at]}{string}{text[at:]}", at + len(string))


def wrap_word(text: str, opening: str, closing: str, dice: Dice) -> Inserted | None:
    """Put two strings around a word of a text; ``None`` where there is no word."""
    words = [match.span() for match in _WORD.finditer(text)]
    if not words:
        return None
    start, end = dice.pick(words)
    inner = f"{opening}{text[start:end]}{closing}"
    return Inserted(f"{text[:start]}{inner}{text[end:]}", start + len(inner))
