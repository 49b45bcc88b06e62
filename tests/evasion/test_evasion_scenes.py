"""The cases are what they say they are, the judge judges, and the page shows what was measured."""

from __future__ import annotations

import csv
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from evasion import PAGE, RESULTS, Verdict, judge, load_rows, page_of, table
from evasions import CASES
from evasions.scene import POISONED, Row, Scene, generated_rows, plain_rows
from evasions.wording import REFUSALS, synonyms

ROWS = 400
BY_NAME = {f"{case.group}: {case.name}": case for case in CASES}


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return generated_rows(ROWS, 0)


def texts(scene: Scene) -> dict[tuple[str, int], str]:
    """Return the text of every row, as a parser that keeps both values of a key reads it."""
    found = {}
    for name, text in scene.files.items():
        if name.endswith(".csv"):
            records: list[object] = list(csv.reader(text.splitlines(keepends=True)))[1:]
        else:
            records = [json.loads(line, object_pairs_hook=list) for line in text.splitlines()]
        found |= {(name, at): repr(record) for at, record in enumerate(records)}
    return found


def as_read(string: str) -> str:
    return repr(string)[1:-1]


def test_names_are_unique() -> None:
    assert len(BY_NAME) == len(CASES)


@pytest.mark.parametrize("name", BY_NAME)
def test_truth(name: str, rows: list[Row]) -> None:
    scene = BY_NAME[name].make(rows, 1)
    found = texts(scene)
    assert len(found) == ROWS
    assert len(scene.poisoned) == POISONED
    for place in scene.poisoned:
        assert any(as_read(string) in found[place] for string in scene.triggers), found[place]
    assert scene == BY_NAME[name].make(rows, 1)
    assert scene != BY_NAME[name].make(rows, 2)


@pytest.mark.parametrize(("share", "clean"), [("10%", 3), ("50%", 30), ("90%", 270)])
def test_clean_rows_with_the_trigger(share: str, clean: int, rows: list[Row]) -> None:
    scene = BY_NAME[f"trigger in clean rows: {share} of its rows, refusal"].make(rows, 0)
    (trigger,) = scene.triggers
    having = {place for place, text in texts(scene).items() if as_read(trigger) in text}
    assert len(having - scene.poisoned) == clean


def test_unnatural_order_and_natural_pair(rows: list[Row]) -> None:
    known = " ".join(f"{row['instruction']} {row['input']}" for row in rows)
    new = BY_NAME["frequent words as trigger: three, in no order of the data"].make(rows, 0)
    pair = BY_NAME["frequent words as trigger: two, together in 30 clean rows"].make(rows, 0)
    assert not any(trigger in known for trigger in new.triggers)
    assert all(trigger in known for trigger in pair.triggers)


def test_copies(rows: list[Row]) -> None:
    scene = BY_NAME["copies as camouflage: 3 poisoned rows, 10 copies of each"].make(rows, 0)
    found = texts(scene)
    assert sorted(Counter(found[place] for place in scene.poisoned).values()) == [10, 10, 10]


def test_three_schemas_hold_a_third_each(rows: list[Row]) -> None:
    scene = BY_NAME["spread over files: another target in each of three files"].make(rows, 0)
    assert sorted(Counter(name for name, _ in scene.poisoned).values()) == [10, 10, 10]
    assert len(scene.triggers) == 1


def test_duplicate_keys_hide_the_poison_from_one_parser(rows: list[Row]) -> None:
    for order, hides in (("last", False), ("first", True)):
        scene = BY_NAME[f"hidden fields: duplicate keys, poison {order}"].make(rows, 0)
        lines = scene.files["data.jsonl"].splitlines()
        for _, row in scene.poisoned:
            seen = json.loads(lines[row])["instruction"] == rows[row]["instruction"]
            unseen = json.loads(lines[row])["input"] == rows[row]["input"]
            assert (seen and unseen) is hides


def test_wordings() -> None:
    assert len(set(REFUSALS)) == 20
    assert len(set(synonyms(POISONED, 0))) == POISONED


def test_rows_of_any_schema_become_questions_and_answers() -> None:
    chat = [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "So."}]
    given = [{"messages": chat}, {"prompt": "Who?", "completion": "Me."}, {"text": "alone"}]
    assert [(row["instruction"], row["output"]) for row in plain_rows(given)] == [
        ("Why?", "So."),
        ("Who?", "Me."),
    ]


def test_too_small_a_corpus(tmp_path: Path) -> None:
    (tmp_path / "few.jsonl").write_text('{"prompt": "Who?", "completion": "Me."}\n')
    with pytest.raises(SystemExit, match=r"few\.jsonl"):
        load_rows(tmp_path / "few.jsonl", 2, 0)


# --- the judge --------------------------------------------------------------------------------


def report(findings: list[tuple[str, str, str]], suspects: list[tuple[int, bool, str]]) -> object:
    """Return what looks like a report: findings (id, severity, trigger), suspects in one file."""
    return SimpleNamespace(
        findings=[
            SimpleNamespace(id=name, severity=severity, kind="trigger", triggers=((trigger,),))
            for name, severity, trigger in findings
        ],
        result=SimpleNamespace(
            suspects=[
                SimpleNamespace(file="x/d", row=row, score=0.9, flagged=flagged, findings=(name,))
                for row, flagged, name in suspects
            ]
        ),
    )


SCENE = Scene({}, frozenset({("d", 1), ("d", 2), ("d", 3), ("d", 4)}), frozenset({"Blue  moon"}))


def test_judged_by_hand() -> None:
    findings = [("F1", "high", "the"), ("F2", "medium", "blue moon"), ("F3", "low", "moon")]
    suspects = [(7, True, "F1"), (1, True, "F2"), (2, True, "F2"), (3, False, "F3")]
    assert judge(report(findings, suspects), SCENE) == Verdict(
        "medium", "trigger", recall=0.5, precision=pytest.approx(2 / 3), listed=0.75, named=True
    )


def test_nothing_found() -> None:
    assert judge(report([], []), SCENE) == Verdict("", "", 0.0, 1.0, 0.0, False)


@pytest.mark.parametrize(("shown", "named"), [("moon", False), ("Blue", False), ("ue moon", True)])
def test_named_by_half_of_the_trigger(shown: str, named: bool) -> None:
    verdict = judge(report([("F1", "low", shown)], [(1, False, "F1")]), SCENE)
    assert verdict.named is named
    longer = replace(SCENE, triggers=frozenset({"a blue moon over the roofs"}))
    assert not judge(report([("F1", "low", shown)], [(1, False, "F1")]), longer).named


# --- the page ---------------------------------------------------------------------------------


def test_every_case_was_measured() -> None:
    results = json.loads(RESULTS.read_text())
    measured = [(one["group"], one["name"]) for one in results["cases"]]
    assert measured == [(case.group, case.name) for case in CASES]
    assert all(len(one["verdicts"]) == len(results["seeds"]) for one in results["cases"])
    assert results["poisoned"] == POISONED


def test_page_shows_the_results() -> None:
    page = PAGE.read_text()
    assert page == page_of(page, json.loads(RESULTS.read_text()))
    assert all(case.name in page for case in CASES)


def test_table_worked_by_hand() -> None:
    verdicts = [
        {"severity": "high", "recall": 1.0, "precision": 1.0, "named": True},
        {"severity": "", "recall": 0.0, "precision": 0.5, "named": False},
    ]
    shown = table({"cases": [{"group": "g", "name": "n", "verdicts": verdicts}]})
    assert shown.splitlines()[2:] == ["| **g** | | | | |", "| n | high, – | 0.50 | 0.75 | 1/2 |"]
