"""Rows as a container holds them: their values, or why they have none, and their very bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from itertools import count, repeat
from typing import Any, NamedTuple

from poisonscan.records import Unreadable

#: A longer record (a line, an element, a CSV record) is not held in memory: it is unreadable.
MAX_RECORD_BYTES = 64 << 20


class RawRow(NamedTuple):
    """One record of a file before normalisation, or the bytes between two records.

    Attributes
    ----------
    row
        0-based index of the record in its file; -1 for the bytes between records.
    value
        The row as plain Python values; ``None`` where there is none.
    error
        Why the record could not be read.
    raw
        The bytes of the record. Of lines (JSONL, CSV) with their terminator, of the elements of
        a JSON array without comma and white space around them. ``None`` where the container has
        no such bytes (Parquet) or where they were too many to hold (reason ``too-large``).
    """

    row: int
    value: dict[str, Any] | None = None
    error: Unreadable | None = None
    raw: bytes | None = None

    @property
    def is_gap(self) -> bool:
        """True for bytes between records: blank lines, header, brackets, commas."""
        return self.row < 0


class Run(NamedTuple):
    """Consecutive rows that have the same columns.

    Attributes
    ----------
    row
        0-based index of the first one in its file.
    keys
        Column names in the order of the rows.
    columns
        The values of each column; none of them is a dict.
    raw
        The lines of the rows; empty where the container has no such bytes.
    """

    row: int
    n_rows: int
    keys: tuple[str, ...]
    columns: Sequence[Sequence[Any]]
    raw: bytes = b""

    def raw_rows(self) -> Iterator[RawRow]:
        """Yield the rows one by one."""
        lines: Iterable[bytes | None] = BytesIO(self.raw) if self.raw else repeat(None)
        items = zip(*self.columns, strict=True) if self.columns else repeat((), self.n_rows)
        for row, values, line in zip(count(self.row), items, lines):
            yield RawRow(row, dict(zip(self.keys, values, strict=True)), None, line)


def gap(raw: bytes) -> RawRow:
    """Return the bytes between two records as a row of its own."""
    return RawRow(-1, raw=raw)


def unreadable(row: int, reason: str, detail: str, raw: bytes | None = None) -> RawRow:
    """Return a record that could not be read."""
    return RawRow(row, None, Unreadable(row, reason, detail), raw)


def too_large(row: int) -> RawRow:
    """Return a record whose bytes were too many to hold."""
    return unreadable(row, "too-large", f"longer than {MAX_RECORD_BYTES >> 20} MiB")
