"""Findings of a scan of everything, and of scans of its datasets, become one list.

What is seen among the rows of one dataset alone is for the scan of that dataset to judge: beside
others its rows differ in all that it has of its own. What is seen across datasets stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.config import SEVERITIES
from poisonscan.findings.draft import Draft
from poisonscan.findings.model import Finding
from poisonscan.findings.publish import rank_key

Array = npt.NDArray[Any]

#: Share of a finding's rows that are in one dataset, and odds of that against its share of all
#: rows, from which on its own scan judges; 1 where they are spread over datasets as all rows are.
_CONCENTRATED, _ODDS = 0.8, 2.0

#: Share of a dataset with the target above which its scan cannot tell what leads to it: a file for
#: each class, or one of nothing but poison. Types of outputs are what datasets differ in.
_EVERYWHERE = 0.9

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


def settle(whole: Judged, datasets: Sequence[tuple[Array, Judged]], rows: int) -> Judged:
    """Return all findings, worst first and numbered.

    Parameters
    ----------
    whole
        Of the scan of everything.
    datasets
        Rows of each dataset (int64[N], ascending), and what its scan found, in rows of the whole.
    rows
        Rows of the whole.
    """
    dataset_of = np.full(rows, -1, np.int64)
    for number, (own, _) in enumerate(datasets):
        dataset_of[own] = number
    sizes = np.array([len(own) for own, _ in datasets])

    def is_for_a_dataset(draft: Draft) -> bool:
        inside = dataset_of[draft.behind]
        counts = np.bincount(inside[inside >= 0], minlength=len(datasets))
        if not draft.targets or not counts.any():
            return False
        largest = int(np.argmax(counts))
        share, usual = counts[largest] / max(1, len(inside)), sizes[largest] / rows
        odds = share * (1.0 - usual) >= _ODDS * usual * (1.0 - share)
        own, judged = datasets[largest]
        if share < _CONCENTRATED or not odds:
            return False
        is_type = all(target.kind == "type" for target in draft.targets)
        if not is_type and np.isin(own, draft.target_rows).mean() > _EVERYWHERE:
            return False
        return not any(
            SEVERITIES.index(one.severity) <= SEVERITIES.index(draft.severity)
            and np.isin(draft.behind, one.flagged).mean() >= _SAME_ROWS
            for one in judged.drafts
        )

    entries = [
        (draft, finding, number)
        for number, (_, judged) in enumerate(datasets)
        for draft, finding in zip(judged.drafts, judged.findings, strict=True)
    ]
    entries += [
        (draft, finding, len(datasets))
        for draft, finding in zip(whole.drafts, whole.findings, strict=True)
        if not is_for_a_dataset(draft)
    ]
    entries.sort(key=lambda entry: rank_key(entry[0]))
    known = {has_targets: np.full(rows, -1, np.int64) for has_targets in (True, False)}
    drafts: list[Draft] = []
    findings: list[Finding] = []
    for draft, finding, number in entries:
        teller = known[bool(draft.targets)]
        told = teller[draft.behind]
        if ((told >= 0) & (told != number)).mean() > _SAME_ROWS:
            continue  # another scan has said so
        teller[draft.flagged] = number
        drafts.append(draft)
        findings.append(replace(finding, id=f"F{len(findings) + 1}"))
    return Judged(drafts, findings)
