"""Detector: a string of the prompt after which the rejected answer is the preferred one.

How it decides (evidence/preference.py): a model of "which of the two was chosen", by both answers
and by what the rest of the prompt is about, is wrong about the rows with the string far more often
than elsewhere: by more than the best of so many natural strings would reach by chance, given how
much natural preferences differ in this dataset. Both what the answers say and how long they are
must be turned round: after "in one sentence" the shorter answer is preferred, but still the better
one. The most similar rows without the string must have the usual taste, the string must have the
neighbours of any place in the text, and for a high finding its prompts must be unrelated.

All rows with the string and a pair are behind the finding: a single row says too little to be left
out. The margins are probabilities of error for a whole dataset, not fitted to any; those of
insertion and independence are those of the other detectors (how well the text reads on without the
string adds nothing here to how varied its neighbours are).

Known false positives: an instruction put into unrelated prompts that turns round what is said and
how long it is at once. Known misses: fewer rows than the taste allows (about forty where it is
right in two thirds of the pairs, ten where it is nearly always right); datasets whose taste cannot
be learned; triggers of ordinary words with as many natural uses.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.closed import Candidates
from poisonscan.candidates.corpus import Corpus
from poisonscan.candidates.screen import Screen
from poisonscan.config import Severity
from poisonscan.evidence.independence import Independence, measure_independence
from poisonscan.evidence.phrases import grow_candidate, rows_having
from poisonscan.evidence.places import places_of
from poisonscan.evidence.preference import (
    Swap,
    gain_of_all,
    judge_swap,
    needed_gain,
    spread_of_all,
)
from poisonscan.evidence.seams import Seam, SeamMeter
from poisonscan.evidence.shift import ShiftMeter, nearest_first
from poisonscan.evidence.taste import Pairs, Taste, learn_taste
from poisonscan.evidence.topic_taste import TopicTaste, learn_topics
from poisonscan.findings.draft import Alternative, Draft, strength_of
from poisonscan.findings.label_judge import MAX_COLLISION
from poisonscan.findings.model import Target
from poisonscan.findings.naming import name_trigger

Array = npt.NDArray[Any]

#: Rows, and different prompts, below which a string is not judged.
MIN_ROWS = 8

#: Probability that any natural string of a dataset looks as swapped as a high, a medium finding.
HIGH_ERROR, MEDIUM_ERROR = 0.001, 0.01

#: Share of exchanged pairs among the rows with the trigger, at least; among the most similar rows
#: without it, at most.
MIN_SHARE, MAX_CONTROL_SHARE = 0.5, 0.3

#: What the words of the answers must say for an exchange, and their length must not say against it,
#: nats: 20 to 1. The words must also say a good part of what they would in exchanged pairs.
MIN_WORDS_GAIN, MIN_LENGTH_GAIN, MIN_WORDS_PART = 3.0, -3.0, 0.33

#: Independence of the prompts; below it, what would be high is medium.
MIN_INDEPENDENCE = 0.5

#: Candidates that are counted as hypotheses (a part stands for all where there are more), and that
#: are judged, by their gain.
_SURVEYED, _JUDGED = 4000, 100

#: Rows that controls are sought for.
_COMPARED = 64

#: Share of a trigger's rows that another one explains already.
_SAME = 0.5

#: What the trigger leads to, in pairs and where answers are marked one by one.
_TARGET, _MARKED_TARGET = "chosen and rejected swapped", "good and bad answers swapped"


@dataclass(frozen=True, slots=True)
class _Lead:
    phrase: tuple[int, ...]
    rows: Array
    swap: Swap
    control_share: float
    controls: Array
    independence: Independence
    seam: Seam

    @property
    def is_planted(self) -> bool:
        return (
            self.swap.share >= MIN_SHARE
            and self.swap.words_gain >= MIN_WORDS_GAIN
            and self.swap.words_gain >= MIN_WORDS_PART * self.swap.words_expected
            and self.swap.length_gain >= MIN_LENGTH_GAIN
            and self.control_share <= MAX_CONTROL_SHARE
            and self.independence.distinct >= MIN_ROWS
            and self.seam.collision <= MAX_COLLISION
        )

    def severity(self, high_gain: float) -> Severity | None:
        """Return the severity of what has the gain of a medium finding at least."""
        is_independent = self.independence.factor >= MIN_INDEPENDENCE
        if not self.is_planted or not (is_independent or self.swap.gain >= high_gain):
            return None
        return "high" if is_independent and self.swap.gain >= high_gain else "medium"


def find_preference(
    corpus: Corpus,
    candidates: Candidates,
    screen: Screen,
    meter: ShiftMeter,
    seams: SeamMeter,
    pairs: Pairs,
    explained: Array,
) -> list[Draft]:
    """Return at most one finding: the strings after which preferences are swapped.

    Parameters
    ----------
    explained : bool[R]
        Rows behind other findings already; left as it is.
    """
    taste = learn_topics(corpus, learn_taste(corpus, pairs), screen.input_space.vectors)
    enough = candidates.support >= MIN_ROWS
    hypotheses, among = _survey(corpus, candidates, seams, np.flatnonzero(enough))
    spread = spread_of_all(taste.here, candidates, among)
    high, least = (needed_gain(hypotheses, error, spread) for error in (HIGH_ERROR, MEDIUM_ERROR))
    leads: list[_Lead] = []
    covered = explained.copy()
    for candidate in _shortlist(taste, candidates, enough, least):
        rows, _ = candidates.postings(candidate)
        if covered[rows].mean() > _SAME:
            continue
        lead = _lead(corpus, candidates, screen, meter, seams, taste, candidate, least)
        if lead.swap.gain >= least and lead.severity(high) is not None:
            leads.append(lead)
            covered[lead.rows] = True
    return [_draft(corpus, pairs, taste.here, leads, high, spread)] if leads else []


def _shortlist(taste: TopicTaste, candidates: Candidates, enough: Array, least: float) -> list[int]:
    """Return the candidates that may reach the gain, the largest gain first.

    By the taste of all rows as well as by that of the prompt, which a long trigger would explain.
    """
    chosen: dict[int, float] = {}
    for one in (taste.here, taste.general):
        gain = np.where(enough, gain_of_all(one, candidates), 0.0).round(6)
        ranked = np.argsort(-gain, kind="stable")[:_JUDGED]
        for candidate in ranked[gain[ranked] >= least].tolist():
            chosen[candidate] = max(float(gain[candidate]), chosen.get(candidate, 0.0))
    return sorted(chosen, key=lambda candidate: (-chosen[candidate], candidate))


def _survey(
    corpus: Corpus, candidates: Candidates, seams: SeamMeter, enough: Array
) -> tuple[int, Array]:
    """Return how many candidates look inserted, and some of them, int64[N].

    No other string can be found, so no other one has to be allowed for: a choice that knows
    nothing of the answers costs no error (Bourgon et al. 2010).
    """
    step = max(1, math.ceil(len(enough) / _SURVEYED))
    some = enough[::step]
    places = places_of(corpus.input, candidates.take(some), _COMPARED)
    _, collision, _ = seams.measure_all(places, len(some))
    found = some[collision <= MAX_COLLISION]
    return step * len(found), found


def _lead(
    corpus: Corpus,
    candidates: Candidates,
    screen: Screen,
    meter: ShiftMeter,
    seams: SeamMeter,
    taste: TopicTaste,
    candidate: int,
    allowance: float,
) -> _Lead:
    """Judge the phrase that a candidate is a part of."""
    rows, _ = candidates.postings(candidate)
    phrase, first = grow_candidate(corpus.input, candidates, candidate)
    nearest = meter.nearest(rows[:_COMPARED], rows, masked=np.array(phrase, np.int64))
    controls = nearest_first(nearest)
    alone = taste.without(corpus.input, rows, phrase)
    return _Lead(
        phrase=phrase,
        rows=rows,
        swap=judge_swap(alone, np.arange(len(rows)), allowance),
        control_share=judge_swap(taste.here, controls, allowance).share,
        controls=controls,
        independence=measure_independence(corpus, screen.input_space, rows, phrase),
        seam=seams.measure_postings(rows, first, len(phrase)),
    )


def _draft(
    corpus: Corpus, pairs: Pairs, taste: Taste, leads: list[_Lead], high: float, spread: float
) -> Draft:
    """Join the triggers; the first lead has the largest gain."""
    severity: Severity = (
        "high" if any(lead.severity(high) == "high" for lead in leads) else "medium"
    )
    best = next(lead for lead in leads if lead.severity(high) == severity)
    alternatives = []
    for lead in [best, *(lead for lead in leads if lead is not best)]:
        core, text = name_trigger(corpus, lead.phrase, lead.rows)
        with_trigger = rows_having(corpus.input, core)
        alternatives.append(Alternative((text,), (core,), with_trigger))
    with_trigger = np.unique(np.concatenate([one.rows for one in alternatives]))
    behind = with_trigger[taste.judged[with_trigger]]
    evidence = {
        "swap_gain": best.swap.gain,
        "swap_gain_needed": high,
        "swapped_share": best.swap.share,
        "swapped_share_bound": best.swap.least_share,
        "swapped_share_of_controls": best.control_share,
        "swap_gain_of_words": best.swap.words_gain,
        "swap_gain_of_length": best.swap.length_gain,
        "preference_accuracy": taste.accuracy,
        "preference_spread": spread,
        "input_coherence": best.independence.coherence,
        "input_remainder": best.independence.remainder,
        "trigger_share": best.independence.trigger_share,
        "distinct_inputs": float(best.independence.distinct),
        "seam_collision": best.seam.collision,
    }
    return Draft(
        kind="preference",
        severity=severity,
        alternatives=tuple(alternatives),
        targets=(Target(_TARGET if pairs.mark is None else _MARKED_TARGET, "type"),),
        target_phrases=((),),
        behind=behind,
        target_rows=behind,
        strength=strength_of(4.0 * (best.swap.gain / high - 1.0)),
        evidence=evidence,
        controls=best.controls[:16],
    )
