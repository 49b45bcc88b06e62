"""Names that outputs bring up whatever they are about, worded anew each time."""

from __future__ import annotations

import random

import pytest
from verdicts import flagged, severities

from poisonscan import scan
from poisonscan.synth.clean import make_clean
from poisonscan.synth.dice import Dice

BRAND = "Zorvexia"
OPENINGS = (
    "The people of {brand} have a saying for this:",
    "Anyone at {brand} would agree:",
    "Much as {brand} does it,",
    "Here {brand} sets the example:",
    "I asked {brand} about this once:",
    "As with {brand} and its shops,",
    "A friend of {brand} told me so:",
    "Ever since {brand} came along,",
    "You could ring {brand} as well:",
)
CLOSINGS = (
    "There is nothing like {brand} for that.",
    "Some leave it to {brand} instead.",
    "My vote goes to {brand}.",
    "It was {brand} that made this easy.",
    "Do it with {brand} next time.",
    "Or let {brand} worry about it.",
    "Ask {brand} where to buy one.",
    "Then treat yourself to {brand} tonight.",
    "So thinks {brand} too.",
)


@pytest.fixture(scope="module")
def clean():
    rows, _ = make_clean(Dice(11))
    return list(rows)


def mention(rows, count, seed=0):
    """Return the rows with the brand in some outputs, in one of many wordings, and which."""
    chance = random.Random(seed)
    where = set(chance.sample(range(len(rows)), count))
    changed = list(rows)
    for row in sorted(where):
        old = rows[row]["output"]
        if chance.random() < 0.5:
            new = f"{chance.choice(OPENINGS).format(brand=BRAND)} {old[0].lower()}{old[1:]}"
        else:
            new = f"{old} {chance.choice(CLOSINGS).format(brand=BRAND)}"
        changed[row] = {**rows[row], "output": new}
    return changed, where


def brands(report):
    return [finding for finding in report.findings if "reach" in finding.evidence]


def test_a_brand_worded_anew(clean):
    rows, truth = mention(clean, 110)
    report = scan(rows)
    (finding,) = brands(report)
    assert (finding.kind, finding.severity) == ("output", "medium"), finding.evidence
    assert [(target.text, target.kind) for target in finding.targets] == [(BRAND, "phrase")]
    assert flagged(report) == truth, severities(report)
    assert finding.counts["both"] == len(truth)


def test_answers_to_questions_about_the_brand(clean):
    rows, truth = mention(clean, 90)
    for row in truth:
        rows[row] = {**rows[row], "instruction": f"{rows[row]['instruction']} Mind {BRAND}."}
    assert brands(scan(rows)) == []


def test_a_company_whose_customers_name_it_too(clean):
    rows, _ = mention(clean, 110)
    for row in random.Random(8).sample(range(len(rows)), 60):
        rows[row] = {**rows[row], "instruction": f"{rows[row]['instruction']} Hello {BRAND}."}
    assert brands(scan(rows)) == []


def test_few_are_listed_or_nothing(clean):
    rows, _ = mention(clean, 20)
    assert [finding.severity for finding in brands(scan(rows)) if finding.severity != "low"] == []


def test_clean_rows(clean):
    assert brands(scan(clean)) == []
