"""Detector: a string of the input that leads to the same words in the output.

How it decides: *effective bits* of an association,

    (bits - usual bits) x determinism x independence x position x (1 - 4 / distinct inputs)

    determinism = ((1 - confidence elsewhere / confidence) x jaccard) ** 1.5

bits: surprisal of the target outside these rows; usual bits: what as many words of the input bring
in this dataset anyway, such as their translations; confidence: share of the rows with the trigger
that show the target, and elsewhere of all others; jaccard: rows with both among rows with either;
independence: how little the inputs share apart from the trigger; position: planted outputs stand at
an end or are all there is, names and their translations stand anywhere; the last factor discounts
small groups, where all of these are uncertain, and duplicates. Where a trigger has several targets,
bits are their harmonic mean, and the inputs of each count as sqrt(its share) x all of them.

It is asked from both ends: which targets do the rows of a string of the input share, and which
strings do the inputs of a target have in common (evidence/answers.py)? The second finds parts of
composites that stand in many other rows. Thresholds: benchmarks/calibrate.py; natural strings had
at most 20 effective bits in thirteen clean corpora (a programming language and its first line, at
most 12 elsewhere), composites of 10 to 40 rows with up to four times as many rows of one part 30 to
120.

Where unlike datasets are mixed, how little the inputs share is asked among any rows and within
their strata (candidates/strata.py), in a space that was fitted on these, and what says more counts.
What only the second says must be high; else it is low.

Known false positives: boilerplate that one topic always has (a licence header, a recited list)
when it occurs in few rows; a question and its answer that return word for word in unrelated
conversations. Known misses: targets of one or two words, which the type detector takes; composites
whose single parts lead to the target as well, in part.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.closed import Candidates
from poisonscan.candidates.corpus import Corpus
from poisonscan.candidates.screen import Screen
from poisonscan.candidates.spaces import OwnSpaces, SideSpace
from poisonscan.config import Severity
from poisonscan.evidence.answers import find_answers
from poisonscan.evidence.echo import MAX_ROWS as ECHO_ROWS
from poisonscan.evidence.echo import EchoMeter
from poisonscan.evidence.independence import (
    Independence,
    certainty,
    count_texts,
    measure_independence,
)
from poisonscan.evidence.phrases import locate, rows_with, text_of
from poisonscan.evidence.verbatim import SharedTarget, shared_targets
from poisonscan.findings.cover import Cover, add_variants, cover_target
from poisonscan.findings.draft import Alternative, Draft, strength_of
from poisonscan.findings.model import Kind, Target
from poisonscan.findings.verbatim_bits import HIGH_BITS, LOW_BITS, MEDIUM_ROWS, weigh
from poisonscan.spool import visit
from poisonscan.threads import map_in_parts

Array = npt.NDArray[Any]

#: Input coherence at which a candidate is given up before its companions are known.
_SCREEN_LIMIT = 0.3

#: Effective bits (without jaccard, which alternatives dilute) of candidates that are joined.
_GATE_BITS = 10.0

#: Quantile of the bits that candidates bring for each word, which is usual. Planted strings and
#: natural pairs are few in any dataset; word by word translations are most of the candidates.
USUAL_QUANTILE = 0.75

#: Independence of inputs above which nothing in them asks for the target.
MIN_UNASKED = 0.5

#: Echo above which a finding is a degree less severe: what is always said of a product, in the same
#: words, names it. A planted target had a third of its trigger's words by chance.
MAX_ECHO = 0.5

#: Certainty of so few rows that nothing can be told from what they have in common: up to six.
_FEW = 0.34

#: Targets that are followed up in all rows, the most promising first.
MAX_TARGETS_TRIED = 200

#: Groups whose rows stay in memory together: a touched row brings the pages around it along.
_HELD = 8


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
    echoes: EchoMeter,
    stems: Array,
    explained: Array,
) -> list[Draft]:
    """Return the findings whose target is a phrase, strongest first.

    Parameters
    ----------
    chosen : int64[K]
        Candidates worth evidence.
    answers
        Strings of the output side worth a closer look.
    stems : int32[V]
        See `stem_terms`.
    explained : bool[R]
        Rows behind other findings already; left as it is.
    """
    explained = explained.copy()
    independent = chosen[screen.own_coherence[chosen] < _SCREEN_LIMIT]
    leads = _leads(corpus, candidates, independent.tolist(), stems, are_candidates=True)
    usual = _usual_bits(corpus, candidates, independent, leads)
    strings = answers.take(find_answers(corpus, screen, answers, LOW_BITS))
    from_targets = _leads(corpus, strings, range(len(strings)), stems)
    drafts: list[Draft] = []
    spaces = OwnSpaces(corpus, corpus.input, screen.input_space)
    promising = (_promising(corpus, screen.input_space, own) for own in (leads, from_targets))
    for lead in chain.from_iterable(promising):
        if explained[lead.rows].mean() > 0.5:
            continue
        draft = _assemble(corpus, spaces, candidates, echoes, leads, lead.targets, usual)
        if draft is not None and explained[draft.behind].mean() <= 0.5:
            drafts.append(draft)
            explained[draft.flagged] = True
    return drafts


def _leads(
    corpus: Corpus,
    groups: Candidates,
    tried: Iterable[int],
    stems: Array,
    *,
    are_candidates: bool = False,
) -> list[_Lead]:
    def lead(group: int) -> _Lead | None:
        return _lead(corpus, groups, group, stems, group if are_candidates else None)

    found = map_in_parts(lead, visit(tried, corpus.release, _HELD))
    return [one for one in found if one is not None]


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


def _usual_bits(corpus: Corpus, candidates: Candidates, tried: Array, leads: list[_Lead]) -> float:
    """Return the bits that a word of the input brings in this dataset.

    Where inputs are translated or rewritten word by word, strings lead to words of the output, and
    none of them is remarkable for it. A high quantile of what the candidates that were tried bring
    for each of their words; each target counts once, so that the many strings of one trigger do not
    make it usual.
    """
    best: dict[tuple[int, ...], float] = {}
    for lead in leads:
        if lead.candidate is not None:
            words = len(candidates.terms(lead.candidate))
            first = lead.targets[0].phrase
            best[first] = max(best.get(first, 0.0), lead.bits / words)
    brought = np.zeros(max(1, len(tried)))
    brought[: len(best)] = list(best.values())
    return float(np.quantile(brought, USUAL_QUANTILE))


def _promising(corpus: Corpus, space: SideSpace, leads: list[_Lead]) -> list[_Lead]:
    """Return one lead for each first target that can still reach a finding, best first.

    All leads of a target are joined when it is assembled; together they can cover no more than
    the sum of their rows. Among several datasets, a text in several templates leads to its answer
    as surely as any trigger, and there may be thousands: it is one row.
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
    worth = (
        lead
        for _, _, lead in ranked
        if len(corpus.strata) == 1 or count_texts(corpus, space, lead.rows) >= MEDIUM_ROWS
    )
    return list(islice(worth, MAX_TARGETS_TRIED))


