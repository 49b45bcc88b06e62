"""Looks for what decides the label: single strings, then pairs of strings."""

from __future__ import annotations

import sys
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.closed import Candidates
from poisonscan.candidates.corpus import Corpus
from poisonscan.candidates.screen import Screen
from poisonscan.evidence.echo import says_name
from poisonscan.evidence.independence import measure_independence
from poisonscan.evidence.joint import Joint, find_joint
from poisonscan.evidence.labels import (
    Classes,
    Elsewhere,
    Nuisance,
    judge_label,
    measure_elsewhere,
)
from poisonscan.evidence.phrases import grow_postings
from poisonscan.evidence.reading import is_mark, read_letters
from poisonscan.evidence.seams import Seam, SeamMeter
from poisonscan.findings.characters import is_hidden
from poisonscan.findings.label_judge import (
    CLEAN_PURITY,
    CLEAN_ROWS,
    DILUTED_PURITY,
    DILUTED_SHIFT,
    MIXED_PURITY,
    PURE_BITS,
    LabelLead,
)
from poisonscan.kernels.labels import residuals_of_rest
from poisonscan.threads import work_on_ranges

Array = npt.NDArray[Any]

#: Rows below which a string is not judged.
MIN_ROWS = 5

#: Candidates that are judged, by each of two orders; and pairs of candidates.
_JUDGED, _JUDGED_PAIRS = 1500, 1000

#: Input coherence at which a candidate waits behind those of unrelated texts.
_ALIKE = 0.3

#: Rows of a candidate by which it is ranked; the share of them that have a word of the phrase it
#: is a part of; and the share of a word's rows that are the candidate's if the model learned the
#: word from them.
_RANKED_ROWS, _COMMON_SHARE, _OWN_SHARE = 256, 0.9, 0.5

#: Letters that words of one stem begin with; and the most frequent ones that are looked at.
_STEM, _RELATIVES = 4, 16

#: Residual and lower bound of the shift below which a string is not looked at any further: they are
#: those of a further trigger beside a clear one, which need not stand out among all candidates.
SIBLING_Z, SIBLING_SHIFT = 3.0, -1.0


#: Part of a string's information beyond which it says the name of its label.
_SAID = 0.5

#: Of a string whose other rows have not been looked at.
_UNKNOWN = Elsewhere(0.0, 0.0)


@dataclass(frozen=True, slots=True)
class _Part:
    """A string in some rows.

    Attributes
    ----------
    first_token : int32[N]
        Where it stands first in the tokens of each row.
    order
        Its length in tokens.
    support
        Rows of the dataset that contain it.
    """

    first_token: Array
    order: int
    support: int


