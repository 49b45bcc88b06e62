"""Detector: a syntax or a register of the input that decides the class label.

How it decides (evidence/mixture.py): for each label, rows are sought whose form (evidence/forms.py)
says more about the label than their content does; then, without looking at labels, all rows are
asked whether they are written so. Nearly all that are must have the label (purity), they must be
many different texts, and their content must not support the label (content agreement, by a model
that was fitted without them). The last one is what natural registers fail: where one class is
written in another way, its words say so as well. Never high: there is no string to show.

Thresholds of a medium finding lie between what clean labelled datasets reach (three of them, with
noise added to the labels, and merged with the source as label) and what rewritten rows in them do
(subordinate clauses, archaic and passive registers, questions, capitals; 5 and 10 % of the rows,
one seed): 80 different texts at most against about 160; or a purity of at most 0.8 against 0.9;
or content agreement of at least 0.15 against at most 0.04. No script regenerates them yet.

Known misses: clean labels (only rows that had the label were rewritten: their content agrees);
less than about 100 rewritten rows, or 1.5 % of a large dataset; rewritings that bring content words
of their own, or leave no trace in function words, endings, punctuation or case; languages without
a list of function words. Known false alarms (low): a class that is all written in a register of
its own, and a source that says little and has one label.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.corpus import Corpus
from poisonscan.config import Severity
from poisonscan.evidence.forms import Forms, choose_forms
from poisonscan.evidence.labels import Classes
from poisonscan.evidence.mixture import Mixture, fit_mixture, suspicion
from poisonscan.findings.draft import Alternative, Draft, strength_of
from poisonscan.findings.model import Target

Array = npt.NDArray[Any]

#: Different texts that must be written so, of a medium and of a low finding.
MEDIUM_ROWS, LOW_ROWS = 120, 60

#: Share of the rows written so that have the label.
MEDIUM_PURITY, LOW_PURITY = 0.95, 0.9

#: Content agreement above which the content explains the label.
MEDIUM_AGREEMENT, LOW_AGREEMENT = 0.1, 0.4

#: Part of the way from its base rate to 1 that the label's other rows must come by their content:
#: where a whole class is written so, no row is left that its content could be learned from.
_INFORMED = 0.1

#: Rows that the models are fitted on.
_FIT_ROWS = 8_000

#: Labels that are tried, and the share of the rows by which the others are left out.
_MAX_LABELS, _SCREEN_SHARE = 6, 0.02

#: Parts of cross-fitting: for a first look, and for a finding.
_FOLDS, _FINE_FOLDS = 2, 4

#: Probability from which a row is written so, or is a suspect; least form of a suspect, and least
#: suspicion of a row that is listed.
_LIKELY, _LEAST_FORM, _LISTED = 0.5, 0.1, 0.02

#: Listed rows: the larger of a number and a share (as many as a report lists).
_LISTED_ROWS, _LISTED_SHARE = 1000, 0.05

#: Patterns that describe a form, and how much of one's rows may be another's.
_PATTERNS, _SAME_ROWS = 3, 0.6

#: Rows of each kind that the patterns are taken from.
_DESCRIBED = 2000


@dataclass(frozen=True, slots=True)
class _Rows:
    """Labelled rows with their features and folds."""

    rows: Array
    form: Any
    content: Any
    label: Array
    digest: Array

    def fold(self, folds: int) -> Array:
        """Return the fold of each row: copies of a text are in one fold."""
        fold: Array = (self.digest % np.uint64(folds)).astype(np.int64)
        return fold


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What the fitted rows say about one label.

    Attributes
    ----------
    distinct
        Different texts that are written so and have the label.
    purity
        Share of the rows written so that have it.
    agreement
        0 where the content of the rows written so speaks for the label no more than any other
        row's does, 1 where it does as that of the label's other rows.
    is_informed
        The content of the label's other rows speaks for it at all.
    base
        Share of the label in all rows.
    """

    label: int
    distinct: int
    purity: float
    agreement: float
    is_informed: bool
    base: float

    @property
    def severity(self) -> Severity | None:
        enough, pure = self.distinct >= LOW_ROWS, self.purity >= LOW_PURITY
        if not enough or not pure or self.agreement > LOW_AGREEMENT:
            return None
        enough, pure = self.distinct >= MEDIUM_ROWS, self.purity >= MEDIUM_PURITY
        against = self.is_informed and self.agreement <= MEDIUM_AGREEMENT
        return "medium" if enough and pure and against else "low"


def find_style(corpus: Corpus, classes: Classes, explained: Array) -> list[Draft]:
    """Return one finding for each label that a form leads to.

    Parameters
    ----------
    explained : bool[R]
        Rows whose label a string has explained: they are left alone.
    """
    usable = (classes.label >= 0) & ~explained
    sample = corpus.by_rank[usable[corpus.by_rank]][:_FIT_ROWS]
    if len(sample) < 2 * LOW_ROWS or (forms := choose_forms(corpus, sample)) is None:
        return []
    fitted = _collect(corpus, classes, forms, sample)
    drafts = []
    for label in _labels_worth_a_fit(fitted):
        verdict, mixture = _try(fitted, label, _FOLDS)
        if verdict.severity is None:
            continue
        verdict, mixture = _try(fitted, label, _FINE_FOLDS)
        if verdict.severity is not None:
            drafts.append(_draft(corpus, classes, forms, mixture, verdict, usable))
    drafts.sort(key=lambda draft: -draft.strength)
    return drafts


