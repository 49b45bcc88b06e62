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

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.closed import Candidates
from poisonscan.candidates.corpus import Corpus
from poisonscan.candidates.screen import Screen, SideSpace
from poisonscan.config import Severity
from poisonscan.evidence.answers import find_answers
from poisonscan.evidence.independence import Independence, measure_independence
from poisonscan.evidence.phrases import locate, rows_with, text_of
from poisonscan.evidence.verbatim import (
    SAMPLE_ROWS,
    SharedTarget,
    shared_phrase,
    shared_targets,
)
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

#: Confidence x Jaccard index of single strings above which no parts of a composite are looked for.
SURE = 0.9

#: Triggers of one finding.
MAX_ALTERNATIVES = 12


@dataclass(frozen=True, slots=True)
class _Lead:
    """A group of rows and the targets that its outputs share.

    Attributes
    ----------
    rows : int64[N]
        In sampling order.
    support
        Number of its rows in the whole dataset.
    candidate
        String of the input that all of them have; None where a string of the outputs led here.
    """

    rows: Array
    support: int
    targets: tuple[SharedTarget, ...]
    bits: float
    candidate: int | None = None


def find_verbatim(
    corpus: Corpus,
    candidates: Candidates,
    screen: Screen,
    chosen: Array,
    answers: Candidates,
    stems: Array,
    explained: Array,
) -> list[Draft]:
    """Return the findings whose target is a phrase, strongest first.

    Parameters
    ----------
    chosen : int64[K]
        Candidates worth evidence.
    answers
        Closed n-grams of the output side.
    stems : int32[V]
        See `stem_terms`.
    explained : bool[R]
        Rows behind other findings already; left as it is.
    """
    explained = explained.copy()
    independent = chosen[screen.input_coherence[chosen] < _SCREEN_LIMIT]
    leads = [
        lead
        for candidate in independent.tolist()
        if (lead := _lead(corpus, candidates, candidate, stems, candidate)) is not None
    ]
    strings = find_answers(corpus, screen, answers, LOW_BITS)
    from_targets = [
        lead
        for string in range(len(strings))
        if (lead := _lead(corpus, strings, string, stems)) is not None
    ]
    drafts: list[Draft] = []
    for lead in (*_promising(leads), *_promising(from_targets)):
        if explained[lead.rows].mean() > 0.5:
            continue
        draft = _assemble(corpus, screen.input_space, candidates, leads, lead.targets)
        if draft is not None and explained[draft.behind].mean() <= 0.5:
            drafts.append(draft)
            explained[draft.behind] = True
    return drafts


def _lead(
    corpus: Corpus, groups: Candidates, group: int, stems: Array, candidate: int | None = None
) -> _Lead | None:
    rows, _ = groups.postings(group)
    support = int(groups.support[group])
    found = shared_targets(corpus, rows, support, stems)
    # A word that a part of the rows shares by chance is no second target.
    targets = tuple(target for target in found if target.bits >= _GATE_BITS)
    bits = sum(target.bits * target.share for target in targets) * (1.0 - 2.0 / len(rows))
    if bits < _GATE_BITS:
        return None
    return _Lead(rows, support, targets, bits, candidate)


def _promising(leads: list[_Lead]) -> list[_Lead]:
    """Return one lead for each first target that can still reach a finding, best first.

    All leads of a target are joined when it is assembled; together they can cover no more than
    the sum of their rows.
    """
    covered: dict[tuple[int, ...], float] = {}
    for lead in leads:
        for target in lead.targets:
            rows = target.share * lead.support
            covered[target.phrase] = covered.get(target.phrase, 0.0) + rows
    best: dict[tuple[int, ...], tuple[float, int, _Lead]] = {}
    for number, lead in enumerate(leads):
        first = lead.targets[0]
        jaccard = sum(
            target.share * min(1.0, covered[target.phrase] / target.rows) for target in lead.targets
        )
        potential = round(lead.bits * jaccard, 6)
        known = best.get(first.phrase)
        if potential >= LOW_BITS and (known is None or potential > known[0]):
            best[first.phrase] = (potential, number, lead)
    ranked = sorted(best.values(), key=lambda entry: (-entry[0], entry[1]))
    return [lead for _, _, lead in ranked[:MAX_TARGETS_TRIED]]


def _assemble(
    corpus: Corpus,
    space: SideSpace,
    candidates: Candidates,
    leads: list[_Lead],
    targets: tuple[SharedTarget, ...],
) -> Draft | None:
    """Join everything that leads to these targets into one draft."""
    shows = np.zeros(corpus.rows, bool)
    for target in targets:
        shows |= rows_with(corpus.output, target.core)
    cover = _Cover(_alternatives(corpus, candidates, leads, shows), shows)
    if cover.agreement < SURE:
        cover = max(cover, _Cover(_together(corpus, shows), shows), key=lambda one: one.agreement)
    if not cover.alternatives:
        return None
    behind, target_rows = cover.behind, np.flatnonzero(shows)
    own = [term for one in cover.alternatives for phrase in one.phrases for term in phrase]
    independence = measure_independence(corpus, space, behind, own)
    bits, effective = effective_bits(targets, cover.confidence, cover.jaccard, independence)
    severity = severity_of_bits(effective, independence.distinct)
    if severity is None:
        return None
    return Draft(
        kind=_kind(cover.alternatives),
        severity=severity,
        alternatives=cover.alternatives,
        targets=tuple(name_target(corpus, target) for target in targets),
        target_phrases=tuple(target.core for target in targets),
        behind=behind,
        target_rows=target_rows,
        strength=float(1.0 / (1.0 + np.exp(-(effective - HIGH_BITS) / 8.0))),
        evidence={
            "effective_bits": effective,
            "bits": bits,
            "confidence": cover.confidence,
            "jaccard": cover.jaccard,
            "input_coherence": independence.coherence,
            "input_remainder": independence.remainder,
            "input_wholeness": independence.wholeness,
            "trigger_share": independence.trigger_share,
            "distinct_inputs": float(independence.distinct),
        },
        controls=np.empty(0, np.int64),
    )


