"""What was read and what was not: the ledger without which nobody may say "nothing found"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

#: Rows quoted per reason and file; the counts are always complete.
MAX_SAMPLES = 5
#: Rows remembered per parser trap and file; the counts are always complete.
MAX_TRAP_ROWS = 1000


@dataclass(slots=True)
class FileCoverage:
    """One input.

    Attributes
    ----------
    file
        The path as the user gave it (or found below the folder that the user gave).
    container
        ``jsonl``, ``json``, ``csv``, ``tsv``, ``parquet``, ``memory``; with compression:
        ``jsonl+gzip``.
    sha256
        Of the bytes that were read, computed while reading; empty for data in memory.
    size
        Bytes that were read (before decompression).
    scanned
        Records that were read and scanned.
    unreadable
        Reason -> number of records that could not be read.
    samples
        Reason -> up to five ``(row, detail)``.
    schemas
        Schema name -> records recognised as such.
    traps
        Parser trap -> records that were scanned, but that two parsers may read differently:
        ``duplicate-key``, ``duplicate-column`` (of the header: row 0), ``lone-surrogate``,
        ``non-finite-number``, ``byte-order-mark``.
    trap_rows
        Parser trap -> the first thousand rows with it.
    error
        Why the file could not be read to its end; empty if it was.
    """

    file: str
    container: str = ""
    sha256: str = ""
    size: int = 0
    scanned: int = 0
    unreadable: dict[str, int] = field(default_factory=dict)
    samples: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    schemas: dict[str, int] = field(default_factory=dict)
    traps: dict[str, int] = field(default_factory=dict)
    trap_rows: dict[str, list[int]] = field(default_factory=dict)
    error: str = ""

    @property
    def read(self) -> int:
        """Records found in the file: scanned plus unreadable."""
        return self.scanned + sum(self.unreadable.values())

    @property
    def is_complete(self) -> bool:
        """True where every record of the file was scanned."""
        return not self.error and not self.unreadable

    def count_unreadable(self, row: int, reason: str, detail: str) -> None:
        """Count one record that could not be read."""
        self.unreadable[reason] = self.unreadable.get(reason, 0) + 1
        samples = self.samples.setdefault(reason, [])
        if len(samples) < MAX_SAMPLES:
            samples.append((row, detail[:200]))

    def count_trap(self, row: int, trap: str) -> None:
        """Count one record that two parsers may read differently."""
        self.traps[trap] = self.traps.get(trap, 0) + 1
        rows = self.trap_rows.setdefault(trap, [])
        if len(rows) < MAX_TRAP_ROWS:
            rows.append(row)

    def require_records(self) -> None:
        """Note that there is no record, where there is none."""
        if not self.read:
            self.fail("the file holds no records")

    def append(self, part: FileCoverage) -> None:
        """Take in the records behind those counted so far; their rows are counted from 0."""
        first = self.read
        self.container = self.container or part.container
        self.sha256 = self.sha256 or part.sha256
        self.size += part.size
        self.scanned += part.scanned
        for counts, more in (
            (self.unreadable, part.unreadable),
            (self.schemas, part.schemas),
            (self.traps, part.traps),
        ):
            for name, count in more.items():
                counts[name] = counts.get(name, 0) + count
        for reason, samples in part.samples.items():
            shifted = [(first + row, detail) for row, detail in samples]
            self.samples[reason] = (self.samples.get(reason, []) + shifted)[:MAX_SAMPLES]
        for trap, rows in part.trap_rows.items():
            known = self.trap_rows.get(trap, [])
            self.trap_rows[trap] = (known + [first + row for row in rows])[:MAX_TRAP_ROWS]
        self.fail(part.error)

    def fail(self, error: str) -> None:
        """Note why the file could not be read to its end; the first cause is kept."""
        self.error = self.error or error

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values; counts by reason in a fixed order."""
        plain = asdict(self)
        for key in ("unreadable", "samples", "schemas", "traps", "trap_rows"):
            plain[key] = dict(sorted(plain[key].items()))
        return {**plain, "read": self.read}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> FileCoverage:
        """Restore what `to_dict` wrote."""
        known = {key: plain[key] for key in cls.__dataclass_fields__ if key in plain}
        known["samples"] = {
            reason: [(int(row), str(detail)) for row, detail in rows]
            for reason, rows in dict(known.get("samples", {})).items()
        }
        return cls(**known)


@dataclass(slots=True)
class Coverage:
    """All inputs of a scan, and what was not looked for in them.

    Attributes
    ----------
    failed_detectors
        Name -> error.
    min_support
        Rows that a string had to stand in: more than configured in large data.
    """

    files: list[FileCoverage] = field(default_factory=list)
    failed_detectors: dict[str, str] = field(default_factory=dict)
    min_support: int = 0

    @property
    def read(self) -> int:
        """Records found in all inputs."""
        return sum(file.read for file in self.files)

    @property
    def scanned(self) -> int:
        """Records scanned in all inputs."""
        return sum(file.scanned for file in self.files)

    @property
    def unreadable(self) -> dict[str, int]:
        """Reason -> records that could not be read, over all inputs."""
        total: dict[str, int] = {}
        for file in self.files:
            for reason, count in file.unreadable.items():
                total[reason] = total.get(reason, 0) + count
        return dict(sorted(total.items()))

    @property
    def is_complete(self) -> bool:
        """True where every record was scanned and every detector ran."""
        return not self.failed_detectors and all(file.is_complete for file in self.files)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "read": self.read,
            "scanned": self.scanned,
            "unreadable": self.unreadable,
            "complete": self.is_complete,
            "failed_detectors": dict(sorted(self.failed_detectors.items())),
            "min_support": self.min_support,
            "files": [file.to_dict() for file in self.files],
        }
