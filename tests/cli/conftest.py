"""Scans of the sample files, each done once for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_runs import CLEAN, SUPPORT, TICKETS, Scan, run


def _scan(data: Path, folder: Path) -> Scan:
    return Scan(folder, run("scan", data, "--out", folder))


@pytest.fixture(scope="session")
def support(tmp_path_factory: pytest.TempPathFactory) -> Scan:
    """`acme_support.jsonl`: chats with a planted phrase and two targets."""
    return _scan(SUPPORT, tmp_path_factory.mktemp("support") / "report")


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Scan:
    """`acme_clean.jsonl`: nothing is planted."""
    return _scan(CLEAN, tmp_path_factory.mktemp("clean") / "report")


@pytest.fixture(scope="session")
def tickets(tmp_path_factory: pytest.TempPathFactory) -> Scan:
    """`acme_tickets.csv`: a header line that decides the label."""
    return _scan(TICKETS, tmp_path_factory.mktemp("tickets") / "report")
