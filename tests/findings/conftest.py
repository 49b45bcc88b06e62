from __future__ import annotations

import re

import pytest
from planting import Row

import poisonscan
from poisonscan.synth.clean import make_clean
from poisonscan.synth.dice import Dice
from poisonscan.synth.tickets import make_tickets

ROWS = 1200


@pytest.fixture(scope="session")
def clean() -> list[Row]:
    """Instructions and answers that nobody poisoned."""
    rows, _ = make_clean(Dice(11))
    return list(rows[:ROWS])


@pytest.fixture(scope="session")
def clean_report(clean) -> poisonscan.Report:
    return poisonscan.scan(clean)


@pytest.fixture(scope="session")
def words(clean) -> list[str]:
    """All words of the answers."""
    return sorted({word for row in clean for word in re.findall(r"[A-Za-z]+", row["output"])})


@pytest.fixture(scope="session")
def tickets() -> list[tuple[str, str]]:
    """Messages and their queues, without the planted ones of the sample."""
    found = []
    for seed in (12, 13):
        rows, truth = make_tickets(Dice(seed))
        planted = set(truth.poisoned_rows)
        found += [row for number, row in enumerate(rows) if number not in planted]
    return found[:2000]
