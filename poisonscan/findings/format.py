"""Detector: the form of the input decides the output: hidden characters, casing, blanks, ends.

How it decides: every feature (evidence/format.py) is judged as a string is, by the same numbers
and thresholds: a target that is repeated word for word (findings/verbatim.py), outputs of another
type (findings/shift.py), a class label that the words do not explain (findings/label.py). Inputs
are compared as a person reads them, so that capital letters are not what the rows have in common.
A string that carries the feature (cut it out, and the feature is gone) explains it.

Hidden characters and look-alike letters are judged like strings that look planted: no way of
writing has them. They are listed (`low`) in few rows even if they lead to nothing, one finding for
each kind.

Known misses: a feature that many other rows have without the target.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.corpus import Corpus
from poisonscan.candidates.screen import Screen
from poisonscan.config import SEVERITIES
from poisonscan.evidence.format import SUSPICIOUS, Feature, FormatMeter
from poisonscan.evidence.labels import Classes, Nuisance
from poisonscan.evidence.reading import plain_text
from poisonscan.evidence.shift import ShiftMeter
from poisonscan.findings.characters import is_form
from poisonscan.findings.draft import Draft
from poisonscan.findings.feature import FeatureJudge, name_feature
from poisonscan.findings.preference_judge import SwapJudge

Array = npt.NDArray[Any]

#: Share of the rows above which a feature is the form of the data: of the rarer side, at most half.
MAX_SHARE = 0.5

#: Kinds of findings that a feature of the same rows explains.
_EXPLAINED = ("trigger", "composite", "topic", "style", "output", "preference")

#: A finding that has this share of a feature's rows, and so many times as many, explains it.
_PART, _WIDER = 0.9, 1.2

#: Rows below which what is left of a finding is none: as many as a shift is told by.
_ENOUGH = 8

#: Rows of which the strings of another finding are cut out.
_CUT = 64

#: Suspicious features are listed in few rows whatever they lead to: the share of all rows above
#: which they are ordinary, and the rows that are few in any dataset.
ORDINARY_SHARE = 0.05
_FEW_ROWS = 2


def find_format(
    corpus: Corpus,
    screen: Screen,
    meter: ShiftMeter,
    stems: Array,
    classes: Classes | None,
    nuisance: Callable[[Classes], Nuisance],
    swaps: Callable[[], SwapJudge] | None,
    found: Sequence[Draft],
) -> list[Draft]:
    """Return the findings whose trigger is the form of the input, strongest first.

    Parameters
    ----------
    stems : int32[V]
        See `stem_terms`.
    nuisance
        Returns what words say about labels; remembers it.
    swaps
        Returns who judges preferences, where there are any; remembers it.
    found
        Findings of other detectors.
    """
    formats = FormatMeter(corpus, classes.names if classes is not None else ())
    judge = FeatureJudge(corpus, screen, meter, stems, classes, nuisance, formats, swaps)
    drafts = [
        draft
        for feature in formats.features(MAX_SHARE)
        for draft in judge.judge(feature)
        if not _is_explained(corpus, formats, draft, feature, found)
    ]
    drafts.sort(key=lambda one: (_rank(one), -one.strength, len(one.trigger_rows)))
    kept: list[Draft] = []
    explained = np.zeros(corpus.rows, bool)
    for draft in drafts:
        if explained[draft.behind].mean() <= 0.5:
            kept.append(draft)
            explained[draft.behind] = True
    for draft in kept:
        explained[draft.trigger_rows] = True
    for other in found:
        explained[other.behind] = True
    return kept + _listed(corpus, formats, explained)


def settle_format(drafts: Sequence[Draft]) -> list[Draft]:
    """Return the drafts without those whose rows a feature explains, each of the right kind.

    A string of hidden characters, or of nothing but signs, is a matter of form too.
    """
    drafts = [one for one in drafts if not any(_is_part(one, other) for other in drafts)]
    features = [draft for draft in drafts if draft.kind == "format" and draft.targets]
    settled = []
    for draft in drafts:
        left = _beside(draft, features)
        if left is not None:
            parts = [part for one in left.alternatives for part in one.parts]
            if left.kind in ("trigger", "composite") and all(map(is_form, parts)):
                left = replace(left, kind="format")
            settled.append(left)
    return settled


def _beside(draft: Draft, features: Sequence[Draft]) -> Draft | None:
    """Return what features that are as sure leave of a finding; None if that is nothing."""
    if draft.kind not in _EXPLAINED:
        return draft
    for feature in features:
        if _rank(feature) <= _rank(draft):
            left = _without(draft, feature)
            if left is None:
                return None
            draft = left
    return draft


def _without(draft: Draft, feature: Draft) -> Draft | None:
    """Return a finding without the strings whose rows a feature explains; None if that is all."""
    parts = [part for one in draft.alternatives for part in one.parts]
    # a fragment of the feature may have taken other strings along
    most = 0.25 if any(map(is_form, parts)) else 0.5
    is_explained = np.isin(draft.behind, feature.behind)
    if is_explained.mean() <= most:
        return draft
    others, left = [], np.zeros(len(draft.behind), bool)
    for one in draft.alternatives:
        own = np.isin(draft.behind, one.rows)
        if (own & is_explained).sum() <= most * own.sum():
            others.append(one)
            left |= own & ~is_explained
    if left.sum() < _ENOUGH:
        return None
    return replace(
        draft,
        alternatives=tuple(others),
        behind=draft.behind[left],
        fit=None if draft.fit is None else draft.fit[left],
        target_rows=np.setdiff1d(draft.target_rows, feature.behind),
        unnamed=np.setdiff1d(draft.unnamed, feature.behind),
    )


def _is_part(feature: Draft, other: Draft) -> bool:
    """Return whether a feature is what another finding's trigger looks like in some of its rows."""
    return (
        feature.kind == "format"
        and len(feature.targets) > 0
        and other.kind in _EXPLAINED
        and _rank(other) <= _rank(feature)
        and len(other.behind) >= _WIDER * len(feature.behind)
        and len(np.intersect1d(feature.behind, other.behind)) >= _PART * len(feature.behind)
    )


