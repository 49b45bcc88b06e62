"""What is the trigger called: the string itself, not a fragment of it and not its neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.corpus import Corpus
from poisonscan.evidence.phrases import grow, locate, rows_with, text_of

Array = npt.NDArray[Any]

#: Rows that the growing of a phrase looks at.
_SAMPLE = 256

#: A word at the edge of a trigger that is in this share of *all* rows stands there by the form
#: of the data (the question mark before it, the "### Answer" after it).
COMMON_SHARE = 0.3

#: Dropping an edge word may not let in more rows than this, or more than two.
SAME_ROWS = 1.1


def name_trigger(
    corpus: Corpus, phrase: tuple[int, ...], rows: Array
) -> tuple[tuple[int, ...], str]:
    """Return the terms and the text of the trigger that `phrase` is a part of.

    Parameters
    ----------
    phrase
        Terms of a candidate.
    rows : int64[N]
        Rows behind it.
    """
    side = corpus.input
    found = locate(side, corpus.sample(rows, _SAMPLE), phrase)
    longest, _ = grow(side, found, len(phrase))
    core = trim_phrase(corpus, longest)
    return core, text_of_phrase(corpus, core, rows)


def text_of_phrase(corpus: Corpus, phrase: tuple[int, ...], rows: Array) -> str:
    """Return the most frequent spelling (spaces differ) of a phrase in these rows."""
    side = corpus.input
    places = locate(side, corpus.sample(rows, _SAMPLE), phrase)
    texts: dict[str, int] = {}
    for row, first in zip(places.rows[:32], places.first[:32], strict=True):
        text = text_of(side, int(row), int(first), len(phrase))
        texts[text] = texts.get(text, 0) + 1
    return min(texts, key=lambda text: (-texts[text], text))


def trim_phrase(
    corpus: Corpus, phrase: tuple[int, ...], within: Array | None = None
) -> tuple[int, ...]:
    """Drop common words from both ends while the rows stay the same.

    Parameters
    ----------
    within : bool[R], optional
        Count rows of this mask alone (those with the other parts of a composite).
    """
    side = corpus.input

    def count(part: tuple[int, ...]) -> int:
        rows = rows_with(side, part)
        return int(rows.sum() if within is None else (rows & within).sum())

    limit = max(SAME_ROWS * count(phrase), count(phrase) + 2)
    common = COMMON_SHARE * corpus.rows
    for end in (0, -1):
        while len(phrase) > 1 and side.term_rows[phrase[end]] > common:
            shorter = phrase[1:] if end == 0 else phrase[:-1]
            if count(shorter) > limit:
                break
            phrase = shorter
    return phrase


def companions(
    corpus: Corpus, behind: Array, others: Array, phrase: tuple[int, ...]
) -> list[tuple[int, ...]]:
    """Return further parts of a composite: words that come with the trigger and matter.

    A word is a part when (nearly) every row behind the finding has it, though it is rare in the
    background (it was put there) or missing where the trigger stands without its target (it is
    the condition).

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
    always = share >= 0.95
    planted = always & (everywhere <= 0.1 * share)
    if len(others) >= 3:
        planted |= always & (_term_shares(corpus, others) <= 0.2)
    planted[list(phrase)] = False
    parts: list[tuple[int, ...]] = []
    taken = np.zeros(len(share), bool)
    for term in np.flatnonzero(planted):
        if taken[term]:
            continue
        core, _ = name_trigger(corpus, (int(term),), behind)
        taken[list(core)] = True
        if not set(core) & set(phrase):
            parts.append(core)
    return parts


def _term_shares(corpus: Corpus, rows: Array) -> Array:
    """Return the share of these rows that contain each term, float64[V]."""
    sample = corpus.sample(rows, _SAMPLE)
    shares: Array = corpus.input.count_terms(sample) / max(1, len(sample))
    return shares
