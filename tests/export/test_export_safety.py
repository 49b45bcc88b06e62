"""Nothing is overwritten that must not be, and nothing is ever half written."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from export_helpers import finding, lines, rejected, row_of, scan, tree, write

from poisonscan.errors import OutputError
from poisonscan.export import CleanedFile, CleanSummary, clean, cleaning, staging
from poisonscan.export.outputs import OutputFile

ROWS = [row_of(number) for number in range(6)]
CONTENT = b"".join(lines(ROWS))


@pytest.fixture
def data(tmp_path):
    path = write(tmp_path, "data/a.jsonl", CONTENT)
    scan(tmp_path / "report", {path: [1]})
    return tmp_path


def forbid(n_bytes: int) -> None:
    raise AssertionError("data were read, but nothing of them can be written")


def refuse(
    folder: Path, out: Path, match: str = "never overwritten", progress: object = forbid
) -> None:
    before = tree(folder)
    with pytest.raises(OutputError, match=match) as caught:
        clean([folder / "data"], folder / "report", out, progress=progress)
    assert "\n" not in str(caught.value)
    assert tree(folder) == before


def test_folder_of_the_input(data):
    refuse(data, data / "data")


def test_folder_of_the_input_by_another_path(data):
    refuse(data, data / "report/../data")


def test_folder_of_the_input_behind_a_link(data):
    (data / "link").symlink_to(data / "data")
    refuse(data, data / "link")


def test_link_to_the_input(data):
    (data / "out").mkdir()
    (data / "out/a.jsonl").symlink_to(data / "data/a.jsonl")
    refuse(data, data / "out")


def test_hard_link_to_the_input(data):
    (data / "out").mkdir()
    os.link(data / "data/a.jsonl", data / "out/a.jsonl")
    refuse(data, data / "out")


def test_input_that_is_a_link_into_the_output(tmp_path):
    write(tmp_path, "out/a.jsonl", CONTENT)
    (tmp_path / "data").mkdir()
    (tmp_path / "data/a.jsonl").symlink_to(tmp_path / "out/a.jsonl")
    scan(tmp_path / "report", {tmp_path / "data/a.jsonl": [1]})
    refuse(tmp_path, tmp_path / "out")


@pytest.mark.parametrize("name", ["rejected.jsonl", "summary.json", "Rejected.JSONL"])
def test_input_with_a_name_of_ours(tmp_path, name):
    path = write(tmp_path, f"data/{name}", CONTENT)
    scan(tmp_path / "report", {path: [1]})
    refuse(tmp_path, tmp_path / "out", "rename it")


def test_result_of_ours_that_is_a_link_to_the_input(data):
    (data / "out").mkdir()
    (data / "out/rejected.jsonl").symlink_to(data / "data/a.jsonl")
    refuse(data, data / "out")


@pytest.mark.parametrize("name", ["report.json", "suspects.jsonl"])
def test_files_of_the_report(tmp_path, name):
    path = write(tmp_path, f"data/{name}", CONTENT)
    scan(tmp_path / "report", {path: [1]})
    refuse(tmp_path, tmp_path / "report")


def test_file_of_the_report_that_was_deleted(tmp_path):
    path = write(tmp_path, "data/report.html", CONTENT)
    report = scan(tmp_path / "report", {path: [1]})
    (report / "report.html").unlink()
    with pytest.raises(OutputError, match="never overwritten"):
        clean([path], report, report)


def test_folder_of_the_report_is_fine_where_no_name_collides(data):
    before = tree(data / "report")
    clean([data / "data"], data / "report", data / "report")
    after = tree(data / "report")
    assert {name: after[name] for name in before} == before
    assert set(after) - set(before) == {"a.jsonl", "rejected.jsonl", "summary.json"}


def test_output_that_is_a_file(data):
    write(data, "out", b"x")
    refuse(data, data / "out", "cannot write")
    refuse(data, data / "out/below", "cannot write")


def test_output_that_is_no_path(data):
    refuse(data, data / "a\0b", "cannot write")


def test_folder_in_the_place_of_an_output(data):
    write(data, "out/a.jsonl/x", b"x")
    refuse(data, data / "out", "is a folder")


def test_folder_that_cannot_be_written(data, monkeypatch):
    def deny(**_):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(staging.tempfile, "mkdtemp", deny)
    refuse(data, data / "new/out", "Permission denied")


@pytest.mark.parametrize("after", [0, 2])
def test_full_disk(data, monkeypatch, after):
    calls = []
    real = OutputFile._store

    def fail(self, content):
        calls.append(content)
        if len(calls) > after:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(self, content)

    monkeypatch.setattr(OutputFile, "_store", fail)
    refuse(data, data / "out", "No space left", None)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_really_full_disk(data, monkeypatch):
    import pyarrow as pa
    from export_helpers import write_parquet

    path = write_parquet(data / "data/b.parquet", pa.table({"text": ["a", "b"]}))
    scan(data / "report", {data / "data/a.jsonl": [0], path: [0]})
    monkeypatch.setattr("builtins.open", lambda path, mode, **options: _open_full())
    monkeypatch.setattr(cleaning, "digest", lambda source: "")
    before = sorted(str(path) for path in data.rglob("*"))
    with pytest.raises(OutputError, match="No space left"):
        clean([data / "data"], data / "report", data / "out")
    assert sorted(str(path) for path in data.rglob("*")) == before


def _open_full():
    return os.fdopen(os.open("/dev/full", os.O_WRONLY), "wb", buffering=0)


def test_partial_writes_are_completed(tmp_path, monkeypatch):
    with OutputFile(tmp_path / "x") as out:
        real = out._file

        class Slow:
            def write(self, content):
                return real.write(bytes(content)[:3])

            def __getattr__(self, name):
                return getattr(real, name)

            def __enter__(self):
                return self

            def __exit__(self, *error):
                real.close()

        out._file = Slow()
        out.write(b"0123456789")
    assert (tmp_path / "x").read_bytes() == b"0123456789"


def test_interrupt_leaves_nothing(data):
    def interrupt(n_bytes):
        raise KeyboardInterrupt

    before = tree(data)
    with pytest.raises(KeyboardInterrupt):
        clean([data / "data"], data / "report", data / "new/out", progress=interrupt)
    assert tree(data) == before
    assert not (data / "new").exists()


def test_older_results_are_replaced(data):
    clean([data / "data"], data / "report", data / "out")
    scan(data / "report", {data / "data/a.jsonl": [2, 3]})
    clean([data / "data"], data / "report", data / "out")
    assert [entry["row"] for entry in rejected(data / "out")] == [2, 3]
    assert sorted(tree(data / "out")) == ["a.jsonl", "rejected.jsonl", "summary.json"]


@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("failing", [1, 2, 3, 4])
def test_failure_between_two_moves_brings_the_older_results_back(
    tmp_path, monkeypatch, failing, links
):
    paths = [write(tmp_path, f"data/{name}/x.jsonl", CONTENT) for name in "ab"]
    scan(tmp_path / "report", {paths[0]: [0], paths[1]: [0]})
    clean([tmp_path / "data"], tmp_path / "report", tmp_path / "out")
    (tmp_path / "out/b/x.jsonl").unlink()
    (tmp_path / "out/b").rmdir()
    before = tree(tmp_path / "out")
    scan(tmp_path / "report", {paths[0]: [1, 2], paths[1]: [1, 2]})
    real, moves = os.replace, []

    def fail(old, new):
        if str(old).endswith(".new"):
            moves.append(new)
            # its presence says that the set is complete
            assert not (tmp_path / "out/summary.json").exists()
            if len(moves) == failing:
                raise OSError(errno.EIO, "Input/output error")
        real(old, new)

    def no_links(*_, **__):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "replace", fail)
    if not links:
        monkeypatch.setattr(os, "link", no_links)
    with pytest.raises(OutputError, match="Input/output error"):
        clean([tmp_path / "data"], tmp_path / "report", tmp_path / "out")
    assert tree(tmp_path / "out") == before
    assert not (tmp_path / "out/b").exists()


def test_protected_file_that_takes_the_place_of_an_output_in_between(data):
    def link(n_bytes):
        os.link(data / "data/a.jsonl", data / "out/a.jsonl")

    with pytest.raises(OutputError, match="never overwritten"):
        clean([data / "data"], data / "report", data / "out", progress=link)
    assert (data / "data/a.jsonl").read_bytes() == CONTENT
    assert sorted(tree(data / "out")) == ["a.jsonl"]


_KILLED = """
import sys, time
from poisonscan.export import clean

