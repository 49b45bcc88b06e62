"""Kept rows of Parquet files: same schema and metadata, same codecs, row groups alike."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from poisonscan.errors import DatasetError
from poisonscan.export.matching import shown
from poisonscan.export.outputs import OutputFile
from poisonscan.io.coverage import FileCoverage
from poisonscan.io.parquetrows import DAMAGE, brief, rows_per_batch, seekable
from poisonscan.io.sources import Source
from poisonscan.io.stream import FileBytes, peek

if TYPE_CHECKING:
    import pyarrow.parquet as pq

#: A row group that is larger in memory becomes several.
MAX_GROUP_BYTES = 128 << 20


def write_kept(
    source: Source, coverage: FileCoverage, dropped: Sequence[int], out: OutputFile
) -> int:
    """Write the rows that are not dropped; return their number.

    A scan looks at some columns only, so this is another reading, of all of them; its digest is
    in `coverage` afterwards.

    Parameters
    ----------
    dropped
        Row numbers, ascending.

    Raises
    ------
    DatasetError
        The file is damaged, maybe in a column that a scan does not look at.
    """
    import pyarrow.parquet as pq

    with FileBytes(source, coverage) as file:
        _, _, blocks = peek(file.blocks(), 1)
        coverage.container = f"parquet+{file.compression}" if file.compression else "parquet"
        with seekable(file, blocks, coverage) as opened:
            parquet = _open(opened, source.name)
            with pq.ParquetWriter(out, parquet.schema_arrow, **_layout(parquet)) as writer:
                return _copy(_batches(parquet, source.name), np.asarray(dropped, np.int64), writer)


def _copy(
    batches: Iterator[pa.RecordBatch | None],
    dropped: npt.NDArray[np.int64],
    writer: pq.ParquetWriter,
) -> int:
    row = kept = held_bytes = 0
    held: list[pa.RecordBatch] = []
    for batch in batches:
        if batch is not None:
            runs = _runs(batch, row, dropped)
            held += runs
            kept += sum(run.num_rows for run in runs)
            held_bytes += batch.nbytes if runs else 0  # a run keeps all of its batch in memory
            row += batch.num_rows
        if held and (batch is None or held_bytes >= MAX_GROUP_BYTES):
            table = pa.Table.from_batches(held, writer.schema)
            writer.write_table(table, row_group_size=table.num_rows)
            held, held_bytes = [], 0
    return kept


def _runs(batch: pa.RecordBatch, row: int, dropped: npt.NDArray[np.int64]) -> list[pa.RecordBatch]:
    """Return the runs of rows that stay; slices, because not every type can be filtered."""
    first, last = np.searchsorted(dropped, [row, row + batch.num_rows])
    bounds = [-1, *(dropped[first:last] - row).tolist(), batch.num_rows]
    return [
        batch.slice(before + 1, after - before - 1)
        for before, after in pairwise(bounds)
        if after - before > 1
    ]


def _open(opened: BinaryIO, name: str) -> pq.ParquetFile:
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(opened, pre_buffer=False, buffer_size=1 << 20)
    except DAMAGE as error:
        raise DatasetError(f"{shown(name)} is a damaged Parquet file: {brief(error)}") from None


def _batches(parquet: pq.ParquetFile, name: str) -> Iterator[pa.RecordBatch | None]:
    """Yield all rows; ``None`` at the end of each row group."""
    n_rows = rows_per_batch(parquet.metadata)
    try:
        for group in range(parquet.num_row_groups):
            yield from parquet.iter_batches(n_rows, row_groups=[group])
            yield None
    except DAMAGE as error:
        raise DatasetError(f"{shown(name)} holds damaged data: {brief(error)}") from None


def _layout(parquet: pq.ParquetFile) -> dict[str, Any]:
    """Return the settings of a writer that writes like the first row group was written."""
    metadata = parquet.metadata
    # the names of list items, which are part of the paths of columns
    legacy = any(".list.item" in path for path in _paths(parquet))
    layout: dict[str, Any] = {"use_compliant_nested_type": not legacy}
    paths = _written_paths(parquet.schema_arrow, layout)
    if not metadata.num_row_groups or len(paths) != metadata.num_columns:
        return layout
    columns = [metadata.row_group(0).column(i) for i in range(metadata.num_columns)]
    described = list(zip(paths, columns, strict=True))
    return {
        **layout,
        "compression": {path: _codec(column.compression) for path, column in described},
        "use_dictionary": [path for path, column in described if column.has_dictionary_page],
        "write_statistics": [path for path, column in described if column.is_stats_set],
    }


def _codec(name: str) -> str:
    if name == "UNCOMPRESSED":
        return "NONE"
    return name if pa.Codec.is_available(name.lower()) else "ZSTD"


def _written_paths(schema: pa.Schema, layout: dict[str, Any]) -> list[str]:
    """Return the column paths that the writer is going to use; those of the input may differ."""
    import pyarrow.parquet as pq

    empty = io.BytesIO()
    pq.write_table(schema.empty_table(), empty, **layout)
    return _paths(pq.ParquetFile(empty))


def _paths(parquet: pq.ParquetFile) -> list[str]:
    return [parquet.schema.column(i).path for i in range(len(parquet.schema))]
