"""What is unusual about the form of a text: one bit a property, one pass over the bytes."""

from __future__ import annotations

import numpy as np
from numba import njit

from poisonscan.kernels import charform as forms
from poisonscan.kernels import flags as flag
from poisonscan.kernels.signatures import I64, I64_IN, U8_IN, U64, U64_OUT, VOID
from poisonscan.kernels.tokens import decode

#: Letters below which a text has no casing to speak of, letters of a word that is shouted, those of
#: one that mixes cases, and capitals for each small letter where cases are swapped.
_CASED, _SHOUTED, _MIXED, _SWAPPED = 6, 5, 5, 4

#: Words below which a text is a label or a name: no line that begins, ends or is shouted.
_WORDS = 2
#: The same in letters, where words are not spaced.
_UNSPACED = 8

_TAG_BASE = 0x1F3F4  # the black flag: what follows is the flag of a region


def _marks() -> np.ndarray:
    """Return for each ASCII sign which of the eleven ends it is, uint8[128]."""
    kinds = np.full(128, 10, np.uint8)
    for end, signs in enumerate((".", "!", "?", ",", ":", ";", "-", "\"'`", "()[]{}<>"), start=1):
        for sign in signs:
            kinds[ord(sign)] = end
    return kinds


_MARKS = _marks()