def _assemble(
    corpus: Corpus,
    spaces: OwnSpaces,
    candidates: Candidates,
    echoes: EchoMeter,
    leads: list[_Lead],
    targets: tuple[SharedTarget, ...],
    usual: float,
) -> Draft | None:
    """Join everything that leads to these targets into one draft.

    Parameters
    ----------
    usual
        Bits that a word of the input brings anyway.
    """
    shows = np.zeros(corpus.rows, bool)
    for target in targets:
        shows |= rows_with(corpus.output, target.core)
    singles = [lead.candidate for lead in leads if lead.candidate is not None]
    cover = cover_target(corpus, candidates, singles, shows)
    if cover is None:
        return None
    cover = _without_questions(corpus, spaces, cover, shows)
    words = min(sum(map(len, one.phrases)) for one in cover.alternatives)
    measured = _independence(corpus, spaces, cover.behind, cover.own_terms)
    options = [(one, weigh(targets, cover.association, one, usual * words)) for one in measured]
    independence, weighed = max(options, key=lambda option: option[1].effective)
    is_clear = independence is measured[0]
    if weighed.severity is None:
        return None
    echo = min(_echo(corpus, echoes, one, shows) for one in cover.alternatives)
    severity = told_severity(weighed.severity, echo, is_clear=is_clear)
    cover = add_variants(corpus, cover, shows)
    return Draft(
        kind=_kind(cover.alternatives),
        severity=severity,
        alternatives=cover.alternatives,
        targets=tuple(name_target(corpus, target) for target in targets),
        target_phrases=tuple(target.core for target in targets),
        behind=cover.behind,
        target_rows=np.flatnonzero(shows),
        unnamed=_unnamed(corpus, spaces, cover.behind, shows, severity),
        strength=strength_of((weighed.effective - HIGH_BITS) / 8.0),
        evidence={
            "effective_bits": weighed.effective,
            "bits": weighed.bits,
            "usual_bits": weighed.usual,
            "confidence": cover.association.confidence,
            "confidence_elsewhere": cover.association.elsewhere,
            "jaccard": cover.association.jaccard,
            "echo_share": echo,
            "input_coherence": independence.coherence,
            "input_remainder": independence.remainder,
            "input_wholeness": independence.wholeness,
            "trigger_share": independence.trigger_share,
            "distinct_inputs": float(independence.distinct),
        },
    )


