#!/usr/bin/env python3
"""poisonscan beside other methods that need no GPU: same files, same metrics, one run.

    python benchmarks/baselines.py                              # on attacks that it plants itself
    python benchmarks/baselines.py --case DATA TRUTH [NAME] --clean DATA [NAME] ...
    python benchmarks/baselines.py --cases FOLDER --planted     # NAME.jsonl, NAME.labels.jsonl

TRUTH is JSONL with ``row`` (0-based) and ``poisoned`` for each row, as `poisonscan plant` writes
it. Files are called NAME in the results; without one, what the truth calls the attack, and its
share. Every method runs on every file in a process of its own, on one core, one after the other;
seconds are those of the whole process, reading included. What takes longer than --time-limit is
stopped, what is larger than the method can do is not tried, and both are said.

With --add, results of other files and methods stay in --out, and seconds come from several runs.
Results: --out (JSON), all tables beside it (.md), and in --page those that it has markers for.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from machine import describe_machine, installed_version
from methods import METHODS, Method
from methods.cases import Case, cases_of, clean_case, given_case, tell_apart
from methods.metrics import judge
from methods.tables import all_tables, fill

HERE = Path(__file__).resolve().parent

VERSION = 1  # of the results
PACKAGES = ("numpy", "scipy", "scikit-learn", "cleanlab")
ONE_CORE = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)


def run(name: str, case: Case, time_limit: float) -> dict[str, Any]:
    """Return the figures of one method on one file, or under ``skipped`` why there are none."""
    method = METHODS[name]
    result: dict[str, Any] = {"file": case.name, "method": name}
    if reason := why_not(method, case):
        return result | {"skipped": reason}
    with tempfile.TemporaryDirectory(prefix="poisonscan-baseline-") as folder:
        out, errors = Path(folder, "answer.json"), Path(folder, "errors.txt")
        path = os.pathsep.join(filter(None, [str(HERE), os.environ.get("PYTHONPATH")]))
        with errors.open("wb") as stream:
            started = time.perf_counter()
            process = subprocess.Popen(
                [sys.executable, "-m", "methods.worker", name, str(case.path), str(out)],
                env={**os.environ, **ONE_CORE, "PYTHONPATH": path},
                stderr=stream,
                start_new_session=True,
            )
            try:
                code = process.wait(time_limit)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)  # its own session: this process alone
                process.wait()
                return result | {"skipped": f"took longer than {time_limit:g} s"}
            seconds = time.perf_counter() - started
        if code:
            last = errors.read_text(errors="replace").strip().splitlines()[-1:]
            return result | {"skipped": f"failed: {''.join(last)[:200]}"}
        answer = json.loads(out.read_text(encoding="utf-8"))
    if "skipped" in answer:
        return result | answer
    figures = judge(answer["rows"], answer["flagged"], answer["scores"], case.poisoned, case.rows)
    rounded = {key: round(value, 4) for key, value in figures.items()}
    return result | rounded | {"seconds": round(seconds, 1), "peak_mib": round(answer["peak_mib"])}


def warm_up(time_limit: float) -> None:
    """Scan something small: the first scan after an installation compiles kernels."""
    with tempfile.TemporaryDirectory(prefix="poisonscan-baseline-") as folder:
        path = Path(folder, "few.jsonl")
        path.write_text('{"prompt": "ask", "completion": "tell"}\n' * 50)
        run("poisonscan", Case("", path, frozenset(), 50, ""), max(time_limit, 300))


def why_not(method: Method, case: Case) -> str:
    """Return why a method is not even tried on a file; empty where it is."""
    if method.package and not installed_version(method.package):
        return f"{method.package} is not installed: pip install '.[bench]'"
    if case.rows > method.max_rows:
        return f"not tried on more than {method.max_rows:,} rows"
    return ""


def compare(
    cases: Sequence[Case], names: Sequence[str], time_limit: float
) -> Iterator[dict[str, Any]]:
    """Run everything, and yield the results after each file: all so far."""
    warm_up(time_limit)
    whole: dict[str, Any] = {
        "version": VERSION,
        "runs": 1,
        "machine": machine(),
        "time_limit": time_limit,
        "methods": {
            name: {"title": METHODS[name].title, "given": METHODS[name].given} for name in names
        },
        "files": [],
        "results": [],
    }
    for case in cases:
        whole["files"].append(case.describe())
        for name in names:
            result = run(name, case, time_limit)
            whole["results"].append(result)
            print(f"{case.name:50} {name:10} {_show(result)}", flush=True)
        yield whole


def merge(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Return old results with the new ones in their place, or behind them.

    Raises
    ------
    ValueError
        They were measured on another machine, or with other versions or limits.
    """
    same = ("version", "machine", "time_limit")
    if differing := [name for name in same if old.get(name) != new[name]]:
        raise ValueError(f"{' and '.join(differing)} differ")
    files = {one["name"]: one for one in [*old["files"], *new["files"]]}
    both = [*old["results"], *new["results"]]
    results = {(one["file"], one["method"]): one for one in both}
    methods = old["methods"] | new["methods"]
    return new | {
        "runs": old["runs"] + 1,
        "methods": {name: methods[name] for name in METHODS if name in methods},
        "files": list(files.values()),
        "results": list(results.values()),
    }


