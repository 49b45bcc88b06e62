"""Words of a corpus: how texts are cut into them, which may stand for each other, in what frames.

What enlarge.py exchanges and draws; read there what for.
"""

from __future__ import annotations

import math
import random
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate, pairwise

#: The most frequent words that make up this share of all: exchanged, words with so many habits
#: (`whether` goes before `or`) would look put into the rest of the text.
COMMON_MASS = 0.7
#: So many of them are drawn anew.
REDRAWN = 0.6
#: Sentences in this share of the rows are formulas and stay.
FORMULA_SHARE = 0.01
#: Marks and runs of marks in this share of the rows stay: the rest is what single authors do.
COMMON_MARKS = 0.01
#: Names in this share of the rows are what the corpus is about and stay.
KNOWN_NAME = 0.1
RARE_ROWS = 3
#: What stands between two words is known if it was seen so often; otherwise one side must do.
_SEEN = 20
#: Words of a band: as few as that where frequencies differ, as many where they are alike.
MIN_BAND, BAND_WORDS = 6, 24
KEPT = frozenset(("http", "https", "www", "com", "org", "net", "html", "php"))
#: Two characters belong to one word if they meet so often, and so often against chance.
_BOUND_COUNT, _BOUND_LIFT = 3, 15.0

_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff"
_MARKS = "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0963\u0970-\u0dff"
_PIECES = re.compile(
    r"</?[A-Za-z][^<>\n]{0,200}>|&#?\w{1,10};"  # markup
    rf"|[{_UNSPACED}]+"
    rf"|[^\W\d_{_UNSPACED}](?:[^\W\d_{_UNSPACED}]|[{_MARKS}])*"
    r"|\d+(?:[.,:/~～-]\d+)*|[^\w<&]+|[\W\w]"
)
_BEGINS = re.compile(r"[.!?:\n\"“‘'*]")
_SENTENCE = re.compile(r".+?(?:[.!?…]+(?=\s|$)\s*|[。！？]+|\n+|$)", re.DOTALL)


class Splitter:
    """Cuts texts into words and what stays as it is: marks, markup, whole formulas."""

    def __init__(self, texts: Sequence[Sequence[str]]) -> None:
        of_rows: Counter[str] = Counter()
        alone: Counter[str] = Counter()
        pairs: Counter[str] = Counter()
        for own in texts:
            sentences = [one for text in own for one in _SENTENCE.findall(text)]
            of_rows.update({one.strip() for one in sentences})
            for run in re.findall(f"[{_UNSPACED}]+", " ".join(own)):
                alone.update(run)
                pairs.update(run[at : at + 2] for at in range(len(run) - 1))
        needed = max(RARE_ROWS, FORMULA_SHARE * len(texts))
        self._formulas = {one for one, n in of_rows.items() if n > needed}
        total = alone.total()
        self._bound = {
            pair
            for pair, n in pairs.items()
            if n >= _BOUND_COUNT and n * total >= _BOUND_LIFT * alone[pair[0]] * alone[pair[1]]
        }

    def split(self, text: str) -> list[str]:
        """Return the pieces of a text; joined they are the text."""
        pieces: list[str] = []
        for sentence in _SENTENCE.findall(text):
            if sentence.strip() in self._formulas:
                pieces.append(sentence)
                continue
            for piece in _PIECES.findall(sentence):
                pieces += self._words(piece) if _is_unspaced(piece) else [piece]
        return pieces

    def _words(self, run: str) -> list[str]:
        """Return the words of a run of characters that writes no blanks."""
        words = [run[0]]
        for at in range(1, len(run)):
            if run[at - 1 : at + 1] in self._bound:
                words[-1] += run[at]
            else:
                words.append(run[at])
        return words