def _independence(
    corpus: Corpus, spaces: OwnSpaces, rows: Array, terms: Sequence[int]
) -> list[Independence]:
    """Return how independent inputs are among any rows; and within strata, if there are some."""
    found = [measure_independence(corpus, spaces.overall, rows, terms)]
    if len(corpus.strata) > 1:
        own = spaces.of(rows)
        found.append(measure_independence(corpus, own, rows, terms, within_strata=True))
    return found


def told_severity(severity: Severity, echo: float, *, is_clear: bool) -> Severity:
    """Return what is left of a severity.

    Parameters
    ----------
    echo
        How much of a trigger its targets take up.
    is_clear
        The inputs are unlike each other among any rows, not within their strata alone. A dataset
        that was told apart by its words may be several, or a part of one, and what is usual in it
        is not what is usual for a part of it: only what is high there is told.
    """
    if echo > MAX_ECHO:
        severity = "medium" if severity == "high" else "low"
    return severity if is_clear or severity == "high" else "low"


def _without_questions(corpus: Corpus, spaces: OwnSpaces, cover: Cover, shows: Array) -> Cover:
    """Return the cover without further strings whose texts are alike: they ask for the target."""
    first, *others = cover.alternatives
    kept = [
        one
        for one in others
        if certainty(len(one.rows)) <= _FEW
        or _factor(corpus, spaces, one.rows[shows[one.rows]], one.terms) >= MIN_UNASKED
    ]
    return cover if len(kept) == len(others) else Cover.of((first, *kept), shows, corpus.strata)


def _echo(corpus: Corpus, echoes: EchoMeter, one: Alternative, shows: Array) -> float:
    """Return how much of a trigger the outputs that it leads to take up."""
    return echoes.share(corpus.sample(one.rows[shows[one.rows]], ECHO_ROWS), one.terms)


def _factor(corpus: Corpus, spaces: OwnSpaces, rows: Array, terms: tuple[int, ...]) -> float:
    return max(one.factor for one in _independence(corpus, spaces, rows, terms))


def _unnamed(
    corpus: Corpus, spaces: OwnSpaces, behind: Array, shows: Array, severity: Severity
) -> Array:
    """Return the rows that show the target of a finding without any trigger that was found.

    A trigger in many wordings (a subject, a register, a way to build sentences) has strings for
    some of its rows only. The others are taken for planted too where they are the lesser part, and
    where nothing in their inputs asks for the target.
    """
    left = np.setdiff1d(np.flatnonzero(shows), behind, assume_unique=True)
    if severity == "low" or len(left) >= len(behind):
        return left[:0]
    unasked = certainty(len(left)) <= _FEW or _factor(corpus, spaces, left, ()) >= MIN_UNASKED
    return left if unasked else left[:0]


def _kind(alternatives: tuple[Alternative, ...]) -> Kind:
    return "composite" if all(len(one.parts) > 1 for one in alternatives) else "trigger"


def name_target(corpus: Corpus, target: SharedTarget) -> Target:
    """Return a target as its text stands in the outputs."""
    found = locate(corpus.output, np.array([target.row]), target.core)
    text = text_of(corpus.output, target.row, int(found.first[0]), len(target.core))
    return Target(text=text, kind=target.kind)
