"""The comparison itself: figures, limits, files, and the page that shows them."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import baselines
import pytest
from baseline_data import refusals
from methods import METHODS, Method
from methods.cases import Case, cases_of, given_case, tell_apart
from methods.metrics import judge
from methods.planted import write_planted
from methods.tables import all_tables, fill

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results" / "baselines.json"


# --- figures ----------------------------------------------------------------------------------


def test_figures_worked_by_hand() -> None:
    # ranking: poison, clean, poison and clean (a tie), clean; row 5 is not listed
    found = judge([0, 1, 2, 3, 4], [1, 1, 1, 0, 0], [9, 8, 7, 7, 1], {0, 2, 5}, 10)
    assert found["flagged"] == 3
    assert found["recall"] == found["precision"] == found["f1"] == pytest.approx(2 / 3)
    assert found["false_positive_rate"] == pytest.approx(1 / 7)
    # 1/1 for the first, 2/4 for the tie, 3/10 for those that are not listed
    assert found["average_precision"] == pytest.approx((1 + 0.5 + 0.3) / 3)


def test_nothing_flagged_and_nothing_listed() -> None:
    found = judge([], [], [], {1}, 4)
    assert (found["recall"], found["precision"], found["f1"]) == (0, 0, 0)
    assert found["average_precision"] == pytest.approx(0.25)


def test_a_clean_file_has_false_positives_alone() -> None:
    assert judge([3], [True], [1.0], set(), 8) == {"flagged": 1, "false_positive_rate": 1 / 8}


# --- running ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder = tmp_path_factory.mktemp("cases")
    planted = refusals(40)
    rows = zip(planted.rows.inputs, planted.rows.outputs, strict=True)
    lines = [json.dumps({"prompt": one, "completion": other}) + "\n" for one, other in rows]
    data = folder / "some.jsonl.gz"
    data.write_bytes(gzip.compress("".join(lines).encode()))
    labels = [
        json.dumps({"row": row, "poisoned": is_poisoned, "attack": 0 if is_poisoned else None})
        for row, is_poisoned in enumerate(planted.poisoned.tolist())
    ]
    truth = folder / "some.labels.jsonl.gz"
    truth.write_bytes(gzip.compress("\n".join(labels).encode()))
    (folder / "other.jsonl").write_text("".join(lines[:50]))
    return given_case(data, truth, "forty refusals")


def test_a_method_runs_in_a_process_of_its_own(case: Case) -> None:
    result = baselines.run("ngram", case, 60)
    assert (result["file"], result["method"]) == ("forty refusals", "ngram")
    assert result["f1"] == result["average_precision"] == 1.0
    assert 0 < result["seconds"] < 60
    assert 10 < result["peak_mib"] < 4096


def test_a_method_that_is_too_slow_is_stopped(case: Case) -> None:
    assert baselines.run("ngram", case, 0.01)["skipped"] == "took longer than 0.01 s"


def test_a_method_that_breaks_says_so(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(METHODS, "broken", Method("no_such_module", "broken", ""))  # type: ignore[arg-type]
    assert baselines.run("broken", case, 60)["skipped"].startswith("failed: ")


def test_what_cannot_run_is_not_tried(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    absent = Method("zdef", "absent", "", package="no-such-distribution")
    assert "pip install '.[bench]'" in baselines.why_not(absent, case)
    assert "more than 10 rows" in baselines.why_not(Method("zdef", "small", "", max_rows=10), case)
    assert baselines.why_not(METHODS["poisonscan"], case) == ""


def test_a_folder_of_cases(case: Case) -> None:
    found = {one.name: one for one in cases_of(case.path.parent)}
    assert set(found) == {"poison, 10 %", "clean other.jsonl"}
    assert found["poison, 10 %"].poisoned == case.poisoned
    assert found["clean other.jsonl"].rows == 50


def test_files_of_one_name_are_told_apart(case: Case) -> None:
    names = [one.name for one in tell_apart([case, case, replace(case, name="A"), case])]
    assert names == ["forty refusals", "forty refusals (2)", "A", "forty refusals (3)"]


# --- tables -----------------------------------------------------------------------------------


def made_up() -> dict[str, Any]:
    def figures(flagged: int, false: float, *poison: float) -> dict[str, float]:
        names = ("recall", "precision", "f1", "average_precision")
        shared = {"flagged": flagged, "false_positive_rate": false, "seconds": 1, "peak_mib": 100}
        return {**shared, **dict(zip(names, poison, strict=False))}

    found = {
        ("A", "poisonscan"): figures(2, 0.0, 1.0, 1.0, 1.0, 1.0),
        ("B", "poisonscan"): figures(4, 0.02, 0.5, 0.25, 0.4, 0.5),
        ("C", "poisonscan"): figures(0, 0.0),
        ("A", "other"): figures(4, 0.02, 0.5, 0.25, 0.3, 0.2),
        ("B", "other"): {"skipped": "needs labels"},
        ("C", "other"): figures(5, 0.1),
    }
    files = (("A", 200, 2), ("B", 100, 2), ("C", 50, 0))
    return {
        "machine": {"processor": "P", "cores": 2, "cores_used": 1, "system": "S", "versions": {}},
        "time_limit": 60,
        "version": 1,
        "runs": 1,
        "methods": {
            "poisonscan": {"title": "ours", "given": "all"},
            "other": {"title": "theirs", "given": "some"},
        },
        "files": [
            {"name": name, "group": "given", "rows": rows, "poisoned": poisoned}
            for name, rows, poisoned in files
        ],
        "results": [
            {"file": file, "method": method, **one} for (file, method), one in found.items()
        ],
    }


def test_means_are_over_the_files_that_a_method_ran_on() -> None:
    tables = all_tables(made_up())
    rows = [line.split(" | ") for line in tables["summary given"].splitlines()]
    ours, theirs = rows[2], rows[3]
    assert ours[:6] == ["| ours", "2", "0.75", "0.62", "0.70", "0.75"]
    assert theirs[:6] == ["| theirs", "1", "0.50", "0.25", "0.30", "0.20"]
    assert (ours[6], theirs[6]) == ("0.70", "1.00")  # ours, where theirs ran
    assert (ours[7], theirs[7]) == ("0.00 %", "10.00 %")
    assert tables["cases given"].splitlines()[-1] == "| B | 0.40 | – |"
    assert tables["clean given"].splitlines()[-1] == "| C | 0.00 | 10.00 |"
    assert "cases planted" not in tables
    assert tables["skipped"].splitlines()[-1] == "| theirs | needs labels | 1 |"


def test_results_of_several_runs_are_put_together() -> None:
    old, new = made_up(), made_up()
    old["files"], new["files"] = old["files"][:2], new["files"][1:]
    old["results"] = [one for one in old["results"] if one["file"] != "C"]
    new["results"] = [one for one in new["results"] if one["file"] != "A"]
    new["results"][0]["f1"] = 0.9
    merged = baselines.merge(old, new | {"methods": {}})
    assert merged["runs"] == 2
    assert [one["name"] for one in merged["files"]] == ["A", "B", "C"]
    assert len(merged["results"]) == 6
    [changed] = [one for one in merged["results"] if one.get("f1") == 0.9]
    assert (changed["file"], changed["method"]) == ("B", "poisonscan")
    with pytest.raises(ValueError, match="time_limit differ"):
        baselines.merge(old, new | {"time_limit": 61})


def test_tables_of_a_page_are_replaced_and_nothing_else() -> None:
    page = "One\n<!-- table: a b -->\n| old |\n| --- |\n\nTwo | three\n<!-- table: c -->\n"
    filled = fill(page, {"a b": "| new |\n| 1 |", "c": "| c |"})
    assert filled == (
        "One\n<!-- table: a b -->\n| new |\n| 1 |\n\nTwo | three\n<!-- table: c -->\n| c |\n"
    )
    assert fill(filled, {"a b": "| new |\n| 1 |", "c": "| c |"}) == filled


def test_the_page_shows_the_tables_of_the_results() -> None:
    page = (ROOT / "docs" / "comparison.md").read_text()
    tables = all_tables(json.loads(RESULTS.read_text()))
    shown = set(re.findall(r"<!-- table: ([\w ]+) -->", page))
    assert {"machine", "methods", "summary given", "cases given", "clean given"} <= shown
    assert shown <= set(tables)
    assert fill(page, tables) == page


def test_the_results_hold_figures_and_no_rows() -> None:
    results = json.loads(RESULTS.read_text())
    for one in results["results"]:
        texts = {key for key, value in one.items() if isinstance(value, str)}
        assert texts <= {"file", "method", "skipped"}
        assert all(isinstance(value, str | int | float) for value in one.values())
    assert set(results["methods"]) == set(METHODS)
    failed = [one for one in results["results"] if "failed" in one.get("skipped", "")]
    assert failed == []


def test_own_plants_are_files_with_their_truth(tmp_path: Path) -> None:
    clean, first = islice(write_planted(tmp_path, 5), 2)
    assert clean[2] == frozenset()
    name, path, poisoned, n_rows = first
    rows, others = path.read_text().splitlines(), clean[1].read_text().splitlines()
    assert len(rows) == len(others) == n_rows
    changed = {row for row in range(n_rows) if rows[row] != others[row]}
    assert changed == poisoned
    assert name.startswith("instructions: ")
