"""Detector: a string of the input that changes the *type* of the output.

How it decides: a few hundred candidates whose outputs lie where the inputs do not lead to
(candidates/expectation.py) are compared with the most similar rows without them
(evidence/shift.py). A fitted model (findings/shift_model.py) weighs how far the outputs are
shifted against everything that makes a natural cause likely: inputs that are alike, a template, a
string that the text around it needs, no comparable rows. Thresholds: benchmarks/fit_shift.py.

Where unlike datasets are mixed, inputs of one are alike among any rows. They may be unlike each
other within their strata (candidates/strata.py) instead; then only what is high and sure is told.

Known false positives: words that name the form of the answer and stand anywhere ("in C++").
Known misses: fewer than eight rows; outputs that differ in what is not measured (a rude remark in
an otherwise ordinary answer, from ten rows).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.corpus import Corpus
from poisonscan.candidates.expectation import MAX_ROWS
from poisonscan.config import SEVERITIES, Severity
from poisonscan.evidence.labels import Classes
from poisonscan.evidence.partings import rows_parted
from poisonscan.evidence.phrases import rows_having
from poisonscan.evidence.seams import Seam
from poisonscan.evidence.shift import Shift, sharpening
from poisonscan.findings.cover import make_alternative
from poisonscan.findings.draft import Alternative, Draft, strength_of
from poisonscan.findings.model import Target
from poisonscan.findings.naming import companions
from poisonscan.findings.shift_judge import Lead, ShiftJudge
from poisonscan.findings.shift_model import (
    DOUBT_COST,
    HIGH_SCORE,
    LOW_SCORE,
    MAX_DOUBTS,
    MEDIUM_SCORE,
    ShiftFeatures,
)
from poisonscan.findings.spellings import rows_with_text
from poisonscan.threads import map_in_parts

Array = npt.NDArray[Any]

#: Misfit of the seam (see `ShiftFeatures`) above which a score below `HIGH_SCORE` is low. Headings
#: of a manual in six languages, and "I think" before what patients think, had 0.6 to 1.0 and scores
#: of 0.98 to 1.5; planted strings of such scores had less than 0.4.
MAX_MEDIUM_MISFIT = 0.5

#: Area under the curve by which outputs must tell a group from its controls in a finding that is
#: high, and in one that is more than low: a shift of small size is sure in enough rows. Planted
#: outputs of six types tell 0.91 and more, insecure code among code 0.67, a trigger half of whose
#: outputs are as they were 0.59; the marks of dictionaries 0.48 to 0.74.
MIN_TOLD_HIGH, MIN_TOLD = 0.8, 0.55

#: Leads whose outputs a sentence-transformers model reads: up to 256 texts each, at fewer than a
#: hundred texts a second.
_ENCODED = 8

#: Leads that a thread compares at a time.
_PART = 4

#: Area under the curve from which on the inputs of a group tell it from its controls, and nothing
#: is high, nor more than low of several parts, which were found by what their outputs have in
#: common: words of a subject in Japanese had 0.7 to 0.9, one row copied in other words 0.63 to
#: 0.75, 54 planted strings at most 0.36. And how many pairs are told wrong by their outputs, for
#: each that is by their inputs, if these say as much: natural strings 0.7 and more; planted ones
#: hardly ever reach the former, and have up to 0.3 then.
_TOLD_APART, _AS_MUCH = 0.65, 0.6

#: The same of a finding that is more than low, where outputs are told by less than `MIN_TOLD_HIGH`,
#: or inputs are unlike each other within their strata alone.
_TOLD_A_LITTLE = 0.6

#: Rows with a string inside of other words, for each row with it as a word, above which it is an
#: ordinary part of words.
_MOST_GLUED = 4

#: Rows with a word of a string, for each row with the string, up to which they are looked at.
_MOST_ALONE = 4

#: Rows of a string that tell whether a word may act together with it.
_SAMPLED = 128

#: Share of a string's rows that must be of the type, and differ, where its inputs are unlike each
#: other within their strata alone: "That's all for now." is answered with a good day in two cases
#: of three, and half of its rows say nothing more than thanks.
_MOST_SURE = 0.8

#: Cosine of two shifts that are the same.
_SAME_SHIFT = 0.8

#: Words that a type of output is described by.
_TYPICAL_WORDS = 4


def find_shift(judge: ShiftJudge, explained: Array, classes: Classes | None) -> list[Draft]:
    """Return the findings whose target is a type of output, strongest first.

    Parameters
    ----------
    classes
        The labels, where the dataset is a classification task: label words change the label, so
        only strings whose outputs are mostly *no* label are looked at.
    explained : bool[R]
        Rows behind other findings already; left as it is.
    """

    def compare(candidate: int) -> Lead | None:
        rows, _ = judge.candidates.postings(candidate)
        if classes is not None and (classes.label[rows] >= 0).mean() > 0.5:
            return None
        return judge.compare(candidate, explained)

    compared = map_in_parts(compare, judge.shortlist().tolist(), _PART)
    leads = [lead for lead in compared if lead is not None]
    leads.sort(key=lambda lead: (-judge.promise(lead), lead.candidate))
    encoded = _ENCODED if judge.meter.has_encoder else 0
    read = [_draft(judge, lead, encode=True) for lead in leads[:encoded]]
    promising = [lead for lead in leads[encoded:] if judge.promise(lead) >= LOW_SCORE]
    others = map_in_parts(lambda lead: _draft(judge, lead, encode=False), promising, _PART)
    judged = [found for found in (*read, *others) if found is not None]
    judged.sort(key=_rank)
    return [_with_glued_rows(judge, one) for one in _strongest(judged, explained)]


@dataclass(frozen=True, slots=True)
class _Judged:
    """A draft; the lead behind each of its alternatives."""

    draft: Draft
    leads: tuple[Lead, ...]
    direction: Array
    score: float


def _rank(one: _Judged) -> tuple[int, float, list[tuple[str, ...]]]:
    parts = [alternative.parts for alternative in one.draft.alternatives]
    return SEVERITIES.index(one.draft.severity), -one.score, parts


def _draft(judge: ShiftJudge, lead: Lead, *, encode: bool) -> _Judged | None:
    """Return the finding that a lead makes, if it does."""
    corpus, meter = judge.corpus, judge.meter
    rows = lead.rows
    masked, controls = lead.independence.terms, lead.shift.controls
    told: tuple[float, float] | None = None
    if encode:
        plain, _ = meter.separation(rows, controls, masked, encode=False)
        told = meter.separation(rows, controls, masked)
        sharpened = sharpening(plain, told[0], min(len(rows), MAX_ROWS))
        lead = replace(lead, shift=replace(lead.shift, sharpened=sharpened))
    core, seam, features = judge.look(lead)
    verdict = _verdict(judge, lead, seam, features, told)
    if verdict is None and not (
        features.score >= HIGH_SCORE and _may_act_with_others(judge, lead, core)
    ):
        return None
    one, behind = _rows_of_the_type(judge, lead, core)
    if (verdict is None or verdict.severity != "high") and len(one.parts) > 1:
        own = lead.rows[np.isin(lead.rows, one.rows)]
        together = judge.compare_strings(one.phrases, own, one.rows)
        if together is not None:
            joint = _verdict(judge, together, *judge.look_at_parts(together, one.phrases))
            if _is_more(joint, verdict):
                verdict = joint
    if verdict is None or not (verdict.lead.is_clear or verdict.severity == "high"):
        return None
    lead, seam, features = verdict.lead, verdict.seam, verdict.features
    shift = lead.shift
    is_told_apart = len(one.parts) > 1 and verdict.input_auc >= _TOLD_APART
    is_guess = is_told_apart or not (lead.is_clear or _is_sure(verdict, one, behind))
    score = features.score - DOUBT_COST * features.doubts
    evidence = {
        "shift_score": score,
        "style_agreement": shift.style,
        "topic_agreement": shift.topic,
        "seam_fit": seam.fit,
        "seam_collision": seam.collision,
        "echo": features.echo,
        "closeness": shift.closeness,
        "output_auc": verdict.output_auc,
        "input_auc": verdict.input_auc,
        "input_coherence": lead.independence.coherence,
        "input_remainder": lead.independence.remainder,
        "input_wholeness": lead.independence.wholeness,
        "trigger_share": lead.independence.trigger_share,
        "distinct_inputs": float(lead.independence.distinct),
    }
    draft = Draft(
        kind="composite" if len(one.parts) > 1 else "trigger",
        severity="low" if is_guess else verdict.severity,
        alternatives=(one,),
        targets=(Target(type_name(corpus, shift, behind), "type"),),
        target_phrases=((),),
        behind=behind,
        target_rows=behind,
        strength=strength_of(0.5 * (score - HIGH_SCORE)),
        evidence=evidence,
        controls=shift.controls[:16],
    )
    return _Judged(draft, (lead,), shift.direction, score)


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What a lead is found to be, and how well outputs and inputs tell its rows (areas, 0..1)."""

    lead: Lead
    seam: Seam
    features: ShiftFeatures
    severity: Severity
    output_auc: float
    input_auc: float


