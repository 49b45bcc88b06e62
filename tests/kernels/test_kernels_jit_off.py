"""The kernels as plain Python: what the compiler must not change."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from kernel_data import IS_JIT_OFF

HERE = Path(__file__).parent


@pytest.mark.skipif(IS_JIT_OFF, reason="is the inner run")
def test_kernels_without_the_compiler():
    command = [sys.executable, "-m", "pytest", str(HERE), "-m", "jit_off", "-p", "no:cacheprovider"]
    done = subprocess.run(
        command,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        cwd=HERE.parents[1],
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert int(done.stdout.split(" passed")[0].split()[-1]) >= 100
