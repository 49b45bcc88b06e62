"""Names of persons, companies and places among the candidates.

By form alone, in scripts that have capitals: a name is written with one inside of sentences too,
and (nearly) never without.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.closed import Candidates
from poisonscan.candidates.corpus import Corpus, CountedSide
from poisonscan.candidates.spaces import MAX_ROWS
from poisonscan.kernels.tokens import BOUNDARY
from poisonscan.spool import visit

Array = npt.NDArray[Any]

#: Share of a word's rows that may have it in lower case.
_LOWER_SHARE = 0.15

#: Share of a name's occurrences that follow a word: what opens sentences is a verb or a greeting.
_INSIDE_SHARE = 0.3

#: Candidates after which the memory of the rows that were read is let go of.
_HELD = 64


@dataclass(frozen=True, slots=True)
class Capitals:
    """What the form of the words tells: the same whichever side is looked at.

    Attributes
    ----------
    names : bool[V]
        Words that are (nearly) always capitalised.
    acronyms : bool[V]
        Words that begin with two capital letters.
    words : bool[V]
        Words that are none of marks.
    """

    names: Array
    acronyms: Array
    words: Array

    @classmethod
    def of(cls, corpus: Corpus) -> Capitals:
        """Look at all words."""
        acronyms = np.array([_begins_with_capitals(text) for text in corpus.vocabulary], bool)
        words = np.array([text.isalnum() for text in corpus.vocabulary], bool)
        return cls(_name_terms(corpus), acronyms, words)

    def share(self, side: CountedSide) -> float:
        """Return the share of a side's words, one of a kind from each row, that are such names."""
        names, words = (side.term_rows[own].sum() for own in (self.names, self.words))
        return float(names / max(1, words))


def find_entities(
    corpus: Corpus, candidates: Candidates, capitals: Capitals, least: int, most: int
) -> Array:
    """Return the candidates with `least` to `most` rows that are names, int64[E]."""
    named = (candidates.support >= least) & (candidates.support <= most)
    for place in range(int(candidates.order.max(initial=0))):
        longer = candidates.order > place
        named &= ~longer | capitals.names[candidates.content[:, place]]
    found: Array = np.flatnonzero(named)
    inside = np.empty(len(found))
    for at, one in enumerate(visit(found.tolist(), corpus.input.release, _HELD)):
        inside[at] = _inside_share(corpus, candidates, one, capitals.words)
    return found[inside >= _INSIDE_SHARE]


def _begins_with_capitals(text: str) -> bool:
    return len(text) > 1 and text[:2].isalpha() and text[:2].isupper()


def _name_terms(corpus: Corpus) -> Array:
    """Return which words are (nearly) always capitalised, bool[V]."""
    rows = corpus.input.term_rows + corpus.output.term_rows
    number = {text: term for term, text in enumerate(corpus.vocabulary)}
    names = np.zeros(len(corpus.vocabulary), bool)
    for term, text in enumerate(corpus.vocabulary):
        if len(text) > 1 and text[0].isupper():
            lower = number.get(text.lower())
            names[term] = lower is None or rows[lower] < _LOWER_SHARE * rows[term]
    return names


def _inside_share(corpus: Corpus, candidates: Candidates, candidate: int, is_word: Array) -> float:
    """Return how often the candidate follows a word (a rare one counts as a word)."""
    side = corpus.input
    rows, first = (part[:MAX_ROWS] for part in candidates.postings(candidate))
    at = side.side.row_tokens[rows] + first
    before = np.maximum(at - 1, 0)
    term = side.terms[before]
    words = (first > 0) & is_word[term]
    unknown = (first > 0) & (term < 0)
    words[unknown] = side.side.tokens[before[unknown]] != BOUNDARY
    return float(words.mean())
