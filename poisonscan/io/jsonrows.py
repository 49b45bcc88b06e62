"""Rows of JSON lines and of JSON arrays."""

from __future__ import annotations

from collections.abc import Iterator

from poisonscan.io import rows
from poisonscan.io.containers import Container
from poisonscan.io.coverage import FileCoverage
from poisonscan.io.elements import Piece, iter_elements
from poisonscan.io.jsontext import parse_object
from poisonscan.io.lines import UTF8_BOM, is_blank, iter_lines
from poisonscan.io.rows import RawRow, gap, too_large, unreadable

#: What may follow a list of rows inside its object, in bytes.
_MAX_TAIL_BYTES = 1 << 20


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
