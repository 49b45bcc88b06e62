"""Where compiled kernels are kept when numba knows no place for them.

numba keeps them beside the code, or else in the user's cache folder. In a container that may write
to neither it refuses to compile at all.
"""

from __future__ import annotations

import atexit
import os
import shutil
import stat
import tempfile
from pathlib import Path

from numba import config, njit


def choose_cache_folder() -> None:
    """Let numba use a folder for temporary files where it finds no other."""
    try:
        njit(cache=True)(_nothing)  # looks for a place, compiles nothing
    except RuntimeError:
        config.CACHE_DIR = _private_folder()  # type: ignore[attr-defined] # made at run time


def forget_stale_kernels() -> None:
    """Remove what was compiled from other sources than these.

    numba looks at the file of a kernel alone, not at those of the kernels that it calls, which are
    compiled into it: after an update some would go on as they were, and read new tables wrongly.
    """
    if config.DISABLE_JIT:  # type: ignore[attr-defined] # made at run time
        return
    sources = sorted(Path(__file__).parent.glob("*.py"))
    known = [(file.name, file.stat().st_mtime_ns, file.stat().st_size) for file in sources]
    folder = Path(str(njit(cache=True)(_nothing).stats.cache_path))  # wherever numba keeps them
    stamp, new = folder / "sources.stamp", folder / f"sources.{os.getpid()}"
    try:
        if stamp.is_file() and stamp.read_text("utf-8") == repr(known):
            return
        folder.mkdir(parents=True, exist_ok=True)
        for index in folder.glob("*.nbi"):
            index.unlink(missing_ok=True)
        new.write_text(repr(known), "utf-8")
        new.replace(stamp)  # other processes read all of it or nothing
    except OSError:  # numba cannot write there, either: it keeps no index that could be stale
        return


def _nothing() -> None:
    pass


def _private_folder() -> str:
    """Return a folder that only this user can write to: code is loaded from it.

    The same at every start. Where somebody else has taken its name, a new one that goes away.
    """
    user = os.getuid() if hasattr(os, "getuid") else None
    folder = os.path.join(tempfile.gettempdir(), f"poisonscan-kernels-{user or 0}")
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError:
        if user is not None and not _is_private(folder, user):
            folder = tempfile.mkdtemp(prefix="poisonscan-kernels-")
            atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _is_private(folder: str, user: int) -> bool:
    found = os.lstat(folder)
    is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid == user
    return is_ours and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
