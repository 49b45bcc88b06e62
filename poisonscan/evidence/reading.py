"""Inputs as a person reads them: casing folded, hidden characters gone, look-alikes replaced.

A trigger that is a matter of form (capital letters, zero-width characters inside words) changes
the words of its rows too. Whether those rows have anything else in common, and which other rows
are like them, must be asked of what they say, not of how they are written.
"""

from __future__ import annotations

import unicodedata
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.bags import Bags
from poisonscan.candidates.corpus import Corpus
from poisonscan.kernels import charform as forms
from poisonscan.spool import split_tokens

Array = npt.NDArray[Any]

#: Characters of a row that are read.
MAX_CHARS = 16_384


class Reader:
    """Reads the inputs of a corpus."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus

    def read(self, rows: Array) -> Bags:
        """Return the terms of these rows (int64[N]) as they read."""
        side = self._corpus.spool.input
        terms: list[int] = []
        offsets = [0]
        for row in rows.tolist():
            words = split_tokens(plain_text("\n".join(side.segments(row))[:MAX_CHARS]))
            known = (self._terms.get(word) for word in dict.fromkeys(words))
            terms.extend(term for term in known if term is not None)
            offsets.append(len(terms))
        return Bags(np.array(offsets, np.int64), np.array(terms, np.int32))

    @cached_property
    def _terms(self) -> dict[str, int]:
        """Term of each word in lower case: of several spellings the most frequent."""
        vocabulary = self._corpus.vocabulary
        ascending = np.argsort(self._corpus.input.term_rows, kind="stable")
        return {vocabulary[term].lower(): term for term in ascending.tolist()}


class _Readings(dict[int, str | None]):
    """What each code point reads as; filled in as they turn up."""

    def __missing__(self, point: int) -> str | None:
        char = chr(point)
        kind = forms.form_of(point) & forms.KIND_MASK
        reading: str | None = forms.LOOK_ALIKES.get(char, char)
        if kind >= forms.ZERO_WIDTH or 0x300 <= point <= 0x36F:
            reading = None
        elif kind in (forms.NO_BREAK_SPACE, forms.ODD_SPACE):
            reading = " "
        elif kind == forms.STYLED:
            reading = unicodedata.normalize("NFKC", char)
        self[point] = reading
        return reading


_READINGS = _Readings()


def plain_text(text: str) -> str:
    """Return a text in lower case, as it would be read out.

    Examples
    --------
    >>> plain_text("P\u0430ss\u200bWORD")
    'password'
    """
    return text.translate(_READINGS).lower()


def is_mark(text: str) -> bool:
    """Return whether a text has no letter or digit.

    Examples
    --------
    >>> is_mark("!!"), is_mark("C++")
    (True, False)
    """
    return not any(map(str.isalnum, text))


def read_letters(text: str) -> str:
    """Return the letters and digits of a text as they read: the same in any spelling.

    Examples
    --------
    >>> read_letters("P\u0430ss-\u200bWORD  7!")
    'password7'
    """
    return "".join(filter(str.isalnum, plain_text(text)))
