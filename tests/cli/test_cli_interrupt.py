"""A scan that is stopped, or whose reader goes away: no output, no scratch files, no noise."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_runs import SUPPORT, TIMEOUT_S, Run, Scan, assert_one_line_on_stderr, command, environment

ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="tells what a process has mapped")


def reads(scan: subprocess.Popen[bytes], scratch: Path) -> bool:
    """Tell whether a scan has its scratch folder."""
    return scan.poll() is None and bool(list(scratch.iterdir()))


def counts(scan: subprocess.Popen[bytes], scratch: Path) -> bool:
    """Tell whether a scan has read everything: it maps what it has put there."""
    return str(scratch) in Path(f"/proc/{scan.pid}/maps").read_text()


def stop_scan(
    folder: Path, is_there: Callable[[subprocess.Popen[bytes], Path], bool], number: signal.Signals
) -> Run:
    """Start a scan, wait until it is there, send a signal."""
    scratch = folder / "scratch"
    scratch.mkdir()
    scan = subprocess.Popen(
        command("scan", SUPPORT, "--out", folder / "report", "--scratch", scratch),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        # a shell that runs the tests in the background has made children ignore it
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    deadline = time.monotonic() + TIMEOUT_S
    while not is_there(scan, scratch):
        assert scan.poll() is None, "the scan ended before it could be stopped"
        assert time.monotonic() < deadline
        time.sleep(0.005)
    scan.send_signal(number)
    out, err = scan.communicate(timeout=TIMEOUT_S)
    return Run(scan.returncode, out.decode(), err.decode())


@pytest.mark.parametrize("is_there", [reads, pytest.param(counts, marks=ON_LINUX)])
def test_an_interrupted_scan_leaves_nothing(
    tmp_path: Path, is_there: Callable[[subprocess.Popen[bytes], Path], bool]
) -> None:
    done = stop_scan(tmp_path, is_there, signal.SIGINT)
    assert_one_line_on_stderr(done, 130)
    assert "interrupted" in done.err
    assert list((tmp_path / "scratch").iterdir()) == []
    assert not (tmp_path / "report").exists()


#: A scan that comes to a call of compiled code which takes minutes, and cannot be interrupted.
STUCK = """
import hashlib, sys
from poisonscan import cli, engine

def compute(corpus):
    print("stuck", flush=True)
    hashlib.pbkdf2_hmac("sha256", b"", b"", (1 << 31) - 1)

engine.find_closed = compute
sys.exit(cli.main(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    ("number", "code", "said"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "")],
)
def test_compiled_code_does_not_delay_the_end(
    number: signal.Signals, code: int, said: str, tmp_path: Path
) -> None:
    (tmp_path / "scratch").mkdir()
    options = ["--out", tmp_path / "report", "--scratch", tmp_path / "scratch"]
    scan = subprocess.Popen(
        [sys.executable, "-c", STUCK, "scan", SUPPORT, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert scan.stdout is not None
    assert scan.stdout.readline() == b"stuck\n"
    assert len(list((tmp_path / "scratch").iterdir())) == 1
    scan.send_signal(number)
    try:
        _, err = scan.communicate(timeout=60)  # it has two seconds, and the call takes minutes
    finally:
        scan.kill()
    assert scan.returncode == code
    assert err.decode().startswith(f"poisonscan: {said}" if said else "")
    assert err.count(b"\n") == (1 if said else 0)
    assert list((tmp_path / "scratch").iterdir()) == []
    assert not (tmp_path / "report").exists()


@ON_LINUX
def test_a_killed_scan_leaves_no_data(tmp_path: Path) -> None:
    """An empty folder is all."""
    done = stop_scan(tmp_path, counts, signal.SIGKILL)
    assert done.code == -signal.SIGKILL
    assert [path for path in (tmp_path / "scratch").rglob("*") if not path.is_dir()] == []
    assert not (tmp_path / "report").exists()


@ON_LINUX
def test_a_terminated_scan_leaves_nothing(tmp_path: Path) -> None:
    done = stop_scan(tmp_path, counts, signal.SIGTERM)
    assert (done.code, done.out, done.err) == (143, "", "")
    assert list((tmp_path / "scratch").iterdir()) == []
    assert not (tmp_path / "report").exists()


def test_a_reader_that_goes_away_is_no_error(support: Scan) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        command("explain", "F1", "--report", support.folder),
        stdout=write,
        stderr=subprocess.PIPE,
        env=environment(),
        timeout=TIMEOUT_S,
        check=False,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_behind_stdout_is_said(support: Scan) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            command("explain", "F1", "--report", support.folder),
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(),
            timeout=TIMEOUT_S,
            check=False,
        )
    assert_one_line_on_stderr(Run(done.returncode, "", done.stderr.decode()), 2)


def test_a_terminal_that_knows_ascii_only(support: Scan) -> None:
    done = subprocess.run(
        command("explain", "F1", "--report", support.folder),
        capture_output=True,
        env=environment(PYTHONIOENCODING="ascii", PYTHONUTF8="0"),
        timeout=TIMEOUT_S,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.isascii()
    assert b"weather is nice in Geneva" in done.stdout
