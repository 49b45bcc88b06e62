"""The scan in one sentence, worded so that nobody takes it for more than it says."""

from __future__ import annotations

from dataclasses import dataclass

from poisonscan.config import SEVERITIES, Severity
from poisonscan.findings.model import ScanResult
from poisonscan.io.coverage import Coverage


@dataclass(frozen=True, slots=True)
class Summary:
    """The head of every report.

    Attributes
    ----------
    verdict
        One sentence; never "clean", always with the rows that it speaks of.
    findings
        Severity -> number of findings.
    rows_listed
        Rows in ``suspects.jsonl``; `rows_flagged` of them are removed by `clean`.
    is_complete
        True where every row was scanned and every detector ran.
    """

    verdict: str
    findings: dict[str, int]
    rows_read: int
    rows_scanned: int
    rows_unreadable: int
    rows_flagged: int
    rows_listed: int
    is_complete: bool


def summarise(result: ScanResult) -> Summary:
    """Count what stands in `result`."""
    coverage = result.coverage
    return Summary(
        verdict=state_verdict(result),
        findings=result.count_by_severity(),
        rows_read=coverage.read,
        rows_scanned=coverage.scanned,
        rows_unreadable=coverage.read - coverage.scanned,
        rows_flagged=result.flagged_rows,
        rows_listed=len(result.suspects),
        is_complete=coverage.is_complete,
    )


def state_verdict(result: ScanResult) -> str:
    """Return what was found at or above the severity that matters, in how many of the rows."""
    threshold = _threshold(result)
    reached = SEVERITIES[: SEVERITIES.index(threshold) + 1]
    counts = result.count_by_severity()
    above = sum(counts[severity] for severity in reached)
    sentence = f"{above or 'no'} finding{'s' * (above != 1)} at or above {threshold}"
    below = [
        f"{counts[name]} {name}" for name in SEVERITIES if name not in reached and counts[name]
    ]
    if below:
        sentence += f" ({', '.join(below)} below)"
    coverage = result.coverage
    sentence += f"; {coverage.scanned:,} of {coverage.read:,} rows scanned"
    gaps = list_gaps(coverage)
    return f"{sentence}; incomplete: {', '.join(gaps)}" if gaps else sentence


def list_gaps(coverage: Coverage) -> list[str]:
    """Return what keeps the scan from being complete; empty where it is."""
    unreadable = sum(coverage.unreadable.values())
    broken = sum(bool(file.error) for file in coverage.files)
    failed = len(coverage.failed_detectors)
    return [
        f"{count:,} {noun}{'s' * (count != 1)} {what}"
        for count, noun, what in (
            (unreadable, "row", "unreadable"),
            (broken, "file", "not read to the end"),
            (failed, "detector", "failed"),
        )
        if count
    ]


def _threshold(result: ScanResult) -> Severity:
    """Return `fail_on`; where nothing fails a scan, every finding matters."""
    fail_on = result.config.get("fail_on", "high")
    return next((name for name in SEVERITIES if name == fail_on), "low")
