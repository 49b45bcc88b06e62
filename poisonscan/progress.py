"""A line on the terminal that says what a long scan is doing."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.status import Status

#: Seconds between two redraws: no faster than anybody reads.
_INTERVAL_S = 0.1

#: Stages whose bytes say how fast it goes.
_READING = ("reading", "cleaning")


class ProgressLine:
    """Shows the stage, and while reading how much and how fast; on stderr, gone at the end."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._status = Status("starting", console=self._console)
        self._stage = "starting"
        self._bytes = 0
        self._started = self._shown = time.monotonic()

    def __enter__(self) -> Self:
        self._status.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._status.stop()

    def stage(self, name: str) -> None:
        """Begin a stage."""
        self._stage = name
        self._show()

    def read(self, n_bytes: int) -> None:
        """Count bytes that were read."""
        self._bytes += n_bytes
        if time.monotonic() - self._shown >= _INTERVAL_S:
            self._show()

    def _show(self) -> None:
        self._shown = time.monotonic()
        elapsed = max(1e-3, self._shown - self._started)
        size = f"{self._bytes / 1e6:,.0f} MB"
        rate = f", {self._bytes / 1e6 / elapsed:,.0f} MB/s" if self._stage in _READING else ""
        self._status.update(f"{self._stage} ({size}{rate})")
