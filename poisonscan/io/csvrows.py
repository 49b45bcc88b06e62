"""Rows of CSV and TSV files: what Python's `csv` reads, with the bytes of each record."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator

from poisonscan.errors import DatasetError
from poisonscan.io import rows
from poisonscan.io.coverage import FileCoverage
from poisonscan.io.lines import UTF8_BOM, iter_lines
from poisonscan.io.rows import RawRow, gap, too_large, unreadable

_DELIMITERS = {"csv": ",;\t", "tsv": "\t,;"}  # the first one wins a tie
_QUOTED = re.compile(rb'"[^"]*+"')


def iter_csv(
    head: bytes, blocks: Iterator[bytes], kind: str, coverage: FileCoverage
) -> Iterator[RawRow]:
    """Yield one row per record; the first record is the header.

    Parameters
    ----------
    head
        The first bytes of the file, from which the delimiter is chosen.
    kind
        ``csv`` or ``tsv``.

    Raises
    ------
    DatasetError
        The header is not text.
    """
    # a setting of the whole process; never lowered, others may rely on it
    csv.field_size_limit(max(csv.field_size_limit(), rows.MAX_RECORD_BYTES))
    lines = _Lines(iter_lines(blocks, rows.MAX_RECORD_BYTES))
    reader = csv.reader(lines, delimiter=_choose_delimiter(head, kind))
    header: list[str] | None = None
    row = 0
    while True:
        lines.begin_record()
        problem: tuple[str, str] | None = None
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            fields, problem = [], ("malformed-csv", str(error))
        except _TooLargeError:
            if header is not None:
                yield too_large(row)
                row += 1
            if lines.n_lines > 1 or header is None:
                coverage.fail(
                    f"a quote that is opened in record {row} is not closed within "
                    f"{rows.MAX_RECORD_BYTES >> 20} MiB; the rest was not read"
                )
                return
            continue
        else:
            problem = lines.problem()
            if not problem and _is_blank_record(fields, header):
                yield gap(lines.raw())
                continue
        raw = lines.raw()
        if header is None:
            header = _read_header(fields, problem, coverage)
            yield gap(raw)
            continue
        if not problem and len(fields) != len(header):
            problem = ("ragged-row", f"{len(fields)} fields, the header has {len(header)}")
        if problem:
            yield unreadable(row, *problem, raw)
        else:
            yield RawRow(row, dict(zip(header, fields, strict=True)), None, raw)
        row += 1


class _TooLargeError(Exception):
    """A record is longer than the limit."""


class _Lines:
    """Feeds lines to `csv.reader` and remembers those of the current record."""

    def __init__(self, lines: Iterator[bytes | None]) -> None:
        self._lines = lines
        self._pending: deque[bytes] = deque()
        self._record: list[bytes] = []
        self._length = 0
        self._is_first = True
        self.begin_record()

    def __iter__(self) -> _Lines:
        return self

    def begin_record(self) -> None:
        self._record = []
        self._length = 0
        self._is_utf8 = True
        self._ended_inside = False

    @property
    def n_lines(self) -> int:
        """Lines of the current record."""
        return len(self._record)

    def raw(self) -> bytes:
        """Return the bytes of the current record."""
        return b"".join(self._record)

    def problem(self) -> tuple[str, str] | None:
        """Return reason and detail where the current record cannot be used."""
        if not self._is_utf8:
            return "bad-utf8", "the record is not valid UTF-8"
        if self._ended_inside:
            return "malformed-csv", "a quote that is opened in this record is never closed"
        if any(b"\0" in line for line in self._record):
            return "nul-byte", "the record holds a NUL byte"
        return None

    def __next__(self) -> str:
        if not self._pending:
            self._fetch()
        line = self._pending.popleft()
        self._record.append(line)
        self._length += len(line)
        if self._length > rows.MAX_RECORD_BYTES:
            raise _TooLargeError
        text = line.removeprefix(UTF8_BOM) if self._is_first else line
        self._is_first = False
        try:
            return text.decode()
        except UnicodeDecodeError:
            self._is_utf8 = False
            return text.decode(errors="replace")

    def _fetch(self) -> None:
        try:
            line = next(self._lines)
        except StopIteration:
            # the reader asks for more lines within quotes only
            self._ended_inside = bool(self._record)
            raise
        if line is None:
            self._record.append(b"")
            raise _TooLargeError
        # a lone carriage return ends a line too, as it does for every CSV reader
        self._pending.extend(line.splitlines(keepends=True))


def _is_blank_record(fields: list[str], header: list[str] | None) -> bool:
    if len(fields) == 1 and (header is None or len(header) > 1):
        return not fields[0].strip()
    return not fields


def _choose_delimiter(head: bytes, kind: str) -> str:
    """Return the delimiter that is most frequent in the header, outside quotes."""
    lines = head.removeprefix(UTF8_BOM).lstrip(b"\r\n").splitlines()
    header = _QUOTED.sub(b"", lines[0]) if lines else b""
    return max(_DELIMITERS[kind], key=lambda delimiter: header.count(delimiter.encode()))


def _read_header(
    fields: list[str], problem: tuple[str, str] | None, coverage: FileCoverage
) -> list[str]:
    if problem:
        raise DatasetError(
            f"{coverage.file!r}: the header cannot be read: {problem[1]}; "
            "the first line must name the columns"
        )
    names: list[str] = []
    taken: set[str] = set()
    for position, field in enumerate(fields):
        name = field or f"column {position}"
        if name in taken:
            # loaders rename the second column or drop it: both are scanned
            coverage.count_trap(0, "duplicate-column")
            name = f"{name} (duplicate column) {position}"
        taken.add(name)
        names.append(name)
    return names