def stop(n_bytes):
    print("reading", flush=True)
    time.sleep(60)

clean([sys.argv[1]], sys.argv[2], sys.argv[3], progress=stop)
"""


def test_kill_leaves_the_older_results(tmp_path):
    content = b"".join(lines([row_of(number, "x" * 400) for number in range(9000)]))
    path = write(tmp_path, "data/a.jsonl", content)
    report, out = scan(tmp_path / "report", {path: [1]}), tmp_path / "out"
    clean([path], report, out)
    before = tree(out)
    scan(tmp_path / "report", {path: range(100)})
    command = [sys.executable, "-c", _KILLED, str(path), str(report), str(out)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"reading\n"
        process.send_signal(signal.SIGKILL)
        process.wait()
    after = tree(out)
    assert {name: after[name] for name in before} == before
    left = set(after) - set(before)
    assert left
    assert all(name.startswith(staging.PREFIX) for name in left)
    assert clean([path], report, out).flagged == 100


def test_numbers_that_do_not_add_up_are_no_summary():
    numbers = {"read": 10, "kept": 8, "flagged": 1, "unreadable": {}}
    names = dict.fromkeys(("file", "output", "container", "input_sha256", "sha256"), "x")
    with pytest.raises(OutputError, match="8 kept and 1 rejected"):
        CleanedFile(**names, **numbers, size=1)
    file = CleanedFile(**names, **{**numbers, "flagged": 2}, size=1)
    with pytest.raises(OutputError, match="1 rejected rows were written"):
        CleanSummary(Path("x"), (file,), 1, "", "", "medium", True)


def test_lost_row_is_noticed(data, monkeypatch):
    monkeypatch.setattr(cleaning.Rejects, "add_flagged", lambda *_: None)
    refuse(data, data / "out", "rejected rows", None)


def test_summary(tmp_path):
    a = write(tmp_path, "data/a.jsonl", CONTENT + b"broken\n")
    b = write(tmp_path, "data/sub/a.jsonl", CONTENT)
    report = scan(tmp_path / "report", {a: [0, 5], b: [2]}, findings=(finding(), finding("F2")))
    summary = clean([b, a], report, tmp_path / "out")
    plain = json.loads((tmp_path / "out/summary.json").read_bytes())
    assert plain["totals"] == {
        "read": 13,
        "kept": 9,
        "rejected": 4,
        "flagged": 3,
        "unreadable": 1,
    }
    assert [file["output"] for file in plain["files"]] == ["a.jsonl", "sub/a.jsonl"]
    assert plain["files"][0]["unreadable"] == {"malformed-json": 1}
    manifest = json.loads((report / "manifest.json").read_bytes())
    assert plain["report_sha256"] == manifest["outputs"]["report.json"]
    assert [file["input_sha256"] for file in plain["files"]] == [
        file["sha256"] for file in manifest["inputs"]
    ]
    assert summary.describe().startswith(
        "kept 9 of 13 rows in 2 files; rejected 4: 3 flagged, 1 unreadable"
    )
