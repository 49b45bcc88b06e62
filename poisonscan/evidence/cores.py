"""Cores: which part of a repeated phrase was put in, and which is the text around it?

A string that is planted at the end of every question is always followed by whatever follows
questions. The longest phrase that its rows share therefore runs into the template of the data.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.corpus import CountedSide
from poisonscan.candidates.edges import Edges
from poisonscan.evidence.neighbours import follow_rate, precede_rate
from poisonscan.evidence.phrases import Occurrences, locate
from poisonscan.kernels.tokens import BOUNDARY

Array = npt.NDArray[Any]

#: A neighbour of the trigger is explained by the form of the data when it follows what stands on
#: the *other* side of the trigger at least this often anyway: the template after the question
#: mark, the full stop at the end of a sentence.
EXPLAINED = 0.5

_SENTENCE_ENDS = frozenset(".!?…。！？｡؟۔।")


def ends_sentence(text: str) -> bool:
    """Return whether a token is made of marks that end a sentence.

    They are ends as those of a text are: what stands beside them need not belong there.
    """
    return _SENTENCE_ENDS.issuperset(text)


def list_cores(
    side: CountedSide, edges: Edges, phrase: tuple[int, ...], found: Occurrences, count: int
) -> list[tuple[int, int]]:
    """Return the parts ``phrase[start:end]`` without which the rest reads on, shortest first.

    Of equally long ones the last: a sentence ends with its full stop, it does not start with one.

    What stands before the part and what stands behind it must each be a text that mostly goes on
    like this, and so must the place where they meet once the part is taken out: in the rows
    without the phrase, of which `count` have it.
    """
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


#: Words at an end of a phrase that may be lonely together.
_MAX_EDGE = 3


def without_lonely_edges(
    side: CountedSide, phrase: tuple[int, ...], rows: Array
) -> list[tuple[int, int]]:
    """Return ever shorter parts ``phrase[start:end]`` that more of the rows have.

    A phrase grows while nine rows in ten agree: the full stop before it, which some rows lack, is
    not its own.
    """
    spans: list[tuple[int, int]] = []
    start, end = 0, len(phrase)
    having = len(locate(side, rows, phrase).rows)
    while True:
        shorter = [(start + more, end) for more in range(1, _MAX_EDGE + 1)]
        shorter += [(start, end - more) for more in range(1, _MAX_EDGE + 1)]
        counts = [
            len(locate(side, rows, phrase[slice(*span)]).rows) if span[0] < span[1] else 0
            for span in shorter
        ]
        if max(counts) <= having:
            return spans
        having = max(counts)
        start, end = shorter[counts.index(having)]
        spans.append((start, end))


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
