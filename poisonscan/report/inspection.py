"""Files before a scan on the terminal: container, rows, schemas, columns, parse trouble."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TextIO

from poisonscan.io.coverage import FileCoverage
from poisonscan.io.inspect import ColumnSummary, FileSummary
from poisonscan.report.console import Page
from poisonscan.report.wording import list_unreadable

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

#: What fits on a screen.
COLUMNS_SHOWN = 40
REASONS_SHOWN = 8
SAMPLES_EACH = 2
ROWS_SHOWN = 5
PATH_CHARS = 240
NAME_CHARS = 32
DETAIL_CHARS = 160

#: Ways to use a column that give a row something that the model is trained to say.
_OUTPUTS = frozenset({"output", "conversation", "label", "text", "chosen", "nested", "mapped"})

_NO_OUTPUT = (
    "No column is known as output. A scan takes the short column with the fewest values as "
    "label; --map label=COLUMN or --map output=COLUMN says which one it is."
)


def render_inspection(
    files: Sequence[FileSummary],
    stream: TextIO,
    *,
    colour: bool = False,
    width: int | None = None,
) -> None:
    """Write what a scan would read.

    Parameters
    ----------
    colour
        Use styles.
    width
        Columns; ``None`` is the width of the terminal.
    """
    with Page(stream, colour=colour, width=width) as page:
        for file in files:
            page.show(page.text(file.coverage.file, PATH_CHARS, style="bold"))
            page.show(_facts(page, file.coverage), indent=2)
            if file.columns:
                page.blank()
                page.show(_columns(page, file), indent=2)
            if file.columns and not any(_OUTPUTS & set(column.uses) for column in file.columns):
                page.line(_NO_OUTPUT, style="yellow", indent=2)
            page.blank()
        page.line(_total(files), style="bold")


def _facts(page: Page, coverage: FileCoverage) -> Table:
    from rich.table import Table

    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for title, value in _list_facts(page, coverage):
        grid.add_row(title, value)
    return grid


def _list_facts(page: Page, coverage: FileCoverage) -> Iterator[tuple[str, Text]]:
    container = coverage.container or "unknown"
    yield "container", page.text(f"{container}, {coverage.size:,} bytes", NAME_CHARS)
    yield "rows", page.text(_count_rows(coverage))
    for reason, samples in sorted(coverage.samples.items())[:REASONS_SHOWN]:
        for row, detail in samples[:SAMPLES_EACH]:
            problem = page.text(f"row {row:,}: ").append(page.text(reason, NAME_CHARS))
            yield "", problem.append(", ").append(page.text(detail, DETAIL_CHARS))
    if coverage.schemas:
        yield "schemas", page.text(_list_counts(coverage.schemas), DETAIL_CHARS)
    for trap, count in sorted(coverage.traps.items())[:REASONS_SHOWN]:
        rows = coverage.trap_rows.get(trap, [])
        where = ", ".join(f"{row:,}" for row in rows[:ROWS_SHOWN])
        more = ", …" if count > ROWS_SHOWN else ""
        yield "trap", page.text(f"{trap} in {count:,} rows: {where}{more}", DETAIL_CHARS)
    if coverage.error:
        yield "trouble", page.text(coverage.error, PATH_CHARS, style="yellow")


def _count_rows(coverage: FileCoverage) -> str:
    unreadable = list_unreadable(coverage.unreadable)
    counts = (
        f"{coverage.read:,} read = {coverage.scanned:,} to scan"
        f" + {coverage.read - coverage.scanned:,} unreadable"
    )
    return f"{counts} ({unreadable})" if unreadable else counts


def _columns(page: Page, file: FileSummary) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("column", overflow="fold")
    table.add_column("used as", overflow="fold")
    table.add_column("types", overflow="fold")
    for title in ("rows", "first row"):
        table.add_column(title, justify="right", no_wrap=True)
    for column in file.columns[:COLUMNS_SHOWN]:
        table.add_row(*_column(page, column))
    if file.more_columns or len(file.columns) > COLUMNS_SHOWN:
        table.add_row("…", "more columns", "", "", "")
    return table


def _column(page: Page, column: ColumnSummary) -> tuple[Text, Text, Text, Text, Text]:
    return (
        page.text(column.name, NAME_CHARS),
        page.text(_list_counts(column.uses), DETAIL_CHARS),
        page.text(_list_counts(column.types), DETAIL_CHARS),
        page.text(f"{column.rows:,}"),
        page.text(f"{column.first_row:,}"),
    )


def _list_counts(counts: Mapping[str, int]) -> str:
    """Return the names, most frequent first, with numbers where there are several."""
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    if len(ordered) == 1:
        return ordered[0][0]
    return ", ".join(f"{name} {count:,}" for name, count in ordered)


def _total(files: Sequence[FileSummary]) -> str:
    read = sum(file.coverage.read for file in files)
    scanned = sum(file.coverage.scanned for file in files)
    troubled = sum(not file.coverage.is_complete for file in files)
    total = f"{len(files):,} file{'s' * (len(files) != 1)}, {scanned:,} of {read:,} rows to scan"
    return f"{total}; {troubled:,} cannot be read completely" if troubled else total
