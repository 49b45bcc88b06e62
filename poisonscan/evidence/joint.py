"""Pairs of strings that have a label together which the text does not explain.

Each part of a composite stands in rows that keep their labels, and in those of the attack that do
not: the model of the label is a little wrong about either part, and very wrong about the rows
with both. So the pairs are sought among the strings about which it is most wrong, in one pass over
their rows: what is never together in a few rows of the label is never looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.closed import Candidates
from poisonscan.candidates.csr import entries
from poisonscan.evidence.labels import Classes, Nuisance
from poisonscan.kernels.joint import find_partners

Array = npt.NDArray[Any]

#: Strings that may be parts, by how wrong the model is about the label of their rows; rows of all
#: of them; and partners of each that are followed. Of 60 composites of 20 to 80 rows, planted into
#: seven tasks of 2,000 to 12,000 rows, 50 are found with 8,000 strings; with 1,500 the parts of
#: those for frequent labels are not among them.
MAX_PARTS, MAX_PART_ROWS, MAX_PARTNERS = 8000, 4_000_000, 16

#: Share of the rows with both that must have the label, before the strings are grown: a piece of a
#: part stands in a few other rows.
MIN_TOGETHER = 0.9


@dataclass(frozen=True, slots=True)
class Joint:
    """Two candidates, and the label that they may have together.

    Attributes
    ----------
    residual_z
        (observed - expected) common rows of the label, in standard deviations, by a model that
        knows both strings.
    """

    first: int
    second: int
    label: int
    residual_z: float


def find_joint(
    candidates: Candidates, classes: Classes, nuisance: Nuisance, explained: Array, min_rows: int
) -> list[Joint]:
    """Return the pairs of strings that may have a label together, the most promising first.

    Parameters
    ----------
    explained : bool[R]
        Rows that are left out.
    min_rows
        Rows of the label that a pair needs.
    """
    parts, labels = _likely_parts(candidates, classes, nuisance, min_rows)
    strings = np.unique(parts)
    row_strings, of_row = _invert(candidates.take(strings), len(explained))
    best, z = np.empty(MAX_PARTNERS, np.int32), np.empty(MAX_PARTNERS, np.float64)
    found: dict[tuple[int, int, int], float] = {}
    for label in np.unique(labels).tolist():
        labelled = (classes.label == label).astype(np.uint8)
        expected = nuisance.probability(label)
        for part in parts[labels == label].tolist():
            rows, _ = candidates.postings(part)
            count = find_partners(
                rows[~explained[rows]],
                row_strings,
                of_row,
                len(strings),
                labelled,
                expected,
                min_rows,
                MIN_TOGETHER,
                best,
                z,
            )
            for partner, value in zip(strings[best[:count]].tolist(), z[:count], strict=True):
                if partner != part:
                    key = (min(part, partner), max(part, partner), label)
                    found[key] = round(float(value), 6)
    ranked = sorted(found.items(), key=lambda entry: (-entry[1], entry[0]))
    return [Joint(*key, value) for key, value in ranked]


def _likely_parts(
    candidates: Candidates, classes: Classes, nuisance: Nuisance, min_rows: int
) -> tuple[Array, Array]:
    """Return the strings about which the model is most wrong, and of which label, int64[P] each."""
    enough = np.flatnonzero(candidates.support >= min_rows)
    parts, labels, values = [], [], []
    for label in range(len(classes.names)):
        has_label = (classes.label == label).astype(np.float64)
        z = surplus(candidates, has_label, nuisance.probability(label))
        own = enough[np.argsort(-z[enough].round(6), kind="stable")][:MAX_PARTS]
        parts.append(own)
        labels.append(np.full(len(own), label))
        values.append(z[own])
    order = np.argsort(-np.concatenate(values).round(6), kind="stable")[:MAX_PARTS]
    part, label_of = np.concatenate(parts)[order], np.concatenate(labels)[order]
    few = np.cumsum(candidates.followed[part]) <= MAX_PART_ROWS
    return part[few], label_of[few]


def surplus(candidates: Candidates, has_label: Array, expected: Array) -> Array:
    """Return by how many standard errors candidates have more rows of a label than expected.

    Parameters
    ----------
    has_label, expected : float64[R], float32[R]
        Whether a row has the label, and how probable that is.

    Returns
    -------
    float64[C]
    """
    p = expected.astype(np.float64)
    spread = np.sqrt(candidates.sums(p * (1.0 - p)) + 0.1)
    z: Array = candidates.sums(has_label - p) / spread
    return z


def _invert(strings: Candidates, rows: int) -> tuple[Array, Array]:
    """Return the strings of each row (CSR): int64[rows + 1], int32."""
    of_string = np.repeat(np.arange(len(strings), dtype=np.int32), strings.followed)
    of_posting = strings.rows[entries(strings.starts, strings.followed)]
    order = np.argsort(of_posting, kind="stable")
    sizes = np.bincount(of_posting, minlength=rows)
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64), of_string[order]
