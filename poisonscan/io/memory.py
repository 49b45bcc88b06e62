"""Data that are in memory already: data frames, Arrow tables, datasets, any iterable of dicts."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping

import pyarrow as pa

from poisonscan.config import ScanConfig
from poisonscan.errors import DatasetError
from poisonscan.io.builder import BatchBuilder, require_records
from poisonscan.io.coverage import Coverage, FileCoverage
from poisonscan.io.parquetrows import iter_batch_rows
from poisonscan.io.rows import RawRow, unreadable

MEMORY_NAME = "<memory>"
_BATCH_ROWS = 1024


def read_memory(
    data: object, coverage: Coverage, config: ScanConfig
) -> Generator[pa.RecordBatch, None, None]:
    """Yield the records of data in memory as batches of `RECORD_SCHEMA`.

    Parameters
    ----------
    data
        Whatever speaks the Arrow stream protocol (polars and pandas data frames, pyarrow
        tables), or an iterable of mappings (a Hugging Face dataset, a list of dicts).

    Raises
    ------
    DatasetError
        The data are of another type, or hold no record.
    ConfigError
        A mapped column is in no row.
    """
    file = FileCoverage(MEMORY_NAME, container="memory")
    coverage.files.append(file)
    builder = BatchBuilder(config)
    yield from builder.add_rows(0, iter_memory(data, file), file)
    yield from builder.flush()
    file.require_records()
    require_records(coverage, builder.mapping)


def iter_memory(data: object, coverage: FileCoverage) -> Iterator[RawRow]:
    """Yield the rows of data in memory.

    Raises
    ------
    DatasetError
        The data are of a type that has no rows.
    """
    if isinstance(data, pa.RecordBatch):
        data = pa.Table.from_batches([data])
    if hasattr(data, "__arrow_c_stream__"):
        yield from _iter_arrow(data, coverage)
    elif isinstance(data, str | bytes | Mapping) or not isinstance(data, Iterable):
        raise DatasetError(
            f"{type(data).__name__} has no rows; give a data frame, an Arrow table, "
            "or an iterable of dicts (paths of files go to `discover`)"
        )
    else:
        for row, value in enumerate(data):
            if isinstance(value, Mapping):
                yield RawRow(row, {str(key): _plain(item) for key, item in value.items()})
            else:
                kind = type(value).__name__
                yield unreadable(row, "not-an-object", f"the row is of type {kind}")


def _iter_arrow(data: object, coverage: FileCoverage) -> Iterator[RawRow]:
    row = 0
    for batch in pa.RecordBatchReader.from_stream(data):
        for start in range(0, batch.num_rows, _BATCH_ROWS):
            part = batch.slice(start, _BATCH_ROWS)
            yield from iter_batch_rows(part, row, coverage)
            row += part.num_rows


def _plain(item: object) -> object:
    """Return numpy's numbers and arrays as Python's."""
    to_list = getattr(item, "tolist", None) if type(item).__module__ == "numpy" else None
    return item if to_list is None else to_list()
