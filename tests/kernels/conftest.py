from __future__ import annotations

import os

import numpy as np
import pytest

if os.environ.get("NUMBA_DISABLE_JIT") == "1":
    np.seterr(over="ignore")  # hashes wrap around, as they do when compiled


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "jit_off: runs once more with NUMBA_DISABLE_JIT=1")
