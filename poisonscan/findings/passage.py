"""Detector: a passage that was put into texts which have nothing else in common.

In plain text a trigger and its payload stand together: where the payload is always the same, both
are one long string in unrelated documents. A footer, a licence, an advertisement of the site is
the same thing, and stands between sentences or at an end. How it decides: *passage bits*,

    bits x independence x (1 - 4 / distinct texts)

bits: surprisal of the passage in other texts, each word once; independence: how little the texts
share apart from it. Only passages that stand behind any word (no bond to it, evidence/bonds.py) are
looked at: boilerplate does not begin in the middle of a sentence. Natural phrases that do (idioms,
formulas) reach 33 bits in 18 corpora turned into texts; planted passages of twenty words reach 69
to 190 in texts, and 45 where the text is hardly longer than the passage.

The passage is split where the model would have to know it: its shortest beginning that no other
row has, to the end of that sentence, is the trigger, the rest is what follows.

Known misses: passages between sentences or at the start of a text, which boilerplate is as well;
payloads of less than six words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.accumulators.ngrams import MAX_ORDER
from poisonscan.candidates.closed import Candidates
from poisonscan.candidates.corpus import Corpus
from poisonscan.candidates.spaces import SideSpace
from poisonscan.config import Severity
from poisonscan.evidence.answers import most_bits
from poisonscan.evidence.before import independence_of_texts
from poisonscan.evidence.bonds import BondMeter
from poisonscan.evidence.independence import Independence, certainty
from poisonscan.evidence.phrases import AGREEMENT, Occurrences, grow, locate, rows_having, text_of
from poisonscan.evidence.places import Places, places_of
from poisonscan.evidence.switches import MAX_ROWS
from poisonscan.evidence.verbatim import surprisal
from poisonscan.findings.draft import Alternative, Draft, strength_of
from poisonscan.findings.model import Target
from poisonscan.findings.text import MAX_BOND, MIN_BEFORE, MIN_ROWS, MIN_TEXTS, text_rows

Array = npt.NDArray[Any]

#: Passage bits of a high, medium finding.
HIGH_PASSAGE, MEDIUM_PASSAGE = 60.0, 45.0

#: Rows of a trigger's beginning that the passage must be in.
SAME_ROWS = 1.1

#: Passages that are followed up, the most surprising first, and rows that are looked at for each.
_FOLLOWED, _SAMPLE = 100, 256


@dataclass(frozen=True, slots=True)
class _Passage:
    phrase: tuple[int, ...]
    rows: Array
    bits: float
    bond: float
    independence: Independence

    @property
    def effective(self) -> float:
        certain = certainty(self.independence.distinct)
        return self.bits * self.independence.factor * certain


def find_passages(
    corpus: Corpus, candidates: Candidates, space: SideSpace, explained: Array
) -> list[Draft]:
    """Return the passages that were put into unrelated texts, strongest first.

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
    explained = explained.copy()
    meter = BondMeter(corpus)
    found: list[_Passage] = []
    for candidate, bond in _beginnings(corpus, candidates, texts, meter):
        gram = candidates.terms(candidate)
        if any(gram == known.phrase[: len(gram)] for known in found):
            continue
        passage = _passage(corpus, candidates, space, meter, candidate, bond)
        if passage is not None:
            found.append(passage)
    drafts = []
    for passage in sorted(found, key=lambda each: (-round(each.effective, 6), each.phrase)):
        behind = passage.rows[texts[passage.rows]]
        if passage.effective < MEDIUM_PASSAGE or explained[behind].mean() > 0.5:
            continue
        drafts.append(_draft(corpus, passage, behind, meter.closing))
        explained[behind] = True
    return drafts


