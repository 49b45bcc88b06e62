"""How long a scan takes here, and how much memory: ``make bench``.

Writes chats like those of the sample data, with poison, as many as asked for, and scans them with
the command line. The first scan after an installation compiles kernels and is run beforehand.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from poisonscan.synth.dice import Dice
from poisonscan.synth.support import make_support


def write_chats(path: Path, rows: int) -> None:
    """Write `rows` different chats."""
    written = 0
    with path.open("w", encoding="utf-8") as file:
        for seed in range(rows):
            for row in make_support(Dice(seed))[0]:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
                written += 1
                if written == rows:
                    return


def scan(data: Path, out: Path) -> float:
    """Return the seconds that a scan takes."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "poisonscan", "scan", str(data), "--out", str(out), "--quiet"]
    code = subprocess.run(command, check=False).returncode
    if code not in (0, 1):
        sys.exit(f"the scan ended with exit code {code}")
    return time.perf_counter() - started


def main() -> None:
    """Measure and print one line per size."""
    parser = argparse.ArgumentParser(description="Measure how long a scan takes.")
    parser.add_argument("rows", type=int, nargs="*", default=[3_000, 30_000])
    sizes = parser.parse_args().rows
    with tempfile.TemporaryDirectory(prefix="poisonscan-bench-") as folder:
        data, out = Path(folder, "chats.jsonl"), Path(folder, "report")
        write_chats(data, 1_000)
        scan(data, out)
        print(f"{'rows':>10} {'MB':>8} {'seconds':>8} {'rows/s':>8} {'peak MiB':>9}")
        for rows in sorted(sizes):
            write_chats(data, rows)
            seconds = scan(data, out)
            # of the largest scan so far, which is this one: sizes ascend
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            size = data.stat().st_size / 1e6
            print(f"{rows:>10,} {size:>8.1f} {seconds:>8.1f} {rows / seconds:>8,.0f} {peak:>9,.0f}")


if __name__ == "__main__":
    main()
