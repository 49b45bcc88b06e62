r"""Hostile text made safe for people: what cannot be seen is shown, what acts is disarmed.

Triggers hide in zero-width characters, bidi controls and look-alike spaces, and a terminal obeys
escape sequences. So every character that is invisible or that steers its surroundings is replaced
by an escape such as ``\x1b``, ``\u202e`` or ``\U000e0041``. What remains is inert text; it is still
not markup, and has to be given to `rich.text.Text` or to an autoescaping template as such.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, islice

#: A line break, shown in one line.
NEWLINE = "⏎"
#: Text was left out here.
CUT = "…"

#: Limits below this are raised to it: the longest escape and two cuts must fit.
MIN_LIMIT = 16
#: Marks looked for in one text, and the least room for one of them: hostile lists stay cheap.
MAX_MARKS = 32
_MIN_WINDOW = 24
#: Occurrences of a mark that are looked at for one that is a word of its own.
_WORD_TRIES = 1000

# Controls, formats, surrogates, private use, unassigned, line and paragraph separators. Private
# and unassigned ones have no glyph anyone can rely on, and may be invisible in newer Unicode.
_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Letters, marks and spaces that look like nothing or like a plain space; the ideographic space
# (U+3000) is everyday text and recognisably wide.
_UNSEEN = frozenset(
    {"\u00a0", "\u034f", "\u115f", "\u1160", "\u1680", "\u17b4", "\u17b5", "\u2800", "\u3164"}
    | {"\u202f", "\u205f", "\uffa0"}
    | {chr(code) for code in (*range(0x180B, 0x1810), *range(0x2000, 0x200B))}
    | {chr(code) for code in (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))}
)


@dataclass(frozen=True, slots=True)
class Span:
    """A run of safe text.

    Attributes
    ----------
    marked
        True where it is part of what the reader should look at.
    escaped
        True where the text stands for something else: an escape, `NEWLINE` or `CUT`. Tells a
        real control character from data that spell out a backslash.
    """

    text: str
    marked: bool = False
    escaped: bool = False


@lru_cache(maxsize=4096)
def visible(char: str) -> str:
    """Return one character as people can see it: itself, `NEWLINE` or an escape."""
    if char == "\n":
        return NEWLINE
    if char == "\t":
        return r"\t"
    if unicodedata.category(char) not in _UNSEEN_CATEGORIES and char not in _UNSEEN:
        return char
    code = ord(char)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def for_terminal(text: str, limit: int | None = None, marks: Sequence[str] = ()) -> str:
    """Return `text` in one line that no terminal interprets.

    Parameters
    ----------
    limit
        Most characters of the result (at least `MIN_LIMIT`); ``None`` keeps all.
    marks
        Parts of `text` that stay visible when it is cut.
    """
    return "".join(span.text for span in spans(text, limit, marks))


def for_html(text: str, limit: int | None = None, marks: Sequence[str] = ()) -> str:
    """Return `text` in one line without invisible characters; escaping HTML is up to the template.

    Parameters are those of `for_terminal`.
    """
    return for_terminal(text, limit, marks)


def spans(text: str, limit: int | None = None, marks: Sequence[str] = ()) -> list[Span]:
    """Split `text` into safe runs, marked and unmarked, cut around the marks.

    Costs one search of `text` per mark and otherwise depends on `limit` alone.

    Parameters
    ----------
    limit
        Most characters of all runs together (at least `MIN_LIMIT`); ``None`` keeps all.
    marks
        Strings to mark. One that does not occur as such is looked for in any case, and one that
        occurs as a word is not marked inside other words.
    """
    lower = text.lower() if marks else text
    folded = lower if len(lower) == len(text) else text  # positions must stay the same
    wanted = [mark for mark in dict.fromkeys(marks[:MAX_MARKS]) if mark]
    found = [_Mark.find(text, folded, mark) for mark in wanted]
    windows = _windows(text, limit, [mark for mark in found if mark.first >= 0])
    result: list[Span] = []
    at = 0
    for start, end in windows:
        if start > at:
            result.append(Span(CUT, escaped=True))
        result.extend(_safe_runs(text, start, end, found))
        at = end
    if at < len(text):
        result.append(Span(CUT, escaped=True))
    return result


@dataclass(frozen=True, slots=True)
class _Mark:
    """One string looked for in one text, and how it has to be looked for."""

    haystack: str
    needle: str
    whole_word: bool
    first: int  # -1: does not occur

    @classmethod
    def find(cls, text: str, folded: str, mark: str) -> _Mark:
        """Look for `mark`: as it is before in any case, as a word before anywhere."""
        for haystack, needle in ((text, mark), (folded, mark.lower())):
            first = haystack.find(needle)
            if first < 0:
                continue
            word = cls(haystack, needle, whole_word=True, first=first)
            tries = islice(word._places(0, len(haystack)), _WORD_TRIES)
            first_word = next((at for at in tries if word._is_word(at)), -1)
            return cls(haystack, needle, first_word >= 0, max(first_word, first))
        return cls(text, mark, False, -1)

    def occurrences(self, start: int, end: int) -> Iterator[int]:
        """Yield where the mark begins, for all that touch ``[start, end)``, left to right."""
        for at in self._places(start, end):
            if not self.whole_word or self._is_word(at):
                yield at

    def _places(self, start: int, end: int) -> Iterator[int]:
        size = len(self.needle)
        stop = end + size - 1
        at = self.haystack.find(self.needle, max(0, start - size + 1), stop)
        while at >= 0:
            yield at
            at = self.haystack.find(self.needle, at + size, stop)

    def _is_word(self, at: int) -> bool:
        text, end = self.haystack, at + len(self.needle)
        glued_left = at > 0 and text[at - 1].isalnum() and text[at].isalnum()
        glued_right = end < len(text) and text[end].isalnum() and text[end - 1].isalnum()
        return not glued_left and not glued_right


def _windows(text: str, limit: int | None, found: list[_Mark]) -> list[tuple[int, int]]:
    """Return the parts of `text` to show, in order, without overlap."""
    if limit is None:
        return [(0, len(text))]
    limit = max(limit, MIN_LIMIT)
    if len(text) <= limit and sum(len(visible(char)) for char in text) <= limit:
        return [(0, len(text))]
    anchors = sorted((mark.first, mark.first + len(mark.needle)) for mark in found) or [(0, 0)]
    anchors = anchors[: max(1, limit // _MIN_WINDOW)]
    room = (limit - len(anchors) - 1) // len(anchors)
    merged: list[tuple[int, int]] = []
    for start, end in (_grow(text, *anchor, room) for anchor in anchors):
        if merged and start <= merged[-1][1]:
            merged[-1] = (min(start, merged[-1][0]), max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _grow(text: str, start: int, end: int, room: int) -> tuple[int, int]:
    """Return ``[start, end)`` cut to `room` visible characters, or widened to fill them."""
    left = right = start
    while right < end and (cost := len(visible(text[right]))) <= room:
        right, room = right + 1, room - cost
    if right < end:
        return left, right
    grew = True
    while grew:
        grew = False
        if left > 0 and (cost := len(visible(text[left - 1]))) <= room:
            left, room, grew = left - 1, room - cost, True
        if right < len(text) and (cost := len(visible(text[right]))) <= room:
            right, room, grew = right + 1, room - cost, True
    return left, right


def _safe_runs(text: str, start: int, end: int, found: list[_Mark]) -> Iterator[Span]:
    """Yield the spans of ``text[start:end]``; each line break is a span of its own."""
    is_marked = bytearray(end - start)
    for mark in found:
        for at in mark.occurrences(start, end):
            first = max(at, start) - start
            last = min(at + len(mark.needle), end) - start
            is_marked[first:last] = b"\x01" * (last - first)
    seen = ((visible(char), char, is_marked[at]) for at, char in enumerate(text[start:end]))
    runs = groupby(seen, key=lambda item: (item[2], item[0] != item[1], item[1] == "\n"))
    for (marked, escaped, is_break), run in runs:
        shown = [item[0] for item in run]
        for piece in shown if is_break else ["".join(shown)]:
            yield Span(piece, bool(marked), escaped)
