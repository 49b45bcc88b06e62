"""One scan, stage by stage: ``python -m scaling.scan DATA REPORT WORKERS``.

What the command line does, with a watcher that times the stages.
"""

from __future__ import annotations

import json
import sys
import time

import poisonscan


class _Clock:
    """Adds up the seconds of each stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._stage = "starting"
        self._since = time.perf_counter()

    def stage(self, name: str, total: int = 0) -> None:
        now = time.perf_counter()
        took = self.seconds.get(self._stage, 0.0) + now - self._since
        self.seconds[self._stage] = round(took, 3)
        self._stage, self._since = name, now

    def advance(self, n: int) -> None:
        pass


def main(data: str, report: str, workers: str) -> None:
    """Scan, write the report and print the seconds of each stage."""
    clock = _Clock()
    poisonscan.scan(data, watcher=clock, workers=int(workers)).save(report)
    clock.stage("over")
    print(json.dumps(clock.seconds))


if __name__ == "__main__":
    main(*sys.argv[1:])
