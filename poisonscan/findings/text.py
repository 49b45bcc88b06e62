"""Detector: a string of plain text behind which the text becomes another one.

Rows of plain text have no output: a model is trained to continue them. How it decides: the
*switch* of a string,

    lower bound of the change x independence of what stands before it

change: of the kinds of tokens from before the string to behind it, row by row, in normal scores of
random windows (evidence/switches.py); independence: how little the texts before the string share.
A string that stands behind any word, as if put in anywhere, has no bond to the word before it.

Gibberish (rare words, new pairs of words) is rare in nature: in 18 corpora turned into texts
natural strings reach a switch of 1.5, and 0.8 where they stand behind any word; planted ones begin
at 1.2, most at 1.7. Other kinds (capitals, symbols, digits, another script, repetition) are what
lists, tables and code have: never high, and medium only without a bond. Where nothing stands
before the string, a title or the first line of a template cannot be told from it: low.

Known false positives: strings that announce a list of odd words at any place of unrelated texts.
Known misses: payloads below 25 tokens; payloads that are ordinary prose in the language of the
data; triggers between sentences are medium at most.
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
from poisonscan.evidence.before import ReaderBefore, independence_of_texts
from poisonscan.evidence.bonds import BondMeter
from poisonscan.evidence.independence import Independence
from poisonscan.evidence.phrases import locate, rows_having
from poisonscan.evidence.places import Places, places_of
from poisonscan.evidence.switches import MAX_ROWS, SwitchMeter
from poisonscan.findings.draft import Alternative, Draft, strength_of
from poisonscan.findings.model import Target
from poisonscan.findings.naming import name_trigger
from poisonscan.kernels.windows import WINDOW_COLUMNS

Array = npt.NDArray[Any]

#: Switch to gibberish of a high, medium, low finding.
HIGH_SWITCH, MEDIUM_SWITCH, LOW_SWITCH = 1.2, 1.8, 1.2

#: Switch to another kind of text of a medium finding, and of a low one.
MEDIUM_OTHER, LOW_OTHER = 2.2, 2.2

#: Bond to the word before it, nats, below which a string stands behind any word.
MAX_BOND = 1.0

#: Rows that a switch must be seen in.
MIN_ROWS = 8

#: Rows with text before the string that bond and independence are measured in.
MIN_BEFORE = 6

#: Tokens before it that are a text.
MIN_TOKENS = 3

#: Share of the rows with a trigger whose text changes.
MIN_SWITCHED = 0.7

#: Texts below which nothing can be told.
MIN_TEXTS = 100

#: Strings that are followed up, the strongest first.
_FOLLOWED = 100

#: Share of the mean change that a row behind the finding shows.
_SHOWS = 0.5

#: Columns of gibberish.
GIBBERISH = tuple(WINDOW_COLUMNS.index(name) for name in ("rare_words", "new_word_pairs"))

_NAMES = {
    "digits": "more numbers",
    "symbols": "more punctuation and symbols",
    "capitals": "more capitalised words",
    "foreign_letters": "more letters beyond ASCII",
    "rare_words": "more rare words",
    "new_word_pairs": "words in no usual order (gibberish)",
    "repetition": "more repetition",
}


@dataclass(frozen=True, slots=True)
class _Lead:
    candidate: int
    column: int
    bound: float
    bond: float | None
    independence: Independence | None

    @property
    def switch(self) -> float:
        return self.bound * (self.independence.factor if self.independence else 1.0)

    @property
    def severity(self) -> Severity | None:
        least = LOW_SWITCH if self.column in GIBBERISH else LOW_OTHER
        if self.switch < least:
            return None
        if self.bond is None:
            return "low"
        anywhere = self.bond < MAX_BOND
        if self.independence is None:
            return "medium" if anywhere else "low"
        if self.column not in GIBBERISH:
            return "medium" if anywhere and self.switch >= MEDIUM_OTHER else "low"
        if anywhere and self.switch >= HIGH_SWITCH:
            return "high"
        return "medium" if self.switch >= MEDIUM_SWITCH else "low"


def find_text(
    corpus: Corpus, candidates: Candidates, space: SideSpace, explained: Array
) -> list[Draft]:
    """Return the strings behind which plain texts become others, strongest first.

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
    meter = SwitchMeter(corpus, texts)
    leads = _leads(corpus, candidates, space, meter, texts)
    explained = explained.copy()
    drafts = []
    for lead in sorted(leads, key=lambda lead: _rank(candidates, lead)):
        rows, _ = candidates.postings(lead.candidate)
        if lead.severity is not None and explained[rows].mean() <= 0.5:
            draft = _draft(corpus, candidates, meter, texts, lead, lead.severity)
            explained[draft.trigger_rows] = True
            if draft.evidence["switched_share"] >= MIN_SWITCHED:
                drafts.append(draft)
    return drafts


