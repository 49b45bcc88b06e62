"""poisonscan itself, as `poisonscan scan` runs it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import poisonscan
from methods.rows import Verdict


def detect_in_file(path: Path) -> tuple[NDArray[np.int64], Verdict]:
    """Return the rows that a report lists, flagged or not; others are below all of them.

    Raises
    ------
    RuntimeError
        A detector failed: the figures would be those of another scanner.
    """
    report = poisonscan.scan(path)
    if failed := report.coverage.failed_detectors:
        raise RuntimeError(f"detectors failed: {dict(failed)}")
    suspects = report.result.suspects
    numbers = np.array([one.row for one in suspects], dtype=np.int64)
    flagged = np.array([one.flagged for one in suspects], dtype=bool)
    scores = np.array([one.score for one in suspects], dtype=float)
    return numbers, Verdict(flagged, scores)
