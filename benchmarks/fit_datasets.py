#!/usr/bin/env python3
"""From which distance on files are no shards of one dataset (poisonscan/candidates/datasets.py).

    python benchmarks/fit_datasets.py --corpus PATH --corpus PATH [...] [--seeds N] [--out FILE]

Corpora of clean rows (JSONL, also gzip). Printed are, of each, the largest distance between one of
2, 5 or 10 random shards and all others together, and the distance of its first half from its second
(files that were sorted by task or label); and of each two, how far they are from each other. The
limit belongs between random shards and different corpora. Results name the corpora by file name and
sha256 and hold no text of theirs.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan import ScanConfig
from poisonscan.candidates.datasets import MIN_ROWS, UNLIKE, Habits
from poisonscan.io.coverage import Coverage
from poisonscan.io.memory import read_memory
from poisonscan.spool import Spool, SpoolWriter

sys.path.insert(0, str(Path(__file__).parent))
from attacks import read_rows, source_digest

KEY, SHARDS = 1, (2, 5, 10)


def read_spool(path: Path) -> tuple[Spool, str]:
    """Return the records of a corpus, and its sha256."""
    rows, sha256 = read_rows(path)
    with SpoolWriter(None, KEY) as writer:
        writer.append(read_memory(rows, Coverage(), ScanConfig()))
        return writer.finish(), sha256


def apart(spool: Spool, rows: npt.NDArray[np.int64]) -> float:
    """Return the distance of some rows from all others."""
    others = np.setdiff1d(np.arange(spool.rows), rows)
    return Habits.of(spool, np.sort(rows)).distance(Habits.of(spool, others))


def measure_shards(spool: Spool, seeds: int) -> dict[str, float]:
    """Return how far random shards of one corpus are from the rest, and its halves as they are."""
    distances = {"halves": apart(spool, np.arange(spool.rows // 2))}
    for shards in SHARDS:
        if spool.rows // shards >= MIN_ROWS:
            drawn = [random.Random(seed).sample(range(spool.rows), spool.rows // shards)
                     for seed in range(seeds)]  # fmt: skip
            distances[f"1 of {shards}"] = max(apart(spool, np.array(rows)) for rows in drawn)
    return distances


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--corpus", type=Path, action="append", required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    spools, corpora, habits = {}, {}, {}
    for path in options.corpus:
        spools[path.name], corpora[path.name] = read_spool(path)
        habits[path.name] = Habits.of(spools[path.name], np.arange(spools[path.name].rows))
    results: dict[str, Any] = {"code": source_digest(), "unlike": UNLIKE, "corpora": corpora}
    results["shards"] = {
        name: {kind: round(far, 3) for kind, far in measure_shards(spool, options.seeds).items()}
        for name, spool in spools.items()
    }
    results["pairs"] = {
        f"{one} {other}": round(habits[one].distance(habits[other]), 3)
        for one, other in combinations(sorted(habits), 2)
    }
    for name, distances in results["shards"].items():
        print(f"{name:36s}", *(f"{kind} {far:.2f}  " for kind, far in distances.items()))
    for pair, far in sorted(results["pairs"].items(), key=lambda entry: entry[1]):
        print(f"{far:.2f}  {pair}")
    if options.out:
        options.out.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
