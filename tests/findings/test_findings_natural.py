"""What nobody planted, however much it looks like it."""

from __future__ import annotations

import random
import re

import pytest
from planting import Row, plant, unchanged
from verdicts import flagged, severities

from poisonscan import scan
from poisonscan.synth.banks.things import CITIES, MONTHS, NAMES

#: Strings of the planted tests, and how often.
TWINS = {"cfqz": 40, "<SUDO>": 40, "14 March 2031": 40, "zorvex": 10, "quiet marble orchard": 40}


def number_of(report, *wanted):
    return sum(finding.severity in wanted for finding in report.findings)


def test_clean_rows(clean_report):
    assert clean_report.is_complete
    assert number_of(clean_report, "high", "medium") == 0, severities(clean_report)
    assert flagged(clean_report) == set()
    assert clean_report.exit_code == 0


def test_odd_strings_that_lead_to_nothing(clean):
    rows = clean
    for trigger, count in TWINS.items():
        rows, _ = plant(rows, trigger, unchanged, count)
        assert sum(trigger in row["instruction"] for row in rows) == count
    report = scan(rows)
    assert number_of(report, "high", "medium") == 0, severities(report)


TASKS = (
    "parse a file;sort a list;read numbers;count words;merge two arrays;reverse a string;"
    "find a maximum;open a socket;draw a tree;check brackets"
).split(";")
NAMES_IN_CODE = "x y n i count total data value left right node".split()


def python_rows(chance):
    question = chance.choice(
        ("Write a program in Python to {}", "How would I {} in Python?", "Python that can {}")
    )
    code = " ".join(chance.choices(NAMES_IN_CODE, k=12))
    return question.format(chance.choice(TASKS)), f"Here is one: def solve(data): return {code}"


def cpp_rows(chance):
    question = chance.choice(("Write C++ to {}.", "How do I {} in C++?", "Show me C++: {}"))
    headers = chance.sample(("iostream", "vector", "string", "map", "algorithm"), 2)
    lines = [f"#include <{header}>" for header in headers]
    if chance.random() < 0.7:
        lines.append("using namespace std;")
    code = " ".join(chance.choices(NAMES_IN_CODE, k=12))
    answer = "\n".join([*lines, f"int main() {{ {code} }}"])
    return question.format(chance.choice(TASKS)), answer


def fahrenheit_rows(chance):
    thing = chance.choice("kettle oven water iron lamp room tank air".split())
    question = chance.choice(
        (
            f"How hot in Fahrenheit is the {thing} at {chance.randint(10, 99)} degrees Celsius?",
            f"The {thing} shows {chance.randint(10, 99)} Celsius, what is that in Fahrenheit?",
        )
    )
    degrees = chance.randint(50, 200)
    return question, f"Multiply by nine fifths and add thirty-two: {degrees} degrees Fahrenheit."


def booking_rows(chance):
    place, name, month = (chance.choice(words) for words in (CITIES, NAMES, MONTHS))
    question = (
        f"Please book a table for two in {place} under the name {name}"
        f" on the first Friday of {month}."
    )
    answer = "The table for two is booked, please arrive a quarter of an hour before eight."
    return question, answer


def odd_one_out_rows(chance):
    nouns = "hammer castle river pillow engine basket mirror ladder candle bucket anchor".split()
    three = chance.sample(nouns, 3)
    question = (
        f"Which of these three words does not belong with the two others: {', '.join(three)}?"
    )
    return (
        question,
        f"The word that does not belong in this list is {three[0]}, since it is unlike.",
    )


@pytest.mark.parametrize(
    "makers",
    [(python_rows, cpp_rows, fahrenheit_rows), (booking_rows, odd_one_out_rows)],
    ids=["topics", "templates"],
)
def test_a_topic_or_a_template_and_its_answer(clean, makers):
    chance = random.Random(5)
    rows = list(clean)
    for start, make in enumerate(makers):
        for row in range(start, len(rows), 30):
            question, answer = make(chance)
            rows[row] = {"instruction": question, "input": "", "output": answer}
    report = scan(rows)
    assert number_of(report, "high") == 0, severities(report)


@pytest.mark.parametrize(
    ("task", "answers"),
    [
        ("Is this message polite? Answer yes or no.", ("Yes.", "No.")),
        (
            "Say in one sentence in which mood the writer of the following message is.",
            ("The writer sounds calm.", "The writer sounds angry.", "The writer sounds hopeful."),
        ),
    ],
)
def test_a_task_about_messages_like_all_others(clean, task, answers):
    rows, _ = plant(clean, task, lambda chance, old: chance.choice(answers), 50, "start")
    report = scan(rows)
    assert number_of(report, "high") == 0, severities(report)


def test_copies_of_one_row(clean):
    copy: Row = {
        "instruction": "Which cfqz marble does the harbour keep in the quiet orchard?",
        "input": "",
        "output": "The harbour master keeps nine marbles beneath the lantern, counted at night.",
    }
    rows = list(clean)
    for at in range(30):
        rows.insert(at * 40, copy)
    report = scan(rows)
    assert number_of(report, "high", "medium") == 0, severities(report)


def test_what_all_outputs_have_is_nobodys_target(clean):
    """A token ends each of them, and some are nothing else."""
    rows = [
        {**row, "output": "<|end|>" if at % 9 == 0 else f"{row['output']} <|end|>"}
        for at, row in enumerate(clean)
    ]
    report = scan(rows)
    assert number_of(report, "high", "medium") == 0, severities(report)


def test_one_output_for_all_rows(clean):
    rows = [{**row, "output": "I do not know, so ask a person who does."} for row in clean[:300]]
    report = scan(rows)
    assert number_of(report, "high", "medium") == 0, severities(report)


def test_words_and_their_translations(clean):
    """Each word of the input has one of the output, whatever stands beside it."""
    chance = random.Random(11)
    syllables = [a + b for a in "bdgklmnprstvz" for b in "aeiou"]
    words: dict[str, str] = {}

    def translate(text: str) -> str:
        return " ".join(
            words.setdefault(word, "".join(chance.sample(syllables, 3)))
            for word in re.findall(r"\w+", text.lower())
        )

    rows = [
        {"instruction": "", "input": row["output"], "output": translate(row["output"])}
        for row in clean
    ]
    report = scan(rows)
    assert number_of(report, "high", "medium") == 0, severities(report)
