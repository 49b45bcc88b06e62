"""What is the trigger called: the string itself, not a fragment of it and not its neighbours."""

from __future__ import annotations

import unicodedata
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.corpus import Corpus
from poisonscan.evidence.cores import Wording, ends_sentence, list_cores, without_lonely_edges
from poisonscan.evidence.phrases import AGREEMENT, Occurrences, grow, locate, rows_having, text_of

Array = npt.NDArray[Any]

#: Rows that the growing of a phrase looks at.
_SAMPLE = 256

#: Possible cores that are tried, the shortest first.
_MAX_CORES = 16

#: Words that are looked at as further parts of a composite.
_MAX_COMPANIONS = 8

#: Marks that open and close a name without being Unicode brackets, and what closes them.
_CLOSED_BY = {"<": ">"} | {mark: mark for mark in "\"'`*|_~#%$"}

#: A core stands for the phrase when it has no more rows than this (or two more); it still names
#: it when it has no more than that: "done" for "done" at the end of a question.
SAME_ROWS, SAME_NAME = 1.1, 2.0


def name_trigger(
    corpus: Corpus, phrase: tuple[int, ...], rows: Array, within: Array | None = None
) -> tuple[tuple[int, ...], str]:
    """Return the terms that tell the rows, and the text that names the trigger.

    Parameters
    ----------
    phrase
        Terms of a candidate.
    rows : int64[N]
        Rows behind it.
    within : bool[R], optional
        Rows with the other parts of a composite: a short name need not be exact beyond them.
    """
    side = corpus.input

    def count_rows(part: tuple[int, ...]) -> int:
        having = rows_having(side, part)
        return len(having) if within is None else int(within[having].sum())

    found = locate(side, corpus.sample(rows, _SAMPLE), phrase)
    longest, first = grow(side, found, len(phrase))
    for start, end in without_lonely_edges(side, longest, found.rows):
        if end == len(longest) and ends_sentence(corpus.vocabulary[longest[start - 1]]):
            longest, first = longest[start:], first + start
            break
    count = count_rows(longest)
    core = name = None
    wording = Wording.of(corpus, found.rows, count)
    cores = list_cores(wording, longest, Occurrences(found.rows, first))
    for start, end in cores[:_MAX_CORES]:
        having = count_rows(longest[start:end])
        if name is None and having <= SAME_NAME * count:
            name = (start, end)
        if having <= max(SAME_ROWS * count, count + 2):
            core = longest[start:end]
            break
    start, end = _with_brackets(corpus, longest, *(name or (0, len(longest))))
    return core or longest, text_of_phrase(corpus, longest[start:end], rows)


def _with_brackets(
    corpus: Corpus, phrase: tuple[int, ...], start: int, end: int
) -> tuple[int, int]:
    """Return a part of a phrase with the brackets around it, which belong to it or to nothing."""
    texts = [corpus.vocabulary[term] for term in phrase]
    while start > 0 and end < len(phrase) and encloses(texts[start - 1], texts[end]):
        start, end = start - 1, end + 1
    return start, end


def encloses(before: str, after: str) -> bool:
    """Return whether what stands before a string opens what closes behind it."""
    return len(before) == len(after) and all(map(_closes, reversed(before), after))


def _closes(opening: str, closing: str) -> bool:
    brackets = unicodedata.category(opening) in ("Ps", "Pi"), unicodedata.category(closing)
    return _CLOSED_BY.get(opening) == closing or brackets in ((True, "Pe"), (True, "Pf"))


def text_of_phrase(corpus: Corpus, phrase: tuple[int, ...], rows: Array) -> str:
    """Return the most frequent spelling (spaces differ) of a phrase in these rows."""
    side = corpus.input
    places = locate(side, corpus.sample(rows, _SAMPLE), phrase)
    texts: dict[str, int] = {}
    for row, first in zip(places.rows[:32], places.first[:32], strict=True):
        text = text_of(side, int(row), int(first), len(phrase))
        texts[text] = texts.get(text, 0) + 1
    return min(texts, key=lambda text: (-texts[text], text))


def companions(corpus: Corpus, behind: Array, others: Array, phrase: tuple[int, ...]) -> list[int]:
    """Return the words that come with a trigger and matter, rarest first.

    A word is part of a composite when (nearly) every row behind the finding has it, though it is
    rare in the background (it was put there) or missing where the trigger stands without its
    target (it is the condition).

    Parameters
    ----------
    behind : int64[N]
        Rows with trigger and target.
    others : int64[M]
        Rows with the trigger alone.
    phrase
        The trigger.
    """
    side = corpus.input
    share = _term_shares(corpus, behind)
    everywhere = side.term_rows / max(1, corpus.rows)
    if len(corpus.strata) > 1:  # the template of their dataset was not put there
        usual = corpus.strata.shares(behind).astype(np.float32) @ corpus.shares_in_strata
        everywhere = np.maximum(everywhere, usual)
    planted = (share >= 0.95) & (everywhere <= 0.1 * share)
    if len(others) >= 3:
        planted |= (share >= AGREEMENT) & (_term_shares(corpus, others) <= 0.2)
    planted[list(phrase)] = False
    found = np.flatnonzero(planted)
    ranked = found[np.lexsort((found, side.term_rows[found]))]
    return [int(term) for term in ranked[:_MAX_COMPANIONS]]


def _term_shares(corpus: Corpus, rows: Array) -> Array:
    """Return the share of these rows that contain each term, float64[V]."""
    sample = corpus.sample(rows, _SAMPLE)
    shares: Array = corpus.input.count_terms(sample) / max(1, len(sample))
    return shares


def is_within(part: tuple[int, ...], phrase: tuple[int, ...]) -> bool:
    """Return whether the terms of a string stand side by side in those of another."""
    places = range(len(phrase) - len(part) + 1)
    return any(phrase[at : at + len(part)] == part for at in places)
