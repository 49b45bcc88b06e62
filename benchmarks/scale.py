#!/usr/bin/env python3
"""Speed, memory and findings on data of any size, beside floors and other tools: ``make bench``.

    python benchmarks/scale.py                                  # 30 MB
    python benchmarks/scale.py --bytes 1e9 --times 1 4          # 1 GB and 4 GB
    python benchmarks/scale.py --formats jsonl --workers 2 --parts scan

The data are made by `scale_data.py` and kept in --cache. Everything runs in one go, each part in a
process of its own, one after the other. The scan of the first format is repeated for each number of
--workers; other formats, and larger data, take the last. Floors read the JSONL whatever the format
of the scan; parts that would take hours get --sample rows, and their seconds are extrapolated in
proportion. Expectations stand beside the ratios (scaling/expected.py). The findings are compared
with what was planted; the command fails where a trigger is not found or something else is high.
Results: --out.json and --out.md.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from machine import describe_machine
from scaling import VERSION
from scaling.expected import compare
from scaling.measure import run
from scaling.results import TITLES, markdown

HERE = Path(__file__).resolve().parent
FORMATS = ("jsonl", "jsonl.gz", "jsonl.zst", "parquet")
#: Parts that read every row; the others get a sample.
WHOLE = ("scan", "parse", "unpack", "hash")
#: Rows of a sample, in parts of --sample: MiniLM embeds some twenty rows a second on a core.
SHARES = {"sklearn": 1.0, "polars": 1.0, "minilm": 0.02}
PACKAGES = ("numba", "numpy", "orjson", "polars", "scikit-learn", "sentence-transformers", "torch")
RESULTS_VERSION = 2
#: Bytes below which nobody would look at the seconds.
WARM_UP_FROM = 1e7


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print and write."""
    asked = _arguments(argv)
    measured: list[dict[str, Any]] = []
    quality: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="poisonscan-scale-") as scratch:
        if "scan" in asked.parts and asked.bytes >= WARM_UP_FROM:
            _warm_up(asked, Path(scratch))
        for times in asked.times:
            n_bytes = asked.bytes * times
            for one, verdict in _measure(asked, n_bytes, Path(scratch)):
                measured.append(one)
                quality += [verdict] if verdict else []
                print(json.dumps(one), flush=True)
    results = {
        "version": RESULTS_VERSION,
        "generator": VERSION,
        "machine": machine(),
        "seed": asked.seed,
        "measured": measured,
        "ratios": compare(measured),
        "quality": quality,
    }
    page = markdown(results)
    print(f"\n{page}", end="")
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.with_suffix(".json").write_text(json.dumps(results, indent=1) + "\n")
    asked.out.with_suffix(".md").write_text(page)
    return 0 if all(one["is_good"] for one in quality) else 1


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure speed, memory and findings at scale.")
    parser.add_argument("--bytes", type=float, default=3e7, help="of JSONL (default 3e7)")
    parser.add_argument("--times", type=float, nargs="+", default=[1], help="also so many times")
    parser.add_argument("--formats", nargs="+", choices=FORMATS, default=list(FORMATS))
    parser.add_argument("--parts", nargs="+", choices=list(TITLES), default=list(TITLES))
    parser.add_argument("--sample", type=int, default=20_000, help="rows of the slow parts")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2], help="of the scans")
    parser.add_argument("--seed", type=int, default=0)
    cache = Path(tempfile.gettempdir(), "poisonscan-scale-data")
    parser.add_argument("--cache", type=Path, default=cache, help=f"data (default {cache})")
    parser.add_argument("--out", type=Path, default=HERE / "results" / "scale")
    return parser.parse_args(argv)


