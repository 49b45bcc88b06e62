"""The taste of whoever wrote the preferences: which of two answers would they have chosen?

A linear model of "which of the two was chosen" on the differences between both answers, without
an intercept, so that exchanging the answers turns the sign of its log-odds and nothing else. It is
cross-fitted: no row is judged by a model that saw it, or another answer to its prompt.

Answers that are marked as good or bad one by one are pairs whose other half is empty.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from poisonscan.candidates.corpus import Corpus, CountedSide
from poisonscan.candidates.csr import entries
from poisonscan.embed.static import StaticModel
from poisonscan.io.fields import Meaning, meaning_of

Array = npt.NDArray[Any]

#: Pairs below which no taste can be learned; marked answers of the rarer kind.
MIN_PAIRS, MIN_MARKED = 200, 50

#: Values of a column that marks answers: what is good, what is bad.
_MARKS = ({"true": 1, "false": -1}, {"1": 1, "0": -1}, {"1": 1, "-1": -1})

#: Pairs, and tokens of their answers, that are held as features at a time (about 200 MB): the model
#: is fitted on the first part.
_PART_ROWS, _PART_TOKENS = 20_000, 4_000_000

#: Parts for cross-fitting; tokens of an answer that are read.
FOLDS, _MAX_TOKENS = 5, 1024

#: Pairs of neighbouring words are hashed to so many features.
_NEIGHBOUR_BITS = 15

#: Dimensions of an answer's meaning, and its weight (a vector of length 1) beside the words.
_MEANING_DIMS, _MEANING_SCALE = 128, 3.0

#: Inverse strengths of the penalty, and how much worse than the other one the first may be: few
#: rows need the weaker penalty, but it learns swapped rows by heart.
_STRENGTHS, _WORSE = (0.02, 0.2), 1.02

#: Nobody is surer of a preference than this allows: one row says at most 3.9 nats.
_DOUBT = 0.02


@dataclass(frozen=True, slots=True)
class Pairs:
    """Which answer of each row was preferred.

    Attributes
    ----------
    chosen, rejected : int64[R]
        Tokens of both answers; both 0 where there is no pair.
    mark : int8[R], optional
        1 for answers that are marked as good, -1 as bad, 0 where there is no mark; None for pairs.
    """

    chosen: Array
    rejected: Array
    mark: Array | None

    @property
    def complete(self) -> Array:
        """Rows with a pair or a mark, bool[R]."""
        if self.mark is not None:
            marked: Array = (self.mark != 0) & (self.chosen + self.rejected > 0)
            return marked
        both: Array = (self.chosen > 0) & (self.rejected > 0)
        return both


def find_pairs(corpus: Corpus) -> Pairs | None:
    """Return the preferences, None where the data are none (or too few to learn from)."""
    size = np.diff(corpus.output.side.row_tokens)
    if corpus.rejected is not None:
        pairs = Pairs(size, np.diff(corpus.rejected.side.row_tokens), None)
        return pairs if pairs.complete.sum() >= MIN_PAIRS else None
    for name in sorted(corpus.spool.labels):
        values = corpus.spool.label_values[name]
        marks = next((marks for marks in _MARKS if set(values) == set(marks)), None)
        if marks is None or meaning_of(name) is not Meaning.LABEL:
            continue
        lookup = np.array([*(marks[value] for value in values), 0], np.int8)
        mark = lookup[np.asarray(corpus.spool.labels[name])]
        pairs = Pairs(np.where(mark > 0, size, 0), np.where(mark < 0, size, 0), mark)
        both = [int((pairs.complete & (mark == kind)).sum()) for kind in (1, -1)]
        if min(both) >= MIN_MARKED and sum(both) >= MIN_PAIRS:
            return pairs
    return None


@dataclass(frozen=True, slots=True)
class Taste:
    """How clearly each chosen answer is the better one, judged by the other rows.

    Attributes
    ----------
    words, length : float64[R]
        Calibrated log-odds, 0 where there is no pair: their sum speaks for the chosen answer. What
        the length of both answers explains of it is `length`, the rest `words`.
    judged : bool[R]
        Rows with a pair.
    accuracy
        Share of the pairs whose sum is positive.
    """

    words: Array
    length: Array
    judged: Array
    accuracy: float

    def chance(self, rows: Array, words: float = 1.0, length: float = 1.0) -> Array:
        """Return the probability that these choices fall as they did, float64[N].

        Parameters
        ----------
        words, length
            -1 for a taste that is turned round in this respect.
        """
        odds = words * self.words[rows] + length * self.length[rows]
        chance: Array = _DOUBT + (1.0 - 2.0 * _DOUBT) / (1.0 + np.exp(-odds))
        return chance


def learn_taste(corpus: Corpus, pairs: Pairs) -> Taste:
    """Fit the model."""
    judged = pairs.complete
    rows = corpus.by_rank[judged[corpus.by_rank]]
    fold = fold_of(corpus)
    lengths = np.where(judged[:, None], _length_basis(pairs), 0.0)
    vectors, coverage = StaticModel.load().encode_words(corpus.vocabulary)
    meaning = (vectors * coverage[:, None])[:, :_MEANING_DIMS]

    def read(part: Array) -> Any:  # noqa: ANN401
        return _differences(corpus, pairs, meaning, lengths, part)

    parts = list(_parts(pairs, rows))
    fit = parts[0]
    weights = _fit(read(fit), fold[fit])
    odds = np.zeros(corpus.rows)
    for part in parts:
        features = read(part)
        for own in range(FOLDS):
            odds[part[fold[part] == own]] = features[fold[part] == own] @ weights[own]
    odds *= _calibrate(odds[fit])
    share, *_ = np.linalg.lstsq(lengths[fit], odds[fit], rcond=None)
    length = lengths @ share
    return Taste(odds - length, length, judged, float((odds[fit] > 0).mean()))


def fold_of(corpus: Corpus) -> Array:
    """Return the part that each row belongs to, int64[R]: the same one for the same prompt."""
    fold: Array = (corpus.input.side.digests % np.uint64(FOLDS)).astype(np.int64)
    return fold


def _parts(pairs: Pairs, rows: Array) -> Iterator[Array]:
    """Yield the rows in parts whose features fit into memory."""
    tokens = np.minimum(pairs.chosen[rows], _MAX_TOKENS)
    tokens = tokens + np.minimum(pairs.rejected[rows], _MAX_TOKENS)
    ends = np.cumsum(tokens)
    start = 0
    while start < len(rows):
        end = int(np.searchsorted(ends, ends[start] - tokens[start] + _PART_TOKENS, "right"))
        end = max(start + 1, min(end, start + _PART_ROWS))
        yield rows[start:end]
        start = end


def _length_basis(pairs: Pairs) -> Array:
    """Return functions of both lengths that change sign when they are exchanged, float64[R, 4]."""
    ratio = np.log1p(pairs.chosen) - np.log1p(pairs.rejected)
    whole = np.log1p(pairs.chosen + pairs.rejected)
    return np.stack([ratio, np.tanh(ratio), np.tanh(4.0 * ratio), ratio * whole], axis=1)


def _fit(differences: Any, fold: Array) -> Array:  # noqa: ANN401
    """Return the weights of the model for each fold, fitted without it, float64[FOLDS, D]."""
    tried = {strength: fit_one(differences[fold != 0], strength) for strength in _STRENGTHS}
    losses = []
    for weights in tried.values():
        odds = differences[fold == 0] @ weights
        losses.append(float(np.logaddexp(0.0, -_calibrate(odds) * odds).sum()))
    strength = _STRENGTHS[int(losses[0] > _WORSE * losses[1])]
    others = [fit_one(differences[fold != own], strength) for own in range(1, FOLDS)]
    return np.stack([tried[strength], *others])


def fit_one(differences: Any, strength: float) -> Array:  # noqa: ANN401
    """Return the weights that most likely make these differences (N, D) positive, float64[D]."""
    from scipy import sparse
    from sklearn.linear_model import LogisticRegression

    count, features = differences.shape
    if count < 2:
        return np.zeros(features)
    # Which answer comes first means nothing: every other pair is turned round.
    sign = np.where(np.arange(count) % 2 == 0, 1.0, -1.0)
    model = LogisticRegression(C=strength, fit_intercept=False, max_iter=200, tol=1e-3)
    with threadpool_limits(1):
        model.fit(sparse.diags_array(sign) @ differences, sign > 0)
    weights: Array = model.coef_[0]
    return weights


def _differences(corpus: Corpus, pairs: Pairs, meaning: Array, lengths: Array, rows: Array) -> Any:  # noqa: ANN401
    """Return chosen minus rejected answers as features, float64 CSR [N, D]."""
    from scipy import sparse

    features = _features(corpus.output, rows, meaning)
    if pairs.mark is not None:
        features = sparse.diags_array(pairs.mark[rows].astype(np.float64)) @ features
    elif corpus.rejected is not None:
        features = features - _features(corpus.rejected, rows, meaning)
    return sparse.hstack([features, sparse.csr_array(lengths[rows])], "csr", np.float64)


def _features(side: CountedSide, rows: Array, meaning: Array) -> Any:  # noqa: ANN401
    """Return the features of one answer of each row, CSR: words, neighbours, meaning."""
    from scipy import sparse

    bag = _bag(side, rows, len(meaning))
    sense = bag[:, : len(meaning)] @ meaning
    norm = np.linalg.norm(sense, axis=1, keepdims=True)
    sense = sparse.csr_array(_MEANING_SCALE * sense / np.maximum(norm, 1e-6))
    return sparse.hstack([bag.log1p(), sense], "csr")


def _bag(side: CountedSide, rows: Array, vocabulary_size: int) -> Any:  # noqa: ANN401
    """Return how often words, and hashed pairs of neighbours, are in each row, CSR."""
    from scipy import sparse

    first = side.side.row_tokens[rows]
    sizes = np.minimum(side.side.row_tokens[rows + 1] - first, _MAX_TOKENS)
    terms = side.terms[entries(first, sizes)].astype(np.int64)
    row = np.repeat(np.arange(len(rows)), sizes)
    known = terms >= 0
    both = known[1:] & known[:-1] & (row[1:] == row[:-1])
    neighbours = (terms[:-1] * vocabulary_size + terms[1:])[both].astype(np.uint64)
    hashed = (neighbours * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(64 - _NEIGHBOUR_BITS)
    column = np.concatenate([terms[known], vocabulary_size + hashed.astype(np.int64)])
    place = np.concatenate([row[known], row[1:][both]])
    shape = (len(rows), vocabulary_size + (1 << _NEIGHBOUR_BITS))
    return sparse.coo_array((np.ones(len(column)), (place, column)), shape).tocsr()


def _calibrate(odds: Array) -> float:
    """Return the factor of the log-odds that makes the observed choices most likely."""
    factors = np.linspace(0.0, 3.0, 61)
    loss = [float(np.logaddexp(0.0, -factor * odds).sum()) for factor in factors]
    return float(factors[int(np.argmin(loss))])
