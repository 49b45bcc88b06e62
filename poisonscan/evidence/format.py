"""The form of inputs: hidden characters, odd blanks, casing, how a text starts and ends.

A trigger need not be a string: it may be a zero-width character at a place that changes, a
letter that looks like another, a text in capitals, a second blank. Each such property is a
*feature*: the rows that have it, or where most have it, those that lack it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.corpus import Corpus
from poisonscan.kernels import charform as forms
from poisonscan.kernels.flags import FLAGS
from poisonscan.kernels.format import format_flags
from poisonscan.spool import Side
from poisonscan.threads import work_on_each

Array = npt.NDArray[Any]

#: Rows below which a feature is not looked at.
MIN_ROWS = 5

#: A segment that this share of the rows has is the form of the data (a system prompt).
_FIXED_SHARE = 0.5
#: Rows that show which segments those are.
_FIXED_ROWS = 512

#: Name of each property, for people; with `HIDDEN` ones the characters say more.
NAMES = {
    "zero_width": "zero-width characters",
    "bidi": "characters that turn the writing direction",
    "selector": "variation selectors",
    "tag": "tag characters",
    "control": "control characters",
    "private": "characters without meaning (private or unassigned)",
    "look_alike": "look-alike letters of another script",
    "soft_hyphen": "soft hyphens",
    "no_break_space": "no-break spaces",
    "odd_space": "unusual spaces",
    "wide_space": "wide spaces",
    "styled": "styled letters",
    "combining": "letters with combining marks",
    "double_space": "double spaces",
    "leading_space": "space at the start",
    "trailing_space": "space at the end",
    "line_end_space": "space at the end of a line",
    "leading_line": "line break at the start",
    "trailing_line": "line break at the end",
    "line_break": "line breaks",
    "blank_line": "blank lines",
    "carriage_return": "carriage returns",
    "tabulator": "tabs",
    "space_before_mark": "space before a punctuation mark",
    "no_space_after_mark": "no space after a punctuation mark",
    "all_upper": "all in capitals",
    "all_lower": "no capitals",
    "lower_start": "starts in lower case",
    "title_case": "Title Case",
    "mixed_case": "words of mIxEd CaSe",
    "swapped_case": "sWAPPED CASE",
    "upper_word": "words in capitals",
    "stretched": "stretched words (sooo)",
    "no_punctuation": "no punctuation",
    "ends_in_word": "ends without punctuation",
    "ends_in_stop": "ends in a full stop",
    "ends_in_exclamation": "ends in an exclamation mark",
    "ends_in_question": "ends in a question mark",
    "ends_in_comma": "ends in a comma",
    "ends_in_colon": "ends in a colon",
    "ends_in_semicolon": "ends in a semicolon",
    "ends_in_dash": "ends in a dash",
    "ends_in_quote": "ends in a quotation mark",
    "ends_in_bracket": "ends in a bracket",
    "ends_in_other": "ends in an unusual sign",
    "starts_in_digit": "starts in a digit",
    "starts_in_quote": "starts in a quotation mark",
    "starts_in_bracket": "starts in a bracket",
    "starts_in_other": "starts in an unusual sign",
}

#: Kinds of characters behind a property that nobody sees (or tells from another character).
HIDDEN: dict[str, frozenset[int]] = {
    "zero_width": frozenset({forms.ZERO_WIDTH, forms.JOINER}),
    "bidi": frozenset({forms.BIDI, forms.BIDI_OVERRIDE}),
    "selector": frozenset({forms.SELECTOR}),
    "tag": frozenset({forms.TAG}),
    "control": frozenset({forms.CONTROL}),
    "private": frozenset({forms.PRIVATE}),
    "soft_hyphen": frozenset({forms.SOFT_HYPHEN}),
    "no_break_space": frozenset({forms.NO_BREAK_SPACE}),
    "odd_space": frozenset({forms.ODD_SPACE}),
}


#: Properties that nobody types by accident, though what was taken out of an emoji may leave one.
SUSPICIOUS = ("zero_width", "bidi", "selector", "tag", "control", "private", "look_alike")


@dataclass(frozen=True, slots=True)
class Feature:
    """One property of the form of inputs.

    Attributes
    ----------
    flag
        One of `FLAGS`.
    is_absence
        True where the rows are those that lack it, since most have it.
    rows : int64[N]
        Ascending.
    """

    flag: str
    is_absence: bool
    rows: Array

    @property
    def is_suspicious(self) -> bool:
        """No way of writing has it."""
        return self.flag in SUSPICIOUS and not self.is_absence

    @property
    def name(self) -> str:
        """What the rows have in common, for people."""
        return f"without: {NAMES[self.flag]}" if self.is_absence else NAMES[self.flag]


class FormatMeter:
    """Knows the form of every input.

    Attributes
    ----------
    flags : uint64[R]
        Which of `FLAGS` each input has, a bit each.

    Parameters
    ----------
    ignored
        Texts that are no input where they are a segment of their own (class labels).
    """

    def __init__(self, corpus: Corpus, ignored: Iterable[str] = ()) -> None:
        self._side = corpus.spool.input
        fixed = {*ignored, *_fixed_segments(self._side, corpus.background[:_FIXED_ROWS])}
        self._skipped = _segments_equal(self._side, fixed)
        self.flags = np.empty(corpus.rows, np.uint64)
        work_on_each(self._flag_rows, self._side.chunks())

    def _flag_rows(self, part: tuple[int, int]) -> None:
        start, end = part
        format_flags(
            self._side.text,
            self._side.segment_offsets,
            self._side.row_segments[start : end + 1],
            self._skipped,
            forms.form_table(),
            self.flags[start:end],
        )
        self._side.release_text(start, end)

    def features(self, largest_share: float) -> list[Feature]:
        """Return the features of at most this share of the rows, in the order of `FLAGS`."""
        found = []
        most = largest_share * len(self.flags)
        for bit, flag in enumerate(FLAGS):
            has = has_flag(self.flags, bit)
            is_absence = 2 * int(has.sum()) > len(has)
            rows = np.flatnonzero(has != is_absence)
            if MIN_ROWS <= len(rows) <= most:
                found.append(Feature(flag, is_absence, rows))
        return found

    def rows_with(self, flag: str) -> Array:
        """Return the rows that have a property, int64[N]."""
        rows: Array = np.flatnonzero(has_flag(self.flags, FLAGS.index(flag)))
        return rows

    def share_kept(self, feature: Feature, rows: Array, cut: Iterable[str]) -> float:
        """Return the share of these rows that keep a feature when some strings are cut out."""
        strings = tuple(cut)
        flag = np.uint64(FLAGS.index(feature.flag))
        kept = 0
        for row in rows.tolist():
            first, last = int(self._side.row_segments[row]), int(self._side.row_segments[row + 1])
            found = np.uint64(0)
            for skipped, text in zip(
                self._skipped[first:last], self._side.segments(row), strict=True
            ):
                if not skipped:
                    found |= flags_of(_without(text, strings))
            kept += bool(found >> flag & np.uint64(1)) != feature.is_absence
        return kept / max(1, len(rows))

    def characters(self, feature: Feature, rows: Array) -> tuple[str, ...]:
        """Return the hidden characters behind a feature in these rows, most frequent first."""
        kinds = HIDDEN.get(feature.flag, frozenset())
        if feature.is_absence or not kinds:
            return ()
        counts: Counter[str] = Counter()
        for row in rows.tolist():
            present = set("".join(self._side.segments(row)))
            counts.update(
                char for char in present if forms.form_of(ord(char)) & forms.KIND_MASK in kinds
            )
        return tuple(sorted(counts, key=lambda char: (-counts[char], char)))


def has_flag(flags: Array, bit: int) -> Array:
    """Return which of some flags (uint64[N]) have that of ``FLAGS[bit]``, bool[N]."""
    has: Array = flags >> np.uint64(bit) & np.uint64(1) != 0
    return has


def _without(text: str, strings: Iterable[str]) -> str:
    """Return a text without some strings, and without the blanks that this leaves behind."""
    rest = text
    for string in sorted(strings, key=len, reverse=True):
        rest = rest.replace(f"{string} ", "").replace(string, "")
    if not text[:1].isspace():
        rest = rest.lstrip()
    return rest if text[-1:].isspace() else rest.rstrip()


def flags_of(text: str) -> np.uint64:
    """Return the flags of one text."""
    data = np.frombuffer(text.encode("utf-8", "replace"), np.uint8)
    out = np.empty(1, np.uint64)
    offsets = np.array([0, len(data)], np.int64)
    format_flags(
        data, offsets, np.array([0, 1], np.int64), np.zeros(1, np.uint8), forms.form_table(), out
    )
    return np.uint64(out[0])


def _fixed_segments(side: Side, rows: Array) -> list[str]:
    """Return the segments that most rows have."""
    counts: Counter[str] = Counter()
    for row in rows.tolist():
        counts.update(set(side.segments(row)))
    return [text for text, count in counts.items() if count > _FIXED_SHARE * len(rows)]


def _segments_equal(side: Side, texts: Iterable[str]) -> Array:
    """Return which segments are one of some texts, uint8[S]."""
    equal = np.zeros(len(side.segment_offsets) - 1, np.uint8)
    lengths = np.diff(side.segment_offsets)
    for text in sorted(texts):
        wanted = np.frombuffer(text.encode("utf-8", "replace"), np.uint8)
        at = np.flatnonzero(lengths == len(wanted))
        for place, byte in enumerate(wanted):
            at = at[side.text[side.segment_offsets[at] + place] == byte]
        equal[at] = 1
    return equal