def _measure(
    asked: argparse.Namespace, n_bytes: float, scratch: Path
) -> Iterator[tuple[dict[str, Any], dict[str, Any] | None]]:
    """Yield the figures of each part at one size, and of a scan what it found."""
    plain = make_data(asked.cache, n_bytes, "jsonl", asked.seed)
    described = json.loads(_attacks_of(plain).read_text(encoding="utf-8"))
    size, rows = plain.stat().st_size, described["rows"]
    for part in asked.parts:
        if part in ("scan", "unpack"):
            continue
        yield _about(part, "jsonl", size, rows) | _part(part, plain, asked.sample, rows), None
    for form in asked.formats:
        data = make_data(asked.cache, n_bytes, form, asked.seed)
        if "unpack" in asked.parts and form != "jsonl":
            unpacked = _part("unpack", data, asked.sample, rows)
            yield _about("unpack", form, size, rows) | unpacked, None
        is_first = form == asked.formats[0] and n_bytes == asked.bytes * asked.times[0]
        for workers in asked.workers if is_first else asked.workers[-1:]:
            if "scan" in asked.parts:
                about = _about("scan", form, size, rows) | {"workers": workers}
                report = scratch / f"{form}-{size}-{workers}"
                figures = _scan(data, report, workers) | {"rows_measured": rows}
                yield about | figures, about | _quality(report, _attacks_of(plain))


def _scan(data: Path, report: Path, workers: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "scaling.scan", str(data), str(report), str(workers)]
    cost, printed = run(command)
    digest = hashlib.sha256((report / "suspects.jsonl").read_bytes())
    digest.update((report / "report.json").read_bytes())
    figures = {
        "extrapolated": False, "seconds": cost.wall_s, "cpu_s": cost.cpu_s,
        "peak_mib": cost.peak_mib, "tree_mib": cost.tree_mib,
    }  # fmt: skip
    return _rounded(figures) | {
        "stages_s": json.loads(printed.splitlines()[-1]),
        "report_sha256": digest.hexdigest(),
    }


def _about(part: str, form: str, n_bytes: int, rows: int) -> dict[str, Any]:
    return {"part": part, "format": form, "n_bytes": n_bytes, "rows": rows}


def _part(part: str, data: Path, sample: int, rows: int) -> dict[str, Any]:
    wanted = rows if part in WHOLE else max(1, round(sample * SHARES[part]))
    cost, printed = run([sys.executable, "-m", "scaling.parts", part, str(data), str(wanted)])
    worked = json.loads(printed.splitlines()[-1])
    if "skipped" in worked:
        return worked
    more = rows / worked["rows"]
    # of the kernel alone, where the part times it; of the others all but start and reading grows
    seconds = worked["work_s"] * more + (0.0 if part == "hash" else cost.wall_s - worked["work_s"])
    return _rounded(
        {
            "rows_measured": worked["rows"],
            "extrapolated": worked["rows"] < rows,
            "seconds": seconds,
            "cpu_s": worked["work_s"] if part == "hash" else cost.cpu_s * seconds / cost.wall_s,
            "peak_mib": cost.peak_mib,
            "tree_mib": cost.tree_mib,
        }
    )


def _rounded(figures: dict[str, Any]) -> dict[str, Any]:
    return {
        key: round(value, 3) if isinstance(value, float) else value
        for key, value in figures.items()
    }


def _quality(report: Path, attacks: Path) -> dict[str, Any]:
    _, printed = run([sys.executable, "-m", "scaling.quality", str(report), str(attacks)])
    verdict: dict[str, Any] = json.loads(printed)
    return verdict


def _warm_up(asked: argparse.Namespace, scratch: Path) -> None:
    """Scan a few rows: the first scan after an installation compiles kernels."""
    _scan(make_data(asked.cache, 1e6, "jsonl", asked.seed), scratch / "warm-up", 1)


def make_data(cache: Path, n_bytes: float, form: str, seed: int) -> Path:
    """Return the data of this size, made where they are missing."""
    path = cache / f"v{VERSION}-{n_bytes:.0f}-seed{seed}.{form}"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".making-", dir=cache) as folder:
            made = Path(folder, path.name)
            command = [sys.executable, str(HERE / "scale_data.py"), str(made)]
            run([*command, "--bytes", str(n_bytes), "--seed", str(seed)])
            for file in sorted(Path(folder).iterdir(), key=lambda one: one.name == path.name):
                file.replace(cache / file.name)  # the data last: they stand for all of it
    return path


def _attacks_of(path: Path) -> Path:
    return path.with_name(f"{path.name.removesuffix('.jsonl')}.attack.json")


def machine() -> dict[str, Any]:
    """Return where this was measured, and with which versions of what is installed."""
    found = describe_machine(PACKAGES)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    installed = {name: number for name, number in found["versions"].items() if number}
    return found | {"memory_gib": round(memory), "versions": installed}


if __name__ == "__main__":
    sys.exit(main())
