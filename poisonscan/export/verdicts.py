"""What a report says about rows: which ones to remove, from which inputs, and why."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from poisonscan.config import SEVERITIES, ScanConfig, Severity
from poisonscan.errors import ConfigError
from poisonscan.findings.model import Finding, ScanResult, Suspect
from poisonscan.io.coverage import FileCoverage
from poisonscan.report.files import REPORT, SUSPECTS, read_manifest, read_report
from poisonscan.report.manifest import Manifest
from poisonscan.report.sanitise import for_terminal


@dataclass(frozen=True, slots=True)
class Verdicts:
    """A report as seen by whoever removes rows.

    Attributes
    ----------
    inputs
        What was scanned, each name once.
    removed
        Input -> row -> the suspect to remove; empty for inputs that lose no flagged row.
    mapping
        The ``--map`` option of the scan: it decides which rows can be read.
    is_complete
        True where every record was scanned and every detector ran.
    """

    inputs: tuple[FileCoverage, ...]
    findings: Mapping[str, Finding]
    removed: Mapping[str, Mapping[int, Suspect]]
    mapping: Mapping[str, str]
    is_complete: bool

    def require_files(self) -> None:
        """Refuse a report of data in memory.

        Raises
        ------
        ConfigError
            It is one.
        """
        if any(file.container == "memory" for file in self.inputs):
            raise ConfigError(
                "the report is one of data in memory; use `poisonscan.export.clean_table`"
            )

    def worst_severity(self, suspect: Suspect) -> Severity | None:
        """Return the severity of the worst finding that a row belongs to."""
        severities = {self.findings[name].severity for name in suspect.findings}
        return next((severity for severity in SEVERITIES if severity in severities), None)


def read_verdicts(folder: Path, min_severity: Severity) -> tuple[Verdicts, str]:
    """Read a report; return it with the SHA-256 of its ``report.json``.

    Raises
    ------
    ConfigError
        There is no report, it is damaged or was changed, or `min_severity` removes nothing.
    """
    manifest = read_manifest(folder)  # first, so that a scan that replaces the report shows
    result = read_report(folder)
    digests = {name: _digest(folder / name) for name in (REPORT, SUSPECTS)}
    where = for_terminal(str(folder), 200)
    for name, digest in digests.items():
        if manifest.outputs.get(name) != digest:
            raise ConfigError(f"{where}: {name} was changed after the scan; scan again")
    if _identities(manifest) != [(file.file, file.sha256) for file in result.coverage.files]:
        raise ConfigError(f"{where}: manifest.json and report.json are of two scans; scan again")
    return to_verdicts(result, min_severity), digests[REPORT]


def to_verdicts(result: ScanResult, min_severity: Severity) -> Verdicts:
    """Pick the rows to remove.

    Raises
    ------
    ConfigError
        The report contradicts itself, or `min_severity` is neither ``high`` nor ``medium``.
    """
    if min_severity not in ("high", "medium"):
        raise ConfigError(
            f"min_severity is {min_severity!r}: use high or medium; "
            "rows of low findings are listed, never removed"
        )
    findings = {finding.id: finding for finding in result.findings}
    inputs = tuple(result.coverage.files)
    removed: dict[str, dict[int, Suspect]] = {file.file: {} for file in inputs}
    if len(removed) < len(inputs):
        raise ConfigError("the report has two inputs of one name; scan from another folder")
    for suspect in result.suspects:
        if not suspect.flagged or not _reaches(suspect, findings, min_severity):
            continue
        if suspect.file not in removed:
            name = for_terminal(suspect.file, 200)
            raise ConfigError(f"the report flags rows of {name}, which is none of its inputs")
        removed[suspect.file][suspect.row] = suspect
    mapping = _mapping(result)
    return Verdicts(inputs, findings, removed, mapping, result.coverage.is_complete)


def _reaches(suspect: Suspect, findings: Mapping[str, Finding], min_severity: Severity) -> bool:
    names: Iterable[str] = suspect.findings
    return min_severity == "medium" or any(findings[name].severity == "high" for name in names)


def _mapping(result: ScanResult) -> Mapping[str, str]:
    mapping = result.config.get("map", {})
    if not isinstance(mapping, Mapping) or not all(
        isinstance(column, str) for column in mapping.values()
    ):
        raise ConfigError("the report's config has no usable map; scan again")
    return ScanConfig(map=mapping).map


def _identities(manifest: Manifest) -> list[tuple[str, str]]:
    return [(file.file, file.sha256) for file in manifest.inputs]


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ConfigError(
            f"{for_terminal(str(path), 200)}: cannot be read: {error.strerror}"
        ) from None
