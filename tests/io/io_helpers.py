"""Files on disk and back: what every test of reading needs."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pyarrow as pa
import zstandard
from hypothesis import HealthCheck, settings

from poisonscan.config import ScanConfig
from poisonscan.io.batches import read_batches
from poisonscan.io.coverage import Coverage, FileCoverage
from poisonscan.io.raw import iter_raw
from poisonscan.io.rows import RawRow
from poisonscan.io.sources import Source

#: Machines are busy: how long an example takes says nothing about the code.
any_pace = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)

COMPRESSORS = {
    "": lambda content: content,
    ".gz": gzip.compress,
    ".zst": lambda content: zstandard.ZstdCompressor(write_checksum=True).compress(content),
}


def write(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def jsonl(rows: list) -> bytes:
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def raw_rows(path: Path, *, with_gaps: bool = False) -> tuple[list[RawRow], FileCoverage]:
    coverage = FileCoverage(str(path))
    rows = list(iter_raw(Source.of(path), coverage, with_gaps=with_gaps))
    return rows, coverage


def values(path: Path) -> list[dict | None]:
    return [row.value for row in raw_rows(path)[0]]


def reasons(path: Path) -> list[str | None]:
    """Reason per row, ``None`` for rows that could be read."""
    return [row.error.reason if row.error else None for row in raw_rows(path)[0]]


def read(*paths: Path, config: ScanConfig | None = None) -> tuple[list[dict], Coverage]:
    """Return all records as plain dicts, and the ledger."""
    coverage = Coverage()
    sources = [Source.of(path) for path in paths]
    batches = list(read_batches(sources, coverage, config or ScanConfig()))
    for batch in batches:
        batch.validate(full=True)
    return (pa.Table.from_batches(batches).to_pylist() if batches else []), coverage


def all_text(record: dict) -> str:
    """Everything of a record that is scanned as text."""
    return "\n".join(record["input"] + record["output"] + record["rejected"])
