"""Covering the rows of a target by the triggers that lead to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.closed import Candidates
from poisonscan.candidates.corpus import Corpus
from poisonscan.candidates.strata import Strata
from poisonscan.evidence.association import Association
from poisonscan.evidence.phrases import locate, rows_with
from poisonscan.evidence.verbatim import SAMPLE_ROWS, shared_phrases
from poisonscan.findings.draft import Alternative
from poisonscan.findings.naming import companions, name_trigger
from poisonscan.findings.spellings import Spellings

Array = npt.NDArray[Any]

#: Share of an alternative's rows that must show the target.
MIN_CONFIDENCE = 0.4

#: Agreement of single strings above which no parts of a composite are looked for.
SURE = 0.9

#: Triggers of one finding.
MAX_ALTERNATIVES = 12


@dataclass(frozen=True, slots=True)
class Cover:
    """Alternatives, and how well their rows agree with those of the target.

    Attributes
    ----------
    behind : int64[N]
        Rows with a trigger and the target, ascending.
    """

    alternatives: tuple[Alternative, ...]
    behind: Array
    association: Association

    @classmethod
    def of(cls, alternatives: tuple[Alternative, ...], shows: Array, strata: Strata) -> Cover:
        """Return how well the rows of these triggers agree with those of the target, bool[R]."""
        rows = [one.rows for one in alternatives]
        with_trigger = np.unique(np.concatenate(rows)) if rows else np.empty(0, np.int64)
        behind = with_trigger[shows[with_trigger]]
        return cls(alternatives, behind, Association.of(with_trigger, shows, strata))

    @property
    def own_terms(self) -> list[int]:
        """The words of the triggers."""
        return [term for one in self.alternatives for term in one.terms]


def cover_target(
    corpus: Corpus, candidates: Candidates, singles: Sequence[int], shows: Array
) -> Cover | None:
    """Return the triggers that lead to a target; None where nothing does.

    Parameters
    ----------
    singles
        Candidates that may be triggers on their own. Where they do not explain the target, what
        its rows have together is asked for.
    shows : bool[R]
        Rows that show the target.
    """
    cover = Cover.of(_single(corpus, candidates, singles, shows), shows, corpus.strata)
    if cover.association.agreement < SURE:
        together = Cover.of(_together(corpus, shows), shows, corpus.strata)
        cover = max(cover, together, key=lambda one: one.association.agreement)
    return cover if cover.alternatives else None


def add_variants(corpus: Corpus, cover: Cover, shows: Array) -> Cover:
    """Return the cover with rows that show the target and have a trigger in another spelling."""
    spellings = Spellings(corpus, np.setdiff1d(np.flatnonzero(shows), cover.behind))
    alternatives = tuple(
        replace(one, rows=np.union1d(one.rows, spellings.find(one.parts)))
        for one in cover.alternatives
    )
    return replace(
        cover, alternatives=alternatives, behind=Cover.of(alternatives, shows, corpus.strata).behind
    )


def _single(
    corpus: Corpus, candidates: Candidates, singles: Sequence[int], shows: Array
) -> tuple[Alternative, ...]:
    """Cover the rows with the target by as few of these candidates as possible, best first."""
    tried = candidates.take(np.array(singles, np.int64))
    sure = tried.sums(shows.astype(np.float64)) / tried.followed
    options = []
    for at in np.flatnonzero(sure >= MIN_CONFIDENCE).tolist():
        rows, _ = tried.postings(at)
        options.append((singles[at], rows[shows[rows]], float(sure[at])))
    left = shows.copy()
    chosen: list[Alternative] = []
    least = _least_rows(int(shows.sum()))
    while len(chosen) < MAX_ALTERNATIVES and options:
        gains = [int(left[rows].sum()) * confidence**2 for _, rows, confidence in options]
        best = int(np.argmax(gains))
        candidate, rows, _ = options[best]
        if int(left[rows].sum()) < least:
            break
        one = make_alternative(corpus, candidates.terms(candidate), rows, shows)
        options.pop(best)
        left[one.rows] = False
        left[rows] = False
        chosen.append(one)
    return tuple(chosen)


def _together(corpus: Corpus, shows: Array) -> tuple[Alternative, ...]:
    """Return what the inputs of the rows with the target have together and others have not.

    Each part of a composite may stand in many other rows.
    """
    side = corpus.input
    chosen: list[Alternative] = []
    left = np.flatnonzero(shows)
    least = _least_rows(len(left))
    while len(chosen) < MAX_ALTERNATIVES and len(left) >= least:
        sample = corpus.sample(left, SAMPLE_ROWS)
        shared = shared_phrases(side, sample, len(sample) / len(left), corpus.rows)
        behind = locate(side, left, shared[0]).rows if shared else left[:0]
        if len(behind) < least:
            break
        one = make_alternative(corpus, shared[0], behind, shows)
        fewer = np.setdiff1d(left, one.rows, assume_unique=True)
        if len(left) - len(fewer) < least or shows[one.rows].mean() < MIN_CONFIDENCE:
            break
        chosen.append(one)
        left = fewer
    return tuple(chosen)


def _least_rows(target_rows: int) -> int:
    """Return how many rows an alternative must add."""
    return max(3, round(0.02 * target_rows))


def make_alternative(
    corpus: Corpus, phrase: tuple[int, ...], behind: Array, shows: Array
) -> Alternative:
    """Return a phrase and what has to stand beside it as one named trigger.

    Parameters
    ----------
    behind : int64[N]
        Rows with the phrase that show the target, ascending.
    shows : bool[R]
        Rows that show the target.
    """
    side = corpus.input
    others = np.flatnonzero(rows_with(side, phrase) & ~shows)
    words = companions(corpus, behind, others, phrase)
    within = np.ones(corpus.rows, bool)
    for word in words:
        within &= rows_with(side, (word,))
    core, text = name_trigger(corpus, phrase, behind, within)
    mask = rows_with(side, core)
    phrases, parts = [core], [text]
    for word in words:
        if any(word in known for known in phrases):
            continue
        part, text = name_trigger(corpus, (word,), behind, mask)
        if part in phrases:  # the word stands beside what is known, and nowhere else
            continue
        part_mask = mask & rows_with(side, part)
        if (part_mask & shows).sum() >= 0.9 * (mask & shows).sum():
            phrases.append(part)
            parts.append(text)
            mask = part_mask
    return Alternative(tuple(parts), tuple(phrases), np.flatnonzero(mask))
