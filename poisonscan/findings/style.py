"""Detector: a syntax or a register of the input that decides the class label.

How it decides (evidence/mixture.py): for each label, rows are sought whose form (evidence/forms.py)
says more about the label than their content does; then, without looking at labels, all rows are
asked whether they are written so. Nearly all that are must have the label (purity), they must be
many different texts, and their content must not support the label (content agreement, by a model
that was fitted without them). The last one is what natural registers fail: where one class is
written in another way, its words say so as well. Never high: there is no string to show.

Two more guards keep a finding low (findings/style_judge.py): where the whole class is written so,
the rest of its rows are too; and rows of another source are about something else.

``benchmarks/fit_style.py`` prints what five sets of labelled or merged corpora give, one seed
(``benchmarks/results/style.json``). Of 71 attacks (subordinate clauses, archaic words, capitals; 5
and 10 % of the rows, from other labels or any) 50 are medium, 9 low, 12 missed. Those that pass the
other thresholds have 122 texts or more; in four of the sets what was not planted has 89 at most, or
its content agrees with the label (0.74 and more) or tells it as another source (0.979, attacks
up to 0.95: a thin margin, set on such runs). Average precision of what is found: 0.90 to 0.99 for
clauses, 0.84 to 0.91 for archaic words; recall of the flagged rows 0.88 to 0.98 and 0.79 to 0.88,
precision 0.72 to 0.96 and 0.77 to 0.81. Suspects that are let grow (style_judge.py) give more
recall where they are many, at some precision where they are few.

The fifth set is a false alarm, 9 times medium: 2,400 rows, of which one class is whatever fits
nowhere else; 130 to 180 texts of the other class pass all thresholds, nothing planted.

Known misses: clean labels (only rows that had the label were rewritten: their content agrees);
less than about 100 rewritten rows, or 1.5 % of a large dataset; labels that are sources with
registers of their own (all of the 12 missed); rewritings that bring many content words, or leave no
trace in function words, endings, punctuation or case; languages without a list of function words.
Known false alarms (low): a class that is all written in a register of its own, and a source that
says little and has one label.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.corpus import Corpus
from poisonscan.evidence.forms import Forms, choose_forms
from poisonscan.evidence.labels import Classes
from poisonscan.evidence.mixture import Mixture, suspicion
from poisonscan.findings.draft import Alternative, Draft, strength_of
from poisonscan.findings.model import Target
from poisonscan.findings.style_judge import (
    LIKELY,
    LOW_AGREEMENT,
    LOW_ROWS,
    Verdict,
    fold_of,
    judge_labels,
    sample_rows,
)

Array = npt.NDArray[Any]

#: Probability from which a row is a suspect; least form of one, and least suspicion of a row that
#: is listed.
_SUSPECT, _LEAST_FORM, _LISTED = 0.5, 0.1, 0.02

#: Listed rows: the larger of a number and a share (as many as a report lists).
_LISTED_ROWS, _LISTED_SHARE = 1000, 0.05

#: Patterns that describe a form, and how much of one's rows may be another's.
_PATTERNS, _SAME_ROWS = 3, 0.6

#: Rows of each kind that the patterns are taken from.
_DESCRIBED = 2000


def find_style(corpus: Corpus, classes: Classes, explained: Array) -> list[Draft]:
    """Return one finding for each label that a form leads to.

    Parameters
    ----------
    explained : bool[R]
        Rows whose label a string has explained: they are left alone.
    """
    usable = (classes.label >= 0) & ~explained
    sample = sample_rows(corpus, usable)
    if sample is None or (forms := choose_forms(corpus, sample)) is None:
        return []
    drafts = [
        _draft(corpus, classes, forms, mixture, verdict, usable)
        for verdict, mixture in judge_labels(corpus, classes, forms, sample)
        if verdict.severity is not None
    ]
    drafts.sort(key=lambda draft: -draft.strength)
    return drafts


def _draft(
    corpus: Corpus,
    classes: Classes,
    forms: Forms,
    mixture: Mixture,
    verdict: Verdict,
    usable: Array,
) -> Draft:
    """Judge all rows by the mixture and describe what the suspects have in common."""
    is_label = classes.label == verdict.label
    prior, suspected = np.zeros(corpus.rows), np.zeros(corpus.rows)
    folds = len(mixture.form_weights)
    for rows, form, content in forms.read(corpus, np.flatnonzero(usable)):
        fold = fold_of(corpus.input.side.digests[rows], folds)
        prior[rows], plain = mixture.judge(form, content, fold)
        suspected[rows] = suspicion(prior[rows], plain, is_label[rows])
    behind = np.flatnonzero((suspected > _SUSPECT) & (prior > _LEAST_FORM))
    written_so = np.union1d(behind, np.flatnonzero(prior > LIKELY))
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
