"""Data made to provoke loops within loops: a scan of them takes what others of their size take.

Anything quadratic would take hours here instead of seconds. No second is measured: a process that
has used far more than any needs is ended by the system. Peaks of memory and numbers of calls do not
depend on how fast the machine is.
"""

from __future__ import annotations

import cProfile
import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest
from scan_helpers import WORDS, World

import poisonscan
from poisonscan.config import ScanConfig
from poisonscan.io.batches import read_batches
from poisonscan.io.coverage import Coverage
from poisonscan.io.sources import discover

pytest.importorskip("resource")

#: Seconds of the processor that no scan here comes near, though it may compile the kernels first.
CPU_LIMIT_S = 400

#: The largest, of one row of 50 MB, takes 700.
PEAK_MIB = 1000


def line(given: str, answer: str) -> bytes:
    return json.dumps({"instruction": given, "output": answer}).encode() + b"\n"


def ordinary(count: int) -> Iterator[bytes]:
    for row in World(9).rows(count):
        yield line(row.input[0], row.output[0])


def sentences(seed: int, words: int) -> Iterator[str]:
    chance = random.Random(seed)
    while True:
        yield " ".join(chance.choices(WORDS, k=words))


def one_row_of_50_mb() -> Iterator[bytes]:
    yield line((next(sentences(1, 1_600_000)) * 5)[:50_000_000], "ok")
    yield from ordinary(300)


def a_million_equal_rows() -> Iterable[bytes]:
    return repeat(line("the same question about it", "the same answer as always"), 1_000_000)


def a_million_different_tokens() -> Iterator[bytes]:
    """In one row; and many in six rows: n-grams that all have the same rows."""
    yield line(" ".join(f"w{at}" for at in range(1_000_000)), "ok")
    yield from repeat(line(" ".join(f"v{at}" for at in range(40_000)), "ok"), 6)
    yield from ordinary(300)


def one_trigger_in_all_rows() -> Iterator[bytes]:
    before, behind, answers = sentences(1, 4), sentences(2, 6), sentences(3, 8)
    for _ in range(40_000):
        yield line(f"{next(before)} zeta omega {next(behind)}", next(answers))


def ten_thousand_candidates() -> Iterator[bytes]:
    before, behind, answers = sentences(1, 4), sentences(2, 4), sentences(3, 4)
    for at in random.Random(4).sample(range(50_000), 50_000):  # five rows each
        yield line(f"{next(before)} trig{at // 5} {next(behind)}", next(answers))


#: Runs a command with a limit and prints the peak of its memory. A process of its own, and a small
#: one: the peak of a process is counted from the memory of the one that started it.
LIMITED = """
import resource, subprocess, sys
limit = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
code = subprocess.call(sys.argv[2:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code != 0)
"""


def scan_within_limits(data: Path, report: Path) -> dict[str, Any]:
    """Scan in a process that the system ends where it takes far too much; return the coverage."""
    command = [sys.executable, "-m", "poisonscan", "scan", str(data), "--out", str(report)]
    options = ["--quiet", "--workers", "1", "--fail-on", "never"]
    ended = subprocess.run(
        [sys.executable, "-c", LIMITED, str(CPU_LIMIT_S), *command, *options],
        stdout=subprocess.PIPE,
        check=True,
    )
    assert int(ended.stdout) / (1 << 20 if sys.platform == "darwin" else 1 << 10) < PEAK_MIB
    coverage: dict[str, Any] = json.loads((report / "report.json").read_bytes())["coverage"]
    assert coverage["failed_detectors"] == {}
    return coverage


@pytest.mark.parametrize(
    ("lines", "rows"),
    [
        (one_row_of_50_mb, 301),
        (a_million_equal_rows, 1_000_000),
        (a_million_different_tokens, 307),
        (one_trigger_in_all_rows, 40_000),
        (ten_thousand_candidates, 50_000),
    ],
)
def test_a_scan_ends(lines: Callable[[], Iterable[bytes]], rows: int, tmp_path: Path) -> None:
    with (tmp_path / "data.jsonl").open("wb") as file:
        file.writelines(lines())
    assert scan_within_limits(tmp_path / "data.jsonl", tmp_path / "report")["scanned"] == rows


def tiny_files(folder: Path, count: int) -> Path:
    folder.mkdir()
    for at, row in enumerate(ordinary(count)):
        (folder / f"{at:05}.jsonl").write_bytes(row)
    return folder


def test_ten_thousand_files(tmp_path: Path) -> None:
    coverage = scan_within_limits(tiny_files(tmp_path / "data", 10_000), tmp_path / "report")
    assert (coverage["scanned"], len(coverage["files"])) == (10_000, 10_000)


def count_calls(work: Callable[[], object]) -> int:
    """Return how many functions are called, those of C included."""
    with cProfile.Profile() as profile:
        work()
    return sum(entry.callcount for entry in profile.getstats())


def strings_with_targets(count: int) -> list[dict[str, str]]:
    """Return rows of strings each of which leads to words of its own, in six rows each."""
    before, behind, answers = sentences(1, 4), sentences(2, 4), sentences(3, 3)
    return [
        {
            "instruction": f"{next(before)} trig{at} {next(behind)}",
            "output": f"{next(answers)} so{at} it{at} is{at} said{at}",
        }
        for at in random.Random(4).sample(list(range(count)) * 6, 6 * count)
    ]


def test_calls_for_twice_the_candidates() -> None:
    poisonscan.scan(strings_with_targets(20))  # imports, too
    one, two = (
        count_calls(lambda count=count: poisonscan.scan(strings_with_targets(count), workers=1))
        for count in (200, 400)
    )
    assert two < 2.2 * one


def test_calls_for_twice_the_files(tmp_path: Path) -> None:
    def read(folder: Path) -> None:
        coverage = Coverage()
        for _ in read_batches(discover([folder]), coverage, ScanConfig(workers=1)):
            pass

    folders = [tiny_files(tmp_path / f"{count}", count) for count in (10, 500, 1000)]
    read(folders[0])
    one, two = (count_calls(lambda folder=folder: read(folder)) for folder in folders[1:])
    assert two < 2.2 * one
