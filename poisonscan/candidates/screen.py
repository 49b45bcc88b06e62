"""The screen: two or three cheap numbers for every candidate, evidence for the best of them.

A planted trigger stands in inputs that have nothing else in common, while its outputs are moved
together. Both are one sum of vectors per candidate, so that all closed n-grams are measured and
only a few thousand go on. There is no single score to rank by (the best target, the common
outputs and the changed style each lose triggers that another finds), so each names its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from poisonscan.candidates.bags import Bags, HasTerms, unit_vectors, without_mean
from poisonscan.candidates.closed import Candidates
from poisonscan.candidates.corpus import Corpus, CountedSide
from poisonscan.candidates.csr import gather
from poisonscan.embed.projection import fit_projection
from poisonscan.kernels import groups as kernels
from poisonscan.threads import map_in_order, work_on_ranges

Array = npt.NDArray[Any]

#: Rows of a candidate that are compared with each other; the mean over the 2,016 pairs of 64
#: rows has a standard error near 0.003, below what separates planted from natural.
MAX_ROWS = 64

#: What this share of a candidate's rows have in common is the candidate or comes with it.
MASK_SHARE = 0.6

#: Input coherence from which on inputs are so alike that whatever outputs share is no surprise.
ALIKE = 0.3

#: Dimensions of the projection fitted on the data.
DIMS = 64

#: Candidates that each generator sends on.
SHORTLIST = 1200


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
class SideSpace:
    """Vectors of one side's terms, fitted on the background sample.

    Attributes
    ----------
    weights : float32[V]
        Inverse document frequencies.
    vectors : float32[V, DIMS]
        The mean direction of all rows is taken out.
    base_sparse, base_dense
        Mean cosine of random rows.
    base_masked
        The same without the words that most of these rows share: a template would make random
        rows look alike.
    spread
        Standard deviation of the cosine of two random rows.
    row_sums
        Of all rows.
    """

    weights: Array
    vectors: Array
    base_sparse: float
    base_dense: float
    base_masked: float
    spread: float
    row_sums: RowSums


@dataclass(frozen=True, slots=True)
class Screen:
    """What was measured for every candidate, float64[C] each.

    Attributes
    ----------
    input_coherence
        Mean cosine of the inputs, the candidate and its companions masked, above random rows.
        Planted: 0; natural: about 0.1.
    output_coherence
        Mean cosine of the outputs as bags of words, above random rows; 0 where inputs are alike,
        whose outputs are not asked (`ALIKE`).
    output_topic
        The same in the projected space.
    """

    input_space: SideSpace
    output_space: SideSpace
    input_coherence: Array
    output_coherence: Array
    output_topic: Array


def screen_candidates(corpus: Corpus, candidates: Candidates, seed: int) -> Screen:
    """Measure all candidates."""
    input_space, output_space = fit_spaces(corpus, (corpus.input, corpus.output), seed)
    alike = group_coherence(candidates.groups, corpus.input, input_space, MASK_SHARE)
    asked = np.flatnonzero(alike < ALIKE)
    groups = candidates.take(asked).groups
    coherence, topic = np.zeros(len(candidates)), np.zeros(len(candidates))
    coherence[asked] = _sparse(groups, corpus.output, output_space.weights)
    coherence[asked] -= output_space.base_sparse
    topic[asked] = group_coherence(groups, corpus.output, output_space)
    return Screen(input_space, output_space, alike, coherence, topic)


def shortlist(candidates: Candidates, screen: Screen, agreement: Array) -> Array:
    """Return the candidates worth evidence, int64, in candidate order.

    Parameters
    ----------
    agreement : float64[C]
        How far the outputs are shifted one way (candidates/expectation.py).
    """
    independent = np.clip(1.0 - screen.input_coherence / ALIKE, 0.0, 1.0)
    size = np.minimum(1.0, np.sqrt(candidates.support / 16.0))
    generators = (
        screen.output_coherence * independent * size,
        screen.output_topic * independent * size,
        agreement * independent,
    )
    chosen = [np.argsort(-score, kind="stable")[:SHORTLIST] for score in generators]
    result: Array = np.unique(np.concatenate(chosen))
    return result


def group_coherence(
    groups: Groups, side: CountedSide, space: SideSpace, mask_share: float = 1.0
) -> Array:
    """Return the mean cosine of each group's rows above that of random rows, float64[G].

    Parameters
    ----------
    groups
        Where each begins and ends (int64[G] each), and rows (int32[P]).
    mask_share
        Terms in more than this share of a group's rows are left out; 1 leaves nothing out.
    """
    if mask_share < 1.0:
        return _masked(groups, side, space.vectors, mask_share, space.row_sums) - space.base_masked
    return _dense(groups, space.row_sums) - space.base_dense


def fit_space(corpus: Corpus, side: CountedSide, seed: int) -> SideSpace:
    """Fit term weights and vectors of one side on the background sample."""
    (space,) = fit_spaces(corpus, (side,), seed)
    return space


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
    edges = np.arange(0, len(rows) + 1, MAX_ROWS, dtype=np.int64)
    edges = edges if len(edges) > 1 else np.array([0, len(rows)], np.int64)
    groups = edges[:-1], edges[1:], rows.astype(np.int32)
    row_sums = _row_sums(sample, vectors, lambda dims, dtype: np.empty((len(rows), dims), dtype))
    return SideSpace(
        weights,
        vectors,
        base_sparse=float(_sparse(groups, sample, weights).mean()),
        base_dense=float(_dense(groups, row_sums).mean()),
        base_masked=float(_masked(groups, sample, vectors, MASK_SHARE, row_sums).mean()),
        spread=_spread(unit_vectors(sample, rows, vectors)),
        row_sums=row_sums,
    )


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
