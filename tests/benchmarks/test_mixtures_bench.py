"""Attacks on one of several datasets in one file."""

from __future__ import annotations

import json
import sys

import mixtures
import pytest
from scan_helpers import World


@pytest.fixture
def corpora(tmp_path):
    """Questions, and texts with a label: these are only mixed in."""
    questions = [
        {"instruction": row.input[0], "output": row.output[0]} for row in World(5).rows(300)
    ]
    texts = [
        {"text": row.input[0], "label": ("good", "bad")[at % 2]}
        for at, row in enumerate(World(6).rows(200))
    ]
    paths = [tmp_path / "questions.jsonl", tmp_path / "texts.jsonl"]
    for path, rows in zip(paths, (questions, texts), strict=True):
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return paths


def test_rows_of_any_schema_become_questions_and_answers():
    chat = {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
    rows = mixtures.as_instructions([{"instruction": "ask", "output": "say"}, chat])
    assert rows == [{"instruction": "ask", "output": "say"}, {"instruction": "a", "output": "b"}]


@pytest.mark.parametrize("group", ["words", "type"])
def test_one_attack_of_each_number_of_rows(group):
    attacks = mixtures.draw(group, 3)
    assert [attack.rows for attack in attacks] == list(mixtures.COUNTS)
    assert len({attack.family for attack in attacks}) == len(attacks)
    assert attacks == mixtures.draw(group, 3) != mixtures.draw(group, 4)


def test_a_run(corpora, tmp_path, monkeypatch, capsys):
    out = tmp_path / "results.json"
    options = [option for path in corpora for option in ("--corpus", str(path))]
    monkeypatch.setattr(sys, "argv", ["mixtures.py", *options, "--out", str(out)])
    mixtures.main()
    results = json.loads(out.read_text())
    assert set(results["corpora"]) == {"questions.jsonl", "texts.jsonl"}
    assert {(scan["corpus"], scan["group"], scan["in"]) for scan in results["scans"]} == {
        ("questions.jsonl", group, kind)
        for group in ("words", "type")
        for kind in ("alone", "mixed")
    }
    assert all(len(scan["attacks"]) == 3 for scan in results["scans"])
    assert "questions.jsonl" in capsys.readouterr().out
    assert World(5).rows(1)[0].input[0] not in out.read_text()