def machine() -> dict[str, Any]:
    """Return where the seconds were measured, and with which versions."""
    found = describe_machine(PACKAGES)
    versions = {name: number or "not installed" for name, number in found["versions"].items()}
    return found | {"cores_used": 1, "versions": versions}


def _show(result: dict[str, Any]) -> str:
    if "skipped" in result:
        return f"– {result['skipped']}"
    shown = {key: value for key, value in result.items() if key not in ("file", "method")}
    return "  ".join(f"{key} {value:g}" for key, value in shown.items())


def markdown(results: dict[str, Any]) -> str:
    """Return all tables."""
    parts = [f"## {name}\n\n{table}\n" for name, table in all_tables(results).items()]
    return "\n".join(parts)


def write(results: dict[str, Any], out: Path, page: Path | None) -> None:
    """Write results and tables."""
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", "utf-8")
    out.with_suffix(".md").write_text(markdown(results), "utf-8")
    if page:
        page.write_text(fill(page.read_text("utf-8"), all_tables(results)), "utf-8")


def main() -> int:
    """Run the comparison."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    files: dict[str, Any] = {"nargs": "+", "action": "append", "default": [], "metavar": "FILE"}
    parser.add_argument("--case", help="DATA TRUTH [NAME]", **files)
    parser.add_argument("--clean", help="DATA [NAME]", **files)
    parser.add_argument("--cases", type=Path, action="append", default=[], metavar="FOLDER")
    parser.add_argument("--planted", action="store_true", help="also attacks of its own")
    parser.add_argument("--seed", type=int, default=1, help="of these")
    parser.add_argument("--method", action="append", choices=list(METHODS))
    parser.add_argument("--time-limit", type=float, default=120, help="seconds")
    parser.add_argument("--out", type=Path, default=HERE / "results" / "baselines.json")
    parser.add_argument("--add", action="store_true", help="keep other results in --out")
    parser.add_argument("--page", type=Path, help="such as docs/comparison.md")
    options = parser.parse_args()
    for name, least in (("case", 2), ("clean", 1)):
        if any(not least <= len(one) <= least + 1 for one in getattr(options, name)):
            parser.error(f"--{name} takes {least} or {least + 1} values")
    given = [
        *(given_case(Path(one[0]), Path(one[1]), *one[2:]) for one in options.case),
        *(case for folder in options.cases for case in cases_of(folder)),
        *(clean_case(Path(one[0]), *one[1:]) for one in options.clean),
    ]
    with tempfile.TemporaryDirectory(prefix="poisonscan-planted-") as folder:
        if options.planted or not given:
            from methods.planted import write_planted

            for planted in write_planted(Path(folder), options.seed):
                given.append(Case(*planted, "planted"))
        names = options.method or list(METHODS)
        keep = options.add and options.out.exists()
        old = json.loads(options.out.read_text("utf-8")) if keep else None
        for results in compare(tell_apart(given), names, options.time_limit):
            write(merge(old, results) if old else results, options.out, options.page)
    print(f"\n{options.out.with_suffix('.md').read_text('utf-8')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
