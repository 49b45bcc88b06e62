"""Files become Arrow batches of records, and a ledger of what was read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa

from poisonscan.config import ScanConfig
from poisonscan.errors import DatasetError
from poisonscan.io import rows
from poisonscan.io.columns import RecordColumns
from poisonscan.io.coverage import Coverage, FileCoverage
from poisonscan.io.raw import iter_raw
from poisonscan.io.rows import RawRow
from poisonscan.io.schemas import Normaliser
from poisonscan.io.sources import Source
from poisonscan.io.stream import Progress
from poisonscan.records import Unreadable

MAX_BATCH_ROWS = 8192
#: Offsets of an Arrow string column are 32-bit.
_MAX_BATCH_BYTES = 1 << 30


def read_batches(
    sources: Sequence[Source],
    coverage: Coverage,
    config: ScanConfig,
    progress: Progress | None = None,
) -> Iterator[pa.RecordBatch]:
    """Yield the records of all files as batches of `RECORD_SCHEMA`, in order.

    Parameters
    ----------
    coverage
        Gets one entry per source, complete once the last batch was yielded.
    progress
        Called with the number of bytes that were read from disk since the last call.

    Raises
    ------
    DatasetError
        There is no record in any of the files.
    ConfigError
        A mapped column is in no row of any file.
    """
    builder = BatchBuilder(config)
    for number, source in enumerate(sources):
        file = FileCoverage(source.name)
        coverage.files.append(file)
        try:
            yield from builder.add_rows(number, iter_raw(source, file, progress=progress), file)
        except DatasetError as error:
            file.fail(str(error))
    yield from builder.finish(coverage)


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
        self, source: int, found: Iterable[RawRow], file: FileCoverage
    ) -> Iterator[pa.RecordBatch]:
        """Normalise rows and count them; yield each batch that is full."""
        columns = self._columns
        for row in found:
            schema, n_bytes, problem = add_record(self._normaliser, columns, row)
            if problem is not None:
                file.count_unreadable(problem.row, problem.reason, problem.detail)
            if not schema:
                continue
            columns.end_row(source, row.row)
            file.scanned += 1
            file.schemas[schema] = file.schemas.get(schema, 0) + 1
            self._n_bytes += n_bytes
            if self._n_bytes >= self._max_bytes or len(columns) >= MAX_BATCH_ROWS:
                yield self._flush()
                columns = self._columns
        if not file.read:
            file.fail("the file holds no records")

    def finish(self, coverage: Coverage) -> Iterator[pa.RecordBatch]:
        """Yield what is left; raise where nothing was read at all.

        Raises
        ------
        DatasetError
            There is no record in any of the inputs.
        ConfigError
            A mapped column is in no row.
        """
        if not coverage.scanned:
            raise DatasetError(_nothing_read(coverage))
        self._normaliser.mapping.require_all_seen()
        if len(self._columns):
            yield self._flush()

    def _flush(self) -> pa.RecordBatch:
        batch = self._columns.to_batch()
        self._columns = RecordColumns()
        self._n_bytes = 0
        return batch


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