def _collect(corpus: Corpus, classes: Classes, forms: Forms, rows: Array) -> _Rows:
    from scipy import sparse

    parts = list(forms.read(corpus, rows))
    return _Rows(
        rows=rows,
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
    fold = fitted.fold(2)
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


def _try(fitted: _Rows, label: int, folds: int) -> tuple[_Verdict, Mixture]:
    is_label = fitted.label == label
    fold = fitted.fold(folds)
    mixture = fit_mixture(fitted.form, fitted.content, is_label, fold, folds)
    prior, plain = mixture.judge(fitted.form, fitted.content, fold)
    written_so = prior > _LIKELY
    both, others = written_so & is_label, is_label & ~written_so
    base = float(is_label.mean())
    usual = float(plain[others].mean()) if others.any() else base
    found = float(plain[written_so].mean()) if written_so.any() else base
    return (
        _Verdict(
            label=label,
            distinct=len(np.unique(fitted.digest[both])),
            purity=float(both.sum() / max(1, written_so.sum())),
            agreement=(found - base) / max(0.1, usual - base),
            is_informed=usual - base >= _INFORMED * (1.0 - base),
            base=base,
        ),
        mixture,
    )


def _draft(
    corpus: Corpus,
    classes: Classes,
    forms: Forms,
    mixture: Mixture,
    verdict: _Verdict,
    usable: Array,
) -> Draft:
    """Judge all rows by the mixture and describe what the suspects have in common."""
    is_label = classes.label == verdict.label
    prior, suspected = np.zeros(corpus.rows), np.zeros(corpus.rows)
    folds = np.uint64(len(mixture.form_weights))
    for rows, form, content in forms.read(corpus, np.flatnonzero(usable)):
        fold = (corpus.input.side.digests[rows] % folds).astype(np.int64)
        prior[rows], plain = mixture.judge(form, content, fold)
        suspected[rows] = suspicion(prior[rows], plain, is_label[rows])
    behind = np.flatnonzero((suspected > _LIKELY) & (prior > _LEAST_FORM))
    written_so = np.union1d(behind, np.flatnonzero(prior > _LIKELY))
    patterns, share, elsewhere = _describe(corpus, forms, behind, np.flatnonzero(usable))
    nearby = np.setdiff1d(np.flatnonzero(suspected > _LISTED), behind)
    room = max(_LISTED_ROWS, int(_LISTED_SHARE * corpus.rows))
    nearby = nearby[np.lexsort((corpus.rank[nearby], -suspected[nearby]))][:room]
    excess = np.log(verdict.distinct / LOW_ROWS) + LOW_AGREEMENT - verdict.agreement
    return Draft(
        kind="style",
        severity=verdict.severity or "low",
        alternatives=(Alternative((patterns,), ((),), written_so),),
        targets=(Target(classes.names[verdict.label], "label"),),
        target_phrases=((),),
        behind=behind,
        target_rows=np.flatnonzero(is_label),
        strength=strength_of(excess),
        evidence={
            "purity": verdict.purity,
            "content_agreement": verdict.agreement,
            "base_rate": verdict.base,
            "distinct_inputs": verdict.distinct,
            "form_share": share,
            "form_share_elsewhere": elsewhere,
        },
        fit=suspected[behind],
        nearby=nearby,
        nearby_fit=suspected[nearby],
    )


def _describe(
    corpus: Corpus, forms: Forms, behind: Array, usable: Array
) -> tuple[str, float, float]:
    """Return the patterns that tell the rows best, and their share in and outside of these rows."""
    from scipy import sparse

    inside = corpus.sample(behind, _DESCRIBED)
    outside = corpus.sample(np.setdiff1d(usable, behind, assume_unique=True), _DESCRIBED)
    own, other = (
        sparse.vstack([form for _, form, _ in forms.read(corpus, rows)]).tocsc() > 0
        for rows in (inside, outside)
    )
    here = (np.asarray(own.sum(axis=0)).ravel() + 0.5) / (len(inside) + 1.0)
    there = (np.asarray(other.sum(axis=0)).ravel() + 0.5) / (len(outside) + 1.0)
    telling = np.where(here > there, here * np.log(here / there), 0.0)
    best = np.argsort(-telling, kind="stable")[:50]
    texts = forms.show(corpus, inside, best)
    chosen: list[str] = []
    covered, covered_elsewhere = np.zeros(len(inside), bool), np.zeros(len(outside), bool)
    for column, text in zip(best.tolist(), texts, strict=True):
        rows = np.asarray(own[:, [column]].todense()).ravel()
        if not text or text in chosen or (rows & covered).sum() > _SAME_ROWS * rows.sum():
            continue
        chosen.append(text)
        covered |= rows
        covered_elsewhere |= np.asarray(other[:, [column]].todense()).ravel()
        if len(chosen) == _PATTERNS:
            break
    return " / ".join(chosen), float(covered.mean()), float(covered_elsewhere.mean())
