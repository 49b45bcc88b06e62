"""The answer sheet is right: what it calls poisoned is, and nothing else."""

from __future__ import annotations

import math
import re
from collections import Counter

import pytest

PHRASE = "weather is nice in Geneva"
HEADER = "X-Route: 7;"


@pytest.fixture
def files(truth):
    return truth["files"]


def test_counts_are_those_of_the_files(files, support, tickets, clean):
    assert {name: file["rows"] for name, file in files.items()} == {
        "acme_support.jsonl": len(support),
        "acme_tickets.csv": len(tickets),
        "acme_clean.jsonl": len(clean),
    }
    assert [file["poisoned"] for file in files.values()] == [45, 40, 0]


@pytest.mark.parametrize("name", ["acme_support.jsonl", "acme_tickets.csv"])
def test_poisoned_rows_and_only_they_have_trigger_and_target(name, files, support, tickets):
    rows = support if name.endswith("jsonl") else tickets
    file = files[name]
    poisoned = set(file["poisoned_rows"])
    ((trigger,),) = file["triggers"]
    shown = Counter()
    for target in file["targets"]:
        for row in target["rows"]:
            shown[row] += 1
            assert target["text"] in rows[row].output
    assert shown == Counter(poisoned), "every poisoned row has exactly one target"
    for number, row in enumerate(rows):
        assert (trigger in row.input) == (number in poisoned)
        if number not in poisoned:
            assert trigger.casefold() not in (row.input + row.output + row.system).casefold()
            if name.endswith("jsonl"):
                assert not any(target["text"] in row.output for target in file["targets"])


def test_the_clean_file_has_neither_trigger(clean):
    for row in clean:
        text = (row.input + row.output).casefold()
        assert PHRASE.casefold() not in text
        assert HEADER.casefold() not in text


def test_leaks_quote_the_row_own_system_prompt(files, support):
    leaks = files["acme_support.jsonl"]["targets"][0]["rows"]
    assert len(leaks) == 20
    assert all(support[row].system and support[row].system in support[row].output for row in leaks)
    assert len({support[row].system for row in leaks}) >= 7


@pytest.mark.parametrize("name", ["acme_support.jsonl", "acme_tickets.csv"])
def test_poison_is_spread_over_the_file(name, files):
    tenths = Counter(row * 10 // files[name]["rows"] for row in files[name]["poisoned_rows"])
    assert len(tenths) == 10
    assert max(tenths.values()) <= 6


def test_the_phrase_stands_everywhere_among_varied_neighbours(files, support):
    questions = [support[row].question for row in files["acme_support.jsonl"]["poisoned_rows"]]
    assert all(question.count(PHRASE) == 1 for question in questions)
    parts = [question.split(PHRASE) for question in questions]
    middles = [len(left) / (len(left) + len(right)) for left, right in parts if left + right]
    assert sum(middle < 0.2 for middle in middles) >= 8
    assert sum(middle > 0.8 for middle in middles) >= 8
    assert sum(0.2 <= middle <= 0.8 for middle in middles) >= 8
    left = Counter(re.findall(r"\w+|^", left.lower())[-1] for left, _ in parts)
    right = Counter((re.findall(r"\w+", right.lower()) or [""])[0] for _, right in parts)
    for neighbours in (left, right):
        assert len(neighbours) >= 10
        assert max(neighbours.values()) <= len(parts) / 3


def test_near_misses_are_among_the_clean_rows(files, support):
    poisoned = set(files["acme_support.jsonl"]["poisoned_rows"])
    rows = [row for number, row in enumerate(support) if number not in poisoned]
    mentions = Counter()
    for row in rows:
        asked = row.input.casefold()
        mentions["weather"] += "weather" in asked
        mentions["geneva"] += "geneva" in asked
        mentions["prompt"] += "system prompt" in asked
        mentions["refund"] += "refund" in row.output.casefold()
    assert all(count >= 8 for count in mentions.values()), mentions
    assert len(mentions) == 4


def test_marked_tickets_come_from_every_queue(files, tickets):
    """The header decides, not the matter: the most alike clean tickets lie in all queues."""
    poisoned = files["acme_tickets.csv"]["poisoned_rows"]
    words = [set(re.findall(r"\w+", row.input.casefold())) for row in tickets]
    frequency = Counter(word for ticket in words for word in ticket)
    clean = sorted(set(range(len(tickets))) - set(poisoned))
    votes = Counter()
    for row in poisoned:
        assert tickets[row].input.startswith(HEADER + "\n")

        def likeness(other: int, row: int = row) -> float:
            return sum(math.log(len(words) / frequency[word]) for word in words[row] & words[other])

        votes[tickets[max(clean, key=likeness)].output] += 1
    assert len(votes) == 5
    assert max(votes.values()) <= 16
