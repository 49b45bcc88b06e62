"""Numbers and counts in words, the same on the terminal and on the page."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from poisonscan.findings.model import Finding

#: Reasons named in one line; the report has them all.
_REASONS_SHOWN = 8

NO_TRIGGER = "(no trigger: the output alone is odd)"
NO_TARGET = "(no target string)"


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of rows, with the counts behind it.

    Attributes
    ----------
    share
        0..1.
    """

    text: str
    share: float


def format_number(value: float) -> str:
    """Return three significant digits, never in powers of ten for everyday numbers."""
    if not math.isfinite(value):
        return "–"
    if abs(value) >= 1000:
        return f"{value:,.0f}" if abs(value) < 1e9 else f"{value:.3g}"
    return f"{value:.3f}".rstrip("0").rstrip(".") if 0.001 <= abs(value) < 1 else f"{value:.3g}"


def list_rates(finding: Finding) -> list[Rate]:
    """Return how firmly trigger and target hang together, in both directions."""
    if not finding.triggers or not finding.targets:
        return []
    both = finding.counts.get("both", 0)
    directions = (
        (finding.counts.get("trigger_only", 0), "with the trigger show the target"),
        (finding.counts.get("target_only", 0), "with the target have the trigger"),
    )
    return [
        Rate(f"{both:,} of {both + others:,} rows {what}", both / (both + others))
        for others, what in directions
        if both + others
    ]


def cross_table(finding: Finding) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the counts: with and without the trigger, by with and without the target."""
    count = finding.counts.get
    return (
        (count("both", 0), count("trigger_only", 0)),
        (count("target_only", 0), count("neither", 0)),
    )


def list_unreadable(unreadable: Mapping[str, int]) -> str:
    """Return ``9 malformed-json, 1 bad-utf8``; empty where all could be read."""
    ordered = sorted(unreadable.items(), key=lambda pair: (-pair[1], pair[0]))
    parts = [f"{count:,} {reason[:60]}" for reason, count in ordered[:_REASONS_SHOWN]]
    if len(ordered) > _REASONS_SHOWN:
        parts.append(f"{len(ordered) - _REASONS_SHOWN} more reasons")
    return ", ".join(parts)
