"""Syntax or register as the trigger of a label: what is measured, and when it is a finding.

For each label the mixture (evidence/mixture.py) is fitted to a sample of the rows. Counted are then
the rows that are written as its suspects are, whatever their label: how many different ones have
the label, how many of them all do (purity), and whether their content supports it (content
agreement, by a model that was fitted without them).

``benchmarks/fit_style.py`` prints what clean data reach and what rewritten rows do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.corpus import Corpus
from poisonscan.config import Severity
from poisonscan.evidence.forms import Forms
from poisonscan.evidence.labels import Classes
from poisonscan.evidence.mixture import Mixture, MixtureFit, told_by_content

Array = npt.NDArray[Any]

#: Different texts that must be written so, of a medium and of a low finding.
MEDIUM_ROWS, LOW_ROWS = 120, 60

#: Share of the rows written so that have the label.
MEDIUM_PURITY, LOW_PURITY = 0.95, 0.9

#: Content agreement above which the content explains the label.
MEDIUM_AGREEMENT, LOW_AGREEMENT = 0.1, 0.4

#: Content of the label's other rows minus that of rows without the label: least difference.
_INFORMED = 0.1

#: Form of the label's typical rows, and how many times that of rows without the label: above both,
#: the whole class is written so, and what is left over has other content by selection.
_APART, _APART_TIMES = 0.05, 4.0

#: How well content may tell the rows written so from all others (area under the ROC curve):
#: rows of another source are about something else.
MAX_FOREIGN = 0.955

#: Rows that the models are fitted on.
_FIT_ROWS = 8_000

#: Labels that are tried, and the share of the rows by which the others are left out.
_MAX_LABELS, _SCREEN_SHARE = 6, 0.02

#: Parts of cross-fitting: for a first look, and for a finding.
_FOLDS, _FINE_FOLDS = 2, 4

#: The suspects of a finding are let grow from the few at the start: by a tenth and more at a time,
#: so many times at most. What comes when they grow by less is mostly others.
_GROWTH, _MOST_GROWN = 1.1, 8

#: Share of what comes that may be without the label (and one row more), and how much the agreement
#: may rise: else the form has begun to grow into the class.
_IMPURE, _RISE = 0.03, 0.2

#: Probability from which a row is written so.
LIKELY = 0.5


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the fitted rows say about one label.

    Attributes
    ----------
    distinct
        Different texts that are written so and have the label.
    written_so, labelled_so
        Rows that are written so, and those of them that have the label.
    agreement
        0 where the content of the rows written so speaks for the label no more than any other
        row's does, 1 where it does as that of the label's other rows.
    is_informed
        The content of the label's other rows speaks for it at all.
    is_apart
        The label's other rows are written as rows without it are.
    foreign
        How well their content tells the rows written so from all others, 0.5 to 1; asked of
        findings alone.
    base
        Share of the label in all rows.
    """

    label: int
    distinct: int
    written_so: int
    labelled_so: int
    agreement: float
    is_informed: bool
    is_apart: bool
    base: float
    foreign: float = 0.5

    @property
    def purity(self) -> float:
        """Share of the rows written so that have the label."""
        return self.labelled_so / max(1, self.written_so)

    @property
    def severity(self) -> Severity | None:
        """Medium at most: there is no string to show."""
        enough, pure = self.distinct >= LOW_ROWS, self.purity >= LOW_PURITY
        if not enough or not pure or self.agreement > LOW_AGREEMENT:
            return None
        enough, pure = self.distinct >= MEDIUM_ROWS, self.purity >= MEDIUM_PURITY
        against = self.is_informed and self.agreement <= MEDIUM_AGREEMENT
        rewritten = self.is_apart and self.foreign <= MAX_FOREIGN
        return "medium" if enough and pure and against and rewritten else "low"


@dataclass(frozen=True, slots=True)
class _Rows:
    """Labelled rows with their features."""

    form: Any
    content: Any
    label: Array
    digest: Array


def sample_rows(corpus: Corpus, usable: Array) -> Array | None:
    """Return the rows that the models are fitted on, int64; None where they are too few.

    Parameters
    ----------
    usable : bool[R]
    """
    sample: Array = corpus.by_rank[usable[corpus.by_rank]][:_FIT_ROWS]
    return sample if len(sample) >= 2 * LOW_ROWS else None


def judge_labels(
    corpus: Corpus, classes: Classes, forms: Forms, rows: Array
) -> Iterator[tuple[Verdict, Mixture]]:
    """Yield the verdict on each label that is tried; a silent one is a first look.

    The mixture of a finding is the one that its rows are judged by: the verdict's, grown.

    Parameters
    ----------
    rows : int64[N]
        What the models are fitted on.
    """
    fitted = _collect(corpus, classes, forms, rows)
    for label in _labels_worth_a_fit(fitted):
        verdict, fit = _try(fitted, label, _FOLDS)
        if verdict.severity is not None:
            verdict, fit = _try(fitted, label, _FINE_FOLDS)
        if verdict.severity == "medium":
            verdict = replace(verdict, foreign=_foreign(fitted, fit.mixture))
        yield verdict, fit.mixture if verdict.severity is None else _grown(fitted, verdict, fit)


