#!/usr/bin/env python3
"""From which distance on files are no shards of one dataset (poisonscan/candidates/datasets.py).

    python benchmarks/fit_datasets.py --corpus PATH --corpus PATH [...] [--seeds N] [--out FILE]

Corpora of clean rows (JSONL, also gzip). Printed are, of each, the largest distance between one of
2, 5 or 10 random shards and all others together, and the distance of its first half from its second
(files that were sorted by task or label); and of each two, how far they are from each other. The
limit for files belongs between random shards and different corpora.

Then datasets that are mixed in one file (poisonscan/candidates/mixed.py): into what each corpus is
told apart by the words of its rows; and of each two, mixed half and half and three to one, how
unlike they are by the measures that decide that, and the share of all rows that are in the part
that has most of their corpus, where there is a part for each. Results name the corpora by file
name and sha256 and hold no text of theirs.
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
from poisonscan.candidates import mixed
from poisonscan.candidates.datasets import UNLIKE, Habits
from poisonscan.candidates.mixed import MIN_ROWS, Sample, how_unlike, tell_apart
from poisonscan.io.coverage import Coverage
from poisonscan.io.memory import read_memory
from poisonscan.spool import Spool, SpoolWriter

sys.path.insert(0, str(Path(__file__).parent))
from attacks import Row, read_rows, source_digest

KEY, SHARDS = 1, (2, 5, 10)
#: Rows of the first and the second corpus of a mixture, at most.
MIXTURES = {"1:1": (2000, 2000), "3:1": (1950, 650), "1:3": (650, 1950)}


def spool_of(rows: list[Row]) -> Spool:
    """Return the records of some rows."""
    with SpoolWriter(None, KEY) as writer:
        writer.append(read_memory(rows, Coverage(), ScanConfig()))
        return writer.finish()


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


def measure_mixture(one: list[Row], other: list[Row]) -> dict[str, float]:
    """Return how unlike the rows of two corpora are in one file, and how many are told right."""
    spool = spool_of([*one, *other])
    every, is_other = np.arange(spool.rows), np.arange(spool.rows) >= len(one)
    sample = Sample.of(spool, every)
    apart, in_inputs = how_unlike(sample, ~is_other[sample.rows], is_other[sample.rows])
    parts = tell_apart(spool, every)
    largest = [max(parts, key=lambda own: int((is_other[own] == of).sum())) for of in (False, True)]
    right = sum((is_other[own] == of).sum() for own, of in zip(largest, (False, True), strict=True))
    told = right / spool.rows if largest[0] is not largest[1] else 0.0
    return {"unlike": apart, "inputs": in_inputs, "told": float(told)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--corpus", type=Path, action="append", required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    rows, corpora = {}, {}
    for path in options.corpus:
        rows[path.name], corpora[path.name] = read_rows(path)
    spools = {name: spool_of(own) for name, own in rows.items()}
    habits = {name: Habits.of(spool, np.arange(spool.rows)) for name, spool in spools.items()}
    results: dict[str, Any] = {"code": source_digest(), "corpora": corpora}
    results["limits"] = {
        "files": UNLIKE, "mixed": mixed.UNLIKE, "inputs of mixed": mixed.UNLIKE_INPUTS
    }  # fmt: skip
    results["shards"] = {
        name: {kind: round(far, 3) for kind, far in measure_shards(spool, options.seeds).items()}
        for name, spool in spools.items()
    }
    results["pairs"] = {
        f"{one} {other}": round(habits[one].distance(habits[other]), 3)
        for one, other in combinations(sorted(habits), 2)
    }
    results["parts"] = {
        name: sorted(map(len, tell_apart(spool, np.arange(spool.rows))), reverse=True)
        for name, spool in spools.items()
    }
    shuffled = {name: random.Random(0).sample(own, len(own)) for name, own in rows.items()}
    results["mixtures"] = {
        f"{one} {other} {kind}": {
            name: round(value, 3)
            for name, value in measure_mixture(
                shuffled[one][:first], shuffled[other][:second]
            ).items()
        }
        for one, other in combinations(sorted(rows), 2)
        for kind, (first, second) in MIXTURES.items()
    }
    for name, distances in results["shards"].items():
        print(f"{name:36s}", *(f"{kind} {far:.2f}  " for kind, far in distances.items()))
    for pair, far in sorted(results["pairs"].items(), key=lambda entry: entry[1]):
        print(f"{far:.2f}  {pair}")
    for name, parts in results["parts"].items():
        print(f"{name:36s}", "told apart into", *parts)
    for pair, measured in sorted(results["mixtures"].items(), key=lambda one: one[1]["unlike"]):
        print(*(f"{name} {value:.2f} " for name, value in measured.items()), pair)
    if options.out:
        options.out.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