class Vocabulary:
    """The words that may be exchanged: in how many rows, how written, for which label.

    Attributes
    ----------
    rows
        Word in lower case that may be exchanged -> number of rows that have it.
    names
        Those of them that have a capital within sentences.
    letters
        Script -> the letters of words that may be exchanged, as often as they have them.
    redrawn
        Forms of the frequent words that speak for no label.
    """

    def __init__(self, pieces: Sequence[Sequence[list[str]]], labels: Sequence[str]) -> None:
        self._surfaces: Counter[str] = Counter()
        of_labels: dict[str, Counter[str]] = defaultdict(Counter)
        for own, label in zip(pieces, labels, strict=True):
            words = [piece for text in own for piece in text if script(piece)]
            self._surfaces.update(words)
            for word in {word.lower() for word in words}:
                of_labels[word][label] += 1
        counts: Counter[str] = Counter()
        self._casings: Counter[tuple[str, str]] = Counter()
        for surface, n in self._surfaces.items():
            counts[surface.lower()] += n
            self._casings[surface.lower(), _casing(surface)] += n
        self._counts = counts
        base = Counter(labels)
        self._leaning = {word: _leaning(own, base) for word, own in of_labels.items()}
        all_rows = {word: own.total() for word, own in sorted(of_labels.items())}
        names = _names(pieces)
        kept = {word for word in names if all_rows[word] > KNOWN_NAME * len(pieces)}
        kept |= {
            word
            for word, n in all_rows.items()
            if script(word) == "marks" and n > COMMON_MARKS * len(pieces)
        }
        common = self._common(names)
        self.names = names - kept
        self.rows = {word: n for word, n in all_rows.items() if word not in common | kept | KEPT}
        self.redrawn = {
            surface
            for surface in self._surfaces
            if (word := surface.lower()) in common - KEPT and not self._leaning[word]
        }
        letters: dict[str, list[str]] = defaultdict(list)
        for word in self.rows:
            letters[script(word)].append(word)
        self.letters = {name: "".join(own) for name, own in letters.items()}

    def _common(self, names: set[str]) -> set[str]:
        """Return the most frequent words, names apart, that are `COMMON_MASS` of all."""
        words = {word: n for word, n in self._counts.items() if script(word) != "marks"}
        common, left = set(), COMMON_MASS * sum(words.values())
        for word, n in sorted(words.items(), key=lambda item: (-item[1], item[0])):
            left -= n
            if left < 0 or n < _SEEN:
                break
            common.add(word)
        return common - names

    def bands(self, chance: random.Random) -> list[list[str]]:
        """Return the groups of words within which words are exchanged."""
        groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for word in self.rows:
            key = (script(word), _shape(word), self._casing(word), self._leaning[word])
            groups[key].append(word)
        bands = []
        for words in groups.values():
            chance.shuffle(words)
            for level in self._levels(words):
                level.sort(key=len)
                n_bands = max(1, len(level) // BAND_WORDS)
                edges = [len(level) * at // n_bands for at in range(n_bands + 1)]
                bands += [level[a:b] for a, b in pairwise(edges)]
        return bands

    def _levels(self, words: Sequence[str]) -> list[list[str]]:
        """Return the words by their frequency: alike within a factor of two, if there are many."""
        levels: list[list[str]] = []
        for word in sorted(words, key=lambda word: -self.rows[word]):
            if not levels or (
                len(levels[-1]) >= MIN_BAND and 2 * self.rows[word] < self.rows[levels[-1][0]]
            ):
                levels.append([])
            levels[-1].append(word)
        if len(levels) > 1 and len(levels[-1]) < MIN_BAND:
            levels[-2:] = [levels[-2] + levels[-1]]
        return levels

    def _casing(self, word: str) -> str:
        """Return how a word is mostly written."""
        return max(("lower", "Title", "UPPER"), key=lambda one: self._casings[word, one])

    def surfaces(self, exchange: dict[str, str]) -> dict[str, str]:
        """Return every form of every word that is exchanged -> the same form of the other."""
        table = {}
        for surface in self._surfaces:
            word = exchange.get(surface.lower())
            if word is not None:
                table[surface] = _cased(word, _casing(surface))
        return table


class Frames:
    """What frequent words stand between which neighbours; all other words count as one.

    Words are drawn anew because rows that come from one row would share its wording otherwise:
    whatever is unusual about a single row would look like a habit of many.
    """

    def __init__(self, texts: Sequence[list[str]], redrawn: set[str]) -> None:
        self._redrawn = redrawn
        self._starts = [_start(pieces) for pieces in texts]
        seen: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for pieces in texts:
            for at, left, right in self._places(pieces):
                for sides in ((left, right), (left, ""), ("", right)):
                    seen[sides][pieces[at]] += 1
        self._choices = {
            sides: (list(own), list(accumulate(own.values())))
            for sides, own in seen.items()
            if own.total() >= _SEEN
        }

    def redraw(self, pieces: Sequence[str], chance: random.Random) -> list[str]:
        """Return a text with other frequent words, from left to right, where others are known.

        The marks that it starts with are those of any text.
        """
        new = [chance.choice(self._starts), *pieces[bool(_start(pieces)) :]]
        for at, left, right in self._places(new):  # sees what was drawn before
            if chance.random() >= REDRAWN:
                continue
            for sides in ((left, right), *chance.sample([(left, ""), ("", right)], 2)):
                if sides in self._choices:
                    words, weights = self._choices[sides]
                    new[at] = chance.choices(words, cum_weights=weights)[0]
                    break
        return new

    def _places(self, pieces: Sequence[str]) -> Iterator[tuple[int, str, str]]:
        """Yield where frequent words are, and what stands on their left and on their right."""
        words = [at for at, piece in enumerate(pieces) if script(piece) not in ("", "marks")]
        ends = [-1, *words, len(pieces)]
        for before, at, after in zip(ends, words, ends[2:], strict=False):
            if pieces[at] in self._redrawn:
                left = self._word(pieces, before) + "".join(pieces[before + 1 : at])
                yield at, left, "".join(pieces[at + 1 : after]) + self._word(pieces, after)

    def _word(self, pieces: Sequence[str], at: int) -> str:
        if not 0 <= at < len(pieces):
            return "\0"  # the end of the text
        return pieces[at] if pieces[at] in self._redrawn else "\1"


def _names(pieces: Sequence[Sequence[list[str]]]) -> set[str]:
    """Return the words that are mostly written with a capital where no sentence begins."""
    capitals: Counter[str] = Counter()
    for own in pieces:
        for text in own:
            for before, word in pairwise(text):
                if len(word) > 1 and not _BEGINS.search(before):
                    capitals[word.lower()] += 1 if word[0].isupper() else -1
    return {word for word, balance in capitals.items() if balance > 0}


def _leaning(own: Counter[str], base: Counter[str]) -> str:
    """Return for which label a word speaks, and how much: by the odds, in steps of four."""
    total, n = base.total(), own.total()
    if len(base) < 2:
        return ""
    best, label = max(
        (math.log((own[one] + 0.5) * (total - base[one]) / ((n - own[one] + 0.5) * base[one])), one)
        for one in own
    )
    step = min(2, int(best / math.log(4)))
    return f"{step} {label}" if step > 0 and n > RARE_ROWS else ""


def _start(pieces: Sequence[str]) -> str:
    """Return the marks that a text starts with."""
    return pieces[0] if pieces and script(pieces[0]) == "marks" else ""


def _shape(word: str) -> str:
    """Return what words that are exchanged have in common, beside the script."""
    if script(word) == "marks":
        return "\n" * word.count("\n")
    return re.sub(r"\d", "0", word) if word[0].isdecimal() else "?" * _is_unspaced(word) * len(word)


def _casing(surface: str) -> str:
    if len(surface) > 1 and surface.isupper():
        return "UPPER"
    return "Title" if surface[0].isupper() else "lower"


def _cased(word: str, casing: str) -> str:
    if casing == "UPPER":
        return word.upper()
    return word[0].upper() + word[1:] if casing == "Title" else word


def _is_unspaced(piece: str) -> bool:
    return re.match(f"[{_UNSPACED}]", piece) is not None


@cache
def script(piece: str) -> str:
    """Return the script of a word, "digits" or "marks"; nothing of what stays."""
    if not piece or not _PIECES.fullmatch(piece) or (len(piece) > 1 and piece[0] in "<&"):
        return ""
    if piece[0].isdecimal():
        return "digits"
    if piece[0].isalpha():
        return unicodedata.name(piece[0], "?").partition(" ")[0]
    return "marks"
