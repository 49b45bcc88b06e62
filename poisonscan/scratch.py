"""Which scratch folders are in use, for whoever has to end the process at once."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: Of this process, whatever thread made them.
_IN_USE: set[Path] = set()

#: How often a folder is removed in which a thread still makes files, and the pause between.
_TRIES, _PAUSE_S = 20, 0.01


@contextmanager
def in_use(folder: Path) -> Iterator[None]:
    """Have a folder removed by `remove_all` in this context; its owner removes it otherwise."""
    _IN_USE.add(folder)
    try:
        yield
    finally:
        _IN_USE.discard(folder)


def remove_all() -> None:
    """Remove all folders that are in use, with threads at work in them: the process ends next."""
    for folder in list(_IN_USE):
        for _ in range(_TRIES):
            shutil.rmtree(folder, ignore_errors=True)
            if not folder.exists():
                break
            time.sleep(_PAUSE_S)
