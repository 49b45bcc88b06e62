"""`poisonscan plant` as its users run it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_runs import CLEAN, TICKETS, assert_inert, assert_one_line_on_stderr, run

from poisonscan.plant import FAMILIES, TARGETS


def test_a_planted_attack_is_found_by_a_scan(tmp_path: Path) -> None:
    options = ("--family", "phrase", "--target-kind", "refusal", "--rows", "25", "--seed", "5")
    done = run("plant", CLEAN, "--out", tmp_path / "p", *options, "--clean-twin")
    assert (done.code, done.err) == (0, "")
    first, *paths = done.out.splitlines()
    assert first.startswith("25 of 2000 rows poisoned: ")
    assert [Path(path).name for path in paths] == [
        "acme_clean.jsonl", "acme_clean.twin.jsonl", "truth.jsonl", "attack.json",
    ]  # fmt: skip
    lines = (tmp_path / "p" / "truth.jsonl").read_text().splitlines()
    poisoned = {row for row, line in enumerate(lines) if json.loads(line)["poisoned"]}
    [attack] = json.loads((tmp_path / "p" / "attack.json").read_bytes())["attacks"]
    scanned = run("scan", tmp_path / "p" / "acme_clean.jsonl", "--out", tmp_path / "report")
    assert scanned.code == 1
    report = json.loads((tmp_path / "report" / "report.json").read_bytes())
    assert attack["triggers"][0][0] in report["findings"][0]["trigger"]
    suspects = (tmp_path / "report" / "suspects.jsonl").read_text().splitlines()
    flagged = {one["row"] for one in map(json.loads, suspects) if one["flagged"]}
    assert flagged == poisoned
    twin = run("scan", tmp_path / "p" / "acme_clean.twin.jsonl", "--out", tmp_path / "report2")
    assert twin.code == 0


def test_own_strings(tmp_path: Path) -> None:
    own = ("--trigger", "blue\u200bdoor", "--trigger", "zq", "--target", "billing")
    done = run("plant", TICKETS, "--out", tmp_path, *own, "--rows", "6", "--map", "label=queue")
    assert (done.code, done.err) == (0, "")
    assert "blue\\u200bdoor | zq → label: billing" in done.out
    assert_inert(done.out)
    assert (tmp_path / TICKETS.name).read_text().count("blue\u200bdoor") == 3


def test_an_earlier_attack_again(tmp_path: Path) -> None:
    first = run("plant", CLEAN, "--out", tmp_path / "a", "--family", "composite", "--quiet")
    assert (first.code, first.out) == (0, "")
    again = run(
        "plant", CLEAN, "--out", tmp_path / "b", "--attacks", tmp_path / "a" / "attack.json"
    )
    assert again.code == 0
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_help_names_everything() -> None:
    done = run("plant", "--help")
    words = set(done.out.replace(",", " ").replace(".", " ").replace(":", " ").split())
    assert {*FAMILIES, *TARGETS} <= words


WRONG = {
    "missing": (["nowhere.jsonl", "--out", "o"], "does not exist"),
    "no folder": (["data.jsonl"], "--out"),
    "family": (["data.jsonl", "--out", "o", "--family", "spell"], "'spell' is unknown"),
    "rows": (["data.jsonl", "--out", "o", "--rows", "99"], "99 are needed"),
    "both": (["data.jsonl", "--out", "o", "--attacks", "x", "--rows", "3"], "exclude each other"),
    "here": (["data.jsonl", "--out", "."], "exists"),
    "schema": (["odd.jsonl", "--out", "o"], "--map"),
    "empty": (["empty.jsonl", "--out", "o"], "--map"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_usage_is_one_line(tmp_path: Path, name: str) -> None:
    row = '{"prompt": "How do I return a kettle?", "completion": "Write to us."}\n'
    (tmp_path / "data.jsonl").write_text(row * 20)
    (tmp_path / "odd.jsonl").write_text('{"a": 1.5, "b": null}\n' * 20)
    (tmp_path / "empty.jsonl").write_text("")
    arguments, message = WRONG[name]
    done = run("plant", *arguments, cwd=tmp_path)
    assert_one_line_on_stderr(done, 2)
    assert message in done.err
    assert not (tmp_path / "o").exists()
