"""What a long scan says about itself: how much, how fast, for how much longer."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from rich.console import Console
from scan_helpers import World

import poisonscan
from poisonscan import engine, progress
from poisonscan.io import batches
from poisonscan.progress import SHARES, ProgressLine


class Clock:
    """A time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    return clock


@pytest.fixture
def line(clock: Clock) -> ProgressLine:
    line = ProgressLine()
    line._console = Console(file=io.StringIO(), width=200)
    return line


def said(line: ProgressLine) -> str:
    written: io.StringIO = line._console.file  # type: ignore[assignment]
    return written.getvalue()


def test_amount_rate_and_time_left_while_reading(line: ProgressLine, clock: Clock) -> None:
    line.stage("reading", 400_000_000)
    assert line.describe() == "reading, 0.0 of 400 MB"
    line.advance(60_000_000)
    line.advance(40_000_000)
    clock.now += 10
    # 30 s of reading are left, and so many times 40 s for what comes then
    left = round(30 + 40 * (sum(SHARES.values()) - 1))
    assert line.seconds_left() == pytest.approx(left, abs=1)
    shown = f"{left // 60} min {left % 60} s"
    assert line.describe() == f"reading, 100 of 400 MB, 10 MB/s, about {shown} left"


def test_time_left_after_reading(line: ProgressLine, clock: Clock) -> None:
    line.stage("reading", 400_000_000)
    line.advance(400_000_000)
    clock.now += 40
    line.stage("counting", 100_000_000)
    stages = list(SHARES)
    after = stages[stages.index("counting") + 1 :]
    later = 40 * sum(SHARES[name] for name in after)
    assert line.seconds_left() == pytest.approx(40 * SHARES["counting"] + later)
    clock.now += 20
    line.advance(25_000_000)  # slower, or faster, than was expected
    assert line.seconds_left() == pytest.approx(60 + later)
    assert line.describe().startswith("counting, 25 of 100 million tokens, 1.2 million tokens/s, ")
    for name in after:
        line.stage(name)
        rest = 40 * sum(SHARES[later] for later in stages[stages.index(name) :])
        assert line.seconds_left() == pytest.approx(rest)
    clock.now += 10_000  # far longer than expected
    assert line.seconds_left() == 0


def test_nothing_is_promised_too_early(line: ProgressLine, clock: Clock) -> None:
    assert line.describe() == "starting"
    line.stage("reading", 400_000_000)
    line.advance(100_000_000)
    clock.now += 1
    assert line.seconds_left() is None
    line.stage("reading", 0)  # data in memory
    clock.now += 60
    assert line.describe() == "reading"


def test_the_end_is_exact(line: ProgressLine, clock: Clock) -> None:
    with line:
        line.stage("reading", 1)
        line.advance(12_345_678)
        line.stage("counting", 7)
        line.advance(7)
        clock.now += 3700
    assert said(line).endswith("12 MB in 1 h 1 min\n")


def test_no_last_line_for_a_scan_that_failed(line: ProgressLine) -> None:
    with pytest.raises(KeyboardInterrupt), line:
        raise KeyboardInterrupt
    assert said(line) == ""


class Ledger:
    """Adds up what each stage was said to take and what was done in it."""

    def __init__(self) -> None:
        self.stages: dict[str, list[int]] = {}

    def stage(self, name: str, total: int = 0) -> None:
        self._now = self.stages[name] = [0, total]

    def advance(self, n: int) -> None:
        assert n >= 0
        self._now[0] += n


def parquet(content: bytes) -> bytes:
    rows = [json.loads(line) for line in content.splitlines()]
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), file, row_group_size=40)
    return file.getvalue()


def comma_separated(content: bytes) -> bytes:
    rows = [json.loads(line) for line in content.splitlines()]
    lines = [f"{row['instruction']},{row['output']}\n" for row in rows]
    return ("instruction,output\n" + "".join(lines)).encode()


FORMATS: dict[str, Callable[[bytes], bytes]] = {
    "jsonl": lambda content: content,
    "json": lambda content: b"[" + content.strip().replace(b"\n", b",") + b"]",
    "csv": comma_separated,
    "jsonl.gz": gzip.compress,
    "jsonl.zst": zstandard.compress,
    "parquet": parquet,
}


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("form", FORMATS)
def test_all_is_done_at_the_end_of_a_stage(
    form: str, workers: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "LEAST_SHARED_BYTES", 0)
    monkeypatch.setattr(engine._Scan, "find", lambda scan: [])
    rows = [{"instruction": row.input[0], "output": row.output[0]} for row in World(3).rows(120)]
    content = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    for name in ("a", "b"):
        (tmp_path / f"{name}.{form}").write_bytes(FORMATS[form](content))
    ledger = Ledger()
    poisonscan.scan(tmp_path, watcher=ledger, workers=workers)
    size = sum(path.stat().st_size for path in tmp_path.iterdir())
    assert ledger.stages["reading"] == [size, size]
    counted, total = ledger.stages["counting"]
    assert counted == total > 0


def test_stages_are_known() -> None:
    rows = [{"instruction": one.input[0], "output": one.output[0]} for one in World(3).rows(60)]
    ledger = Ledger()
    poisonscan.scan(rows, watcher=ledger)
    assert [name for name in ledger.stages if name in SHARES] == list(SHARES)