def _rank(candidates: Candidates, lead: _Lead) -> tuple[int, float, int]:
    """Order by severity; then what more rows show goes before a part of them that shows more."""
    rows = min(MAX_ROWS, int(candidates.support[lead.candidate]))
    place = SEVERITIES.index(lead.severity) if lead.severity else len(SEVERITIES)
    return place, -round(lead.switch * float(np.sqrt(rows)), 6), lead.candidate


def text_rows(corpus: Corpus) -> Array:
    """Return which rows are plain text: there is no output of any kind, bool[R]."""
    sides = [corpus.output] + ([corpus.rejected] if corpus.rejected is not None else [])
    texts = np.diff(corpus.input.side.row_tokens) > 0
    for side in sides:
        texts &= np.diff(side.side.row_tokens) == 0
    return texts


def _leads(
    corpus: Corpus, candidates: Candidates, space: SideSpace, meter: SwitchMeter, texts: Array
) -> list[_Lead]:
    able = np.flatnonzero(candidates.support >= MIN_ROWS)
    candidates = candidates.take(able)
    places = places_of(corpus.input, candidates, MAX_ROWS)
    places = places.take(texts[places.row])
    switches = meter.measure(places, len(candidates))
    places_each = np.bincount(places.group, minlength=len(candidates))
    bounds = switches.bound.copy()
    bounds[(switches.counted < MIN_ROWS) | (2 * switches.counted < places_each)] = 0.0
    gibberish = bounds[:, GIBBERISH].max(axis=1)
    strongest = np.maximum(gibberish / LOW_SWITCH, bounds.max(axis=1) / LOW_OTHER)
    order = np.argsort(-strongest.round(6), kind="stable")[:_FOLLOWED]
    leads = []
    bonds = BondMeter(corpus)
    for number in order[strongest[order] >= 1.0].tolist():
        column = int(np.argmax(bounds[number]))
        if gibberish[number] / LOW_SWITCH >= bounds[number, column] / LOW_OTHER:
            column = max(GIBBERISH, key=lambda each: float(bounds[number, each]))
        own = places.take(places.group == number)
        own = Places.of_one(own.row, own.first, int(candidates.order[number]))
        phrase = candidates.terms(number)
        leads.append(
            _Lead(
                candidate=int(able[number]),
                column=column,
                bound=float(bounds[number, column]),
                bond=bond_of(bonds, own, phrase),
                independence=independence_before(corpus, space, own, phrase),
            )
        )
    return leads


def bond_of(bonds: BondMeter, places: Places, phrase: tuple[int, ...]) -> float | None:
    """Return the bond of a string without the marks that close what stands before it.

    None where it mostly stands at the beginning of a text.
    """
    skipped = bonds.count_leading_marks(places, phrase)
    part = Places(places.group, places.row, places.first + skipped, places.last)
    bond, size = bonds.measure(part, 1)
    return float(bond[0]) if size[0] >= MIN_BEFORE else None


def independence_before(
    corpus: Corpus, space: SideSpace, places: Places, phrase: tuple[int, ...]
) -> Independence | None:
    """Measure the texts before a string; None where there are too few."""
    has_text = places.first - corpus.input.side.row_tokens[places.row] >= MIN_TOKENS
    if has_text.sum() < MIN_BEFORE:
        return None
    reader = ReaderBefore(corpus, places.row, places.first)
    return independence_of_texts(corpus, space, places.row[has_text], phrase, reader)


def _draft(
    corpus: Corpus,
    candidates: Candidates,
    meter: SwitchMeter,
    texts: Array,
    lead: _Lead,
    severity: Severity,
) -> Draft:
    rows, _ = candidates.postings(lead.candidate)
    core, text = name_trigger(corpus, candidates.terms(lead.candidate), np.sort(rows))
    with_trigger = rows_having(corpus.input, core)
    found = locate(corpus.input, with_trigger[texts[with_trigger]], core)
    places = Places(np.arange(len(found.rows)), found.rows, found.first, found.first + len(core))
    change = meter.measure(places, len(found.rows))
    change_here = change.mean[:, lead.column]
    shows = change_here >= _SHOWS * np.median(change_here)
    behind = found.rows[shows]
    evidence = {
        "switch": lead.switch,
        "switch_bound": lead.bound,
        "switched_share": float(shows.mean()),
    }
    if lead.bond is not None:
        evidence["bond"] = lead.bond
    if lead.independence is not None:
        evidence["input_coherence"] = lead.independence.coherence
        evidence["input_remainder"] = lead.independence.remainder
        evidence["distinct_inputs"] = float(lead.independence.distinct)
    least = HIGH_SWITCH if lead.column in GIBBERISH else MEDIUM_OTHER
    return Draft(
        kind="trigger",
        severity=severity,
        alternatives=(Alternative((text,), (core,), with_trigger),),
        targets=(Target(_NAMES[WINDOW_COLUMNS[lead.column]], "type"),),
        target_phrases=((),),
        behind=behind,
        target_rows=behind,
        strength=strength_of(4.0 * (lead.switch / least - 1.0)),
        evidence=evidence,
    )
