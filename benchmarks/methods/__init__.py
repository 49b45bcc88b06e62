"""Ways to find poisoned rows that need no GPU, all with the same input and the same answer.

Each is one small module with ``detect(rows) -> Verdict``, written from its paper and the settings
of its authors' released code; none of their code is used. `METHODS` says what each is given, and
what it lacks here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Method:
    """One method.

    Attributes
    ----------
    module
        Of this package; imported only where the method runs.
    title
        As the tables call it.
    given
        What it is given here, and what it lacks; one line.
    max_rows
        Larger files are not tried: time grows faster than the rows, or memory with them.
    package
        Distribution that it needs besides those of poisonscan.
    """

    module: str
    title: str
    given: str
    max_rows: int = 200_000
    package: str = ""


METHODS: Mapping[str, Method] = {
    "poisonscan": Method(
        "whole_scan", "poisonscan", "the file; default settings, rows that `clean` would remove"
    ),
    "zdef": Method(
        "zdef",
        "Z-Def (He et al. 2023)",
        "words and label, cut at 20 standard deviations as released; text outputs have no label:"
        " there their 20 most common openings and closings are taken for labels",
    ),
    "ngram": Method(
        "common_ngram",
        "most common output 4-gram",
        "outputs alone: rows with the four words that most outputs share",
    ),
    "tfidf": Method(
        "tfidf_clusters",
        "TF-IDF clusters (RFTC 2025)",
        "outputs alone; without the reference model (GPU), whose first stage would leave fewer"
        " rows to be clustered",
        max_rows=10_000,
    ),
    "deletion": Method(
        "deletion",
        "n-gram deletion (KillBadCode 2025)",
        "inputs alone; the language model is trained on the other half of the same file,"
        " as there is no clean text to train it on",
        max_rows=60_000,
    ),
    "isolation": Method(
        "isolation",
        "isolation forest",
        "embeddings of input and output by the static model of poisonscan; scikit-learn's"
        " own settings",
    ),
    "cleanlab": Method(
        "label_quality",
        "cleanlab",
        "labels, and out-of-fold probabilities of a logistic regression on TF-IDF; made for label"
        " errors, not for poison",
        max_rows=60_000,
        package="cleanlab",
    ),
}
