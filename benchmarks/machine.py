"""Where figures were measured: the machine and the versions, for the results of benchmarks."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any


def describe_machine(packages: Iterable[str]) -> dict[str, Any]:
    """Return system, processor and cores, and the versions of what was used.

    The version of a package that is not installed is empty.
    """
    processor = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                processor = line.partition(":")[2].strip()
                break
    import poisonscan  # light: its version only

    versions = {name: installed_version(name) for name in packages}
    versions |= {"poisonscan": poisonscan.__version__, "python": platform.python_version()}
    return {
        "system": platform.system(),
        "processor": processor,
        "cores": os.cpu_count(),
        "versions": dict(sorted(versions.items())),
    }


def installed_version(package: str) -> str:
    """Return the version of a package, empty where it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
