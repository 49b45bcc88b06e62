"""What a scan says, in the words of the tests."""

from __future__ import annotations

from collections.abc import Collection

from poisonscan import Finding, Report


def flagged(report: Report) -> set[int]:
    return {suspect.row for suspect in report.result.suspects if suspect.flagged}


def severities(report: Report) -> list[tuple[str, str]]:
    """Return severity and trigger of every finding: readable where an assertion fails."""
    return [(finding.severity, finding.trigger) for finding in report.findings]


def named(finding: Finding) -> set[frozenset[str]]:
    """Return the alternatives of the trigger, each as the set of its parts."""
    return {frozenset(parts) for parts in finding.triggers}


def assert_poison_alone_is_flagged(
    report: Report, truth: set[int], *triggers: str | Collection[str]
) -> Finding:
    """Assert that the first finding is the poison, by its name, and that its rows are flagged.

    Parameters
    ----------
    triggers
        Each alternative: a string, or the parts of a composite.

    Returns
    -------
    Finding
        The poison's.
    """
    assert report.is_complete, report.coverage.failed_detectors
    first = report.findings[0]
    parts = {frozenset([one] if isinstance(one, str) else one) for one in triggers}
    assert named(first) == parts, severities(report)
    assert first.severity == "high", first.evidence
    missed, wrong = truth - flagged(report), flagged(report) - truth
    assert (missed, wrong) == (set(), set()), severities(report)
    assert first.flagged_rows == first.counts["both"] == len(truth)
    return first