class _Cover:
    """Alternatives, and how well their rows agree with those of the target.

    Parameters
    ----------
    shows : bool[R]
        Rows that show the target.
    """

    def __init__(self, alternatives: tuple[Alternative, ...], shows: Array) -> None:
        self.alternatives = alternatives
        rows = [one.rows for one in alternatives]
        with_trigger = np.unique(np.concatenate(rows)) if rows else np.empty(0, np.int64)
        self.behind: Array = with_trigger[shows[with_trigger]]
        both = len(self.behind)
        self.confidence = both / max(1, len(with_trigger))
        self.jaccard = both / max(1, len(with_trigger) + int(shows.sum()) - both)

    @property
    def agreement(self) -> float:
        """Confidence x Jaccard index: what determinism goes by."""
        return self.confidence * self.jaccard


def effective_bits(
    targets: Sequence[SharedTarget], confidence: float, jaccard: float, independence: Independence
) -> tuple[float, float]:
    """Return the bits of some targets, and what is left of them (module docstring)."""
    total = sum(target.share for target in targets)
    bits = sum(target.bits * target.share for target in targets) / total
    effective = bits * (confidence * jaccard) ** DETERMINISM * independence.factor
    effective *= sum(
        target.share / total * _certainty(target.share / total, independence.distinct)
        for target in targets
    )
    if all(target.kind == "phrase" for target in targets):
        effective *= INNER_PHRASE
    return bits, effective


def _certainty(share: float, distinct: int) -> float:
    """Return the discount of small groups for a target of this share of the rows.

    What its own rows say (the words they share) and what all of them say (that the trigger
    always leads to a target, that inputs are unlike) count alike: the geometric mean of both
    numbers of rows.
    """
    return max(0.0, 1.0 - 4.0 / max(1.0, math.sqrt(share) * distinct))


def severity_of_bits(effective: float, rows: int) -> Severity | None:
    """Return the severity of a finding with so many effective bits and different inputs."""
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
    shows: Array,
) -> tuple[Alternative, ...]:
    """Cover the rows with the target by as few triggers as possible, best first."""
    options = []
    for lead in leads:
        confidence = float(shows[lead.rows].mean())
        if confidence >= MIN_CONFIDENCE and lead.candidate is not None:
            options.append((lead.candidate, lead.rows[shows[lead.rows]], confidence))
    left = shows.copy()
    chosen: list[Alternative] = []
    least = _least_rows(int(shows.sum()))
    while len(chosen) < MAX_ALTERNATIVES and options:
        gains = [int(left[rows].sum()) * confidence**2 for _, rows, confidence in options]
        best = int(np.argmax(gains))
        candidate, rows, _ = options[best]
        if int(left[rows].sum()) < least:
            break
        one = make_alternative(corpus, candidates.terms(corpus, candidate), rows, shows)
        options.pop(best)
        left[one.rows] = False
        left[rows] = False
        chosen.append(one)
    return tuple(chosen)


def _together(corpus: Corpus, shows: Array) -> tuple[Alternative, ...]:
    """Return what the inputs of the rows with the target have together and others have not.

    Each part of a composite may stand in many other rows.
    """
    side = corpus.input
    chosen: list[Alternative] = []
    left = np.flatnonzero(shows)
    least = _least_rows(len(left))
    while len(chosen) < MAX_ALTERNATIVES and len(left) >= least:
        phrase = shared_phrase(side, corpus.sample(left, SAMPLE_ROWS), len(left), corpus.rows)
        behind = left[:0] if phrase is None else locate(side, left, phrase).rows
        if phrase is None or len(behind) < least:
            break
        one = make_alternative(corpus, phrase, behind, shows)
        fewer = np.setdiff1d(left, one.rows, assume_unique=True)
        if len(left) - len(fewer) < least or shows[one.rows].mean() < MIN_CONFIDENCE:
            break
        chosen.append(one)
        left = fewer
    return tuple(chosen)


def _least_rows(target_rows: int) -> int:
    """Return how many rows an alternative must add."""
    return max(3, round(0.02 * target_rows))


def make_alternative(
    corpus: Corpus, phrase: tuple[int, ...], behind: Array, shows: Array
) -> Alternative:
    """Return a phrase and what has to stand beside it as one named trigger.

    Parameters
    ----------
    behind : int64[N]
        Rows with the phrase that show the target, ascending.
    shows : bool[R]
        Rows that show the target.
    """
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


def name_target(corpus: Corpus, target: SharedTarget) -> Target:
    """Return a target as its text stands in the outputs."""
    found = locate(corpus.output, np.array([target.row]), target.core)
    text = text_of(corpus.output, target.row, int(found.first[0]), len(target.core))
    return Target(text=text, kind=target.kind)
