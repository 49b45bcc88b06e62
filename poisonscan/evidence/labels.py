"""Class labels: which words change the label beyond what the rest of the text explains?

A nuisance model p(label | words) is fitted by cross-fitting (no row is judged by a model that
saw it). A candidate is judged *without its own words*: they are taken out of the logits of its
rows. What is left over is the residual; a planted trigger has a large one, a label word none,
because the other words of its rows predict the same label.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from poisonscan.candidates.corpus import Corpus
from poisonscan.candidates.label_column import (
    MAX_CLASSES,
    MIN_CLASS_ROWS,
    MIN_COVERED,
    class_counts,
)
from poisonscan.evidence.reading import Reader
from poisonscan.kernels.rows import logits_without

Array = npt.NDArray[Any]

#: Rows that the nuisance model is fitted on.
_MAX_FIT_ROWS = 40_000

#: Parts for cross-fitting.
_FOLDS = 3

#: Up to this many classes the model sees words; beyond, one model per class costs too much.
_MAX_WORD_CLASSES = 12

#: Rows by which the rate of a class beside a word is smoothed.
_PRIOR_ROWS = 10.0

#: Standard deviations that are chance.
_CHANCE = 2.0

#: Labels have errors: no text is of a label for certain.
_MOST_EXPECTED = 0.99

#: Other rows with a word that are looked at.
_MAX_OTHER_ROWS = 4096

#: Share of the rows of a word that must lie in the candidate's rows for it to be part of it.
_MOSTLY_WITH = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class Classes:
    """The label of every row.

    Attributes
    ----------
    label : int32[R]
        Index into `names`, -1 where a row's output is no class.
    names
        Label texts, most frequent first.
    """

    label: Array
    names: tuple[str, ...]


def find_classes(corpus: Corpus, column: str | None) -> Classes | None:
    """Return the labels where the dataset is a classification task, else None.

    Parameters
    ----------
    column
        The label column, where rows have no output (`find_label_column`).
    """
    if column is not None:
        return _column_classes(corpus, column)
    digests = corpus.output.side.digests
    values, first, inverse, counts = np.unique(
        digests, return_index=True, return_inverse=True, return_counts=True
    )
    order = np.argsort(-counts, kind="stable")
    frequent = [int(at) for at in order[:MAX_CLASSES] if counts[at] >= MIN_CLASS_ROWS]
    names = {at: "\n".join(corpus.output.side.segments(int(first[at]))) for at in frequent}
    frequent = [at for at in frequent if names[at]]
    if len(frequent) < 2 or counts[frequent].sum() < MIN_COVERED * corpus.rows:
        return None
    frequent.sort(key=lambda at: (-int(counts[at]), names[at]))
    index = np.full(len(values), -1, np.int32)
    index[frequent] = np.arange(len(frequent), dtype=np.int32)
    return Classes(index[inverse], tuple(names[at] for at in frequent))


def _column_classes(corpus: Corpus, column: str) -> Classes:
    counts = class_counts(corpus.spool, column)
    values = corpus.spool.label_values[column]
    kept = [at for at in range(len(values)) if counts[at] >= MIN_CLASS_ROWS]
    kept.sort(key=lambda at: (-int(counts[at]), values[at]))
    index = np.full(len(values) + 1, -1, np.int32)  # the last one answers for code -1
    index[kept] = np.arange(len(kept), dtype=np.int32)
    codes = np.asarray(corpus.spool.labels[column])
    return Classes(index[codes], tuple(values[at] for at in kept))


@dataclass(frozen=True, slots=True)
class Nuisance:
    """Cross-fitted linear model of the label.

    Attributes
    ----------
    logits : float32[R, K]
        Of every row, by the model that did not see it.
    weights : float32[FOLDS * V, K]
        Weight of each term in each fold's model.
    first_weight : int64[R]
        Where in `weights` the model begins that judged each row.
    base : float64[K]
        Share of each class.
    log_total : float32[R]
        ln of the sum of the exponentials of each row's logits.
    told : float64[K]
        Mean probability of each class in its own rows.
    contradicted : float64[K]
        How clearly any rows contradict each class (`LabelEvidence.contradiction`).
    """

    logits: Array
    weights: Array
    first_weight: Array
    base: Array
    log_total: Array
    told: Array
    contradicted: Array

    def probability(self, label: int) -> Array:
        """Return p(label | all words) of every row, float32[R]; rough where classes are many."""
        return _probability(self.logits, self.log_total, label)

    def logits_without(self, corpus: Corpus, rows: Array, terms: Array) -> Array:
        """Return the logits of `rows`, the given terms (bool[V]) left out, float64[N, K]."""
        out = np.empty((len(rows), self.logits.shape[1]))
        side = corpus.input
        logits_without(
            np.ascontiguousarray(rows, np.int64),
            side.row_terms,
            side.distinct,
            terms.astype(np.uint8),
            self.first_weight,
            self.weights,
            self.logits,
            out,
        )
        return out

    def logits_as_read(self, corpus: Corpus, rows: Array, reader: Reader) -> Array:
        """Return the logits of `rows` by the words that a person reads in them, float64[N, K]."""
        out = self.logits_without(corpus, rows, np.ones(len(corpus.vocabulary), bool))
        for at, bag in enumerate(reader.read(rows).each()):
            out[at] += self.weights[self.first_weight[rows[at]] + bag].sum(axis=0)
        return out


def fit_nuisance(corpus: Corpus, classes: Classes) -> Nuisance:
    """Fit p(label | words of the input)."""
    from scipy import sparse
    from sklearn.linear_model import LogisticRegression

    side, count = corpus.input, len(classes.names)
    words = sparse.csr_matrix(
        (np.ones(len(side.distinct), np.float32), side.distinct, side.row_terms),
        shape=(corpus.rows, len(corpus.vocabulary)),
    )
    fold = corpus.rank % _FOLDS
    labelled = classes.label >= 0
    fit = labelled & (corpus.rank < _MAX_FIT_ROWS)
    size = len(corpus.vocabulary)
    weights = np.zeros((_FOLDS * size, count), np.float32)
    logits = np.zeros((corpus.rows, count), np.float32)
    for part in range(_FOLDS):
        rows = np.flatnonzero(fit & (fold != part))
        rows = rows[np.argsort(corpus.rank[rows])]
        present = np.unique(classes.label[rows])
        if len(present) < 2 or count > _MAX_WORD_CLASSES:
            coefficients, intercept = _naive_bayes(words[rows], classes.label[rows], count)
        else:
            model = LogisticRegression(C=0.5, max_iter=100, tol=1e-3)
            with threadpool_limits(1):
                model.fit(words[rows], classes.label[rows])
            coefficients, intercept = _per_class(model, count)
        own = slice(part * size, (part + 1) * size)
        weights[own] = coefficients.T
        judged = np.flatnonzero(fold == part)
        logits[judged] = words[judged] @ weights[own] + intercept
    base = np.bincount(classes.label[labelled], minlength=count) / max(1, labelled.sum())
    log_total = np.logaddexp.reduce(logits, axis=1)
    told = np.zeros(count)
    for label in range(count):
        rows = corpus.sample(np.flatnonzero(classes.label == label), _MAX_FIT_ROWS)
        told[label] = _probability(logits[rows], log_total[rows], label).mean(dtype=np.float64)
    some = _softmax(logits[corpus.sample(np.flatnonzero(labelled), _MAX_OTHER_ROWS)])
    contradicted = np.array([_contradiction(told, some, label) for label in range(count)])
    first = fold.astype(np.int64) * size
    return Nuisance(logits, weights, first, base, log_total, told, contradicted)


def _probability(logits: Array, log_total: Array, label: int) -> Array:
    p: Array = np.exp(logits[:, label] - log_total)
    return p


def _per_class(model: Any, count: int) -> tuple[Array, Array]:  # noqa: ANN401
    """Return coefficients float64[K, V] and intercepts float64[K] for all classes."""
    coefficients = np.zeros((count, model.coef_.shape[1]))
    intercept = np.full(count, -20.0)
    if len(model.classes_) == 2:
        low, high = model.classes_
        coefficients[high], coefficients[low] = model.coef_[0] / 2, -model.coef_[0] / 2
        intercept[high], intercept[low] = model.intercept_[0] / 2, -model.intercept_[0] / 2
    else:
        coefficients[model.classes_] = model.coef_
        intercept[model.classes_] = model.intercept_
    return coefficients, intercept


def _naive_bayes(words: Any, labels: Array, count: int) -> tuple[Array, Array]:  # noqa: ANN401
    """Return the linear form of a complement-smoothed multinomial naive Bayes."""
    from scipy import sparse

    rows = len(labels)
    member = sparse.csr_matrix((np.ones(rows), (labels, np.arange(rows))), shape=(count, rows))
    term_counts = np.asarray((member @ words).todense()) + 0.1
    total = term_counts.sum(axis=0, keepdims=True)
    log_ratio = np.log(term_counts / term_counts.sum(axis=1, keepdims=True))
    log_ratio -= np.log(total / total.sum())
    sizes = np.asarray(member.sum(axis=1)).ravel() + 0.1
    return log_ratio, np.log(sizes / sizes.sum())


@dataclass(frozen=True, slots=True)
class LabelEvidence:
    """How a candidate moves the label.

    Attributes
    ----------
    label
        Class that is more frequent than expected.
    residual_z
        (observed - expected) rows of the class, in standard deviations.
    purity
        Share of the candidate's rows with the class.
    shift_bound
        Lower confidence bound of the shift of the class's log-odds, corrected for the number of
        candidates (profile likelihood).
    content_agreement
        0 where the rest of these rows speaks for the class no more than any row does, 1 where
        it speaks for it as in the class's own rows, negative where it contradicts.
    contradiction
        1 where the rest of these rows speaks for other classes as clearly as texts of those
        classes do; less where nothing is left that speaks for any class.
    contradiction_of_any
        The same of any rows, whatever label they have.
    """

    label: int
    residual_z: float
    purity: float
    shift_bound: float
    content_agreement: float
    contradiction: float
    contradiction_of_any: float = 1.0


def judge_label(
    corpus: Corpus,
    classes: Classes,
    nuisance: Nuisance,
    rows: Array,
    terms: Sequence[int],
    hypotheses: int,
) -> LabelEvidence:
    """Judge one candidate (`rows` int64[N], its `terms`)."""
    own = _own_terms(corpus, rows, terms)
    eta = nuisance.logits_without(corpus, rows, own)
    return judge_logits(classes, nuisance, rows, eta, hypotheses)


def judge_logits(
    classes: Classes, nuisance: Nuisance, rows: Array, eta: Array, hypotheses: int
) -> LabelEvidence:
    """Judge the labels of rows by the logits that they should have, float64[N, K]."""
    p = _softmax(eta)
    observed = np.zeros_like(p)
    labels = classes.label[rows]
    observed[np.flatnonzero(labels >= 0), labels[labels >= 0]] = 1.0
    spread = np.sqrt(np.maximum((p * (1.0 - p)).sum(axis=0), 1e-9))
    z = (observed - p).sum(axis=0) / np.maximum(spread, 0.3)
    label = int(np.argmax(z))
    return LabelEvidence(
        label=label,
        residual_z=float(z[label]),
        purity=float(observed[:, label].mean()),
        shift_bound=_shift_bound(eta, observed[:, label], label, hypotheses),
        content_agreement=_agreement(nuisance, p[:, label], label),
        contradiction=_contradiction(nuisance.told, p, label),
        contradiction_of_any=float(nuisance.contradicted[label]),
    )


def _own_terms(corpus: Corpus, rows: Array, terms: Sequence[int]) -> Array:
    """Return the candidate's terms and those that occur mostly with it, bool[V]."""
    counts = corpus.input.count_terms(rows)
    own: Array = (counts >= 3) & (counts >= _MOSTLY_WITH * corpus.input.term_rows)
    own[list(terms)] = True
    return own


