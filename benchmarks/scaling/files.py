"""Data in a file, with the truth beside it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from scaling import VERSION
from scaling.poison import NOTHING, ROWS_EACH, Plants, draw_plants, truth_lines
from scaling.stream import iter_blocks, rows_for

FORMATS = ("jsonl", "jsonl.gz", "jsonl.zst", "parquet")
COLUMNS = ("instruction", "input", "output")


@dataclass(frozen=True)
class Spec:
    """What decides on every byte of the data: size, seed, and whether there is poison.

    Attributes
    ----------
    rows
        Rows; or else as many as `n_bytes` of JSONL need.
    rows_each
        Rows of each attack; 0: clean.
    """

    rows: int = 0
    n_bytes: float = 0
    seed: int = 0
    rows_each: int = ROWS_EACH

    def n_rows(self) -> int:
        """Return the rows that there will be."""
        return self.rows or rows_for(self.n_bytes, self.seed)


@dataclass(frozen=True)
class Written:
    """What was written."""

    data: Path
    rows: int
    n_bytes: int
    plants: Plants


def write_data(path: Path, spec: Spec) -> Written:
    """Write the data; with poison also ``NAME.truth.jsonl`` and ``NAME.attack.json`` beside them.

    The format follows from the name: one of `FORMATS`.
    """
    rows = spec.n_rows()
    plants = draw_plants(spec.seed, rows, spec.rows_each) if spec.rows_each else NOTHING
    path.parent.mkdir(parents=True, exist_ok=True)
    with _opened(path) as write:
        for block in iter_blocks(spec.seed, rows, plants.lines):
            write(block)
    if plants.attacks:
        with truth_path(path).open("wb") as file:
            file.writelines(truth_lines(plants, rows))
        described = {"file": path.name, **describe(spec, rows, plants)}
        attack_path(path).write_text(json.dumps(described, indent=1), encoding="utf-8")
    return Written(path, rows, path.stat().st_size, plants)


def truth_path(path: Path) -> Path:
    """Return where the truth about a file is."""
    return path.with_name(f"{_stem(path)}.truth.jsonl")


def attack_path(path: Path) -> Path:
    """Return where the attacks of a file are described."""
    return path.with_name(f"{_stem(path)}.attack.json")


def describe(spec: Spec, rows: int, plants: Plants) -> dict[str, Any]:
    """Return what was asked for and what was planted, as plain values."""
    return {
        "generator": VERSION,
        "rows": rows,
        "seed": spec.seed,
        "attacks": [
            {**attack.to_dict(), "poisoned_rows": list(attack.rows)} for attack in plants.attacks
        ],
    }


def _stem(path: Path) -> str:
    ending = next(one for one in sorted(FORMATS, key=len) if path.name.endswith(f".{one}"))
    return path.name.removesuffix(f".{ending}")


@contextmanager
def _opened(path: Path) -> Iterator[Callable[[bytes], object]]:
    """Yield what takes blocks of lines and writes them in the format of the name."""
    if path.name.endswith(".parquet"):
        schema = pa.schema([(name, pa.string()) for name in COLUMNS])
        with pq.ParquetWriter(path, schema, compression="zstd") as writer:
            yield lambda block: writer.write_table(_table(block.splitlines(), schema))
        return
    with path.open("wb") as file:
        if path.suffix == ".gz":
            with gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
                yield packed.write
        elif path.suffix == ".zst":
            with zstandard.ZstdCompressor().stream_writer(file, closefd=False) as packed:
                yield packed.write
        else:
            yield file.write


def _table(lines: Iterable[bytes], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist([orjson.loads(line) for line in lines], schema)
