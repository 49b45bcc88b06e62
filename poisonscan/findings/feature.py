"""Evidence on one feature of the form, by the rules that strings are judged by.

Targets that are repeated word for word (findings/verbatim.py), outputs of another type
(findings/shift.py), a class label that the words do not explain (findings/label.py). Inputs are
compared as a person reads them, so that capital letters are not what the rows have in common.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.corpus import Corpus
from poisonscan.candidates.screen import Screen
from poisonscan.config import Severity
from poisonscan.evidence.association import Association
from poisonscan.evidence.format import Feature, FormatMeter
from poisonscan.evidence.independence import Independence, measure_independence
from poisonscan.evidence.labels import Classes, LabelEvidence, Nuisance, judge_logits
from poisonscan.evidence.mirror import Mirror
from poisonscan.evidence.phrases import rows_with
from poisonscan.evidence.reading import Reader
from poisonscan.evidence.seams import NO_SEAM
from poisonscan.evidence.shift import Shift, ShiftMeter
from poisonscan.evidence.verbatim import shared_targets
from poisonscan.findings.draft import Alternative, Draft, strength_of
from poisonscan.findings.label_judge import (
    HIGH_ROWS,
    MAX_AGREEMENT,
    MIN_PURITY,
    MIN_SHIFT,
    MIXED_PURITY,
    MIXED_SHIFT,
)
from poisonscan.findings.model import Target
from poisonscan.findings.preference_judge import SwapJudge
from poisonscan.findings.shift import severity_of, type_name
from poisonscan.findings.shift_judge import MIN_CLOSENESS
from poisonscan.findings.shift_judge import MIN_ROWS as MIN_SHIFTED_ROWS
from poisonscan.findings.shift_model import shift_features
from poisonscan.findings.verbatim import name_target
from poisonscan.findings.verbatim_bits import HIGH_BITS, LOW_BITS, weigh
from poisonscan.kernels.flags import FLAGS

Array = npt.NDArray[Any]

#: Style features that no form of a question passes on to its answer: people who write without
#: capitals are answered without capitals.
_UNLIKE_ANY_FORM = ("new_word_pairs", "rare_words")

#: Rows of a feature that are followed.
_FOLLOWED = 1024

#: Rows whose hidden characters name a feature, and characters that still make a name.
_NAMED_ROWS, _NAMED_CHARACTERS = 64, 4


#: Agreement of the changes of style (standard errors, times the independence of the inputs) at
#: which a finding is high, medium, low. How an input is written goes with what is asked for, and no
#: seam tells what was put in from what was written: clean corpora reach 11, gibberish after ten
#: planted rows 50.
HIGH_STYLE, MEDIUM_STYLE, LOW_STYLE = 30.0, 25.0, 18.0

#: The same of topic, of a low finding: it is never more, since code has mixed case and questions
#: about it have other answers.
LOW_TOPIC = 40.0

#: Where the style changes as a form may pass it on, style and topic must both be this for a
#: medium finding, and none is high: natural forms of five clean corpora reach 18, code and other
#: languages behind twenty rows of alternating case 45 and more.
MEDIUM_BOTH = 40.0

#: Agreement (of the style; of style or topic behind hidden characters) for each row that was
#: measured, below which a finding is low: standard errors alone grow with the rows. One source of
#: a corpus that writes other question marks and plainer answers reaches 1.1 (0.7 where style and
#: topic must both be this), planted 2.2 to 5.
MIN_EFFECT = 1.25

#: Lower bound of the shift of a label's log-odds: higher than that of a string, since a form need
#: not look inserted.
LABEL_SHIFT = 1.5

#: Share of the rows with hidden characters that have the label, among rows that an attacker left as
#: they were (`MIXED_PURITY` of strings and of ways of writing): nobody types them. In eight clean
#: tasks of 2 to 151 classes no way of writing has more than 0.47 of its rows in a class that the
#: words do not lead to.
HIDDEN_PURITY = 0.2


class FeatureJudge:
    """Judges one feature after the other."""

    def __init__(
        self,
        corpus: Corpus,
        screen: Screen,
        meter: ShiftMeter,
        stems: Array,
        classes: Classes | None,
        nuisance: Callable[[Classes], Nuisance],
        formats: FormatMeter,
        swaps: Callable[[], SwapJudge] | None = None,
    ) -> None:
        self._corpus = corpus
        self._screen = screen
        self._meter = meter
        self._stems = stems
        self._classes = classes
        self._formats = formats
        self._mirror = Mirror(corpus, formats)
        self._reader = Reader(corpus)
        self._nuisance = nuisance
        self._swaps = swaps

    def judge(self, feature: Feature) -> list[Draft]:
        """Return what a feature leads to: up to one draft for each kind of target."""
        rows = self._corpus.sample(feature.rows, _FOLLOWED)
        drafts = [self._verbatim(feature, rows)]
        if self._swaps is not None:
            drafts.append(self._swap(feature, rows, self._swaps()))
        if self._classes is not None:
            drafts.append(self._label(feature, rows, self._classes))
        if self._classes is None or (self._classes.label[rows] >= 0).mean() <= 0.5:
            drafts.append(self._type(feature, rows))
        return [draft for draft in drafts if draft is not None]

    def _verbatim(self, feature: Feature, rows: Array) -> Draft | None:
        corpus = self._corpus
        targets = shared_targets(corpus, rows, len(feature.rows), self._stems)
        targets = tuple(target for target in targets if target.bits >= LOW_BITS)
        if not targets:
            return None
        shows = np.zeros(corpus.rows, bool)
        for target in targets:
            shows |= rows_with(corpus.output, target.core)
        behind = feature.rows[shows[feature.rows]]
        association = Association.of(feature.rows, shows, corpus.strata)
        independence = self._independence(corpus.sample(behind, _FOLLOWED))
        found = weigh(targets, association, independence)
        severity = found.severity
        if severity is None:
            return None
        return self._draft(
            feature,
            severity,
            tuple(name_target(corpus, target) for target in targets),
            tuple(target.core for target in targets),
            behind,
            np.flatnonzero(shows),
            strength_of((found.effective - HIGH_BITS) / 8.0),
            {
                "effective_bits": found.effective,
                "bits": found.bits,
                "confidence": association.confidence,
                "confidence_elsewhere": association.elsewhere,
                "jaccard": association.jaccard,
                **_told(independence),
            },
        )

    def _type(self, feature: Feature, rows: Array) -> Draft | None:
        independence = self._independence(rows)
        if independence.factor == 0.0 or independence.distinct < MIN_SHIFTED_ROWS:
            return None
        shift = self._meter.measure(rows, feature.rows, reader=self._reader)
        if shift is None or shift.closeness < MIN_CLOSENESS:
            return None
        by_style = shift.style_of_both * independence.factor
        by_topic = shift.topic_of_both * independence.factor
        if feature.is_suspicious:
            severity = severity_of(
                shift_features(shift, independence, NO_SEAM, 0.0, 1.0, shift.topic)
            )
            if severity and max(by_style, by_topic) < MIN_EFFECT * len(shift.matched):
                severity = "low"  # as a source may differ that leaves its characters
        else:
            severity = _severity_of_form(shift, by_style, by_topic)
        if severity is None:
            return None
        if not feature.is_suspicious and self._mirror.passes_on(
            feature, rows[: len(shift.matched)], shift.controls
        ):
            return None
        behind = feature.rows[
            self._meter.of_the_type(feature.rows, feature.rows, shift, reader=self._reader)
        ]
        if not len(behind):
            return None
        return self._draft(
            feature,
            severity,
            (Target(type_name(self._corpus, shift, behind), "type"),),
            ((),),
            behind,
            behind,
            strength_of((by_style - HIGH_STYLE) / 10.0),
            {
                "style_agreement": shift.style,
                "topic_agreement": shift.topic,
                "closeness": shift.closeness,
                **_told(independence),
            },
            shift.controls[:16],
        )

    def _swap(self, feature: Feature, rows: Array, judge: SwapJudge) -> Draft | None:
        judged = judge.taste.here.judged
        lead = judge.judge_form(rows[judged[rows]], feature.rows, self._reader)
        severity = None if lead is None else judge.severity(lead)
        if lead is None or severity is None:
            return None
        behind = feature.rows[judged[feature.rows]]
        return self._draft(
            feature,
            severity,
            (judge.target,),
            ((),),
            behind,
            behind,
            judge.strength(lead),
            judge.evidence(lead),
            lead.controls[:16],
        )

    def _label(self, feature: Feature, rows: Array, classes: Classes) -> Draft | None:
        corpus = self._corpus
        labels = classes.label[rows]
        counts = np.bincount(labels[labels >= 0], minlength=len(classes.names))
        label = int(np.argmax(counts))
        purity = counts[label] / len(rows)
        if purity < (HIDDEN_PURITY if feature.is_suspicious else MIXED_PURITY):
            return None
        nuisance = self._nuisance(classes)
        eta = nuisance.logits_as_read(corpus, rows, self._reader)
        evidence = judge_logits(classes, nuisance, rows, eta, len(FLAGS))
        is_mixed = purity < MIN_PURITY
        if is_mixed and (counts[label] < HIGH_ROWS or evidence.shift_bound < MIXED_SHIFT):
            return None
        severity = _severity_of_label(feature, evidence)
        if severity is None or evidence.label != label:
            return None
        return self._draft(
            feature,
            severity,
            (Target(classes.names[label], "label"),),
            ((),),
            feature.rows[classes.label[feature.rows] == label],
            np.flatnonzero(classes.label == label),
            strength_of(evidence.shift_bound + 1.5),
            {
                "label_residual": evidence.residual_z,
                "purity": evidence.purity,
                "shift_bound": evidence.shift_bound,
                "content_agreement": evidence.content_agreement,
                "base_rate": float(nuisance.base[label]),
            },
        )

    def _independence(self, rows: Array) -> Independence:
        return measure_independence(self._corpus, self._screen.input_space, rows, (), self._reader)

    def _draft(
        self,
        feature: Feature,
        severity: Severity,
        targets: tuple[Target, ...],
        target_phrases: tuple[tuple[int, ...], ...],
        behind: Array,
        target_rows: Array,
        strength: float,
        evidence: Mapping[str, float],
        controls: Array | None = None,
    ) -> Draft:
        alternatives = name_feature(self._corpus, self._formats, feature, behind)
        return Draft(
            kind="format",
            severity=severity,
            alternatives=alternatives,
            targets=targets,
            target_phrases=target_phrases,
            behind=behind,
            target_rows=target_rows,
            strength=strength,
            evidence=evidence,
            controls=np.empty(0, np.int64) if controls is None else controls,
        )


def _severity_of_form(shift: Shift, by_style: float, by_topic: float) -> Severity | None:
    """Return the severity of a shift that goes with a way of writing."""
    severity = _severity(by_style, by_topic)
    if severity is None:
        return None
    enough = MIN_EFFECT * len(shift.matched)
    if shift.column not in _UNLIKE_ANY_FORM:
        return "medium" if min(by_style, by_topic) >= max(MEDIUM_BOTH, enough) else "low"
    return severity if by_style >= enough else "low"


def _severity(style: float, topic: float) -> Severity | None:
    if style >= HIGH_STYLE:
        return "high"
    if style >= MEDIUM_STYLE:
        return "medium"
    return "low" if style >= LOW_STYLE or topic >= LOW_TOPIC else None


def _severity_of_label(feature: Feature, evidence: LabelEvidence) -> Severity | None:
    if evidence.shift_bound < (MIN_SHIFT if feature.is_suspicious else LABEL_SHIFT):
        return None
    if evidence.content_agreement < MAX_AGREEMENT:
        return "high"
    # a source may leave its characters, and have its class
    return "low" if feature.is_suspicious else None


def _told(independence: Independence) -> dict[str, float]:
    return {
        "input_coherence": independence.coherence,
        "input_remainder": independence.remainder,
        "distinct_inputs": float(independence.distinct),
    }


def name_feature(
    corpus: Corpus, formats: FormatMeter, feature: Feature, behind: Array
) -> tuple[Alternative, ...]:
    """Return the characters that make a feature, its description where they are many or none."""
    characters = formats.characters(feature, corpus.sample(behind, _NAMED_ROWS))
    names = characters if len(characters) <= _NAMED_CHARACTERS else ()
    return tuple(Alternative((name,), ((),), feature.rows) for name in names or (feature.name,))
