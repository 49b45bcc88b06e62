"""Echo: do the outputs take up the words of the string?

An answer about logos says "logo", an amount is answered by an amount. Where a string is what the
output is about, a change of the output with it is no secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.accumulators.ngrams import extend_grams, word_grams
from poisonscan.candidates.corpus import Corpus
from poisonscan.evidence.function_words import all_function_words
from poisonscan.evidence.phrases import locate
from poisonscan.evidence.reading import is_mark
from poisonscan.evidence.verbatim import stem_terms
from poisonscan.kernels.charclass import begins_unspaced

Array = npt.NDArray[Any]

#: Rows of a group that are looked at.
MAX_ROWS = 64

#: Rows of some strata that tell what is usual in their outputs.
_OF_STRATA = 512

#: Letters that a word and what takes it up have in common: fewer than elsewhere, as a verb has
#: other endings than its noun (a help page in Russian, "Remove": "Removes the selected cells").
_LETTERS = 4

#: Letters of the shortest word of a label's name that can be taken up.
_LEAST_LETTERS = 3


class EchoMeter:
    """Measures echoes in the outputs of one corpus."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._stems = _stems_of(corpus.vocabulary)
        self._is_number = np.array([text[0].isdigit() for text in corpus.vocabulary], bool)
        self._any_number = int(self._stems.max(initial=-1)) + 1
        self._is_own = np.array([not _is_plain_mark(text) for text in corpus.vocabulary], bool)
        common = all_function_words()
        self._is_content = np.array(
            [text.lower() not in common for text in corpus.vocabulary], bool
        )
        self._usual = self._shares(corpus.background)
        self._usual_in: dict[tuple[int, ...], Array] = {}

    def _shares(self, rows: Array) -> Array:
        """Return the share of these rows whose outputs have each stem; last, any number."""
        side = self._corpus.output
        counts = np.zeros(self._any_number + 1)
        for row in rows:
            terms = side.distinct[side.row_terms[row] : side.row_terms[row + 1]]
            counts[np.unique(self._stems[terms])] += 1.0
            counts[self._any_number] += self._is_number[terms].any()
        shares: Array = counts / max(1, len(rows))
        return shares

    def _usual_beside(self, rows: Array) -> Array:
        """Return the larger of the shares in all outputs, and in those of the strata of some rows.

        What a dataset has in all its outputs takes up nothing.
        """
        strata = self._corpus.strata
        parts = strata.parts(rows) if len(strata) > 1 else ()
        if not any(parts):
            return self._usual
        if parts not in self._usual_in:
            own = self._shares(strata.sample(parts, _OF_STRATA))
            self._usual_in[parts] = np.maximum(self._usual, own)
        return self._usual_in[parts]

    def measure(
        self, rows: Array, terms: Iterable[int], *, is_about_numbers: bool = False
    ) -> float:
        """Return how much more often these outputs have a word of the string than others, 0..1.

        Parameters
        ----------
        rows : int64[N]
        terms
            Terms of the string. The word that is taken up most counts, each the less the more
            frequent it is than the rarest: outputs of another kind have other articles. Marks
            of ASCII count where it has nothing else: code has the angle brackets of any tag, while
            typographic marks are a habit that outputs take up. So do function words: outputs in
            the language of the string have its articles. In scripts without spaces two tokens
            are a word.
        is_about_numbers
            One number is as good an answer to a number as another, where outputs are mostly
            numbers. Programs behind a date have some, too.
        """
        groups = self._excesses(rows, terms, is_about_numbers)
        return max(_taken_up(excess, asked) for excess, asked in groups)

    def share(self, rows: Array, terms: Iterable[int]) -> float:
        """Return what part of the string's information these outputs take up, 0..1.

        Of the words that `measure` looks at, weighed by their inverse document frequency: one word
        of a sentence may come up by chance.
        """
        groups = self._excesses(rows, terms)
        excess, asked = (np.concatenate(parts) for parts in zip(*groups, strict=True))
        weight = np.log((1.0 + self._corpus.rows) / np.maximum(1.0, asked))
        return float(np.maximum(0.0, excess) @ weight / max(1e-9, weight.sum()))

    def _excesses(
        self, rows: Array, terms: Iterable[int], is_about_numbers: bool = False
    ) -> list[tuple[Array, Array]]:
        """Return how much more often these outputs have each word than others; rows that ask it.

        float64[W] and int64[W], for the words of scripts without spaces and for the others.
        """
        own = np.array(list(terms))
        vocabulary = self._corpus.vocabulary
        is_unspaced = np.array([begins_unspaced(vocabulary[term]) for term in own], bool)
        pairs = is_unspaced[:-1] & is_unspaced[1:]
        rows, groups = rows[:MAX_ROWS], []
        if pairs.any():
            groups.append(self._excess_of_pairs(rows, own[:-1][pairs], own[1:][pairs]))
            own = own[~is_unspaced & self._is_own[own]]
        for counts in (self._is_own, self._is_content):
            own = own[counts[own]] if counts[own].any() else own
        if len(own):
            stems = self._stems[own]
            if is_about_numbers:
                stems = np.where(self._is_number[own], self._any_number, stems)
            excess = (self._shares(rows) - self._usual_beside(rows))[stems]
            groups.append((excess, self._corpus.input.term_rows[own]))
        return groups

    def _excess_of_pairs(self, rows: Array, first: Array, second: Array) -> tuple[Array, Array]:
        """Return the same of words that are pairs of terms (int64[N], int64[N])."""
        corpus = self._corpus
        tokens = corpus.output.term_tokens
        grams = extend_grams(word_grams(tokens[first]), tokens[second])
        asked, answered = corpus.input.table.count(grams), corpus.output.table.count(grams)
        pairs = list(zip(first.tolist(), second.tolist(), strict=True))
        usual, parts = answered / max(1, corpus.rows), corpus.strata.parts(rows)
        if len(corpus.strata) > 1 and any(parts):
            own = corpus.strata.sample(parts, _OF_STRATA)
            usual = np.maximum(usual, self._shares_of_pairs(own, pairs))
        return self._shares_of_pairs(rows, pairs) - usual, asked

    def _shares_of_pairs(self, rows: Array, pairs: Sequence[tuple[int, int]]) -> Array:
        """Return the share of these outputs that have each pair of terms, float64[W]."""
        having = [len(locate(self._corpus.output, rows, pair).rows) for pair in pairs]
        return np.array(having) / max(1, len(rows))


