"""How well flags and scores agree with the truth."""

from __future__ import annotations

from collections.abc import Sequence, Set

import numpy as np


def judge(
    numbers: Sequence[int],
    flagged: Sequence[bool],
    scores: Sequence[float],
    poisoned: Set[int],
    n_rows: int,
) -> dict[str, float | int]:
    """Return the figures of one method on one file.

    Parameters
    ----------
    numbers
        The rows that the method says something about; all others are not flagged and rank last.
    poisoned
        The poisoned rows; empty in a clean file, where ranks mean nothing.
    n_rows
        Rows in the file.

    Returns
    -------
    ``flagged``; ``false_positive_rate`` (of the clean rows); where there is poison ``recall``,
    ``precision`` (0 where nothing is flagged), ``f1`` and ``average_precision``.
    """
    found = {number for number, is_flagged in zip(numbers, flagged, strict=True) if is_flagged}
    hits, n_clean = len(found & poisoned), n_rows - len(poisoned)
    figures: dict[str, float | int] = {
        "flagged": len(found),
        "false_positive_rate": (len(found) - hits) / n_clean if n_clean else 0.0,
    }
    if poisoned:
        figures |= {
            "recall": hits / len(poisoned),
            "precision": hits / len(found) if found else 0.0,
            "f1": 2 * hits / (len(found) + len(poisoned)),
            "average_precision": _average_precision(numbers, scores, poisoned, n_rows),
        }
    return figures


def _average_precision(
    numbers: Sequence[int], scores: Sequence[float], poisoned: Set[int], n_rows: int
) -> float:
    """Return the mean over poisoned rows of the precision down to the row; ties are one step."""
    value = np.full(n_rows, min(scores, default=0.0) - 1.0)
    value[np.asarray(numbers, dtype=np.int64)] = scores
    is_poison = np.zeros(n_rows, bool)
    is_poison[sorted(poisoned)] = True
    order = np.argsort(-value, kind="stable")
    hits = np.cumsum(is_poison[order])
    ends = np.flatnonzero(np.append(np.diff(value[order]), 1.0))  # of each tie
    gained = np.diff(hits[ends], prepend=0)
    return float((gained * hits[ends] / (ends + 1)).sum() / len(poisoned))
