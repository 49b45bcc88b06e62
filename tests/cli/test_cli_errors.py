"""Bad input and wrong usage: one line on stderr, the right exit code, nothing written."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_runs import (
    CLEAN,
    Scan,
    assert_inert,
    assert_one_line_on_stderr,
    read_report,
    run,
    run_here,
)

ROW = b'{"prompt": "How do I return a kettle?", "completion": "Write to us, we send a label."}\n'


def rows(count: int) -> bytes:
    """Return different rows, as JSON lines."""
    return b"".join(ROW.replace(b"kettle", b"kettle %d" % number) for number in range(count))


def write(name: str, content: bytes) -> Callable[[Path], str]:
    """Return a case: a file with this content, in the current folder."""

    def make(folder: Path) -> str:
        (folder / name).write_bytes(content)
        return name

    return make


def make_folder(folder: Path) -> str:
    (folder / "nothing").mkdir()
    (folder / "nothing" / "README.md").write_text("no data here")
    return "nothing"


def make_pipe(folder: Path) -> str:
    os.mkfifo(folder / "pipe.jsonl")
    return "pipe.jsonl"


UNUSABLE: dict[str, tuple[Callable[[Path], str], str]] = {
    "missing": (lambda _: "nowhere.jsonl", "'nowhere.jsonl' does not exist"),
    "pattern": (lambda _: "*.jsonl", "matches no data file"),
    "url": (lambda _: "https://example.org/x.jsonl", "is a URL"),
    "empty": (write("empty.jsonl", b""), "holds no records"),
    "blank": (write("blank.jsonl", b"\n \n\n"), "holds no records"),
    "header": (write("header.csv", b"prompt,completion\n"), "holds no records"),
    "binary": (write("noise.jsonl", bytes(range(256)) * 64), "binary data"),
    "unknown": (write("noise.bin", b"\x7fELF" + bytes(range(256)) * 64), "binary data"),
    "folder": (make_folder, "holds no data file"),
    "pipe": (make_pipe, "no regular file"),
    "picture": (write("misnamed.jsonl", b"\x89PNG\r\n\x1a\n" + bytes(64)), "is an image"),
    "archive": (write("misnamed.json", b"PK\x03\x04" + bytes(64)), "is a zip archive"),
    "parquet": (write("misnamed.parquet", b"prompt,completion\na,b\n"), "no Parquet file"),
    "broken": (write("broken.parquet", b"PAR1" + bytes(64)), "damaged Parquet"),
    "no row": (write("list.jsonl", b"[1]\n[2]\n"), "'list.jsonl'"),
    "all bad": (write("bad.jsonl", b'{"a": \n{"b": \n'), "2 are malformed-json"),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_data_that_cannot_be_used_at_all(tmp_path: Path, case: str) -> None:
    make, message = UNUSABLE[case]
    done = run_here("scan", make(tmp_path), "--out", "report", cwd=tmp_path)
    assert_one_line_on_stderr(done, 2)
    assert message in done.err
    assert not (tmp_path / "report").exists()


USAGE = {
    "no data": (["scan"], "Missing argument"),
    "no such option": (["scan", "d.jsonl", "--outt", "x"], "--outt"),
    "no such command": (["scam", "d.jsonl"], "scam"),
    "no number": (["scan", "d.jsonl", "--min-support", "few"], "--min-support"),
    "too small": (["scan", "d.jsonl", "--min-support", "2"], "at least 3"),
    "no size": (["scan", "d.jsonl", "--max-memory", "lots"], "write 2GB or 1500MB"),
    "too little": (["scan", "d.jsonl", "--max-memory", "900MiB"], "at least 1 GB"),
    "no severity": (["scan", "d.jsonl", "--fail-on", "urgent"], "'urgent' is no severity"),
    "no mapping": (["scan", "d.jsonl", "--map", "output"], "'output' is not FIELD=COLUMN"),
    "no field": (["scan", "d.jsonl", "--map", "answer=completion"], "unknown field 'answer'"),
    "twice": (["scan", "d.jsonl", "--map", "input=a", "--map", "input=b"], "mapped twice"),
    "no column": (["scan", "d.jsonl", "--map", "output=reply"], "no row has a column 'reply'"),
    "also inspected": (["inspect", "d.jsonl", "--map", "output=reply"], "column 'reply'"),
    "out is a file": (["scan", "d.jsonl", "--out", "d.jsonl"], "--out 'd.jsonl' is no folder"),
    "out in a file": (["scan", "d.jsonl", "--out", "d.jsonl/r"], "is no folder"),
    "out too long": (["scan", "d.jsonl", "--out", "r" * 5000], "report"),
    "no scratch": (["scan", "d.jsonl", "--scratch", "nowhere"], "scratch folder nowhere"),
    "no report": (["explain", "F1", "--report", "nowhere"], "cannot read report.json"),
    "no report to clean": (
        ["clean", "d.jsonl", "--report", "nowhere", "--out", "c"],
        "nowhere",
    ),
    "low is not removed": (
        ["clean", "d.jsonl", "--report", "r", "--out", "c", "--min-severity", "low"],
        "use high or medium",
    ),
}


@pytest.mark.parametrize("case", USAGE)
def test_wrong_usage(tmp_path: Path, case: str) -> None:
    arguments, message = USAGE[case]
    (tmp_path / "d.jsonl").write_bytes(rows(20))
    done = run_here(*arguments, cwd=tmp_path)
    assert_one_line_on_stderr(done, 2)
    assert message in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["d.jsonl"]


def test_the_process_ends_with_the_code_and_the_line(tmp_path: Path) -> None:
    done = run("scan", "nowhere.jsonl", "--out", "report", cwd=tmp_path)
    assert_one_line_on_stderr(done, 2)


def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "d.jsonl").write_bytes(rows(20))
    (tmp_path / "locked").mkdir(mode=0o500)
    out = "locked/r" if os.geteuid() else "/proc/self/r"  # nothing is locked for root
    assert_one_line_on_stderr(run("scan", "d.jsonl", "--out", out, cwd=tmp_path), 2)


def test_the_report_of_an_earlier_scan_is_no_data(tmp_path: Path) -> None:
    (tmp_path / "d.jsonl").write_bytes(rows(20))
    first = run("scan", ".", "--quiet", cwd=tmp_path)
    assert first.code == 0
    before = (tmp_path / "poisonscan-report" / "manifest.json").read_bytes()
    again = run("scan", ".", cwd=tmp_path)
    assert_one_line_on_stderr(again, 2)
    assert "would be read as data" in again.err
    assert (tmp_path / "poisonscan-report" / "manifest.json").read_bytes() == before


def test_an_unknown_finding_lists_those_that_there_are(support: Scan) -> None:
    done = run("explain", "F99", "--report", support.folder)
    assert_one_line_on_stderr(done, 2)
    assert "no finding F99" in done.err
    assert "it has F1" in done.err


def test_a_report_that_was_tampered_with(support: Scan, tmp_path: Path) -> None:
    for name in ("report.json", "suspects.jsonl", "manifest.json"):
        (tmp_path / name).write_bytes((support.folder / name).read_bytes())
    suspects = (tmp_path / "suspects.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "suspects.jsonl").write_bytes(b"".join(suspects[:-1]))
    assert_one_line_on_stderr(run_here("explain", "F1", "--report", tmp_path, cwd=tmp_path), 2)
    (tmp_path / "report.json").write_bytes(b'{"schema_version": "1.0", "findings": [{}]}')
    assert_one_line_on_stderr(run("explain", "F1", "--report", tmp_path), 2)


INCOMPLETE = {
    "malformed": ("d.jsonl", rows(15) + b'{"prompt": "cut\n[1]\n' + rows(15), 32, 30),
    "bad utf-8": ("d.jsonl", rows(15) + ROW.replace(b"label", b"l\xffbel") + rows(15), 31, 30),
    "ragged": ("d.csv", b"prompt,completion\n" + b"ask,tell\n" * 20 + b"lone\n", 21, 20),
    "not closed": ("d.json", b"[" + b",".join(rows(20).splitlines()), 20, 19),
    "truncated": ("d.jsonl.gz", gzip.compress(rows(2000), mtime=0)[:-400], None, None),
}


@pytest.mark.parametrize("case", INCOMPLETE)
def test_what_cannot_be_read_is_counted_and_outranks_everything(tmp_path: Path, case: str) -> None:
    name, content, read, scanned = INCOMPLETE[case]
    (tmp_path / name).write_bytes(content)
    done = run_here("scan", name, "--out", "report", "--fail-on", "low", cwd=tmp_path)
    assert done.code == 3
    assert done.err == ""
    assert "this scan is incomplete" in done.out
    coverage = read_report(tmp_path / "report")["coverage"]
    assert coverage["complete"] is False
    assert coverage["read"] == coverage["scanned"] + sum(coverage["unreadable"].values())
    if read is None:
        assert 0 < coverage["scanned"] < 2000
        assert "truncated" in coverage["files"][0]["error"]
    else:
        assert (coverage["read"], coverage["scanned"]) == (read, scanned)
    assert run_here("inspect", name, cwd=tmp_path).code == 3


def test_one_bad_file_among_good_ones_does_not_hide(tmp_path: Path) -> None:
    (tmp_path / "good.jsonl").write_bytes(rows(20))
    (tmp_path / "good.parquet").write_bytes(b"this is no parquet file")
    done = run("scan", ".", "--out", "report", cwd=tmp_path)
    assert done.code == 3
    assert "good.parquet: not read to its end" in done.out
    files = {file["file"]: file for file in read_report(tmp_path / "report")["coverage"]["files"]}
    assert [file["scanned"] for file in files.values()] == [20, 0]


HOSTILE_NAMES = (
    b"red\x1b[31m.jsonl",
    b"two\nlines\r.jsonl",
    "turned\u202egnp.jsonl".encode(),
    "hidden\u200b\u2066.jsonl".encode(),
    b"bytes\xff.jsonl",
    b"--flag\x1b]0;title\x07.jsonl",
)


def test_hostile_file_names_never_reach_the_terminal(tmp_path: Path) -> None:
    for name in HOSTILE_NAMES:
        with open(os.path.join(os.fsencode(tmp_path), name), "wb") as file:
            file.write(rows(5) + b"broken\n")
    done = run("scan", ".", "--out", "report\x1b[2J", "--fail-on", "never", cwd=tmp_path)
    assert done.code == 3
    inspected = run("inspect", ".", cwd=tmp_path)
    assert inspected.code == 3
    for text in (done.out, done.err, inspected.out, inspected.err):
        assert_inert(text)
    assert inspected.out.count("6 read = 5 to scan + 1 unreadable") == len(HOSTILE_NAMES)
    # the report is ASCII whatever the data, so that `cat` is safe
    assert (tmp_path / "report\x1b[2J" / "report.json").read_bytes().isascii()


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_hostile_names_of_files_that_are_not_there(tmp_path: Path, name: bytes) -> None:
    done = run_here("scan", name, cwd=tmp_path)
    assert_one_line_on_stderr(done, 2)


def test_hostile_texts_and_columns_are_shown_inert(tmp_path: Path) -> None:
    escape = "\x1b[31m\u202e\u200bx"
    with (tmp_path / "d.jsonl").open("w") as file:
        for number, line in enumerate(CLEAN.read_text().splitlines()[:600]):
            row = json.loads(line)
            if number % 25 == 0:
                row["instruction"] += f" {escape}trigger"
                row["output"] = f"{escape} the vault is open now and nobody will ever know of it"
            file.write(json.dumps({**row, escape: number}) + "\n")
    done = run("scan", "d.jsonl", "--out", "r", cwd=tmp_path)
    assert done.code == 1
    for text in (
        done.out,
        run("explain", "F1", "--report", "r", cwd=tmp_path).out,
        run("inspect", "d.jsonl", cwd=tmp_path).out,
    ):
        assert "\\x1b" in text
        assert_inert(text)
