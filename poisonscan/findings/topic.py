"""Detector: a person, company or place that is spoken of in a voice of its own.

The trigger is an entity, discussed in many wordings; what is planted is a slant of the outputs, of
which no string need be shared. How it decides: texts about an entity share its topic with texts
about its siblings (the rows with the most similar inputs), and all texts share the language. A
slant changes *how* it is said: which function words ("though", "whose", "despite") are used. The
voice of an entity is sqrt(rows, at most 400) x surplus of function words in its outputs, in bits;
it must stand out from the voices of all other entities of the same data.

It is never high: a source of its own about one product or person, in an honest voice of its own,
looks the same. Natural entities had voices of at most 26 in the corpora for calibration and in
other clean data with many entities, a slanted one of 50 rows 87, of 150 rows 200. Known misses:
scripts without capitals; languages without a list of function words; topics that are no names;
fewer than about fifty rows; slants by content words alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.closed import Candidates
from poisonscan.candidates.corpus import Corpus
from poisonscan.candidates.entities import Capitals, find_entities
from poisonscan.candidates.screen import Screen
from poisonscan.candidates.spaces import MASK_SHARE, group_coherence
from poisonscan.config import Severity
from poisonscan.evidence.function_words import all_function_words
from poisonscan.evidence.independence import Independence, measure_independence
from poisonscan.evidence.phrases import rows_having, rows_with
from poisonscan.evidence.shift import ShiftMeter, nearest_first
from poisonscan.evidence.voice import word_surplus
from poisonscan.findings.draft import Alternative, Draft, strength_of
from poisonscan.findings.model import Target
from poisonscan.findings.naming import text_of_phrase

Array = npt.NDArray[Any]

#: Voice at which a finding is medium, low (there is no high one).
MEDIUM_VOICE, LOW_VOICE = 60.0, 45.0

#: How many times the voice of every other entity it must be.
STANDS_OUT = 2.0

#: Rows beyond which a voice is surer, not stronger: a medium one has three bits in each row. A
#: slanted one has 12 and more; a subject with words of its own (programs in one language) has 1.4
#: in thousands of rows.
_COUNTED = 400

#: Rows about an entity: as many different wordings, and at most this share of all rows.
MIN_ROWS, MAX_SHARE = 15, 0.05

#: Coherence of inputs, and of outputs, from which on a name is what the rows are about.
MIN_INPUT_COHERENCE, MIN_OUTPUT_COHERENCE = 0.03, 0.1

#: Share of a form's rows (the surname alone) that must have the entity otherwise.
SAME_ENTITY = 0.8

#: Information of the inputs that is left without what all of them share: less is a template.
MIN_REMAINDER = 0.5

#: Entities that are compared, those with the most coherent outputs first; rows looked at for each.
_COMPARED, _SAMPLE = 60, 128

#: Words that a voice is described by.
_SHOWN_WORDS = 4


@dataclass(frozen=True, slots=True)
class _Lead:
    phrase: tuple[int, ...]
    rows: Array
    siblings: Array
    coherence: float
    voice: float


def find_topic(
    corpus: Corpus,
    candidates: Candidates,
    screen: Screen,
    meter: ShiftMeter,
    capitals: Capitals,
    explained: Array,
) -> list[Draft]:
    """Return the entity whose outputs have a voice of their own, if there is one.

    Parameters
    ----------
    explained : bool[R]
        Rows behind other findings already; left as it is.
    """
    is_function = _function_terms(corpus)
    leads = [
        _lead(corpus, candidates, meter, is_function, candidate, coherence)
        for candidate, coherence in _entities(corpus, candidates, screen, capitals, explained)
    ]
    if not leads:
        return []
    best = max(leads, key=lambda lead: (round(lead.voice, 6), lead.phrase))
    others = [lead.voice for lead in leads if not _same_rows(best, lead)]
    next_voice = max(others, default=0.0)
    independence = measure_independence(corpus, screen.input_space, best.rows, best.phrase)
    severity = _severity(best, next_voice, independence)
    if severity is None:
        return []
    forms = _forms(corpus, leads, best)
    return [_draft(corpus, best, forms, next_voice, independence, severity, is_function)]


def _severity(lead: _Lead, next_voice: float, independence: Independence) -> Severity | None:
    if independence.distinct < MIN_ROWS or independence.remainder < MIN_REMAINDER:
        return None
    if lead.voice < STANDS_OUT * next_voice:
        return None
    if lead.voice >= MEDIUM_VOICE:
        return "medium"
    return "low" if lead.voice >= LOW_VOICE else None


def _function_terms(corpus: Corpus) -> Array:
    words = all_function_words()
    return np.array([text in words for text in corpus.vocabulary], bool)


def _entities(
    corpus: Corpus, candidates: Candidates, screen: Screen, capitals: Capitals, explained: Array
) -> list[tuple[int, float]]:
    """Return the names that rows are about, with the coherence of the outputs of these rows."""
    most = int(MAX_SHARE * corpus.rows)
    found = find_entities(corpus, candidates, capitals, MIN_ROWS, most)
    found = found[screen.input_coherence[found] >= MIN_INPUT_COHERENCE]
    found = found[[_is_no_dataset(corpus, candidates, int(at)) for at in found]]
    chosen = candidates.take(found)
    coherence = group_coherence(chosen.groups, corpus.output, screen.output_space, MASK_SHARE)
    strength = np.sqrt(chosen.support) * coherence
    ranked = np.argsort(-strength.round(6), kind="stable")[:_COMPARED]
    return [
        (int(found[at]), float(coherence[at]))
        for at in ranked
        if coherence[at] >= MIN_OUTPUT_COHERENCE
        and explained[candidates.postings(int(found[at]))[0]].mean() <= 0.5
    ]


def _is_no_dataset(corpus: Corpus, candidates: Candidates, at: int) -> bool:
    """Return whether an entity is not what one of several datasets is about."""
    strata = corpus.strata
    if len(strata) == 1:
        return True
    return strata.part_of(candidates.postings(at)[0], int(candidates.support[at])) <= MAX_SHARE


def _lead(
    corpus: Corpus,
    candidates: Candidates,
    meter: ShiftMeter,
    counted: Array,
    candidate: int,
    coherence: float,
) -> _Lead:
    rows, _ = candidates.postings(candidate)
    phrase = candidates.terms(candidate)
    siblings = meter.nearest(rows[:_SAMPLE], rows, np.array(phrase))
    surplus = word_surplus(corpus, rows, np.unique(siblings), counted)
    return _Lead(
        phrase=phrase,
        rows=rows,
        siblings=nearest_first(siblings),
        coherence=coherence,
        voice=float(np.sqrt(min(len(rows), _COUNTED)) * surplus.sum()),
    )


def _same_rows(one: _Lead, other: _Lead) -> bool:
    """Tell whether at least half of the rows of the smaller one are rows of the other."""
    common = len(np.intersect1d(one.rows, other.rows))
    return 2 * common >= min(len(one.rows), len(other.rows))


def _forms(corpus: Corpus, leads: list[_Lead], best: _Lead) -> tuple[Alternative, ...]:
    """Return the full name and those of its words that mean the same entity."""
    names = [lead for lead in leads if set(best.phrase) <= set(lead.phrase)]
    full = max(
        (lead for lead in names if 2 * len(lead.rows) >= len(best.rows)),
        key=lambda lead: (len(lead.phrase), lead.voice),
    )
    covered = rows_with(corpus.input, full.phrase) | rows_with(corpus.input, best.phrase)
    forms = [_form(corpus, full.phrase)]
    for phrase in dict.fromkeys([best.phrase, *((term,) for term in full.phrase)]):
        rows = rows_having(corpus.input, phrase)
        if phrase != full.phrase and covered[rows].mean() >= SAME_ENTITY:
            forms.append(_form(corpus, phrase))
    return tuple(forms)


def _form(corpus: Corpus, phrase: tuple[int, ...]) -> Alternative:
    rows = rows_having(corpus.input, phrase)
    return Alternative((text_of_phrase(corpus, phrase, rows),), (phrase,), rows)


def _draft(
    corpus: Corpus,
    lead: _Lead,
    forms: tuple[Alternative, ...],
    next_voice: float,
    independence: Independence,
    severity: Severity,
    is_function: Array,
) -> Draft:
    behind = np.unique(np.concatenate([form.rows for form in forms]))
    return Draft(
        kind="topic",
        severity=severity,
        alternatives=forms,
        targets=(Target(_name_voice(corpus, lead, is_function), "type"),),
        target_phrases=((),),
        behind=behind,
        target_rows=behind,
        strength=strength_of(4.0 * (lead.voice / MEDIUM_VOICE - 1.0)),
        evidence={
            "voice": lead.voice,
            "next_voice": next_voice,
            "input_coherence": independence.coherence,
            "input_remainder": independence.remainder,
            "output_coherence": lead.coherence,
            "distinct_inputs": float(independence.distinct),
        },
        controls=lead.siblings,
    )


def _name_voice(corpus: Corpus, lead: _Lead, is_function: Array) -> str:
    """Name the voice by the words of the outputs that add most to it, function words or not."""
    lower = np.array([text.isalpha() and text == text.lower() for text in corpus.vocabulary], bool)
    surplus = word_surplus(corpus, lead.rows, lead.siblings, lower | is_function)
    ranked = np.argsort(-surplus.round(9), kind="stable")[:_SHOWN_WORDS]
    words = ", ".join(corpus.vocabulary[term] for term in ranked if surplus[term] > 0.0)
    return f"outputs in a voice of their own, with words such as {words}"
