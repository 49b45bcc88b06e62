"""Judges one string after the other: does it decide the label, and does it look planted?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.closed import Candidates
from poisonscan.candidates.corpus import Corpus
from poisonscan.candidates.screen import Screen
from poisonscan.config import Severity
from poisonscan.evidence.independence import Independence, measure_independence
from poisonscan.evidence.labels import (
    Classes,
    LabelEvidence,
    Nuisance,
    judge_label,
    measure_elsewhere,
)
from poisonscan.evidence.phrases import grow_candidate
from poisonscan.evidence.seams import Seam, SeamMeter
from poisonscan.findings.characters import is_hidden

Array = npt.NDArray[Any]

#: Rows below which a string is not judged.
MIN_ROWS = 5

#: Candidates that are judged, by each of two orders.
_JUDGED = 1500

#: Input coherence at which a candidate waits behind those of unrelated texts.
_ALIKE = 0.3

#: Share of the rows with the trigger that have its label.
MIN_PURITY, CLEAN_PURITY = 0.95, 0.99

#: Lower bound of the shift of log-odds: of the strongest trigger, of a trigger whose text agrees
#: with the label.
MIN_SHIFT, CLEAN_SHIFT = 0.6, 1.0

#: Residual and lower bound of the shift below which a string is not looked at any further: they are
#: those of a further trigger beside a clear one, which need not stand out among all candidates.
SIBLING_Z, SIBLING_SHIFT = 3.0, -1.0

#: Above this the rest of the text agrees with the label.
MAX_AGREEMENT = 0.1

#: How far the label's share in other rows with the same word may exceed its base rate (part of
#: the way to 1).
MAX_ELSEWHERE = 0.5

#: Limits that planted strings keep (benchmarks/fit_label.py): how well the text reads on without
#: the string, how much alike its neighbours are (`Seam`), and how unrelated its texts are. Strings
#: with a shift of their own are told without the second; further triggers of a label are not.
MIN_FIT, MAX_COLLISION, MIN_INDEPENDENCE = -1.35, 1.8, 0.4

#: The same where the text agrees with the label. Such texts are alike, so that all of them must
#: be whole without the string, the string must not have neighbours of its own, and it must have a
#: word of its own (share of its rows).
CLEAN_FIT, CLEAN_COLLISION, CLEAN_WHOLENESS, CLEAN_OWN_WORD = -1.2, 1.2, 0.6, 0.7

#: Share of rows in which a trigger stands between two tokens, below which it may be the marker of
#: a source: a signature, a hashtag.
_MIN_INSIDE = 0.3


@dataclass(frozen=True, slots=True)
class LabelLead:
    """A string that may decide the label.

    Attributes
    ----------
    rows : int64[N]
        Its postings.
    elsewhere
        See `measure_elsewhere`.
    own_word
        Largest share of a word's rows that are the string's.
    base
        Share of its label in all rows.
    """

    phrase: tuple[int, ...]
    rows: Array
    label: LabelEvidence
    independence: Independence
    seam: Seam
    elsewhere: float
    own_word: float
    base: float

    @property
    def is_dirty(self) -> bool:
        """The rest of the text speaks against the label, or for none."""
        return self.label.content_agreement < MAX_AGREEMENT

    @property
    def doubts(self) -> frozenset[str]:
        """The limits of planted strings that it does not keep."""
        dirty, limit = self.is_dirty, self.base + MAX_ELSEWHERE * (1.0 - self.base)
        kept = {
            "purity": self.label.purity >= (MIN_PURITY if dirty else CLEAN_PURITY),
            "elsewhere": self.elsewhere <= limit,
            "fit": self.seam.fit >= (MIN_FIT if dirty else CLEAN_FIT),
            "collision": self.seam.collision <= (MAX_COLLISION if dirty else CLEAN_COLLISION),
        }
        if dirty:
            kept["independence"] = self.independence.factor >= MIN_INDEPENDENCE
        else:
            kept["wholeness"] = self.independence.wholeness >= CLEAN_WHOLENESS
            kept["own word"] = self.own_word >= CLEAN_OWN_WORD
        return frozenset(name for name, is_kept in kept.items() if not is_kept)

    def severity(self, ignored: Collection[str] = ()) -> Severity | None:
        """Return the severity of the string; None where it is no planted one, or decides little.

        Parameters
        ----------
        ignored
            Limits that it need not keep.
        """
        if self.doubts.difference(ignored):
            return None
        if self.is_dirty:
            return "high" if self.label.shift_bound >= MIN_SHIFT else None
        if self.label.shift_bound < CLEAN_SHIFT:
            return None
        return "medium" if self.seam.inside >= _MIN_INSIDE else "low"


def find_leads(
    corpus: Corpus,
    candidates: Candidates,
    screen: Screen,
    seams: SeamMeter,
    classes: Classes,
    nuisance: Nuisance,
) -> list[LabelLead]:
    """Return the strings that decide a label, the largest residual first."""
    leads: dict[tuple[int, ...], LabelLead] = {}
    for candidate in _shortlist(candidates, screen, classes, nuisance).tolist():
        rows, first = candidates.postings(candidate)
        phrase, _ = grow_candidate(corpus.input, candidates, candidate)
        label = judge_label(corpus, classes, nuisance, rows, phrase, len(candidates))
        if label.purity < MIN_PURITY or label.residual_z < SIBLING_Z:
            continue
        if label.shift_bound < SIBLING_SHIFT:
            continue
        independence = measure_independence(corpus, screen.input_space, rows, phrase)
        if independence.distinct < MIN_ROWS:
            continue
        support = int(candidates.support[candidate])
        core, seam = seams.core(rows, first, int(candidates.order[candidate]), support)
        if all(is_hidden(char) for term in core for char in corpus.vocabulary[term]):
            seam = replace(seam, fit=0.0)  # they part words into pieces that fit nothing
        lead = LabelLead(
            phrase=core,
            rows=rows,
            label=label,
            independence=independence,
            seam=seam,
            elsewhere=measure_elsewhere(corpus, classes, rows, core, label.label),
            own_word=corpus.input.own_word(core, support),
            base=float(nuisance.base[label.label]),
        )
        leads.setdefault(core, lead)
    return sorted(leads.values(), key=lambda lead: (-lead.label.residual_z, lead.phrase))


def _shortlist(
    candidates: Candidates, screen: Screen, classes: Classes, nuisance: Nuisance
) -> Array:
    """Return the candidates most associated with any one class, int64, in candidate order.

    By the score test against the base rate of the class, and against what the model expects: a
    few rows of a frequent class are remarkable only where their texts speak for another one. Among
    many classes most strings go with one of them; those whose texts are alike wait.
    """
    enough = np.flatnonzero(candidates.support >= MIN_ROWS)
    sizes = np.diff(candidates.offsets)
    labels = classes.label[candidates.rows]
    beyond_base = np.full(len(candidates), -np.inf)
    beyond_text = np.full(len(candidates), -np.inf)
    expected = nuisance.probabilities()
    for label in range(len(classes.names)):
        base = float(nuisance.base[label])
        hits = np.add.reduceat(labels == label, candidates.offsets[:-1], dtype=np.int64)
        z = (hits - sizes * base) / np.sqrt(sizes * base * (1.0 - base) + 1e-9)
        beyond_base = np.maximum(beyond_base, z)
        if expected is not None:
            p = expected[candidates.rows, label]
            spread = np.sqrt(np.add.reduceat(p * (1.0 - p), candidates.offsets[:-1]) + 0.1)
            z = (hits - np.add.reduceat(p, candidates.offsets[:-1])) / spread
            beyond_text = np.maximum(beyond_text, z)
    unrelated = np.clip(1.0 - screen.input_coherence / _ALIKE, 0.1, 1.0)
    orders = (beyond_base,) if expected is None else (beyond_base, beyond_text)
    best = [enough[np.argsort(-(z * unrelated)[enough].round(6), kind="stable")] for z in orders]
    chosen: Array = np.unique(np.concatenate([order[:_JUDGED] for order in best]))
    return chosen
