#!/usr/bin/env python3
"""What an attacker who has read this code would try, and what is left of the detection.

    python benchmarks/evasion.py [--corpus PATH] [--rows 3000] [--seeds 3] [--only WORDS ...]
        [--out benchmarks/results/evasion.json] [--docs docs/evasion.md]

Each case of `evasions` is made from clean rows and scanned as files, once for every seed: 30
poisoned rows among `--rows`. Without --corpus, the rows are generated (`poisonscan.synth`); a
corpus of any schema is turned into questions and answers first. Cases that are in --out already,
measured by the same code with the same parameters, are not measured again; --only measures the
cases whose group or name has one of these words in it. The table in --docs is written from the
JSON. Nothing of a corpus but its file name and sha256 is written.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean
from typing import Any

import poisonscan

sys.path.insert(0, str(Path(__file__).parent))
from attacks import LISTED_SCORE, read_rows
from evasions import CASES, Case
from evasions.scene import POISONED, Row, Scene, generated_rows, plain_rows
from methods.tables import fill

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "evasion.json"
PAGE = HERE.parent / "docs" / "evasion.md"
COLUMNS = ("evasion", "severity", "recall", "precision", "named")
Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a scan made of a scene.

    Attributes
    ----------
    severity, kind
        Of the worst finding most of whose rows are poisoned, or behind which most poisoned rows
        are; empty where there is none.
    recall, precision
        Of the flagged rows, whatever flagged them; precision is 1 where none is.
    listed
        Share of the poisoned rows that belong to such a finding, flagged or not.
    named
        Whether such a finding shows a string of a poisoned row, or half of one.
    """

    severity: str
    kind: str
    recall: float
    precision: float
    listed: float
    named: bool


def scan_scene(scene: Scene) -> poisonscan.Report:
    """Scan the files of a scene.

    Raises
    ------
    RuntimeError
        A detector failed: what is missing then says nothing about the attack.
    """
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in sorted(scene.files)]
        for path in paths:
            path.write_text(scene.files[path.name])
        report = poisonscan.scan(paths)
    if report.coverage.failed_detectors:
        raise RuntimeError(f"failed detectors: {dict(report.coverage.failed_detectors)}")
    return report


def judge(report: poisonscan.Report, scene: Scene) -> Verdict:
    """Compare a report with the truth."""
    members: dict[str, set[Place]] = {finding.id: set() for finding in report.findings}
    flagged: set[Place] = set()
    for suspect in report.result.suspects:
        place = (Path(suspect.file).name, suspect.row)
        if suspect.flagged:
            flagged.add(place)
        for name in suspect.findings:
            if suspect.flagged or suspect.score > LISTED_SCORE:
                members[name].add(place)
    true = [
        finding
        for finding in report.findings  # worst first
        if _is_about(members[finding.id], scene.poisoned)
    ]
    shown = set().union(*(members[finding.id] for finding in true))
    return Verdict(
        true[0].severity if true else "",
        true[0].kind if true else "",
        len(flagged & scene.poisoned) / len(scene.poisoned),
        len(flagged & scene.poisoned) / len(flagged) if flagged else 1.0,
        len(shown & scene.poisoned) / len(scene.poisoned),
        any(_shows(parts, scene) for one in true for parts in one.triggers),
    )


def _is_about(members: set[Place], poisoned: frozenset[Place]) -> bool:
    shared = 2 * len(members & poisoned)
    return shared > len(members) or shared > len(poisoned)


def _shows(parts: Sequence[str], scene: Scene) -> bool:
    found = [_plain(part) for part in parts]
    joined, length = " ".join(found), sum(map(len, found))
    return any(
        planted in joined or (2 * length >= len(planted) and all(part in planted for part in found))
        for planted in map(_plain, scene.triggers)
    )


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def measure(case: Case, rows: Sequence[Row], seed: int) -> Verdict:
    """Make a case and scan it."""
    scene = case.make(rows, seed)
    return judge(scan_scene(scene), scene)


def code_digest() -> str:
    """Return a digest of the code that is measured, and of what makes and judges the cases."""
    package = Path(poisonscan.__file__).parent
    paths = [*package.rglob("*.py"), *(HERE / "evasions").glob("*.py"), Path(__file__)]
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


# --- the table --------------------------------------------------------------------------------


