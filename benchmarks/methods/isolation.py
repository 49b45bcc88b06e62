"""Isolation forest: rows that are easily cut off from the others in embedding space."""

from __future__ import annotations

import numpy as np
from sklearn.ensemble import IsolationForest

from methods.rows import Rows, Verdict
from poisonscan.embed.static import StaticModel


def detect(rows: Rows) -> Verdict:
    """Return the outliers of scikit-learn's default threshold."""
    model = StaticModel.load()
    vectors = np.hstack([model.encode(rows.inputs), model.encode(rows.outputs)])
    forest = IsolationForest(random_state=0).fit(vectors)
    normality = forest.score_samples(vectors)
    return Verdict(normality < forest.offset_, -normality)
