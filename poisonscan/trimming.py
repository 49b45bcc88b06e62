"""Memory that is only borrowed: what is mapped from the scratch folder, given back now and then.

Mapped pages count as memory of the process until the system needs them elsewhere. Who looks at the
process, or limits it, cannot tell them from its own.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

#: Bytes above which mapped pages are given back, where the scan has no other limit.
USUAL_BYTES = 1 << 30

#: Mapped bytes that are not worth the trouble; seconds between two looks.
_LEAST_BYTES = 256 << 20
_PAUSE_S = 0.03

_STATM = Path("/proc/self/statm")


@contextmanager
def trimming(give_back: Callable[[], object], most_bytes: int) -> Iterator[None]:
    """Call `give_back` in this context whenever the process has too much of what is mapped.

    Parameters
    ----------
    give_back
        Called by another thread, with all others at work.
    most_bytes
        Memory up to which there is no need to.
    """
    if not _STATM.exists():  # systems that do not tell are left to themselves
        yield
        return
    is_over = Event()

    def watch() -> None:
        while not is_over.wait(_PAUSE_S):
            resident, mapped = _memory()
            if mapped > _LEAST_BYTES and resident > most_bytes:
                give_back()

    watcher = Thread(target=watch, name="poisonscan-trimming", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        is_over.set()
        watcher.join()


def _memory() -> tuple[int, int]:
    """Return the bytes that are resident, and how many of them are pages of files."""
    _, resident, mapped, *_ = _STATM.read_text().split()
    page = os.sysconf("SC_PAGE_SIZE")
    return int(resident) * page, int(mapped) * page
