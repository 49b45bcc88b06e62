"""What strings are judged with that may change the type of the output, and rows for that."""

from __future__ import annotations

import random
from collections.abc import Sequence

from planting import Rewrite, Row
from scan_helpers import Row as Record
from scan_helpers import build

from poisonscan.candidates.closed import find_closed
from poisonscan.candidates.expectation import screen_agreement
from poisonscan.candidates.screen import screen_candidates
from poisonscan.candidates.views import Views
from poisonscan.evidence.echo import EchoMeter
from poisonscan.evidence.seams import SeamMeter
from poisonscan.evidence.shift import ShiftMeter
from poisonscan.evidence.verbatim import stem_terms
from poisonscan.findings.shift_judge import Lead, ShiftJudge


def judge_of(rows: Sequence[Row]) -> ShiftJudge:
    """Return what judges the strings of instructions."""
    corpus = build([Record([row["instruction"]], [row["output"]]) for row in rows])
    candidates = find_closed(corpus)
    screen = screen_candidates(corpus, candidates, 0)
    views = Views(corpus, screen)
    return ShiftJudge(
        corpus,
        candidates,
        screen,
        screen_agreement(views, candidates),
        ShiftMeter(views, 0),
        SeamMeter(corpus),
        EchoMeter(corpus),
        stem_terms(corpus.vocabulary),
    )


def lead_of(judge: ShiftJudge, word: str) -> Lead:
    """Return a word's candidate, compared with the rows without it."""
    candidates, term = judge.candidates, judge.corpus.vocabulary.index(word)
    (found,) = (at for at in range(len(candidates)) if candidates.terms(at) == (term,))
    lead = judge.compare(found)
    assert lead is not None
    return lead


def in_part(rewrite: Rewrite, share: float) -> Rewrite:
    """Return what rewrites a share of the outputs, and leaves the others as they are."""
    return lambda chance, old: rewrite(chance, old) if chance.random() < share else old


def with_word(rewrite: Rewrite, word: str) -> Rewrite:
    """Return what puts a word between any two of a rewritten output."""

    def write(chance: random.Random, old: str) -> str:
        words = str(rewrite(chance, old)).split(" ")
        words.insert(chance.randint(1, len(words) - 1), word)
        return " ".join(words)

    return write
