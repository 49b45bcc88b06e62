"""A command as a process of its own: seconds, CPU seconds, peak memory.

What a child reports as its peak memory begins with what its parent had. So a small process stands
between, this file as a script, and reports what its only child took.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_PAUSE = 0.05
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


@dataclass(frozen=True)
class Cost:
    """What a command took.

    Attributes
    ----------
    wall_s, cpu_s
        Seconds; those of the CPU are of the process and all that it waited for.
    peak_mib
        Resident memory of the largest single process.
    tree_mib
        Largest sum over the process and its children, looked at every 50 ms; what processes share
        counts for each. 0 where the system does not tell.
    """

    wall_s: float
    cpu_s: float
    peak_mib: float
    tree_mib: float


def run(command: Sequence[str], *, codes: Sequence[int] = (0,)) -> tuple[Cost, str]:
    """Run a command; return what it took and what it printed.

    Raises
    ------
    RuntimeError
        It ended with a code that is not among `codes`.
    """
    with tempfile.TemporaryFile() as errors, tempfile.TemporaryFile() as usage:
        between = [sys.executable, "-S", __file__, str(usage.fileno())]
        process = subprocess.Popen(
            [*between, *command],
            stdout=subprocess.PIPE,
            stderr=errors,
            pass_fds=[usage.fileno()],
            env=_environment(),
        )
        watcher = _Watcher(process.pid)
        watcher.start()
        printed = process.communicate()[0]
        watcher.stop()
        errors.seek(0)
        usage.seek(0)
        last = errors.read().decode(errors="replace").strip().splitlines()[-1:]
        if process.returncode not in codes:
            raise RuntimeError(
                f"{' '.join(command)}: exit code {process.returncode} {''.join(last)}"
            )
        wall_s, cpu_s, peak_mib = json.loads(usage.read())
    return Cost(wall_s, cpu_s, peak_mib, watcher.peak_mib), printed.decode()


def _stand_between(descriptor: int, command: Sequence[str]) -> int:
    """Run a command and write what it took; return its exit code."""
    started = time.perf_counter()
    code = subprocess.run(command, check=False).returncode
    wall = time.perf_counter() - started
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10  # bytes there, KiB elsewhere
    figures = [wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit]
    os.write(descriptor, json.dumps(figures).encode())
    return code


def _environment() -> dict[str, str]:
    here = str(Path(__file__).resolve().parents[1])
    path = os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path, "HF_HUB_OFFLINE": "1"}


class _Watcher(threading.Thread):
    """Adds up the memory of a process and its children again and again."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._ended = threading.Event()
        self.peak_mib = 0.0

    def run(self) -> None:
        while not self._ended.wait(_PAUSE):
            pages = sum(map(_tree_pages, _children(self._pid)))
            self.peak_mib = max(self.peak_mib, pages * _PAGE / (1 << 20))

    def stop(self) -> None:
        self._ended.set()
        self.join()


def _tree_pages(pid: int) -> int:
    """Return the resident pages of a process and all below it (Linux; elsewhere 0)."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages + sum(map(_tree_pages, _children(pid)))


def _children(pid: int) -> set[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return {int(one) for task in tasks for one in (task / "children").read_text().split()}
    except OSError:
        return set()


if __name__ == "__main__":
    sys.exit(_stand_between(int(sys.argv[1]), sys.argv[2:]))
