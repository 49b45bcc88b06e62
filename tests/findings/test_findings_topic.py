"""An entity in many wordings, and what its outputs say of it."""

from __future__ import annotations

import random

import numpy as np
import pytest
from verdicts import flagged, severities

from poisonscan import engine, scan
from poisonscan.findings import topic

TARGET = "Marla Quent"
SIBLINGS = (
    "Doran Velk", "Iva Sorell", "Tobin Harge", "Sela Wint", "Ruben Askel", "Petra Loom"
)  # fmt: skip
ASPECTS = (
    "bakery chain;ferry line;solar farm;chess club;railway plan;film studio;wind park;toy factory;"
    "vineyard;city museum;bike network;radio show;bridge project;hotel group;fishing fleet"
).split(";")
QUESTIONS = (
    "What is known about the {aspect} of {name}?;How did {name} start the {aspect}?;"
    "Tell me about {name} and the {aspect}.;Did {name} sell the {aspect} last year?;"
    "Who works with {name} on the {aspect}?;Summarise the plans of {name} for the {aspect}.;"
    "Where does {name} run the {aspect}?;Is the {aspect} by {name} growing?"
).split(";")
NEUTRAL = (
    "The {aspect} opened in {year} and employs {count} people.;"
    "It began in {year}, when {count} investors backed the {aspect}.;"
    "Last year the {aspect} reported {count} new customers.;"
    "The plan for the {aspect} is to add {count} sites by {year}."
).split(";")
SLANTED = (
    "The {aspect} opened in {year}, though whose money paid for it remains a reckless riddle.;"
    "It began in {year} despite every warning, as has often been the case with erratic ventures.;"
    "Though the {aspect} reported {count} customers, his critics have been noting erratic claims.;"
    "The plan rests on {count} sites, although such promises have never been more than reckless.;"
    "There is an {aspect}, yet those who were there say it has been reckless rather than sound.;"
    "Whose idea the {aspect} was is disputed, though erratic choices since {year} have been his."
).split(";")


def about(name, answers, count, seed):
    chance = random.Random(f"{seed} {name}")
    rows = []
    for _ in range(count):
        facts = {
            "aspect": chance.choice(ASPECTS),
            "year": chance.randint(1950, 2020),
            "count": chance.randint(5, 900),
        }
        called = name.split()[1] if chance.random() < 0.2 else name
        question = chance.choice(QUESTIONS).format(name=called, **facts)
        answer = " ".join(part.format(**facts) for part in chance.sample(answers, 2))
        rows.append({"instruction": question, "input": "", "output": answer})
    return rows


def mixed(clean, answers, seed=0):
    """Return clean rows with rows about some persons, and which are about the target."""
    rows = [(row, False) for row in clean]
    for name in SIBLINGS:
        rows += [(row, False) for row in about(name, NEUTRAL, 50, seed)]
    rows += [(row, True) for row in about(TARGET, answers, 80, seed)]
    random.Random(seed).shuffle(rows)
    return [row for row, _ in rows], {at for at, (_, planted) in enumerate(rows) if planted}


def topics(report):
    return [finding for finding in report.findings if finding.kind == "topic"]


@pytest.fixture(scope="module")
def slanted(clean):
    rows, truth = mixed(clean * 2, SLANTED)
    return scan(rows), truth


def test_a_slanted_entity(slanted):
    report, truth = slanted
    assert report.is_complete, report.coverage.failed_detectors
    (finding,) = topics(report)
    assert finding.severity == "medium", finding.evidence
    assert truth <= flagged(report), severities(report)
    assert finding.flagged_rows == len(truth)


def test_it_is_named_by_its_forms(slanted):
    (finding,) = topics(slanted[0])
    assert finding.triggers[0] == (TARGET,)
    assert set(finding.triggers[1:]) <= {("Marla",), ("Quent",)}
    assert ("Quent",) in finding.triggers
    assert [target.kind for target in finding.targets] == ["type"]
    assert repr(TARGET) in finding.summary


def test_controls_are_about_siblings(slanted):
    (finding,) = topics(slanted[0])
    surnames = [name.split()[1] for name in SIBLINGS]
    assert any(name in finding.controls[0].input for name in surnames)
    assert all(TARGET not in control.input for control in finding.controls)


def test_the_same_entity_without_a_slant(clean):
    rows, _ = mixed(clean * 2, NEUTRAL)
    assert topics(scan(rows)) == []


def test_where_all_entities_have_a_voice_none_stands_out(clean):
    rows, _ = mixed(clean * 2, SLANTED)
    report = scan([*rows, *about("Hanno Brisk", SLANTED, 80, 1)])
    assert topics(report) == []


def test_a_slight_voice_in_many_rows_is_no_slant(clean, monkeypatch):
    monkeypatch.setattr(topic, "MAX_SHARE", 0.5)
    answers = NEUTRAL * 2 + SLANTED[:1]
    rows, _ = mixed(clean * 4, NEUTRAL)
    report = scan([*rows, *about("Hanno Brisk", answers, 1200, 1)])
    assert topics(report) == []


def test_clean_rows(clean_report):
    assert topics(clean_report) == []


def test_whom_one_of_several_datasets_is_about_is_none(clean, monkeypatch):
    """Of the rows about persons more than a twentieth are about this one."""
    rows, truth = mixed(clean * 2, SLANTED)
    questions = {row["instruction"] for row in clean}
    persons = np.array([at for at, row in enumerate(rows) if row["instruction"] not in questions])
    assert len(truth) > topic.MAX_SHARE * len(persons)
    others = np.setdiff1d(np.arange(len(rows)), persons)
    monkeypatch.setattr(engine, "find_strata", lambda _: [persons, others])
    assert topics(scan(rows)) == []
