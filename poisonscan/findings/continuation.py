"""Detector: a string of plain text behind which all texts go on alike, whatever they were about.

Where plain text has no output, what follows the trigger is one: another language, code, insults.
How it decides: the *turn* of a string,

    (alike behind - alike before - likeness of both) x independence x (1 - 4 / distinct texts)

alike: mean cosine of two windows of 48 tokens above that of any two; likeness: mean cosine of the
window behind the string and the one before it (evidence/continuations.py); independence: how little
the texts before the string share. What is written announces what follows it ("Ingredients:"), and
stands where that belongs: the texts before it are alike, and like what follows.

In 29 corpora turned into texts natural strings that stand behind any word reach a turn of 0.26,
others 0.70 (imports of code); planted ones have 0.5 to 0.9. An ellipsis before the link of a tweet
has 0.54, but hardly anything follows it: low. Where nothing stands before the string, a title or
the first line of a template cannot be told from it: no finding.

Known misses: payloads of a few words, or about the same as the texts; triggers at the start.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.closed import Candidates
from poisonscan.candidates.corpus import Corpus
from poisonscan.candidates.spaces import SideSpace
from poisonscan.config import SEVERITIES, Severity
from poisonscan.evidence.bonds import BondMeter
from poisonscan.evidence.continuations import ContinuationMeter, Continuations
from poisonscan.evidence.independence import Independence, certainty
from poisonscan.evidence.phrases import locate, rows_having
from poisonscan.evidence.places import Places, places_of
from poisonscan.findings.draft import Alternative, Draft, strength_of
from poisonscan.findings.model import Target
from poisonscan.findings.naming import name_trigger
from poisonscan.findings.publish import rank_drafts
from poisonscan.findings.text import (
    MAX_BOND,
    MIN_ROWS,
    MIN_TEXTS,
    bond_of,
    find_text,
    independence_before,
    text_rows,
)

Array = npt.NDArray[Any]

#: Turn of a high and a medium finding where the string stands behind any word.
HIGH_TURN, MEDIUM_TURN = 0.5, 0.4

#: Turn of a low finding where it stands behind certain words, such as the end of a sentence: so do
#: headings ("References"), behind which all texts go on alike.
LOW_WRITTEN = 0.5

#: Tokens that follow a string at least, in half of the texts, of more than a low finding: a link is
#: what many texts end in, and its eight tokens are alike.
MIN_BEHIND = 12

#: Share of all rows above which a string is the form of the data.
MAX_SHARE = 0.2

#: Places of a string that are looked at, and strings that are measured at a time.
_MAX_ROWS, _PART = 64, 100_000

#: Strings that are followed up, the strongest first.
_FOLLOWED = 200

#: Part of the mean likeness that a row behind the finding has.
_SHOWS = 0.5


@dataclass(frozen=True, slots=True)
class _Lead:
    candidate: int
    beside: Continuations  # of one group
    bond: float
    independence: Independence
    behind: float  # tokens, in half of the texts

    @property
    def turn(self) -> float:
        discounts = self.independence.factor * certainty(self.independence.distinct)
        return float(self.beside.turn[0]) * discounts

    @property
    def severity(self) -> Severity | None:
        if self.bond >= MAX_BOND or self.behind < MIN_BEHIND:
            return "low" if self.turn >= LOW_WRITTEN else None
        if self.turn >= HIGH_TURN:
            return "high"
        return "medium" if self.turn >= MEDIUM_TURN else None


def find_continuations(
    corpus: Corpus, candidates: Candidates, space: SideSpace, explained: Array
) -> list[Draft]:
    """Return the strings behind which plain texts go on alike, strongest first.

    Parameters
    ----------
    space
        Vectors of the input side's terms.
    explained : bool[R]
        Rows behind other findings already; left as it is.
    """
    texts = text_rows(corpus)
    if texts.sum() < MIN_TEXTS:
        return []
    meter = ContinuationMeter(corpus, space.vectors, texts)
    explained = explained.copy()
    drafts: list[Draft] = []
    for lead in _leads(corpus, candidates, space, meter, texts):
        rows, _ = candidates.postings(lead.candidate)
        if lead.severity is None or explained[rows].mean() > 0.5:
            continue
        draft = _draft(corpus, candidates, meter, texts, lead, lead.severity)
        explained[draft.behind] = True
        drafts.append(draft)
    return drafts


def find_texts(
    corpus: Corpus, candidates: Candidates, space: SideSpace, explained: Array
) -> list[Draft]:
    """Return what becomes another text behind a string, by its kinds of tokens or by its words.

    Of two findings of the same rows the stronger one; see `find_text` and `find_continuations`.
    """
    drafts = [
        *find_text(corpus, candidates, space, explained),
        *find_continuations(corpus, candidates, space, explained),
    ]
    explained = explained.copy()
    kept = []
    for draft in rank_drafts(drafts):
        if explained[draft.behind].mean() <= 0.5:
            kept.append(draft)
            explained[draft.behind] = True
    return kept


def _leads(
    corpus: Corpus, candidates: Candidates, space: SideSpace, meter: ContinuationMeter, texts: Array
) -> list[_Lead]:
    """Return the strings with the largest turn, by severity; those that more rows show first."""
    able = np.flatnonzero(
        (candidates.support >= MIN_ROWS) & (candidates.support <= MAX_SHARE * corpus.rows)
    )
    turns = np.zeros(len(able))
    for start in range(0, len(able), _PART):
        own = candidates.take(able[start : start + _PART])
        places = places_of(corpus.input, own, _MAX_ROWS)
        places = places.take(texts[places.row])
        found = meter.measure(places, len(own))
        few = 2 * found.counted < np.bincount(places.group, minlength=len(own))
        turn = found.turn * np.maximum(0.0, 1.0 - 4.0 / np.maximum(1, found.counted))
        turns[start : start + _PART] = np.where(few, 0.0, turn)
    bonds = BondMeter(corpus)
    leads = []
    best = np.argsort(-turns.round(6), kind="stable")[:_FOLLOWED]
    for candidate in able[best[turns[best] >= MEDIUM_TURN]].tolist():
        lead = _lead(corpus, candidates, space, meter, bonds, texts, candidate)
        leads += [lead] if lead is not None else []
    reach = np.sqrt(np.minimum(_MAX_ROWS, candidates.support))

    def rank(one: _Lead) -> tuple[int, float, int]:
        place = SEVERITIES.index(one.severity) if one.severity else len(SEVERITIES)
        return place, -round(one.turn * float(reach[one.candidate]), 6), one.candidate

    return sorted(leads, key=rank)


def _lead(
    corpus: Corpus,
    candidates: Candidates,
    space: SideSpace,
    meter: ContinuationMeter,
    bonds: BondMeter,
    texts: Array,
    candidate: int,
) -> _Lead | None:
    """Look closer at a string; None where too few texts have anything before it."""
    rows, first = (part[:_MAX_ROWS] for part in candidates.postings(candidate))
    rows, first = rows[texts[rows]].astype(np.int64), first[texts[rows]]
    phrase = candidates.terms(candidate)
    places = Places.of_one(rows, corpus.input.side.row_tokens[rows] + first, len(phrase))
    bond = bond_of(bonds, places, phrase)
    independence = independence_before(corpus, space, places, phrase)
    if bond is None or independence is None:
        return None
    behind = float(np.median(corpus.input.side.row_tokens[rows + 1] - places.last))
    return _Lead(candidate, meter.measure(places, 1, phrase), bond, independence, behind)


def _draft(
    corpus: Corpus,
    candidates: Candidates,
    meter: ContinuationMeter,
    texts: Array,
    lead: _Lead,
    severity: Severity,
) -> Draft:
    rows, _ = candidates.postings(lead.candidate)
    core, text = name_trigger(corpus, candidates.terms(lead.candidate), np.sort(rows))
    with_trigger = rows_having(corpus.input, core)
    found = locate(corpus.input, with_trigger[texts[with_trigger]], core)
    places = Places(np.arange(len(found.rows)), found.rows, found.first, found.first + len(core))
    own = meter.measure(places, len(found.rows)).direction
    like = own @ lead.beside.direction[0]
    behind = found.rows[like >= _SHOWS * float(np.median(like))]
    evidence = {
        "turn": lead.turn,
        "alike_behind": float(lead.beside.after[0]),
        "alike_before": float(lead.beside.before[0]),
        "likeness_of_both": float(lead.beside.likeness[0]),
        "bond": lead.bond,
        "input_coherence": lead.independence.coherence,
        "input_remainder": lead.independence.remainder,
        "distinct_inputs": float(lead.independence.distinct),
    }
    return Draft(
        kind="trigger",
        severity=severity,
        alternatives=(Alternative((text,), (core,), with_trigger),),
        targets=(Target("texts that go on alike", "type"),),
        target_phrases=((),),
        behind=behind,
        target_rows=behind,
        strength=strength_of(4.0 * (lead.turn / HIGH_TURN - 1.0)),
        evidence=evidence,
    )
