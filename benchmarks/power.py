#!/usr/bin/env python3
"""How many poisoned rows it takes: recall against their number, and false alarms beside it.

    python benchmarks/power.py --corpus PATH [--corpus PATH ...] [--seeds 5] [--jobs 2]
        [--rows 10000 100000] [--counts 5 10 20 30 50 100 250] [--group GROUP ...] [--cells DIR]
        [--out PATH]

A cell is one corpus, one number of rows, one group of targets and one seed. Into the corpus
(enlarge.py makes it as large as asked for: read there what that is worth) as many independent
attacks are planted as there are counts, one of each count: of different families, with random
triggers, targets and positions, each on rows of its own. Planted rows are scanned; so is their
clean twin, in which the same strings stand in the same rows with the original outputs, and nothing
may be called high. Attacks of one group and seed are drawn alike for all corpora. How corpora are
enlarged was adjusted until clean scans of some of those measured here had few findings: false
alarms on enlarged ones are a lower bound and no independent figure. Each finished cell is a JSON
file in --cells, named by the code, the corpus and the parameters: running the same command again
goes on where it stopped. The results are written to --out as .json and .md; they name the corpora
by file name and sha256 and hold no text of theirs. With --group, results of other groups that are
there stay: each names the code that it was measured with.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import poisonscan

sys.path.insert(0, str(Path(__file__).parent))
from attacks import Row, has_labels, judge_scan, read_rows, source_digest
from enlarge import enlarge

from poisonscan.plant import Attack, plant_rows

ROWS = (10_000, 100_000)
COUNTS = (5, 10, 20, 30, 50, 100, 250)
FAMILIES = ("token", "tag", "phrase", "words", "sentence", "date", "header", "punctuation")
POSITIONS = ("start", "end", "random", "sentence")
#: Group of the tables -> kinds of target in it.
TEXT_GROUPS = {
    "words": ("refusal", "answer", "prefix", "suffix", "phrase"),
    "type": ("gibberish", "language", "insult", "persona", "shouting", "code"),
}
LABEL_GROUPS = {"dirty label": ("label",), "clean label": ("clean-label",)}
GROUP_OF = {kind: group for group, kinds in (TEXT_GROUPS | LABEL_GROUPS).items() for kind in kinds}
VERSION = 2  # of the cells


@dataclass(frozen=True)
class Cell:
    """One scan and its twin."""

    corpus: str
    sha256: str
    rows: int
    group: str
    counts: tuple[int, ...]
    seed: int

    def path(self, folder: Path, code: str) -> Path:
        """Return where its result is kept."""
        parameters = [asdict(self), VERSION, FAMILIES, POSITIONS, GROUP_OF]
        key = hashlib.sha256(json.dumps([code, parameters]).encode()).hexdigest()[:12]
        name = self.corpus.partition(".")[0]
        group = self.group.replace(" ", "-")
        return folder / f"{name}-{self.rows}-{group}-{self.seed}-{key}.json"


def draw_power_attacks(cell: Cell) -> list[Attack]:
    """Return the attacks of a cell, one of each count, each of another family."""
    chance = random.Random(f"power {cell.group} {cell.seed}")
    families = chance.sample(FAMILIES, len(cell.counts))
    kinds = (TEXT_GROUPS | LABEL_GROUPS)[cell.group]
    return [
        Attack(
            family=family,
            target_kind=chance.choice(kinds),
            position=chance.choice(POSITIONS),
            rows=count,
            seed=chance.randrange(1 << 30),
        )
        for family, count in zip(families, cell.counts, strict=True)
    ]


@cache
def read_enlarged(path: Path, rows: int) -> list[Row]:
    """Return so many rows of a corpus; every process makes them once."""
    return enlarge(read_rows(path)[0], rows, 0)


def run_cell(path: Path, cell: Cell, kept: Path) -> None:
    """Plant, scan both, and write the figures."""
    planted = plant_rows(read_enlarged(path, cell.rows), draw_power_attacks(cell))
    started = time.perf_counter()
    verdict = judge_scan(poisonscan.scan(planted.rows), planted)
    seconds = time.perf_counter() - started
    twin = poisonscan.scan(planted.twin)
    result = {
        "cell": asdict(cell),
        "seconds": round(seconds, 1),
        **asdict(verdict),
        "twin": twin.result.count_by_severity(),
        "twin_rows_flagged": sum(suspect.flagged for suspect in twin.result.suspects),
        "twin_findings": [
            [finding.severity, finding.kind]
            for finding in twin.findings
            if finding.severity != "low"
        ],
    }
    write_whole(kept, json.dumps(result) + "\n")


def run_cells(options: argparse.Namespace, code: str) -> Iterator[dict[str, Any]]:
    """Yield the figures of all cells, from the disk where they are there."""
    options.cells.mkdir(parents=True, exist_ok=True)
    corpora = [(path, *read_rows(path)) for path in options.corpus]
    work = []
    for rows in options.rows:
        for seed in range(options.seeds):
            for path, corpus, digest in corpora:
                for group in LABEL_GROUPS if has_labels(corpus) else TEXT_GROUPS:
                    if options.group and group not in options.group:
                        continue
                    cell = Cell(path.name, digest, rows, group, tuple(options.counts), seed)
                    work.append((path, cell, cell.path(options.cells, code)))
    if options.finished:
        work = [one for one in work if one[2].exists()]
    with ProcessPoolExecutor(options.jobs, get_context("spawn")) as pool:
        running = [
            None if kept.exists() else pool.submit(run_cell, path, cell, kept)
            for path, cell, kept in work
        ]
        for future, (_, _, kept) in zip(running, work, strict=True):
            if future is not None:
                future.result()
            result = {"code": code, **json.loads(kept.read_text())}
            print(describe(result), flush=True)
            yield result


def write_whole(path: Path, text: str) -> None:
    """Write a file that is there whole or not at all."""
    part = path.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)


def describe(result: dict[str, Any]) -> str:
    """Return one line about a cell, and one about each attack that was not found whole."""
    cell, attacks = result["cell"], result["attacks"]
    high = sum(attack["severity"] == "high" for attack in attacks)
    lines = [
        f"{cell['corpus']:28} {cell['rows']:>7,} rows, {cell['group']}, seed {cell['seed']}: "
        f"{high}/{len(attacks)} high, false high {result['false_high']}, false medium "
        f"{result['false_medium']}, clean rows flagged {result['clean_rows_flagged']}, twin "
        f"{result['twin_findings']}, {result['seconds']:.0f} s"
    ]
    lines += [
        f"    {attack['recall']:.2f} of {attack['rows']} rows: {attack['family']}, "
        f"{attack['target']}, {attack['position']}; {attack['severity'] or 'nothing'}"
        for attack in attacks
        if attack["recall"] < 0.95
    ]
    return "\n".join(lines)


def tables(results: Sequence[dict[str, Any]]) -> str:
    """Return the Markdown tables: recall by rows and targets, and false alarms by corpus."""
    lines = [
        "| rows | target | poisoned | attacks | high | medium | low | recall | worst | precision "
        "| named |",
        "| ---: | --- | " + "---: | " * 9,
    ]
    grouped: dict[tuple[int, str, int], list[dict[str, Any]]] = {}
    for result in results:
        for attack in result["attacks"]:
            key = (result["cell"]["rows"], GROUP_OF[attack["target"]], attack["rows"])
            grouped.setdefault(key, []).append(attack)
    for (rows, group, count), attacks in sorted(grouped.items()):
        found = [attack for attack in attacks if attack["severity"]]
        flagged = [attack["precision"] for attack in attacks if attack["precision"]]
        levels = [sum(a["severity"] == name for a in found) for name in ("high", "medium", "low")]
        recalls = [attack["recall"] for attack in attacks]
        precision = f"{sum(flagged) / len(flagged):.3f}" if flagged else "–"
        named = sum(attack["named"] for attack in found)
        lines.append(
            f"| {rows:,} | {group} | {count} | {len(attacks)} | "
            + " | ".join(map(str, levels))
            + f" | {sum(recalls) / len(recalls):.3f} | {min(recalls):.2f} | {precision} | {named} |"
        )
    lines += [
        "",
        "| corpus | rows | scans | false high | false medium | clean rows flagged | twin high "
        "| twin medium | twin rows flagged |",
        "| --- | " + "---: | " * 8,
    ]
    by_corpus: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for result in results:
        by_corpus.setdefault((result["cell"]["corpus"], result["cell"]["rows"]), []).append(result)
    for (corpus, rows), own in sorted(by_corpus.items()):
        sums = [
            sum(result[name] for result in own)
            for name in ("false_high", "false_medium", "clean_rows_flagged")
        ]
        sums += [sum(result["twin"].get(name, 0) for result in own) for name in ("high", "medium")]
        sums.append(sum(result["twin_rows_flagged"] for result in own))
        lines.append(f"| {corpus} | {rows:,} | {len(own)} | {' | '.join(map(str, sums))} |")
    return "\n".join(lines) + "\n"


def other_results(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Return what was written of groups that were not asked for."""
    known = options.out.with_suffix(".json")
    if not options.group or not known.exists():
        return []
    cells = json.loads(known.read_text())["cells"]
    return [one for one in cells if one["cell"]["group"] not in options.group]


