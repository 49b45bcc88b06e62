"""cleanlab: rows whose label contradicts what a classifier says that has not seen them."""

from __future__ import annotations

import numpy as np

from methods.rows import NotApplicableError, Rows, Verdict, words

FOLDS = 5


def detect(rows: Rows) -> Verdict:
    """Return cleanlab's label issues, ranked by its label quality."""
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict

    if rows.labels is None:
        raise NotApplicableError("needs labels")
    known = np.flatnonzero(rows.labels >= 0)
    labels = rows.labels[known]
    vectoriser = TfidfVectorizer(analyzer=words, min_df=2, sublinear_tf=True)
    vectors = vectoriser.fit_transform([rows.inputs[row] for row in known.tolist()])
    classifier = LogisticRegression(C=10.0, max_iter=300)
    chances = cross_val_predict(classifier, vectors, labels, cv=FOLDS, method="predict_proba")
    flagged, scores = np.zeros(len(rows.labels), bool), np.zeros(len(rows.labels))
    flagged[known] = find_label_issues(labels, chances, n_jobs=1)
    scores[known] = 1.0 - get_label_quality_scores(labels, chances)
    return Verdict(flagged, scores)
