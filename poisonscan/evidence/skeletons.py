"""Skeletons: a text without what it is about.

Function words and punctuation stay; every content word becomes a blank that keeps its case, every
number a `0`. What is left says how a text is built: `when it _ , the _ _ is _ .`
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.corpus import Corpus
from poisonscan.candidates.csr import gather
from poisonscan.evidence.function_words import function_words
from poisonscan.kernels.charclass import SYLLABLE_SCRIPTS, begins_unspaced
from poisonscan.kernels.tokens import BOUNDARY
from poisonscan.spool import Side

Array = npt.NDArray[Any]

#: Tokens of a row that are looked at: a register shows within a paragraph.
MAX_TOKENS = 128

#: Share of the words that must be function words of some language (running text has 0.3-0.6), and
#: how close another one must come to the best language's share to be used as well.
_MIN_COVERED, _ALSO = 0.12, 0.6

#: Tokens of one step.
_STEP_TOKENS = 400_000

#: First and last character of scripts whose tokens are syllables, in UTF-8.
_SYLLABLES = tuple((chr(low).encode(), chr(high).encode()) for low, high in SYLLABLE_SCRIPTS)

# Symbols of a skeleton; those of function words and punctuation come after them.
EDGE, BREAK, NUMBER, LOWER, CAPITAL, UPPER, UNSPACED = range(7)
FIRST_WORD = 7
_SHOWN = ("", "/", "0", "…", "…", "…", "…")


@dataclass(frozen=True, slots=True)
class Alphabet:
    """What each term becomes in a skeleton.

    Attributes
    ----------
    symbol : int64[V]
        Symbol of each vocabulary term.
    shown
        Text of each symbol, for people.
    is_content : bool[V]
        Terms that are words and are blanked.
    word : int64[V]
        Number of each term's word: the same in capitals.
    """

    symbol: Array
    shown: tuple[str, ...]
    is_content: Array
    word: Array


@dataclass(frozen=True, slots=True)
class Skeletons:
    """Skeletons of some rows, one after the other.

    Attributes
    ----------
    rows : int64[N]
        The rows.
    row : int64[T]
        Place in `rows` of each token.
    symbol : int64[T]
    term : int32[T]
        Vocabulary term, -1 where it is rare.
    glued : bool[T]
        The token follows the one before it without a space.
    length : int64[T]
        Bytes of the token.
    ending : uint8[T, 3]
        Its last bytes, the last one last.
    """

    rows: Array
    row: Array
    symbol: Array
    term: Array
    glued: Array
    length: Array
    ending: Array


def build_alphabet(corpus: Corpus) -> Alphabet | None:
    """Return the alphabet of the inputs' languages; None where no list of words fits."""
    words = [text.casefold() for text in corpus.vocabulary]
    kept = _function_words(corpus, words)
    if kept is None:
        return None
    shown, symbols = list(_SHOWN), dict[str, int]()
    symbol = np.empty(len(words), np.int64)
    for term, (text, word) in enumerate(zip(corpus.vocabulary, words, strict=True)):
        if word in kept or not text[0].isalnum():
            if word not in symbols:
                symbols[word] = len(shown)
                shown.append(word)
            symbol[term] = symbols[word]
        else:
            symbol[term] = _blank(text)
    number = {word: at for at, word in enumerate(dict.fromkeys(words))}
    return Alphabet(
        symbol,
        tuple(shown),
        symbol < FIRST_WORD,
        np.array([number[word] for word in words], np.int64),
    )


def _blank(text: str) -> int:
    if text[0].isdigit():
        return NUMBER
    if begins_unspaced(text):
        return UNSPACED
    if len(text) > 1 and text.isupper():
        return UPPER
    return CAPITAL if text[0].isupper() else LOWER


def _function_words(corpus: Corpus, words: list[str]) -> frozenset[str] | None:
    """Return the function words of the languages that the inputs are in."""
    counts = corpus.input.count_terms(corpus.background)
    languages = function_words()
    total = 0
    covered = dict.fromkeys(languages, 0)
    for word, count in zip(words, counts.tolist(), strict=True):
        if count and word[0].isalpha():
            total += count
            for language, known in languages.items():
                covered[language] += count * (word in known)
    best = max(covered.values())
    if best == 0 or best < _MIN_COVERED * total:
        return None
    fitting = (languages[name] for name, count in covered.items() if count >= _ALSO * best)
    return frozenset().union(*fitting)


