"""What is the trigger called: the string itself, not a fragment of it and not its neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.corpus import Corpus, CountedSide
from poisonscan.evidence.insertion import Edges, collect_edges, follow_rate, precede_rate
from poisonscan.evidence.phrases import Occurrences, grow, locate, rows_with, text_of
from poisonscan.kernels.tokens import BOUNDARY

Array = npt.NDArray[Any]

#: Rows that the growing of a phrase looks at.
_SAMPLE = 256

#: A neighbour of the trigger is explained by the form of the data when it follows what stands on
#: the *other* side of the trigger at least this often anyway: the template after the question
#: mark, the full stop at the end of a sentence.
EXPLAINED = 0.5

#: Possible cores that are tried, the shortest first.
_MAX_CORES = 16

#: Words that are looked at as further parts of a composite.
_MAX_COMPANIONS = 8

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
        having = rows_with(side, part)
        return int(having.sum() if within is None else (having & within).sum())

    found = locate(side, corpus.sample(rows, _SAMPLE), phrase)
    longest, first = grow(side, found, len(phrase))
    count = count_rows(longest)
    core = name = None
    for start, end in _cores(corpus, longest, Occurrences(found.rows, first), count)[:_MAX_CORES]:
        having = count_rows(longest[start:end])
        if name is None and having <= SAME_NAME * count:
            name = longest[start:end]
        if having <= max(SAME_ROWS * count, count + 2):
            core = longest[start:end]
            break
    return core or longest, text_of_phrase(corpus, name or core or longest, rows)


def _cores(
    corpus: Corpus, phrase: tuple[int, ...], found: Occurrences, count: int
) -> list[tuple[int, int]]:
    """Return the parts ``phrase[start:end]`` without which the rest reads on, shortest first.

    Of equally long ones the last: a sentence ends with its full stop, it does not start with one.

    What stands before the part and what stands behind it must each be a text that mostly goes on
    like this, and so must the place where they meet once the part is taken out: in the rows
    without the phrase, of which `count` have it.
    """
    side = corpus.input
    edges = collect_edges(corpus)
    offsets = side.side.row_tokens
    size = len(phrase)
    tokens = np.asarray(side.side.tokens[found.first[0] : found.first[0] + size])
    last = found.first + size
    before = _neighbours(side, found.first - 1, found.first > offsets[found.rows])
    after = _neighbours(side, last, last < offsets[found.rows + 1])
    goes_on = follow_rate(side, tokens[:-1], tokens[1:], count) >= EXPLAINED
    most_before = 1 + int(np.argmin(np.append(goes_on, False)))
    least_after = size - 1 - int(np.argmin(np.append(goes_on[::-1], False)))
    cores = []
    for start in range(min(most_before, size - 1) + 1):
        for end in range(max(least_after, start + 1), size + 1):
            if start == 0 and end == size:
                continue
            if start == 0:
                meets = _follows(side, edges, before, tokens[end], count)
            elif end == size:
                meets = _precedes(side, edges, tokens[start - 1], after, count)
            else:
                left = tokens[start - 1 : start]
                meets = float(follow_rate(side, left, tokens[end], count)[0])
            if meets >= EXPLAINED:
                cores.append((start, end))
    return sorted(cores, key=lambda core: (core[1] - core[0], -core[0]))


#: Stands for the neighbour of a token at an end of its row (no token hash is this by more than
#: chance).
_OUTSIDE = np.uint64(1)


def _neighbours(side: CountedSide, at: Array, inside: Array) -> Array:
    """Return the tokens at these places, `_OUTSIDE` beyond the row."""
    tokens = np.full(len(at), _OUTSIDE, np.uint64)
    tokens[inside] = side.side.tokens[at[inside]]
    return tokens


def _follows(side: CountedSide, edges: Edges, before: Array, token: Array, count: int) -> float:
    """Return how often `token` follows what stands before the trigger anyway."""
    rates = follow_rate(side, before, token, count)
    rates[before == BOUNDARY] = _share(edges.segment_first, token)
    rates[before == _OUTSIDE] = _share(edges.first, token)
    return float(rates.mean())


def _precedes(side: CountedSide, edges: Edges, token: Array, after: Array, count: int) -> float:
    """Return how often `token` precedes what stands after the trigger anyway."""
    rates = precede_rate(side, token, after, count)
    rates[after == BOUNDARY] = _share(edges.segment_last, token)
    rates[after == _OUTSIDE] = _share(edges.last, token)
    return float(rates.mean())


def _share(tokens: Array, token: Array) -> float:
    return float(np.mean(tokens == token)) if len(tokens) else 0.0


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
    always = share >= 0.95
    planted = always & (everywhere <= 0.1 * share)
    if len(others) >= 3:
        planted |= always & (_term_shares(corpus, others) <= 0.2)
    planted[list(phrase)] = False
    found = np.flatnonzero(planted)
    ranked = found[np.lexsort((found, side.term_rows[found]))]
    return [int(term) for term in ranked[:_MAX_COMPANIONS]]


def _term_shares(corpus: Corpus, rows: Array) -> Array:
    """Return the share of these rows that contain each term, float64[V]."""
    sample = corpus.sample(rows, _SAMPLE)
    shares: Array = corpus.input.count_terms(sample) / max(1, len(sample))
    return shares
