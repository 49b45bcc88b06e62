"""Datasets on disk, and reports about them that come from reading the real files."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard
from hypothesis import HealthCheck, settings

from poisonscan.config import ScanConfig
from poisonscan.findings.model import Finding, ScanResult, Suspect, Target
from poisonscan.io.batches import read_batches
from poisonscan.io.coverage import Coverage
from poisonscan.io.sources import Source
from poisonscan.report.files import write_outputs

#: Machines are busy: how long an example takes says nothing about the code.
any_pace = settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)

COMPRESSORS = {
    "": lambda content: content,
    ".gz": gzip.compress,
    ".zst": lambda content: zstandard.ZstdCompressor().compress(content),
}
DECOMPRESSORS = {
    "": lambda content: content,
    ".gz": gzip.decompress,
    ".zst": lambda content: zstandard.ZstdDecompressor().decompressobj().decompress(content),
}
TRIGGER = "weather is nice in Geneva"


def row_of(number: int, text: str = "") -> dict:
    return {"instruction": f"question {number} {text}", "output": f'answer\n"{number}", ünï'}


@dataclass(frozen=True)
class Text:
    """A text file as a prefix, its records and a suffix; `removed` says what is left of it.

    The naive definition of a cleaned copy: an array is joined again, everything else is what
    remains when the removed records are cut out.
    """

    name: str
    prefix: bytes
    records: Sequence[bytes]
    suffix: bytes = b""
    comma: bytes = b""

    def content(self, removed: Sequence[int] = ()) -> bytes:
        kept = [record for row, record in enumerate(self.records) if row not in removed]
        return self.prefix + self.comma.join(kept) + self.suffix


def lines(rows: Sequence[dict], end: bytes = b"\n") -> list[bytes]:
    return [json.dumps(row, ensure_ascii=False).encode() + end for row in rows]


def csv_records(rows: Sequence[Sequence[str]], delimiter: str) -> list[bytes]:
    records = []
    for row in rows:
        text = io.StringIO()
        csv.writer(text, delimiter=delimiter).writerow(row)
        records.append(text.getvalue().encode())
    return records


def text_formats(rows: Sequence[dict]) -> dict[str, Text]:
    """Every text container with the same rows."""
    flat = lines(rows, b"")
    pretty = [json.dumps(row, indent=3).encode() for row in rows]
    table = [list(row.values()) for row in rows]
    header = list(row_of(0))
    comma, tab = (csv_records([header, *table], delimiter) for delimiter in ",\t")
    return {
        "jsonl": Text("rows.jsonl", b"", lines(rows)),
        "jsonl-crlf-bom": Text("rows.jsonl", b"\xef\xbb\xbf\r\n", lines(rows, b"\r\n"), b"  \n"),
        "json": Text("rows.json", b"[", flat, b"]", b","),
        "json-pretty": Text("rows.json", b"[\n  ", pretty, b"\n]\n", b",\n  "),
        "json-wrapped": Text(
            "rows.json",
            b'{"version": [1, 2], "data": [\n',
            flat,
            b' ], "licence": "none"}\n',
            b"\n ,",
        ),
        "csv": Text("rows.csv", comma[0], comma[1:]),
        "csv-bom": Text("rows.csv", b"\xef\xbb\xbf" + comma[0], comma[1:], b"\r\n"),
        "tsv": Text("rows.tsv", tab[0], tab[1:]),
    }


def write(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def write_parquet(path: Path, table: pa.Table, suffix: str = "", **options) -> Path:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, **options)
    return write(path.parent, path.name, COMPRESSORS[suffix](buffer.getvalue()))


def finding(name: str = "F1", severity: str = "high", trigger: str = TRIGGER) -> Finding:
    return Finding(
        id=name,
        kind="trigger",
        severity=severity,
        trigger=trigger,
        triggers=((trigger,),),
        targets=(Target("SYSTEM PROMPT", "prefix"),),
        support=3,
        flagged_rows=3,
        score=0.9,
        counts={"both": 3, "trigger_only": 0, "target_only": 0, "neither": 9},
        evidence={"bits": 20.0},
        summary="Rows with the trigger leak.",
    )


def coverage_of(paths: Sequence[Path], config: ScanConfig | None = None) -> Coverage:
    """Read real files, as a scan does."""
    coverage = Coverage()
    sources = [Source.of(path) for path in paths]
    for _ in read_batches(sources, coverage, config or ScanConfig()):
        pass
    return coverage


def scan(
    folder: Path,
    flagged: Mapping[Path, Sequence[int]],
    *,
    listed: Sequence[Suspect] = (),
    findings: Sequence[Finding] = (finding(),),
    config: ScanConfig | None = None,
) -> Path:
    """Write the report of a scan that flagged these rows; return its folder."""
    result = ScanResult(
        findings=findings,
        suspects=[
            Suspect(str(path), row, 0.9, True, ("F1",))
            for path, rows in flagged.items()
            for row in rows
        ]
        + list(listed),
        coverage=coverage_of(list(flagged), config),
        config=(config or ScanConfig()).to_dict(),
    )
    write_outputs(result, folder)
    return folder


def rejected(folder: Path) -> list[dict]:
    content = (folder / "rejected.jsonl").read_bytes()
    content.decode("ascii")
    return [json.loads(line) for line in content.splitlines()]


def tree(folder: Path) -> dict[str, bytes]:
    """Everything in a folder, hidden files included."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
