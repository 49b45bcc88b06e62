"""Detector: rows that two parsers read differently.

Who looks at such a row and who trains on it may see different texts. Nothing is measured: the
reader saw it (io/jsontext.py), and both readings were scanned. A key that is given twice with
different values is medium where few rows of a file have it: no program that writes objects does
that, so somebody wrote these rows by hand, and `clean` cannot say which value was meant. In many
rows it is a broken export, and low. Lone surrogates (a text that was cut in the middle of an
emoji) and byte order marks (files that were joined) happen; they are low, and listed where few
rows have them. Numbers that are none (NaN) and keys given twice with one value hide nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.corpus import Corpus
from poisonscan.config import Severity
from poisonscan.findings.draft import Alternative, Draft
from poisonscan.io.coverage import FileCoverage

Array = npt.NDArray[Any]

#: Share of a file's rows above which a parser trap is how the file was written, and the rows that
#: are few in any file.
FEW_SHARE, FEW_ROWS = 0.01, 2

#: Traps that can hide text, and the severity of few rows with them and of many.
_TRAPS: dict[str, tuple[Severity, Severity | None]] = {
    "duplicate-key": ("medium", "low"),
    "duplicate-column": ("low", "low"),
    "lone-surrogate": ("low", None),
    "byte-order-mark": ("low", None),
}


def find_structure(corpus: Corpus, files: Sequence[FileCoverage]) -> list[Draft]:
    """Return a finding for each parser trap and severity, over all files."""
    rows: dict[tuple[str, Severity], list[Array]] = {}
    counts: dict[tuple[str, Severity], int] = {}
    for source, file in enumerate(files):
        for trap, (of_few, of_many) in _TRAPS.items():
            count = file.traps.get(trap, 0)
            few = max(FEW_ROWS, FEW_SHARE * file.read)
            severity = of_few if count <= few else of_many
            if count and severity is not None:
                own = _rows_of(corpus, source, file.trap_rows.get(trap, []))
                rows.setdefault((trap, severity), []).append(own)
                counts[trap, severity] = counts.get((trap, severity), 0) + count
    drafts = []
    for (trap, severity), parts in sorted(rows.items()):
        behind = np.unique(np.concatenate(parts))
        if len(behind):
            drafts.append(_draft(trap, severity, behind, counts[trap, severity]))
    return drafts


def _rows_of(corpus: Corpus, source: int, numbers: Sequence[int]) -> Array:
    """Return the rows that have these numbers in a file; unreadable ones are not among them."""
    own = np.flatnonzero(corpus.spool.source == source)
    rows: Array = own[np.isin(corpus.spool.row[own], np.array(numbers, np.int64))]
    return rows


def _draft(trap: str, severity: Severity, behind: Array, count: int) -> Draft:
    return Draft(
        kind="structure",
        severity=severity,
        alternatives=(Alternative((trap,), ((),), behind),),
        targets=(),
        target_phrases=(),
        behind=behind,
        target_rows=np.empty(0, np.int64),
        strength=0.0,
        evidence={"rows_with_trap": float(count)},
    )
