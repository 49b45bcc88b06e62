"""Z-Def: words whose label is not what the share of the label would make expect.

He et al., "Mitigating Backdoor Poisoning Attacks through the Lens of Spurious Correlation", EMNLP
2023 (arXiv 2305.11596). For a word and a label, ``z = (p - p0) / sqrt(p0 (1 - p0) / n)``, where n
is how often the word occurs and p the share of these with the label. Pairs further than `CUT`
standard deviations from the mean of all z are triggers; their rows are removed. Words are what
stands between spaces, as released.

p0 is ``1 / labels`` as released. Text outputs have no labels: their most common openings, and then
their most common closings, stand in for them; all other outputs are one more label that is no
target, and p0 is the share of the label, since these labels are of very different size.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer

from methods.rows import Rows, Verdict, pieces, words

CUT = 20.0
#: Stand-ins for labels: the most common beginnings and endings of this many words.
STANDINS, STANDIN_WORDS = 20, 3
#: Rows that a stand-in needs.
MIN_ROWS = 5


def detect(rows: Rows) -> Verdict:
    """Return rows with a word that goes with their label, and how far out that word is."""
    if rows.labels is not None:
        scores = _deviations(rows.inputs, rows.labels, None)
        return Verdict(scores > CUT, scores)
    rows.require_texts()
    cut_up = [words(output) for output in rows.outputs]
    openings = [" ".join(one[:STANDIN_WORDS]) for one in cut_up]
    closings = [" ".join(one[-STANDIN_WORDS:]) for one in cut_up]
    scores = np.zeros(len(cut_up))
    for standins in (openings, closings):
        labels, other = _standin_labels(standins)
        scores = np.maximum(scores, _deviations(rows.inputs, labels, other))
    return Verdict(scores > CUT, scores)


def _standin_labels(texts: Sequence[str]) -> tuple[NDArray[np.int64], int]:
    """Return the label of each row, and the label of those without a common text."""
    counts = Counter(texts)
    common = sorted((-count, text) for text, count in counts.items() if count >= MIN_ROWS)
    code = {text: number for number, (_, text) in enumerate(common[:STANDINS])}
    other = len(code)
    return np.array([code.get(text, other) for text in texts], dtype=np.int64), other


def _deviations(
    inputs: Sequence[str], labels: NDArray[np.int64], other: int | None
) -> NDArray[np.float64]:
    """Return how far the z of each row's farthest word is from the mean, in sd, float ``(n,)``.

    Rows of the label `other`, and rows without one (-1), count, but are no suspects.
    """
    scores = np.zeros(len(inputs))
    known = np.flatnonzero(labels >= 0)
    present, codes = np.unique(labels[known], return_inverse=True)
    if len(present) < 2:
        return scores
    # CSR (rows, words): how often each word occurs
    counts = CountVectorizer(analyzer=pieces).fit_transform([inputs[row] for row in known.tolist()])
    by_label = np.stack(
        [np.asarray(counts[codes == code].sum(axis=0)).ravel() for code in range(len(present))]
    )  # (labels, words)
    total = by_label.sum(axis=0)
    if other is None:
        expected = np.full(len(present), 1 / len(present))
    else:
        expected = np.bincount(codes) / len(codes)
    expected = expected[:, None]
    z = (by_label / total - expected) / np.sqrt(expected * (1 - expected) / total)
    seen = z[by_label > 0]
    deviation = np.abs(z - seen.mean()) / max(float(seen.std()), 1e-12)
    row_of = np.repeat(np.arange(len(known)), np.diff(counts.indptr))
    found = np.zeros(len(known))
    np.maximum.at(found, row_of, deviation[codes[row_of], counts.indices])
    if other is not None:
        found[present[codes] == other] = 0.0
    scores[known] = found
    return scores
