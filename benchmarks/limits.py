#!/usr/bin/env python3
"""What each limit of the detectors does: the same attacks found with other values of it.

    python benchmarks/limits.py --corpus PATH [--corpus PATH ...] --limit MODULE.NAME [...]
        [--rows 3000] [--each 1] [--seed 0] [--jobs 2] [--out PATH]

`MODULE.NAME` is a number at the top of a module, as in `findings.output.MEDIUM_BITS`. Attacks of
all families are planted in a sample of each corpus (as self_check.py draws them); the planted rows
and their clean twins are scanned with the value that ships, and with multiples of it: 0 and a
thousand times switch most limits off, one way or the other. Printed for each value: attacks found
(high or medium), their mean recall, how many are named, false high and medium findings in planted
rows and in twins, and clean rows that were flagged. A limit is well placed when both neighbours do
no better; one that changes nothing, whatever its value, is not seen at work here: either such data
are missing, or it only decorates. The results are written to --out as .json and .md; limits that
are there already stay, those asked for are replaced.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import json
import os
import random
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from unittest import mock

import poisonscan

sys.path.insert(0, str(Path(__file__).parent))
from attacks import judge_scan, read_rows, source_digest
from self_check import plant_batches

from poisonscan.plant import Planted

FACTORS = (0.0, 0.5, 0.8, 1.25, 2.0, 1000.0)


@dataclass(frozen=True)
class Sets:
    """Which rows are scanned: attacks of a seed in samples of some corpora."""

    corpora: tuple[Path, ...]
    rows: int
    each: int
    seed: int


@dataclass(frozen=True)
class Figures:
    """What was found in one or several scans of planted rows and their twins."""

    attacks: int = 0
    found: int = 0
    named: int = 0
    recall: float = 0.0  # sum over the attacks
    false: int = 0  # high and medium
    twin_false: int = 0
    clean_rows: int = 0

    def __add__(self, other: Figures) -> Figures:
        ours, theirs = asdict(self), asdict(other)
        return Figures(**{name: ours[name] + theirs[name] for name in ours})


@cache
def planted_sets(sets: Sets) -> tuple[Planted, ...]:
    """Return all that is scanned; the same in each process."""
    found: list[Planted] = []
    for path in sets.corpora:
        rows = read_rows(path)[0]
        if len(rows) > sets.rows:
            chosen = sorted(random.Random(sets.seed).sample(range(len(rows)), sets.rows))
            rows = [rows[at] for at in chosen]
        found += plant_batches(path.name, rows, sets.seed, sets.each)
    return tuple(found)


def value_of(limit: str) -> float:
    """Return the value that ships.

    Raises
    ------
    SystemExit
        There is no such number.
    """
    module, _, name = limit.rpartition(".")
    try:
        value = getattr(importlib.import_module(f"poisonscan.{module}"), name)
    except (ImportError, AttributeError) as error:
        raise SystemExit(f"no such limit: {limit} ({error})") from None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SystemExit(f"{limit} is no number but {value!r}")
    return value


@contextmanager
def changed(limit: str, factor: float) -> Iterator[None]:
    """Give a limit a multiple of its value, in every module that has imported it."""
    value = value_of(limit)
    home, _, name = limit.rpartition(".")
    new = type(value)(round(value * factor, 9))
    with ExitStack() as stack:
        for key, module in list(sys.modules.items()):
            if not key.startswith("poisonscan.") or name not in vars(module):
                continue
            is_home = key == f"poisonscan.{home}"
            if is_home or f"from poisonscan.{home} import" in inspect.getsource(module):
                stack.enter_context(mock.patch.object(module, name, new))
        yield


def measure(sets: Sets, number: int, limit: str, factor: float) -> Figures:
    """Scan one set and its twin with a limit changed."""
    importlib.import_module("poisonscan.engine")  # and all detectors, with the old value
    planted = planted_sets(sets)[number]
    with changed(limit, factor):
        report = poisonscan.scan(planted.rows, workers=1)
        twin = poisonscan.scan(planted.twin, workers=1).result.count_by_severity()
    verdict = judge_scan(report, planted)
    return Figures(
        attacks=len(verdict.attacks),
        found=sum(one.severity in ("high", "medium") for one in verdict.attacks),
        named=sum(one.named for one in verdict.attacks),
        recall=sum(one.recall for one in verdict.attacks),
        false=verdict.false_high + verdict.false_medium,
        twin_false=twin.get("high", 0) + twin.get("medium", 0),
        clean_rows=verdict.clean_rows_flagged,
    )


def measure_all(sets: Sets, limits: Sequence[str], jobs: int) -> dict[str, dict[float, Figures]]:
    """Return the figures of each value of each limit, by its factor."""
    found: dict[str, dict[float, Figures]] = {}
    context = get_context("spawn")  # numba's threads do not survive a fork
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:

        def total(limit: str, factor: float) -> Figures:
            numbers = range(len(planted_sets(sets)))
            done = [pool.submit(measure, sets, number, limit, factor) for number in numbers]
            return sum((one.result() for one in done), Figures())

        shipped = total(limits[0], 1.0)
        for limit in limits:
            found[limit] = {1.0: shipped}
            for factor in FACTORS:
                found[limit][factor] = total(limit, factor)
            print("\n".join(table(limit, found[limit])), flush=True)
    return found


def table(limit: str, figures: dict[float, Figures]) -> list[str]:
    """Return the lines of one limit."""
    value = value_of(limit)
    lines = ["", f"## {limit} = {value:g}", ""]
    if len(set(figures.values())) == 1:
        return [*lines, "Changes nothing here."]
    lines += [
        "| value | found | recall | named | false | in twins | clean rows flagged |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for factor, one in sorted(figures.items()):
        shown = f"{value * factor:g}" + (" (ships)" if factor == 1.0 else "")
        recall = one.recall / max(1, one.attacks)
        lines.append(
            f"| {shown} | {one.found} of {one.attacks} | {recall:.3f} | {one.named} "
            f"| {one.false} | {one.twin_false} | {one.clean_rows} |"
        )
    return lines


def main() -> int:
    """Measure and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--corpus", type=Path, action="append", required=True)
    parser.add_argument("--limit", nargs="+", required=True)
    parser.add_argument("--rows", type=int, default=3000)
    parser.add_argument("--each", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    for limit in options.limit:
        value_of(limit)
    sets = Sets(tuple(options.corpus), options.rows, options.each, options.seed)
    found = measure_all(sets, options.limit, options.jobs)
    if options.out:
        write(options.out, sets, found)
    return 0


def write(out: Path, sets: Sets, found: dict[str, dict[float, Figures]]) -> None:
    """Write the results beside those of other limits that are there."""
    path = out.with_suffix(".json")
    known: dict[str, Any] = json.loads(path.read_text())["limits"] if path.exists() else {}
    for limit, figures in found.items():
        known[limit] = {
            "code": source_digest(),
            "cores": os.cpu_count(),
            "corpora": {one.name: read_rows(one)[1] for one in sets.corpora},
            "rows": sets.rows,
            "each": sets.each,
            "seed": sets.seed,
            "value": value_of(limit),
            "figures": [{"factor": f, **asdict(one)} for f, one in sorted(figures.items())],
        }
    path.write_text(json.dumps({"limits": dict(sorted(known.items()))}, indent=1) + "\n")
    lines = ["# Limits", "", "Made by `benchmarks/limits.py`, which says what is shown."]
    for limit, entry in sorted(known.items()):
        figures = {one.pop("factor"): Figures(**one) for one in map(dict, entry["figures"])}
        lines += table(limit, figures)
    out.with_suffix(".md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main())
