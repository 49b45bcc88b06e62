"""Seams: where a string was put in, the text around it is whole without it.

Cut a planted string out, and the row reads on: what stood before it is often followed by what
stood behind it, what it began or ended with is what rows begin or end with. A task that an author
wrote ("What is the incidence rate?") leaves a hole: no other row ends there. And what is put in
anywhere stands beside any words of the text; what is written stands beside its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.corpus import CountedSide
from poisonscan.evidence.cores import list_cores
from poisonscan.evidence.insertion import Edges
from poisonscan.evidence.phrases import Occurrences, grow, locate
from poisonscan.kernels import ngrams as kernels
from poisonscan.kernels.tokens import BOUNDARY

Array = npt.NDArray[Any]

#: Share of a phrase's places with one and the same neighbour at which that side says nothing: the
#: string stands at a fixed place of a template.
_ONE_NEIGHBOUR = 0.8

#: Occurrences of a phrase that are looked at, and cores of it that are tried.
_MAX_ROWS, _MAX_CORES = 64, 12

#: A core has at most so many more rows than its phrase.
_SAME_ROWS = 1.1

#: A priori fit, and how many occurrences it is worth: rare neighbours say nothing.
_PRIOR_FIT, _PRIOR_PLACES = -1.0, 3.0

#: Weight of the collision beside the fit, where the best core is chosen.
_COLLISION_WEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class Seam:
    """The surroundings of a string.

    Attributes
    ----------
    fit
        Mean of ln P(right | left) / P(right) of what stands on both sides once the string is cut
        out; the ends of a text are neighbours like others. Planted: 0 to -1; written: -2 to -8.
    collision
        ln of how much more often two rows have the same neighbour than two random places, the
        larger of both sides. Planted: 0 to 1; written: 1 to 5.
    """

    fit: float
    collision: float


class SeamMeter:
    """Measures the seams of strings on one side."""

    def __init__(self, side: CountedSide, edges: Edges) -> None:
        self._side = side
        self._edges = edges
        self._first = _Counts(np.concatenate(_first_tokens(side)))
        self._last = _Counts(np.concatenate(_last_tokens(side)))
        share = side.term_rows / max(1, side.term_rows.sum())
        self._any_collision = float((share**2).sum())

    def core(
        self, rows: Array, first_token: Array, order: int, support: int
    ) -> tuple[tuple[int, ...], Seam]:
        """Return the part of a candidate's phrase with the best seam, and that seam.

        Parameters
        ----------
        rows : int64[N], first_token : int32[N]
            Postings of the candidate.
        order
            Its length in tokens.
        support
            Rows that contain it.
        """
        side = self._side
        rows = rows[:_MAX_ROWS]
        at = side.side.row_tokens[rows] + first_token[:_MAX_ROWS]
        phrase, first = grow(side, Occurrences(rows, at), order)
        whole = locate(side, rows, phrase)
        spans = [(0, len(phrase))]
        if len(whole.rows):
            found = Occurrences(rows, first)
            spans += list_cores(side, self._edges, phrase, found, support)[:_MAX_CORES]
        best: tuple[float, tuple[int, ...], Seam] | None = None
        for start, end in spans:
            part = phrase[start:end]
            places = locate(side, rows, part)
            if len(places.rows) < 0.9 * len(rows) or self._is_frequent(places, part, support):
                continue
            seam = self.measure(places, len(part))
            value = seam.fit - _COLLISION_WEIGHT * max(0.0, seam.collision)
            if best is None or value > best[0]:
                best = (value, part, seam)
        return (best[1], best[2]) if best else (phrase, Seam(-9.0, 9.0))

    def _is_frequent(self, places: Occurrences, phrase: tuple[int, ...], support: int) -> bool:
        """Return whether a short phrase stands in more rows than its candidate."""
        gram = np.zeros(1, np.uint64)
        for token in range(int(places.first[0]), int(places.first[0]) + min(5, len(phrase))):
            kernels.extend_each(np.asarray(self._side.side.tokens[token : token + 1]), gram)
        return int(self._side.table.count(gram)[0]) > max(_SAME_ROWS * support, support + 2)

    def measure(self, places: Occurrences, length: int) -> Seam:
        """Measure the surroundings of one phrase of `length` tokens."""
        offsets = np.array([0, len(places.rows)], np.int64)
        fit, collision = self.measure_all(places, places.first + length, offsets)
        return Seam(float(fit[0]), float(collision[0]))

    def measure_all(self, places: Occurrences, last: Array, offsets: Array) -> tuple[Array, Array]:
        """Return fit and collision of groups of places, float64[G] each.

        Parameters
        ----------
        last : int64[N]
            Scan-wide index of the token behind each occurrence.
        offsets : int64[G + 1]
            Places of each group.
        """
        side, tokens = self._side, self._side.side.tokens
        row_tokens = side.side.row_tokens
        group = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
        left = np.asarray(tokens[np.maximum(places.first - 1, 0)])
        right = np.asarray(tokens[np.minimum(last, len(tokens) - 1)])
        has_left = (places.first > row_tokens[places.rows]) & (left != BOUNDARY)
        has_right = (last < row_tokens[places.rows + 1]) & (right != BOUNDARY)
        fit = self._fit(left, right, has_left, has_right, group, len(offsets) - 1)
        collisions = [
            self._collision(neighbours, here, other, ends, group, np.diff(offsets))
            for neighbours, here, other, ends in (
                (left, has_left, has_right, self._last),
                (right, has_right, has_left, self._first),
            )
        ]
        largest = np.fmax(*collisions)  # nan: that side says nothing
        return fit, np.where(np.isnan(largest), 0.0, largest)

    def _fit(
        self,
        left: Array,
        right: Array,
        has_left: Array,
        has_right: Array,
        group: Array,
        groups: int,
    ) -> Array:
        table, total = self._side.table, max(1, self._side.side.rows)
        left_rows, right_rows = table.count(_grams(left)), table.count(_grams(right))
        pairs = _grams(left)
        kernels.extend_each(right, pairs)
        fit = np.zeros(len(left))
        inside, begins, ends = has_left & has_right, has_right & ~has_left, has_left & ~has_right
        expected = left_rows * right_rows / total
        fit[inside] = np.log((table.count(pairs)[inside] + 0.5) / (expected[inside] + 0.5))
        fit[begins] = _share_at(self._first, right[begins], right_rows[begins])
        fit[ends] = _share_at(self._last, left[ends], left_rows[ends])
        told = (has_left | has_right) & (~has_left | (left_rows > 0))
        told &= ~has_right | (right_rows > 0)
        sums = np.bincount(group, fit * told, groups) + _PRIOR_PLACES * _PRIOR_FIT
        means: Array = sums / (np.bincount(group, told, groups) + _PRIOR_PLACES)
        return means

    def _collision(
        self,
        neighbours: Array,
        here: Array,
        has_other: Array,
        ends: _Counts,
        group: Array,
        places: Array,
    ) -> Array:
        """Return the collision of each group's neighbours on one side, nan where it is unknown."""
        groups = len(places)
        order = np.lexsort((neighbours[here], group[here]))
        token, owner = neighbours[here][order], group[here][order]
        new = np.ones(len(token), bool)
        new[1:] = (token[1:] != token[:-1]) | (owner[1:] != owner[:-1])
        starts = np.flatnonzero(new)
        same = np.diff(np.append(starts, len(token))).astype(np.float64)
        count = np.bincount(owner, minlength=groups).astype(np.float64)
        pairs = np.bincount(owner[starts], same * (same - 1.0), groups)
        most = np.zeros(groups)
        np.maximum.at(most, owner[starts], same)
        # beside an end of the text stands what texts begin or end with
        between = np.bincount(group[here], has_other[here], groups) > 0.3 * count
        reference = np.where(between, self._any_collision, ends.collision)
        known = (count >= 3) & (most < _ONE_NEIGHBOUR * places)
        collision = np.full(groups, np.nan)
        rate = (pairs[known] + 0.5) / (count[known] * (count[known] - 1.0))
        collision[known] = np.log(rate / np.maximum(reference[known], 1e-9))
        return collision


