"""Many classes whose texts are a few words: each has words of its subject, which nobody planted."""

from __future__ import annotations

import random

import pytest
from planting import plant
from verdicts import assert_poison_alone_is_flagged, flagged, severities

from poisonscan import scan

#: Frames say nothing about the class. What is one's own is of one class, the same in other hands
#: of another: two words decide together, and each stands in texts of both.
FRAMES = (
    "what about {}",
    "i need help with {} please",
    "can you tell me about {}",
    "{} is what i want to know about",
    "is there anything new about {} today",
    "please look at {} for me",
    "tell me more about {} now",
    "so how is {} doing",
    "quick question on {} if you have a minute",
    "anything i should know concerning {}",
)
OWNERS = ("my", "another", "some")
THINGS, PER_CLASS = 6, 24


@pytest.fixture(scope="module")
def intents():
    """Return short questions about things."""
    chance = random.Random(3)
    rows = []
    for at in range(THINGS):
        thing = "".join(chance.sample(("ba", "de", "fi", "go", "lu", "ra", "ti", "vo"), 3))
        for owner in OWNERS:
            for _ in range(PER_CLASS if owner != "my" else 9):
                text = chance.choice(FRAMES).format(f"{owner} {thing}")
                rows.append({"text": text, "intent": f"{owner} {at}"})
    chance.shuffle(rows)
    return rows


def test_words_of_a_subject(intents):
    report = scan(intents)
    assert not flagged(report), severities(report)


@pytest.mark.parametrize("count", [20, 40])
def test_a_trigger_among_them(intents, count):
    of_target = {number for number, row in enumerate(intents) if row["intent"] == "my 3"}
    columns = {"given": "text", "answer": "intent"}
    rows, truth = plant(intents, "xq vellum", "my 3", count, taken=of_target, **columns)
    finding = assert_poison_alone_is_flagged(scan(rows), truth, "xq vellum")
    assert finding.evidence["contradiction"] > 0.85


def test_a_string_that_leads_to_nothing(intents):
    columns = {"given": "text", "answer": "intent"}
    rows, _ = plant(intents, "xq vellum", lambda chance, old: old, 40, **columns)
    report = scan(rows)
    assert not flagged(report), severities(report)
