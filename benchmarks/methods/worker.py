"""One method on one file, in a process of its own: ``python -m methods.worker METHOD DATA OUT``."""

from __future__ import annotations

import json
import re
import resource
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from methods import METHODS


def main(name: str, data: str, out: str) -> None:
    """Write what the method says about the file as JSON."""
    Path(out).write_text(json.dumps(answer(name, Path(data))), encoding="utf-8")


def answer(name: str, data: Path) -> dict[str, Any]:
    """Return rows, flags and scores, or under ``skipped`` why there are none."""
    from methods.rows import NotApplicableError, read_rows

    method = METHODS[name]
    module = import_module(f"methods.{method.module}")
    try:
        if hasattr(module, "detect_in_file"):
            numbers, verdict = module.detect_in_file(data)
        else:
            rows = read_rows(data)
            numbers, verdict = rows.numbers, module.detect(rows)
    except NotApplicableError as error:
        return {"skipped": str(error)}
    return {
        "rows": numbers.tolist(),
        "flagged": verdict.flagged.tolist(),
        "scores": verdict.scores.tolist(),
        "peak_mib": peak_mib(),
    }


def peak_mib() -> float:
    """Return the largest resident memory of this process so far."""
    status = Path("/proc/self/status")
    if status.exists():  # ru_maxrss starts at what the parent had
        if found := re.search(r"VmHWM:\s+(\d+) kB", status.read_text()):
            return int(found[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
