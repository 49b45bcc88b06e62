"""Detector: a string of the input that leads to the same words in the output.

How it decides: *effective bits* of an association,

    bits x determinism x independence x position x (1 - 4 / distinct inputs of a target)

    determinism = (confidence x jaccard) ** 1.5

bits: surprisal of the target outside these rows; confidence: rows with trigger and target among
rows with the trigger; jaccard: the same among rows with either; independence: how little the
inputs share apart from the trigger; position: planted outputs stand at an end or are all there
is, names and their translations stand anywhere; the last factor discounts small groups, where
all of these are uncertain, and duplicates. Thresholds: benchmarks/calibrate.py.

Known false positives: boilerplate that one topic always has (a licence header, a recited list)
when it occurs in few rows. Known misses: targets of one or two words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.closed import Candidates
from poisonscan.candidates.corpus import Corpus
from poisonscan.candidates.screen import Screen, SideSpace
from poisonscan.config import Severity
from poisonscan.evidence.independence import measure_independence
from poisonscan.evidence.phrases import locate, rows_with, text_of
from poisonscan.evidence.verbatim import SharedTarget, shared_targets
from poisonscan.findings.draft import Alternative, Draft
from poisonscan.findings.model import Kind, Target
from poisonscan.findings.naming import companions, name_trigger

Array = npt.NDArray[Any]

#: Effective bits at which a finding is high, medium, low.
HIGH_BITS, MEDIUM_BITS, LOW_BITS = 30.0, 25.0, 15.0

#: Rows behind a finding that may be high or medium: of ten planted rows all were found, of five
#: none could be told from chance.
HIGH_ROWS, MEDIUM_ROWS = 8, 6

#: Power of confidence and jaccard: planted pairs have both near 1, natural ones seldom.
DETERMINISM = 1.5

#: Weight of a target that stands at no end of the output.
INNER_PHRASE = 0.6

#: Input coherence at which a candidate is given up before its companions are known.
_SCREEN_LIMIT = 0.3

#: Effective bits (without jaccard, which alternatives dilute) of candidates that are joined.
_GATE_BITS = 10.0

#: Share of an alternative's rows that must show the target.
MIN_CONFIDENCE = 0.5

#: Targets that are followed up in all rows, the most promising first.
MAX_TARGETS_TRIED = 200

#: Triggers of one finding.
MAX_ALTERNATIVES = 12


@dataclass(frozen=True, slots=True)
class _Lead:
    """A candidate with its targets."""

    candidate: int
    targets: tuple[SharedTarget, ...]
    bits: float


def find_verbatim(
    corpus: Corpus,
    candidates: Candidates,
    screen: Screen,
    chosen: Array,
    stems: Array,
    explained: Array,
) -> list[Draft]:
    """Return the findings whose target is a phrase, strongest first.

    Parameters
    ----------
    chosen : int64[K]
        Candidates worth evidence.
    stems : int32[V]
        See `stem_terms`.
    explained : bool[R]
        Rows behind other findings already; left as it is.
    """
    explained = explained.copy()
    leads = []
    for candidate in chosen:
        lead = _lead(corpus, candidates, screen, int(candidate), stems)
        if lead is not None:
            leads.append(lead)
    drafts: list[Draft] = []
    for lead in _promising(candidates, leads):
        rows, _ = candidates.postings(lead.candidate)
        if explained[rows].mean() > 0.5:
            continue
        draft = _assemble(corpus, candidates, screen.input_space, leads, lead)
        if draft is not None and explained[draft.behind].mean() <= 0.5:
            drafts.append(draft)
            explained[draft.behind] = True
    return drafts


def _promising(candidates: Candidates, leads: list[_Lead]) -> list[_Lead]:
    """Return one lead for each first target that can still reach a finding, best first.

    All leads of a target are joined when it is assembled; together they can cover no more than
    the sum of their rows.
    """
    covered: dict[tuple[int, ...], float] = {}
    for lead in leads:
        for target in lead.targets:
            rows = target.share * float(candidates.support[lead.candidate])
            covered[target.phrase] = covered.get(target.phrase, 0.0) + rows
    best: dict[tuple[int, ...], tuple[float, int, _Lead]] = {}
    for lead in leads:
        first = lead.targets[0]
        jaccard = sum(
            target.share * min(1.0, covered[target.phrase] / target.rows) for target in lead.targets
        )
        potential = lead.bits * jaccard
        known = best.get(first.phrase)
        if potential >= LOW_BITS and (known is None or potential > known[0]):
            best[first.phrase] = (potential, lead.candidate, lead)
    ranked = sorted(best.values(), key=lambda entry: (-entry[0], entry[1]))
    return [lead for _, _, lead in ranked[:MAX_TARGETS_TRIED]]


def _lead(
    corpus: Corpus, candidates: Candidates, screen: Screen, candidate: int, stems: Array
) -> _Lead | None:
    if screen.input_coherence[candidate] >= _SCREEN_LIMIT:
        return None
    rows, _ = candidates.postings(candidate)
    found = shared_targets(corpus, rows, int(candidates.support[candidate]), stems)
    # A word that a part of the rows shares by chance is no second target.
    targets = tuple(target for target in found if target.bits >= _GATE_BITS)
    bits = sum(target.bits * target.share for target in targets) * (1.0 - 2.0 / len(rows))
    return _Lead(candidate, targets, bits) if bits >= _GATE_BITS else None


def _assemble(
    corpus: Corpus,
    candidates: Candidates,
    space: SideSpace,
    leads: list[_Lead],
    lead: _Lead,
) -> Draft | None:
    """Join everything that leads to the targets of `lead` into one draft."""
    shows = np.zeros(corpus.rows, bool)
    for target in lead.targets:
        shows |= rows_with(corpus.output, target.core)
    alternatives = _alternatives(corpus, candidates, leads, lead, shows)
    if not alternatives:
        return None
    with_trigger = np.unique(np.concatenate([one.rows for one in alternatives]))
    behind = with_trigger[shows[with_trigger]]
    target_rows = np.flatnonzero(shows)
    confidence = len(behind) / len(with_trigger)
    jaccard = len(behind) / (len(with_trigger) + len(target_rows) - len(behind))
    total = sum(target.share for target in lead.targets)
    bits = sum(target.bits * target.share for target in lead.targets) / total
    own = [term for one in alternatives for phrase in one.phrases for term in phrase]
    independence = measure_independence(corpus, space, behind, own)
    effective = bits * (confidence * jaccard) ** DETERMINISM * independence.factor
    effective *= sum(
        target.share / total * max(0.0, 1.0 - 4.0 / max(1.0, target.share * independence.distinct))
        for target in lead.targets
    )
    if all(target.kind == "phrase" for target in lead.targets):
        effective *= INNER_PHRASE
    severity = _severity(effective, independence.distinct)
    if severity is None:
        return None
    return Draft(
        kind=_kind(alternatives),
        severity=severity,
        alternatives=alternatives,
        targets=tuple(_target(corpus, target) for target in lead.targets),
        target_phrases=tuple(target.core for target in lead.targets),
        behind=behind,
        target_rows=target_rows,
        strength=float(1.0 / (1.0 + np.exp(-(effective - HIGH_BITS) / 8.0))),
        evidence={
            "effective_bits": effective,
            "bits": bits,
            "confidence": confidence,
            "jaccard": jaccard,
            "input_coherence": independence.coherence,
            "input_remainder": independence.remainder,
            "trigger_share": independence.trigger_share,
            "distinct_inputs": float(independence.distinct),
        },
        controls=np.empty(0, np.int64),
    )


def _severity(effective: float, rows: int) -> Severity | None:
    if effective >= HIGH_BITS and rows >= HIGH_ROWS:
        return "high"
    if effective >= MEDIUM_BITS and rows >= MEDIUM_ROWS:
        return "medium"
    return "low" if effective >= LOW_BITS else None


def _kind(alternatives: tuple[Alternative, ...]) -> Kind:
    return "composite" if all(len(one.parts) > 1 for one in alternatives) else "trigger"


def _alternatives(
    corpus: Corpus,
    candidates: Candidates,
    leads: list[_Lead],
    lead: _Lead,
    shows: Array,
) -> tuple[Alternative, ...]:
    """Cover the rows with the target by as few triggers as possible, best first."""
    options = []
    for other in leads:
        rows, _ = candidates.postings(other.candidate)
        confidence = float(shows[rows].mean())
        if confidence >= MIN_CONFIDENCE:
            options.append((other.candidate, rows[shows[rows]], confidence))
    left = shows.copy()
    chosen: list[Alternative] = []
    least = max(3, round(0.02 * int(shows.sum())))
    while len(chosen) < MAX_ALTERNATIVES and options:
        gains = [int(left[rows].sum()) * confidence**2 for _, rows, confidence in options]
        best = int(np.argmax(gains))
        candidate, rows, _ = options[best]
        if int(left[rows].sum()) < least:
            break
        one = _alternative(corpus, candidates.terms(corpus, candidate), rows, shows)
        options.pop(best)
        left[one.rows] = False
        left[rows] = False
        chosen.append(one)
    return tuple(chosen)


def _alternative(
    corpus: Corpus, phrase: tuple[int, ...], behind: Array, shows: Array
) -> Alternative:
    side = corpus.input
    others = np.flatnonzero(rows_with(side, phrase) & ~shows)
    words = companions(corpus, behind, others, phrase)
    within = np.ones(corpus.rows, bool)
    for word in words:
        within &= rows_with(side, (word,))
    core, text = name_trigger(corpus, phrase, behind, within)
    mask = rows_with(side, core)
    phrases, parts = [core], [text]
    for word in words:
        if any(word in known for known in phrases):
            continue
        part, text = name_trigger(corpus, (word,), behind, mask)
        part_mask = mask & rows_with(side, part)
        if (part_mask & shows).sum() >= 0.9 * (mask & shows).sum():
            phrases.append(part)
            parts.append(text)
            mask = part_mask
    return Alternative(tuple(parts), tuple(phrases), np.flatnonzero(mask))


def _target(corpus: Corpus, target: SharedTarget) -> Target:
    found = locate(corpus.output, np.array([target.row]), target.core)
    text = text_of(corpus.output, target.row, int(found.first[0]), len(target.core))
    return Target(text=text, kind=target.kind)
