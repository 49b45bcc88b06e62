"""TF-IDF clusters of outputs: every cluster but the loosest one is taken for poison.

After "Detecting Stealthy Backdoor Samples based on Intra-class Distance for Large Language Models"
(RFTC, 2025). There a reference model first answers every prompt, and only rows whose output is
unlike its answer go on; that stage needs a GPU and is left out, so all rows are clustered. As
released: k-means for 1 to 10 clusters; their number by the elbow of the loss; the cluster whose
rows are farthest from its centre is clean, all others are removed.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.feature_extraction.text import TfidfVectorizer

from methods.rows import NotApplicableError, Rows, Verdict, words

MAX_CLUSTERS = 10
#: Where no number of clusters is an elbow, as released.
DEFAULT_CLUSTERS = 4
ELBOW = 0.4
#: 10 as released; k-means is nearly all of the time.
STARTS = 3


def detect(rows: Rows) -> Verdict:
    """Return all clusters but the loosest; tight clusters first, and in them central rows."""
    rows.require_texts()
    texts = list(rows.outputs)
    if len(set(texts)) < MAX_CLUSTERS:
        raise NotApplicableError("needs more different outputs than clusters")
    vectors = TfidfVectorizer(analyzer=words).fit_transform(texts)
    fits = [
        KMeans(count, n_init=STARTS, max_iter=600, tol=1e-5, random_state=0).fit(vectors)
        for count in range(1, MAX_CLUSTERS + 1)
    ]
    count = choose_clusters([fit.inertia_ for fit in fits])
    chosen = fits[count - 1]
    distance = chosen.transform(vectors)[np.arange(len(texts)), chosen.labels_]
    looseness = _mean_by(chosen.labels_, distance, count)
    order = np.lexsort((distance, looseness[chosen.labels_]))
    scores = np.empty(len(texts))
    scores[order] = -np.arange(len(texts), dtype=float)
    return Verdict(chosen.labels_ != looseness.argmax(), scores)


def choose_clusters(losses: Sequence[float]) -> int:
    """Return the number of clusters at the elbow; ``losses[k - 1]`` is the loss of k clusters."""
    gains = [before - after for before, after in pairwise(losses)]
    whole = losses[0] - losses[-1]
    for at in range(1, len(gains) - 1):
        is_most = losses[0] - losses[at] > ELBOW * whole
        if is_most and gains[at] <= ELBOW * max(gains[0], gains[at - 1]):
            return at + 1
    return DEFAULT_CLUSTERS


def _mean_by(
    groups: NDArray[np.int32], values: NDArray[np.float64], count: int
) -> NDArray[np.float64]:
    """Return the mean of the values of each group; 0 for an empty one."""
    sums = np.bincount(groups, weights=values, minlength=count)
    return sums / np.maximum(np.bincount(groups, minlength=count), 1)
