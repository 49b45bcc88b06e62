from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "jit_off: runs once more with NUMBA_DISABLE_JIT=1")
