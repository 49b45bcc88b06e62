"""Rows of Parquet files: a bounded batch at a time, only columns that can hold text or labels."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa

from poisonscan.errors import DatasetError
from poisonscan.io.coverage import FileCoverage
from poisonscan.io.rows import RawRow, Run, unreadable
from poisonscan.io.stream import FileBytes

if TYPE_CHECKING:
    import pyarrow.parquet as pq

_BATCH_BYTES = 8 << 20
_MAX_BATCH_ROWS = 1024
#: What pyarrow raises on damaged data.
DAMAGE = (pa.ArrowException, OSError, ValueError, TypeError, KeyError, OverflowError, RuntimeError)


def iter_parquet(
    file: FileBytes, blocks: Iterator[bytes], coverage: FileCoverage, *, with_runs: bool = False
) -> Iterator[RawRow | Run]:
    """Yield the rows; with `with_runs` those that are alike in runs.

    Raises
    ------
    DatasetError
        The file is no readable Parquet file.
    """
    with seekable(file, blocks, coverage) as opened:
        yield from _read(opened, coverage, with_runs)


@contextmanager
def seekable(
    file: FileBytes, blocks: Iterator[bytes], coverage: FileCoverage
) -> Iterator[BinaryIO]:
    """Open the content of a file that is read from its end, such as Parquet.

    A compressed file is unpacked to a temporary file first, a plain one is hashed first and then
    read through the same handle; a change in between makes the file incomplete.

    Raises
    ------
    DatasetError
        There is no room to unpack the file.
    """
    if file.compression:
        with tempfile.TemporaryFile(prefix="poisonscan-") as unpacked:
            try:
                for block in blocks:
                    unpacked.write(block)
                unpacked.seek(0)
            except OSError as error:
                raise DatasetError(
                    f"{coverage.file!r} cannot be unpacked to a temporary file: {error.strerror}"
                ) from None
            yield unpacked
        return
    for _ in blocks:
        pass
    before = os.fstat(file.file.fileno())
    file.file.seek(0)
    yield file.file
    after = os.fstat(file.file.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        coverage.fail("the file was changed while it was read")


def _read(file: BinaryIO, coverage: FileCoverage, with_runs: bool) -> Iterator[RawRow | Run]:
    import pyarrow.parquet as pq

    try:
        parquet = pq.ParquetFile(file, pre_buffer=False, buffer_size=1 << 20)
        schema = parquet.schema_arrow
        batch_rows = rows_per_batch(parquet.metadata)
    except DAMAGE as error:
        if coverage.error:  # the compressed stream was cut off
            return
        raise DatasetError(f"{coverage.file!r} is a damaged Parquet file: {brief(error)}") from None
    columns = [field.name for field in schema if _can_matter(field.type)]
    row = 0
    try:
        for batch in parquet.iter_batches(
            batch_rows, columns=None if len(columns) == len(schema) else columns
        ):
            yield from (iter_batch_runs if with_runs else iter_batch_rows)(batch, row, coverage)
            row += batch.num_rows
    except DAMAGE as error:
        coverage.fail(f"damaged Parquet data after row {row}: {brief(error)}")
    if row != parquet.metadata.num_rows:
        coverage.fail(f"{parquet.metadata.num_rows} rows are announced, {row} could be read")


def iter_batch_rows(batch: pa.RecordBatch, row: int, coverage: FileCoverage) -> Iterator[RawRow]:
    """Yield the rows of an Arrow batch, the first of which is number `row` of its file."""
    names = _distinct(batch.schema.names)
    if names != batch.schema.names:
        if row == 0:
            coverage.count_trap(0, "duplicate-column")
        batch = batch.rename_columns(names)
    for position, value in enumerate(_values(batch), start=row):
        if value is None:
            yield unreadable(position, "bad-utf8", "a text of the row is not valid UTF-8")
        else:
            yield RawRow(position, value)


def iter_batch_runs(
    batch: pa.RecordBatch, row: int, coverage: FileCoverage
) -> Iterator[RawRow | Run]:
    """Yield what `iter_batch_rows` yields, all rows as one run where that can be."""
    names = tuple(batch.schema.names)
    try:
        columns = [column.to_pylist() for column in batch.columns]
    except UnicodeDecodeError:
        columns = []
    if not columns or len(set(names)) < len(names) or any(map(_holds_object, columns)):
        yield from iter_batch_rows(batch, row, coverage)
    elif batch.num_rows:
        yield Run(row, batch.num_rows, names, columns)


def _holds_object(column: list[Any]) -> bool:
    return dict in set(map(type, column))


def _values(batch: pa.RecordBatch) -> list[dict[str, Any] | None]:
    """Return the rows as Python values; ``None`` for those that hold invalid UTF-8."""
    try:
        return list(batch.to_pylist())
    except UnicodeDecodeError:
        pass
    values: list[dict[str, Any] | None] = []
    for position in range(batch.num_rows):
        try:
            values += batch.slice(position, 1).to_pylist()
        except UnicodeDecodeError:
            values.append(None)
    return values


def rows_per_batch(metadata: pq.FileMetaData) -> int:
    """Return how many rows to hold at a time."""
    n_bytes = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    bytes_per_row = max(1, n_bytes // max(1, metadata.num_rows))
    return int(min(max(1, _BATCH_BYTES // bytes_per_row), _MAX_BATCH_ROWS))


def _can_matter(kind: pa.DataType, *, is_nested: bool = False) -> bool:
    """Return whether values of a type can hold text, or a label where they are not nested."""
    if isinstance(kind, pa.BaseExtensionType):
        return _can_matter(kind.storage_type, is_nested=is_nested)
    if pa.types.is_dictionary(kind):
        return _can_matter(kind.value_type, is_nested=is_nested)
    if pa.types.is_nested(kind):
        children = (kind.field(i).type for i in range(kind.num_fields))
        return any(_can_matter(child, is_nested=True) for child in children)
    is_text = (
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
        or kind in (pa.string_view(), pa.binary_view())
    )
    is_scalar = pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_floating(kind)
    return is_text or (is_scalar and not is_nested)


def _distinct(names: list[str]) -> list[str]:
    taken: set[str] = set()
    distinct: list[str] = []
    for position, name in enumerate(names):
        distinct.append(f"{name} (duplicate column) {position}" if name in taken else name)
        taken.add(name)
    return distinct


def brief(error: BaseException) -> str:
    """Return the first line of a foreign message, without anything that a terminal obeys."""
    first = (str(error).splitlines() or [type(error).__name__])[0][:160]
    return "".join(character if character.isprintable() else "?" for character in first)
