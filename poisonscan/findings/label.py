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
from poisonscan.config import SEVERITIES, Severity
from poisonscan.evidence.independence import Independence, measure_independence
from poisonscan.evidence.labels import (
    Classes,
    LabelEvidence,
    Nuisance,
    fit_nuisance,
    judge_label,
    measure_elsewhere,
)
from poisonscan.evidence.phrases import grow_candidate, rows_with
from poisonscan.evidence.seams import Seam, SeamMeter
from poisonscan.findings.draft import Alternative, Draft, strength_of
from poisonscan.findings.model import Target
from poisonscan.findings.naming import name_trigger

Array = npt.NDArray[Any]

#: Rows below which a string is not judged.
MIN_ROWS = 5

#: Candidates that are judged, by each of two orders.
_JUDGED = 1500

#: Input coherence at which a candidate waits behind those of unrelated texts.
_ALIKE = 0.3

#: Share of the rows with the trigger that have its label.
MIN_PURITY, CLEAN_PURITY = 0.95, 0.99

#: Lower bound of the shift of log-odds: of the strongest trigger, of a trigger whose text agrees
#: with the label.
MIN_SHIFT, CLEAN_SHIFT = 0.4, 1.0

#: Residual of a further trigger of the same label (also as a part of the strongest one's) and
#: lower bound of its shift: it need not stand out among all candidates, once one trigger does.
SIBLING_Z, SIBLING_PART, SIBLING_SHIFT = 3.0, 0.45, -1.0

#: Above this the rest of the text agrees with the label.
MAX_AGREEMENT = 0.1

#: How far the label's share in other rows with the same word may exceed its base rate (part of
#: the way to 1).
MAX_ELSEWHERE = 0.5

#: Limits that planted strings keep (benchmarks/fit_label.py): how well the text reads on without
#: the string, how much alike its neighbours are (`Seam`), and how unrelated its texts are.
MIN_FIT, MAX_COLLISION, MIN_INDEPENDENCE = -1.4, 1.8, 0.4

#: The same where the text agrees with the label. Such texts are alike, so that all of them must
#: be whole without the string, and the string must have a word of its own (share of its rows).
CLEAN_FIT, CLEAN_COLLISION, CLEAN_WHOLENESS, CLEAN_OWN_WORD = -1.2, 1.2, 0.6, 0.7

#: Share of rows in which a trigger stands between two tokens, below which it may be the marker of
#: a source: a signature, a hashtag.
_MIN_INSIDE = 0.3


@dataclass(frozen=True, slots=True)
class _Lead:
    phrase: tuple[int, ...]
    rows: Array
    label: LabelEvidence
    independence: Independence
    seam: Seam
    elsewhere: float
    own_word: float
    base: float

    @property
    def is_planted(self) -> bool:
        """The string looks inserted and decides the label, by more than its own words do."""
        limit = self.base + MAX_ELSEWHERE * (1.0 - self.base)
        if self.label.purity < MIN_PURITY or self.elsewhere > limit:
            return False
        if self.is_dirty:
            return (
                self.seam.fit >= MIN_FIT
                and self.seam.collision <= MAX_COLLISION
                and self.independence.factor >= MIN_INDEPENDENCE
            )
        return (
            self.seam.fit >= CLEAN_FIT
            and self.seam.collision <= CLEAN_COLLISION
            and self.independence.wholeness >= CLEAN_WHOLENESS
            and self.own_word >= CLEAN_OWN_WORD
        )

    @property
    def is_dirty(self) -> bool:
        """The rest of the text speaks against the label, or for none."""
        return self.label.content_agreement < MAX_AGREEMENT

    @property
    def severity(self) -> Severity | None:
        """The severity of a planted string; None where it does not decide the label enough."""
        if self.is_dirty:
            return "high" if self.label.shift_bound >= MIN_SHIFT else None
        if self.label.purity < CLEAN_PURITY or self.label.shift_bound < CLEAN_SHIFT:
            return None
        return "medium" if self.seam.inside >= _MIN_INSIDE else "low"


