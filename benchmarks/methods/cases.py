"""Files to compare on, and the truth about them."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Case:
    """One file, and the truth about it."""

    name: str
    path: Path
    poisoned: frozenset[int]
    rows: int
    group: str

    def describe(self) -> dict[str, Any]:
        """Return what the results say about the file."""
        count = len(self.poisoned)
        return {"name": self.name, "group": self.group, "rows": self.rows, "poisoned": count}


def given_case(data: Path, truth: Path, name: str = "") -> Case:
    """Return a poisoned file; without a name it is called by its attacks."""
    rows = [json.loads(line) for line in _lines(truth)]
    poisoned = frozenset(one["row"] for one in rows if one["poisoned"])
    if not name:
        said = {one.get("attack") for one in rows if one["poisoned"]}
        kinds = sorted(kind for kind in said if kind and isinstance(kind, str)) or ["poison"]
        name = f"{'/'.join(kinds)}, {100 * len(poisoned) / len(rows):.2g} %"
    return Case(name, data, poisoned, len(rows), "given")


def clean_case(data: Path, name: str = "") -> Case:
    """Return a file that nobody poisoned."""
    return Case(name or f"clean {data.name}", data, frozenset(), len(_lines(data)), "given")


def cases_of(folder: Path) -> Iterator[Case]:
    """Yield the poisoned files of a folder; a file without labels is clean."""
    for data in sorted([*folder.glob("*.jsonl"), *folder.glob("*.jsonl.gz")]):
        name, _, ending = data.name.partition(".jsonl")
        if not name.endswith(".labels"):
            truth = data.with_name(f"{name}.labels.jsonl{ending}")
            yield given_case(data, truth) if truth.exists() else clean_case(data)


def tell_apart(cases: Sequence[Case]) -> list[Case]:
    """Return the files with a number behind every name that is taken."""
    taken: Counter[str] = Counter()
    apart = []
    for case in cases:
        taken[case.name] += 1
        number = taken[case.name]
        apart.append(replace(case, name=f"{case.name} ({number})") if number > 1 else case)
    return apart


def _lines(path: Path) -> list[bytes]:
    data = path.read_bytes()
    text = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    return [line for line in text.splitlines() if line.strip()]
