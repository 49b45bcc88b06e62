"""A scan on the terminal: what was found, in which rows, how much was read, what to do next."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TextIO

from poisonscan.errors import ConfigError
from poisonscan.findings.meaning import EVIDENCE_MEANING
from poisonscan.findings.model import Excerpt, Finding, ScanResult
from poisonscan.io.coverage import Coverage
from poisonscan.report.console import Page
from poisonscan.report.sanitise import for_terminal
from poisonscan.report.summary import state_verdict
from poisonscan.report.wording import (
    NO_TARGET,
    NO_TRIGGER,
    cross_table,
    format_number,
    list_rates,
    list_unreadable,
)

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

#: What fits on a screen; `render_explain` and report.json show more.
TABLE_ROWS = 20
DETAILED_FINDINGS = 3
EXAMPLES_EACH = 2
FILES_SHOWN = 10

#: Characters and strings shown at most.
TRIGGER_CHARS = 80
TARGET_CHARS = 60
EXCERPT_CHARS = 240
SUMMARY_CHARS = 600
EXPLAIN_CHARS = 1_500
PLACE_CHARS = 60
STRINGS_SHOWN = 50

_STYLE = {"high": "bold red", "medium": "yellow", "low": "cyan"}


def render(
    result: ScanResult,
    stream: TextIO,
    *,
    colour: bool = False,
    width: int | None = None,
    report: str = "DIR",
) -> None:
    """Write a scan for people.

    Parameters
    ----------
    colour
        Use styles; without them triggers are marked ``»so«``.
    width
        Columns; ``None`` is the width of the terminal.
    report
        The folder of the report, for the commands to go on with.
    """
    with Page(stream, colour=colour, width=width) as page:
        page.line(state_verdict(result), style="bold")
        if result.findings:
            page.blank()
            page.show(_findings_table(page, result.findings))
        for finding in result.findings[:DETAILED_FINDINGS]:
            page.blank()
            page.show(_headline(page, finding))
            page.show(page.text(finding.summary, SUMMARY_CHARS), indent=2)
            for excerpt in finding.examples[:EXAMPLES_EACH]:
                page.blank()
                page.show(_excerpt(page, excerpt, EXCERPT_CHARS), indent=2)
        page.blank()
        _show_coverage(page, result.coverage)
        page.blank()
        _show_next_steps(page, result, report)


def render_explain(
    result: ScanResult,
    finding_id: str,
    stream: TextIO,
    *,
    colour: bool = False,
    width: int | None = None,
) -> None:
    """Write everything that is known about one finding; parameters as in `render`.

    Raises
    ------
    ConfigError
        There is no such finding; the message lists those that there are.
    """
    finding = next((found for found in result.findings if found.id == finding_id), None)
    if finding is None:
        known = ", ".join(found.id for found in result.findings[:STRINGS_SHOWN]) or "none at all"
        raise ConfigError(
            f"no finding {for_terminal(finding_id, 40)} in this report;"
            f" it has {for_terminal(known, 300)}"
        )
    with Page(stream, colour=colour, width=width) as page:
        page.show(_headline(page, finding))
        page.show(page.text(finding.summary, EXPLAIN_CHARS))
        page.heading("Trigger")
        alternatives = (" … ".join(parts) for parts in finding.triggers)
        _show_strings(page, alternatives, len(finding.triggers), NO_TRIGGER)
        page.heading("Target")
        targets = (f"{target.kind}: {target.text}" for target in finding.targets)
        _show_strings(page, targets, len(finding.targets), NO_TARGET)
        page.heading("Rows of the scan")
        page.show(_cross_table(finding), indent=2)
        for rate in list_rates(finding):
            page.line(rate.text, indent=2)
        page.heading("Evidence")
        page.show(_evidence_table(page, finding), indent=2)
        _show_excerpts(page, "Rows behind it", finding.examples)
        _show_excerpts(page, "The most similar rows without the trigger", finding.controls)


def _findings_table(page: Page, findings: Sequence[Finding]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("")
    table.add_column("severity")
    table.add_column("trigger → target", ratio=1, overflow="fold")
    for title in ("rows with\nboth", "with\ntrigger", "target\nonly", "\nscore"):
        table.add_column(title, justify="right")
    for finding in findings[:TABLE_ROWS]:
        pair = Text("\n").join([_trigger(page, finding), Text("→ ") + _target(page, finding)])
        table.add_row(
            page.text(finding.id, 16),
            Text(f"{finding.severity}\n{finding.kind}", _STYLE[finding.severity]),
            pair,
            f"{finding.counts.get('both', 0):,}",
            f"{finding.support:,}",
            f"{finding.counts.get('target_only', 0):,}",
            format_number(finding.score),
        )
    if len(findings) > TABLE_ROWS:
        more = len(findings) - TABLE_ROWS
        table.add_row("", "", Text(f"… and {more:,} more in report.json", "dim"))
    return table


def _trigger(page: Page, finding: Finding) -> Text:
    return page.text(finding.trigger or NO_TRIGGER, TRIGGER_CHARS)


def _target(page: Page, finding: Finding) -> Text:
    if not finding.targets:
        return page.text(NO_TARGET)
    text = page.text(finding.targets[0].text, TARGET_CHARS)
    more = len(finding.targets) - 1
    return text.append(f" (and {more:,} more)", "dim") if more else text


def _headline(page: Page, finding: Finding) -> Text:
    from rich.text import Text

    return Text(" ").join(
        [
            page.text(finding.id, 16, style="bold"),
            Text(finding.severity, _STYLE[finding.severity]),
            Text(
                f"{finding.kind}, score {format_number(finding.score)}, rows behind it: "
                f"{finding.flagged_rows:,}"
            ),
        ]
    )


def _excerpt(page: Page, excerpt: Excerpt, limit: int) -> Table:
    """Return one row: where it is, what goes in, what comes out."""
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    place = Text(f"{excerpt.row} of ", "dim").append(page.text(excerpt.file, PLACE_CHARS))
    grid.add_row("row", place)
    grid.add_row("in", page.text(excerpt.input, limit, excerpt.marks))
    grid.add_row("out", page.text(excerpt.output, limit, excerpt.target_marks))
    return grid


def _show_excerpts(page: Page, title: str, excerpts: Sequence[Excerpt]) -> None:
    if not excerpts:
        return
    page.heading(title)
    for at, excerpt in enumerate(excerpts[:STRINGS_SHOWN]):
        if at:
            page.blank()
        page.show(_excerpt(page, excerpt, EXPLAIN_CHARS), indent=2)


def _show_strings(page: Page, strings: Iterable[str], count: int, absent: str) -> None:
    for string, _ in zip(strings, range(STRINGS_SHOWN), strict=False):
        page.show(page.text(string, EXPLAIN_CHARS), indent=2)
    if not count:
        page.line(absent, style="dim", indent=2)
    if count > STRINGS_SHOWN:
        page.line(f"… and {count - STRINGS_SHOWN:,} more in report.json", style="dim", indent=2)


def _cross_table(finding: Finding) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="")
    table.add_column("")
    table.add_column("with target", justify="right")
    table.add_column("without target", justify="right")
    for title, counts in zip(("with trigger", "without"), cross_table(finding), strict=True):
        table.add_row(title, *(f"{count:,}" for count in counts))
    return table


def _evidence_table(page: Page, finding: Finding) -> Table:
    from rich.table import Table

    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(overflow="fold")
    table.add_column(justify="right", no_wrap=True)
    table.add_column(style="dim")
    for name, value in sorted(finding.evidence.items())[:STRINGS_SHOWN]:
        table.add_row(
            page.text(name, 30), format_number(value), page.text(EVIDENCE_MEANING.get(name, ""))
        )
    return table


def _show_coverage(page: Page, coverage: Coverage) -> None:
    unreadable = list_unreadable(coverage.unreadable)
    page.line(
        f"rows: {coverage.read:,} read = {coverage.scanned:,} scanned"
        f" + {coverage.read - coverage.scanned:,} unreadable"
        + (f" ({unreadable})" if unreadable else "")
    )
    if coverage.min_support:
        page.line(f"strings: all that stand in at least {coverage.min_support} rows")
    broken = [file for file in coverage.files if file.error]
    for file in broken[:FILES_SHOWN]:
        problem = page.text(file.file, PLACE_CHARS).append(": not read to its end: ")
        page.show(problem.append(page.text(file.error, 120)), indent=2)
    if len(broken) > FILES_SHOWN:
        page.line(f"… and {len(broken) - FILES_SHOWN:,} more files in report.json", indent=2)
    for name, reason in sorted(coverage.failed_detectors.items())[:FILES_SHOWN]:
        problem = page.text("detector ").append(page.text(name, 40))
        page.show(problem.append(" failed: ").append(page.text(reason, 120)), indent=2)
    if not coverage.is_complete:
        page.line("What was not scanned may hold poison: this scan is incomplete.", style="bold")


def _show_next_steps(page: Page, result: ScanResult, report: str) -> None:
    folder = shlex.quote(report)
    if result.findings:
        first = shlex.quote(for_terminal(result.findings[0].id, 16))
        page.line("next:", style="bold")
        page.line(f"poisonscan explain {first} --report {folder}", indent=2)
    if result.flagged_rows:
        removal = f"  # removes {result.flagged_rows:,} flagged rows"
        page.line(f"poisonscan clean DATA --report {folder} --out CLEANED{removal}", indent=2)
    page.line(f"all findings, rows and settings: report.html and report.json in {folder}")
