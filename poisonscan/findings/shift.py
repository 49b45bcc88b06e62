"""Detector: a string of the input that changes the *type* of the output.

How it decides: for strings whose inputs are unrelated, the matched t of the output's style (or
cluster), times the independence of the inputs, times how much better than chance the outputs
tell the group from its controls, less what the masked inputs tell. Thresholds:
benchmarks/calibrate.py.

Known false positives: words that name the form of the answer (a language, "haiku", "recipe"); a
task ("Is this message polite? Answer yes or no.") put before messages like those of other rows.
That is why a switch of topic or language alone (the cluster) is never high. Known misses: fewer
than eight rows; outputs that change in nothing that is measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.closed import Candidates
from poisonscan.candidates.corpus import Corpus
from poisonscan.candidates.screen import Screen
from poisonscan.config import Severity
from poisonscan.evidence.independence import Independence, measure_independence
from poisonscan.evidence.labels import Classes
from poisonscan.evidence.phrases import rows_with
from poisonscan.evidence.shift import Shift, ShiftMeter
from poisonscan.findings.draft import Alternative, Draft
from poisonscan.findings.model import Target
from poisonscan.findings.naming import name_trigger

Array = npt.NDArray[Any]

#: Strength of a style shift at which a finding is high, medium, low.
HIGH_STYLE, MEDIUM_STYLE, LOW_STYLE = 9.0, 8.5, 7.0

#: Strength of a cluster shift at which a finding is medium, low.
MEDIUM_CLUSTER, LOW_CLUSTER = 12.0, 10.0

#: Different inputs below which a shift cannot be told from chance.
MIN_ROWS = 8

#: Candidates that are compared with matched controls, and those of them that are classified.
_COMPARED, _CLASSIFIED = 150, 40

#: Of these, the ones whose outputs a sentence-transformers model reads: up to 192 texts each, at
#: fewer than a hundred texts a second.
_ENCODED = 8

#: Words that a type of output is described by.
_TYPICAL_WORDS = 4


@dataclass(frozen=True, slots=True)
class _Lead:
    candidate: int
    independence: Independence
    shift: Shift

    @property
    def potential(self) -> float:
        largest = max(self.shift.style_t, self.shift.cluster_t)
        return largest * self.independence.factor


def find_shift(
    corpus: Corpus,
    candidates: Candidates,
    screen: Screen,
    meter: ShiftMeter,
    explained: Array,
    classes: Classes | None,
) -> list[Draft]:
    """Return the findings whose target is a type of output, strongest first.

    Parameters
    ----------
    classes
        The labels, where the dataset is a classification task: label words change the label, so
        only strings whose outputs are mostly *no* label are looked at.
    explained : bool[R]
        Rows behind other findings already; left as it is.
    """
    explained = explained.copy()
    leads = []
    for candidate in _shortlist(candidates, screen):
        rows, _ = candidates.postings(int(candidate))
        if explained[rows].mean() > 0.5:
            continue
        if classes is not None and (classes.label[rows] >= 0).mean() > 0.5:
            continue
        lead = _lead(corpus, candidates, screen, meter, int(candidate))
        if lead is not None and lead.potential >= LOW_STYLE:
            leads.append(lead)
    leads.sort(key=lambda lead: (-lead.potential, lead.candidate))
    drafts = []
    for place, lead in enumerate(leads[:_CLASSIFIED]):
        draft = _draft(corpus, candidates, meter, lead, encode=place < _ENCODED)
        if draft is not None:
            drafts.append(draft)
    drafts.sort(key=lambda draft: -draft.strength)
    kept: list[Draft] = []
    for draft in drafts:
        if explained[draft.behind].mean() <= 0.5:
            kept.append(draft)
            explained[draft.behind] = True
    return kept


def _shortlist(candidates: Candidates, screen: Screen) -> Array:
    independent = np.clip(1.0 - screen.input_coherence / 0.2, 0.0, 1.0)
    independent *= candidates.support >= MIN_ROWS
    size = np.sqrt(np.minimum(candidates.support, 64))
    style = np.argsort(-screen.style_shift * independent, kind="stable")[:_COMPARED]
    topic = np.argsort(-screen.output_topic * independent * size, kind="stable")[:_COMPARED]
    chosen: Array = np.unique(np.concatenate([style, topic]))
    return chosen


def _lead(
    corpus: Corpus, candidates: Candidates, screen: Screen, meter: ShiftMeter, candidate: int
) -> _Lead | None:
    rows, _ = candidates.postings(candidate)
    own = candidates.terms(corpus, candidate)
    independence = measure_independence(corpus, screen.input_space, rows, own)
    if independence.factor == 0.0 or independence.distinct < MIN_ROWS:
        return None
    shift = meter.measure(rows, rows)
    return None if shift is None else _Lead(candidate, independence, shift)


def _draft(
    corpus: Corpus, candidates: Candidates, meter: ShiftMeter, lead: _Lead, *, encode: bool
) -> Draft | None:
    rows, _ = candidates.postings(lead.candidate)
    own = candidates.terms(corpus, lead.candidate)
    shift = lead.shift
    output_auc, input_auc = meter.separation(rows, shift.controls, own, encode=encode)
    told = max(0.0, 2.0 * output_auc - 1.0) * min(1.0, max(0.0, 2.0 - 2.0 * input_auc))
    factor = lead.independence.factor
    style = shift.style_t * factor * told
    cluster = shift.cluster_t * factor**2 * told
    severity = _severity(style, cluster)
    if severity is None:
        return None
    core, text = name_trigger(corpus, own, np.sort(rows))
    with_trigger = np.flatnonzero(rows_with(corpus.input, core))
    by_style = style / HIGH_STYLE >= cluster / MEDIUM_CLUSTER
    behind = with_trigger
    if not by_style:
        behind = with_trigger[meter.assign(with_trigger) == shift.cluster]
    strength = max(style / HIGH_STYLE, 0.9 * cluster / MEDIUM_CLUSTER)
    return Draft(
        kind="trigger",
        severity=severity,
        alternatives=(Alternative((text,), (core,), with_trigger),),
        targets=(Target(_type_name(corpus, shift, behind, by_style), "type"),),
        target_phrases=((),),
        behind=behind,
        target_rows=behind,
        strength=float(1.0 / (1.0 + np.exp(-4.0 * (strength - 1.0)))),
        evidence={
            "output_shift": style if by_style else cluster,
            "style_t": shift.style_t,
            "cluster_t": shift.cluster_t,
            "cluster_share": shift.cluster_share,
            "cluster_share_of_controls": shift.control_share,
            "output_auc": output_auc,
            "input_auc": input_auc,
            "input_coherence": lead.independence.coherence,
            "input_remainder": lead.independence.remainder,
            "trigger_share": lead.independence.trigger_share,
            "distinct_inputs": float(lead.independence.distinct),
        },
        controls=shift.controls[:16],
    )


def _severity(style: float, cluster: float) -> Severity | None:
    if style >= HIGH_STYLE:
        return "high"
    if style >= MEDIUM_STYLE or cluster >= MEDIUM_CLUSTER:
        return "medium"
    return "low" if style >= LOW_STYLE or cluster >= LOW_CLUSTER else None


_STYLE_WORDS = {
    "length": ("longer", "shorter"),
    "digits": ("more digits", "fewer digits"),
    "symbols": ("more punctuation and symbols", "less punctuation and symbols"),
    "capitals": ("more capitalised words", "fewer capitalised words"),
    "foreign_letters": ("more letters beyond ASCII", "fewer letters beyond ASCII"),
    "rare_words": ("more rare words", "fewer rare words"),
    "new_word_pairs": ("words in no usual order (gibberish)", "words in the most usual order"),
    "repetition": ("more repetition", "less repetition"),
}


def _type_name(corpus: Corpus, shift: Shift, behind: Array, by_style: bool) -> str:
    if by_style:
        more, less = _STYLE_WORDS[shift.style_column]
        return more if shift.style_difference > 0 else less
    words = ", ".join(_typical_words(corpus, behind))
    return f"outputs of one kind, with words such as {words}" if words else "outputs of one kind"


def _typical_words(corpus: Corpus, rows: Array) -> list[str]:
    """Return the words that many of these outputs have and few others.

    A name that does not depend on the seed of the clusters; ties go by the alphabet.
    """
    inside = corpus.output.count_terms(rows) / max(1, len(rows))
    overall = corpus.output.term_rows / corpus.rows
    weight = inside * np.log(np.maximum(inside, 1e-9) / np.maximum(overall, 1e-9))
    ranked = np.argsort(-weight.round(9), kind="stable")
    typical = (corpus.vocabulary[term] for term in ranked if weight[term] > 0.0)
    return list(islice(filter(str.isalnum, typical), _TYPICAL_WORDS))