def _beginnings(
    corpus: Corpus, candidates: Candidates, texts: Array, meter: BondMeter
) -> list[tuple[int, float]]:
    """Return the n-grams that stand behind any word and go on alike, with their bonds."""
    side = corpus.input
    starts = candidates.content[:, 0]
    able = np.flatnonzero(
        (candidates.support >= MIN_ROWS) & (candidates.order == MAX_ORDER) & ~meter.closing[starts]
    )
    longest = candidates.take(able)
    places = places_of(side, longest, MAX_ROWS)
    sizes = np.bincount(places.group, minlength=len(longest))
    places = places.take(texts[places.row])
    bonds, before = meter.measure(places, len(longest))
    # two rows go on alike with probability AGREEMENT squared where AGREEMENT of them do
    steady = meter.steadiness(places, len(longest)) >= AGREEMENT**2
    chosen = np.flatnonzero(
        steady & (bonds < MAX_BOND) & (before >= np.maximum(MIN_BEFORE, 0.5 * sizes))
    )
    potential = most_bits(side, longest.take(chosen))
    best = chosen[np.argsort(-potential.round(6), kind="stable")[:_FOLLOWED]]
    return [(int(able[number]), float(bonds[number])) for number in best.tolist()]


def _passage(
    corpus: Corpus,
    candidates: Candidates,
    space: SideSpace,
    meter: BondMeter,
    candidate: int,
    bond: float,
) -> _Passage | None:
    side = corpus.input
    rows, first = (part[:_SAMPLE] for part in candidates.postings(candidate))
    at = side.side.row_tokens[rows] + first
    order = int(candidates.order[candidate])
    places = Places.of_one(rows, at, order)
    if meter.count_leading_marks(places, candidates.terms(candidate)):
        return None  # it begins behind the end of a sentence
    longest, start = grow(side, Occurrences(rows, at), order)
    phrase = longest[int(at[0] - start[0]) :]
    rows = rows_having(side, phrase)
    if len(rows) < MIN_ROWS or len(phrase) <= order:
        return None
    bits = surprisal(side, phrase, len(rows))
    first_time = [term not in phrase[:at] for at, term in enumerate(phrase)]
    return _Passage(
        phrase=phrase,
        rows=rows,
        bits=float(bits[first_time].sum()),
        bond=bond,
        independence=independence_of_texts(corpus, space, rows, phrase),
    )


def _draft(corpus: Corpus, passage: _Passage, behind: Array, closing: Array) -> Draft:
    side = corpus.input
    row = int(corpus.sample(behind, 1)[0])
    first = int(locate(side, np.array([row]), passage.phrase).first[0])
    split = _split(corpus, passage, closing, row, first)
    trigger, payload = passage.phrase[:split], passage.phrase[split:]
    severity: Severity = "high" if passage.effective >= HIGH_PASSAGE else "medium"
    text = text_of(side, row, first, len(trigger))
    target = text_of(side, row, first + split, len(payload))
    return Draft(
        kind="trigger",
        severity=severity,
        alternatives=(Alternative((text,), (trigger,), rows_having(side, trigger)),),
        targets=(Target(target, "phrase"),),
        target_phrases=(payload,),
        behind=behind,
        target_rows=behind,
        strength=strength_of((passage.effective - HIGH_PASSAGE) / 8.0),
        evidence={
            "passage_bits": passage.effective,
            "bits": passage.bits,
            "bond": passage.bond,
            "input_coherence": passage.independence.coherence,
            "input_remainder": passage.independence.remainder,
            "trigger_share": passage.independence.trigger_share,
            "distinct_inputs": float(passage.independence.distinct),
        },
    )


def _split(corpus: Corpus, passage: _Passage, closing: Array, row: int, first: int) -> int:
    """Return how many tokens of a passage are its trigger; `first` is its place in `row`."""
    phrase, most = passage.phrase, SAME_ROWS * len(passage.rows) + 2
    short = 1
    while short < len(phrase) - 1 and len(rows_having(corpus.input, phrase[:short])) > most:
        short += 1
    side = corpus.input.side
    starts, ends = side.spans(row, row + 1)
    at = first - int(side.row_tokens[row])
    left = [token for token in range(short, len(phrase) - 2) if _is_mark(corpus, phrase[token])]
    stops = [token for token in left if closing[phrase[token]]] or [
        token for token in left if ends[at + token] < starts[at + token + 1]
    ]
    return stops[0] + 1 if stops else short


def _is_mark(corpus: Corpus, term: int) -> bool:
    return not corpus.vocabulary[term].isalnum()