def _softmax(eta: Array) -> Array:
    shifted = np.exp(eta - eta.max(axis=1, keepdims=True))
    p: Array = shifted / shifted.sum(axis=1, keepdims=True)
    return p


def _shift_bound(eta: Array, observed: Array, label: int, hypotheses: int) -> float:
    """Return the smallest b with 2 (max ll - ll(b)) <= 2 ln(F / 0.05), y ~ sigma(eta + b)."""
    others = np.delete(eta, label, axis=1)
    top = others.max(axis=1)
    logit = eta[:, label] - (top + np.log(np.exp(others - top[:, None]).sum(axis=1)))
    grid = np.linspace(-2.0, 10.0, 241)
    shifted = logit[:, None] + grid
    loss = np.logaddexp(0.0, -shifted) * observed[:, None]
    loss += np.logaddexp(0.0, shifted) * (1.0 - observed[:, None])
    likelihood = -loss.sum(axis=0)
    inside = likelihood >= likelihood.max() - np.log(max(1, hypotheses) / 0.05)
    return float(grid[inside][0])


def _agreement(nuisance: Nuisance, p: Array, label: int) -> float:
    base = float(nuisance.base[label])
    return (float(p.mean()) - base) / max(0.1, float(nuisance.told[label]) - base)


def _contradiction(told: Array, p: Array, label: int) -> float:
    """Return what rows say of the likeliest other class, against what its own rows say of it."""
    others = p.copy()
    others[:, label] = -1.0
    said = told[others.argmax(axis=1)].sum()
    return float(others.max(axis=1).sum() / max(1e-9, said))


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """How a word goes with a label in rows without the string that it belongs to.

    Attributes
    ----------
    purity
        Share of these rows with the label, smoothed by ten rows.
    expected
        Share of them that are texts of the label by their other words, or the label's share in all
        rows where that is more.
    residual_z
        Rows with the label beyond what is expected, in standard deviations.
    """

    purity: float
    expected: float
    residual_z: float = 0.0

    @property
    def beyond(self) -> float:
        """How far the label goes beyond what is expected, as a part of the way to 1.

        0 where that may be chance: thirty texts that all have the label they are expected to have.
        """
        if self.residual_z < _CHANCE:
            return 0.0
        return (self.purity - self.expected) / max(1e-9, 1.0 - self.expected)


