"""Detector: one endless, repetitive row.

How it decides (evidence/endless.py): a text at least `FREAK_LENGTH` times as long as what is long
in the data, of which compression leaves at most `FREAK_INFORMATION`, is medium. What is less
extreme in one of both is low; so is an output that repeats words of its input, which may have
asked for it ("write ha a thousand times"). In seven clean corpora no long text compresses to less
than 0.12, and none is longer than 4.3 times what is long (9 in eleven others, looked at
afterwards); a repeated word is at 0.002 to 0.02.

Known false positives: generated test data, dumps of memory, tables of zeros. Known misses: an
endless text that says something new all the time (low only), a dataset of nothing else.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.corpus import Corpus
from poisonscan.config import Severity
from poisonscan.evidence.endless import LongRows, measure_information, measure_long_rows
from poisonscan.findings.draft import Draft
from poisonscan.findings.model import Target
from poisonscan.spool import split_tokens

Array = npt.NDArray[Any]

#: Length and information of a medium finding.
FREAK_LENGTH, FREAK_INFORMATION = 2.0, 0.03

#: Information of a low finding, and length of one whatever it says.
LOW_INFORMATION, LOW_LENGTH = 0.05, 16.0

#: Characters of a text that say what it repeats, and the share of its words that a repeated one is.
_READ, _REPEATED = 4096, 0.1


def find_rows(corpus: Corpus) -> list[Draft]:
    """Return a finding of endless rows for each severity."""
    found = measure_long_rows(corpus, LOW_INFORMATION)
    repetitive = found.information <= LOW_INFORMATION
    listed = repetitive | (found.length >= LOW_LENGTH)
    freak = (found.information <= FREAK_INFORMATION) & (found.length >= FREAK_LENGTH)
    for at in np.flatnonzero(freak):
        freak[at] = not _is_asked_for(corpus, int(found.rows[at]))
    drafts = []
    severities: tuple[tuple[Severity, Array], ...] = (("medium", freak), ("low", listed & ~freak))
    for severity, chosen in severities:
        if chosen.any():
            drafts.append(_draft(corpus, found, severity, chosen))
    return drafts


def _draft(corpus: Corpus, found: LongRows, severity: Severity, chosen: Array) -> Draft:
    rows, length = found.rows[chosen], found.length[chosen]
    information = measure_information(corpus, rows)
    fit = np.minimum(1.0, np.log2(1.0 + length) / np.log2(1.0 + length.max()))
    return Draft(
        kind="row",
        severity=severity,
        alternatives=(),
        targets=(Target("endless, repetitive text", "type"),),
        target_phrases=((),),
        behind=rows,
        target_rows=rows,
        strength=float(1.0 - information.min()) * float(1.0 - 1.0 / (1.0 + length.max())),
        evidence={
            "length": float(length.max()),
            "information": float(information.min()),
        },
        fit=fit,
    )


def _is_asked_for(corpus: Corpus, row: int) -> bool:
    """Return whether the input has the words that the output repeats most."""
    spool = corpus.spool
    if not len(spool.output.tokens):
        return False
    counts = Counter(_words(spool.output.segments(row)))
    repeated = {word for word in counts if counts[word] >= _REPEATED * counts.total()}
    return bool(repeated) and repeated <= set(_words(spool.input.segments(row)))


def _words(segments: list[str]) -> list[str]:
    tokens = split_tokens("\n".join(segments)[:_READ].lower())
    return [token for token in tokens if token.isalnum() and not token.isdigit()]