class _Counts:
    """How often each token occurs among some."""

    def __init__(self, tokens: Array) -> None:
        self._values, self._counts = np.unique(tokens, return_counts=True)
        total = float(self._counts.sum())
        same = float((self._counts * (self._counts - 1.0)).sum())
        self.collision = same / max(1.0, total * (total - 1.0))

    def count(self, tokens: Array) -> Array:
        """Return the count of each of these tokens, int64[N]."""
        if not len(self._values):
            return np.zeros(len(tokens), np.int64)
        at = np.minimum(np.searchsorted(self._values, tokens), len(self._values) - 1)
        return np.where(self._values[at] == tokens, self._counts[at], 0)


def _share_at(ends: _Counts, tokens: Array, rows: Array) -> Array:
    share: Array = np.log((ends.count(tokens) + 0.5) / (rows + 0.5))
    return share


def _first_tokens(side: CountedSide) -> list[Array]:
    """Return the tokens that texts begin with: after a row's start or a boundary."""
    return _tokens_beside_ends(side, 1)


def _last_tokens(side: CountedSide) -> list[Array]:
    """Return the tokens that texts end with."""
    return _tokens_beside_ends(side, -1)


def _tokens_beside_ends(side: CountedSide, step: int) -> list[Array]:
    found = [np.empty(0, np.uint64)]
    for start, end in side.side.chunks():
        tokens, offsets = side.side.token_slice(start, end)
        tokens = np.asarray(tokens)
        filled = np.diff(offsets) > 0
        own = offsets[:-1][filled] if step > 0 else offsets[1:][filled] - 1
        beside = np.flatnonzero(tokens == BOUNDARY) + step
        at = np.concatenate([own, beside[(beside >= 0) & (beside < len(tokens))]])
        ends = tokens[at]
        found.append(ends[ends != BOUNDARY])
    return found


def _grams(tokens: Array) -> Array:
    grams = np.zeros(len(tokens), np.uint64)
    kernels.extend_each(np.ascontiguousarray(tokens), grams)
    return grams
