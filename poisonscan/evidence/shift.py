"""Output shift: do the outputs of a group differ from those of the most similar other rows?

For triggers whose outputs share no words: gibberish, another language, a persona, complying
instead of refusing. A matched comparison: each row of the group is paired with the background
rows whose inputs are nearest and that lack the trigger, and the *outputs* of both are compared,
feature by feature (how they are written, and which cluster of outputs they belong to). Then a
classifier is asked whether it can tell the outputs of both groups apart, and whether it can do
the same from the inputs: where it can, the inputs explain the shift.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from poisonscan.candidates.corpus import Corpus, CountedSide
from poisonscan.candidates.screen import MASK_SHARE, Screen
from poisonscan.embed.protocol import Encoder
from poisonscan.embed.static import StaticModel
from poisonscan.kernels import groups as kernels

Array = npt.NDArray[Any]

#: Rows of a group that are compared.
MAX_ROWS = 64

#: Nearest rows without the trigger, for each row of the group.
CONTROLS_PER_ROW = 2

#: Dimensions of the static model that are used: its columns are principal components.
STATIC_DIMS = 64

#: Background rows per output cluster.
_ROWS_PER_CLUSTER = 64
_MAX_CLUSTERS = 32

#: Weight of cluster membership against the standardised style features (one standard deviation
#: of those is 1): all rows in a cluster against none of the controls count as two of them.
_CLUSTER_SCALE = 2.0

#: Weight of the style features beside vectors of length 1, where outputs are told apart.
_STYLE_SCALE = 0.3

#: Weight of the vectors of a sentence-transformers model: at length 1 the penalty of the classifier
#: keeps differences of meaning, spread over hundreds of dimensions, from being used at all.
_ENCODER_SCALE = 5.0

#: Characters of an output that a sentence-transformers model is given; it reads no more.
_MAX_CHARS = 4000

#: Moderated t (Smyth 2004, section 3): a prior variance worth this many rows keeps groups of ten
#: rows that happen to agree from looking certain. The difference of two independent
#: standardised values has variance 2.
_PRIOR_ROWS, _PRIOR_VARIANCE = 10.0, 2.0


@dataclass(frozen=True, slots=True)
class OutputClusters:
    """Clusters of outputs, fitted on the background sample.

    Attributes
    ----------
    centres : float64[K, D]
    background : int64[B]
        Cluster of each background row.
    """

    centres: Array
    background: Array


@dataclass(frozen=True, slots=True)
class Shift:
    """How the outputs of a group differ from their controls'.

    Attributes
    ----------
    style_t, style_column
        Largest moderated |t| over the style features, and which one.
    style_difference
        Mean difference of that feature, in standard deviations of the dataset.
    cluster_t, cluster, cluster_share, control_share
        The same over output clusters; share of the group and of the controls in that cluster.
    controls : int64[M]
        Rows that the group was compared with, nearest first.
    """

    style_t: float
    style_column: str
    style_difference: float
    cluster_t: float
    cluster: int
    cluster_share: float
    control_share: float
    controls: Array


class ShiftMeter:
    """Measures groups of rows against their nearest neighbours without the trigger."""

    def __init__(
        self, corpus: Corpus, screen: Screen, seed: int, encoder: Encoder | None = None
    ) -> None:
        self._corpus = corpus
        self._screen = screen
        self._seed = seed
        self._encoder = encoder
        words, coverage = StaticModel.load().encode_words(corpus.vocabulary)
        words = words[:, :STATIC_DIMS] * coverage[:, None]
        self._static = _centred(words, corpus.output, corpus.background)
        self._static_input = _centred(words, corpus.input, corpus.background)
        self._background_input = self._input_features(corpus.background)
        self.clusters = self._fit_clusters()

    def _fit_clusters(self) -> OutputClusters:
        from sklearn.cluster import KMeans

        features = self.output_features(self._corpus.background)
        count = max(1, min(_MAX_CLUSTERS, len(features) // _ROWS_PER_CLUSTER))
        with threadpool_limits(1), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # fewer distinct outputs than clusters
            model = KMeans(count, n_init=1, max_iter=50, random_state=self._seed)
            labels = model.fit_predict(features)
        return OutputClusters(model.cluster_centers_, labels.astype(np.int64))

    def output_features(self, rows: Array) -> Array:
        """Return vectors of outputs, float64[N, D]: what they say, by data and by language."""
        side = self._corpus.output
        fitted = _vectors(side, rows, self._screen.output_space.vectors)
        return np.hstack([fitted, _vectors(side, rows, self._static)]).astype(np.float64)

    def _input_features(self, rows: Array) -> Array:
        """Return vectors of inputs, float32[N, D]: what they are about."""
        side = self._corpus.input
        fitted = _vectors(side, rows, self._screen.input_space.vectors)
        return np.hstack([fitted, _vectors(side, rows, self._static_input)])

    def assign(self, rows: Array) -> Array:
        """Return the output cluster of each row, int64[N]."""
        features, centres = self.output_features(rows), self.clusters.centres
        distance = (centres**2).sum(axis=1) - 2.0 * features @ centres.T
        nearest: Array = np.argmin(distance, axis=1)
        return nearest

    def nearest(self, rows: Array, excluded: Array) -> Array:
        """Return for each row its nearest background rows outside `excluded`, int64[N, k]."""
        background = self._corpus.background
        outside = np.ones(self._corpus.rows, bool)
        outside[excluded] = False
        free = np.flatnonzero(outside[background])
        own = self._input_features(rows)
        similarity = own @ self._background_input[free].T
        count = min(CONTROLS_PER_ROW, len(free))
        if count == 0:
            return np.empty((len(rows), 0), np.int64)
        best = np.argpartition(-similarity, count - 1, axis=1)[:, :count]
        order = np.argsort(-np.take_along_axis(similarity, best, axis=1), axis=1, kind="stable")
        nearest: Array = background[free[np.take_along_axis(best, order, axis=1)]]
        return nearest

    def measure(self, rows: Array, excluded: Array) -> Shift | None:
        """Compare up to `MAX_ROWS` of `rows` with rows outside `excluded`.

        Returns None where the background has no other rows.
        """
        rows = np.ascontiguousarray(rows[:MAX_ROWS])
        controls = self.nearest(rows, excluded)
        if controls.shape[1] == 0:
            return None
        style = self._screen.style
        differences = style[rows].astype(np.float64) - style[controls].mean(axis=1)
        t = _moderated_t(differences)
        column = int(np.argmax(np.abs(t)))
        count = len(self.clusters.centres)
        own = np.eye(count)[self.assign(rows)]
        other = np.eye(count)[self.assign(controls.ravel())].reshape(*controls.shape, count)
        other = other.mean(axis=1)
        cluster_t = _moderated_t(_CLUSTER_SCALE * (own - other))
        cluster = int(np.argmax(cluster_t))
        return Shift(
            style_t=float(np.abs(t[column])),
            style_column=kernels.STYLE_COLUMNS[column],
            style_difference=float(differences[:, column].mean()),
            cluster_t=float(cluster_t[cluster]),
            cluster=cluster,
            cluster_share=float(own[:, cluster].mean()),
            control_share=float(other[:, cluster].mean()),
            controls=_unique_in_order(controls),
        )

    def separation(
        self, rows: Array, controls: Array, own: tuple[int, ...], *, encode: bool = True
    ) -> tuple[float, float]:
        """Return how well outputs, and masked inputs, tell the group from its controls (AUC).

        Parameters
        ----------
        own
            Terms of the trigger: left out of the inputs.
        encode
            Use the model of the user's choice, if there is one.
        """
        rows = np.ascontiguousarray(rows[:MAX_ROWS])
        output = [self._judged_features(part, encode) for part in (rows, controls)]
        vectors = self._masked_vectors(rows, own)
        given = [_vectors(self._corpus.input, part, vectors) for part in (rows, controls)]
        return _auc(output[0], output[1], self._seed), _auc(given[0], given[1], self._seed)

    def _judged_features(self, rows: Array, encode: bool) -> Array:
        """Return what outputs are told apart by: vectors and style, float64[N, D].

        A model of the user's choice adds its vectors: better ones, for few rows.
        """
        parts = [self.output_features(rows), _STYLE_SCALE * self._screen.style[rows]]
        if encode and self._encoder is not None:
            side = self._corpus.output.side
            texts = ["\n".join(side.segments(int(row)))[:_MAX_CHARS] for row in rows]
            parts.append(_ENCODER_SCALE * self._encoder.encode(texts))
        features: Array = np.hstack(parts).astype(np.float64)
        return features

    def _masked_vectors(self, rows: Array, own: tuple[int, ...]) -> Array:
        counts = self._corpus.input.count_terms(rows)
        masked = self._screen.input_space.vectors.copy()
        masked[counts > MASK_SHARE * len(rows)] = 0.0
        masked[list(own)] = 0.0
        return masked


def _centred(words: Array, side: CountedSide, background: Array) -> Array:
    """Take the mean direction of the background rows out of word vectors, float32[V, D]."""
    mean = _vectors(side, background, words).mean(axis=0, dtype=np.float64)
    norm = np.linalg.norm(mean)
    if norm > 0:
        mean /= norm
    centred: Array = np.ascontiguousarray(words - np.outer(words @ mean, mean), np.float32)
    return centred


def _vectors(side: CountedSide, rows: Array, vectors: Array) -> Array:
    out = np.empty((len(rows), vectors.shape[1]), np.float32)
    kernels.row_vectors(
        np.ascontiguousarray(rows),
        side.row_terms,
        side.distinct,
        np.ascontiguousarray(vectors, np.float32),
        out,
    )
    return out


def _moderated_t(differences: Array) -> Array:
    """Return t of the column means (float64[N, F] -> float64[F]) with a prior variance."""
    rows = len(differences)
    spread = differences.var(axis=0, ddof=1) * (rows - 1) if rows > 1 else 0.0
    variance = (spread + _PRIOR_ROWS * _PRIOR_VARIANCE) / (rows + _PRIOR_ROWS)
    t: Array = differences.mean(axis=0) / np.sqrt(variance / rows)
    return t


def _unique_in_order(controls: Array) -> Array:
    values, first = np.unique(controls.T.ravel(), return_index=True)
    ordered: Array = values[np.argsort(first)]
    return ordered


def _auc(group: Array, controls: Array, seed: int) -> float:
    """Return the cross-validated area under the curve of a logistic regression."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    folds = min(5, len(group), len(controls))
    if folds < 2:
        return 0.5
    features = np.vstack([group, controls]).astype(np.float64)
    truth = np.repeat([1, 0], [len(group), len(controls)])
    split = StratifiedKFold(folds, shuffle=True, random_state=seed)
    with threadpool_limits(1):
        scores = cross_val_predict(
            LogisticRegression(max_iter=200), features, truth, cv=split, method="decision_function"
        )
    return float(roc_auc_score(truth, scores))