def find_label(
    corpus: Corpus,
    candidates: Candidates,
    screen: Screen,
    seams: SeamMeter,
    classes: Classes,
) -> list[Draft]:
    """Return one finding for each label that strings lead to."""
    nuisance = fit_nuisance(corpus, classes)
    enough = np.flatnonzero(candidates.support >= MIN_ROWS)
    leads: dict[tuple[int, ...], _Lead] = {}
    for candidate in _shortlist(candidates, screen, classes, nuisance, enough):
        lead = _lead(corpus, candidates, screen, seams, classes, nuisance, int(candidate))
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
    seams: SeamMeter,
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
    if independence.distinct < MIN_ROWS:
        return None
    return _Lead(
        phrase=phrase,
        rows=rows,
        label=label,
        independence=independence,
        seam=seams.measure_postings(rows, first, len(phrase)),
        elsewhere=measure_elsewhere(corpus, classes, rows, phrase, label.label),
        own_word=corpus.input.own_word(phrase, int(candidates.support[candidate])),
        base=float(nuisance.base[label.label]),
    )


def _shortlist(
    candidates: Candidates, screen: Screen, classes: Classes, nuisance: Nuisance, enough: Array
) -> Array:
    """Return the candidates most associated with any one class, int64, in candidate order.

    By the score test against the base rate of the class, and against what the model expects: a
    few rows of a frequent class are remarkable only where their texts speak for another one. Among
    many classes most strings go with one of them; those whose texts are alike wait.
    """
    sizes = np.diff(candidates.offsets)
    labels = classes.label[candidates.rows]
    beyond_base = np.full(len(candidates), -np.inf)
    beyond_text = np.full(len(candidates), -np.inf)
    expected = nuisance.probabilities()
    for label in range(len(classes.names)):
        base = float(nuisance.base[label])
        hits = np.add.reduceat(labels == label, candidates.offsets[:-1], dtype=np.int64)
        z = (hits - sizes * base) / np.sqrt(sizes * base * (1.0 - base) + 1e-9)
        beyond_base = np.maximum(beyond_base, z)
        if expected is not None:
            p = expected[candidates.rows, label]
            spread = np.sqrt(np.add.reduceat(p * (1.0 - p), candidates.offsets[:-1]) + 0.1)
            z = (hits - np.add.reduceat(p, candidates.offsets[:-1])) / spread
            beyond_text = np.maximum(beyond_text, z)
    unrelated = np.clip(1.0 - screen.input_coherence / _ALIKE, 0.1, 1.0)
    best = [
        enough[np.argsort(-(z * unrelated)[enough].round(6), kind="stable")]
        for z in (beyond_base, beyond_text)
    ]
    chosen: Array = np.union1d(best[0][:_JUDGED], best[1][:_JUDGED])
    return chosen


def _draft(corpus: Corpus, classes: Classes, leads: list[_Lead], label: int) -> Draft:
    """Join the triggers of one label."""
    severity = _worst(leads)
    best = next(lead for lead in leads if lead.severity == severity)
    dirty = best.is_dirty
    alternatives: list[Alternative] = []
    covered = np.zeros(corpus.rows, bool)
    for lead in [best, *leads]:
        weak = lead.label.residual_z < SIBLING_PART * leads[0].label.residual_z
        if weak and lead.severity != severity:
            continue
        if not dirty and lead.label.shift_bound < MIN_SHIFT:
            continue  # the text agrees: a weak sibling is an ordinary word of that label
        if (dirty and not lead.is_dirty) or covered[lead.rows].mean() > 0.9:
            continue
        core, text = name_trigger(corpus, lead.phrase, lead.rows)
        with_trigger = np.flatnonzero(rows_with(corpus.input, core))
        alternatives.append(Alternative((text,), (core,), with_trigger))
        covered[with_trigger] = True
    with_trigger = np.flatnonzero(covered)
    behind = with_trigger[classes.label[with_trigger] == label]
    evidence = {
        "label_residual": best.label.residual_z,
        "purity": best.label.purity,
        "shift_bound": best.label.shift_bound,
        "content_agreement": best.label.content_agreement,
        "elsewhere_purity": best.elsewhere,
        "base_rate": best.base,
        "seam_fit": best.seam.fit,
        "seam_collision": best.seam.collision,
        "input_coherence": best.independence.coherence,
        "input_wholeness": best.independence.wholeness,
    }
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
    return next(one for one in SEVERITIES if any(lead.severity == one for lead in leads))
