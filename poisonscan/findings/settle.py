"""Findings of a scan of everything, and of scans of its datasets, become one list.

What is seen among the rows of one dataset alone is for the scan of that dataset to judge: beside
others its rows differ in all that it has of its own. What is seen across datasets stays. Tasks that
were told from other rows by their words deny nothing, and only what is clear in them is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.datasets import Dataset
from poisonscan.config import SEVERITIES
from poisonscan.findings.draft import Draft
from poisonscan.findings.label_judge import CLEAN_PURITY
from poisonscan.findings.model import Finding
from poisonscan.findings.publish import rank_key

Array = npt.NDArray[Any]

#: Share of a finding's rows that are in one dataset, and odds of that against its share of all
#: rows, from which on its own scan judges; 1 where they are spread over datasets as all rows are.
_CONCENTRATED, _ODDS = 0.8, 2.0

#: Share of a dataset with the target above which its scan cannot tell what leads to it: a file for
#: each class, or one of nothing but poison. Types of outputs are what datasets differ in.
_EVERYWHERE = 0.9

#: Share of the rows of a class that an attack may be in a task that was told from others by its
#: words: of a class of T0 a question has a tenth and more.
_FEW_OF_A_CLASS = 0.1

#: Share of a finding's rows that others are behind as well, above which it says the same.
_SAME_ROWS = 0.5


@dataclass(frozen=True, slots=True)
class Judged:
    """What one scan found: drafts, and the finding that each became."""

    drafts: Sequence[Draft]
    findings: Sequence[Finding]

    def moved(self, rows: Array) -> Judged:
        """Return the same for a scan in which these (int64[N], ascending) are its rows."""
        return Judged([_moved(draft, rows) for draft in self.drafts], self.findings)


def _moved(draft: Draft, rows: Array) -> Draft:
    return replace(
        draft,
        alternatives=tuple(replace(one, rows=rows[one.rows]) for one in draft.alternatives),
        behind=rows[draft.behind],
        target_rows=rows[draft.target_rows],
        controls=rows[draft.controls],
        nearby=rows[draft.nearby],
        unnamed=rows[draft.unnamed],
    )


def _is_clear(draft: Draft) -> bool:
    """Return whether a finding stands though its task was told from others by its words.

    Each task has its own ways to ask and to answer. One that was not told from others and asks in
    words of its own has names of its own for the classes too, or is much of what has a class. Words
    that mean a class have exceptions.
    """
    if draft.severity != "high" or draft.kind != "trigger":
        return False
    is_few = len(draft.behind) <= _FEW_OF_A_CLASS * len(draft.target_rows)
    return is_few and draft.evidence["purity"] >= CLEAN_PURITY


class _Datasets:
    """Which rows are of which dataset of files, and what the scan of each says.

    Parameters
    ----------
    scanned
        Each dataset, and what its scan found, in rows of the whole.
    rows
        Rows of the whole.
    """

    def __init__(self, scanned: Sequence[tuple[Dataset, Judged]], rows: int) -> None:
        self._scanned = scanned
        self._rows = rows
        self._dataset_of = np.full(rows, -1, np.int64)
        for number, (own, _) in enumerate(scanned):
            self._dataset_of[own.rows] = number
        self._sizes = np.array([len(own.rows) for own, _ in scanned], np.int64)

    def deny(self, draft: Draft) -> bool:
        """Return whether a finding is for one dataset to judge, which does not see it."""
        inside = self._dataset_of[draft.behind]
        counts = np.bincount(inside[inside >= 0], minlength=len(self._scanned))
        if not draft.targets or not counts.any():
            return False
        largest = int(np.argmax(counts))
        share, usual = counts[largest] / max(1, len(inside)), self._sizes[largest] / self._rows
        has_odds = share * (1.0 - usual) >= _ODDS * usual * (1.0 - share)
        return bool(share >= _CONCENTRATED and has_odds) and self._denies(largest, draft)

    def _denies(self, number: int, draft: Draft) -> bool:
        own, judged = self._scanned[number]
        is_type = all(target.kind == "type" for target in draft.targets)
        if not is_type and np.isin(own.rows, draft.target_rows).mean() > _EVERYWHERE:
            return False
        return not any(
            SEVERITIES.index(one.severity) <= SEVERITIES.index(draft.severity)
            and np.isin(draft.behind, one.flagged).mean() >= _SAME_ROWS
            for one in judged.drafts
        )


def settle(whole: Judged, datasets: Sequence[tuple[Dataset, Judged]], rows: int) -> Judged:
    """Return all findings, worst first and numbered.

    Parameters
    ----------
    whole
        Of the scan of everything.
    datasets
        Each dataset, and what its scan found, in rows of the whole.
    rows
        Rows of the whole.
    """
    files = _Datasets([one for one in datasets if not one[0].is_task], rows)
    # each with the number of its scan, and whether that one saw a part of some files only
    entries = [
        (draft, finding, number, own.is_task)
        for number, (own, judged) in enumerate(datasets)
        for draft, finding in zip(judged.drafts, judged.findings, strict=True)
        if not own.is_task or _is_clear(draft)
    ]
    entries += [
        (draft, finding, len(datasets), False)
        for draft, finding in zip(whole.drafts, whole.findings, strict=True)
        if not files.deny(draft)
    ]
    entries.sort(
        key=lambda entry: (SEVERITIES.index(entry[0].severity), entry[3], rank_key(entry[0]))
    )
    known = {has_targets: np.full(rows, -1, np.int64) for has_targets in (True, False)}
    told: list[tuple[Draft, Finding]] = []
    for draft, finding, number, _ in entries:
        teller = known[bool(draft.targets)]
        tellers = teller[draft.behind]
        if ((tellers >= 0) & (tellers != number)).mean() > _SAME_ROWS:
            continue  # another scan has said so
        teller[draft.flagged] = number
        told.append((draft, finding))
    told.sort(key=lambda one: rank_key(one[0]))
    findings = [replace(one, id=f"F{number}") for number, (_, one) in enumerate(told, start=1)]
    return Judged([draft for draft, _ in told], findings)
