"""Rows become Arrow batches of records, and are counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa

from poisonscan.config import ScanConfig
from poisonscan.errors import DatasetError
from poisonscan.io import rows
from poisonscan.io.columns import RecordColumns
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
        self._max_bytes = min(config.batch_bytes, _MAX_BATCH_BYTES)
        self._n_bytes = 0

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
        sizes = np.diff(line_bounds(run.raw)) if run.raw else sides.row_chars(run.n_rows)
        if sizes.max() > rows.MAX_RECORD_BYTES:
            yield from self._add_each(source, run, file)
            return
        start = 0
        while start < run.n_rows:
            totals = np.cumsum(sizes[start : start + MAX_BATCH_ROWS - len(self._columns)])
            # up to the row that makes the batch full
            totals = totals[: np.searchsorted(totals, self._max_bytes - self._n_bytes) + 1]
            end = start + len(totals)
            self._columns.add_rows(source, run.row + start, len(totals), sides.part(start, end))
            self._count(schema, len(totals), int(totals[-1]), file)
            start = end
            if self._is_full:
                yield self._flush()

    def _add_each(self, source: int, run: Run, file: FileCoverage) -> Iterator[pa.RecordBatch]:
        for row in run.raw_rows():
            self._add_row(source, row, file)
            if self._is_full:
                yield self._flush()

    @property
    def _is_full(self) -> bool:
        return self._n_bytes >= self._max_bytes or len(self._columns) >= MAX_BATCH_ROWS

    def _count(self, schema: str, n_rows: int, n_bytes: int, file: FileCoverage) -> None:
        file.scanned += n_rows
        file.schemas[schema] = file.schemas.get(schema, 0) + n_rows
        self._n_bytes += n_bytes

    @property
    def mapping(self) -> ColumnMapping:
        """The `--map` option at work."""
        return self._normaliser.mapping

    def flush(self) -> Iterator[pa.RecordBatch]:
        """Yield what is left as a batch."""
        if len(self._columns):
            yield self._flush()

    def _flush(self) -> pa.RecordBatch:
        batch = self._columns.to_batch()
        self._columns = RecordColumns()
        self._n_bytes = 0
        return batch


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
