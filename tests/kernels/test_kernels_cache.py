"""Kernels are compiled once, wherever the package lies."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kernel_data import IS_JIT_OFF
from test_signatures import KERNELS

import poisonscan
from poisonscan.kernels import cachefolder

if IS_JIT_OFF:
    pytest.skip("nothing is compiled", allow_module_level=True)
if sys.platform == "win32":
    pytest.skip("folders know no permission bits", allow_module_level=True)

PACKAGE = Path(poisonscan.__file__).parent

#: Imports modules; prints where each kernel is kept and how often it was loaded and compiled.
COUNT = """
import importlib, json, sys
from numba.core.registry import CPUDispatcher
print(json.dumps({
    f"{name}.{kernel}": [
        str(value.stats.cache_path),
        sum(value.stats.cache_hits.values()),
        sum(value.stats.cache_misses.values()),
    ]
    for name in sys.argv[1:]
    for module in [importlib.import_module(f"poisonscan.kernels.{name}")]
    for kernel, value in vars(module).items()
    if isinstance(value, CPUDispatcher) and value.py_func.__module__ == module.__name__
}))
"""


def counted(*modules: str, path: Path = PACKAGE.parent, **changed: str) -> dict[str, Any]:
    environment = {**os.environ, "PYTHONPATH": str(path), **changed}
    for name in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME"):
        environment.pop(name, None)
    done = subprocess.run(
        [sys.executable, "-c", COUNT, *modules],
        check=True,
        stdout=subprocess.PIPE,
        cwd=path,
        env=environment,
        preexec_fn=obey_permissions,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def obey_permissions() -> None:
    """Let permission bits count for this process and its children, though they be root's."""
    if os.geteuid() == 0:
        drop_from_bounding_set, override = 24, 1  # PR_CAPBSET_DROP, CAP_DAC_OVERRIDE
        if ctypes.CDLL(None, use_errno=True).prctl(drop_from_bounding_set, override, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "cannot give up what makes root pass all doors")


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Return a folder with a copy of the kernels."""
    home = tmp_path / "installed"
    shutil.copytree(
        PACKAGE / "kernels", home / "poisonscan" / "kernels",
        ignore=shutil.ignore_patterns("__pycache__"),
    )  # fmt: skip
    shutil.copy(PACKAGE / "__init__.py", home / "poisonscan")
    return home


@pytest.fixture
def read_only(installed: Path) -> Iterator[Path]:
    """Yield a folder with a copy of the kernels, which cannot be written to."""
    home = installed
    folders = [home, *(path for path in home.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    yield home
    for folder in folders:
        folder.chmod(0o755)


@pytest.mark.skipif(os.geteuid() == 0 and sys.platform != "linux", reason="root passes all doors")
@pytest.mark.parametrize("is_home_writable", [True, False])
def test_of_a_read_only_package(read_only: Path, tmp_path: Path, is_home_writable: bool) -> None:
    home, temporary = tmp_path / "home", tmp_path / "temporary"
    home.mkdir(0o755 if is_home_writable else 0o555)
    temporary.mkdir()
    where = {"HOME": str(home), "TMPDIR": str(temporary)}
    first, second = (counted("nearest", path=read_only, **where) for _ in range(2))
    assert list(first) == ["nearest.largest_columns"]
    for name, (folder, loaded, compiled) in first.items():
        assert Path(folder).is_relative_to(home if is_home_writable else temporary)
        assert (loaded, compiled) == (0, 1)
        assert second[name] == [folder, 1, 0]
    if not is_home_writable:
        [kept] = temporary.iterdir()
        assert stat.S_IMODE(kept.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() == 0 and sys.platform != "linux", reason="root passes all doors")
@pytest.mark.parametrize("is_package_writable", [True, False])
def test_what_calls_a_changed_kernel_is_compiled_anew(
    installed: Path, tmp_path: Path, is_package_writable: bool
) -> None:
    """An update of one file: the kernels of others have its old code in them, wherever they are."""
    if not is_package_writable:
        (installed / "poisonscan" / "kernels").chmod(0o555)
    home = tmp_path / "home"
    home.mkdir()

    def load() -> list[int]:
        found = counted("nearest", path=installed, HOME=str(home))
        times: list[int] = found["nearest.largest_columns"][1:]
        return times

    how_often = [load()]
    other = installed / "poisonscan" / "kernels" / "tokens.py"
    for change in (None, "\n", None):
        if change is not None:
            other.write_text(other.read_text("utf-8") + change, "utf-8")
        how_often += [load()]
    assert how_often == [[0, 1], [1, 0], [0, 1], [1, 0]]


def test_nothing_is_compiled_twice() -> None:
    """Any process after the first loads every kernel in its one form."""
    for module in KERNELS:
        __import__(f"poisonscan.kernels.{module}")
    found = counted(*KERNELS)
    assert len(found) == sum(map(len, KERNELS.values()))
    assert {name: counts for name, (_, *counts) in found.items() if counts != [1, 0]} == {}


def test_a_folder_of_others_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cachefolder.tempfile, "tempdir", str(tmp_path))
    ours = Path(cachefolder._private_folder())
    assert ours.parent == tmp_path
    assert Path(cachefolder._private_folder()) == ours
    ours.chmod(0o777)
    other = Path(cachefolder._private_folder())
    assert other != ours
    assert stat.S_IMODE(other.stat().st_mode) == 0o700
    ours.rmdir()
    ours.symlink_to(tmp_path)
    assert Path(cachefolder._private_folder()) not in (ours, other, tmp_path)
