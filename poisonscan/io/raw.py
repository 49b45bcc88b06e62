"""The one way into a file: its rows with their bytes, whatever the container."""

from __future__ import annotations

from collections.abc import Iterator

from poisonscan.io import rows
from poisonscan.io.containers import HEAD_BYTES, detect
from poisonscan.io.coverage import FileCoverage
from poisonscan.io.csvrows import iter_csv
from poisonscan.io.jsonrows import iter_json_array, iter_jsonl, iter_line_runs
from poisonscan.io.lines import iter_whole_lines
from poisonscan.io.parquetrows import iter_parquet
from poisonscan.io.rows import RawRow, Run
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
    for found in _iter_found(source, coverage, progress, with_runs=False):
        if isinstance(found, RawRow) and (with_gaps or found.row >= 0):
            yield found


def iter_runs(
    source: Source, coverage: FileCoverage, progress: Progress | None = None
) -> Iterator[RawRow | Run]:
    """Yield what `iter_raw` yields; rows that are alike may come in runs, without their bytes.

    Raises
    ------
    DatasetError
        The file cannot be opened or is of no known container.
    """
    for found in _iter_found(source, coverage, progress, with_runs=True):
        if found.row >= 0:
            yield found


def _iter_found(
    source: Source, coverage: FileCoverage, progress: Progress | None, *, with_runs: bool
) -> Iterator[RawRow | Run]:
    with FileBytes(source, coverage, progress) as file:
        head, is_whole, blocks = peek(file.blocks(), HEAD_BYTES)
        container = detect(source.name, head, is_whole)
        suffix = f"+{file.compression}" if file.compression else ""
        coverage.container = container.name + suffix
        if container.name == "parquet":
            yield from iter_parquet(file, blocks, coverage, with_runs=with_runs)
        elif container.name == "json":
            yield from iter_json_array(blocks, container, coverage)
        elif container.name == "jsonl":
            if with_runs:
                lines = iter_whole_lines(blocks, rows.MAX_RECORD_BYTES)
                yield from iter_line_runs(lines, coverage)
            else:
                yield from iter_jsonl(blocks, coverage)
        else:
            yield from iter_csv(head, blocks, container.name, coverage)
        if not coverage.sha256:
            file.drain()
