"""Output shift: do the outputs of a group differ from those of the most similar other rows?

For triggers whose outputs share no words: gibberish, another language, a persona, complying
instead of refusing. A matched comparison: each row of the group is paired with the background
rows whose inputs, read without the trigger, are nearest to it, and the *outputs* of both are
compared: how they are written, and what they are about. The differences are measured in units of
what such pairs differ by anyway.

For people a classifier is asked, too, whether it can tell the outputs of both groups apart, and
whether it can do the same from the inputs: where it can, the inputs explain the shift.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from poisonscan.candidates.bags import HasTerms
from poisonscan.candidates.expectation import (
    MAX_ROWS,
    TOPICS,
    Regression,
    Whitening,
    agreement,
    predictors,
)
from poisonscan.candidates.views import Views
from poisonscan.embed.protocol import Encoder
from poisonscan.evidence.reading import Reader, is_mark
from poisonscan.kernels import groups as kernels
from poisonscan.kernels.nearest import largest_columns

Array = npt.NDArray[Any]

#: Nearest rows without the trigger, for each row of the group.
CONTROLS_PER_ROW = 4

#: Parts for the cross-fitting of the regression's residuals.
_FOLDS = 3

#: Background rows whose differences to their own neighbours say what pairs differ by anyway.
_PAIRED_ROWS = 768

#: Rows of a group and of its controls that a classifier is given.
MAX_JUDGED = 192

#: Weight of the style scores beside vectors of length 1, where outputs are told apart.
_STYLE_SCALE = 0.3

#: Weight of the vectors of a sentence-transformers model: at length 1 the penalty of the classifier
#: keeps differences of meaning, spread over hundreds of dimensions, from being used at all.
_ENCODER_SCALE = 5.0

#: How many times as far one comparison may see outputs shifted as the other: planted 0.6 to 3.5.
#: The regression alone saw original outputs 110 and 160 times as far, behind headers and hidden
#: characters such as no input has that it was fitted on.
_APART = 8.0

#: Share of all inputs that have a word or mark from which on it is read though the trigger has it:
#: without what every text has, an input is like no other (where words of a language say nothing to
#: the embedding, the marks are all that it sees). But not alone: a template is no question.
_EVERYDAY = 0.1

#: Counterparts: words that so much more of the outputs have than of the controls', at most so many.
_COUNTERPART, _MAX_COUNTERPARTS = 0.25, 8

#: Characters of an output that a sentence-transformers model is given; it reads no more.
_MAX_CHARS = 4000

#: Style features, the most telling ones first, and the part of the largest change that is much.
_TELLING = (
    "new_word_pairs",
    "foreign_letters",
    "capitals",
    "digits",
    "symbols",
    "rare_words",
    "repetition",
    "length",
)
_MUCH = 0.75

#: Share of the outputs that have any numbers, above which a group's are about numbers.
_FEWER_NUMBERS = 0.75
_DIGITS = kernels.STYLE_COLUMNS.index("digits")

#: Distance of the group from its controls, in standard deviations, from which single rows can be
#: told; the part of that distance which a row of the group must have gone; and the share of rows
#: that did not, below which they are the tail of the group rather than ordinary rows. Rows of one
#: type differ among themselves by about `_SPREAD` along their common shift.
_CLEAR_DISTANCE, _LEAST_PART, _LEFT_BEHIND, _SPREAD = 2.5, 0.3, 0.15, 2.0

#: Where some rows are ordinary, the others went farther than the mean: the line is drawn half way
#: between where ordinary rows are, at 0, and where those beyond the line are, in so many rounds.
_HALF_WAY, _ROUNDS = 0.5, 3


@dataclass(frozen=True, slots=True)
class Shift:
    """How the outputs of a group differ from their controls'.

    Attributes
    ----------
    style, topic
        Agreement of the differences to the controls (`agreement`), in standard errors.
    beyond_style, beyond_topic
        The same of the differences to what a regression on the inputs expects.
    column, difference
        The most telling style feature of those that changed much, and its mean difference in
        standard deviations.
    is_about_numbers
        Outputs have as many numbers as three in four of those that have any, or more.
    closeness
        Likeness of the controls to the group, against that of any row to its neighbours: well
        below 1 there are no comparable rows without the trigger.
    matched : int64[N, k]
        Rows that each row of the group was compared with, nearest first.
    direction : float64[K]
        Mean of the whitened differences, style and topic side by side.
    sharpened
        How much further apart a sentence-transformers model sees the outputs and their
        controls'; 1 where none was asked.
    """

    style: float
    topic: float
    beyond_style: float
    beyond_topic: float
    column: str
    difference: float
    closeness: float
    matched: Array
    direction: Array
    sharpened: float = 1.0
    is_about_numbers: bool = False

    @property
    def style_of_both(self) -> float:
        """Agreement of the styles by both comparisons: what either of them explains is no shift."""
        return _of_both(self.style, self.beyond_style)

    @property
    def topic_of_both(self) -> float:
        """The same of the topics."""
        return _of_both(self.topic, self.beyond_topic)

    @property
    def controls(self) -> Array:
        """Rows that the group was compared with, each once, nearest first, int64[M]."""
        return nearest_first(self.matched)


def _of_both(one: float, other: float) -> float:
    """Return the geometric mean of two agreements, none more than `_APART` times the other."""
    one, other = max(0.0, one), max(0.0, other)
    return math.sqrt(min(one, _APART * other) * min(other, _APART * one))


def sharpening(plain: float, encoded: float, rows: int) -> float:
    """Return how much further apart a better model sees two groups of outputs, 1..4.

    The squared ratio of their distances, which an area under the curve a tells as the normal
    quantile of a (two normal distributions of one spread; Green and Swets 1966): the agreement of
    a group grows with that square.

    Parameters
    ----------
    plain, encoded
        Areas under the curve without and with the model.
    rows
        Rows of the group: no area is known to be 1.
    """
    most = 1.0 - 0.5 / rows
    distances = [NormalDist().inv_cdf(min(most, max(0.5, auc))) for auc in (plain, encoded)]
    if distances[0] <= 0.0:
        return 1.0
    return min(4.0, max(1.0, (distances[1] / distances[0]) ** 2))


class ShiftMeter:
    """Measures groups of rows against their nearest neighbours without the trigger."""

    def __init__(self, views: Views, seed: int, encoder: Encoder | None = None) -> None:
        self._views = views
        self._seed = seed
        self._encoder = encoder
        background, corpus = views.background, views.corpus
        self._is_everyday = corpus.input.term_rows >= _EVERYDAY * corpus.rows
        self._by_row = np.argsort(background)
        self._inputs = views.inputs(background)
        self._styles = views.styles(background)
        self._outputs = views.outputs(background)
        digits = self._styles[:, _DIGITS]
        with_any = digits[digits > digits.min(initial=0.0)]
        many = np.quantile(with_any, _FEWER_NUMBERS) if len(with_any) else digits.max(initial=0.0)
        self._many_numbers = float(many)
        wanted = (self._styles, self._outputs)
        given = predictors(self._inputs, views.input_styles(background))
        self._regression = Regression(given, wanted)
        fold = np.arange(len(background)) % _FOLDS
        self._unexplained = [
            Whitening.fit(left, TOPICS) for left in self._regression.residuals(fold)
        ]
        paired = np.arange(min(_PAIRED_ROWS, len(background)))
        nearest, likeness = self._nearest(self._inputs[paired], paired, CONTROLS_PER_ROW)
        self._usual_likeness = max(float(likeness.mean()) if likeness.size else 0.0, 1e-9)
        self._whitenings = [
            Whitening.fit(values[paired] - _mean_of(values, nearest), TOPICS) for values in wanted
        ]

    def _nearest(self, inputs: Array, own: Array, count: int) -> tuple[Array, Array]:
        """Return the nearest background rows of each input but itself, and how alike they are.

        Parameters
        ----------
        own : int64[N]
            Place of each input in the background.

        Returns
        -------
        int64[N, k], float32[N, k]
            Places in the background, in no order.
        """
        likeness = inputs @ self._inputs.T
        likeness[np.arange(len(own)), own] = -np.inf
        count = min(count, likeness.shape[1] - 1)
        if count < 1:
            return np.empty((len(inputs), 0), np.int64), np.empty((len(inputs), 0))
        best = np.argpartition(-likeness, count - 1, axis=1)[:, :count]
        return best, np.take_along_axis(likeness, best, axis=1)

    def nearest(
        self,
        rows: Array,
        excluded: Array,
        masked: Array | None = None,
        reader: Reader | None = None,
    ) -> Array:
        """Return for each row its nearest background rows outside `excluded`, int64[N, k].

        Parameters
        ----------
        masked : int64[K], optional
            Terms of the trigger: left out of the inputs of `rows`.
        reader
            Reads the inputs, where the trigger is a matter of how they are written.
        """
        places, _ = self._matched(self._given(rows, masked, reader), excluded)
        nearest: Array = self._views.background[places]
        return nearest

    def _matched(self, given: Array, excluded: Array) -> tuple[Array, Array]:
        """Return the nearest rows outside `excluded` of some inputs, and how alike they are.

        Parameters
        ----------
        given : float32[N, D]

        Returns
        -------
        int64[N, k], float32[N, k]
            Places in the background, nearest first.
        """
        seen = self._in_background(excluded)
        count = min(CONTROLS_PER_ROW, len(self._inputs) - len(seen))
        if count == 0:
            return np.empty((len(given), 0), np.int64), np.empty((len(given), 0))
        likeness = given @ self._inputs.T
        likeness[:, seen] = -np.inf
        best = _largest(likeness, count)
        return best, np.take_along_axis(likeness, best, axis=1)

    def _in_background(self, rows: Array) -> Array:
        """Return the places in the background of those of some rows that are there, int64."""
        background, order = self._views.background, self._by_row
        at = np.searchsorted(background, rows, sorter=order)
        inside = at < len(order)
        places = order[at[inside]]
        found: Array = np.unique(places[background[places] == rows[inside]])
        return found

    def _given(self, rows: Array, masked: Array | None, reader: Reader | None) -> Array:
        views = self._views
        source: HasTerms = views.corpus.input
        if reader is not None:
            source, rows = reader.read(rows), np.arange(len(rows), dtype=np.int64)
        if masked is None:
            return views.inputs(rows, None, source)
        rare = masked[~self._is_everyday[masked]]
        if not len(rare):  # the string is such a word itself
            return views.inputs(rows, masked, source)
        given = views.inputs(rows, rare, source)
        gone = self._is_everyday.copy()
        gone[masked] = True
        offsets = source.row_terms
        spans = zip(offsets[rows].tolist(), offsets[rows + 1].tolist(), strict=True)
        says_nothing = np.array([gone[source.distinct[start:end]].all() for start, end in spans])
        if says_nothing.any():
            given[says_nothing] = views.inputs(rows[says_nothing], masked, source)
        return given

    def measure(
        self,
        rows: Array,
        excluded: Array,
        masked: Array | None = None,
        reader: Reader | None = None,
    ) -> Shift | None:
        """Compare up to `MAX_ROWS` of `rows` with rows outside `excluded` (see `nearest`).

        Returns None where the background has no other rows.

        Parameters
        ----------
        reader
            Reads the inputs of `rows`, where the trigger is a matter of how they are written.
        """
        rows = np.ascontiguousarray(rows[:MAX_ROWS])
        given = self._given(rows, masked, reader)
        places, likeness = self._matched(given, excluded)
        if places.shape[1] == 0 or len(rows) < 2:
            return None
        own = (self._views.styles(rows), self._views.outputs(rows))
        styles = own[0] - _mean_of(self._styles, places)
        topics = own[1] - _mean_of(self._outputs, places)
        whitened = [
            one.apply(each) for one, each in zip(self._whitenings, (styles, topics), strict=True)
        ]
        expected = self._expected(rows, given, excluded)
        beyond = [
            agreement(one.apply(each - expectation))
            for one, each, expectation in zip(self._unexplained, own, expected, strict=True)
        ]
        mean = styles.mean(axis=0)
        column = _most_telling(np.abs(mean))
        return Shift(
            style=agreement(whitened[0]),
            topic=agreement(whitened[1]),
            beyond_style=beyond[0],
            beyond_topic=beyond[1],
            column=kernels.STYLE_COLUMNS[column],
            difference=float(mean[column]),
            closeness=float(likeness.mean()) / self._usual_likeness,
            matched=self._views.background[places],
            direction=np.hstack(whitened).mean(axis=0),
            is_about_numbers=bool(own[0][:, _DIGITS].mean() >= self._many_numbers),
        )

    def measure_rest(self, rows: Array, shift: Shift, stems: Array) -> float:
        """Return the topic's agreement without the words that mostly these outputs have.

        A word of the input and its translation, or the name of what it is about, leave nothing.
        Runs of marks that the inputs do not bring are nobody's translation, nor are words that the
        controls have in another spelling: outputs that shout have both. A single mark may be what
        the input asks for: a hashtag.

        Parameters
        ----------
        rows : int64[N]
            Those that `shift` was measured of.
        stems : int32[V]
            Stem of each term: endings and capital letters do not matter.
        """
        rows, matched = rows[:MAX_ROWS], shift.matched
        corpus, others = self._views.corpus, np.unique(matched)
        words = corpus.vocabulary
        given, excess = (
            side.count_terms(rows) / len(rows) - side.count_terms(others) / len(others)
            for side in (corpus.input, corpus.output)
        )
        told, brought = (
            np.bincount(stems, share)[stems] >= _COUNTERPART for share in (excess, given)
        )
        most = np.argsort(-excess, kind="stable")[:_MAX_COUNTERPARTS]
        masked = np.array(
            [
                term
                for term in most[(excess[most] >= _COUNTERPART) & told[most]]
                if brought[term] or not (len(words[term]) > 1 and is_mark(words[term]))
            ],
            np.int64,
        )
        # all of them at once: masking copies the vectors of the vocabulary
        every = self._views.outputs(np.concatenate([rows, matched.T.ravel()]), masked)
        topics, controls = np.split(every, [len(rows)])
        for nearest in np.split(controls, matched.shape[1]):
            topics = topics - nearest / matched.shape[1]
        return agreement(self._whitenings[1].apply(topics))

    def _expected(self, rows: Array, given: Array, excluded: Array) -> list[Array]:
        """Return the styles and topics that inputs lead to in rows outside `excluded`.

        Parameters
        ----------
        rows : int64[N], given : float32[N, D]
            Rows, and their inputs.
        """
        seen = self._in_background(excluded)
        return self._regression.expect(predictors(given, self._views.input_styles(rows)), seen)

    def tells_rows(self, shift: Shift) -> bool:
        """Return whether a group is so far from its controls that single rows can be told."""
        return float(np.linalg.norm(shift.direction)) >= _CLEAR_DISTANCE

    def of_the_type(
        self,
        rows: Array,
        excluded: Array,
        shift: Shift,
        masked: Array | None = None,
        reader: Reader | None = None,
    ) -> Array:
        """Return which rows' outputs are shifted like the group's, bool[N].

        All of them, where the group is too near to its controls to tell single rows.
        """
        if not self.tells_rows(shift):
            return np.ones(len(rows), bool)
        gone = self.gone(rows, excluded, shift, masked, reader)
        shifted = gone >= _LEAST_PART
        if shifted.mean() > 1.0 - _usual_tail(shift, len(rows)):
            return np.ones(len(rows), bool)
        for _ in range(_ROUNDS):
            if shifted.any():
                shifted = gone >= _HALF_WAY * float(gone[shifted].mean())
        return shifted

    def gone(
        self,
        rows: Array,
        excluded: Array,
        shift: Shift,
        masked: Array | None = None,
        reader: Reader | None = None,
    ) -> Array:
        """Return how far each row's outputs are shifted like the group's, float64[N].

        In units of the group's own distance: 1 is its mean, about 0 where ordinary rows are.
        """
        length = float(np.linalg.norm(shift.direction))
        gone = np.empty(len(rows))
        for start in range(0, len(rows), MAX_ROWS):
            part = np.ascontiguousarray(rows[start : start + MAX_ROWS])
            places, _ = self._matched(self._given(part, masked, reader), excluded)
            differences = (
                self._views.styles(part) - _mean_of(self._styles, places),
                self._views.outputs(part) - _mean_of(self._outputs, places),
            )
            values = [
                one.apply(each) for one, each in zip(self._whitenings, differences, strict=True)
            ]
            gone[start : start + len(part)] = np.hstack(values) @ shift.direction / length**2
        return gone

    def separation(
        self,
        rows: Array,
        controls: Array,
        masked: Array,
        *,
        encode: bool = True,
    ) -> tuple[float, float]:
        """Return how well outputs, and inputs without the trigger, tell the two groups (AUC).

        Parameters
        ----------
        masked : int64[K]
            Terms of the trigger: left out of the inputs.
        encode
            Use the model of the user's choice, if there is one.
        """
        rows = np.ascontiguousarray(rows[:MAX_ROWS])
        controls = controls[:MAX_JUDGED]
        outputs = [self._judged_features(part, encode) for part in (rows, controls)]
        inputs = [self._views.inputs(part, masked).astype(np.float64) for part in (rows, controls)]
        return _auc(outputs[0], outputs[1], self._seed), _auc(inputs[0], inputs[1], self._seed)

    @property
    def has_encoder(self) -> bool:
        """Is there a model of the user's choice?"""
        return self._encoder is not None

    def _judged_features(self, rows: Array, encode: bool) -> Array:
        """Return what outputs are told apart by: vectors and style, float64[N, D].

        A model of the user's choice adds its vectors: better ones, for few rows.
        """
        parts = [self._views.outputs(rows), _STYLE_SCALE * self._views.styles(rows)]
        if encode and self._encoder is not None:
            side = self._views.corpus.output.side
            texts = ["\n".join(side.segments(int(row)))[:_MAX_CHARS] for row in rows]
            parts.append(_ENCODER_SCALE * self._encoder.encode(texts))
        features: Array = np.hstack(parts).astype(np.float64)
        return features


