"""Form and content of the inputs, as two sets of features that have nothing in common.

Form is how a text is written, whatever it is about: n-grams of its skeleton
(evidence/skeletons.py), its turns (evidence/turns.py), the endings of its content words, and a
profile (length, word length, repetition, share of function words and of capitals). Content is its
content words alone; in scripts without spaces also pairs of neighbouring characters, since one
character says little.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.corpus import Corpus
from poisonscan.evidence import skeletons as skeleton
from poisonscan.evidence.skeletons import Alphabet, Skeletons, build_alphabet, read_skeletons
from poisonscan.evidence.turns import find_turns

Array = npt.NDArray[Any]

#: Longest n-gram of a skeleton.
MAX_ORDER = 5

#: Rows that a feature needs among those it is chosen on, and features of each set.
_MIN_ROWS, _MAX_FEATURES = 5, 60_000

#: Letters that a content word needs for its ending to count.
_ENDING_LETTERS = 5

#: Odd multiplier that puts symbols together to n-grams (golden ratio, 64 bit).
_MIX = np.uint64(0x9E3779B97F4A7C15)

#: Upper bits of a key that say what the feature is; n-grams have neither, turns come last.
_ENDING, _PROFILE, _TURN = np.uint64(1 << 62), np.uint64(1 << 63), np.uint64(3 << 62)
_GRAM = np.uint64((1 << 62) - 1)

#: Weight of a turn: the nine of a row are at most 0.6 times as long as its other features together.
_TURN_WEIGHT = 0.2

#: Length of a row of content: with entries of 1 a long text would be surer of its label than a
#: short one.
_CONTENT_LENGTH = 1.5

_PROFILES = ("length", "length of words", "capitals", "function words", "repetition")


@dataclass(frozen=True, slots=True)
class Forms:
    """The features that were chosen.

    Attributes
    ----------
    form_keys, content_keys : uint64[F]
        Ascending.
    """

    alphabet: Alphabet
    form_keys: Array
    content_keys: Array

    def read(self, corpus: Corpus, rows: Array) -> Iterator[tuple[Array, Any, Any]]:
        """Yield rows (int64[N]), their form and their content (scipy CSR, float32[N, F]).

        Rows of the form matrix have length 1, and turns besides; rows of the content matrix have
        the length of `_CONTENT_LENGTH`.
        """
        is_turn = self.form_keys >= _TURN
        for part in read_skeletons(corpus, self.alphabet, rows):
            features = form_features(part, self.alphabet)
            form = _matrix(*features, self.form_keys, len(part.rows))
            turns = is_turn[form.indices]
            row = np.repeat(np.arange(len(part.rows)), np.diff(form.indptr))
            sizes = np.maximum(np.bincount(row[~turns], minlength=len(part.rows)), 1)
            form.data[:] = np.where(turns, _TURN_WEIGHT, 1.0 / np.sqrt(sizes)[row])
            content = _matrix(
                *_content_features(part, self.alphabet), self.content_keys, len(part.rows)
            )
            sizes = np.diff(content.indptr)
            scale = _CONTENT_LENGTH / np.sqrt(np.maximum(sizes, 1))
            content.data *= np.repeat(scale, sizes).astype(np.float32)
            yield part.rows, form, content

    def show(self, corpus: Corpus, rows: Array, columns: Array) -> list[str]:
        """Return a text for each form feature, as found in `rows`; empty where it is not there."""
        found: dict[int, str] = {}
        wanted = self.form_keys[columns]
        for part in read_skeletons(corpus, self.alphabet, rows):
            row, symbol = _padded(part)
            for key, places in find_turns(row, symbol, self.alphabet.shown):
                first, where = np.unique(key | _TURN, return_index=True)
                for name in np.intersect1d(wanted, first).tolist():
                    at = where[np.searchsorted(first, name)]
                    found.setdefault(name, self._turn(symbol, [int(place[at]) for place in places]))
            for order, (_, key, at) in enumerate(_grams(row, symbol), start=1):
                first, where = np.unique(key, return_index=True)
                for name in np.intersect1d(wanted, first).tolist():
                    start = int(at[where[np.searchsorted(first, name)]])
                    found.setdefault(name, self._words(symbol[start : start + order]))
        return [found.get(int(key)) or _name(int(key)) for key in wanted]

    def _turn(self, symbol: Array, places: list[int]) -> str:
        """Return the words at some places of a text; empty where one is missing."""
        if not places or min(places) < 0:
            return ""
        apart = [int(symbol[places[0]])]
        for before, place in pairwise(places):
            apart += [2 * skeleton.LOWER] * (place > before + 1) + [int(symbol[place])]
        return self._words(np.array(apart))

    def _words(self, symbols: Array) -> str:
        """Return the words of a skeleton; what lies between them is one `…`."""
        words: list[str] = []
        for symbol in symbols.tolist():
            shown = self.alphabet.shown[symbol >> 1]
            if symbol & 1:  # punctuation without a space before it
                words.append((words.pop() if words else "…") + shown)
            elif shown and not (shown == "…" and words[-1:] == ["…"]):
                words.append(shown)
        return " ".join(words)


def _name(key: int) -> str:
    """Return a text for an ending or a profile, whose key spells it out."""
    if key >= int(_TURN):
        return ""
    if key & int(_ENDING):
        letters = (key & 0xFFFFFF).to_bytes(3, "big").lstrip(b"\0").decode("utf-8", "ignore")
        return f"words in -{letters}" if letters else ""
    if key & int(_PROFILE):
        return f"{_PROFILES[(key >> 8) & 0xFF]}"
    return ""


def choose_forms(corpus: Corpus, rows: Array) -> Forms | None:
    """Choose the features on `rows` (int64[N]); None where no list of function words fits."""
    alphabet = build_alphabet(corpus)
    if alphabet is None:
        return None
    form, content = [], []
    for part in read_skeletons(corpus, alphabet, rows):
        form.append(_distinct(*form_features(part, alphabet)))
        content.append(_distinct(*_content_features(part, alphabet)))
    form_keys, content_keys = _frequent(form), _frequent(content)
    if not len(form_keys) or not len(content_keys):
        return None
    return Forms(alphabet, form_keys, content_keys)


def _distinct(row: Array, key: Array) -> Array:
    """Return each key once for every row that has it."""
    order = np.lexsort((row, key))
    row, key = row[order], key[order]
    new = np.ones(len(key), bool)
    new[1:] = (key[1:] != key[:-1]) | (row[1:] != row[:-1])
    return np.asarray(key[new])


def _sorted_set(values: Array) -> Array:
    """Return the distinct values, ascending (`np.unique` hashes, which takes ten times as long)."""
    ordered = np.sort(values)
    return np.asarray(ordered[np.diff(ordered, prepend=-1) != 0])


def _frequent(parts: list[Array]) -> Array:
    keys, counts = np.unique(np.concatenate(parts or [np.empty(0, np.uint64)]), return_counts=True)
    enough = np.flatnonzero(counts >= _MIN_ROWS)
    best = enough[np.argsort(-counts[enough], kind="stable")][:_MAX_FEATURES]
    return np.sort(keys[best])


def _matrix(row: Array, key: Array, keys: Array, count: int) -> Any:  # noqa: ANN401
    """Return which row has which feature, CSR float32[count, F]."""
    from scipy import sparse

    at = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
    known = keys[at] == key
    pairs = _sorted_set(row[known].astype(np.int64) * len(keys) + at[known])
    sizes = np.bincount(pairs // len(keys), minlength=count)
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    columns = (pairs % len(keys)).astype(np.int32)
    return sparse.csr_matrix(
        (np.ones(len(columns), np.float32), columns, offsets), shape=(count, len(keys))
    )


def form_features(part: Skeletons, alphabet: Alphabet) -> tuple[Array, Array]:
    """Return row (place) and key of every occurrence of a form feature."""
    padded = _padded(part)
    grams = [(row, key) for row, key, _ in _grams(*padded)]
    count = np.arange(len(part.rows))
    turns = [(count, key | _TURN) for key, _ in find_turns(*padded, alphabet.shown)]
    found = [*grams, *turns, _endings(part), _profiles(part)]
    return (
        np.concatenate([row for row, _ in found]),
        np.concatenate([key for _, key in found]),
    )


def _padded(part: Skeletons) -> tuple[Array, Array]:
    """Return row and symbol of each token, with an edge before and after every row.

    The lowest bit tells punctuation after a space from punctuation without one. A run of blanks
    without spaces between them is one blank.
    """
    unspaced = part.symbol == skeleton.UNSPACED
    kept = np.ones(len(part.row), bool)
    kept[1:] = ~(unspaced[1:] & unspaced[:-1] & (part.row[1:] == part.row[:-1]))
    row = part.row[kept]
    word = (part.ending[kept, 2] >= 0x80) | _is_letter(part.ending[kept, 2])
    symbol = part.symbol[kept] * 2 + (part.glued[kept] & ~word)
    count = len(part.rows)
    place = row * 2 + 1 + np.arange(len(row))
    padded = np.full(len(row) + 2 * count, 2 * skeleton.EDGE, np.int64)
    sizes = np.bincount(row, minlength=count) + 2
    padded[place] = symbol
    return np.repeat(np.arange(count), sizes), padded


def _is_letter(byte: Array) -> Array:
    lower = byte | 0x20
    letter: Array = (lower >= ord("a")) & (lower <= ord("z"))
    return letter


def _grams(row: Array, symbol: Array) -> Iterator[tuple[Array, Array, Array]]:
    """Yield row, key and place of the n-grams of each order."""
    key = np.zeros(len(symbol), np.uint64)
    for order in range(min(MAX_ORDER, len(symbol))):
        size = len(symbol) - order
        with np.errstate(over="ignore"):
            key = (key[:size] + symbol[order:].astype(np.uint64) + np.uint64(1)) * _MIX
        key ^= key >> np.uint64(29)
        at = np.flatnonzero(row[:size] == row[order:])
        yield row[at], key[at] & _GRAM, at


def _endings(part: Skeletons) -> tuple[Array, Array]:
    """Return the endings of two and three letters of content words."""
    blank = (part.symbol == skeleton.LOWER) | (part.symbol == skeleton.CAPITAL)
    where = np.flatnonzero(blank & (part.length >= _ENDING_LETTERS))
    third, second, last = part.ending[where].astype(np.uint64).T
    two = (second << np.uint64(8)) | last
    three = (third << np.uint64(16)) | two
    row = part.row[where]
    return np.concatenate([row, row]), _ENDING | np.concatenate([two, three])


def _profiles(part: Skeletons) -> tuple[Array, Array]:
    """Return a bin of each profile for every row."""
    count = len(part.rows)

    def total(of: Array) -> Array:
        summed: Array = np.bincount(part.row, of, minlength=count)
        return summed

    tokens = np.maximum(total(np.ones(len(part.row))), 1.0)
    content = part.symbol < skeleton.FIRST_WORD
    words = np.maximum(total(content), 1.0)
    capitals = (part.symbol == skeleton.CAPITAL) | (part.symbol == skeleton.UPPER)
    named = part.term >= 0
    pairs = _sorted_set((part.row[named] << 32) + part.term[named])
    distinct = np.bincount(pairs >> 32, minlength=count)
    repeated = (total(named) - distinct) / tokens
    measured = (
        2.0 * np.log2(tokens),
        2.0 * total(part.length * content) / words,
        8.0 * total(capitals) / words,
        12.0 * total(~content) / tokens,
        16.0 * repeated,
    )
    bins = np.clip(np.round(np.stack(measured)), 0, 255).astype(np.uint64)
    number = np.arange(len(measured), dtype=np.uint64)[:, None] << np.uint64(8)
    return np.tile(np.arange(count), len(measured)), (_PROFILE | number | bins).ravel()


def _content_features(part: Skeletons, alphabet: Alphabet) -> tuple[Array, Array]:
    """Return row and key of every content word, and of pairs of unspaced characters."""
    known = part.term >= 0
    content = known & alphabet.is_content[part.term]
    unspaced = content & (part.symbol == skeleton.UNSPACED)
    pair = np.flatnonzero(unspaced[1:] & unspaced[:-1] & (part.row[1:] == part.row[:-1]))
    words = alphabet.word[part.term].astype(np.uint64)
    pairs = ((words[pair] + np.uint64(1)) << np.uint64(32)) | words[pair + 1]
    return (
        np.concatenate([part.row[content], part.row[pair]]),
        np.concatenate([words[content], pairs]),
    )