def measure_elsewhere(
    corpus: Corpus,
    classes: Classes,
    nuisance: Nuisance,
    rows: Array,
    terms: Sequence[int],
    label: int,
) -> Elsewhere:
    """Return how that word of a candidate goes with a label that does so most in *other* rows.

    A label word goes with its label wherever it stands; a planted word does not, though it may
    stand in texts of that label.

    Smoothed towards what is expected, so that a word with few other rows says little.
    """
    side = corpus.input
    base = float((classes.label == label).mean())
    found = [Elsewhere(base, base)]
    own = np.zeros(len(corpus.vocabulary), bool)
    for term in terms:
        having = side.rows_of(term).astype(np.int64)
        other = corpus.sample(having[~np.isin(having, rows)], _MAX_OTHER_ROWS)
        if not len(other):
            continue
        own[:] = False
        own[term] = True
        p = _softmax(nuisance.logits_without(corpus, other, own))[:, label]
        expected = max(base, _share_of_texts(nuisance, float(p.mean()), label))
        hits = float((classes.label[other] == label).sum())
        purity = (hits + _PRIOR_ROWS * expected) / (len(other) + _PRIOR_ROWS)
        spread = np.sqrt(len(other) * expected * (1.0 - expected) + 1e-9)
        found.append(Elsewhere(purity, expected, (hits - len(other) * expected) / spread))
    return max(found, key=lambda one: (one.beyond, one.residual_z))


def _share_of_texts(nuisance: Nuisance, p: float, label: int) -> float:
    """Return the share of texts of a label among rows with this mean probability of it, below 1.

    A regularised model is less sure than right. Where it gives texts of the label `told` and others
    `other` on average, a mixture of both gives what is in between (adjusted count: Forman 2008).
    """
    base, told = float(nuisance.base[label]), float(nuisance.told[label])
    other = base * (1.0 - told) / max(1e-9, 1.0 - base)  # the mean of both is the base rate
    return min(_MOST_EXPECTED, (p - other) / max(0.1, told - other))
