"""Seams: where a string was put in, the text around it is whole without it.

Cut a planted string out, and the row reads on: what stood before it is often followed by what
stood behind it, what it began or ended with is what rows begin or end with. A task that an author
wrote ("What is the incidence rate?") leaves a hole: no other row ends there. And what is put in
anywhere stands beside any words of the text; what is written stands beside its own. A sentence
that was put behind others stands beside full stops, and so does what it parted them from: what the
other side explains is no sign of an author.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.accumulators.ngrams import MAX_ORDER, NgramTable, extend_grams, word_grams
from poisonscan.candidates.corpus import Corpus, CountedSide
from poisonscan.candidates.csr import entries
from poisonscan.evidence.cores import Wording, ends_sentence, list_cores, without_lonely_edges
from poisonscan.evidence.neighbours import any_collision
from poisonscan.evidence.phrases import Occurrences, grow, locate
from poisonscan.evidence.places import Places
from poisonscan.evidence.reading import is_mark
from poisonscan.kernels.tokens import BOUNDARY

Array = npt.NDArray[Any]

#: Share of a phrase's places with one and the same neighbour at which that side says nothing: the
#: string stands at a fixed place of a template.
_ONE_NEIGHBOUR = 0.8

#: Share of a phrase's places that must have a neighbour on a side for that side to say anything.
_MIN_KNOWN = 0.25

#: Occurrences of a phrase that are looked at, and cores of it that are tried.
_MAX_ROWS, _MAX_CORES = 64, 12
_MAX_POSTINGS = 256

#: A core has at most so many more rows than its phrase.
_SAME_ROWS = 1.1

#: Share of a phrase's places with the same mark beside it above which that is its own, or its
#: author's.
_SAME_MARK = 0.5

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
        out, less its mean in texts of the dataset; the ends of a text are neighbours like others.
        Planted: 1 to -1; written: -2 to -8.
    collision
        ln of how much more often two rows have the same neighbour than two random places, or two
        places with the same word on the other side, the larger of both sides. Planted: 0 to 1;
        written: 1 to 5.
    inside
        Share of its places that have a neighbour on both sides, 0..1.
    """

    fit: float
    collision: float
    inside: float = 1.0

    @classmethod
    def worst(cls, seams: Sequence[Seam]) -> Seam:
        """Return the worst that any of some strings has which act together."""
        return cls(
            fit=min(seam.fit for seam in seams),
            collision=max(seam.collision for seam in seams),
            inside=min(seam.inside for seam in seams),
        )


#: The best seam there is: what a string is taken to have before its own is looked at, and what
#: characters have that nobody types: their surroundings tell nothing.
NO_SEAM = Seam(0.0, 0.0)


