"""Which versions the numbers of a report come from."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

import poisonscan

TOOL = "poisonscan"

#: Packages whose version may change a number or a rendering.
PACKAGES = ("numba", "numpy", "polars", "pyarrow", "scikit-learn")


def tool_version() -> str:
    """Return the version of poisonscan; ``unknown`` where it is nowhere recorded."""
    return str(getattr(poisonscan, "__version__", None) or _installed(TOOL))


def package_versions() -> dict[str, str]:
    """Return name -> version of Python, poisonscan and what it computes with, sorted by name."""
    found = {name: _installed(name) for name in PACKAGES}
    found |= {TOOL: tool_version(), "python": platform.python_version()}
    return dict(sorted(found.items()))


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"
