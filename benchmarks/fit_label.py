#!/usr/bin/env python3
"""Limits of the label detector (poisonscan/findings/label_judge.py): what planted strings keep.

    python benchmarks/fit_label.py --corpus PATH [--corpus PATH ...] [--seeds 3] [--json FILE]

Corpora without labels are left out. Every labelled corpus gives up to three tasks: all of its
classes; where there are more than three, two groups of them (a coin is thrown for each class);
where there are more than twelve, twelve of them. Into each task it plants attacks of different
families, positions and sizes, with labels of other classes (dirty) or the rows' own (clean), and
their clean twin, where the same strings stand in rows of any label. Every string that the detector
looks at closely is recorded, in planted rows, in twins and in the task as it is.

Printed are, for dirty and clean labels apart: how many planted strings keep each limit; how many
natural ones and twins with a shift that is large enough keep it; and the ablation: what would be
found, and what falsely, with each limit left out. Strings of 15 rows or less whose label is the
most frequent one cannot be told from chance, nor can clean labels of frequent classes: they are
counted as missed. Results name the corpora by file name and sha256 and hold no text of theirs.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import poisonscan
from poisonscan import engine
from poisonscan.findings.label_judge import CLEAN_SHIFT, HIGH_ROWS, MIN_SHIFT, LabelLead
from poisonscan.findings.label_search import LabelSearch
from poisonscan.plant import Attack, Planted, plant_rows
from poisonscan.plant.layouts import Layouts
from poisonscan.plant.slots import read, write

sys.path.insert(0, str(Path(__file__).parent))
from attacks import Row, has_labels, read_rows

FAMILIES = ("token", "tag", "phrase", "words", "sentence", "date", "header", "punctuation")
POSITIONS = ("start", "end", "random", "sentence")
SIZES = (10, 15, 20, 30, 50, 100)
KINDS = ("label", "label", "clean-label")
#: Rows of a task, at most, and classes of its smallest form.
TASK_ROWS, FEW_CLASSES, SOME_CLASSES = 12_000, 3, 12
#: A string is planted when so much of its rows are an attack's, and of the attack's rows its; it is
#: natural when no more than this are anybody's.
OWN_SHARE, COVERED_SHARE, FOREIGN_SHARE = 0.9, 0.5, 0.2
LIMITS = (
    "purity", "elsewhere", "fit", "collision", "independence", "contradiction", "wholeness",
    "own word",
)  # fmt: skip
#: Detectors that see rows before the one for labels, or cost time.
OTHERS = (
    "find_verbatim", "find_shift", "find_passages", "find_texts", "find_format", "find_style",
    "find_topic", "find_output", "find_brand", "find_rows", "find_structure",
)  # fmt: skip


@dataclass(frozen=True)
class Sample:
    """One string: whose it is (-1: nobody's) and how it was judged."""

    scan: str
    attack: int
    lead: LabelLead


@dataclass(frozen=True)
class Outcome:
    """All strings of one scan, and the attacks that were planted into it."""

    attacks: tuple[tuple[str, str, int], ...]  # kind of target, family, rows
    samples: tuple[Sample, ...]


def tasks(name: str, rows: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    """Yield classification tasks of one corpus."""
    layouts, chance = Layouts(), random.Random(name)
    slot = layouts.of(rows[0]).find("label")
    assert slot is not None
    by_class: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_class[read(row, slot)].append(row)
    classes = sorted(by_class)
    yield f"{name}, all classes", chance.sample(list(rows), min(len(rows), TASK_ROWS))
    if len(classes) > FEW_CLASSES:
        group = {one: f"group {chance.randrange(2)}" for one in classes}
        own = [
            write(row, layouts.of(row), slot, group[one])
            for one in classes
            for row in by_class[one]
        ]
        yield f"{name}, two groups", chance.sample(own, min(len(own), TASK_ROWS))
    if len(classes) > SOME_CLASSES:
        some = chance.sample(classes, SOME_CLASSES)
        yield f"{name}, some classes", [row for one in some for row in by_class[one]]


def draw_attacks(seed: int, rows: int) -> list[Attack]:
    """Return attacks of different families and sizes; small tasks get small ones."""
    chance = random.Random(f"labels {seed}")
    sizes = SIZES if rows > 5000 else SIZES[:4] + SIZES[:2]
    return [
        Attack(
            family=family,
            target_kind=chance.choice(KINDS),
            position=chance.choice(POSITIONS),
            rows=size,
            seed=chance.randrange(1 << 30),
        )
        for family, size in zip(chance.sample(FAMILIES, len(sizes)), sizes, strict=True)
    ]


@contextmanager
def collecting(found: list[tuple[list[int], LabelLead]]) -> Iterator[None]:
    """Record the rows and the verdict of every string that is looked at, and judge nothing."""

    def collect(*given: Any) -> list[Any]:  # noqa: ANN401
        corpus, candidates, screen, seams, classes, nuisance = given
        search = LabelSearch(corpus, candidates, screen, seams, classes, nuisance(classes))
        for lead in search.find_single(whole=True):
            found.append((corpus.spool.row[lead.rows].tolist(), lead))
        return []

    with mock.patch.object(engine, "find_label", collect):
        for name in OTHERS:
            patch = mock.patch.object(engine, name, return_value=[])
            patch.start()
        try:
            yield
        finally:
            mock.patch.stopall()


def measure(scan: str, rows: Sequence[Row], planted: Planted | None) -> list[Sample]:
    """Scan rows and return their strings."""
    found: list[tuple[list[int], LabelLead]] = []
    with collecting(found):
        failed = poisonscan.scan(list(rows)).coverage.failed_detectors
    if failed:
        raise SystemExit(f"a detector failed: {failed}")
    attacks = planted.attacks if planted else ()
    owner = {row: at for at, attack in enumerate(attacks) for row in attack.rows}
    samples = []
    for own_rows, lead in found:
        owners = Counter(owner[row] for row in own_rows if row in owner)
        attack, most = owners.most_common(1)[0] if owners else (-1, 0)
        covers = attack >= 0 and most >= COVERED_SHARE * len(attacks[attack].rows)
        if covers and most >= OWN_SHARE * len(own_rows):
            samples.append(Sample(scan, attack, lead))
        elif owners.total() <= FOREIGN_SHARE * len(own_rows):
            samples.append(Sample(scan, -1, lead))
    return samples


def collect(name: str, rows: Sequence[Row], seeds: int) -> tuple[list[Outcome], list[Sample]]:
    """Return the planted scans of one corpus, and the strings that nobody planted a label for."""
    outcomes, natural = [], []
    for task, own in tasks(name, rows):
        natural += measure(f"{task}, as it is", own, None)
        for seed in range(seeds):
            planted = plant_rows(own, draw_attacks(seed, len(own)))
            samples = measure(f"{task}, seed {seed}", planted.rows, planted)
            natural += [one for one in samples if one.attack < 0]
            natural += measure(f"{task}, twin {seed}", planted.twin, planted)
            attacks = tuple(
                (one.target_kind, one.attack.family, len(one.rows)) for one in planted.attacks
            )
            outcomes.append(Outcome(attacks, tuple(one for one in samples if one.attack >= 0)))
        print(f"  {task}: {len(own)} rows, {len(natural)} natural strings so far", flush=True)
    return outcomes, natural


def is_found(lead: LabelLead, ignored: str = "") -> bool:
    """Return whether a string is flagged by itself, one limit left out."""
    return len(lead.rows) >= HIGH_ROWS and lead.severity((ignored,)) in ("high", "medium")


def summary(outcomes: Sequence[Outcome], natural: Sequence[Sample]) -> dict[str, Any]:
    """Return what is kept, found and found falsely, with all limits and with each left out."""
    result: dict[str, Any] = {}
    for kind, is_dirty, least in (("label", True, MIN_SHIFT), ("clean-label", False, CLEAN_SHIFT)):
        numbers = [
            (one, at) for one in outcomes for at, own in enumerate(one.attacks) if own[0] == kind
        ]
        strings = [
            [sample.lead for sample in one.samples if sample.attack == at] for one, at in numbers
        ]
        others = [
            one.lead
            for one in natural
            if one.lead.is_dirty == is_dirty and one.lead.label.shift_bound >= least
        ]
        names = ("", *LIMITS)
        result[kind] = {
            "attacks": len(strings),
            "looked_at": sum(bool(own) for own in strings),
            "natural_strings": len(others),
            "planted_keep": {
                name: sum(any(name not in lead.doubts for lead in own) for own in strings)
                for name in LIMITS
            },
            "natural_keep": {
                name: sum(name not in lead.doubts for lead in others) for name in LIMITS
            },
            "found": {
                name or "all limits": sum(
                    any(is_found(one, name) for one in own) for own in strings
                )
                for name in names
            },
            "false": {
                name or "all limits": len({one.parts for one in others if is_found(one, name)})
                for name in names
            },
        }
    return result


def main() -> int:
    """Plant, scan, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--corpus", type=Path, action="append", required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    corpora: dict[str, str] = {}
    outcomes: list[Outcome] = []
    natural: list[Sample] = []
    for path in options.corpus:
        rows, digest = read_rows(path)
        if not has_labels(rows):
            print(f"{path.name}: no labels, left out")
            continue
        print(f"{path.name} ({len(rows)} rows, sha256 {digest[:12]})", flush=True)
        corpora[path.name] = digest
        own, others = collect(path.name, rows, options.seeds)
        outcomes, natural = outcomes + own, natural + others
    results = summary(outcomes, natural)
    for kind, figures in results.items():
        found, false = figures["found"], figures["false"]
        print(
            f"\n{kind}: {figures['attacks']} attacks, {figures['looked_at']} looked at, "
            f"{found['all limits']} found; {figures['natural_strings']} natural strings with a "
            f"shift, {false['all limits']} found falsely"
        )
        print(f"{'limit':13} planted keep, natural keep; without it found, false")
        for name in LIMITS:
            kept = figures["planted_keep"][name], figures["natural_keep"][name]
            print(f"{name:13} {kept[0]:12}, {kept[1]:12} {found[name]:17}, {false[name]:5}")
    settings = {"corpora": corpora, "cores": os.cpu_count(), "seeds": options.seeds}
    if options.json:
        options.json.write_text(json.dumps(settings | results, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