def fold_of(digests: Array, folds: int) -> Array:
    """Return the fold of each row, int64: copies of a text are in one fold."""
    fold: Array = (digests % np.uint64(folds)).astype(np.int64)
    return fold


def _collect(corpus: Corpus, classes: Classes, forms: Forms, rows: Array) -> _Rows:
    from scipy import sparse

    parts = list(forms.read(corpus, rows))
    return _Rows(
        form=sparse.vstack([form for _, form, _ in parts]).tocsr().astype(np.float64),
        content=sparse.vstack([content for _, _, content in parts]).tocsr().astype(np.float64),
        label=classes.label[rows],
        digest=corpus.input.side.digests[rows],
    )


def _labels_worth_a_fit(fitted: _Rows) -> list[int]:
    """Return the labels with enough rows; of many the ones that forms tell best."""
    counts = np.bincount(fitted.label)
    labels = np.flatnonzero(counts >= LOW_ROWS)
    if len(labels) <= _MAX_LABELS:
        return [int(label) for label in labels]
    fold = fold_of(fitted.digest, 2)
    best = max(1, int(_SCREEN_SHARE * len(fold) / 2))
    hits = np.zeros(len(labels))
    for part in (0, 1):
        own, others = np.flatnonzero(fold == part), np.flatnonzero(fold != part)
        member = (fitted.label[others, None] == labels).astype(np.float32)
        scores = fitted.form[own] @ (fitted.form[others].T @ (member - member.mean(axis=0)))
        for at, label in enumerate(labels):
            top = np.argsort(-scores[:, at], kind="stable")[:best]
            hits[at] += (fitted.label[own[top]] == label).sum()
    chosen = labels[np.argsort(-hits, kind="stable")[:_MAX_LABELS]]
    return [int(label) for label in chosen]


def _foreign(fitted: _Rows, mixture: Mixture) -> float:
    prior, _ = mixture.judge(fitted.form, fitted.content, fold_of(fitted.digest, _FINE_FOLDS))
    fold = fold_of(fitted.digest, _FOLDS)
    return told_by_content(fitted.content, prior > LIKELY, fold, _FOLDS)


def _try(fitted: _Rows, label: int, folds: int) -> tuple[Verdict, MixtureFit]:
    fold = fold_of(fitted.digest, folds)
    fit = MixtureFit(fitted.form, fitted.content, fitted.label == label, fold, folds)
    return _judge(fitted, label, fit.mixture), fit


def _grown(fitted: _Rows, verdict: Verdict, fit: MixtureFit) -> Mixture:
    """Return the mixture of a finding when its suspects have grown to what they are."""
    mixture, before = fit.mixture, verdict
    for _ in range(_MOST_GROWN):
        growth = fit.grow()
        after = _judge(fitted, verdict.label, fit.mixture)
        come = after.written_so - before.written_so
        others = come - (after.labelled_so - before.labelled_so)
        if others > 1 + _IMPURE * come or after.agreement > verdict.agreement + _RISE:
            break
        mixture, before = fit.mixture, after
        if growth < _GROWTH:
            break
    return mixture


def _judge(fitted: _Rows, label: int, mixture: Mixture) -> Verdict:
    is_label = fitted.label == label
    fold = fold_of(fitted.digest, len(mixture.form_weights))
    prior, plain = mixture.judge(fitted.form, fitted.content, fold)
    written_so = prior > LIKELY
    both, others, rest = written_so & is_label, is_label & ~written_so, ~(is_label | written_so)
    base = float(is_label.mean())
    usual = float(plain[others].mean()) if others.any() else base
    found = float(plain[written_so].mean()) if written_so.any() else base
    foreign = float(plain[rest].mean()) if rest.any() else base
    # weighted by content: suspects that the form missed are not typical of the label
    typical = float(prior[others] @ plain[others] / max(1.0, plain[others].sum()))
    elsewhere = float(prior[rest].mean()) if rest.any() else 0.0
    return Verdict(
        label=label,
        distinct=len(np.unique(fitted.digest[both])),
        written_so=int(written_so.sum()),
        labelled_so=int(both.sum()),
        agreement=(found - base) / max(0.1, usual - base),
        is_informed=usual - foreign >= _INFORMED,
        is_apart=typical <= max(_APART, _APART_TIMES * elsewhere),
        base=base,
    )
