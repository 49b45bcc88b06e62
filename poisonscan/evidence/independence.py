"""Independence: have the inputs of a group anything in common besides the trigger?

The strongest separator of planted from natural: an attacker spreads a trigger over unrelated
inputs, while a natural string stands where its topic, its task or its template is. Planted
groups look like random rows (0.00 +- 0.02), natural ones are alike (about 0.1).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.bags import HasTerms
from poisonscan.candidates.corpus import MAX_SEGMENTS, Corpus
from poisonscan.candidates.spaces import MASK_SHARE, SideSpace
from poisonscan.candidates.strata import Strata
from poisonscan.evidence.reading import Reader
from poisonscan.kernels import bags as kernels

Array = npt.NDArray[Any]

#: Rows of a group that are compared with each other.
MAX_ROWS = 128

#: Share of the information of two inputs that both have (Jaccard index), from which on they are one
#: text in two templates.
SAME_TEXT = 0.5

#: Rows of the background that must have a shape (`CountedSide.shape`), if they are to stand for it.
MIN_OF_A_SHAPE = 64

#: Terms of a row that are looked at.
MAX_TERMS = 2048

#: A word this much of whose rows lie inside the group came with the trigger.
INSIDE_SHARE = 0.8

#: Input coherence at which inputs are alike for another reason than the trigger
#: (benchmarks/calibrate.py).
COHERENCE_LIMIT = 0.15

#: Share of a row's information that is left when the trigger and all that always comes with it
#: are taken away: planted 0.84-1.0, templates and near-duplicates 0.2-0.6. The factor rises from
#: 0 to 1 between these two.
REMAINDER_RANGE = (0.3, 0.9)

#: Information left without the trigger, against other rows: planted 0.83-1.0, a question asked
#: in several templates 0.1-0.5. The factor rises from 0 to 1 between these two.
WHOLENESS_RANGE = (0.5, 0.8)

#: Standard errors by which inputs may say less than others do, less those of `MAX_ROWS` rows, which
#: the limits were found with: ten out of very short and very long ones may all be short.
_ERRORS = 2.0

#: Share of a row's information that must not be the trigger itself, on average: a "trigger" that
#: is nearly all of its rows is one text that occurs several times.
MIN_REST = 0.4


@dataclass(frozen=True, slots=True)
class Independence:
    """How little the inputs of a group share.

    Attributes
    ----------
    coherence
        Mean pairwise cosine of the masked inputs, above that of random rows without the trigger.
    noise
        Standard deviation of that mean over random groups of the same size.
    remainder
        Share of a row's information (sum of inverse document frequencies, trigger words left
        out) that is not common to the group, 0..1.
    trigger_share
        Share of a row's information that the trigger's own words are, 0..1.
    distinct
        Number of different inputs, the trigger left out, in the whole group (estimated from the
        sample where the group is larger).
    wholeness
        Information that the inputs have without the trigger, against that of other rows, 0..1:
        a question that is wrapped in one template or another leaves the templates.
    by_chance
        Part of it that chance may leave: 1 for many inputs, or inputs of one length.
    terms : int64[K]
        Terms of the trigger, and those that occur mostly with it.
    """

    coherence: float
    noise: float
    remainder: float
    trigger_share: float
    distinct: int
    wholeness: float = 1.0
    by_chance: float = 1.0
    terms: Array = field(default_factory=lambda: np.empty(0, np.int64), compare=False)

    @property
    def factor(self) -> float:
        """1 for unrelated inputs, 0 for inputs that are alike."""
        beyond_chance = max(0.0, self.coherence - self.noise)
        unlike = max(0.0, 1.0 - beyond_chance / COHERENCE_LIMIT)
        different = _rise(self.remainder, REMAINDER_RANGE)
        whole = _rise(self.wholeness / self.by_chance, WHOLENESS_RANGE)
        rest = min(1.0, (1.0 - self.trigger_share) / MIN_REST)
        return unlike * different * whole * rest


def certainty(distinct: float) -> float:
    """Return the discount of a group for its number of different inputs: few prove little."""
    return max(0.0, 1.0 - 4.0 / max(1.0, distinct))


def _rise(value: float, between: tuple[float, float]) -> float:
    low, high = between
    return min(1.0, max(0.0, (value - low) / (high - low)))


def measure_independence(
    corpus: Corpus,
    space: SideSpace,
    rows: Array,
    trigger_terms: Iterable[int],
    reader: Reader | None = None,
    *,
    within_strata: bool = False,
) -> Independence:
    """Measure the inputs of `rows` (int64[N]) without the words of the trigger.

    Parameters
    ----------
    reader
        Reads the inputs, where the trigger is a matter of how they are written.
    within_strata
        Other rows are those of the strata that these rows are in. A string that stands in one
        dataset alone may be what its templates have inside, so that a text in several templates
        counts once.
    """
    strata = corpus.strata if within_strata and len(corpus.strata) > 1 else None
    weights = space.weights if strata is None else _weights(corpus, space, strata.shares(rows))
    own = np.zeros(len(corpus.vocabulary), bool)
    own[list(trigger_terms)] = True
    sample = corpus.sample(rows, MAX_ROWS)
    scale = len(rows) / max(1, len(sample))
    group = _Group.of(corpus, sample, reader)
    common, inside = _shared(corpus, group, own, scale)
    gone = own | common | inside
    kept = sum(group.weigh(weights, gone))
    whole = sum(group.weigh(weights, own | (inside & ~common)))
    rest, everything = sum(group.weigh(weights, own)), sum(group.weigh(weights, np.zeros_like(own)))
    baseline = _background(corpus, rows, strata)
    coherence, wholeness, by_chance = group.coherence(space, gone), 1.0, 1.0
    if len(baseline) > 1 and len(sample):
        # without the same words: where all rows share a template, they must not look alike by it
        others = _Group.of(corpus, baseline, reader)
        coherence -= others.coherence(space, gone)
        # logarithms: few long rows do not say more
        said, usual = (np.log1p(one.weigh(weights, gone)) for one in (group, others))
        wholeness = math.exp(min(0.0, float(said.mean() - usual.mean())))
        if strata is not None:  # long and short ones of two strata are no matter of chance
            said, usual = _beyond_strata(strata, (sample, said), (baseline, usual))
        # texts of one template are alike in length, whatever others are
        spread = min(float(said.std()), float(usual.std()))
        by_chance = math.exp(-_ERRORS * spread * (len(sample) ** -0.5 - MAX_ROWS**-0.5))
    if strata is None:
        distinct = group.count_different(gone)
    else:
        distinct = group.count_texts(weights, own | inside)
    return Independence(
        coherence=coherence,
        noise=_noise(space, len(sample)),
        remainder=kept / whole if whole else 0.0,
        trigger_share=1.0 - rest / everything if everything else 1.0,
        distinct=round(distinct * scale),
        wholeness=wholeness,
        by_chance=by_chance,
        terms=np.flatnonzero(own | inside),
    )


def count_texts(corpus: Corpus, space: SideSpace, rows: Array) -> int:
    """Return how many different texts some inputs are (`SAME_TEXT`), of up to `MAX_ROWS`."""
    weights = _weights(corpus, space, corpus.strata.shares(rows))
    nothing = np.zeros(len(weights), bool)
    return _Group.of(corpus, rows[:MAX_ROWS], None).count_texts(weights, nothing)


def _shared(corpus: Corpus, group: _Group, own: Array, scale: float) -> tuple[Array, Array]:
    """Return the terms that most rows of a group have, and those that hardly any other row has.

    Two times bool[V], without the trigger's own terms.

    Parameters
    ----------
    scale
        Rows of the dataset that a row of the group stands for.
    """
    terms, counts = group.count_terms(own)
    common, inside = np.zeros_like(own), np.zeros_like(own)
    common[terms[counts > MASK_SHARE * len(group.rows)]] = True
    everywhere = corpus.input.term_rows[terms]
    inside[terms[(counts >= 3) & (counts * scale >= INSIDE_SHARE * everywhere)]] = True
    return common, inside


@dataclass(frozen=True, slots=True)
class _Group:
    """Some inputs as bags of terms.

    Attributes
    ----------
    source
        Where they are.
    rows : int64[N]
        Rows of the source.
    """

    source: HasTerms
    rows: Array

    @classmethod
    def of(cls, corpus: Corpus, rows: Array, reader: Reader | None) -> _Group:
        """Return the inputs of these rows (int64[N]), as they read where there is a reader."""
        if reader is None:
            return cls(corpus.input, np.ascontiguousarray(rows))
        return cls(reader.read(rows), np.arange(len(rows), dtype=np.int64))

    def count_terms(self, left_out: Array) -> tuple[Array, Array]:
        """Return the terms but those left out (bool[V]), and the rows of each, int64."""
        offsets = self.source.row_terms
        terms = np.empty(int((offsets[self.rows + 1] - offsets[self.rows]).sum()), np.int32)
        counts = np.zeros(len(left_out), np.int64)
        size = kernels.count_kept_terms(*self._kept(left_out), counts, terms)
        return terms[:size], counts[terms[:size]]

    def weigh(self, term_weights: Array, left_out: Array) -> list[float]:
        """Return the information of each row without some terms (bool[V])."""
        out = np.empty(len(self.rows))
        kernels.sum_kept_weights(*self._kept(left_out), term_weights, out)
        weights: list[float] = out.tolist()
        return weights

    def count_different(self, left_out: Array) -> int:
        """Return how many different inputs there are without some terms (bool[V])."""
        return int(kernels.count_different_rows(*self._kept(left_out)))

    def count_texts(self, term_weights: Array, left_out: Array) -> int:
        """Return how many inputs there are of which no two are one text (`SAME_TEXT`).

        Without some terms (bool[V]).
        """
        return int(kernels.count_texts(*self._kept(left_out), term_weights, SAME_TEXT))

    def coherence(self, space: SideSpace, left_out: Array) -> float:
        """Return the mean cosine of two inputs without some terms (bool[V])."""
        sums = np.empty((len(self.rows), space.vectors.shape[1]))
        kernels.sum_kept_vectors(*self._kept(left_out), space.numbers, space.vectors, sums)
        norms = np.linalg.norm(sums, axis=1)
        units = sums[norms > 0] / norms[norms > 0, None]
        count = len(units)
        if count < 2:
            return 0.0
        total = units.sum(axis=0)
        return float((total @ total - count) / (count * (count - 1)))

    def _kept(self, left_out: Array) -> tuple[Array, Array, Array, Array, int]:
        source = self.source
        return self.rows, source.row_terms, source.distinct, left_out.view(np.uint8), MAX_TERMS


def _noise(space: SideSpace, size: int) -> float:
    """Return the standard deviation of the mean cosine of `size` random rows.

    The mean direction is taken out of the space, so that the pairs are uncorrelated.
    """
    return space.spread * math.sqrt(2.0 / (size * (size - 1))) if size > 1 else 0.0


def _weights(corpus: Corpus, space: SideSpace, shares: Array) -> Array:
    """Return inverse document frequencies as if strata had these shares of all rows, float32[V].

    What the template of a dataset says in each of its rows is no information in it, however rare it
    is elsewhere.
    """
    there = np.flatnonzero(shares)
    rows = corpus.rows * (shares[there].astype(np.float32) @ corpus.shares_in_strata[there])
    weights: Array = np.log((1.0 + corpus.rows) / (1.0 + rows)).astype(np.float32)
    weights[space.weights == 0.0] = 0.0
    return weights


def _beyond_strata(
    strata: Strata, some: tuple[Array, Array], others: tuple[Array, Array]
) -> tuple[Array, Array]:
    """Return the values of some rows and of others without the means of their strata.

    Parameters
    ----------
    some, others
        Rows, int64[N], and values, float64[N]. The means are those of the others.
    """
    numbers = [strata.number[rows] for rows, _ in (some, others)]
    counts = np.bincount(numbers[1], minlength=len(strata))
    sums = np.bincount(numbers[1], others[1], len(strata))
    means = np.where(counts > 0, sums / np.maximum(counts, 1), others[1].mean())
    return some[1] - means[numbers[0]], others[1] - means[numbers[1]]


def _background(corpus: Corpus, rows: Array, strata: Strata | None) -> Array:
    """Return random rows outside the group, of the same strata if there are any.

    If not, as many in a hundred as in the group have one field, two fields, three turns: only some
    questions have a second field, and these are alike and longer, whatever else is put into it. A
    shape that few rows have tells nothing, and others stand for it.
    """
    if strata is not None:
        return strata.draw(rows, MAX_ROWS, corpus.background)
    inside = np.zeros(corpus.rows, bool)
    inside[rows] = True
    outside = ~inside[corpus.background]
    free, shape = corpus.background[outside], corpus.background_shape[outside]
    own = np.bincount(corpus.input.shape(rows), minlength=MAX_SEGMENTS + 1)
    wanted = np.rint(own / max(1, len(rows)) * MAX_ROWS).astype(np.int64)
    wanted[np.bincount(shape, minlength=MAX_SEGMENTS + 1) < MIN_OF_A_SHAPE] = 0
    drawn = np.zeros(len(free), bool)
    for at in np.flatnonzero(wanted):
        drawn[np.flatnonzero(shape == at)[: wanted[at]]] = True
    drawn[np.flatnonzero(~drawn)[: MAX_ROWS - int(wanted.sum())]] = True
    chosen: Array = free[drawn]
    return chosen[:MAX_ROWS]