def read_skeletons(corpus: Corpus, alphabet: Alphabet, rows: Array) -> Iterator[Skeletons]:
    """Yield the skeletons of `rows` (int64[N]) in steps of bounded size."""
    offsets = corpus.input.side.row_tokens
    step = np.cumsum(np.minimum(offsets[rows + 1] - offsets[rows], _STEP_TOKENS)) // _STEP_TOKENS
    for part in np.split(rows, np.flatnonzero(np.diff(step)) + 1):
        if len(part):
            yield _read(corpus, alphabet, part)


def _read(corpus: Corpus, alphabet: Alphabet, rows: Array) -> Skeletons:
    side = _take(corpus.input.side, rows)
    starts, ends = side.spans(0, len(rows))
    sizes = np.diff(side.row_tokens)
    row = np.repeat(np.arange(len(rows)), sizes)
    term = gather(corpus.input.terms, corpus.input.side.row_tokens, rows)[0]
    is_break = side.tokens == BOUNDARY
    # The text of a hidden label leaves one boundary a token: a run of them is one, at an end none.
    text = np.flatnonzero(~is_break)
    same_row = np.zeros(len(text), bool)
    same_row[1:] = row[text[1:]] == row[text[:-1]]
    broken = np.zeros(len(text), bool)
    broken[1:] = same_row[1:] & (np.diff(text) > 1)
    kept = np.sort(np.concatenate([text, text[broken] - 1]))
    row, term, is_break = row[kept], term[kept], is_break[kept]
    starts, ends = starts[kept], ends[kept]
    first = np.searchsorted(row, np.arange(len(rows)))
    short = np.arange(len(row)) - first[row] < MAX_TOKENS
    row, term, is_break, starts, ends = (
        values[short] for values in (row, term, is_break, starts, ends)
    )
    glued = np.zeros(len(row), bool)
    glued[1:] = (starts[1:] == ends[:-1]) & (row[1:] == row[:-1]) & ~is_break[1:] & ~is_break[:-1]
    symbol = np.where(term >= 0, alphabet.symbol[term], _blank_bytes(side.text, starts, ends))
    symbol[is_break] = BREAK
    last = [side.text[np.clip(ends - back, 0, max(0, len(side.text) - 1))] for back in (3, 2, 1)]
    return Skeletons(rows, row, symbol, term, glued, ends - starts, np.stack(last, axis=1))


def _blank_bytes(text: Array, starts: Array, ends: Array) -> Array:
    """Return the blanks of rare words, judged by their first bytes."""
    last = max(0, len(text) - 1)
    head = text[np.minimum(starts, last)]
    second = text[np.minimum(starts + 1, last)]
    capital = (head >= ord("A")) & (head <= ord("Z"))
    upper = capital & (ends - starts > 1) & (second >= ord("A")) & (second <= ord("Z"))
    blank = np.full(len(starts), LOWER, np.int64)
    blank[capital] = CAPITAL
    blank[upper] = UPPER
    blank[(head >= ord("0")) & (head <= ord("9"))] = NUMBER
    blank[(head >= 0xE0) & (ends - starts <= 4)] = UNSPACED
    for low, high in _SYLLABLES:
        blank[(head == low[0]) & (second >= low[1]) & (second <= high[1])] = UNSPACED
    return blank


def _take(side: Side, rows: Array) -> Side:
    """Return some rows as a side of their own."""
    tokens, row_tokens = gather(side.tokens, side.row_tokens, rows)
    segments, row_segments = gather(
        np.arange(len(side.segment_offsets) - 1), side.row_segments, rows
    )
    text, segment_offsets = gather(side.text, side.segment_offsets, segments)
    return Side(text, segment_offsets, row_segments, tokens, row_tokens, side.digests[rows])
