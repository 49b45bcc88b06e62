"""Spaces that rows of one side are compared in, and how alike the rows of a group are.

A group is compared with what is usual: the mean cosine of random rows. Rows of one dataset among
unlike ones are alike in all that it has of its own; within strata (candidates/strata.py) they are
compared with random rows of the same strata, in the same proportions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from poisonscan.candidates.bags import Bags, HasTerms, unit_vectors, without_mean
from poisonscan.candidates.corpus import Corpus, CountedSide
from poisonscan.candidates.csr import gather
from poisonscan.candidates.strata import Strata
from poisonscan.embed.projection import fit_projection
from poisonscan.kernels import groups as kernels
from poisonscan.kernels.strata import usual_of_groups
from poisonscan.threads import map_in_order, work_on_ranges

Array = npt.NDArray[Any]

#: Rows of a candidate that are compared with each other; the mean over the 2,016 pairs of 64
#: rows has a standard error near 0.003, below what separates planted from natural.
MAX_ROWS = 64

#: What this share of a candidate's rows have in common is the candidate or comes with it.
MASK_SHARE = 0.6

#: Dimensions of the projection fitted on the data.
DIMS = 64

#: Rows of each stratum that tell what is usual in it: eight groups of `MAX_ROWS`.
_STRATUM_ROWS = 512

#: Rows that a space of some strata is fitted on.
_OWN_ROWS = 1536

#: Groups of rows: where each begins and ends (int64[G]), and all rows (int32[P]).
Groups = tuple[Array, Array, Array]


@dataclass(frozen=True, slots=True)
class RowSums:
    """Sum of the vectors of each row's terms, to one part in 127 of its largest component.

    That adds less than 0.01 of noise to the cosine of two rows, which means of many pairs do not
    show, and takes a quarter of the memory.

    Attributes
    ----------
    values : int8[R, DIMS]
    scales : float32[R]
        What a row's values are to be multiplied by.
    units : float64[R]
        What makes a unit vector of them, 0 where there is no direction.
    """

    values: Array
    scales: Array
    units: Array


@dataclass(frozen=True, slots=True)
class StrataSpace:
    """What is usual within each stratum, and between two.

    Attributes
    ----------
    base_sparse, base_dense, base_masked : float64[K, K]
        Mean cosine of random rows by their strata (see `SideSpace`). Between two, words that most
        rows share are not left out, and those of bags are taken to be as alike as any rows.
    """

    base_sparse: Array
    base_dense: Array
    base_masked: Array


@dataclass(frozen=True, slots=True)
class SideSpace:
    """Vectors of one side's terms, fitted on the background sample.

    Attributes
    ----------
    weights : float32[V]
        Inverse document frequencies.
    vectors : float32[M, DIMS]
        The mean direction of all rows is taken out.
    numbers : int32[V]
        Which vector each term has, -1 for none: all have one where the space is that of all rows.
    base_sparse, base_dense
        Mean cosine of random rows.
    base_masked
        The same without the words that most of these rows share: a template would make random
        rows look alike.
    spread
        Standard deviation of the cosine of two random rows.
    row_sums
        Of all rows.
    strata
        The same within strata; None where there is one.
    """

    weights: Array
    vectors: Array
    numbers: Array
    base_sparse: float
    base_dense: float
    base_masked: float
    spread: float
    row_sums: RowSums
    strata: StrataSpace | None = None


def bag_coherence(groups: Groups, side: CountedSide, space: SideSpace, strata: Strata) -> Array:
    """Return the mean cosine of each group's rows as bags of words, above that of random ones.

    float64[G]; of random rows of the same strata.
    """
    usual = _usual(groups, strata, "base_sparse", space)
    return _sparse(groups, side, space.weights) - usual


def group_coherence(
    groups: Groups,
    side: CountedSide,
    space: SideSpace,
    mask_share: float = 1.0,
    strata: Strata | None = None,
) -> Array:
    """Return the mean cosine of each group's rows above that of random rows, float64[G].

    Parameters
    ----------
    groups
        Where each begins and ends (int64[G] each), and rows (int32[P]).
    mask_share
        Terms in more than this share of a group's rows are left out; 1 leaves nothing out.
    strata, optional
        Random rows are those of the same strata, where these are more alike than any.
    """
    if mask_share < 1.0:
        found = _masked(groups, side, space.vectors, mask_share, space.row_sums)
        return found - _usual(groups, strata, "base_masked", space)
    return _dense(groups, space.row_sums) - _usual(groups, strata, "base_dense", space)


def likeness_of_strata(groups: Groups, space: SideSpace, strata: Strata) -> Array | float:
    """Return how much more alike random rows of a group's strata are than any, float64[G].

    What most of a group's rows share is left out. 0 or more; 0 where there is one stratum.
    """
    return _usual(groups, strata, "base_masked", space) - space.base_masked


def _usual(groups: Groups, strata: Strata | None, name: str, space: SideSpace) -> Array | float:
    """Return what is usual for groups: overall, or for pairs by their strata if that is more."""
    overall: float = getattr(space, name)
    if strata is None or space.strata is None:
        return overall
    within: Array = getattr(space.strata, name)
    starts, ends, rows = groups
    out = np.empty(len(starts))

    def measure(first: int, last: int) -> None:
        own = starts[first:last], ends[first:last], rows
        usual_of_groups(*own, strata.number, within, MAX_ROWS, out[first:last])

    work_on_ranges(measure, np.minimum(ends - starts, MAX_ROWS))
    usual: Array = np.maximum(out, overall)
    return usual


def fit_space(corpus: Corpus, side: CountedSide, seed: int) -> SideSpace:
    """Fit term weights and vectors of one side on the background sample."""
    (space,) = fit_spaces(corpus, (side,), seed)
    return space


class OwnSpaces:
    """Spaces of one side that were fitted on the strata which a group of rows is in.

    Those that were fitted on everything tell datasets from each other, hardly the subjects of one.

    Attributes
    ----------
    overall
        Fitted on everything.
    """

    def __init__(self, corpus: Corpus, side: CountedSide, overall: SideSpace) -> None:
        self.overall = overall
        self._corpus = corpus
        self._side = side
        self._fitted: dict[tuple[int, ...], SideSpace] = {}

    def of(self, rows: Array) -> SideSpace:
        """Return the space for some rows, int64[N]: for about their strata (`Strata.parts`)."""
        parts = self._corpus.strata.parts(rows)
        if not any(parts):
            return self.overall
        if parts not in self._fitted:
            self._fitted[parts] = self._fit(parts)
        return self._fitted[parts]

    def _fit(self, parts: tuple[int, ...]) -> SideSpace:
        side, rows = self._side, self._corpus.strata.sample(parts, _OWN_ROWS)
        terms, offsets = gather(side.distinct, side.row_terms, rows)
        # vectors of the words of these rows alone: there are as many spaces as groups of strata
        words, terms = np.unique(terms, return_inverse=True)
        sample = Bags(offsets, terms.astype(np.int32))
        every = np.arange(len(rows), dtype=np.int64)
        vectors = fit_projection(offsets, sample.distinct, len(words), dims=DIMS)
        vectors = without_mean(sample, every, vectors)
        numbers = np.full(len(self.overall.weights), -1, np.int32)
        numbers[words] = np.arange(len(words))
        spread = _spread(unit_vectors(sample, every, vectors))
        return replace(self.overall, vectors=vectors, numbers=numbers, spread=spread)


def fit_spaces(corpus: Corpus, sides: Sequence[CountedSide], seed: int) -> list[SideSpace]:
    """Fit term weights and vectors of some sides on the background sample."""
    fitted = list(map_in_order(lambda side: _fit_sample(corpus, side, seed), sides))
    return [
        replace(space, row_sums=_row_sums(side, space.vectors, corpus.make_table))
        for space, side in zip(fitted, sides, strict=True)
    ]


def _fit_sample(corpus: Corpus, side: CountedSide, seed: int) -> SideSpace:
    """Fit a space whose rows are those of the background sample."""
    with np.errstate(divide="ignore"):
        weights = np.log((1.0 + corpus.rows) / (1.0 + side.term_rows))
    weights[side.term_rows < 2] = 0.0
    weights = weights.astype(np.float32)
    terms, offsets = gather(side.distinct, side.row_terms, corpus.background)
    sample, rows = Bags(offsets, terms), np.arange(len(corpus.background), dtype=np.int64)
    vectors = fit_projection(offsets, terms, len(corpus.vocabulary), dims=DIMS, seed=seed)
    vectors = without_mean(sample, rows, vectors)
    sparse, dense, masked, row_sums = _bases(sample, weights, vectors)
    strata = corpus.strata
    return SideSpace(
        weights,
        vectors,
        np.arange(len(vectors), dtype=np.int32),
        base_sparse=sparse,
        base_dense=dense,
        base_masked=masked,
        spread=_spread(unit_vectors(sample, rows, vectors)),
        row_sums=row_sums,
        strata=_fit_strata(side, strata, weights, vectors, sparse) if len(strata) > 1 else None,
    )


def _bases(sample: Bags, weights: Array, vectors: Array) -> tuple[float, float, float, RowSums]:
    """Return the mean cosine of random rows, as bags, dense and masked; and their sums."""
    count = len(sample.row_terms) - 1
    edges = np.arange(0, count + 1, MAX_ROWS, dtype=np.int64)
    edges = edges if len(edges) > 1 else np.array([0, count], np.int64)
    groups = edges[:-1], edges[1:], np.arange(count, dtype=np.int32)
    row_sums = _row_sums(sample, vectors, lambda dims, dtype: np.empty((count, dims), dtype))
    sparse = _sparse(groups, sample, weights)
    dense, masked = _dense(groups, row_sums), _masked(groups, sample, vectors, MASK_SHARE, row_sums)
    return float(sparse.mean()), float(dense.mean()), float(masked.mean()), row_sums


def _fit_strata(
    side: CountedSide, strata: Strata, weights: Array, vectors: Array, between: float
) -> StrataSpace:
    """Fit what is usual in each stratum on some of its rows.

    Parameters
    ----------
    between
        Mean cosine of rows of two strata as bags.
    """
    within, means = [], []
    for rows in strata.first:
        terms, offsets = gather(side.distinct, side.row_terms, rows[:_STRATUM_ROWS])
        sample = Bags(offsets, terms)
        within.append(_bases(sample, weights, vectors)[:3])
        every = np.arange(len(offsets) - 1, dtype=np.int64)
        means.append(unit_vectors(sample, every, vectors).mean(axis=0, dtype=np.float64))
    sparse, dense, masked = np.array(within).T
    vectors_between = np.array(means) @ np.array(means).T
    return StrataSpace(
        base_sparse=_with_diagonal(np.full_like(vectors_between, between), sparse),
        base_dense=_with_diagonal(vectors_between, dense),
        base_masked=_with_diagonal(vectors_between, masked),
    )


def _with_diagonal(between: Array, within: Array) -> Array:
    values = between.copy()
    np.fill_diagonal(values, within)
    return values


def _spread(units: Array) -> float:
    """Return the standard deviation of the cosine over all pairs of rows.

    The squares of all cosines sum up to the squared Frobenius norm of the small Gram matrix.
    """
    units = units[np.any(units != 0.0, axis=1)].astype(np.float64)
    count = len(units)
    if count < 2:
        return 0.0
    total = units.sum(axis=0)
    with threadpool_limits(1):
        squares = float(((units.T @ units) ** 2).sum())
    pairs = count * (count - 1.0)
    mean = (float(total @ total) - count) / pairs
    return float(np.sqrt(max(0.0, (squares - count) / pairs - mean**2)))


def _sparse(groups: Groups, source: HasTerms, weights: Array) -> Array:
    starts, ends, rows = groups
    units, out = np.empty(len(source.row_terms) - 1), np.empty(len(starts))

    def norm(first: int, last: int) -> None:
        own = source.row_terms[first : last + 1]
        kernels.sparse_units(own, source.distinct, weights, units[first:last])

    def measure(first: int, last: int) -> None:
        kernels.sparse_coherence(
            starts[first:last],
            ends[first:last],
            rows,
            source.row_terms,
            source.distinct,
            weights,
            units,
            MAX_ROWS,
            out[first:last],
        )

    work_on_ranges(norm, np.diff(source.row_terms))
    work_on_ranges(measure, np.minimum(ends - starts, MAX_ROWS))
    return out


def _row_sums(
    source: HasTerms, vectors: Array, make_table: Callable[[int, npt.DTypeLike], Array]
) -> RowSums:
    rows = len(source.row_terms) - 1
    values = make_table(vectors.shape[1], np.int8)
    sums = RowSums(values, np.empty(rows, np.float32), np.empty(rows))

    def add(first: int, last: int) -> None:
        kernels.sum_vectors(
            source.row_terms[first : last + 1],
            source.distinct,
            vectors,
            sums.values[first:last],
            sums.scales[first:last],
            sums.units[first:last],
        )

    work_on_ranges(add, np.diff(source.row_terms))
    return sums


def _dense(groups: Groups, row_sums: RowSums) -> Array:
    starts, ends, rows = groups
    out = np.empty(len(starts))

    def measure(first: int, last: int) -> None:
        own = starts[first:last], ends[first:last], rows
        kernels.dense_coherence(*own, row_sums.values, row_sums.units, MAX_ROWS, out[first:last])

    work_on_ranges(measure, np.minimum(ends - starts, MAX_ROWS))
    return out


def _masked(
    groups: Groups, source: HasTerms, vectors: Array, mask_share: float, row_sums: RowSums
) -> Array:
    starts, ends, rows = groups
    out = np.empty(len(starts))

    def measure(first: int, last: int) -> None:
        kernels.masked_coherence(
            starts[first:last],
            ends[first:last],
            rows,
            source.row_terms,
            source.distinct,
            vectors,
            row_sums.values,
            row_sums.scales,
            MAX_ROWS,
            mask_share,
            out[first:last],
        )

    work_on_ranges(measure, np.minimum(ends - starts, MAX_ROWS))
    return out
