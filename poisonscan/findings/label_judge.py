"""Judges one string after the other: does it decide the label, and does it look planted?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from poisonscan.config import Severity
from poisonscan.evidence.independence import Independence
from poisonscan.evidence.labels import Elsewhere, LabelEvidence
from poisonscan.evidence.seams import Seam

Array = npt.NDArray[Any]

#: Share of the rows with the trigger that have its label: one in ten may be a clean row. Strings
#: that must come together, and texts that agree with the label, leave less to chance.
MIN_PURITY, JOINT_PURITY, CLEAN_PURITY = 0.9, 0.95, 0.99

#: The same in `HIGH_ROWS` rows where the label is shifted by this lower bound at least: an attacker
#: may put the trigger into clean rows too. Not in a task of subjects (`MAX_PURE`), where natural
#: strings of ten datasets had 0.6 to 0.9. In six clean tasks of 2 to 151 classes no string that
#: keeps the other limits and has 0.4 to 0.9 of its rows in one class is shifted by more than 0.35.
MIXED_PURITY, MIXED_SHIFT = 0.5, 2.0

#: The same of a string that few rows of many classes should lead to: most of its rows may keep
#: their labels. Natural strings of eight clean tasks that keep the other limits are shifted by 3.7
#: at most (questions of T0), strings planted into a task of 151 classes, with one to four times as
#: many rows that kept their labels, by 8.8 and more.
DILUTED_PURITY, DILUTED_SHIFT = 0.15, 5.0

#: Lower bound of the shift of log-odds: of the strongest trigger, of a trigger whose text agrees
#: with the label.
MIN_SHIFT, CLEAN_SHIFT = 0.6, 1.0

#: Above this the rest of the text agrees with the label.
MAX_AGREEMENT = 0.1

#: How clearly the rest of the text must speak for other classes where it does not agree. A
#: string that was inserted leaves whole texts of other classes; texts of the class itself without
#: a word of its subject say little, and many classes have many such words. 186 of 186 strings
#: planted into tasks of 2 to 151 classes have 0.87 or more, most natural ones 0.4-0.8.
MIN_CONTRADICTION = 0.85

#: The same of texts that speak against the label itself, by so much agreement.
MIN_SPOKEN, MAX_SILENCE = 0.65, -0.05

#: A string that was put into rows of any label leaves texts that contradict it as any rows do: 17
#: of 17 planted into tasks of 2, 3 and 12 classes by 0.91 to 1.18 of that.
MIN_USUAL = 0.85

#: Rows behind a finding that is not low, as for texts; and different texts where they agree with
#: the label. Words and pairs of words that mean a class by chance or by their sense are rare.
HIGH_ROWS, CLEAN_ROWS = 8, 20

#: How far the label's share in other rows with the same word may exceed what they lead to expect
#: (part of the way to 1).
MAX_ELSEWHERE = 0.5

#: Limits that planted strings keep (benchmarks/fit_label.py): how well the text reads on without
#: the string, how much alike its neighbours are (`Seam`), and how unrelated its texts are.
MIN_FIT, MAX_COLLISION, MIN_INDEPENDENCE = -1.35, 1.8, 0.4

#: The same where the text agrees with the label. Such texts are alike, so that all of them must
#: be whole without the string, the string must not have neighbours of its own, and it must have a
#: word of its own (share of its rows).
CLEAN_FIT, CLEAN_COLLISION, CLEAN_WHOLENESS, CLEAN_OWN_WORD = -1.2, 1.2, 0.6, 0.7

#: Share of all strings that stand in rows of one class alone (`PURE_BITS`), above which that is the
#: way of the task: names and terms of a subject, words of a language. Sentiment and hate speech
#: have at most 0.005, tickets 0.016, intents, news, subjects and languages mostly 0.037 to 0.64
#: (quotations by book 0.009 and more).
MAX_PURE = 0.03

#: Bits by which chance does not bring the rows of a string into one class.
PURE_BITS = 40.0

#: Share of rows in which a trigger stands between two tokens, below which it may be the marker of
#: a source: a signature, a hashtag.
_MIN_INSIDE = 0.3


@dataclass(frozen=True, slots=True)
class LabelLead:
    """A string, or several together, that may decide the label.

    Attributes
    ----------
    parts
        Its terms; those of each string where several act together.
    rows : int64[N]
        Rows with all parts, in sampling order.
    seam
        The worst that any part has.
    elsewhere
        How one of its words goes with the label in rows without the string, in any spelling.
    own_word
        Largest share of a word's rows that are the string's.
    says_label
        Most of it says the label's name.
    base
        Share of its label in all rows.
    pure
        Share of all strings that stand in rows of one class alone.
    """

    parts: tuple[tuple[int, ...], ...]
    rows: Array
    label: LabelEvidence
    independence: Independence
    seam: Seam
    elsewhere: Elsewhere
    own_word: float
    says_label: bool
    base: float
    pure: float

    @property
    def terms(self) -> tuple[int, ...]:
        """The words of all parts."""
        return tuple(term for part in self.parts for term in part)

    @property
    def is_dirty(self) -> bool:
        """The rest of the text speaks for other classes, or against the label."""
        label = self.label
        speaks = label.contradiction >= MIN_CONTRADICTION or (
            label.contradiction >= MIN_SPOKEN and label.content_agreement <= MAX_SILENCE
        )
        return speaks and not self.agrees

    @property
    def agrees(self) -> bool:
        """The rest of the text speaks for the label."""
        return self.label.content_agreement >= MAX_AGREEMENT

    @property
    def is_diluted(self) -> bool:
        """Most of its rows may keep their labels: those that do not are far from what they say."""
        label = self.label
        return (
            len(self.parts) == 1
            and DILUTED_PURITY <= label.purity < MIN_PURITY
            and label.purity * len(self.rows) >= HIGH_ROWS
            and label.shift_bound >= DILUTED_SHIFT
        )

    @property
    def doubts(self) -> frozenset[str]:
        """The limits of planted strings that it does not keep."""
        kept = {"elsewhere": self.elsewhere.beyond <= MAX_ELSEWHERE}
        if self.is_dirty:
            is_single = len(self.parts) == 1
            is_shifted = (
                is_single
                and not self._has_subjects
                and len(self.rows) >= HIGH_ROWS
                and self.label.shift_bound >= MIXED_SHIFT
            )
            least = MIN_PURITY if is_single else JOINT_PURITY
            is_pure = self.label.purity >= (MIXED_PURITY if is_shifted else least)
            kept["purity"] = is_pure or self.is_diluted
            kept["fit"] = self.seam.fit >= MIN_FIT
            kept["collision"] = self.seam.collision <= MAX_COLLISION
            kept["independence"] = self.independence.factor >= MIN_INDEPENDENCE
        else:
            kept["purity"] = self.label.purity >= CLEAN_PURITY
            kept["fit"] = self.seam.fit >= CLEAN_FIT
            kept["collision"] = self.seam.collision <= CLEAN_COLLISION
            kept["wholeness"] = self.independence.wholeness >= CLEAN_WHOLENESS
            kept["own word"] = self.own_word >= CLEAN_OWN_WORD
            usual = MIN_USUAL * self.label.contradiction_of_any
            kept["contradiction"] = self.agrees or self.label.contradiction >= usual
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
        if self.label.shift_bound < (MIN_SHIFT if self.is_dirty else CLEAN_SHIFT):
            return None
        if self.is_dirty:
            return "medium" if self.says_label else "high"
        is_marker = self.seam.inside < _MIN_INSIDE or self.independence.distinct < CLEAN_ROWS
        is_usual = self.says_label or (self.agrees and self._has_subjects)
        return "low" if is_marker or is_usual else "medium"

    @property
    def _has_subjects(self) -> bool:
        """Strings of the task have their classes: names, terms, sources of a subject."""
        return self.pure > MAX_PURE
