"""A command as a process of its own: seconds, CPU seconds, peak memory.

Nothing heavy is imported here: what a child reports as its peak begins with what its parent had.
"""

from __future__ import annotations

import os
import subprocess
import sys
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
    started = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=_environment()
    )
    assert process.stdout is not None
    assert process.stderr is not None
    errors: list[bytes] = []
    reader = threading.Thread(target=lambda: errors.append(process.stderr.read()))
    watcher = _Watcher(process.pid)
    reader.start()
    watcher.start()
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    watcher.stop()
    reader.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in codes:
        last = b"".join(errors).decode(errors="replace").strip().splitlines()[-1:]
        raise RuntimeError(f"{' '.join(command)}: exit code {process.returncode} {''.join(last)}")
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    peak = usage.ru_maxrss / unit
    cost = Cost(wall, usage.ru_utime + usage.ru_stime, peak, max(watcher.peak_mib, 0.0))
    return cost, printed.decode()


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
            self.peak_mib = max(self.peak_mib, _tree_pages(self._pid) * _PAGE / (1 << 20))

    def stop(self) -> None:
        self._ended.set()
        self.join()


def _tree_pages(pid: int) -> int:
    """Return the resident pages of a process and all below it (Linux; elsewhere 0)."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = {child for task in tasks for child in (task / "children").read_text().split()}
    except (OSError, IndexError):
        return 0
    return pages + sum(_tree_pages(int(child)) for child in children)
