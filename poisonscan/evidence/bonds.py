"""Bonds: does a string belong to the word before it, or stand behind any word?

What an author writes follows certain words: a heading the end of a sentence, a phrase its verb.
What somebody put in follows whatever word happened to stand there. The word behind a string shows
the opposite: where it is always the same, the string is the beginning of a longer one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.accumulators.ngrams import word_grams
from poisonscan.candidates.corpus import Corpus
from poisonscan.evidence.places import Places, count_same
from poisonscan.kernels.tokens import BOUNDARY

Array = npt.NDArray[Any]

#: Pseudo-counts of an estimate from the other rows, which fall back on how frequent a token is.
PRIOR = 5.0

#: Most that the frequency class of the word before a string counts, nats.
MAX_CLASS_GAIN = 1.5

#: A token closes texts when this share of them end with it.
CLOSING_SHARE = 0.01

#: Rows in which the marks before a string are looked at.
_SAMPLE = 16

#: Tokens of each background row that are counted.
_COUNTED_TOKENS = 512

#: Frequency classes: a row count has at most 63 bits.
_CLASSES = 65


class BondMeter:
    """Knows how frequent words are on the input side, and what texts end with.

    Attributes
    ----------
    closing : bool[V]
        Terms made of the marks that texts end with: what begins with one begins behind the end
        of a sentence.
    """

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._class_shares = _class_shares(corpus)
        self.closing = _closing_terms(corpus)

    def measure(self, places: Places, groups: int) -> tuple[Array, Array]:
        """Return how much more likely than anywhere the words before some strings are.

        Returns
        -------
        float64[groups]
            Mean of ln p(word before | string) / p(word), nats, estimated from the other rows of
            the string; or the same of the word's frequency class where that is more. Put in
            anywhere: about 0; written, or put in between sentences: 2 to 8.
        int64[groups]
            Occurrences with a word before them.

        Notes
        -----
        The classes tell strings that stand behind ever new names. Half a word is left where a
        text was cut in the middle of one to put the string in, so that a class alone counts less
        (`MAX_CLASS_GAIN`).
        """
        side = self._corpus.input
        starts = side.side.row_tokens[places.row]
        group, words, rare = self._neighbours(places, places.first - 1, places.first > starts)
        sizes = np.bincount(group, minlength=groups)
        counts = side.table.count(words)
        base = (counts + 0.5) / max(1.0, float(side.term_rows.sum()))
        gain = _gain(group, words, base, sizes)
        gain[rare] = 0.0
        kinds = _frequency_class(counts, rare)
        of_class = _gain(group, kinds, self._class_shares[kinds], sizes)
        means = [
            np.bincount(group, each, groups) / np.maximum(sizes, 1)
            for each in (gain, np.minimum(of_class, MAX_CLASS_GAIN))
        ]
        return np.maximum(*means), sizes

    def steadiness(self, places: Places, groups: int) -> Array:
        """Return how often two rows of a string go on with the same word, float64[groups]."""
        ends = self._corpus.input.side.row_tokens[places.row + 1]
        group, words, _ = self._neighbours(places, places.last, places.last < ends)
        everywhere = np.bincount(places.group, minlength=groups)
        same = np.bincount(group, count_same(group, words), groups)
        share: Array = same / np.maximum(everywhere * (everywhere - 1.0), 1.0)
        return share

    def count_leading_marks(self, places: Places, phrase: tuple[int, ...]) -> int:
        """Return how many tokens at the beginning of a string close what stands before it.

        They are marks that texts end with, or are written to the word before and apart from the
        one behind, as a full stop is.
        """
        corpus, side = self._corpus, self._corpus.input.side
        sample = np.flatnonzero(np.isin(places.row, corpus.sample(places.row, _SAMPLE)))
        attached = np.zeros(len(phrase))
        for at in sample.tolist():
            row = int(places.row[at])
            starts, ends = side.spans(row, row + 1)
            first = int(places.first[at] - side.row_tokens[row])
            for number in range(min(len(phrase), len(starts) - first - 1)):
                token = first + number
                to_left = token > 0 and starts[token] == ends[token - 1]
                attached[number] += to_left and starts[token + 1] > ends[token]
        count = 0
        while count < len(phrase) - 1:
            is_mark = not corpus.vocabulary[phrase[count]].isalnum()
            is_written_to_it = is_mark and 2 * attached[count] > len(sample)
            if not (self.closing[phrase[count]] or is_written_to_it):
                break
            count += 1
        return count

    def _neighbours(self, places: Places, at: Array, inside: Array) -> tuple[Array, Array, Array]:
        """Return group, word (as an n-gram) and rarity of these tokens, where there are any."""
        side = self._corpus.input
        at = np.clip(at, 0, max(0, len(side.side.tokens) - 1))
        there = inside & (side.side.tokens[at] != BOUNDARY)
        words = word_grams(side.side.tokens[at[there]])
        return places.group[there], words, side.terms[at[there]] < 0


def _gain(group: Array, words: Array, base: Array, sizes: Array) -> Array:
    """Return ln p(word | string) / p(word) of each occurrence, float64[N]."""
    likely = (count_same(group, words) + PRIOR * base) / (sizes[group] - 1.0 + PRIOR)
    gain: Array = np.log(likely / base)
    return gain


def _frequency_class(counts: Array, rare: Array) -> Array:
    """Return the binary order of magnitude of each word's rows, 0 for a rare word, int64[N]."""
    classes = 1 + np.log2(np.maximum(counts, 1.0)).astype(np.int64)
    classes[rare] = 0
    return classes


def _class_shares(corpus: Corpus) -> Array:
    """Return the share of each frequency class among the tokens of the background rows."""
    side = corpus.input
    shares = np.ones(_CLASSES)  # none is impossible
    for row in corpus.background.tolist():
        start = int(side.side.row_tokens[row])
        end = min(int(side.side.row_tokens[row + 1]), start + _COUNTED_TOKENS)
        terms = side.terms[start:end][side.side.tokens[start:end] != BOUNDARY]
        classes = _frequency_class(side.term_rows[terms], terms < 0)
        shares += np.bincount(classes, minlength=_CLASSES)
    total: Array = shares / shares.sum()
    return total


def _closing_terms(corpus: Corpus) -> Array:
    side, rows = corpus.input, corpus.background
    ends = side.side.row_tokens[rows + 1]
    last = side.terms[ends[ends > side.side.row_tokens[rows]] - 1]
    counts = np.bincount(last[last >= 0], minlength=len(corpus.vocabulary))
    frequent = np.flatnonzero(counts >= max(1.0, CLOSING_SHARE * len(last)))
    marks = {char for term in frequent.tolist() for char in corpus.vocabulary[term]}
    marks = {char for char in marks if not char.isalnum()}
    return np.array([marks.issuperset(text) for text in corpus.vocabulary], bool)