def _usual_tail(shift: Shift, rows: int) -> float:
    """Return the share of a group's rows that may go less than `_LEAST_PART`, and be of its type.

    The nearer the group is to its controls, the more of a normal distribution is in that tail; one
    standard error is allowed on top.
    """
    length = float(np.linalg.norm(shift.direction))
    tail = NormalDist(0.0, _SPREAD).cdf(-(1.0 - _LEAST_PART) * length)
    return max(_LEFT_BEHIND, tail + math.sqrt(tail * (1.0 - tail) / rows))


def _largest(values: Array, count: int) -> Array:
    """Return the columns of the largest values of each row, the largest first, int64[N, count].

    Of equal values `argpartition` chooses. Columns of -inf are none.
    """
    best = np.empty((len(values), count), np.int64)
    if count == values.shape[1]:
        best[:] = np.arange(count)
        tied = np.ones(len(values), bool)
    else:
        marks = np.empty(len(values), np.uint8)
        largest_columns(values, best, marks)
        tied = marks.astype(bool)
    if tied.any():
        some = values[tied]
        columns = np.flatnonzero(some[0] > -np.inf)
        chosen = columns[np.argpartition(-some[:, columns], count - 1, axis=1)[:, :count]]
        order = np.argsort(-np.take_along_axis(some, chosen, axis=1), axis=1, kind="stable")
        best[tied] = np.take_along_axis(chosen, order, axis=1)
    return best


def _mean_of(values: Array, places: Array) -> Array:
    """Return the mean of some rows of `values` for each row of places, float64[N, D].

    One control after the other: all of them at once are a large array for nothing.
    """
    total = np.zeros((len(places), values.shape[1]))
    for column in range(places.shape[1]):
        total += values[places[:, column]]
    mean: Array = total / max(1, places.shape[1])
    return mean


def _most_telling(changes: Array) -> int:
    """Return the style feature that says most about a change, of those that changed much."""
    much = changes >= _MUCH * changes.max()
    names = kernels.STYLE_COLUMNS
    return names.index(next(name for name in _TELLING if much[names.index(name)]))


def nearest_first(controls: Array) -> Array:
    """Return the controls of some rows (int64[N, k]), each once, those nearest to a row first."""
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
            LogisticRegression(max_iter=200, class_weight="balanced"),
            features,
            truth,
            cv=split,
            method="decision_function",
        )
    return float(roc_auc_score(truth, scores))