@njit([U64(U8_IN, I64, I64, U8_IN)], cache=True, nogil=True)
def _flags_of(data: np.ndarray, start: int, end: int, table: np.ndarray) -> np.uint64:
    """Return the flags of one segment, ``data[start:end]``."""
    flags = np.uint64(0)
    upper = lower = words = unspaced = titled = cased_words = 0
    has_latin = has_unlike = has_right = has_punctuation = False
    alike_run = longest_alike = 0
    soft_bidi = mixed_scripts = False
    # the word that is being read
    length = switches = word_upper = 0
    word_latin = word_alike = word_unlike = word_titled = False
    before = np.int64(-1)  # kind of the character before; -1 at the start
    before_script = np.int64(0)
    before_point = np.int64(-1)
    repeats = 1
    line_has_text = after_tag_base = False
    is_open = False  # a joiner stands behind something that it does not join
    pending_spaces = 0  # blanks since the last character that can be seen, on its line
    is_doubled = False  # two of them side by side
    breaks = 0  # line breaks since then
    first_kind = last_kind = np.int64(-1)
    first_point = last_point = np.int64(0)
    at = start
    while at <= end:
        form, point = np.int64(forms.LINE_FEED), np.int64(-2)
        if at < end:
            byte = np.int64(data[at])
            if byte < 0x80:
                form, point = np.int64(table[byte]), byte
                at += 1
            else:
                decoded = decode(data, at, end, table)
                point = np.int64((decoded & 0xFFFFFFFF) >> 3)
                at += decoded & 7
                form = np.int64(forms.PRIVATE)
                if point < len(table):
                    form = np.int64(decoded >> 32)
                elif 0xE0000 <= point <= 0xE007F:
                    form = np.int64(forms.TAG)
                elif 0xE0100 <= point <= 0xE01EF:
                    form = np.int64(forms.SELECTOR)
                elif point >> 16 == 2 or point >> 16 == 3:
                    form = np.int64(forms.LETTER | forms.FOREIGN << forms.SCRIPT_SHIFT)
        else:
            at += 1  # past the end: closes the last word, once
        kind, script = form & forms.KIND_MASK, form >> forms.SCRIPT_SHIFT

        is_letter = forms.LOWER <= kind <= forms.LETTER
        # --- words: hidden characters do not end them -------------------------------------------
        if is_letter:
            if length == 0:
                word_titled = kind == forms.UPPER
            elif before == forms.LOWER and kind == forms.UPPER:
                switches += 1
            elif before == forms.UPPER and kind == forms.LOWER:
                switches += 1
            length += 1
            upper += kind == forms.UPPER
            lower += kind == forms.LOWER
            word_upper += kind == forms.UPPER
            word_latin |= script == forms.LATIN
            word_alike |= script == forms.LOOK_ALIKE
            word_unlike |= script == forms.LOOK_UNLIKE
            has_right |= script == forms.RIGHT_TO_LEFT
            unspaced += script == forms.FOREIGN
            if point == before_point:
                repeats += 1
                if repeats >= 3 and point != 0x77 and kind == forms.LOWER:
                    flags |= flag.STRETCHED
            else:
                repeats = 1
        elif kind < forms.ZERO_WIDTH and kind != forms.MARK:
            if length > 0:
                words += 1
                cased_words += length > 3
                titled += length > 3 and word_titled
                if length >= _MIXED and switches * 5 >= 3 * (length - 1):
                    flags |= flag.MIXED_CASE
                if length >= _SHOUTED and word_upper == length:
                    flags |= flag.UPPER_WORD
                mixed_scripts |= word_latin and word_alike
                has_latin |= word_latin
                has_unlike |= word_unlike
                if word_alike and not word_latin and not word_unlike:
                    alike_run = max(alike_run, length)
                    longest_alike = alike_run
            length = switches = word_upper = 0
            word_latin = word_alike = word_unlike = word_titled = False

        # --- what cannot be seen ----------------------------------------------------------------
        if is_open and kind < forms.JOINER:
            if kind != forms.OTHER and script <= forms.LOOK_UNLIKE:
                flags |= flag.ZERO_WIDTH
            is_open = False
        if kind == forms.ZERO_WIDTH:
            if before >= 0 or point != 0xFEFF:
                flags |= flag.ZERO_WIDTH
        elif kind == forms.JOINER:
            # Indic and Persian spelling, and emoji of several parts, need them.
            is_foreign = before_script > forms.LOOK_UNLIKE
            is_open = not is_foreign and before != forms.OTHER and before != forms.SELECTOR
        elif kind == forms.BIDI:
            soft_bidi = True
        elif kind == forms.BIDI_OVERRIDE:
            flags |= flag.BIDI
        elif kind == forms.SELECTOR:
            # They choose the shape of an emoji, a sign or an ideograph: one, and right behind it.
            # What is left of an emoji that was taken out stands behind a blank.
            if before == forms.SELECTOR or (
                forms.LOWER <= before <= forms.LETTER and before_script <= forms.LOOK_UNLIKE
            ):
                flags |= flag.SELECTOR
        elif kind == forms.TAG:
            if not after_tag_base:
                flags |= flag.TAG
        elif kind == forms.SOFT_HYPHEN:
            flags |= flag.SOFT_HYPHEN
        elif kind == forms.CONTROL:
            flags |= flag.CONTROL
        elif kind == forms.PRIVATE:
            flags |= flag.PRIVATE
        elif kind == forms.MARK:
            if before_script == forms.LATIN and 0x300 <= point <= 0x36F:
                flags |= flag.COMBINING
        if kind != forms.TAG:
            after_tag_base = point == _TAG_BASE

        # --- blanks and lines -------------------------------------------------------------------
        if kind == forms.SPACE:
            pending_spaces += 1
            is_doubled |= before == forms.SPACE
            if before < 0:
                flags |= flag.LEADING_SPACE
        elif kind == forms.LINE_FEED:
            if point < 0:  # the end of the text
                if breaks > 0:
                    flags |= flag.TRAILING_LINE
                elif pending_spaces > 0 and line_has_text:
                    flags |= flag.TRAILING_SPACE
            else:
                if pending_spaces > 0 and line_has_text:
                    flags |= flag.LINE_END_SPACE
                if before < 0:
                    flags |= flag.LEADING_LINE
                breaks += 1
                line_has_text = is_doubled = False
                pending_spaces = 0
        elif kind == forms.CARRIAGE_RETURN:
            flags |= flag.CARRIAGE_RETURN
        elif kind < forms.ZERO_WIDTH:
            if kind == forms.TAB:
                flags |= flag.TABULATOR
            elif kind == forms.NO_BREAK_SPACE:
                flags |= flag.NO_BREAK_SPACE
            elif kind == forms.ODD_SPACE:
                flags |= flag.ODD_SPACE
            elif kind == forms.WIDE_SPACE:
                flags |= flag.WIDE_SPACE
            elif kind == forms.STYLED:
                flags |= flag.LOOK_ALIKE if script == forms.LOOK_ALIKE else flag.STYLED
            if breaks > 0 and first_kind >= 0:
                flags |= flag.LINE_BREAK
                if breaks > 1:
                    flags |= flag.BLANK_LINE
            if line_has_text and is_doubled:
                flags |= flag.DOUBLE_SPACE
            is_mark = kind == forms.PUNCTUATION and point < 0x80 and 1 <= _MARKS[point] <= 6
            if is_mark and point != 0x2D and pending_spaces > 0 and line_has_text:
                flags |= flag.SPACE_BEFORE_MARK
            if is_letter and (last_point == 0x2C or last_point == 0x21 or last_point == 0x3F):
                if pending_spaces == 0 and breaks == 0:
                    flags |= flag.NO_SPACE_AFTER_MARK
            has_punctuation |= kind == forms.PUNCTUATION
            line_has_text, is_doubled = True, False
            pending_spaces = breaks = 0
            if first_kind < 0:
                first_kind, first_point = kind, point
            last_kind, last_point = kind, point
        before, before_script, before_point = kind, script, point

    if (mixed_scripts or longest_alike >= 2) and (has_latin and not has_unlike):
        flags |= flag.LOOK_ALIKE
    if soft_bidi and not has_right:
        flags |= flag.BIDI
    if words < _WORDS and unspaced < _UNSPACED:
        return flags
    if lower == 0 and upper >= _CASED:
        flags |= flag.ALL_UPPER
    if upper == 0 and lower >= _CASED:
        flags |= flag.ALL_LOWER
    if lower == 0:
        flags &= ~flag.UPPER_WORD
    if first_kind == forms.LOWER:
        flags |= flag.LOWER_START
    if cased_words >= 3 and titled == cased_words and lower > 0:
        flags |= flag.TITLE_CASE
    if first_kind == forms.LOWER and upper >= max(_CASED, _SWAPPED * lower):
        flags |= flag.SWAPPED_CASE
    if not has_punctuation:
        flags |= flag.NO_PUNCTUATION
    last, first = np.int64(10), np.int64(10)
    if forms.LOWER <= last_kind <= forms.DIGIT:
        last = np.int64(0)
    elif last_kind == forms.PUNCTUATION and last_point < 0x80:
        last = np.int64(_MARKS[last_point])
    flags |= flag.ENDS_IN_WORD << np.uint64(last)
    if first_kind == forms.DIGIT:
        flags |= flag.STARTS_IN_DIGIT
    elif not forms.LOWER <= first_kind <= forms.LETTER:
        if first_kind == forms.PUNCTUATION and first_point < 0x80:
            first = np.int64(_MARKS[first_point])
        # quotation mark, bracket, anything else
        flags |= flag.STARTS_IN_DIGIT << np.uint64(first - 7 if 8 <= first <= 9 else 3)
    return flags


@njit([VOID(U8_IN, I64_IN, I64_IN, U8_IN, U8_IN, U64_OUT)], cache=True, nogil=True)
def format_flags(
    data: np.ndarray,
    segment_offsets: np.ndarray,
    row_segments: np.ndarray,
    skipped: np.ndarray,
    table: np.ndarray,
    out: np.ndarray,
) -> None:
    """Write the flags that any segment of each row has.

    Parameters
    ----------
    data : uint8[B]
        UTF-8 text of all segments.
    segment_offsets : int64[S + 1]
        Byte range of each segment in `data`.
    row_segments : int64[R + 1]
        Segment range of each row.
    skipped : uint8[S]
        1 for segments that do not count: labels, system prompts that all rows have.
    table : uint8[TABLE_SIZE]
        Forms of the code points (charform.form_table).
    out : uint64[R]
        Bit k stands for ``FLAGS[k]``.
    """
    for row in range(len(row_segments) - 1):
        out[row] = 0
        for segment in range(row_segments[row], row_segments[row + 1]):
            if not skipped[segment]:
                out[row] |= _flags_of(
                    data, segment_offsets[segment], segment_offsets[segment + 1], table
                )
