"""What a scan says: findings, suspect rows, and the report that holds them.

The JSON forms are a contract with other programs (`SCHEMA_VERSION`); docs/report.md explains
every field.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from poisonscan.config import SEVERITIES, Severity
from poisonscan.io.coverage import Coverage
from poisonscan.records import TargetKind

SCHEMA_VERSION = "1.0"

Kind = Literal[
    "trigger",
    "composite",
    "format",
    "style",
    "topic",
    "output",
    "preference",
    "row",
    "structure",
]


@dataclass(frozen=True, slots=True)
class Target:
    """One output that a trigger leads to."""

    text: str
    kind: TargetKind


@dataclass(frozen=True, slots=True)
class Excerpt:
    """One row as shown to people: texts are cut around the trigger and the target.

    Attributes
    ----------
    marks
        Strings to highlight in `input` (parts of the trigger).
    target_marks
        Strings to highlight in `output`.
    """

    file: str
    row: int
    input: str
    output: str
    marks: tuple[str, ...] = ()
    target_marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One suspected piece of poison; fields as in docs/report.md.

    Attributes
    ----------
    triggers
        Alternatives; of each alternative all parts must be in the row.
    support
        Rows with the trigger.
    flagged_rows
        Rows behind the finding: with the trigger and the target.
    counts
        ``both``, ``trigger_only``, ``target_only``, ``neither``: rows of the scan.
    evidence
        Name -> number; what each name means stands in docs/report.md.
    summary
        One plain sentence.
    """

    id: str
    kind: Kind
    severity: Severity
    trigger: str
    triggers: tuple[tuple[str, ...], ...]
    targets: tuple[Target, ...]
    support: int
    flagged_rows: int
    score: float
    counts: Mapping[str, int]
    evidence: Mapping[str, float]
    summary: str
    examples: tuple[Excerpt, ...] = ()
    controls: tuple[Excerpt, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Digest of kind, triggers and targets alone: survives a reshuffle and a rescan."""
        identity = [
            self.kind,
            sorted(sorted(parts) for parts in self.triggers),
            sorted([target.kind, target.text] for target in self.targets),
        ]
        canonical = json.dumps(identity, ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values, the fingerprint among them."""
        return {**asdict(self), "fingerprint": self.fingerprint}


@dataclass(frozen=True, slots=True)
class Suspect:
    """One suspect row.

    Attributes
    ----------
    row
        0-based index of the record in its file.
    score
        0..1, never increasing from one suspect to the next.
    flagged
        True where `clean` removes the row: it is behind a finding of medium or high severity.
    findings
        Ids of the findings that the row belongs to.
    """

    file: str
    row: int
    score: float
    flagged: bool
    findings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "file": self.file,
            "row": self.row,
            "score": self.score,
            "flagged": self.flagged,
            "findings": list(self.findings),
        }


@dataclass(frozen=True, slots=True)
class ScanResult:
    """Everything that a scan found out; the report is its rendering.

    Attributes
    ----------
    findings
        Worst first, ids ``F1``, ``F2``, ...
    suspects
        Worst first, each row once.
    config
        The resolved settings (`ScanConfig.to_dict`).
    versions
        Package -> version, of what the numbers depend on.
    """

    findings: Sequence[Finding]
    suspects: Sequence[Suspect]
    coverage: Coverage
    config: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def flagged_rows(self) -> int:
        """Rows that `clean` would remove."""
        return sum(suspect.flagged for suspect in self.suspects)

    def count_by_severity(self) -> dict[str, int]:
        """Return the number of findings of each severity."""
        return {
            severity: sum(finding.severity == severity for finding in self.findings)
            for severity in SEVERITIES
        }

    def exit_code(self, fail_on: Severity | None) -> int:
        """Return 3 where the scan is incomplete, 1 where a finding reaches `fail_on`, else 0."""
        if not self.coverage.is_complete:
            return 3
        if fail_on is None:
            return 0
        reached = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
        return int(any(finding.severity in reached for finding in self.findings))
