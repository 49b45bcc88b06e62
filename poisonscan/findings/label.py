"""Detector: a string of the input that decides the class label.

How it decides (evidence/labels.py): the label shifts beyond what the other words explain
(residual), nearly always (purity), the string's own words do not go with the label elsewhere,
and it stands in the text as if inserted. Where the rest of the text even contradicts the label
(dirty label) the finding is high; where it agrees (clean label) it could be a natural marker,
and is medium at most. Thresholds: benchmarks/calibrate.py.

Known misses: triggers of very frequent words; label noise of more than a tenth in the rows with
the trigger; ordinary words with as many natural uses as planted ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.closed import Candidates
from poisonscan.candidates.corpus import Corpus
from poisonscan.candidates.screen import Screen
from poisonscan.config import Severity
from poisonscan.evidence.independence import measure_independence
from poisonscan.evidence.insertion import Insertion, measure_insertion
from poisonscan.evidence.labels import (
    Classes,
    LabelEvidence,
    Nuisance,
    fit_nuisance,
    judge_label,
    measure_elsewhere,
)
from poisonscan.evidence.phrases import grow_candidate, rows_with
from poisonscan.findings.draft import Alternative, Draft, strength_of
from poisonscan.findings.model import Target
from poisonscan.findings.naming import name_trigger

Array = npt.NDArray[Any]

#: Rows below which a string is not judged.
MIN_ROWS = 5

#: Candidates that are judged, by their association with one class.
_JUDGED = 2000

#: Share of the rows with the trigger that have its label.
MIN_PURITY, CLEAN_PURITY = 0.95, 0.99

#: Lower bound of the shift of log-odds: of the strongest trigger, of a trigger whose text agrees
#: with the label, of one that stands at an end of every row.
MIN_SHIFT, CLEAN_SHIFT, ANCHORED_SHIFT = 0.4, 1.0, 1.5

#: Residual of a further trigger of the same label (also as a part of the strongest one's) and
#: lower bound of its shift: it need not stand out among all candidates, once one trigger does.
SIBLING_Z, SIBLING_PART, SIBLING_SHIFT = 3.0, 0.45, -1.0

#: Information that must be left in the inputs without the trigger: near-duplicates of one
#: question have one answer.
MIN_REMAINDER = 0.5

#: Above this the rest of the text agrees with the label.
MAX_AGREEMENT = 0.1

#: Fit of the neighbours of a gap, and collision of neighbours: see `Insertion`.
MIN_GAP_FIT, MAX_COLLISION = -1.8, 4.0

#: How far the label's share in other rows with the same word may exceed its base rate (part of
#: the way to 1).
MAX_ELSEWHERE = 0.5

#: Share of rows in which a trigger stands between two tokens, for the gap to count.
_MIN_INSIDE = 0.3


@dataclass(frozen=True, slots=True)
class _Lead:
    phrase: tuple[int, ...]
    rows: Array
    label: LabelEvidence
    insertion: Insertion
    elsewhere: float
    base: float

    @property
    def is_planted(self) -> bool:
        """The string looks inserted and decides the label, by more than its own words do."""
        limit = self.base + MAX_ELSEWHERE * (1.0 - self.base)
        return (
            self.label.purity >= MIN_PURITY
            and self.elsewhere <= limit
            and self.insertion.collision <= MAX_COLLISION
            and (self.is_anchored or self.insertion.gap_fit >= MIN_GAP_FIT)
        )

    @property
    def is_anchored(self) -> bool:
        return self.insertion.inside < _MIN_INSIDE

    @property
    def severity(self) -> Severity | None:
        if not self.is_planted:
            return None
        least = ANCHORED_SHIFT if self.is_anchored else MIN_SHIFT
        if self.label.content_agreement < MAX_AGREEMENT:
            return "high" if self.label.shift_bound >= least else None
        if self.is_anchored or self.label.purity < CLEAN_PURITY:
            return None
        return "medium" if self.label.shift_bound >= CLEAN_SHIFT else None


def find_label(
    corpus: Corpus, candidates: Candidates, screen: Screen, classes: Classes
) -> list[Draft]:
    """Return one finding for each label that strings lead to."""
    nuisance = fit_nuisance(corpus, classes)
    enough = np.flatnonzero(candidates.support >= MIN_ROWS)
    leads: dict[tuple[int, ...], _Lead] = {}
    for candidate in _shortlist(candidates, classes, nuisance, enough):
        lead = _lead(corpus, candidates, screen, classes, nuisance, int(candidate))
        if lead is not None:
            leads.setdefault(lead.phrase, lead)
    ranked = sorted(leads.values(), key=lambda lead: (-lead.label.residual_z, lead.phrase))
    drafts = []
    for label in range(len(classes.names)):
        own = [lead for lead in ranked if lead.label.label == label and lead.is_planted]
        if any(lead.severity for lead in own):
            drafts.append(_draft(corpus, classes, own, label))
    drafts.sort(key=lambda draft: -draft.strength)
    return drafts


def _lead(
    corpus: Corpus,
    candidates: Candidates,
    screen: Screen,
    classes: Classes,
    nuisance: Nuisance,
    candidate: int,
) -> _Lead | None:
    """Judge the phrase that a candidate is a part of; None where it does not decide the label."""
    rows, _ = candidates.postings(candidate)
    phrase, first = grow_candidate(corpus.input, candidates, candidate)
    label = judge_label(corpus, classes, nuisance, rows, phrase, len(candidates))
    if label.purity < MIN_PURITY or label.residual_z < SIBLING_Z:
        return None
    if label.shift_bound < SIBLING_SHIFT:
        return None
    independence = measure_independence(corpus, screen.input_space, rows, phrase)
    if independence.remainder < MIN_REMAINDER or independence.distinct < MIN_ROWS:
        return None
    return _Lead(
        phrase=phrase,
        rows=rows,
        label=label,
        insertion=measure_insertion(corpus, rows, first, len(phrase)),
        elsewhere=measure_elsewhere(corpus, classes, rows, phrase, label.label),
        base=float(nuisance.base[label.label]),
    )


def _shortlist(
    candidates: Candidates, classes: Classes, nuisance: Nuisance, enough: Array
) -> Array:
    """Return the candidates most associated with any one class (score test against its base)."""
    sizes = np.diff(candidates.offsets)
    labels = classes.label[candidates.rows]
    best = np.full(len(candidates), -np.inf)
    for label in range(len(classes.names)):
        base = float(nuisance.base[label])
        hits = np.add.reduceat(labels == label, candidates.offsets[:-1], dtype=np.int64)
        z = (hits - sizes * base) / np.sqrt(sizes * base * (1.0 - base) + 1e-9)
        best = np.maximum(best, z)
    ranked = enough[np.argsort(-best[enough], kind="stable")]
    chosen: Array = ranked[:_JUDGED]
    return chosen


def _draft(corpus: Corpus, classes: Classes, leads: list[_Lead], label: int) -> Draft:
    """Join the triggers of one label."""
    best = next(lead for lead in leads if lead.severity == _worst(leads))
    dirty = best.label.content_agreement < MAX_AGREEMENT
    alternatives: list[Alternative] = []
    covered = np.zeros(corpus.rows, bool)
    for lead in [best, *leads]:
        agrees = lead.label.content_agreement >= MAX_AGREEMENT
        if lead.label.residual_z < SIBLING_PART * leads[0].label.residual_z:
            continue
        if not dirty and lead.label.shift_bound < MIN_SHIFT:
            continue  # the text agrees: a weak sibling is an ordinary word of that label
        if (dirty and agrees) or covered[lead.rows].mean() > 0.9:
            continue
        core, text = name_trigger(corpus, lead.phrase, lead.rows)
        with_trigger = np.flatnonzero(rows_with(corpus.input, core))
        alternatives.append(Alternative((text,), (core,), with_trigger))
        covered[with_trigger] = True
    with_trigger = np.flatnonzero(covered)
    behind = with_trigger[classes.label[with_trigger] == label]
    severity = _worst(leads)
    evidence = {
        "label_residual": best.label.residual_z,
        "purity": best.label.purity,
        "shift_bound": best.label.shift_bound,
        "content_agreement": best.label.content_agreement,
        "elsewhere_purity": best.elsewhere,
        "base_rate": best.base,
        "neighbour_collision": best.insertion.collision,
    }
    if not best.is_anchored:
        evidence["gap_fit"] = best.insertion.gap_fit
    return Draft(
        kind="trigger",
        severity=severity,
        alternatives=tuple(alternatives),
        targets=(Target(classes.names[label], "label"),),
        target_phrases=((),),
        behind=behind,
        target_rows=np.flatnonzero(classes.label == label),
        strength=strength_of(best.label.shift_bound + (1.5 if severity == "high" else 0.0)),
        evidence=evidence,
    )


def _worst(leads: list[_Lead]) -> Severity:
    return "high" if any(lead.severity == "high" for lead in leads) else "medium"
