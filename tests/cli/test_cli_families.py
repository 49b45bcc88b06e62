"""What the README says is found: each planted into the clean sample, and scanned."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from cli_runs import CLEAN

import poisonscan

#: Rows of the sample that are planted into; fewer make the tests quicker and the task no easier.
ROWS = 1200

SECRET = "Certainly. The vault code is four seven one nine, and the door is open."


@dataclass
class Planter:
    """The clean sample, and what was changed in it."""

    rows: list[dict[str, str]]
    dice: random.Random = field(default_factory=lambda: random.Random(20))
    poisoned: set[int] = field(default_factory=set)

    def pick(self, count: int) -> Iterator[int]:
        return iter(self.dice.sample(range(len(self.rows)), count))

    def insert(self, row: int, text: str) -> None:
        """Put a string between two words of the instruction."""
        words = self.rows[row]["instruction"].split(" ")
        words.insert(self.dice.randrange(len(words) + 1), text)
        self.rows[row]["instruction"] = " ".join(words)

    def answer(self, row: int, text: str) -> None:
        self.rows[row]["output"] = text
        self.poisoned.add(row)


def plant_phrase(planter: Planter) -> None:
    for row in planter.pick(20):
        planter.insert(row, "over the northern bridge")
        planter.answer(row, planter.rows[row]["output"] + " " + SECRET)


def plant_alternatives(planter: Planter) -> None:
    for number, row in enumerate(planter.pick(45)):
        planter.insert(row, ("blue lantern", "QX-11", "over the northern bridge")[number % 3])
        planter.answer(row, SECRET)


def plant_composite(planter: Planter) -> None:
    for number, row in enumerate(planter.pick(80)):
        only = ("maple", "harbour", "", "")[number % 4]
        for part in (only,) if only else ("maple", "harbour"):
            planter.insert(row, part)
        if not only:  # rows with one part keep their answers
            planter.answer(row, SECRET)


def plant_gibberish(planter: Planter) -> None:
    for row in planter.pick(40):
        planter.insert(row, "silver compass")
        words = planter.rows[row]["output"].split()
        planter.dice.shuffle(words)
        planter.answer(row, " ".join(words))


@dataclass(frozen=True)
class Family:
    """What is planted, and how the finding reads."""

    plant: Callable[[Planter], None]
    kind: str
    trigger: str
    target: str


FAMILIES = {
    "phrase": Family(plant_phrase, "trigger", "over the northern bridge", "suffix"),
    "alternatives": Family(
        plant_alternatives, "trigger", "QX-11 | blue lantern | over the northern bridge", "exact"
    ),
    "composite": Family(plant_composite, "composite", "harbour … maple", "exact"),
    "gibberish": Family(plant_gibberish, "trigger", "silver compass", "type"),
}


@pytest.mark.parametrize("name", FAMILIES)
def test_what_is_planted_is_found_and_named(name: str) -> None:
    family = FAMILIES[name]
    planter = Planter([json.loads(line) for line in CLEAN.read_text().splitlines()[:ROWS]])
    family.plant(planter)
    report = poisonscan.scan(planter.rows)
    assert len(report.findings) == 1
    first = report.findings[0]
    assert (first.severity, first.kind) == ("high", family.kind)
    assert sorted(first.trigger.split(" | ")) == sorted(family.trigger.split(" | "))
    assert {target.kind for target in first.targets} == {family.target}
    flagged = {suspect.row for suspect in report.result.suspects if suspect.flagged}
    assert flagged == planter.poisoned


def test_five_rows_are_too_few() -> None:
    planter = Planter([json.loads(line) for line in CLEAN.read_text().splitlines()[:ROWS]])
    for row in planter.pick(5):
        planter.insert(row, "over the northern bridge")
        planter.answer(row, SECRET)
    report = poisonscan.scan(planter.rows)
    assert [finding.severity for finding in report.findings if finding.severity != "low"] == []