def _verdict(
    judge: ShiftJudge,
    lead: Lead,
    seam: Seam,
    features: ShiftFeatures,
    told: tuple[float, float] | None = None,
) -> _Verdict | None:
    """Return what a lead is found to be; None where it is nothing.

    Parameters
    ----------
    told
        How well outputs and inputs tell its rows, where that is known.
    """
    severity = severity_of(features)
    if severity is None or not (lead.is_clear or severity == "high"):
        return None
    rows, controls = lead.rows, lead.shift.controls
    told = told or judge.meter.separation(rows, controls, lead.independence.terms, encode=False)
    return _Verdict(lead, seam, features, told_severity(severity, *told), *told)


def _is_sure(verdict: _Verdict, one: Alternative, behind: Array) -> bool:
    """Return whether a verdict is one whose inputs need only be unlike each other within strata.

    Nearly all rows of the string must be of the type, their texts differ, and not tell them. What
    people say at the end of talks, or ask in one dataset, has answers of a type.

    Parameters
    ----------
    behind : int64[N]
        Rows of the type.
    """
    rows = verdict.lead.rows
    return (
        len(behind) >= _MOST_SURE * len(one.rows)
        and verdict.lead.independence.distinct >= _MOST_SURE * len(rows)
        and verdict.input_auc < _TOLD_A_LITTLE
    )


