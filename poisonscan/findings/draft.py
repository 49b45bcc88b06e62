"""Findings in the making: rows and terms instead of texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.config import Severity
from poisonscan.findings.model import Kind, Target

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Alternative:
    """One trigger: parts that have to be in the row together.

    Attributes
    ----------
    parts
        Text of each part, as it stands in the data.
    phrases
        Vocabulary terms of each part.
    rows : int64[N]
        Rows that contain all parts, ascending.
    """

    parts: tuple[str, ...]
    phrases: tuple[tuple[int, ...], ...]
    rows: Array

    @property
    def terms(self) -> tuple[int, ...]:
        """The words of all parts."""
        return tuple(term for phrase in self.phrases for term in phrase)


@dataclass(frozen=True, slots=True)
class Draft:
    """A finding before it is numbered and shown.

    Attributes
    ----------
    behind : int64[N]
        Rows behind the finding (with trigger and target), ascending.
    target_rows : int64[N]
        Rows that show a target, ascending.
    unnamed : int64[U]
        Rows that show a target as those behind the finding do, by a trigger that has no string in
        common with theirs, ascending: flagged too.
    target_phrases
        Terms of each target, empty where it is no phrase.
    strength
        0..1, comparable over kinds; findings are ranked by it.
    controls : int64[K]
        The most similar rows without the trigger; empty where they are yet to be sought.
    fit : float64[N], optional
        How well each row of `behind` fits the finding, 0..1; without it all fit alike.
    nearby : int64[M], nearby_fit : float64[M]
        Rows that look like those behind it, to be listed and not flagged, and how well they fit.
    """

    kind: Kind
    severity: Severity
    alternatives: tuple[Alternative, ...]
    targets: tuple[Target, ...]
    target_phrases: tuple[tuple[int, ...], ...]
    behind: Array
    target_rows: Array
    strength: float
    evidence: Mapping[str, float]
    controls: Array = field(default_factory=lambda: np.empty(0, np.int64))
    fit: Array | None = None
    nearby: Array = field(default_factory=lambda: np.empty(0, np.int64))
    nearby_fit: Array = field(default_factory=lambda: np.empty(0))
    unnamed: Array = field(default_factory=lambda: np.empty(0, np.int64))

    @property
    def trigger_rows(self) -> Array:
        """Rows with any alternative, ascending."""
        if not self.alternatives:
            return np.empty(0, np.int64)
        return np.unique(np.concatenate([one.rows for one in self.alternatives]))

    @property
    def flagged(self) -> Array:
        """Rows that the finding accounts for, ascending."""
        return np.union1d(self.behind, self.unnamed)


def strength_of(excess: float) -> float:
    """Return the strength of evidence so far above what makes a finding, 0..1: logistic."""
    return float(1.0 / (1.0 + np.exp(-excess)))
