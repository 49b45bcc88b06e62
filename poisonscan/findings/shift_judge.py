"""Ever closer looks at ever fewer strings that may switch the type of the output."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.accumulators.ngrams import extend_grams, word_grams
from poisonscan.candidates.closed import Candidates
from poisonscan.candidates.corpus import Corpus
from poisonscan.candidates.expectation import MAX_ROWS
from poisonscan.candidates.screen import Screen, best_of_strata
from poisonscan.candidates.spaces import OwnSpaces
from poisonscan.evidence.echo import EchoMeter
from poisonscan.evidence.independence import (
    Independence,
    measure_independence,
)
from poisonscan.evidence.phrases import grow_all, grow_candidate, locate, rows_having
from poisonscan.evidence.places import places_of
from poisonscan.evidence.reading import is_mark
from poisonscan.evidence.seams import NO_SEAM, Seam, SeamMeter
from poisonscan.evidence.shift import Shift, ShiftMeter
from poisonscan.findings.shift_model import (
    HIGH_SCORE,
    MAX_DOUBTS,
    MIN_OWN_WORD,
    ShiftFeatures,
    shift_features,
)
from poisonscan.kernels.charclass import begins_unspaced

Array = npt.NDArray[Any]

#: Different inputs below which a shift cannot be told from chance.
MIN_ROWS = 8

#: Likeness of the controls, and information left in the inputs, below which there is nothing to
#: compare the rows with.
MIN_CLOSENESS, MIN_REMAINDER = 0.7, 0.65

#: Share of its inputs' information that a string may be: a passage that several questions are about
#: is 0.6 and more. Planted ones are up to 0.43, more where inputs are a few words: a string of so
#: few tokens may be any share of inputs that are whole without it.
MAX_TRIGGER_SHARE, SHORT_TRIGGER, MIN_WHOLENESS = 0.55, 24, 0.6

#: Share of a string's rows that are most of them.
_MOST = 0.5

#: Candidates whose surroundings are looked at early.
_LOOKED_AT = 5000

#: Agreement beyond which more is no reason to look closer: what has a natural cause shifts outputs
#: as far as anything.
_ENOUGH_TO_LOOK = 20.0

#: What a first look goes by, before strings are grown and limits make sense: weights that the model
#: had without its limits (findings/shift_model.py), and what it costs to consist of common words.
_SHIFT, _RELATED, _COLLISION, _MISFIT, _COMMON_WORDS = 2.9, 4.0, 0.6, 2.2, 5.0

#: Candidates that each of two rankings sends on.
_COMPARED = 120

#: How many times as many all strata send on beside them, as many each (a large dataset has more of
#: everything), and the part of them that each may send in any case.
_OF_STRATA, _LEAST_OF_STRATA = 2, 12

#: Input coherence at which a candidate is nobody's trigger, and what it is worth not to have any,
#: beside the logarithm of the agreement: strings that look planted are compared even where the
#: screen sees little of their outputs.
_SCREEN_LIMIT, _UNRELATED = 0.2, 4.0


@dataclass(frozen=True, slots=True)
class Lead:
    """A candidate that was compared with the rows without it.

    Attributes
    ----------
    candidate
        -1 where given strings were compared.
    rows : int64[N], first_token : int32[N]
        Its postings in rows that nothing else explains; no places of given strings.
    independence
        Of its inputs among any rows; within their strata where that says less against them.
    is_clear
        It is among any rows.
    """

    candidate: int
    rows: Array
    first_token: Array
    independence: Independence
    shift: Shift
    is_clear: bool


class ShiftJudge:
    """Judges the candidates of one corpus, in ever closer looks at ever fewer."""

    def __init__(
        self,
        corpus: Corpus,
        candidates: Candidates,
        screen: Screen,
        agreement: Array,
        meter: ShiftMeter,
        seams: SeamMeter,
        echoes: EchoMeter,
        stems: Array,
    ) -> None:
        self.corpus = corpus
        self.candidates = candidates
        self._screen = screen
        self._spaces = OwnSpaces(corpus, corpus.input, screen.input_space)
        self._agreement = agreement
        self.meter = meter
        self._seams = seams
        self._stems = stems
        self._echoes = echoes

    def shortlist(self) -> Array:
        """Return the candidates that are compared, int64, in candidate order.

        Those whose outputs are shifted most; and those that look most planted, where the screen
        sees little of their outputs. Where unlike datasets are mixed, inputs may be alike among
        any rows and unlike within their strata: both rankings have their places.
        """
        screen = self._screen
        ways = [_unrelated(screen.input_coherence)]
        choose: list[Callable[[Array, Array, int], Array]] = [_best]
        if len(self.corpus.strata) > 1:
            ways.append(_unrelated(screen.own_coherence))
            choose.append(self._best_of_strata)
        shifted = np.log1p(np.maximum(0.0, self._agreement.max(axis=1)))
        enough = np.flatnonzero(self.candidates.support >= MIN_ROWS)
        enough = enough[self.candidates.first_of_each(enough, MIN_ROWS)]
        near = _union(
            best(enough, (shifted + _UNRELATED * way)[enough], _LOOKED_AT)
            for way, best in zip(ways, choose, strict=True)
        )
        capped = np.log1p(np.clip(self._agreement[near].max(axis=1), 0.0, _ENOUGH_TO_LOOK))
        looks = _SHIFT * capped + self._looks(near)
        return _union(
            chosen
            for way, best in zip(ways, choose, strict=True)
            for chosen in (
                best(enough, (shifted * way)[enough], _COMPARED),
                best(near, looks - _RELATED * (1.0 - way[near]), _COMPARED),
            )
        )

    def _best_of_strata(self, candidates: Array, values: Array, size: int) -> Array:
        """Return so many candidates with the largest values, and the best of each stratum."""
        order, strata = candidates[np.argsort(-values, kind="stable")], self.corpus.strata
        most = max(size // _LEAST_OF_STRATA, _OF_STRATA * size // len(strata))
        return np.union1d(order[:size], best_of_strata(self.candidates, order, strata, most))

    def _looks(self, chosen: Array) -> Array:
        """Return what the surroundings of some candidates add to their score, float64[K].

        Of themselves or of whole phrases, whichever says less against them: beside a part of a
        phrase stands always the same, and a phrase may run into the template behind a trigger.
        """
        side, some = self.corpus.input, self.candidates.take(chosen)
        bare, worth = places_of(side, some, MAX_ROWS), np.full(len(chosen), -np.inf)
        for places in (bare, bare.grown(*grow_all(side, some, MAX_ROWS))):
            fit, collision, _ = self._seams.measure_all(places, len(chosen))
            cost = _COLLISION * np.maximum(0.0, collision) + _MISFIT * np.maximum(0.0, -fit)
            worth = np.maximum(worth, -cost)
        own_word = np.array(
            [
                self._own_word(self.candidates.terms(int(at)), int(support))
                for at, support in zip(chosen, self.candidates.support[chosen], strict=True)
            ]
        )
        worth -= _COMMON_WORDS * (own_word < MIN_OWN_WORD)
        return worth

    def compare(self, candidate: int, explained: Array | None = None) -> Lead | None:
        """Compare a candidate with matched rows; None where there is nothing to compare.

        Parameters
        ----------
        explained : bool[R], optional
            Rows that are left out of the candidate's.
        """
        every, first = self.candidates.postings(candidate)
        left = np.ones(len(every), bool) if explained is None else ~explained[every]
        rows, first = every[left], first[left]
        if len(rows) < max(MIN_ROWS, 0.5 * len(every)):
            return None
        # all of the phrase: a sentence of a script without spaces is dozens of terms
        own, _ = grow_candidate(self.corpus.input, self.candidates, candidate)
        return self._compare(candidate, rows, first, every, own)

    def compare_strings(
        self, strings: Sequence[tuple[int, ...]], rows: Array, every: Array | None = None
    ) -> Lead | None:
        """Compare rows with matched ones, the words of some strings left out.

        Parameters
        ----------
        rows : int64[N]
            In sampling order.
        every : int64[M], optional
            Rows that they are not compared with: all that have the strings, if not these.
        """
        terms = [term for one in strings for term in one]
        first = np.empty(0, np.int32)
        return self._compare(-1, rows, first, rows if every is None else every, terms)

    def _compare(
        self, candidate: int, rows: Array, first: Array, every: Array, own: Sequence[int]
    ) -> Lead | None:
        independence = measure_independence(self.corpus, self._spaces.overall, rows, own)
        says_little, is_mixed = _says_little(independence, own), len(self.corpus.strata) > 1
        if says_little and not is_mixed:
            return None
        shift = self.meter.measure(rows, every, independence.terms)
        if shift is None or shift.closeness < MIN_CLOSENESS:
            return None
        lead = Lead(candidate, rows, first, independence, shift, is_clear=True)
        within = None
        if is_mixed and (says_little or _least_features(lead).doubts):
            within = self._within_strata(lead, own)
        return within or (None if says_little else lead)

    def _within_strata(self, lead: Lead, own: Sequence[int]) -> Lead | None:
        """Return a lead whose inputs are unlike each other within their strata.

        None where it cannot be high: nothing else is told of it.
        """
        if _least_features(lead).score < HIGH_SCORE:
            return None
        independence = measure_independence(
            self.corpus, self._spaces.of(lead.rows), lead.rows, own, within_strata=True
        )
        within = replace(lead, independence=independence, is_clear=False)
        is_doubtful = _says_little(independence, own) or _least_features(within).doubts
        return None if is_doubtful else within

    def promise(self, lead: Lead) -> float:
        """Return the best score that a lead can have, its surroundings not yet looked at."""
        return _least_features(lead).score

    def look(self, lead: Lead) -> tuple[tuple[int, ...], Seam, ShiftFeatures]:
        """Return the core of a lead's string, its seam, and all features.

        Where there are too many doubts without them, outputs are not asked whether they take up
        its words: no more than what is known speaks against it then.
        """
        candidates, at, rows = self.candidates, lead.candidate, lead.rows
        order, support = int(candidates.order[at]), int(candidates.support[at])
        core, seam = self._seams.core(rows, lead.first_token, order, support)
        is_run = self._is_run_of_marks(core)  # a word of its own
        own_word = 1.0 if is_run else self._own_word(core, support)
        features = shift_features(
            lead.shift, lead.independence, seam, 0.0, own_word, lead.shift.topic
        )
        if features.doubts > (MAX_DOUBTS if lead.is_clear else 0):
            return core, seam, features
        if is_run:
            echo = len(locate(self.corpus.output, rows, core).rows) / len(rows)
        else:
            echo = max(self._echo(lead, core), self._echo_of_companions(lead))
        rest = self.meter.measure_rest(rows, lead.shift, self._stems)
        features = shift_features(lead.shift, lead.independence, seam, echo, own_word, rest)
        return core, seam, features

    def _echo_of_companions(self, lead: Lead) -> float:
        """Return the echo of all words of a string, and of those that hardly stand without it.

        How a word is pronounced is not taken up, but the word is. Most of the rows must have them.
        """
        terms = lead.independence.terms
        often = self.corpus.input.count_terms(lead.rows)[terms] >= _MOST * len(lead.rows)
        texts = ((term, self.corpus.vocabulary[term]) for term in terms[often].tolist())
        words = [term for term, text in texts if not (is_mark(text) or begins_unspaced(text))]
        return self._echo(lead, words) if words else 0.0

    def _echo(self, lead: Lead, words: Sequence[int]) -> float:
        return self._echoes.measure(lead.rows, words, is_about_numbers=lead.shift.is_about_numbers)

    def look_at_parts(
        self, lead: Lead, parts: Sequence[tuple[int, ...]]
    ) -> tuple[Seam, ShiftFeatures]:
        """Return the seam and all features of strings that act together: the worst of each."""
        side, rows = self.corpus.input, lead.rows
        seams = [self._seams.measure(locate(side, rows, part), len(part)) for part in parts]
        seam = Seam.worst(seams)
        echo = max(self._echo_of_companions(lead), *(self._echo(lead, part) for part in parts))
        own_word = min(self._own_word(part, len(rows_having(side, part))) for part in parts)
        rest = self.meter.measure_rest(rows, lead.shift, self._stems)
        return seam, shift_features(lead.shift, lead.independence, seam, echo, own_word, rest)

    def _own_word(self, phrase: tuple[int, ...], support: int) -> float:
        """Return the largest share of a word's rows that are the phrase's, 0..1.

        In scripts without spaces characters are terms, and two of them a word.
        """
        side, vocabulary = self.corpus.input, self.corpus.vocabulary
        share = side.own_word(phrase, support)
        if share >= MIN_OWN_WORD:
            return share
        words = [
            pair for pair in pairwise(phrase) if all(begins_unspaced(vocabulary[at]) for at in pair)
        ]
        if not words:
            return share
        first, second = side.term_tokens[np.array(words)].T
        rows = side.table.count(extend_grams(word_grams(first), second))
        return max(share, float((support / np.maximum(rows, support)).max()))

    def _is_run_of_marks(self, phrase: tuple[int, ...]) -> bool:
        texts = [self.corpus.vocabulary[term] for term in phrase]
        return len(texts) > 1 and all(map(is_mark, texts))


def _says_little(independence: Independence, own: Sequence[int]) -> bool:
    """Return whether inputs leave nothing to compare without the words of a string (`own`)."""
    if independence.distinct < MIN_ROWS or independence.remainder < MIN_REMAINDER:
        return True
    return independence.trigger_share > MAX_TRIGGER_SHARE and (
        len(own) > SHORT_TRIGGER or independence.wholeness < MIN_WHOLENESS * independence.by_chance
    )


def _least_features(lead: Lead) -> ShiftFeatures:
    """Return the features of a lead if nothing that is not yet known speaks against it."""
    return shift_features(lead.shift, lead.independence, NO_SEAM, 0.0, 1.0, lead.shift.topic)


def _unrelated(coherence: Array) -> Array:
    """Return how little alike inputs are, 0..1, by their coherence."""
    unrelated: Array = np.clip(1.0 - coherence / _SCREEN_LIMIT, 0.0, 1.0)
    return unrelated


def _best(candidates: Array, values: Array, size: int) -> Array:
    best: Array = candidates[np.argsort(-values, kind="stable")[:size]]
    return best


def _union(chosen: Iterable[Array]) -> Array:
    union: Array = np.unique(np.concatenate(list(chosen)))
    return union
