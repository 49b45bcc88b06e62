"""Detector: a string of the input that decides the class label.

How it decides (evidence/labels.py): the label shifts beyond what the other words explain
(residual), nearly always (purity), the string's own words do not go with the label elsewhere,
and it stands in the text as if inserted. Where the rest of the text even contradicts the label
(dirty label) the finding is high; where it agrees (clean label) it could be a natural marker,
and is medium at most; a string that says the label's name is a degree less severe. Pairs of strings
that do so together only are judged in the same way (evidence/joint.py). Limits:
benchmarks/fit_label.py.

Known misses: triggers of very frequent words; label noise of more than a tenth in the rows with
the trigger; ordinary words with as many natural uses as planted ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.closed import Candidates
from poisonscan.candidates.corpus import Corpus
from poisonscan.candidates.screen import Screen
from poisonscan.config import SEVERITIES, Severity
from poisonscan.evidence.labels import Classes, Nuisance
from poisonscan.evidence.phrases import rows_with
from poisonscan.evidence.seams import SeamMeter
from poisonscan.findings.draft import Alternative, Draft, strength_of
from poisonscan.findings.label_judge import (
    DILUTED_PURITY,
    HIGH_ROWS,
    MIN_CONTRADICTION,
    MIN_PURITY,
    MIN_SHIFT,
    MIXED_PURITY,
    LabelLead,
)
from poisonscan.findings.label_search import LabelSearch
from poisonscan.findings.model import Target
from poisonscan.findings.naming import SAME_ROWS, is_within, name_trigger
from poisonscan.findings.spellings import Spellings

Array = npt.NDArray[Any]

#: Residual, as a part of the strongest trigger's, below which a string is no further trigger of
#: the same label unless it would be found alone; its texts must clearly speak for other classes.
SIBLING_PART = 0.45


def find_label(
    corpus: Corpus,
    candidates: Candidates,
    screen: Screen,
    seams: SeamMeter,
    classes: Classes,
    nuisance: Callable[[Classes], Nuisance],
    *,
    pairs: bool = True,
) -> list[Draft]:
    """Return the findings of each label: what strings lead to alone, and what `pairs` lead to.

    Last come strings most of whose rows keep their labels, where no pair explains the others.
    """
    search = LabelSearch(corpus, candidates, screen, seams, classes, nuisance(classes))
    singles = search.find_single()
    drafts = _drafts(corpus, classes, [lead for lead in singles if not lead.is_diluted])
    if pairs:
        drafts += _drafts(corpus, classes, search.find_joint(_behind(corpus, drafts)))
    explained = _behind(corpus, drafts)
    left = [
        lead for lead in singles if lead.is_diluted and not _is_explained(lead, classes, explained)
    ]
    return drafts + _drafts(corpus, classes, left)


def _behind(corpus: Corpus, drafts: list[Draft]) -> Array:
    """Return which rows are behind some drafts, bool[R]."""
    behind = np.zeros(corpus.rows, bool)
    for draft in drafts:
        behind[draft.behind] = True
    return behind


def _is_explained(lead: LabelLead, classes: Classes, explained: Array) -> bool:
    own = lead.rows[classes.label[lead.rows] == lead.label.label]
    return bool(explained[own].mean() > 0.5)


def _drafts(corpus: Corpus, classes: Classes, leads: list[LabelLead]) -> list[Draft]:
    """Return one draft for each label that something leads to, strongest first.

    And one of what says its name.
    """
    drafts = []
    for label in range(len(classes.names)):
        of_label = [lead for lead in leads if lead.label.label == label and not lead.doubts]
        for says_label in (False, True):
            own = [lead for lead in of_label if lead.says_label is says_label]
            if any(lead.severity() for lead in own):
                drafts.append(_draft(corpus, classes, own, label))
    return sorted(drafts, key=lambda draft: -draft.strength)


def _draft(corpus: Corpus, classes: Classes, leads: list[LabelLead], label: int) -> Draft:
    """Join the triggers of one label."""
    severity, has_label = _worst(leads), classes.label == label
    found = [lead for lead in leads if lead.severity() == severity]
    best = _whole(corpus, has_label, found)
    dirty = best.is_dirty
    alternatives: list[Alternative] = []
    covered = np.zeros(corpus.rows, bool)
    for lead in [best, *leads]:
        is_found = lead.severity() in (severity, "medium")
        if not is_found and not _is_sibling(lead, leads[0]):
            continue
        if not dirty and lead.label.shift_bound < MIN_SHIFT:
            continue  # the text agrees: a weak sibling is an ordinary word of that label
        if dirty and (lead.agrees if is_found else not lead.is_dirty):
            continue
        further = lead.rows[~covered[lead.rows]]
        if len(further) < 0.1 * len(lead.rows):
            continue
        if has_label[further].mean() < (DILUTED_PURITY if lead.is_diluted else MIXED_PURITY):
            continue  # what its rows lead to is known: a part of a trigger, in other rows as well
        one = _alternative(corpus, lead)
        alternatives.append(one)
        covered[one.rows] = True
    alternatives = _with_spellings(corpus, has_label, alternatives)
    with_trigger = np.unique(np.concatenate([one.rows for one in alternatives]))
    behind = with_trigger[has_label[with_trigger]]
    if max(np.isin(one.rows, behind).sum() for one in alternatives) < HIGH_ROWS:
        severity = "low"  # several strings of a few rows are what copies of a row have in common
    evidence = {
        "label_residual": best.label.residual_z,
        "purity": best.label.purity,
        "shift_bound": best.label.shift_bound,
        "content_agreement": best.label.content_agreement,
        "contradiction": best.label.contradiction,
        "elsewhere_purity": best.elsewhere.purity,
        "elsewhere_expected": best.elsewhere.expected,
        "base_rate": best.base,
        "seam_fit": best.seam.fit,
        "seam_collision": best.seam.collision,
        "input_coherence": best.independence.coherence,
        "input_wholeness": best.independence.wholeness,
    }
    return Draft(
        kind="composite" if len(best.parts) > 1 else "trigger",
        severity=severity,
        alternatives=tuple(alternatives),
        targets=(Target(classes.names[label], "label"),),
        target_phrases=((),),
        behind=behind,
        target_rows=np.flatnonzero(has_label),
        strength=strength_of(best.label.shift_bound + (1.5 if severity == "high" else 0.0)),
        evidence=evidence,
    )


def _whole(corpus: Corpus, has_label: Array, leads: list[LabelLead]) -> LabelLead:
    """Return the strongest lead; or the first that it is a part of, where others have the part too.

    The last number of a date stands in other rows as well, and tells the label nearly as often.
    """
    best = leads[0]
    hits = has_label[best.rows].sum()
    for lead in leads[1:]:
        if len(best.parts) == len(lead.parts) == 1 and is_within(best.parts[0], lead.parts[0]):
            own = has_label[rows_with(corpus.input, lead.parts[0])]
            if SAME_ROWS * own.sum() >= hits and (~own).sum() < len(best.rows) - hits:
                return lead
    return best


def _is_sibling(lead: LabelLead, strongest: LabelLead) -> bool:
    """Return whether a string that would not be found alone is a further trigger of a label."""
    return (
        lead.label.residual_z >= SIBLING_PART * strongest.label.residual_z
        and len(lead.rows) >= HIGH_ROWS
        and (not lead.is_dirty or lead.label.contradiction >= MIN_CONTRADICTION)
    )


def _alternative(corpus: Corpus, lead: LabelLead) -> Alternative:
    """Name the parts of a lead, each among the rows with the others."""
    having = [rows_with(corpus.input, part) for part in lead.parts]
    parts, phrases = [], []
    for number, part in enumerate(lead.parts):
        others = [rows for at, rows in enumerate(having) if at != number]
        within = np.logical_and.reduce(others) if others else None
        core, text = name_trigger(corpus, part, lead.rows, within)
        parts.append(text)
        phrases.append(core)
    rows = np.logical_and.reduce([rows_with(corpus.input, core) for core in phrases])
    return Alternative(tuple(parts), tuple(phrases), np.flatnonzero(rows))


def _with_spellings(
    corpus: Corpus, has_label: Array, alternatives: list[Alternative]
) -> list[Alternative]:
    """Return the alternatives with the rows of other spellings that lead to the label as well."""
    without = np.ones(corpus.rows, bool)
    for one in alternatives:
        without[one.rows] = False
    spellings = Spellings(corpus, np.flatnonzero(without))
    found = [spellings.find(one.parts) for one in alternatives]
    return [
        replace(one, rows=np.union1d(one.rows, rows))
        if len(rows) and has_label[rows].mean() >= MIN_PURITY
        else one
        for one, rows in zip(alternatives, found, strict=True)
    ]


def _worst(leads: list[LabelLead]) -> Severity:
    return next(one for one in SEVERITIES if any(lead.severity() == one for lead in leads))
