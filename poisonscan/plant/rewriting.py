"""Files once more, with other values in some of their rows."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping

import pyarrow as pa

from poisonscan.errors import DatasetError
from poisonscan.io.coverage import FileCoverage
from poisonscan.io.lines import UTF8_BOM
from poisonscan.io.parquetrows import DAMAGE, brief, seekable
from poisonscan.io.raw import iter_raw
from poisonscan.io.sources import Source
from poisonscan.io.stream import FileBytes, peek
from poisonscan.plant.slots import Row

_BLOCK_BYTES = 1 << 20


def rewrite_text(
    source: Source, coverage: FileCoverage, container: str, changed: Mapping[int, Row]
) -> Iterator[bytes]:
    """Yield the decompressed bytes of a text file with some rows replaced.

    Raises
    ------
    DatasetError
        A record is too large to be held in memory.
    """
    header: bytes | None = None
    for found in iter_raw(source, coverage, with_gaps=True):
        if found.raw is None:
            raise DatasetError(f"{source.name!r}: row {found.row} is too large to be copied")
        if found.is_gap and header is None and found.raw.strip():
            header = found.raw
        new = changed.get(found.row)
        if found.is_gap or new is None:
            yield found.raw
        elif container in ("csv", "tsv"):
            yield _csv_record(new, header or b"") + _line_end(found.raw)
        else:
            yield json.dumps(new, ensure_ascii=False).encode("utf-8", "replace") + _line_end(
                found.raw
            )


def _line_end(raw: bytes) -> bytes:
    return raw[len(raw.rstrip(b"\r\n")) :]


def _csv_record(row: Row, header: bytes) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=_delimiter(header, len(row)), lineterminator="")
    writer.writerow(row.values())
    return text.getvalue().encode("utf-8", "replace")


def _delimiter(header: bytes, n_columns: int) -> str:
    """Return the delimiter that makes this many columns of the header."""
    text = header.removeprefix(UTF8_BOM).decode("utf-8", "replace")
    for delimiter in (",", "\t", ";"):
        if len(next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))) == n_columns:
            return delimiter
    return ","


def rewrite_parquet(
    source: Source, coverage: FileCoverage, changed: Mapping[int, Row]
) -> Iterator[bytes]:
    """Yield a Parquet file with the values of some rows replaced; schema and metadata stay.

    Raises
    ------
    DatasetError
        The file is damaged, or a new value does not fit its column.
    """
    import pyarrow.parquet as pq

    try:
        with FileBytes(source, coverage) as file:
            _, _, blocks = peek(file.blocks(), 1)
            with seekable(file, blocks, coverage) as opened:
                table = pq.ParquetFile(opened).read()
        sink = pa.BufferOutputStream()
        pq.write_table(_with_values(table, changed), sink)
    except DAMAGE as error:
        raise DatasetError(f"{source.name!r} cannot be rewritten: {brief(error)}") from None
    data = sink.getvalue()
    for start in range(0, data.size, _BLOCK_BYTES):
        yield data.slice(start, min(_BLOCK_BYTES, data.size - start)).to_pybytes()


def _with_values(table: pa.Table, changed: Mapping[int, Row]) -> pa.Table:
    for position, field in enumerate(table.schema):
        values = None
        for row, new in changed.items():
            if field.name not in new:
                continue
            if table.column(position)[row].as_py() == new[field.name]:
                continue
            values = table.column(position).to_pylist() if values is None else values
            values[row] = new[field.name]
        if values is not None:
            table = table.set_column(position, field, pa.array(values, field.type))
    return table
