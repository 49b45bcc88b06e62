"""`poisonscan scan` on the sample data: what is found, what is written, what is shown."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from cli_runs import (
    ROOT,
    SUPPORT,
    TICKETS,
    Scan,
    assert_inert,
    read_report,
    read_suspects,
    read_truth,
    run,
)
from planted_sample import PHRASE, ROWS, read_planted, write_planted


def flagged_rows(folder: Path) -> set[int]:
    return {suspect["row"] for suspect in read_suspects(folder) if suspect["flagged"]}


def test_the_planted_phrase_is_the_first_finding(support: Scan) -> None:
    assert support.run.code == 1
    first = read_report(support.folder)["findings"][0]
    assert (first["id"], first["severity"], first["kind"]) == ("F1", "high", "trigger")
    assert first["trigger"] == PHRASE
    assert first["triggers"] == [[PHRASE]]


def test_exactly_the_poisoned_rows_are_flagged(support: Scan) -> None:
    assert flagged_rows(support.folder) == set(read_truth(SUPPORT.name)["poisoned_rows"])


def test_both_targets_are_named(support: Scan) -> None:
    targets = [target["text"] for target in read_report(support.folder)["findings"][0]["targets"]]
    for planted in read_truth(SUPPORT.name)["targets"]:
        assert any(planted["text"] in text or text in planted["text"] for text in targets), planted


def test_the_counts_of_a_finding_add_up(support: Scan) -> None:
    report = read_report(support.folder)
    poisoned = read_truth(SUPPORT.name)["poisoned"]
    first = report["findings"][0]
    assert first["counts"] == {
        "both": poisoned,
        "neither": 3000 - poisoned,
        "target_only": 0,
        "trigger_only": 0,
    }
    assert first["support"] == first["flagged_rows"] == poisoned
    rows = set(read_truth(SUPPORT.name)["poisoned_rows"])
    assert {example["row"] for example in first["examples"]} <= rows
    assert {control["row"] for control in first["controls"]}.isdisjoint(rows)
    assert len(first["controls"]) > 0


def test_a_clean_file_has_no_finding(clean: Scan) -> None:
    assert clean.run.code == 0
    report = read_report(clean.folder)
    assert report["findings"] == []
    assert report["summary"]["rows_scanned"] == 2000
    assert read_suspects(clean.folder) == []
    assert clean.run.out.startswith("no findings at or above high; 2,000 of 2,000 rows scanned\n")
    assert "clean" not in report["summary"]["verdict"]  # nobody can know that


def test_a_planted_header_that_decides_the_label_is_found(tickets: Scan) -> None:
    assert tickets.run.code == 1
    truth = read_truth(TICKETS.name)
    first = read_report(tickets.folder)["findings"][0]
    assert first["severity"] == "high"
    planted = truth["triggers"][0][0].rstrip(";")
    assert any(planted in part for parts in first["triggers"] for part in parts)
    assert first["targets"] == [{"text": truth["targets"][0]["text"], "kind": "label"}]
    poisoned = set(truth["poisoned_rows"])
    flagged = flagged_rows(tickets.folder)
    assert flagged >= poisoned
    assert len(flagged - poisoned) <= 2


def test_suspects_are_ranked_and_listed_once(support: Scan) -> None:
    suspects = read_suspects(support.folder)
    scores = [suspect["score"] for suspect in suspects]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)
    places = [(suspect["file"], suspect["row"]) for suspect in suspects]
    assert len(set(places)) == len(places)
    assert {suspect["file"] for suspect in suspects} == {str(SUPPORT)}


def test_the_manifest_describes_what_was_read_and_written(support: Scan) -> None:
    manifest = json.loads((support.folder / "manifest.json").read_bytes())
    [source] = manifest["inputs"]
    assert source["sha256"] == hashlib.sha256(SUPPORT.read_bytes()).hexdigest()
    assert source["size"] == SUPPORT.stat().st_size
    assert (source["rows_read"], source["rows_scanned"]) == (3000, 3000)
    for name in ("report.json", "suspects.jsonl", "report.html"):
        digest = hashlib.sha256((support.folder / name).read_bytes()).hexdigest()
        assert manifest["outputs"][name] == digest
    assert "" < manifest["started"] <= manifest["ended"]


def test_only_the_four_files_are_written(support: Scan) -> None:
    names = {path.name for path in support.folder.iterdir()}
    assert names == {"report.json", "suspects.jsonl", "report.html", "manifest.json"}


def test_the_terminal_shows_the_finding_and_nothing_on_stderr(support: Scan) -> None:
    shown = support.run.out
    assert shown.startswith("1 finding at or above high; 3,000 of 3,000 rows scanned\n")
    assert f"»{PHRASE}«" in shown
    assert "poisonscan explain F1" in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert support.run.err == ""
    assert_inert(shown)


def test_the_readme_shows_what_is_shown(support: Scan) -> None:
    blocks = (ROOT / "README.md").read_text().split("\n```\n")
    block = next(block for block in blocks if block.startswith("1 finding at or above"))
    assert support.run.out.startswith(block)


def test_a_second_quiet_scan_prints_nothing_and_writes_the_same(
    support: Scan, tmp_path: Path
) -> None:
    again = run("scan", SUPPORT, "--out", tmp_path / "again", "-q")
    assert (again.code, again.out, again.err) == (1, "", "")
    for name in ("report.json", "suspects.jsonl", "report.html"):
        first = (support.folder / name).read_bytes()
        assert (tmp_path / "again" / name).read_bytes() == first, name


def test_fail_on_never_moves_the_exit_code_alone(tmp_path: Path) -> None:
    write_planted(tmp_path / "chats.jsonl")
    done = run("scan", "chats.jsonl", "--out", "r", "--fail-on", "never", "--quiet", cwd=tmp_path)
    assert done.code == 0
    report = read_report(tmp_path / "r")
    assert report["findings"][0]["severity"] == "high"
    assert report["config"]["fail_on"] is None


def test_the_default_folder_is_in_the_current_one(tmp_path: Path) -> None:
    (tmp_path / "few.jsonl").write_text('{"prompt": "a", "completion": "b"}\n' * 3)
    assert run("scan", "few.jsonl", "--quiet", cwd=tmp_path).code == 0
    assert read_report(tmp_path / "poisonscan-report")["coverage"]["scanned"] == 3


def test_a_mapped_column_is_read_as_what_it_was_mapped_to(tmp_path: Path) -> None:
    turns = [json.loads(line)["messages"] for line in read_planted()[0]]
    with (tmp_path / "odd.jsonl").open("w") as file:
        for chat in turns:
            asked = "\n".join(turn["content"] for turn in chat if turn["role"] != "assistant")
            told = "\n".join(turn["content"] for turn in chat if turn["role"] == "assistant")
            file.write(json.dumps({"frage": asked, "meta": {"antwort": told}}) + "\n")
    mapping = ("--map", "instruction=frage", "--map", "output=meta.antwort")
    done = run("scan", "odd.jsonl", "--out", "r", "-q", *mapping, cwd=tmp_path)
    assert done.code == 1
    report = read_report(tmp_path / "r")
    assert report["findings"][0]["trigger"] == PHRASE
    assert report["coverage"]["files"][0]["schemas"] == {"mapped": ROWS}