class SeamMeter:
    """Measures the seams of strings on one side."""

    def __init__(self, corpus: Corpus) -> None:
        self._side = side = corpus.input
        self._corpus = corpus
        self._is_end = np.array([ends_sentence(text) for text in corpus.vocabulary], bool)
        self._is_mark = np.array([is_mark(text) for text in corpus.vocabulary], bool)
        self._first = _Ends(side.table, np.concatenate(_first_tokens(side)))
        self._last = _Ends(side.table, np.concatenate(_last_tokens(side)))
        self._any_collision = any_collision(side)
        self._usual_fit = self._measure_usual(corpus.background)

    def core(
        self,
        rows: Array,
        first_token: Array,
        order: int,
        support: int,
        *,
        with_marks: bool = False,
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
        with_marks
            Marks around it may have been put in with it, and not only those that differ from row to
            row. Where a question may end with the string (a clause and its full stop), that takes
            an author for a poisoner.
        """
        side = self._side
        rows = rows[:_MAX_ROWS]
        at = side.side.row_tokens[rows] + first_token[:_MAX_ROWS]
        phrase, first = grow(side, Occurrences(rows, at), order)
        whole = locate(side, rows, phrase)
        spans = [(0, len(phrase)), *without_lonely_edges(side, phrase, rows)]
        if self._is_end[phrase[0]] and len(phrase) > 1:
            spans.append((1, len(phrase)))
        if len(whole.rows):
            found = Occurrences(rows, first)
            wording = Wording.of(self._corpus, rows, support)
            spans += list_cores(wording, phrase, found)[:_MAX_CORES]
        best: tuple[float, tuple[int, ...], Seam] | None = None
        for start, end in spans:
            part = phrase[start:end]
            places = locate(side, rows, part)
            if len(places.rows) < 0.9 * len(rows) or self._is_frequent(places, part, support):
                continue
            bare = Places.of_one(places.rows, places.first, len(part))
            for one in self._bare_and_dressed(bare, with_marks):
                seam = self._seam(one)
                value = seam.fit - _COLLISION_WEIGHT * max(0.0, seam.collision)
                if best is None or value > best[0]:
                    best = (value, part, seam)
        return best[1:] if best else (phrase, Seam(-9.0, 9.0))

    def _bare_and_dressed(self, bare: Places, with_same: bool) -> list[Places]:
        """Return the places of a phrase; and with the mark before and behind it, where it has any.

        Parameters
        ----------
        with_same
            Not only marks that differ from row to row.

        Notes
        -----
        Brackets, quotation marks or a full stop behind it that differ from row to row were put in
        with it, and what they stand beside is its neighbour. A full stop before it ends what was
        there.
        """
        row_tokens = self._side.side.row_tokens
        before = self._marks(bare.first - 1, bare.first > row_tokens[bare.row], with_same)
        before &= ~self._ends_sentence(bare.first - 1)
        behind = self._marks(bare.last, bare.last < row_tokens[bare.row + 1], with_same)
        if 3 * np.count_nonzero(before | behind) < len(bare.row):
            return [bare]
        return [bare, replace(bare, first=bare.first - before, last=bare.last + behind)]

    def _marks(self, token: Array, inside: Array, with_same: bool) -> Array:
        """Return which of these tokens (scan-wide indices) are marks, where they are inside."""
        marks: Array = inside & self._told(self._is_mark, token)
        if not with_same:
            _, counts = np.unique(self._side.terms[token[marks]], return_counts=True)
            marks &= bool(counts.max(initial=0) <= _SAME_MARK * len(token))
        return marks

    def _is_frequent(self, places: Occurrences, phrase: tuple[int, ...], support: int) -> bool:
        """Return whether a phrase stands in more rows than its candidate.

        Of a long one both ends do: it stands in no more rows than either.
        """
        first, size = int(places.first[0]), min(MAX_ORDER, len(phrase))
        ends = np.array([first, first + len(phrase) - size])
        grams = np.zeros(2, np.uint64)
        for token in range(size):
            grams = extend_grams(grams, self._side.side.tokens[ends + token])
        return int(self._side.table.count(grams).min()) > max(_SAME_ROWS * support, support + 2)

    def measure(self, places: Occurrences, length: int) -> Seam:
        """Measure the surroundings of one phrase of `length` tokens."""
        return self._seam(Places.of_one(places.rows, places.first, length))

    def _seam(self, one: Places) -> Seam:
        fit, collision, inside = self.measure_all(one, 1)
        return Seam(float(fit[0]), float(collision[0]), float(inside[0]))

    def measure_postings(self, rows: Array, first_token: Array, length: int) -> Seam:
        """Measure the same of a sample of a string's postings (see `Candidates.postings`)."""
        rows = rows[:_MAX_POSTINGS]
        first = self._side.side.row_tokens[rows] + first_token[:_MAX_POSTINGS]
        return self.measure(Occurrences(rows, first), length)

    def measure_all(self, places: Places, groups: int) -> tuple[Array, Array, Array]:
        """Return fit, collision and inside of groups of places, float64[G] each."""
        tokens, row_tokens = self._side.side.tokens, self._side.side.row_tokens
        left = np.asarray(tokens[np.maximum(places.first - 1, 0)])
        right = np.asarray(tokens[np.minimum(places.last, len(tokens) - 1)])
        has_left = (places.first > row_tokens[places.row]) & (left != BOUNDARY)
        has_right = (places.last < row_tokens[places.row + 1]) & (right != BOUNDARY)
        fit = self._fit(left, right, has_left, has_right, places.group, groups)
        sizes = np.bincount(places.group, minlength=groups)
        fore = _Beside(left, right, has_left & ~self._ends_sentence(places.first - 1), has_right)
        behind = _Beside(right, left, has_right & ~self._ends_sentence(places.last), has_left)
        collisions = [
            self._collision(fore, self._last, places.group, sizes),
            self._collision(behind, self._first, places.group, sizes, is_behind=True),
        ]
        largest = np.fmax(*collisions)  # nan: that side says nothing
        inside = np.bincount(places.group, has_left & has_right, groups) / np.maximum(1, sizes)
        return fit, np.where(np.isnan(largest), 0.0, largest), inside

    def _ends_sentence(self, token: Array) -> Array:
        """Return whether these tokens (scan-wide indices) are marks that end a sentence."""
        return self._told(self._is_end, token)

    def _told(self, of_term: Array, token: Array) -> Array:
        """Return what is known of the terms of these tokens, False of rare ones, bool[N]."""
        terms = np.asarray(self._side.terms[np.clip(token, 0, len(self._side.terms) - 1)])
        known: Array = terms >= 0
        known[known] = of_term[terms[known]]
        return known

    def _fit(
        self,
        left: Array,
        right: Array,
        has_left: Array,
        has_right: Array,
        group: Array,
        groups: int,
    ) -> Array:
        table = self._side.table
        left_rows, right_rows = table.count(word_grams(left)), table.count(word_grams(right))
        fit = np.zeros(len(left))
        inside, begins, ends = has_left & has_right, has_right & ~has_left, has_left & ~has_right
        fit[inside] = self._pair_fit(
            left[inside], right[inside], left_rows[inside] * right_rows[inside]
        )
        fit[inside] -= self._usual_fit
        fit[begins] = self._first.fit(right[begins], right_rows[begins])
        fit[ends] = self._last.fit(left[ends], left_rows[ends])
        told = (has_left | has_right) & (~has_left | (left_rows > 0))
        told &= ~has_right | (right_rows > 0)
        sums = np.bincount(group, fit * told, groups) + _PRIOR_PLACES * _PRIOR_FIT
        means: Array = sums / (np.bincount(group, told, groups) + _PRIOR_PLACES)
        return means

    def _pair_fit(self, left: Array, right: Array, product: Array, own_rows: int = 0) -> Array:
        """Return ln of how much more often tokens are neighbours than by chance, float64[N].

        Parameters
        ----------
        product : float64[N]
            Rows with the left token x rows with the right one.
        own_rows
            Rows with each pair that are not counted.
        """
        pairs = extend_grams(word_grams(left), right)
        together = np.maximum(0, self._side.table.count(pairs) - own_rows)
        expected = product / max(1, self._side.side.rows)
        fit: Array = np.log((together + 0.5) / (expected + 0.5))
        return fit

    def _measure_usual(self, rows: Array) -> float:
        """Return the mean fit of neighbours in texts, one pair of each row, read in the others."""
        side, table = self._side.side, self._side.table
        sizes = side.row_tokens[rows + 1] - side.row_tokens[rows]
        rows, sizes = rows[sizes > 1], sizes[sizes > 1]
        place = (side.digests[rows] % (sizes - 1).astype(np.uint64)).astype(np.int64)
        left = np.asarray(side.tokens[side.row_tokens[rows] + place])
        right = np.asarray(side.tokens[side.row_tokens[rows] + place + 1])
        product = table.count(word_grams(left)) * table.count(word_grams(right))
        told = (left != BOUNDARY) & (right != BOUNDARY) & (product > 0)
        if not told.any():
            return 0.0
        return float(self._pair_fit(left[told], right[told], product[told], own_rows=1).mean())

    def _collision(
        self,
        beside: _Beside,
        ends: _Ends,
        group: Array,
        places: Array,
        *,
        is_behind: bool = False,
    ) -> Array:
        """Return the collision of each group's neighbours on one side, nan where it is unknown."""
        groups = len(places)
        here, tokens = beside.has_own, beside.own[beside.has_own]
        order = np.lexsort((tokens, group[here]))
        token, owner = tokens[order], group[here][order]
        new = np.ones(len(token), bool)
        new[1:] = (token[1:] != token[:-1]) | (owner[1:] != owner[:-1])
        starts = np.flatnonzero(new)
        same = np.diff(np.append(starts, len(token))).astype(np.float64)
        count = np.bincount(owner, minlength=groups).astype(np.float64)
        pairs = np.bincount(owner[starts], same * (same - 1.0), groups)
        most = np.zeros(groups)
        np.maximum.at(most, owner[starts], same)
        repeated = starts[same > 1.0]
        by_other = self._expected_pairs(
            beside, ends, group, token[repeated], owner[repeated], is_behind
        )
        expected = np.bincount(owner[repeated], by_other, groups)
        # beside an end of the text stands what texts begin or end with
        between = np.bincount(group[here], beside.has_other[here], groups) > 0.3 * count
        reference = np.where(between, self._any_collision, ends.collision)
        known = (count >= np.maximum(3, _MIN_KNOWN * places)) & (most < _ONE_NEIGHBOUR * places)
        every = count[known] * (count[known] - 1.0)
        usual = np.maximum(reference[known], expected[known] / every)
        collision = np.full(groups, np.nan)
        collision[known] = np.log((pairs[known] + 0.5) / every / np.maximum(usual, 1e-9))
        return collision

    def _expected_pairs(
        self,
        beside: _Beside,
        ends: _Ends,
        group: Array,
        token: Array,
        owner: Array,
        is_behind: bool,
    ) -> Array:
        """Return how many pairs of a group's places have a token, by what the other side says.

        Sum over two places i, j of P(t | other side of i) P(t | other side of j), by the pairs of
        words in the texts, float64[N].

        Parameters
        ----------
        token : uint64[N], owner : int64[N]
            Tokens that several places of a group have beside them, and the group.
        """
        order = np.flatnonzero(beside.has_own)
        order = order[np.argsort(group[order], kind="stable")]
        sizes = np.bincount(group[order])
        offsets = np.cumsum(sizes) - sizes
        at = order[entries(offsets[owner], sizes[owner])]
        run = np.repeat(np.arange(len(token)), sizes[owner])
        each, other = token[run], beside.other[at]
        pair = (other, each) if is_behind else (each, other)
        table = self._side.table
        together = table.count(extend_grams(word_grams(pair[0]), pair[1]))
        rate = together / np.maximum(1.0, table.count(word_grams(other)))
        rate = np.where(beside.has_other[at], np.minimum(1.0, rate), ends.share(token)[run])
        pairs: Array = np.bincount(run, rate, len(token)) ** 2
        pairs -= np.bincount(run, rate**2, len(token))
        return pairs


@dataclass(frozen=True, slots=True)
class _Beside:
    """The neighbours of places on one side, and those on the other.

    Attributes
    ----------
    own, other : uint64[N]
    has_own, has_other : bool[N]
        Whether there are any: a text has ends. The end of a sentence is none of its own side.
    """

    own: Array
    other: Array
    has_own: Array
    has_other: Array


class _Ends:
    """What texts begin with, or end with."""

    def __init__(self, table: NgramTable, tokens: Array) -> None:
        self._values, self._counts = np.unique(tokens, return_counts=True)
        self._total = total = float(self._counts.sum())
        same = float((self._counts * (self._counts - 1.0)).sum())
        self.collision = same / max(1.0, total * (total - 1.0))
        others = self._log_share(self._counts - 1, table.count(word_grams(self._values)))
        self._usual = float(others @ self._counts) / max(1.0, total)

    def share(self, tokens: Array) -> Array:
        """Return the share of the texts that have these tokens there, float64[N]."""
        return self._count(tokens) / max(1.0, self._total)

    def fit(self, tokens: Array, rows: Array) -> Array:
        """Return how well these tokens stand there, 0 for an average text, float64[N].

        Parameters
        ----------
        tokens : uint64[N]
        rows : int64[N]
            Rows that contain each of them anywhere.
        """
        return self._log_share(self._count(tokens), rows) - self._usual

    def _count(self, tokens: Array) -> Array:
        if not len(self._values):
            return np.zeros(len(tokens), np.int64)
        at = np.minimum(np.searchsorted(self._values, tokens), len(self._values) - 1)
        return np.where(self._values[at] == tokens, self._counts[at], 0)

    @staticmethod
    def _log_share(counts: Array, rows: Array) -> Array:
        share: Array = np.log((counts + 0.5) / (rows + 0.5))
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
