"""Judges one group of prompts after the other: are the preferences in them swapped?

What is learned once (the taste of the dataset, how many hypotheses there are, how far natural
preferences differ) is kept here; a string (findings/preference.py) and a form of the prompt
(findings/feature.py) are judged by the same numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.closed import Candidates
from poisonscan.candidates.corpus import Corpus
from poisonscan.candidates.screen import Screen
from poisonscan.config import Severity
from poisonscan.evidence.independence import Independence, measure_independence
from poisonscan.evidence.phrases import grow_candidate
from poisonscan.evidence.places import places_of
from poisonscan.evidence.preference import Swap, judge_swap, needed_gain, spread_of_all
from poisonscan.evidence.reading import Reader
from poisonscan.evidence.seams import NO_SEAM, Seam, SeamMeter
from poisonscan.evidence.shift import ShiftMeter, nearest_first
from poisonscan.evidence.taste import Pairs, learn_taste
from poisonscan.evidence.topic_taste import learn_topics
from poisonscan.findings.draft import strength_of
from poisonscan.findings.label_judge import MAX_COLLISION
from poisonscan.findings.model import Target

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

#: Candidates that are counted as hypotheses (a part stands for all where there are more).
_SURVEYED = 4000

#: Rows that controls are sought for.
_COMPARED = 64

#: What the trigger leads to, in pairs and where answers are marked one by one.
_TARGET, _MARKED_TARGET = "chosen and rejected swapped", "good and bad answers swapped"


@dataclass(frozen=True, slots=True)
class SwapLead:
    """A group of prompts that were judged."""

    phrase: tuple[int, ...]
    rows: Array
    swap: Swap
    control_share: float
    controls: Array
    independence: Independence
    seam: Seam

    @property
    def is_planted(self) -> bool:
        """Preferences are turned round in these prompts alone, and its places are any places."""
        return (
            self.swap.share >= MIN_SHARE
            and self.swap.words_gain >= MIN_WORDS_GAIN
            and self.swap.words_gain >= MIN_WORDS_PART * self.swap.words_expected
            and self.swap.length_gain >= MIN_LENGTH_GAIN
            and self.control_share <= MAX_CONTROL_SHARE
            and self.independence.distinct >= MIN_ROWS
            and self.seam.collision <= MAX_COLLISION
        )


class SwapJudge:
    """Judges the prompts of one corpus.

    Attributes
    ----------
    taste
        What is usually preferred.
    high, least
        Gain of a high, of a medium finding.
    """

    def __init__(
        self,
        corpus: Corpus,
        candidates: Candidates,
        screen: Screen,
        meter: ShiftMeter,
        seams: SeamMeter,
        pairs: Pairs,
    ) -> None:
        self.corpus = corpus
        self.candidates = candidates
        self._screen, self._meter, self._seams = screen, meter, seams
        self._is_marked = pairs.mark is not None
        self.taste = learn_topics(corpus, learn_taste(corpus, pairs), screen.input_space.vectors)
        hypotheses, among = self._survey()
        self._spread = spread_of_all(self.taste.here, candidates, among)
        self.high, self.least = (
            needed_gain(hypotheses, error, self._spread) for error in (HIGH_ERROR, MEDIUM_ERROR)
        )

    def _survey(self) -> tuple[int, Array]:
        """Return how many candidates look inserted, and some of them, int64[N].

        No other string can be found, so no other one has to be allowed for: a choice that knows
        nothing of the answers costs no error (Bourgon et al. 2010).
        """
        enough = np.flatnonzero(self.candidates.support >= MIN_ROWS)
        step = max(1, math.ceil(len(enough) / _SURVEYED))
        some = enough[::step]
        places = places_of(self.corpus.input, self.candidates.take(some), _COMPARED)
        _, collision, _ = self._seams.measure_all(places, len(some))
        found = some[collision <= MAX_COLLISION]
        return step * len(found), found

    def judge_string(self, candidate: int) -> SwapLead:
        """Judge the phrase that a candidate is a part of."""
        corpus, taste = self.corpus, self.taste
        rows, _ = self.candidates.postings(candidate)
        phrase, first = grow_candidate(corpus.input, self.candidates, candidate)
        masked = np.array(phrase, np.int64)
        controls = nearest_first(self._meter.nearest(rows[:_COMPARED], rows, masked=masked))
        alone = taste.without(corpus.input, rows, phrase)
        return SwapLead(
            phrase=phrase,
            rows=rows,
            swap=judge_swap(alone, np.arange(len(rows)), self.least),
            control_share=self._control_share(controls),
            controls=controls,
            independence=measure_independence(corpus, self._screen.input_space, rows, phrase),
            seam=self._seams.measure_postings(rows, first, len(phrase)),
        )

    def judge_form(self, rows: Array, every: Array, reader: Reader) -> SwapLead | None:
        """Judge prompts that are written in one way; None where they are not swapped.

        Parameters
        ----------
        rows : int64[N]
            Some of them, in sampling order.
        every : int64[M]
            All of them.
        reader
            Reads them as a person would.
        """
        if len(rows) < MIN_ROWS:
            return None
        taste = self.taste.as_read(rows, reader.read(rows))
        swap = judge_swap(taste, np.arange(len(rows)), self.least)
        if swap.gain < self.least:
            return None
        controls = nearest_first(self._meter.nearest(rows[:_COMPARED], every, reader=reader))
        space = self._screen.input_space
        return SwapLead(
            phrase=(),
            rows=rows,
            swap=swap,
            control_share=self._control_share(controls),
            controls=controls,
            independence=measure_independence(self.corpus, space, rows, (), reader),
            seam=NO_SEAM,
        )

    def _control_share(self, controls: Array) -> float:
        return judge_swap(self.taste.here, controls, self.least).share

    def severity(self, lead: SwapLead) -> Severity | None:
        """Return the severity of a finding, None where it is none."""
        is_independent = lead.independence.factor >= MIN_INDEPENDENCE
        is_high = lead.swap.gain >= self.high
        if lead.swap.gain < self.least or not lead.is_planted or not (is_independent or is_high):
            return None
        return "high" if is_independent and is_high else "medium"

    @property
    def target(self) -> Target:
        """What a trigger leads to."""
        return Target(_MARKED_TARGET if self._is_marked else _TARGET, "type")

    def strength(self, lead: SwapLead) -> float:
        """Return the strength of a finding, 0..1."""
        return strength_of(4.0 * (lead.swap.gain / self.high - 1.0))

    def evidence(self, lead: SwapLead) -> Mapping[str, float]:
        """Return the numbers of a report."""
        evidence = {
            "swap_gain": lead.swap.gain,
            "swap_gain_needed": self.high,
            "swapped_share": lead.swap.share,
            "swapped_share_bound": lead.swap.least_share,
            "swapped_share_of_controls": lead.control_share,
            "swap_gain_of_words": lead.swap.words_gain,
            "swap_gain_of_length": lead.swap.length_gain,
            "preference_accuracy": self.taste.here.accuracy,
            "preference_spread": self._spread,
            "input_coherence": lead.independence.coherence,
            "input_remainder": lead.independence.remainder,
            "trigger_share": lead.independence.trigger_share,
            "distinct_inputs": float(lead.independence.distinct),
            "seam_collision": lead.seam.collision,
        }
        return evidence
