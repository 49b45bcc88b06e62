"""`inspect`, `explain` and the help: what is shown, how wide, with which exit code."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from cli_runs import (
    SAMPLES,
    TIMEOUT_S,
    Scan,
    assert_inert,
    command,
    environment,
    read_report,
    run,
)

from poisonscan import __version__
from poisonscan.findings.meaning import EVIDENCE_MEANING


def test_explain_shows_counts_evidence_rows_and_controls(support: Scan) -> None:
    done = run("explain", "F1", "--report", support.folder)
    assert (done.code, done.err) == (0, "")
    finding = read_report(support.folder)["findings"][0]
    for name in finding["evidence"]:
        assert name in done.out
        assert EVIDENCE_MEANING[name].split()[0] in done.out
    assert "45 of 45 rows with the trigger show the target" in done.out
    for excerpt in [*finding["examples"], *finding["controls"]]:
        assert re.search(rf"row +{excerpt['row']} of ", done.out)
    assert_inert(done.out)


def test_explain_looks_into_the_default_folder(support: Scan, tmp_path: Path) -> None:
    (tmp_path / "poisonscan-report").symlink_to(support.folder)
    assert run("explain", "F1", cwd=tmp_path).code == 0


def test_inspect_shows_what_would_be_read() -> None:
    names = ["acme_support.jsonl", "acme_tickets.csv", "acme_clean.jsonl"]
    done = run("inspect", *names, cwd=SAMPLES)
    assert (done.code, done.err) == (0, "")
    assert max(map(len, done.out.splitlines())) <= 80
    parts = done.out.split("\n\n")
    positions = [done.out.index(name) for name in names]
    assert positions == sorted(positions)
    assert re.search(r"container +jsonl, 1,405,022 bytes", done.out)
    assert re.search(r"messages +conversation +list +3,000 +0\n", done.out)
    assert re.search(r"output +output +string +2,000 +0\n", done.out)
    assert "3,000 read = 3,000 to scan + 0 unreadable" in done.out
    # nothing says which column of the tickets is the label
    assert "--map label=COLUMN" in done.out
    assert parts[-1] == "3 files, 6,500 of 6,500 rows to scan\n"


def test_inspect_shows_trouble_and_where(tmp_path: Path) -> None:
    rows = [
        b'{"prompt": "a", "completion": "b"}',
        b"{broken",
        b'{"prompt": "a", "prompt": "hidden", "completion": "b"}',
        b'{"prompt": "a", "completion": "b", "late": {"text": "c"}}',
    ]
    (tmp_path / "d.jsonl").write_bytes(b"\n".join(rows))
    done = run("inspect", "d.jsonl", cwd=tmp_path)
    assert (done.code, done.err) == (3, "")
    assert "4 read = 3 to scan + 1 unreadable (1 malformed-json)" in done.out
    assert "row 1: malformed-json" in done.out
    assert "duplicate-key in 1 rows: 2" in done.out
    assert re.search(r"late +other +object +1 +3\n", done.out)
    assert "1 cannot be read completely" in done.out


def test_inspect_cuts_what_is_too_much(tmp_path: Path) -> None:
    wide = {f"column {number}": "text" for number in range(300)}
    wide["x" * 5000] = "y" * 100_000
    (tmp_path / "wide.jsonl").write_text(json.dumps(wide) + "\n")
    done = run("inspect", "wide.jsonl", cwd=tmp_path)
    assert done.code == 0
    assert "more columns" in done.out
    assert len(done.out) < 10_000


@pytest.mark.parametrize("arguments", [["--help"], ["scan", "--help"], ["clean", "--help"]])
def test_help(arguments: list[str]) -> None:
    done = run(*arguments)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Usage: poisonscan ")
    assert max(map(len, done.out.splitlines())) <= 80


def test_without_a_command_help_is_shown_and_nothing_was_done() -> None:
    done = run()
    assert done.code == 2
    assert "Exit codes: 0 nothing at or above" in done.out


def test_version() -> None:
    assert run("--version").out == f"poisonscan {__version__}\n"


def scan_before_a_terminal(folder: Path, *options: str) -> str:
    """Return what a scan writes to stderr where that is a terminal."""
    (folder / "few.jsonl").write_text('{"prompt": "a", "completion": "b"}\n' * 9)
    ours, theirs = os.openpty()
    done = subprocess.run(
        command("scan", "few.jsonl", "--out", "r", *options),
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        env=environment(TERM="xterm"),
        timeout=TIMEOUT_S,
        check=False,
    )
    os.close(theirs)
    assert done.returncode == 0
    shown = b""
    with contextlib.suppress(OSError):  # how Linux says that the other end is closed
        while block := os.read(ours, 65536):
            shown += block
    os.close(ours)
    return shown.decode()


def test_progress_is_shown_to_whoever_watches(tmp_path: Path) -> None:
    shown = scan_before_a_terminal(tmp_path)
    assert re.search(
        r"(starting|reading|counting|proposing|screening|comparing|looking|describing)[^\n]*\x1b\[2K",
        shown,
    )  # gone at the end
    assert re.search(r"\r?\n?0\.0 MB in \d+ s\r\n$", shown)


def test_a_quiet_scan_shows_no_progress(tmp_path: Path) -> None:
    assert scan_before_a_terminal(tmp_path, "--quiet") == ""
