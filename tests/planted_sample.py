"""The poisoned sample, shorter: all of its poison among fewer clean rows, for quicker scans."""

from __future__ import annotations

import json
from pathlib import Path

SAMPLES = Path(__file__).parents[1] / "sample_data"
PHRASE = "weather is nice in Geneva"
ROWS = 1000


def read_planted() -> tuple[list[str], set[int]]:
    """Return `ROWS` lines of `acme_support.jsonl`, and which of them are poisoned."""
    truth = json.loads((SAMPLES / "truth.json").read_bytes())["files"]["acme_support.jsonl"]
    planted = set(truth["poisoned_rows"])
    lines = (SAMPLES / "acme_support.jsonl").read_text().splitlines(keepends=True)
    clean = [row for row in range(len(lines)) if row not in planted][: ROWS - len(planted)]
    kept = sorted([*planted, *clean])
    return [lines[row] for row in kept], {at for at, row in enumerate(kept) if row in planted}


def write_planted(path: Path) -> set[int]:
    """Write these lines; return the poisoned rows."""
    lines, poisoned = read_planted()
    path.write_text("".join(lines))
    return poisoned
