"""The command line as its users run it: another process, its three outputs, its exit code."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from poisonscan import cli

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "sample_data"
SUPPORT = SAMPLES / "acme_support.jsonl"
CLEAN = SAMPLES / "acme_clean.jsonl"
TICKETS = SAMPLES / "acme_tickets.csv"

#: Long enough for a slow machine that compiles the kernels first.
TIMEOUT_S = 300


@dataclass(frozen=True, slots=True)
class Run:
    """How a command ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Scan:
    """A finished scan and the folder that it wrote."""

    folder: Path
    run: Run


def environment(**extra: str) -> dict[str, str]:
    """Return an environment in which poisonscan is found from any folder."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    return {**os.environ, "PYTHONPATH": path, "COLUMNS": "80", **extra}


def command(*arguments: str | bytes | Path) -> list[str | bytes | Path]:
    """Return the command line of poisonscan."""
    return [sys.executable, "-m", "poisonscan", *arguments]


def run(*arguments: str | bytes | Path, cwd: Path | None = None, **extra: str) -> Run:
    """Run poisonscan to its end."""
    done = subprocess.run(
        command(*arguments),
        capture_output=True,
        cwd=cwd,
        env=environment(**extra),
        stdin=subprocess.DEVNULL,
        timeout=TIMEOUT_S,
        check=False,
    )
    return Run(done.returncode, done.stdout.decode(), done.stderr.decode())


def run_here(*arguments: str | bytes | Path, cwd: Path) -> Run:
    """Do the same in this process, which is a hundred times as quick where nothing is scanned."""
    given = [os.fsdecode(argument) for argument in arguments]
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    before, handler = os.getcwd(), signal.getsignal(signal.SIGTERM)
    os.chdir(cwd)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = cli.main(given)
    finally:
        os.chdir(before)
        signal.signal(signal.SIGTERM, handler)
    printed, said = (file.buffer.getvalue().decode() for file in (out, err))
    return Run(code, printed, said)


def read_report(folder: Path) -> dict[str, Any]:
    """Return `report.json` as any JSON reader sees it."""
    report: dict[str, Any] = json.loads((folder / "report.json").read_bytes())
    return report


def read_suspects(folder: Path) -> list[dict[str, Any]]:
    """Return the lines of `suspects.jsonl`."""
    return [json.loads(line) for line in (folder / "suspects.jsonl").read_bytes().splitlines()]


def read_truth(name: str) -> dict[str, Any]:
    """Return what was planted in a sample file."""
    truth: dict[str, Any] = json.loads((SAMPLES / "truth.json").read_bytes())
    planted: dict[str, Any] = truth["files"][name]
    return planted


def assert_one_line_on_stderr(done: Run, code: int) -> None:
    """Check that a command failed as a tool fails, not as a program crashes."""
    assert done.code == code, done
    assert done.err.startswith("poisonscan: ")
    assert done.err.count("\n") == 1
    assert done.err.endswith("\n")
    assert "Traceback" not in done.err
    assert done.out == ""
    assert_inert(done.err)


def assert_inert(text: str) -> None:
    """Check that a terminal shows a text as it is: nothing acts, nothing hides."""
    acting = {
        f"U+{ord(character):04X}"
        for character in text
        if character != "\n" and unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    }
    assert acting == set()