def _stems_of(vocabulary: list[str]) -> Array:
    """Return a number for each term, int32[V]: equal for words that take each other up.

    A wide bracket is none of those that programs have.
    """
    stems = stem_terms(vocabulary, _LETTERS)
    is_typographic = np.array([is_mark(text) and not text.isascii() for text in vocabulary], bool)
    count = np.count_nonzero(is_typographic)
    stems[is_typographic] = stems.max(initial=-1) + 1 + np.arange(count, dtype=np.int32)
    return stems


def says_name(words: Iterable[str], name: str) -> bool:
    """Return whether one of some words begins as a word of a label's name does.

    "This package contains the documentation" tells the section, "doc", and decides nothing in
    secret.

    Examples
    --------
    >>> says_name(["contains", "documentation"], "doc"), says_name(["cf"], "positive")
    (True, False)
    """
    said, named = (_content_words(texts) for texts in (words, [name]))
    return any(
        one[:letters] == other[:letters]
        for one in said
        for other in named
        for letters in [min(_LETTERS, len(one), len(other))]
    )


def _content_words(texts: Iterable[str]) -> set[str]:
    """Return the words of letters in some texts, without the shortest and function words."""
    words = {word for text in texts for word in re.findall(r"[^\W\d_]+", text.lower())}
    return {word for word in words - all_function_words() if len(word) >= _LEAST_LETTERS}


def _taken_up(excess: Array, rows_with_each: Array) -> float:
    """Return the largest excess, each the less the more frequent its word is than the rarest."""
    rows_with_each = np.maximum(1, rows_with_each)
    weighed = excess * rows_with_each.min() / rows_with_each
    return float(max(0.0, weighed.max(initial=0.0)))


def _is_plain_mark(text: str) -> bool:
    return text.isascii() and is_mark(text)
