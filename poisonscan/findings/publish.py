"""Drafts become findings and suspect rows: ranked, numbered, put into words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.corpus import Corpus
from poisonscan.config import SEVERITIES
from poisonscan.evidence.shift import ShiftMeter
from poisonscan.findings.draft import Draft
from poisonscan.findings.excerpts import MAX_CONTROLS, show_controls, show_examples
from poisonscan.findings.model import Finding, Suspect

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
    return sorted(
        drafts,
        key=lambda draft: (
            SEVERITIES.index(draft.severity),
            -round(draft.strength, 6),
            -len(draft.behind),
            [one.parts for one in draft.alternatives],
            [target.text for target in draft.targets],
        ),
    )


def publish_findings(
    corpus: Corpus, meter: ShiftMeter | None, files: Sequence[str], drafts: Sequence[Draft]
) -> list[Finding]:
    """Return the numbered findings of ranked drafts."""
    return [
        _publish(corpus, meter, files, draft, f"F{number}")
        for number, draft in enumerate(drafts, start=1)
    ]


def _publish(
    corpus: Corpus, meter: ShiftMeter | None, files: Sequence[str], draft: Draft, name: str
) -> Finding:
    with_trigger = draft.trigger_rows
    both = len(draft.behind)
    counts = {
        "both": both,
        "trigger_only": len(with_trigger) - both,
        "target_only": len(np.setdiff1d(draft.target_rows, with_trigger)),
    }
    counts["neither"] = corpus.rows - sum(counts.values())
    controls = draft.controls
    if not len(controls) and meter is not None and len(with_trigger):
        nearest = meter.nearest(corpus.sample(draft.behind, MAX_CONTROLS), with_trigger)
        controls = np.array(list(dict.fromkeys(nearest.T.ravel().tolist())), np.int64)
    return Finding(
        id=name,
        kind=draft.kind,
        severity=draft.severity,
        trigger=" | ".join(" … ".join(one.parts) for one in draft.alternatives),
        triggers=tuple(one.parts for one in draft.alternatives),
        targets=draft.targets,
        support=len(with_trigger),
        flagged_rows=both,
        score=_score(draft),
        counts=counts,
        evidence={key: round(float(value), 6) for key, value in draft.evidence.items()},
        summary=_sentence(draft, counts),
        examples=show_examples(corpus, files, draft),
        controls=show_controls(corpus, files, draft, controls),
    )


def _score(draft: Draft) -> float:
    start, reach = _SCORE_RANGE[draft.severity]
    return round(start + reach * draft.strength, 6)


def _sentence(draft: Draft, counts: dict[str, int]) -> str:
    strings = len(draft.alternatives)
    parts = any(len(one.parts) > 1 for one in draft.alternatives)
    subject = "These strings together stand" if parts else "This string stands"
    if strings > 1:
        subject = f"Any of these {strings} strings stands"
    total = counts["both"] + counts["trigger_only"]
    kind = draft.targets[0].kind
    share = f"{counts['both']} of them ({100 * counts['both'] / max(1, total):.0f} %)"
    others = counts["target_only"]
    if kind == "label":
        rest = f"{share} are labelled {draft.targets[0].text!r}, against what their text says"
        if draft.evidence.get("content_agreement", 0.0) >= 0.1:
            rest = f"{share} are labelled {draft.targets[0].text!r}"
    elif kind == "type":
        rest = f"the outputs of {share} differ in type from those of similar rows"
        rest += f": {draft.targets[0].text}"
    else:
        what = "one of these outputs" if len(draft.targets) > 1 else "this output"
        who = f"{others} other rows have" if others > 1 else f"{others or 'no'} other row has"
        rest = f"{share} have {what}, which {who}"
    unlike = "input_coherence" in draft.evidence or kind == "label"
    inputs = " with otherwise unrelated inputs" if unlike and kind != "label" else ""
    return f"{subject} in {total} rows{inputs}; {rest}."


@dataclass(frozen=True, slots=True)
class _Listed:
    score: float
    flagged: bool
    findings: tuple[str, ...]


def list_suspects(
    corpus: Corpus, files: Sequence[str], drafts: Sequence[Draft], findings: Sequence[Finding]
) -> list[Suspect]:
    """Return the suspect rows, worst first, each once."""
    listed: dict[int, _Listed] = {}

    def add(rows: Array, score: float, flagged: bool, name: str) -> None:
        for row in rows.tolist():
            known = listed.get(row)
            if known is None:
                listed[row] = _Listed(score, flagged, (name,))
            elif name not in known.findings:
                listed[row] = _Listed(
                    max(known.score, score), known.flagged or flagged, (*known.findings, name)
                )

    for draft, finding in zip(drafts, findings, strict=True):
        flagged = finding.severity in ("high", "medium")
        add(draft.behind, finding.score, flagged, finding.id)
        halves = [np.setdiff1d(draft.trigger_rows, draft.behind)]
        if draft.targets[0].kind not in ("label", "type"):
            halves.append(np.setdiff1d(draft.target_rows, draft.behind))
        for rows in halves:
            add(rows, round(_HALF_SHARE * finding.score, 6), False, finding.id)
    room = max(_LISTED_ROWS, int(_LISTED_SHARE * corpus.rows))
    spool = corpus.spool
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
