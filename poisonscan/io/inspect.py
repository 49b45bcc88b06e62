"""What a scan would read: containers, schemas, columns, trouble. Nothing is scanned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from poisonscan.config import ScanConfig
from poisonscan.errors import DatasetError
from poisonscan.io.columns import RecordColumns
from poisonscan.io.coverage import FileCoverage
from poisonscan.io.plans import Plan, Use
from poisonscan.io.raw import iter_raw
from poisonscan.io.schemas import Normaliser
from poisonscan.io.sources import Source
from poisonscan.io.stream import Progress

#: Hostile rows could have a new column each: further ones are counted, not listed.
MAX_COLUMNS = 200


@dataclass(frozen=True, slots=True)
class ColumnSummary:
    """One column of a file.

    Attributes
    ----------
    types
        JSON type -> rows in which the column has a value of it.
    uses
        How a scan uses it -> rows: ``input (user)``, ``output``, ``label``, ``other``, ...
    first_row
        The first row that has the column; late columns escape readers that guess from the start.
    """

    name: str
    types: dict[str, int]
    uses: dict[str, int]
    first_row: int

    @property
    def rows(self) -> int:
        """Rows that have the column."""
        return sum(self.types.values())


@dataclass(frozen=True, slots=True)
class FileSummary:
    """One file: what it is and what its columns are.

    Attributes
    ----------
    coverage
        Container, row counts, schemas, parse trouble, digest.
    columns
        The first `MAX_COLUMNS` columns, in order of appearance.
    more_columns
        True where there are more.
    """

    coverage: FileCoverage
    columns: tuple[ColumnSummary, ...] = ()
    more_columns: bool = False


@dataclass(slots=True)
class _Columns:
    """Columns while they are counted."""

    summaries: dict[str, ColumnSummary] = field(default_factory=dict)
    more: bool = False

    def count(self, row: int, value: dict[str, Any], plan: Plan) -> None:
        uses = {entry[2]: describe_use(plan, at) for at, entry in enumerate(plan.fields)}
        for name, item in value.items():
            summary = self.summaries.get(name)
            if summary is None:
                if len(self.summaries) >= MAX_COLUMNS:
                    self.more = True
                    continue
                summary = self.summaries[name] = ColumnSummary(name, {}, {}, row)
            kind = _type_name(item)
            summary.types[kind] = summary.types.get(kind, 0) + 1
            use = uses.get(name, "mapped")
            summary.uses[use] = summary.uses.get(use, 0) + 1


def inspect_sources(
    sources: Sequence[Source], config: ScanConfig, progress: Progress | None = None
) -> tuple[FileSummary, ...]:
    """Read all files and say what a scan would read; files that cannot be read say why.

    Raises
    ------
    ConfigError
        A mapped column is in no row of any file.
    """
    normaliser = Normaliser(config.map)
    summaries = tuple(_inspect(source, normaliser, progress) for source in sources)
    if any(summary.coverage.scanned for summary in summaries):
        normaliser.mapping.require_all_seen()
    return summaries


def _inspect(source: Source, normaliser: Normaliser, progress: Progress | None) -> FileSummary:
    coverage = FileCoverage(source.name)
    columns = _Columns()
    try:
        for row, value, error, _ in iter_raw(source, coverage, progress=progress):
            if value is None:
                if error is not None:
                    coverage.count_unreadable(row, error.reason, error.detail)
                continue
            schema = normaliser.add(RecordColumns(), value)
            columns.count(row, value, normaliser.plan(value))
            if not schema:
                coverage.count_unreadable(row, "no-text", "the row holds no text and no label")
                continue
            coverage.scanned += 1
            coverage.schemas[schema] = coverage.schemas.get(schema, 0) + 1
        if not coverage.read:
            coverage.fail("the file holds no records")
    except DatasetError as error:
        coverage.fail(str(error))
    return FileSummary(coverage, tuple(columns.summaries.values()), columns.more)


def describe_use(plan: Plan, position: int) -> str:
    """Say how a scan uses a column."""
    use, role, _ = plan.fields[position]
    if use is Use.INPUT:
        return f"input ({role.name.lower()})"
    names = {
        Use.OUTPUT: "output",
        Use.LABEL: "label",
        Use.TURNS: "conversation",
        Use.CONTEXT_TURNS: "conversation (not trained on)",
        Use.HISTORY: "history",
        Use.TOOLS: "tools",
        Use.TEXT: "text",
        Use.CHOSEN: "chosen",
        Use.REJECTED: "rejected",
        Use.NESTED: "nested",
        Use.ECHO: "repeats other columns",
    }
    return names.get(use, "other")


def _type_name(item: object) -> str:
    names: dict[type, str] = {
        str: "string",
        bool: "boolean",
        int: "integer",
        float: "number",
        list: "list",
        dict: "object",
        type(None): "null",
    }
    return names.get(type(item), type(item).__name__)
