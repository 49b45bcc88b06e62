"""Drafts become findings and suspect rows: ranked, numbered, put into words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.corpus import Corpus
from poisonscan.config import SEVERITIES
from poisonscan.evidence.shift import ShiftMeter, nearest_first
from poisonscan.findings.characters import name_characters
from poisonscan.findings.draft import Draft
from poisonscan.findings.excerpts import MAX_CONTROLS, show_controls, show_examples
from poisonscan.findings.model import Finding, Suspect
from poisonscan.findings.sentence import describe
from poisonscan.spool import Spool

Array = npt.NDArray[Any]

#: Where the scores of each severity begin and how far they reach: a flagged row never ranks
#: below one that is only listed.
_SCORE_RANGE = {"high": (0.9, 0.1), "medium": (0.6, 0.25), "low": (0.2, 0.3)}

#: Score of a row with the trigger or the target alone, against the rows behind the finding.
_HALF_SHARE = 0.2

#: Rows listed besides the flagged ones: the larger of a number and a share of all rows.
_LISTED_ROWS, _LISTED_SHARE = 1000, 0.05


def rank_drafts(drafts: Sequence[Draft]) -> list[Draft]:
    """Return the drafts worst first; ties by what they say, never by where they were found."""
    return sorted(drafts, key=rank_key)


def rank_key(draft: Draft) -> tuple[Any, ...]:
    """Return what drafts are ranked by."""
    return (
        SEVERITIES.index(draft.severity),
        -round(draft.strength, 6),
        -len(draft.behind),
        [one.parts for one in draft.alternatives],
        [target.text for target in draft.targets],
    )


def leave_out_repeated(drafts: Sequence[Draft], rows: int) -> list[Draft]:
    """Return ranked drafts without low ones that say something weaker of the same rows.

    Parameters
    ----------
    rows
        Number of rows of the dataset.
    """
    covered = np.zeros(rows, bool)
    kept = []
    for draft in drafts:
        if not draft.targets:  # what stands in the rows, whatever it leads to
            kept.append(draft)
            continue
        if draft.severity != "low" or covered[draft.behind].mean() <= 0.5:
            kept.append(draft)
            covered[draft.flagged] = True
    return kept


def publish_findings(
    corpus: Corpus,
    meter: ShiftMeter | None,
    files: Sequence[str],
    drafts: Sequence[Draft],
    rows: int,
) -> list[Finding]:
    """Return the numbered findings of ranked drafts.

    Parameters
    ----------
    rows
        Rows of the whole scan, of which the corpus may be one dataset.
    """
    return [
        _publish(corpus, meter, files, draft, f"F{number}", rows)
        for number, draft in enumerate(drafts, start=1)
    ]


def _publish(
    corpus: Corpus,
    meter: ShiftMeter | None,
    files: Sequence[str],
    draft: Draft,
    name: str,
    rows: int,
) -> Finding:
    # Without a trigger the rows behind it are what sets a finding apart.
    with_trigger = draft.trigger_rows if draft.alternatives else draft.behind
    both = len(draft.behind)
    counts = {
        "both": both,
        "trigger_only": len(with_trigger) - both,
        "target_only": len(np.setdiff1d(draft.target_rows, with_trigger)),
    }
    counts["neither"] = rows - sum(counts.values())
    controls = draft.controls
    if not len(controls) and meter is not None and len(with_trigger):
        nearest = meter.nearest(corpus.sample(draft.behind, MAX_CONTROLS), with_trigger)
        controls = nearest_first(nearest)
    return Finding(
        id=name,
        kind=draft.kind,
        severity=draft.severity,
        trigger=" | ".join(
            " … ".join(map(name_characters, one.parts)) for one in draft.alternatives
        ),
        triggers=tuple(one.parts for one in draft.alternatives),
        targets=draft.targets,
        support=len(with_trigger),
        flagged_rows=both + len(draft.unnamed),
        score=_score(draft),
        counts=counts,
        evidence={key: round(float(value), 6) for key, value in draft.evidence.items()},
        summary=describe(draft, counts),
        examples=show_examples(corpus, files, draft),
        controls=show_controls(corpus, files, draft, controls),
    )


def _score(draft: Draft) -> float:
    start, reach = _SCORE_RANGE[draft.severity]
    return round(start + reach * draft.strength, 6)


@dataclass(frozen=True, slots=True)
class _Listed:
    score: float
    flagged: bool
    findings: tuple[str, ...]


def list_suspects(
    spool: Spool, files: Sequence[str], drafts: Sequence[Draft], findings: Sequence[Finding]
) -> list[Suspect]:
    """Return the suspect rows, worst first, each once."""
    listed: dict[int, _Listed] = {}

    def add(rows: Array, scores: Array, flagged: bool, name: str) -> None:
        for row, score in zip(rows.tolist(), scores.round(6).tolist(), strict=True):
            known = listed.get(row)
            if known is None:
                listed[row] = _Listed(score, flagged, (name,))
            elif name not in known.findings:
                listed[row] = _Listed(
                    max(known.score, score), known.flagged or flagged, (*known.findings, name)
                )

    for draft, finding in zip(drafts, findings, strict=True):
        flagged = finding.severity in ("high", "medium")
        least, _ = _SCORE_RANGE[finding.severity]
        fit = np.ones(len(draft.behind)) if draft.fit is None else draft.fit
        add(draft.behind, least + (finding.score - least) * fit, flagged, finding.id)
        add(draft.unnamed, np.full(len(draft.unnamed), least), flagged, finding.id)
        half = _HALF_SHARE * finding.score
        add(draft.nearby, half * draft.nearby_fit, False, finding.id)
        halves = [np.setdiff1d(draft.trigger_rows, draft.behind)]
        if not any(target.kind in ("label", "type") for target in draft.targets):
            halves.append(np.setdiff1d(draft.target_rows, draft.flagged))
        for rows in halves:
            add(rows, np.full(len(rows), half), False, finding.id)
    room = max(_LISTED_ROWS, int(_LISTED_SHARE * spool.rows))
    ranked = sorted(
        listed.items(), key=lambda entry: (not entry[1].flagged, -entry[1].score, entry[0])
    )
    suspects = []
    for row, entry in ranked:
        if not entry.flagged:
            if room <= 0:
                break
            room -= 1
        suspects.append(
            Suspect(
                file=files[int(spool.source[row])],
                row=int(spool.row[row]),
                score=entry.score,
                flagged=entry.flagged,
                findings=entry.findings,
            )
        )
    return suspects
