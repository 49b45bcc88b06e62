"""Rows become Arrow batches of records, and are counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa

from poisonscan.config import ScanConfig
from poisonscan.errors import DatasetError
from poisonscan.io import rows
from poisonscan.io.columns import RecordColumns, Sides, join_batches
from poisonscan.io.coverage import Coverage, FileCoverage
from poisonscan.io.lines import line_bounds
from poisonscan.io.mapping import ColumnMapping
from poisonscan.io.rows import RawRow, Run
from poisonscan.io.runs import normalise_run
from poisonscan.io.schemas import Normaliser
from poisonscan.records import Unreadable

MAX_BATCH_ROWS = 8192
#: Offsets of an Arrow string column are 32-bit.
_MAX_BATCH_BYTES = 1 << 30
_LEAST_PART_ROWS = 256


def add_record(
    normaliser: Normaliser, columns: RecordColumns, found: RawRow
) -> tuple[str, int, Unreadable | None]:
    """Add one row to the columns; ending it there, or dropping it, is up to the caller.

    Returns
    -------
    schema
        What the row was recognised as; empty where nothing was added.
    n_bytes
        Its size, in the file or, where it has no bytes there, as text.
    problem
        Why the row is not scanned; ``None`` where it is, and for the bytes between rows.
    """
    row, value, error, raw = found
    if value is None:
        return "", 0, error
    schema = normaliser.add(columns, value)
    if not schema:
        return "", 0, Unreadable(row, "no-text", "the row holds no text and no label")
    n_bytes = columns.row_chars() if raw is None else len(raw)
    if n_bytes > rows.MAX_RECORD_BYTES:  # from Parquet and memory; others are cut before
        columns.drop_row()
        limit = rows.MAX_RECORD_BYTES >> 20
        return "", 0, Unreadable(row, "too-large", f"longer than {limit} MiB")
    return schema, n_bytes, None


class BatchBuilder:
    """Collects records until they make a batch."""

    def __init__(self, config: ScanConfig) -> None:
        self._normaliser = Normaliser(config.map)
        self._columns = RecordColumns()
        self._parts: list[pa.RecordBatch] = []
        self._max_bytes = min(config.batch_bytes, _MAX_BATCH_BYTES)
        self._n_bytes = 0
        self._n_rows = 0

    def add_rows(
        self, source: int, found: Iterable[RawRow | Run], file: FileCoverage
    ) -> Iterator[pa.RecordBatch]:
        """Normalise rows and count them; yield each batch that is full."""
        for item in found:
            if isinstance(item, Run):
                yield from self._add_run(source, item, file)
            else:
                self._add_row(source, item, file)
                if self._is_full:
                    yield self._flush()

    def _add_row(self, source: int, row: RawRow, file: FileCoverage) -> None:
        schema, n_bytes, problem = add_record(self._normaliser, self._columns, row)
        if problem is not None:
            file.count_unreadable(problem.row, problem.reason, problem.detail)
        if schema:
            self._columns.end_row(source, row.row)
            self._count(schema, 1, n_bytes, file)

    def _add_run(self, source: int, run: Run, file: FileCoverage) -> Iterator[pa.RecordBatch]:
        """Add rows that are alike; one by one where that takes more care."""
        normalised = normalise_run(self._normaliser, run)
        if normalised is None:
            yield from self._add_each(source, run, file)
            return
        schema, sides = normalised
        n_bytes = len(run.raw) if run.raw else sides.n_chars()
        if n_bytes > rows.MAX_RECORD_BYTES:  # some row may be
            yield from self._add_each(source, run, file)
            return
        start = 0
        for end, size in self._cuts(run, sides, n_bytes):
            self._columns.add_rows(source, run.row + start, end - start, sides.part(start, end))
            self._count(schema, end - start, size, file)
            start = end
            if self._is_full:
                yield self._flush()
        if len(self._columns) >= _LEAST_PART_ROWS:
            self._convert()

    def _cuts(self, run: Run, sides: Sides, n_bytes: int) -> Iterator[tuple[int, int]]:
        """Yield where in a run a batch is full, and the bytes up to there; at last its end."""
        if self._n_bytes + n_bytes < self._max_bytes and self._n_rows + run.n_rows < MAX_BATCH_ROWS:
            yield run.n_rows, n_bytes
            return
        sizes = np.diff(line_bounds(run.raw)) if run.raw else sides.row_chars(run.n_rows)
        end = 0
        while end < run.n_rows:
            totals = np.cumsum(sizes[end : end + MAX_BATCH_ROWS - self._n_rows])
            # up to the row that makes the batch full
            totals = totals[: np.searchsorted(totals, self._max_bytes - self._n_bytes) + 1]
            end += len(totals)
            yield end, int(totals[-1])

    def _add_each(self, source: int, run: Run, file: FileCoverage) -> Iterator[pa.RecordBatch]:
        for row in run.raw_rows():
            self._add_row(source, row, file)
            if self._is_full:
                yield self._flush()

    @property
    def _is_full(self) -> bool:
        return self._n_bytes >= self._max_bytes or self._n_rows >= MAX_BATCH_ROWS

    def _count(self, schema: str, n_rows: int, n_bytes: int, file: FileCoverage) -> None:
        file.scanned += n_rows
        file.schemas[schema] = file.schemas.get(schema, 0) + n_rows
        self._n_bytes += n_bytes
        self._n_rows += n_rows

    @property
    def mapping(self) -> ColumnMapping:
        """The `--map` option at work."""
        return self._normaliser.mapping

    def flush(self) -> Iterator[pa.RecordBatch]:
        """Yield what is left as a batch."""
        if self._n_rows:
            yield self._flush()

    def _flush(self) -> pa.RecordBatch:
        if len(self._columns):
            self._convert()
        batch = join_batches(self._parts)
        self._parts = []
        self._n_bytes = self._n_rows = 0
        return batch

    def _convert(self) -> None:
        """Convert rows before their texts have left the near caches."""
        self._parts.append(self._columns.to_batch())
        self._columns = RecordColumns()


def require_records(coverage: Coverage, mapping: ColumnMapping) -> None:
    """Raise where nothing was read at all.

    Raises
    ------
    DatasetError
        There is no record in any of the inputs.
    ConfigError
        A mapped column is in no row.
    """
    if not coverage.scanned:
        raise DatasetError(_nothing_read(coverage))
    mapping.require_all_seen()


def _nothing_read(coverage: Coverage) -> str:
    file = coverage.files[0]
    problem = file.error
    if file.unreadable:
        reason = min(file.unreadable, key=lambda name: (-file.unreadable[name], name))
        row, detail = file.samples[reason][0]
        problem = (
            f"none of its {file.read} records can be read; "
            f"{file.unreadable[reason]} are {reason}, such as row {row}: {detail}"
        )
    if len(coverage.files) > 1:
        return f"none of {len(coverage.files)} files holds a record; {file.file!r}: {problem}"
    return problem if repr(file.file) in problem else f"{file.file!r}: {problem}"