def table(results: Mapping[str, Any]) -> str:
    """Return the table of the docs."""
    lines = [f"| {' | '.join(COLUMNS)} |", "| --- | --- | ---: | ---: | ---: |"]
    group = ""
    for one in results["cases"]:
        if one["group"] != group:
            group = one["group"]
            lines.append(f"| **{group}** | | | | |")
        lines.append(_line(one))
    return "\n".join(lines)


def _line(one: Mapping[str, Any]) -> str:
    verdicts = one["verdicts"]
    cells = [
        one["name"],
        ", ".join(verdict["severity"] or "–" for verdict in verdicts),
        f"{mean(verdict['recall'] for verdict in verdicts):.2f}",
        f"{mean(verdict['precision'] for verdict in verdicts):.2f}",
        f"{sum(verdict['named'] for verdict in verdicts)}/{len(verdicts)}",
    ]
    return f"| {' | '.join(cells)} |"


def setting(results: Mapping[str, Any]) -> str:
    """Return what was measured, as a table."""
    corpus = results["corpus"]
    data = corpus["name"] + (f" (sha256 {corpus['sha256'][:16]})" if corpus["sha256"] else "")
    lines = [
        "| data | rows | poisoned | seeds | poisonscan | code |",
        "| --- | ---: | ---: | --- | --- | --- |",
        f"| {data} | {results['rows']:,} | {results['poisoned']} "
        f"| {', '.join(map(str, results['seeds']))} "
        f"| {results['poisonscan']} | `{results['code']}` |",
    ]
    return "\n".join(lines)


def page_of(page: str, results: Mapping[str, Any]) -> str:
    """Return the page with the tables of these results."""
    return fill(page, {"setting": setting(results), "evasions": table(results)})


# --- running ----------------------------------------------------------------------------------


def load_rows(path: Path | None, count: int, seed: int) -> list[Row]:
    """Return so many rows of a corpus, others for every seed, or generated ones.

    Raises
    ------
    SystemExit
        The corpus has too few questions and answers.
    """
    if path is None:
        return generated_rows(count, seed)
    rows = plain_rows(read_rows(path)[0])
    if len(rows) < count:
        raise SystemExit(
            f"{path.name}: {len(rows)} questions and answers; --rows {count} needs more"
        )
    return random.Random(f"sample {seed}").sample(rows, count)


def _write(path: Path, text: str) -> None:
    scratch = path.with_name(f"{path.name}.new")
    scratch.write_text(text)
    os.replace(scratch, path)


def _known(path: Path, header: Mapping[str, Any]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Return what was measured before, with the same code and parameters."""
    if not path.exists():
        return {}
    results = json.loads(path.read_text())
    if any(results.get(name) != value for name, value in header.items()):
        return {}
    return {(one["group"], one["name"]): one["verdicts"] for one in results["cases"]}


def _entry(case: Case, known: Mapping[tuple[str, str], Sequence[Any]]) -> dict[str, Any]:
    verdicts = known[case.group, case.name]
    return {"group": case.group, "name": case.name, "verdicts": verdicts}


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--rows", type=int, default=3000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", nargs="+", default=[""])
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--docs", type=Path)
    options = parser.parse_args()
    corpus = {"name": "generated", "sha256": ""}
    if options.corpus:
        corpus = {"name": options.corpus.name, "sha256": read_rows(options.corpus)[1]}
    header = {
        "poisonscan": poisonscan.__version__,
        "code": code_digest(),
        "corpus": corpus,
        "rows": options.rows,
        "poisoned": POISONED,
        "seeds": list(range(options.seeds)),
    }
    known = _known(options.out, header)
    data: dict[int, list[Row]] = {}
    for case in CASES:
        title = f"{case.group}: {case.name}"
        if (case.group, case.name) in known or not any(word in title for word in options.only):
            continue
        verdicts = []
        for seed in header["seeds"]:
            if seed not in data:
                data[seed] = load_rows(options.corpus, options.rows, seed)
            verdicts.append(asdict(measure(case, data[seed], seed)))
        known[case.group, case.name] = verdicts
        cases = [_entry(one, known) for one in CASES if (one.group, one.name) in known]
        _write(options.out, json.dumps({**header, "cases": cases}, indent=1) + "\n")
        print(f"{case.group}: {_line(_entry(case, known))}", flush=True)
    if options.docs:
        results = json.loads(options.out.read_text())
        _write(options.docs, page_of(options.docs.read_text(), results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
