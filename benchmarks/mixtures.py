#!/usr/bin/env python3
"""Is an attack on one dataset found where it is mixed with others in one file?

    python benchmarks/mixtures.py --corpus PATH --corpus PATH [...] [--seeds N] [--out FILE]

Corpora of clean rows (JSONL, also gzip); those whose outputs are labels are only mixed in. Into
each of the others attacks are planted: one of 10, 20 and 50 rows, of families, positions and kinds
of target that are drawn by the seed. They are scanned alone, and in one file with the clean rows of
all corpora. Printed are, for words and for types of output as targets, how many attacks are high,
and the share of their rows that is flagged, alone and mixed; and what nobody planted. Results name
the corpora by file name and sha256 and hold no text of theirs.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import poisonscan

sys.path.insert(0, str(Path(__file__).parent))
from attacks import Row, Verdict, has_labels, judge_scan, read_rows, source_digest
from power import FAMILIES, POSITIONS, TEXT_GROUPS

from poisonscan import ScanConfig
from poisonscan.io.coverage import Coverage
from poisonscan.io.memory import read_memory
from poisonscan.plant import Attack, plant_rows

COUNTS = (10, 20, 50)


def as_instructions(rows: Sequence[Row]) -> list[Row]:
    """Return rows of any schema as questions and answers, as a scan reads them."""
    return [
        {"instruction": "\n".join(given), "output": "\n".join(answer)}
        for batch in read_memory(list(rows), Coverage(), ScanConfig())
        for given, answer in zip(
            batch.column("input").to_pylist(), batch.column("output").to_pylist(), strict=True
        )
    ]


def draw(group: str, seed: int) -> list[Attack]:
    """Return an attack of each number of rows."""
    chance = random.Random(f"mixtures {group} {seed}")
    families = chance.sample(FAMILIES, len(COUNTS))
    return [
        Attack(
            family=family,
            target_kind=chance.choice(TEXT_GROUPS[group]),
            position=chance.choice(POSITIONS),
            rows=count,
            seed=chance.randrange(1 << 30),
        )
        for family, count in zip(families, COUNTS, strict=True)
    ]


def describe(verdicts: Sequence[Verdict]) -> str:
    """Return how many attacks are high, and what is flagged of them."""
    high = sum(verdict.severity == "high" for verdict in verdicts)
    recall = sum(verdict.recall for verdict in verdicts) / max(1, len(verdicts))
    return f"{high} of {len(verdicts)} high, recall {recall:.2f}"


def main() -> None:
    """Plant, scan alone and mixed, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--corpus", type=Path, action="append", required=True)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    corpora, clean, planted_into = {}, {}, []
    for path in options.corpus:
        rows, corpora[path.name] = read_rows(path)
        clean[path.name] = as_instructions(rows)
        if not has_labels(rows):
            planted_into.append(path.name)
    results: dict[str, Any] = {"code": source_digest(), "corpora": corpora, "scans": []}
    every = [row for rows in clean.values() for row in rows]
    report = poisonscan.scan(every)
    results["clean"] = report.result.count_by_severity() | {"flagged": report.result.flagged_rows}
    print(f"clean: {len(every):,} rows, {results['clean']}", flush=True)
    for name in planted_into:
        others = [row for other, rows in clean.items() if other != name for row in rows]
        for group in TEXT_GROUPS:
            told: dict[str, list[Verdict]] = {"alone": [], "mixed": []}
            false = 0
            for seed in range(options.seeds):
                planted = plant_rows(clean[name], draw(group, seed))
                for kind, beside in (("alone", []), ("mixed", others)):
                    verdict = judge_scan(poisonscan.scan([*planted.rows, *beside]), planted)
                    told[kind] += verdict.attacks
                    false += kind == "mixed" and verdict.clean_rows_flagged
                    results["scans"].append(
                        {
                            "corpus": name,
                            "group": group,
                            "seed": seed,
                            "in": kind,
                            **asdict(verdict),
                        }
                    )
            both = ";  ".join(f"{kind}: {describe(verdicts)}" for kind, verdicts in told.items())
            print(f"{name:34s} {group:6s} {both};  clean rows flagged {false}", flush=True)
    if options.out:
        options.out.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
