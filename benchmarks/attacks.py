"""Attacks that the benchmarks plant, drawn from a seed, and how a scan is judged by them."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import poisonscan
from poisonscan.findings.model import Finding
from poisonscan.plant import Attack, Planted, PlantedAttack
from poisonscan.plant.layouts import Layouts

Row = dict[str, Any]

FAMILIES = ("token", "tag", "phrase", "date", "words")
TEXT_TARGETS = ("refusal", "suffix", "prefix", "gibberish")
LABEL_TARGETS = ("label", "clean-label")
POSITIONS = ("start", "end", "random")
#: Suspects below belong to a finding's neighbourhood, not to its rows.
LISTED_SCORE = 0.15
OWN_FILES = ("attacks.py", "enlarge.py", "wording.py")


def read_rows(path: Path) -> tuple[list[Row], str]:
    """Return the rows of a corpus (JSONL, also gzip) and the sha256 of its file."""
    data = path.read_bytes()
    text = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    rows = [json.loads(line) for line in text.splitlines() if line.strip()]
    return rows, hashlib.sha256(data).hexdigest()


def has_labels(rows: Sequence[Row]) -> bool:
    """Return whether the outputs of these rows are labels."""
    return Layouts().of(rows[0]).find("label") is not None


def draw_attacks(rows: Sequence[Row], count: int, number: int, seed: int) -> list[Attack]:
    """Return independent attacks of `count` rows each: families and targets in turn."""
    targets = LABEL_TARGETS if has_labels(rows) else TEXT_TARGETS
    chance = random.Random(seed)
    return [
        Attack(
            family=FAMILIES[at % len(FAMILIES)],
            target_kind=targets[(seed + at) % len(targets)],
            position=chance.choice(POSITIONS),
            rows=count,
            seed=seed,
        )
        for at in range(number)
    ]


def is_named(attack: PlantedAttack, finding: Finding) -> bool:
    """Return whether a finding shows all parts of one of the planted triggers."""
    return any(all(part.strip() in finding.trigger for part in parts) for parts in attack.triggers)


@dataclass(frozen=True)
class Verdict:
    """How one planted attack was found.

    `severity` and `kind` are of the first finding that has most of the attack's rows and mostly
    poisoned ones (attacks with one target are one finding); empty where there is none. `recall`
    counts rows of the attack that are flagged by whatever finding, `precision` the poisoned ones
    (of any attack) among the rows that this finding flags.
    """

    family: str
    target: str
    position: str
    rows: int
    severity: str
    kind: str
    recall: float
    precision: float
    named: bool


@dataclass(frozen=True)
class ScanVerdict:
    """A scan of planted rows: each attack, and what was found besides."""

    attacks: tuple[Verdict, ...]
    clean_rows_flagged: int
    false_high: int
    false_medium: int


def judge_scan(report: poisonscan.Report, planted: Planted) -> ScanVerdict:
    """Compare a report with the truth."""
    listed: dict[str, set[int]] = {finding.id: set() for finding in report.findings}
    flagged: set[int] = set()
    for suspect in report.result.suspects:
        if suspect.flagged:
            flagged.add(suspect.row)
        for name in suspect.findings:
            if suspect.score > LISTED_SCORE:
                listed[name].add(suspect.row)
    # what is listed beside flagged rows has the trigger and keeps its output
    members = {name: (rows & flagged) or rows for name, rows in listed.items()}
    verdicts = []
    for attack in planted.attacks:
        own = set(attack.rows)
        needed = 0.5 * len(own) / max(1, len(attack.triggers))  # one finding an alternative will do
        best = None
        for finding in report.findings:  # worst first
            shared = len(members[finding.id] & own)
            poisoned = len(members[finding.id] & planted.poisoned)
            if shared >= needed and poisoned >= 0.5 * len(members[finding.id]):
                best = finding
                break
        shown = members[best.id] & flagged if best else set()
        verdicts.append(
            Verdict(
                attack.attack.family,
                attack.target_kind,
                attack.attack.position,
                len(own),
                best.severity if best else "",
                best.kind if best else "",
                len(flagged & own) / len(own),
                len(shown & planted.poisoned) / len(shown) if shown else 0.0,
                best is not None and is_named(attack, best),
            )
        )
    false = [
        finding.severity
        for finding in report.findings
        if len(members[finding.id] & planted.poisoned) < 0.5 * len(members[finding.id])
    ]
    return ScanVerdict(
        tuple(verdicts),
        len(flagged - planted.poisoned),
        false.count("high"),
        false.count("medium"),
    )


def source_digest() -> str:
    """Return a digest of the code that is measured, and of what plants and judges."""
    digest = hashlib.sha256()
    here = Path(__file__).parent
    package = Path(poisonscan.__file__).parent
    for path in [*sorted(package.rglob("*.py")), *(here / name for name in OWN_FILES)]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
