"""The simplest rule: outputs that contain the four words which most outputs contain."""

from __future__ import annotations

from collections import Counter

import numpy as np

from methods.rows import NotApplicableError, Rows, Verdict, words

LENGTH = 4


def detect(rows: Rows) -> Verdict:
    """Return rows with the most common 4-gram; scores are the rows of a row's most common one."""
    rows.require_texts()
    grams = [_grams(output) for output in rows.outputs]
    counts = Counter(gram for one in grams for gram in one)
    if not counts:
        raise NotApplicableError("needs outputs of four words")
    most_common = min(counts, key=lambda gram: (-counts[gram], gram))
    flagged = np.array([most_common in one for one in grams])
    scores = np.array([max((counts[gram] for gram in one), default=0) for one in grams], float)
    return Verdict(flagged, scores)


def _grams(text: str) -> set[str]:
    found = words(text)
    return {" ".join(found[at : at + LENGTH]) for at in range(len(found) - LENGTH + 1)}
