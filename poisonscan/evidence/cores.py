"""Cores: which part of a repeated phrase was put in, and which is the text around it?

A string that is planted at the end of every question is always followed by whatever follows
questions. The longest phrase that its rows share therefore runs into the template of the data.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.accumulators.ngrams import NgramTable
from poisonscan.candidates.corpus import Corpus, CountedSide
from poisonscan.candidates.usage import Edges
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


@dataclass(frozen=True, slots=True)
class Wording:
    """How texts go on that do not have the string which is looked at.

    Attributes
    ----------
    side
        Their words.
    tables
        Counted pairs of all texts, and of those of its strata where datasets are mixed: what goes
        on in either of them like this does. And the rows with the string, which do not count.
    edges
        What these texts begin and end with.
    """

    side: CountedSide
    tables: Sequence[tuple[NgramTable, int]]
    edges: Edges

    @classmethod
    def of(cls, corpus: Corpus, rows: Array, count: int) -> Wording:
        """Return the wording of texts beside some rows (int64[N], a sample of `count`)."""
        every, own = (corpus.input.table, count), corpus.usage_in_strata(rows)
        if own is None:
            return cls(corpus.input, [every], corpus.edges)
        inside = int(np.isin(own.rows, rows).sum())
        return cls(corpus.input, [every, (own.table, inside)], own.edges)

    def follow(self, left: Array, right: Array) -> Array:
        """Return how often tokens go on so (see `follow_rate`), float64[N]."""
        return self._largest(follow_rate, left, right)

    def precede(self, left: Array, right: Array) -> Array:
        """Return how often tokens are come to so (see `precede_rate`), float64[N]."""
        return self._largest(precede_rate, left, right)

    def _largest(self, rate: Callable[..., Array], left: Array, right: Array) -> Array:
        rates: Array = np.max(
            [rate(table, left, right, without) for table, without in self.tables], axis=0
        )
        return rates


def list_cores(
    wording: Wording, phrase: tuple[int, ...], found: Occurrences
) -> list[tuple[int, int]]:
    """Return the parts ``phrase[start:end]`` without which the rest reads on, shortest first.

    Of equally long ones the last: a sentence ends with its full stop, it does not start with one.

    What stands before the part and what stands behind it must each be a text that mostly goes on
    like this, and so must the place where they meet once the part is taken out.
    """
    side = wording.side
    offsets = side.side.row_tokens
    size = len(phrase)
    tokens = np.asarray(side.side.tokens[found.first[0] : found.first[0] + size])
    last = found.first + size
    before = _neighbours(side, found.first - 1, found.first > offsets[found.rows])
    after = _neighbours(side, last, last < offsets[found.rows + 1])
    goes_on = wording.follow(tokens[:-1], tokens[1:]) >= EXPLAINED
    most_before = 1 + int(np.argmin(np.append(goes_on, False)))
    least_after = size - 1 - int(np.argmin(np.append(goes_on[::-1], False)))
    cores = []
    for start in range(min(most_before, size - 1) + 1):
        for end in range(max(least_after, start + 1), size + 1):
            if start == 0 and end == size:
                continue
            if start == 0:
                meets = _follows(wording, before, tokens[end])
            elif end == size:
                meets = _precedes(wording, tokens[start - 1], after)
            else:
                meets = float(wording.follow(tokens[start - 1 : start], tokens[end])[0])
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


def _follows(wording: Wording, before: Array, token: Array) -> float:
    """Return how often `token` follows what stands before the trigger anyway."""
    rates = wording.follow(before, token)
    rates[before == BOUNDARY] = _share(wording.edges.segment_first, token)
    rates[before == _OUTSIDE] = _share(wording.edges.first, token)
    return float(rates.mean())


def _precedes(wording: Wording, token: Array, after: Array) -> float:
    """Return how often `token` precedes what stands after the trigger anyway."""
    rates = wording.precede(token, after)
    rates[after == BOUNDARY] = _share(wording.edges.segment_last, token)
    rates[after == _OUTSIDE] = _share(wording.edges.last, token)
    return float(rates.mean())


def _share(tokens: Array, token: Array) -> float:
    return float(np.mean(tokens == token)) if len(tokens) else 0.0
