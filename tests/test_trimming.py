"""What is mapped is given back where it is much, and nothing else happens."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from poisonscan import trimming
from poisonscan.spool import Column, release
from poisonscan.trimming import _memory

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")

WAIT_S = 60


def test_pages_leave_the_process(tmp_path: Path) -> None:
    column = Column(tmp_path, np.uint8)
    size = 64 << 20
    column.append(np.ones(size, np.uint8))
    before = _memory()[1]
    values = column.finish()
    assert int(values[::4096].sum()) == size // 4096
    assert _memory()[1] > before + size // 2
    release(values)
    assert _memory()[1] < before + size // 2
    assert int(values[::4096].sum()) == size // 4096


@pytest.mark.parametrize(
    ("resident", "mapped", "is_given_back"),
    [(2000, 300, True), (2000, 200, False), (900, 300, False)],
)
def test_only_much_is_given_back(
    resident: int, mapped: int, is_given_back: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked, given_back = [], Event()

    def memory() -> tuple[int, int]:
        looked.append(True)
        return resident << 20, mapped << 20

    monkeypatch.setattr(trimming, "_memory", memory)
    monkeypatch.setattr(trimming, "_PAUSE_S", 0.001)
    with trimming.trimming(given_back.set, 1000 << 20):
        end = time.monotonic() + WAIT_S
        while len(looked) < 3 and time.monotonic() < end:
            time.sleep(0.001)
    assert given_back.is_set() == is_given_back
    seen = len(looked)
    time.sleep(0.01)
    assert len(looked) == seen >= 3  # nobody looks any more


def test_without_the_means_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trimming, "_STATM", Path("nowhere"))
    monkeypatch.setattr(trimming, "Thread", None)
    with trimming.trimming(pytest.fail, 0):
        pass
