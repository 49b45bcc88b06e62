"""A line on the terminal that says what a long scan is doing, how fast, and for how much longer."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.status import Status
from rich.text import Text

#: What the parts of a scan take, in order, as multiples of what reading takes: of a gigabyte of
#: benchmarks/scale_data.py. Of smaller data the later ones take more, but nobody waits for long.
SHARES = {
    "reading": 1.0,
    "telling datasets apart": 0.5,
    "counting": 2.9,
    "proposing candidates": 0.05,
    "screening candidates": 1.05,
    "screening strings of the outputs": 1.05,
    "comparing rows": 0.85,
    "looking for verbatim targets": 0.3,
    "looking for type targets": 0.35,
    "looking for format targets": 0.1,
    "looking for topic targets": 0.05,
    "looking for output targets": 0.5,
    "looking for name targets": 0.05,
    "looking for freak rows": 0.1,
    "describing the findings": 0.15,
}

#: Stages that are measured in bytes; the others count tokens.
_IN_BYTES = ("reading", "cleaning")

#: Seconds, and part of a stage, after which its speed says how long the rest takes.
_SETTLED_S, _SETTLED = 2.0, 0.01


class ProgressLine:
    """Shows the stage, how much is done and how fast, and the time left; on stderr.

    Gone at the end, where a line stays that says how much was read and how long all took.
    """

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._status = Status(self, console=self._console)
        self._started = time.monotonic()
        self._bytes = 0
        self._reading_s = 0.0
        self._begin("starting", 0)

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
        if kind is None:
            took = time.monotonic() - self._started
            self._console.print(Text(f"{_amount(self._bytes, 'MB')} in {_duration(took)}"))

    def stage(self, name: str, total: int = 0) -> None:
        """Begin a stage; `total` bytes or tokens are to be worked on, 0: nobody knows."""
        if self._stage == "reading":
            self._reading_s = self._elapsed()
        self._begin(name, total)

    def advance(self, n: int) -> None:
        """Count what of the stage is done."""
        self._done += n
        if self._stage in _IN_BYTES:
            self._bytes += n

    def describe(self) -> str:
        """Return the line as it should be now."""
        parts = [self._stage]
        if self._total:
            unit = "MB" if self._stage in _IN_BYTES else "million tokens"
            parts.append(f"{_number(self._done)} of {_amount(self._total, unit)}")
            if self._done:
                parts.append(f"{_amount(self._done / max(1e-3, self._elapsed()), unit)}/s")
        left = self.seconds_left()
        if left is not None:
            parts.append(f"about {_duration(left)} left")
        return ", ".join(parts)

    def seconds_left(self) -> float | None:
        """Return how long the rest may take; None where that cannot be told."""
        names = list(SHARES)
        if self._stage not in (*names, *_IN_BYTES):
            return None
        later = names[names.index(self._stage) + 1 :] if self._stage in SHARES else []
        elapsed, reading_s = self._elapsed(), self._reading_s
        rest = max(0.0, SHARES.get(self._stage, 0.0) * reading_s - elapsed)
        share = min(1.0, self._done / self._total) if self._total else 0.0
        if share >= _SETTLED and elapsed >= _SETTLED_S:
            rest = elapsed * (1 / share - 1)
        elif self._stage in _IN_BYTES:
            return None
        if self._stage == "reading":
            reading_s = elapsed + rest
        return rest + reading_s * sum(SHARES[name] for name in later)

    def __rich__(self) -> Text:
        return Text(self.describe())  # anew whenever the line is drawn, some ten times a second

    def _begin(self, stage: str, total: int) -> None:
        self._stage, self._total, self._done = stage, total, 0
        self._begun = time.monotonic()

    def _elapsed(self) -> float:
        return time.monotonic() - self._begun


def _number(n: float) -> str:
    return f"{n / 1e6:,.1f}" if n < 1e7 else f"{n / 1e6:,.0f}"


def _amount(n: float, unit: str) -> str:
    return f"{_number(n)} {unit}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
