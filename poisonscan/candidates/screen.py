"""The screen: two or three cheap numbers for every candidate, evidence for the best of them.

A planted trigger stands in inputs that have nothing else in common, while its outputs are moved
together. Both are one sum of vectors per candidate, so that all closed n-grams are measured and
only a few thousand go on. There is no single score to rank by (the best target, the common
outputs and the changed style each lose triggers that another finds), so each names its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from poisonscan.candidates.closed import Candidates
from poisonscan.candidates.corpus import Corpus, CountedSide
from poisonscan.embed.projection import fit_projection
from poisonscan.kernels import groups as kernels

Array = npt.NDArray[Any]

#: Rows of a candidate that are compared with each other; the mean over the 2,016 pairs of 64
#: rows has a standard error near 0.003, below what separates planted from natural.
MAX_ROWS = 64

#: What this share of a candidate's rows have in common is the candidate or comes with it.
MASK_SHARE = 0.6

#: Dimensions of the projection fitted on the data.
DIMS = 64

#: Candidates that each generator sends on.
SHORTLIST = 1200

#: Tokens of an output whose style is measured.
_STYLE_TOKENS = 2048


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
    spread
        Standard deviation of the cosine of two random rows.
    """

    weights: Array
    vectors: Array
    base_sparse: float
    base_dense: float
    spread: float


@dataclass(frozen=True, slots=True)
class Screen:
    """What was measured for every candidate, float64[C] each.

    Attributes
    ----------
    input_coherence
        Mean cosine of the inputs, the candidate and its companions masked, above random rows.
        Planted: 0; natural: about 0.1.
    output_coherence
        Mean cosine of the outputs as bags of words, above random rows.
    output_topic
        The same in the projected space.
    style_shift
        Largest deviation of a style feature of the outputs, in standard errors.
    style : float32[R, F]
        Standardised style features of all outputs.
    """

    input_space: SideSpace
    output_space: SideSpace
    input_coherence: Array
    output_coherence: Array
    output_topic: Array
    style_shift: Array
    style: Array


def screen_candidates(corpus: Corpus, candidates: Candidates, seed: int) -> Screen:
    """Measure all candidates."""
    input_space = fit_space(corpus, corpus.input, seed)
    output_space = fit_space(corpus, corpus.output, seed)
    groups = (candidates.offsets, candidates.rows)
    input_dense = _dense(groups, corpus.input, input_space.vectors, MASK_SHARE)
    dense = _dense(groups, corpus.output, output_space.vectors, mask_share=1.0)
    sparse = _sparse(groups, corpus.output, output_space.weights)
    style = style_of_outputs(corpus)
    shift = np.empty(len(candidates))
    kernels.group_shift(candidates.offsets, candidates.rows, style, MAX_ROWS, shift)
    return Screen(
        input_space=input_space,
        output_space=output_space,
        input_coherence=input_dense - input_space.base_dense,
        output_coherence=sparse - output_space.base_sparse,
        output_topic=dense - output_space.base_dense,
        style_shift=shift,
        style=style,
    )


def shortlist(candidates: Candidates, screen: Screen) -> Array:
    """Return the candidates worth evidence, int64, in candidate order."""
    independent = np.clip(1.0 - screen.input_coherence / 0.3, 0.0, 1.0)
    size = np.minimum(1.0, np.sqrt(candidates.support / 16.0))
    generators = (
        screen.output_coherence * independent * size,
        screen.output_topic * independent * size,
        screen.style_shift * independent,
    )
    chosen = [np.argsort(-score, kind="stable")[:SHORTLIST] for score in generators]
    result: Array = np.unique(np.concatenate(chosen))
    return result


def fit_space(corpus: Corpus, side: CountedSide, seed: int) -> SideSpace:
    """Fit term weights and vectors of one side on the background sample."""
    rows = corpus.background
    with np.errstate(divide="ignore"):
        weights = np.log((1.0 + corpus.rows) / (1.0 + side.term_rows))
    weights[side.term_rows < 2] = 0.0
    lengths = side.row_terms[rows + 1] - side.row_terms[rows]
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    source = np.repeat(side.row_terms[rows] - offsets[:-1], lengths) + np.arange(offsets[-1])
    vectors = fit_projection(
        offsets, side.distinct[source], len(corpus.vocabulary), dims=DIMS, seed=seed
    )
    vectors = _without_mean_direction(rows, side, vectors)
    weights = weights.astype(np.float32)
    edges = np.arange(0, len(rows) + 1, MAX_ROWS, dtype=np.int64)
    groups = (edges if len(edges) > 1 else np.array([0, len(rows)], np.int64), rows)
    return SideSpace(
        weights,
        vectors,
        base_sparse=float(_sparse(groups, side, weights).mean()),
        base_dense=float(_dense(groups, side, vectors, mask_share=1.0).mean()),
        spread=_spread(_units(rows, side, vectors)),
    )


def _units(rows: Array, side: CountedSide, vectors: Array) -> Array:
    """Return the vectors of rows, of length 1 or 0, float32[N, D]."""
    units = np.empty((len(rows), vectors.shape[1]), np.float32)
    kernels.row_vectors(rows, side.row_terms, side.distinct, vectors, units)
    return units


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


def _without_mean_direction(rows: Array, side: CountedSide, vectors: Array) -> Array:
    units = _units(rows, side, vectors)
    mean = units.mean(axis=0, dtype=np.float64)
    norm = np.linalg.norm(mean)
    if norm > 0:
        mean /= norm
    centred: Array = (vectors - np.outer(vectors @ mean, mean)).astype(np.float32)
    return np.ascontiguousarray(centred)


def _sparse(groups: tuple[Array, Array], side: CountedSide, weights: Array) -> Array:
    out = np.empty(len(groups[0]) - 1)
    kernels.sparse_coherence(*groups, side.row_terms, side.distinct, weights, MAX_ROWS, out)
    return out


def _dense(
    groups: tuple[Array, Array], side: CountedSide, vectors: Array, mask_share: float
) -> Array:
    row_sums = np.empty((side.side.rows, vectors.shape[1]), np.float32)
    kernels.sum_vectors(side.row_terms, side.distinct, vectors, row_sums)
    out = np.empty(len(groups[0]) - 1)
    kernels.dense_coherence(
        *groups, side.row_terms, side.distinct, vectors, row_sums, MAX_ROWS, mask_share, out
    )
    return out


def style_of_outputs(corpus: Corpus) -> Array:
    """Return the standardised style features of all outputs, float32[R, F]."""
    side = corpus.output
    flags = np.array([_flags(text) for text in corpus.vocabulary], np.uint8)
    style = np.empty((corpus.rows, len(kernels.STYLE_COLUMNS)), np.float32)
    kernels.style_features(
        side.side.tokens,
        side.terms,
        side.side.row_tokens,
        side.row_terms,
        np.arange(corpus.rows, dtype=np.int64),
        flags,
        side.table.slots,
        _STYLE_TOKENS,
        style,
    )
    background = style[corpus.background].astype(np.float64)
    spread = background.std(axis=0)
    # A feature that (nearly) no row has says nothing by its standard deviation.
    spread[spread < 1e-3] = np.inf
    standardised: Array = ((style - background.mean(axis=0)) / spread).astype(np.float32)
    return standardised


def _flags(text: str) -> int:
    flags = 0
    if text[0].isdigit():
        flags |= kernels.DIGIT
    elif not text[0].isalpha():
        flags |= kernels.SYMBOL
    elif text[0].isupper():
        flags |= kernels.CAPITAL
    if not text.isascii():
        flags |= kernels.NON_ASCII
    return flags