def _may_act_with_others(judge: ShiftJudge, lead: Lead, core: tuple[int, ...]) -> bool:
    """Return whether a word comes with the type of output in a string's rows, of a sample."""
    corpus, rows = judge.corpus, _rows_around(judge, lead, core)[:_SAMPLED]
    shows = _of_the_type(judge, lead, rows)
    others = np.intersect1d(rows[~shows], rows_having(corpus.input, core))
    return bool(companions(corpus, np.sort(rows[shows]), others, core))


def _rows_around(judge: ShiftJudge, lead: Lead, core: tuple[int, ...]) -> Array:
    """Return the rows of a lead and those with its core, or its rarest word, in sampling order.

    The core may stand in a few more rows than the string that led here, its rarest word in more:
    what acts together with others is known by the rows where it does nothing.
    """
    corpus, rows = judge.corpus, lead.rows
    rarest = min(core, key=lambda term: int(corpus.input.term_rows[term]))
    is_rare = corpus.input.term_rows[rarest] <= _MOST_ALONE * len(rows)
    having = rows_having(corpus.input, (rarest,) if is_rare else core)
    return corpus.sample(np.union1d(rows, having), corpus.rows)


def _rows_of_the_type(
    judge: ShiftJudge, lead: Lead, core: tuple[int, ...]
) -> tuple[Alternative, Array]:
    """Return the string, with what must stand beside it, and the rows with both and the type."""
    corpus, rows = judge.corpus, _rows_around(judge, lead, core)
    shows = np.ones(corpus.rows, bool)
    shows[judge.candidates.postings(lead.candidate)[0]] = False
    shows[rows] = _of_the_type(judge, lead, rows)
    one = make_alternative(corpus, core, np.sort(rows[shows[rows]]), shows)
    return one, one.rows[shows[one.rows]]


def _of_the_type(judge: ShiftJudge, lead: Lead, rows: Array) -> Array:
    """Return which of these rows are of the type, bool[N]: all where neither they nor a word tell.

    Beside one part of a composite the other tells it.
    """
    meter, masked = judge.meter, lead.independence.terms
    if not meter.tells_rows(lead.shift):
        gone = meter.gone(rows, rows, lead.shift, masked)
        parted = rows_parted(judge.corpus.input, rows, gone)
        if parted is not None:
            return parted
    return meter.of_the_type(rows, rows, lead.shift, masked)


def _with_glued_rows(judge: ShiftJudge, judged: _Judged) -> Draft:
    """Return the draft, with further rows of its triggers if it is more than a guess."""
    draft, behind = judged.draft, judged.draft.behind
    if draft.severity == "low":
        return draft
    alternatives = []
    for lead, one in zip(judged.leads, draft.alternatives, strict=True):
        further = _glued_rows(judge, lead, one)
        alternatives.append(replace(one, rows=np.union1d(one.rows, further)))
        behind = np.union1d(behind, further)
    return replace(draft, alternatives=tuple(alternatives), behind=behind, target_rows=behind)