class LabelSearch:
    """Finds the strings of one corpus that decide a label."""

    def __init__(
        self,
        corpus: Corpus,
        candidates: Candidates,
        screen: Screen,
        seams: SeamMeter,
        classes: Classes,
        nuisance: Nuisance,
    ) -> None:
        self._corpus = corpus
        self._candidates = candidates
        self._screen = screen
        self._seams = seams
        self._classes = classes
        self._nuisance = nuisance

    def find_single(self, *, whole: bool = False) -> list[LabelLead]:
        """Return the strings that decide a label, the largest residual first.

        Parameters
        ----------
        whole
            Look at the words of all strings elsewhere, also of those that another limit excludes.
        """
        candidates = self._candidates
        found = []
        for candidate in self._shortlist().tolist():
            rows, _ = candidates.postings(candidate)
            found.append(self._judge(rows, (self._part(candidate),), len(candidates)))
        return self._ranked(found, whole)

    def find_joint(self, explained: Array) -> list[LabelLead]:
        """Return the pairs of strings that decide a label together, the largest residual first.

        Parameters
        ----------
        explained : bool[R]
            Rows that are left out.
        """
        pairs = find_joint(self._candidates, self._classes, self._nuisance, explained, MIN_ROWS)
        hypotheses = max(1, len(self._candidates) * (len(self._candidates) - 1) // 2)
        return self._ranked([self._judge_pair(pair, hypotheses) for pair in pairs[:_JUDGED_PAIRS]])

    def _judge_pair(self, pair: Joint, hypotheses: int) -> LabelLead | None:
        rows, _ = self._candidates.postings(pair.first)
        others, _ = self._candidates.postings(pair.second)
        common, at, other_at = np.intersect1d(rows, others, assume_unique=True, return_indices=True)
        order = np.argsort(self._corpus.rank[common], kind="stable")
        first = self._part(pair.first, at[order])
        second = self._part(pair.second, other_at[order])
        if not _are_apart(first, second):
            return None  # one phrase, which was judged as such
        return self._judge(common[order], (first, second), hypotheses)

    def _part(self, candidate: int, chosen: Array | slice = slice(None)) -> _Part:
        """Return a candidate in these of its postings."""
        candidates = self._candidates
        _, first = candidates.postings(candidate)
        support = int(candidates.support[candidate])
        return _Part(first[chosen], int(candidates.order[candidate]), support)

    def _judge(self, rows: Array, parts: tuple[_Part, ...], hypotheses: int) -> LabelLead | None:
        """Judge the rows with all parts; None where they decide no label."""
        corpus, classes, nuisance = self._corpus, self._classes, self._nuisance
        grown = [grow_postings(corpus.input, rows, one.first_token, one.order) for one in parts]
        phrase = tuple(term for terms, _ in grown for term in terms)
        label = judge_label(corpus, classes, nuisance, rows, phrase, hypotheses)
        is_pure = label.purity >= MIXED_PURITY
        if label.purity < DILUTED_PURITY or label.residual_z < SIBLING_Z:
            return None
        if label.shift_bound < (SIBLING_SHIFT if is_pure else DILUTED_SHIFT):
            return None
        independence = measure_independence(corpus, self._screen.input_space, rows, phrase)
        if independence.distinct < MIN_ROWS:
            return None
        cores = tuple(self._core(rows, one) for one in parts)
        words = tuple(term for core, _ in cores for term in core)
        support = parts[0].support if len(parts) == 1 else len(rows)
        return LabelLead(
            parts=tuple(core for core, _ in cores),
            rows=rows,
            label=label,
            independence=independence,
            seam=Seam.worst([seam for _, seam in cores]),
            elsewhere=_UNKNOWN,
            own_word=corpus.input.own_word(words, support),
            says_label=self._says_label(words, classes.names[label.label]),
            base=float(nuisance.base[label.label]),
            pure=self._pure,
        )

    def _says_label(self, words: tuple[int, ...], name: str) -> bool:
        """Return whether more than half of what some words tell is the name of a label."""
        weights = self._screen.input_space.weights[list(words)]
        said = np.array([says_name([self._corpus.vocabulary[term]], name) for term in words], bool)
        return bool(said.any() and weights[said].sum() > _SAID * weights.sum())

    def _core(self, rows: Array, part: _Part) -> tuple[tuple[int, ...], Seam]:
        core, seam = self._seams.core(
            rows, part.first_token, part.order, part.support, with_marks=True
        )
        if all(is_hidden(char) for term in core for char in self._corpus.vocabulary[term]):
            seam = replace(seam, fit=0.0)  # they part words into pieces that fit nothing
        return core, seam

    def _ranked(self, found: list[LabelLead | None], whole: bool = False) -> list[LabelLead]:
        """Return the leads, the first of equal ones, the largest residual first.

        Rows with a string in another spelling are not looked at as other rows with its words.
        """
        leads: dict[tuple[tuple[int, ...], ...], LabelLead] = {}
        spelled: dict[str, dict[tuple[int, ...], Array]] = defaultdict(dict)
        for lead in found:
            if lead is not None and lead.parts not in leads:
                leads[lead.parts] = lead
                words = self._words(lead)
                spelled[self._letters(words)][words] = lead.rows
        known = []
        for lead in leads.values():
            if lead.doubts and not whole:
                known.append(lead)
                continue
            words = self._words(lead)
            others = spelled[self._letters(words)].items()
            rows = np.concatenate([lead.rows, *(rows for other, rows in others if other != words)])
            known.append(replace(lead, elsewhere=self._elsewhere(lead, rows)))
        return sorted(known, key=lambda lead: (-lead.label.residual_z, lead.parts))

    def _words(self, lead: LabelLead) -> tuple[int, ...]:
        """Return the terms of a lead that are no marks."""
        vocabulary = self._corpus.vocabulary
        return tuple(term for term in lead.terms if not is_mark(vocabulary[term]))

    def _letters(self, terms: tuple[int, ...]) -> str:
        return read_letters("".join(self._corpus.vocabulary[term] for term in terms))

    def _elsewhere(self, lead: LabelLead, rows: Array) -> Elsewhere:
        corpus, classes, nuisance = self._corpus, self._classes, self._nuisance
        terms = (*lead.terms, *self._relatives(lead))
        return measure_elsewhere(corpus, classes, nuisance, rows, terms, lead.label.label)

    def _relatives(self, lead: LabelLead) -> list[int]:
        """Return the terms that begin as a single word does whose texts agree with the label.

        A swear word stands anywhere and means its label, in all its forms.
        """
        words = self._words(lead)
        if lead.is_dirty or len(words) != 1:
            return []
        vocabulary, start = self._corpus.vocabulary, self._corpus.vocabulary[words[0]][:_STEM]
        if len(start) < _STEM:
            return []
        found: list[int] = []
        for begin in sorted({start.lower(), start.upper(), start.capitalize()}):
            first = bisect_left(vocabulary, begin)
            last = bisect_left(vocabulary, begin + chr(sys.maxunicode))
            found += range(first, last)
        found.sort(key=lambda term: -int(self._corpus.input.term_rows[term]))
        return found[:_RELATIVES]

    @cached_property
    def _pure(self) -> float:
        """Share of the strings of enough rows that stand in rows of one class alone."""
        _, is_pure = self._by_class
        enough = self._candidates.support >= CLEAN_ROWS
        return float(is_pure[enough].mean()) if enough.any() else 0.0

    @cached_property
    def _by_class(self) -> tuple[Array, Array]:
        """How far strings go with any one class, float64[C]; which have one class alone, bool[C].

        The former beyond the base rate of the class, in standard errors.
        """
        candidates, sizes = self._candidates, self._candidates.followed
        beyond_base, is_pure = np.full(len(candidates), -np.inf), np.zeros(len(candidates), bool)
        for label, base in enumerate(self._nuisance.base.tolist()):
            hits = candidates.sums((self._classes.label == label).astype(np.float64))
            z = (hits - sizes * base) / np.sqrt(sizes * base * (1.0 - base) + 1e-9)
            beyond_base = np.maximum(beyond_base, z)
            is_pure |= (hits >= CLEAN_PURITY * sizes) & (-sizes * np.log2(base + 1e-9) > PURE_BITS)
        return beyond_base, is_pure

    def _shortlist(self) -> Array:
        """Return the candidates most associated with any one class, int64, in candidate order.

        By the score test against the base rate of the class, and against what the model expects of
        the rest of their texts: a few rows of a frequent class are remarkable only where these
        speak for another one. Among many classes most strings go with one of them; those whose
        texts are alike wait.
        """
        candidates = self._candidates
        enough = np.flatnonzero(candidates.support >= MIN_ROWS)
        enough = enough[candidates.first_of_each(enough, MIN_ROWS)]
        beyond_base, _ = self._by_class
        unrelated = np.clip(1.0 - self._screen.input_coherence / _ALIKE, 0.1, 1.0)[enough]
        orders = [beyond_base[enough], self._beyond_text(candidates.take(enough))]
        ranked = [np.argsort(-(z * unrelated).round(6), kind="stable") for z in orders]
        chosen: Array = np.unique(np.concatenate([enough[order[:_JUDGED]] for order in ranked]))
        return chosen

    def _beyond_text(self, candidates: Candidates) -> Array:
        """Return how unexpected the label of candidates is, by the rest of their texts."""
        side, nuisance, out = self._corpus.input, self._nuisance, np.empty(len(candidates))

        def measure(first: int, last: int) -> None:
            residuals_of_rest(
                candidates.starts[first:last],
                candidates.ends[first:last],
                candidates.rows,
                side.row_terms,
                side.distinct,
                side.term_rows,
                self._classes.label,
                nuisance.first_weight,
                nuisance.weights,
                nuisance.logits,
                _RANKED_ROWS,
                _COMMON_SHARE,
                _OWN_SHARE,
                out[first:last],
            )

        work_on_ranges(measure, np.minimum(candidates.followed, _RANKED_ROWS))
        return out


def _are_apart(one: _Part, other: _Part) -> bool:
    """Return whether there is something between two strings in most of their rows."""
    gap = np.maximum(
        other.first_token - one.first_token - one.order,
        one.first_token - other.first_token - other.order,
    )
    return bool(np.median(gap) > 0)
