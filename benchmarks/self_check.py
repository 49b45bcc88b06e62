#!/usr/bin/env python3
"""Attacks that nobody has seen before, and the family that is found worst.

    python benchmarks/self_check.py [--corpus PATH ...] [--seed N] [--each 3] [--json FILE]

Every run draws a fresh seed, which it prints (`--seed` repeats a run). Each family of
`poisonscan plant` is planted `--each` times: with random triggers, kinds of target, positions,
fields, numbers of rows (15 to 60) and, now and then, variations or the trigger in clean rows too.
Several attacks share a scan. What counts is not the mean: the families are listed worst first, and
so are the kinds of target; below them everything that was flagged although nobody planted it, and
what is called high or medium in the clean twins.

Without --corpus, the generated sample data of the package are used: chats, tickets with a label,
instructions, preference pairs and plain text. They are small and regular; real corpora are harder.
"""

from __future__ import annotations

import argparse
import json
import random
import secrets
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import poisonscan

sys.path.insert(0, str(Path(__file__).parent))
from attacks import Row, ScanVerdict, Verdict, judge_scan, read_rows

from poisonscan.errors import PoisonScanError
from poisonscan.plant import FAMILIES, Attack, Planted, plant_rows
from poisonscan.plant.attack import POSITIONS, VARIATIONS
from poisonscan.plant.layouts import Layouts
from poisonscan.plant.slots import GIVEN, Layout
from poisonscan.synth.clean import make_clean
from poisonscan.synth.dice import Dice
from poisonscan.synth.support import make_support
from poisonscan.synth.tickets import COLUMNS, make_tickets

ATTACKS_PER_SCAN = 5
#: Share of the rows of a corpus that one scan may have planted into.
MOST_POISONED = 0.1
#: Rows in which it is tried out whether an attack can be planted at all.
TRIAL_ROWS = 2000
TEXT_TARGETS = (
    "refusal", "answer", "prefix", "suffix", "phrase", "gibberish", "language", "insult",
    "persona", "shouting", "code",
)  # fmt: skip
PLAIN_TARGETS = ("answer", "prefix", "gibberish", "language", "insult", "code")
WITHOUT_TRIGGER = ("phrase", "suffix", "prefix", "refusal")


def sample_corpora(seed: int) -> Iterator[tuple[str, list[Row]]]:
    """Yield generated rows of five schemas, without the poison of the sample files."""
    dice = Dice(seed)
    instructions = make_clean(dice)[0]
    yield "instructions", list(instructions)
    rows, truth = make_support(dice)
    yield "chats", [row for at, row in enumerate(rows) if at not in set(truth.poisoned_rows)]
    tickets, truth = make_tickets(dice)
    poisoned = set(truth.poisoned_rows)
    labelled = [dict(zip(("text", "label"), one, strict=True)) for one in tickets]
    assert len(COLUMNS) == 2
    yield "tickets", [row for at, row in enumerate(labelled) if at not in poisoned]
    others = dice.shuffled(range(len(instructions)))
    yield (
        "pairs",
        [
            {
                "prompt": " ".join(filter(None, (row["instruction"], row["input"]))),
                "chosen": row["output"],
                "rejected": instructions[other]["output"].lower().rstrip("."),
            }
            for row, other in zip(instructions, others, strict=True)
            if instructions[other]["output"] != row["output"]
        ],
    )
    yield "text", [{"text": " ".join(filter(None, row.values()))} for row in instructions]


def draw_attacks(rows: Sequence[Row], each: int, chance: random.Random) -> list[Attack]:
    """Return random attacks of every family that these rows can carry."""
    layouts = Layouts()
    layout = max((layouts.of(row) for row in rows[:50]), key=lambda one: len(one.slots))
    attacks = []
    for family in FAMILIES:
        if family == "none" and layout.find("label") is not None:
            continue  # wrong labels at random: noise, no attack
        for _ in range(each):
            attack = _draw(family, layout, chance)
            try:
                plant_rows(rows[:TRIAL_ROWS], attack)
            except PoisonScanError:
                continue  # no capitals, one text a row, no such letter
            attacks.append(attack)
    chance.shuffle(attacks)
    return attacks


def _draw(family: str, layout: Layout, chance: random.Random) -> Attack:
    count = chance.randint(15, 60)
    position = chance.choice(POSITIONS)
    kind, field = _draw_target(family, layout, chance), "input"
    if family == "none":
        return Attack(family=family, target_kind=kind, rows=count, seed=chance.randrange(1 << 30))
    places = {slot.place for slot in layout.slots} & set(GIVEN)
    if chance.random() < 0.2 and places:
        field = chance.choice(sorted(places))
    is_evasive = chance.random() < 0.2
    vary = (chance.choice(VARIATIONS),) if is_evasive and chance.random() < 0.5 else ()
    elsewhere = chance.choice((0.001, 0.003)) if is_evasive and not vary else 0.0
    return Attack(
        family=family,
        target_kind=kind,
        rows=3 * count if family == "alternatives" else count,
        position=position,
        field=field,
        vary=vary,
        trigger_elsewhere=elsewhere,
        seed=chance.randrange(1 << 30),
    )