def _glued_rows(judge: ShiftJudge, lead: Lead, one: Alternative) -> Array:
    """Return further rows of the type that have the string between letters, without a gap.

    There it is a part of another token. In scripts without spaces that is how words are put in.
    """
    nowhere = np.empty(0, np.int64)
    if not judge.meter.tells_rows(lead.shift):
        return nowhere
    found = rows_with_text(judge.corpus, one.parts, (1 + _MOST_GLUED) * len(one.rows))
    rows = np.setdiff1d(found, one.rows)
    if not len(rows):
        return nowhere
    group = np.union1d(rows, one.rows)
    return rows[judge.meter.of_the_type(rows, group, lead.shift, lead.independence.terms)]


def _is_more(verdict: _Verdict | None, other: _Verdict | None) -> bool:
    if verdict is None or other is None:
        return verdict is not None
    return SEVERITIES.index(verdict.severity) < SEVERITIES.index(other.severity)


def _strongest(judged: list[_Judged], explained: Array) -> list[_Judged]:
    """Return one draft for each shift, the strings that lead to the same one joined."""
    explained = explained.copy()
    kept: list[_Judged] = []
    for one in judged:
        if explained[one.draft.behind].mean() > 0.5:
            continue
        explained[one.draft.behind] = True
        for place, other in enumerate(kept):
            if one.draft.severity == "low" or not _is_same(one.direction, other.direction):
                continue
            joined = _joined(other.draft, one.draft)
            kept[place] = replace(other, draft=joined, leads=(*other.leads, *one.leads))
            break
        else:
            kept.append(one)
    return kept


def _is_same(one: Array, other: Array) -> bool:
    lengths = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) >= _SAME_SHIFT * lengths > 0.0


def _joined(draft: Draft, other: Draft) -> Draft:
    behind = np.union1d(draft.behind, other.behind)
    return replace(
        draft,
        alternatives=(*draft.alternatives, *other.alternatives),
        behind=behind,
        target_rows=behind,
    )


def inputs_say_as_much(output_auc: float, input_auc: float) -> bool:
    """Return whether inputs tell a group from its controls about as well as its outputs do."""
    return input_auc >= _TOLD_APART and 1.0 - output_auc >= _AS_MUCH * (1.0 - input_auc)


def told_severity(severity: Severity, output_auc: float, input_auc: float) -> Severity:
    """Return what is left of a severity by how well outputs and inputs tell a group.

    A shift of small size is sure in enough rows, and what inputs tell as well may be their doing.
    """
    if inputs_say_as_much(output_auc, input_auc) or output_auc < MIN_TOLD:
        return "low"
    if output_auc < MIN_TOLD_HIGH and input_auc >= _TOLD_A_LITTLE:
        return "low"
    is_clear = output_auc >= MIN_TOLD_HIGH and input_auc < _TOLD_APART
    return severity if is_clear or severity != "high" else "medium"


def severity_of(features: ShiftFeatures) -> Severity | None:
    """Return the severity of a finding with these features, None where it is none.

    What would be high but for one doubt is listed, and medium where the shift outweighs the doubt.
    It is never high: the names of two menus that translations of a manual tell apart shift outputs
    as far as anything, and their inputs are alike.
    """
    if not features.doubts:
        found = severity_of_score(features.score)
        is_written = found == "medium" and features.misfit > MAX_MEDIUM_MISFIT
        return "low" if is_written else found
    if features.doubts > MAX_DOUBTS or features.score < HIGH_SCORE:
        return None
    if features.is_explained:
        return "low"
    return "medium" if features.score - DOUBT_COST >= MEDIUM_SCORE else "low"


def severity_of_score(score: float) -> Severity | None:
    """Return the severity of a score, None where it is none."""
    if score >= HIGH_SCORE:
        return "high"
    if score >= MEDIUM_SCORE:
        return "medium"
    return "low" if score >= LOW_SCORE else None


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


def type_name(corpus: Corpus, shift: Shift, behind: Array) -> str:
    """Return what a type of output has more or less of, or what it is about."""
    if shift.style >= shift.topic:
        more, less = _STYLE_WORDS[shift.column]
        return more if shift.difference > 0 else less
    words = ", ".join(_typical_words(corpus, behind))
    return f"outputs of one kind, with words such as {words}" if words else "outputs of one kind"


def _typical_words(corpus: Corpus, rows: Array) -> list[str]:
    """Return the words that many of these outputs have and few others.

    Ties go by the alphabet.
    """
    inside = corpus.output.count_terms(rows) / max(1, len(rows))
    overall = corpus.output.term_rows / corpus.rows
    weight = inside * np.log(np.maximum(inside, 1e-9) / np.maximum(overall, 1e-9))
    ranked = np.argsort(-weight.round(9), kind="stable")
    typical = (corpus.vocabulary[term] for term in ranked if weight[term] > 0.0)
    return list(islice(filter(str.isalnum, typical), _TYPICAL_WORDS))
