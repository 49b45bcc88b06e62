"""Rows of JSON lines and of JSON arrays."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from io import BytesIO

from poisonscan.io import rows
from poisonscan.io.containers import Container
from poisonscan.io.coverage import FileCoverage
from poisonscan.io.elements import Piece, iter_elements
from poisonscan.io.jsontext import parse_object
from poisonscan.io.lines import (
    UTF8_BOM,
    is_blank,
    iter_lines,
    line_bounds,
    split_lines,
)
from poisonscan.io.plainjson import BrokenLinesError, parse_plain
from poisonscan.io.rows import RawRow, Run, gap, too_large, unreadable
from poisonscan.io.tables import Table

#: What may follow a list of rows inside its object, in bytes.
_MAX_TAIL_BYTES = 1 << 20
#: Lines that are parsed at once, little enough for near caches; and where one of them is broken.
_CHUNK_BYTES = 256 << 10
_SMALLER_CHUNK_BYTES = 16 << 10
#: Fewer rows are normalised faster one by one.
_LEAST_RUN = 32


def iter_jsonl(blocks: Iterator[bytes], coverage: FileCoverage) -> Iterator[RawRow]:
    """Yield one row per line that is not blank."""
    row = 0
    is_first = True
    for line in iter_lines(blocks, rows.MAX_RECORD_BYTES):
        if is_first and line is not None and line.startswith(UTF8_BOM):
            yield gap(UTF8_BOM)
            line = line[len(UTF8_BOM) :]
        is_first = False
        if line is None:
            yield too_large(row)
        elif line[:1] != b"{" and is_blank(line):
            if line:
                yield gap(line)
            continue
        else:
            yield _parsed(row, line, coverage)
        row += 1


def iter_line_runs(
    blocks: Iterable[bytes | None], coverage: FileCoverage, *, is_start: bool = True
) -> Iterator[RawRow | Run]:
    """Yield what `iter_jsonl` yields, but for gaps; plain rows that are alike come in runs.

    Parameters
    ----------
    blocks
        Whole lines, and ``None`` for each line that is too long.
    is_start
        True where the lines are the first of their file.
    """
    row = 0
    for lines in blocks:
        if lines is None:
            yield too_large(row)
            row += 1
        else:
            lines = lines.removeprefix(UTF8_BOM) if is_start else lines
            for part in split_lines(lines, _CHUNK_BYTES):
                row = yield from _iter_chunk(row, part, coverage)
        is_start = False


def _iter_chunk(
    row: int, lines: bytes, coverage: FileCoverage, smaller: int = _SMALLER_CHUNK_BYTES
) -> Generator[RawRow | Run, None, int]:
    """Yield the rows of whole lines; return the number of the row behind them."""
    try:
        plain = parse_plain(lines if lines.endswith(b"\n") else lines + b"\n")
    except BrokenLinesError:
        if smaller:  # one broken line must not make many expensive
            for part in split_lines(lines, smaller):
                row = yield from _iter_chunk(row, part, coverage, 0)
            return row
        plain = None
    if plain is not None:
        return (yield from _iter_tables(row, lines, plain))
    for line in BytesIO(lines):
        if not is_blank(line):
            yield _parsed(row, line, coverage)
            row += 1
    return row


def _iter_tables(row: int, lines: bytes, tables: list[Table]) -> Generator[RawRow | Run, None, int]:
    bounds = line_bounds(lines) if len(tables) > 1 else [0, len(lines)]
    at = 0
    for table in tables:
        behind = at + table.n_rows if len(tables) > 1 else 1
        raw = lines[bounds[at] : bounds[behind]]
        run = Run(row, table.n_rows, table.keys, table.columns, raw)
        if table.n_rows >= _LEAST_RUN and table.keys:
            yield run
        else:
            yield from run.raw_rows()
        row += table.n_rows
        at = behind
    return row


def iter_json_array(
    blocks: Iterator[bytes], container: Container, coverage: FileCoverage
) -> Iterator[RawRow]:
    """Yield one row per element of the list of rows."""
    row = 0
    tail = b""
    is_closed = False
    for piece, raw in iter_elements(blocks, container.start, rows.MAX_RECORD_BYTES):
        if piece is Piece.GAP:
            if raw:
                yield gap(raw)
            continue
        if piece is Piece.TAIL:
            is_closed = True
            # one byte more than fits says that there is too much
            tail += raw[: max(0, _MAX_TAIL_BYTES + 1 - len(tail))]
            if raw:
                yield gap(raw)
            continue
        if piece is Piece.ELEMENT:
            yield _parsed(row, raw, coverage)
        elif piece is Piece.TOO_LARGE:
            yield too_large(row)
        else:
            yield unreadable(row, "malformed-json", "the file ends within this element", raw)
        row += 1
    if not is_closed:
        coverage.fail("the file ends before its list of rows is closed")
    elif problem := _tail_problem(tail, container.wrapper_key):
        coverage.fail(problem)


def _parsed(row: int, raw: bytes, coverage: FileCoverage) -> RawRow:
    value, reason, detail, traps = parse_object(raw)
    for trap in traps:
        coverage.count_trap(row, trap)
    if value is None:
        return unreadable(row, reason, detail, raw)
    return RawRow(row, value, None, raw)


def _tail_problem(tail: bytes, wrapper_key: str | None) -> str:
    """Say what is wrong with the bytes from the closing bracket on; empty where nothing is."""
    if wrapper_key is None:
        return "" if is_blank(tail[1:]) else "data follow the end of the array"
    if len(tail) > _MAX_TAIL_BYTES:
        return f"more than 1 MiB of data follow the list of rows {wrapper_key!r}"
    rest = parse_object(b'{"":[' + tail)
    if rest.value is None:
        return f"data that are no JSON follow the list of rows {wrapper_key!r}"
    for key, value in rest.value.items():
        if isinstance(value, list) and any(isinstance(item, dict) for item in value):
            return (
                f"holds more than one list of rows; {wrapper_key!r} was read and {key!r} was not: "
                "split them into files"
            )
    return ""