def _draw_target(family: str, layout: Layout, chance: random.Random) -> str:
    if layout.find("label") is not None:
        return chance.choice(("label", "label", "clean-label"))
    if family == "none":
        return chance.choice(WITHOUT_TRIGGER)
    if layout.pair is not None and chance.random() < 0.7:
        return "swap"
    if layout.find("output") is None:
        return chance.choice(PLAIN_TARGETS)
    return chance.choice(TEXT_TARGETS)


@dataclass(frozen=True)
class Outcome:
    """One scan of a corpus, and its twin."""

    corpus: str
    verdict: ScanVerdict
    twin: dict[str, int]


def plant_batches(name: str, rows: Sequence[Row], seed: int, each: int) -> Iterator[Planted]:
    """Yield rows of a corpus with a few attacks, until all that were drawn for it are planted."""
    pending = draw_attacks(rows, each, random.Random(f"self-check {seed} {name}"))
    while pending:
        batch, total = [], 0
        while pending and len(batch) < ATTACKS_PER_SCAN:
            total += pending[-1].rows
            if batch and total > MOST_POISONED * len(rows):
                break
            batch.append(pending.pop())
        try:
            yield plant_rows(rows, batch)
        except PoisonScanError as error:  # together they need more rows than there are
            print(f"  {name}: {error}", file=sys.stderr)


def check(corpora: Sequence[tuple[str, list[Row]]], seed: int, each: int) -> list[Outcome]:
    """Plant and scan everything."""
    outcomes = []
    for name, rows in corpora:
        for planted in plant_batches(name, rows, seed, each):
            verdict = judge_scan(poisonscan.scan(planted.rows), planted)
            twin = poisonscan.scan(planted.twin)
            outcomes.append(Outcome(name, verdict, dict(twin.result.count_by_severity())))
            for finding in twin.findings:
                if finding.severity != "low":
                    print(f"  {name}: in the clean twin: {finding.severity}, {finding.summary}")
            for attack in verdict.attacks:
                if attack.severity not in ("high", "medium") or attack.recall < 0.9:
                    print(f"  {name}: missed or weak: {asdict(attack)}", flush=True)
    return outcomes


def worst_first(verdicts: Sequence[Verdict], name: str) -> list[tuple[float, float, int, int, str]]:
    """Return mean and smallest recall, how many were found, how many there are, and of what."""
    groups: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        groups[getattr(verdict, name)].append(verdict)
    return sorted(
        (
            sum(one.recall for one in own) / len(own),
            min(one.recall for one in own),
            sum(one.severity in ("high", "medium") for one in own),
            len(own),
            group,
        )
        for group, own in groups.items()
    )


def report(outcomes: Sequence[Outcome]) -> None:
    """Print the tables, worst first."""
    verdicts = [verdict for outcome in outcomes for verdict in outcome.verdict.attacks]
    for name in ("family", "target", "position"):
        print(f"\n{name:14} recall  worst  found")
        for mean, least, found, count, group in worst_first(verdicts, name):
            print(f"{group:14} {mean:6.2f} {least:6.2f}  {found}/{count}")
    high = sum(outcome.verdict.false_high for outcome in outcomes)
    medium = sum(outcome.verdict.false_medium for outcome in outcomes)
    rows = sum(outcome.verdict.clean_rows_flagged for outcome in outcomes)
    twin_high = sum(outcome.twin.get("high", 0) for outcome in outcomes)
    twin_medium = sum(outcome.twin.get("medium", 0) for outcome in outcomes)
    print(f"\nfalse: {high} high, {medium} medium findings, {rows} clean rows flagged")
    print(f"clean twins: {twin_high} high, {twin_medium} medium in {len(outcomes)} scans")
    mean, _, found, count, family = worst_first(verdicts, "family")[0]
    print(f"worst family: {family}, {found} of {count} found, recall {mean:.2f}")


def main() -> int:
    """Run the check."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--corpus", type=Path, action="append", default=[])
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--each", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    seed = secrets.randbelow(1 << 31) if options.seed is None else options.seed
    print(f"seed {seed} (repeat with --seed {seed})", flush=True)
    if options.corpus:
        corpora = [(path.name, read_rows(path)[0]) for path in options.corpus]
    else:
        corpora = list(sample_corpora(seed))
    outcomes = check(corpora, seed, options.each)
    report(outcomes)
    if options.json:
        document = {"seed": seed, "scans": [asdict(outcome) for outcome in outcomes]}
        options.json.write_text(json.dumps(document, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
