from __future__ import annotations

import pytest
from synth_rows import read_clean, read_support, read_tickets, read_truth


@pytest.fixture(scope="session")
def truth():
    return read_truth()


@pytest.fixture(scope="session")
def support():
    return read_support()


@pytest.fixture(scope="session")
def tickets():
    return read_tickets()


@pytest.fixture(scope="session")
def clean():
    return read_clean()
