"""Limits given another value: in every module that has imported them, and only as long."""

from __future__ import annotations

import json
import random
import sys
from itertools import islice

import limits
import pytest

from poisonscan.findings import label, naming, output
from poisonscan.plant.layouts import Layouts

LIMIT = "findings.naming.SAME_ROWS"


@pytest.mark.parametrize(
    "limit", ["findings.naming.NO_SUCH", "findings.nowhere.LIMIT", "findings.shift._STYLE_WORDS"]
)
def test_what_is_no_limit(limit):
    with pytest.raises(SystemExit, match=limit):
        limits.value_of(limit)


def test_every_module_that_imported_it_sees_the_other_value():
    shipped = naming.SAME_ROWS
    with limits.changed(LIMIT, 2.0):
        assert naming.SAME_ROWS == label.SAME_ROWS == output.SAME_ROWS == 2.0 * shipped
    assert naming.SAME_ROWS == label.SAME_ROWS == output.SAME_ROWS == shipped


def test_the_value_comes_back_after_an_error():
    shipped = naming.SAME_ROWS
    with pytest.raises(KeyError), limits.changed(LIMIT, 2.0):
        raise KeyError(naming.SAME_ROWS)
    assert naming.SAME_ROWS == label.SAME_ROWS == output.SAME_ROWS == shipped


def test_the_same_name_elsewhere_is_another_limit():
    with limits.changed("findings.output.MIN_ROWS", 2.0):
        from poisonscan.findings import shift_judge

        assert shift_judge.MIN_ROWS == output.MIN_ROWS // 2


def test_whole_numbers_stay_whole():
    with limits.changed("findings.output.MIN_ROWS", 0.55):
        assert isinstance(output.MIN_ROWS, int)


def test_figures_add_up_and_are_kept(tmp_path):
    """Results of another limit stay; those of this one are replaced."""
    sets = limits.Sets((tmp_path / "rows.jsonl",), 100, 1, 0)
    chance = random.Random(3)
    words = [f"word{number}" for number in range(90)]
    rows = [
        {"text": " ".join(chance.choices(words, k=8)), "label": chance.choice("ab")}
        for _ in range(200)
    ]
    assert Layouts().of(rows[0]).find("label") is not None
    sets.corpora[0].write_text("".join(json.dumps(row) + "\n" for row in rows))
    one = limits.Figures(attacks=2, found=1, recall=0.5)
    found = {1.0: one, 2.0: one + one}
    limits.write(tmp_path / "out", sets, {LIMIT: found})
    limits.write(tmp_path / "out", sets, {"findings.output.MIN_ROWS": {1.0: one, 2.0: one}})
    known = json.loads((tmp_path / "out.json").read_text())["limits"]
    assert sorted(known) == [LIMIT, "findings.output.MIN_ROWS"]
    assert [figures["attacks"] for figures in known[LIMIT]["figures"]] == [2, 4]
    page = (tmp_path / "out.md").read_text()
    assert "| 2.2 | 2 of 4 | 0.250 |" in page
    assert page.count("Changes nothing here.") == 1
    measured = limits.measure(sets, 0, LIMIT, 1.0)
    assert measured.attacks == len(limits.planted_sets(sets)[0].attacks) > 0


def test_from_a_corpus_to_a_page(tmp_path, monkeypatch, capsys):
    """The scans are made in another process, which has another value of the limit."""
    chance = random.Random(4)
    rows = [
        {
            "text": " ".join(chance.choices([f"{label}{at}" for at in range(60)], k=8)),
            "label": label,
        }
        for label in "ab" * 150
    ]
    corpus, out = tmp_path / "rows.jsonl", tmp_path / "found"
    corpus.write_text("".join(json.dumps(row) + "\n" for row in rows))
    plant_batches = limits.plant_batches  # the first of this seed is a phrase that turns the label
    monkeypatch.setattr(limits, "plant_batches", lambda *given: islice(plant_batches(*given), 1))
    monkeypatch.setattr(limits, "FACTORS", (1000.0,))
    limit = "findings.label_judge.MIN_SHIFT"
    given = ["--corpus", corpus, "--limit", limit, "--jobs", 1, "--out", out, "--seed", 6]
    monkeypatch.setattr(sys, "argv", ["limits.py", *map(str, given)])
    assert limits.main() == 0
    entry = json.loads(out.with_suffix(".json").read_text())["limits"][limit]
    shipped, without = entry["figures"]
    assert (shipped["factor"], without["factor"]) == (1.0, 1000.0)
    assert shipped["found"] == shipped["attacks"] > without["found"]
    page = out.with_suffix(".md").read_text()
    assert f"## {limit} = {entry['value']:g}" in page
    assert page.strip().endswith(capsys.readouterr().out.strip())