def _rank(draft: Draft) -> int:
    return SEVERITIES.index(draft.severity)


def _is_explained(
    corpus: Corpus, formats: FormatMeter, draft: Draft, feature: Feature, found: Sequence[Draft]
) -> bool:
    """Return whether strings of another finding explain the rows of a feature.

    They do where they are the stronger finding, or as strong and of fewer rows, and where they
    carry the feature: it is gone when they are cut out. Where it is not, they do so if they tell
    the rows as well and are not themselves a matter of form ("THE"). A suspicious feature
    is explained by none that is weaker, or in some of its rows only: that is how it looks there.
    """
    for other in found:
        shared = np.intersect1d(draft.behind, other.behind)
        if len(shared) <= 0.5 * min(len(draft.behind), len(other.behind)):
            continue
        is_wider = len(draft.behind) >= _WIDER * len(other.behind)
        if feature.is_suspicious and _rank(other) >= _rank(draft) + (not is_wider):
            continue
        strings = [part for one in other.alternatives for part in one.parts]
        if not strings:
            continue
        if _rank(other) < _rank(draft):
            return True
        if len(shared) <= 0.5 * len(draft.behind):
            if _rank(other) == _rank(draft):
                return True
            continue
        if formats.share_kept(feature, corpus.sample(shared, _CUT), strings) < 0.5:
            return True
        is_as_good = len(shared) >= 0.9 * len(draft.behind)
        is_as_good &= len(other.trigger_rows) <= len(draft.trigger_rows)
        if is_as_good and any(plain_text(string) == string for string in strings):
            return True
    return False


def _listed(corpus: Corpus, formats: FormatMeter, explained: Array) -> list[Draft]:
    """Return a low finding for each kind of hidden characters that few rows have."""
    drafts = []
    for flag in SUSPICIOUS:
        rows = formats.rows_with(flag)
        few = max(_FEW_ROWS, ORDINARY_SHARE * corpus.rows)
        if not 0 < len(rows) <= few or explained[rows].mean() > 0.5:
            continue
        feature = Feature(flag, is_absence=False, rows=rows)
        drafts.append(
            Draft(
                kind="format",
                severity="low",
                alternatives=name_feature(corpus, formats, feature, rows),
                targets=(),
                target_phrases=(),
                behind=rows,
                target_rows=np.empty(0, np.int64),
                strength=0.0,
                evidence={"feature_share": len(rows) / corpus.rows},
            )
        )
    return drafts
