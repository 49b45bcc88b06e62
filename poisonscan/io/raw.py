"""The one way into a file: its rows with their bytes, whatever the container."""

from __future__ import annotations

from collections.abc import Iterator

from poisonscan.io.containers import HEAD_BYTES, detect
from poisonscan.io.coverage import FileCoverage
from poisonscan.io.csvrows import iter_csv
from poisonscan.io.jsonrows import iter_json_array, iter_jsonl
from poisonscan.io.parquetrows import iter_parquet
from poisonscan.io.rows import RawRow
from poisonscan.io.sources import Source
from poisonscan.io.stream import FileBytes, Progress, peek


def iter_raw(
    source: Source,
    coverage: FileCoverage,
    *,
    with_gaps: bool = False,
    progress: Progress | None = None,
) -> Iterator[RawRow]:
    """Yield the records of a file in order.

    Notes
    -----
    With `with_gaps`, the bytes between records (blank lines, byte order mark, CSV header, commas
    and brackets of an array) come as rows of their own (`RawRow.is_gap`): for text containers the
    ``raw`` of everything joined is the decompressed file, unless a record was too large.

    Fills in container, digest, size, parser traps and error of `coverage`; counting what was
    scanned and what was unreadable is up to the caller, who sees every row.

    Raises
    ------
    DatasetError
        The file cannot be opened or is of no known container.
    """
    with FileBytes(source, coverage, progress) as file:
        head, is_whole, blocks = peek(file.blocks(), HEAD_BYTES)
        container = detect(source.name, head, is_whole)
        suffix = f"+{file.compression}" if file.compression else ""
        coverage.container = container.name + suffix
        if container.name == "parquet":
            found = iter_parquet(file, blocks, coverage)
        elif container.name == "json":
            found = iter_json_array(blocks, container, coverage)
        elif container.name == "jsonl":
            found = iter_jsonl(blocks, coverage)
        else:
            found = iter_csv(head, blocks, container.name, coverage)
        for row in found:
            if with_gaps or row.row >= 0:
                yield row
        if not coverage.sha256:
            file.drain()