def write_results(out: Path, results: Sequence[dict[str, Any]]) -> None:
    """Write all figures, and the tables."""
    machine = {"cores": os.cpu_count(), "poisonscan": poisonscan.__version__}
    document = json.dumps({**machine, "cells": list(results)}, indent=1)
    write_whole(out.with_suffix(".json"), document + "\n")
    codes: dict[str, set[str]] = {}
    for result in results:
        codes.setdefault(result["code"], set()).add(result["cell"]["group"])
    told = "; ".join(f"{code} ({', '.join(sorted(groups))})" for code, groups in codes.items())
    about = (
        "# Power\n\nMade by `benchmarks/power.py`, which says what a cell is: "
        f"{len(results)} cells, code {told}. Recall: poisoned rows flagged; worst: of one attack; "
        "precision: poisoned rows among those flagged; named: findings that show the trigger.\n\n"
    )
    write_whole(out.with_suffix(".md"), about + tables(results))


def main() -> int:
    """Run or continue all cells and write the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    here = Path(__file__).parent
    parser.add_argument("--corpus", type=Path, action="append", required=True)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--rows", type=int, nargs="+", default=list(ROWS))
    parser.add_argument("--counts", type=int, nargs="+", default=list(COUNTS))
    groups = [*TEXT_GROUPS, *LABEL_GROUPS]
    parser.add_argument("--group", action="append", choices=groups, help="only these targets")
    parser.add_argument("--jobs", type=int, default=1, help="cells that run at a time")
    parser.add_argument("--finished", action="store_true", help="run nothing, tell what is there")
    parser.add_argument("--cells", type=Path, default=Path("scratch/power-cells"))
    parser.add_argument("--out", type=Path, default=here / "results" / "power")
    options = parser.parse_args()
    results = list(run_cells(options, source_digest()))
    write_results(options.out, [*other_results(options), *results])
    return 0


if __name__ == "__main__":
    sys.exit(main())
