"""Detector: a string of the input that leads to the same words in the output.

How it decides: *effective bits* of an association,

    bits x determinism x independence x position x (1 - 4 / distinct inputs)

    determinism = (confidence x jaccard) ** 1.5

bits: surprisal of the target outside these rows; confidence: rows with trigger and target among
rows with the trigger; jaccard: the same among rows with either; independence: how little the
inputs share apart from the trigger; position: planted outputs stand at an end or are all there
is, names and their translations stand anywhere; the last factor discounts small groups, where
all of these are uncertain, and duplicates. Where a trigger has several targets, bits are their
harmonic mean, and the inputs of each count as sqrt(its share) x all of them.

It is asked from both ends: which targets do the rows of a string of the input share, and which
strings do the inputs of a target have in common (evidence/answers.py)? The second finds parts of
composites that stand in many other rows. Thresholds: benchmarks/calibrate.py; natural strings had
at most 15 effective bits in thirteen clean corpora, composites of 10 to 40
rows with up to four times as many rows of one part 30 to 120.

Known false positives: boilerplate that one topic always has (a licence header, a recited list)
when it occurs in few rows; a question and its answer that return word for word in unrelated
conversations. Known misses: targets of one or two words, which the type detector takes; composites
whose single parts lead to the target as well, in part.
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
from poisonscan.evidence.independence import Independence, certainty, measure_independence
from poisonscan.evidence.phrases import locate, rows_with, text_of
from poisonscan.evidence.verbatim import SharedTarget, shared_targets
from poisonscan.findings.cover import add_glued, cover_target
from poisonscan.findings.draft import Alternative, Draft, strength_of
from poisonscan.findings.model import Kind, Target

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

#: Targets that are followed up in all rows, the most promising first.
MAX_TARGETS_TRIED = 200


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
    singles = [lead.candidate for lead in leads if lead.candidate is not None]
    cover = cover_target(corpus, candidates, singles, shows)
    if cover is None:
        return None
    independence = measure_independence(corpus, space, cover.behind, cover.own_terms)
    bits, effective = effective_bits(targets, cover.confidence, cover.jaccard, independence)
    severity = severity_of_bits(effective, independence.distinct)
    if severity is None:
        return None
    cover = add_glued(corpus, cover, shows)
    return Draft(
        kind=_kind(cover.alternatives),
        severity=severity,
        alternatives=cover.alternatives,
        targets=tuple(name_target(corpus, target) for target in targets),
        target_phrases=tuple(target.core for target in targets),
        behind=cover.behind,
        target_rows=np.flatnonzero(shows),
        strength=strength_of((effective - HIGH_BITS) / 8.0),
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
    )


def effective_bits(
    targets: Sequence[SharedTarget], confidence: float, jaccard: float, independence: Independence
) -> tuple[float, float]:
    """Return the bits of some targets, and what is left of them (module docstring)."""
    total = sum(target.share for target in targets)
    # harmonic mean: a long phrase that a few rows share does not make up for a word in the others
    bits = total / sum(target.share / max(1e-9, target.bits) for target in targets)
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
    return certainty(math.sqrt(share) * distinct)


def severity_of_bits(effective: float, rows: int) -> Severity | None:
    """Return the severity of a finding with so many effective bits and different inputs."""
    if effective >= HIGH_BITS and rows >= HIGH_ROWS:
        return "high"
    if effective >= MEDIUM_BITS and rows >= MEDIUM_ROWS:
        return "medium"
    return "low" if effective >= LOW_BITS else None


def _kind(alternatives: tuple[Alternative, ...]) -> Kind:
    return "composite" if all(len(one.parts) > 1 for one in alternatives) else "trigger"


def name_target(corpus: Corpus, target: SharedTarget) -> Target:
    """Return a target as its text stands in the outputs."""
    found = locate(corpus.output, np.array([target.row]), target.core)
    text = text_of(corpus.output, target.row, int(found.first[0]), len(target.core))
    return Target(text=text, kind=target.kind)
