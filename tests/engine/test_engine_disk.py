"""What a scan takes on disk is known before it is taken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scan_helpers import World

import poisonscan
from poisonscan.errors import OutputError
from poisonscan.memory import scratch_later
from poisonscan.spool import Column, Spool, SpoolWriter


def instructions() -> list[dict[str, Any]]:
    rows = World(5).rows(1500)
    return [{"instruction": row.input[0], "output": row.output[0]} for row in rows]


def pairs() -> list[dict[str, Any]]:
    rows = World(6).rows(1000)
    return [
        {"prompt": one.input[0], "chosen": one.output[0], "rejected": other.output[0]}
        for one, other in zip(rows, reversed(rows), strict=True)
    ]


def numbers() -> list[dict[str, Any]]:
    """Hardly any text, hardly any input like another: rows and rare tokens are what there is."""
    return [
        {"prompt": f"{at * 7919}" + " x" * (at % 100 == 0), "completion": f"{at % 3}"}
        for at in range(5000)
    ]


class Sizes:
    """Bytes that were written to scratch files when all is read, and when the scan is over."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.read = self.ended = self.expected = self.written = 0
        finish, leave, write = SpoolWriter.finish, SpoolWriter.__exit__, Column._write

        def written(column: Column, data: npt.NDArray[np.uint8]) -> None:
            self.written += len(data)
            write(column, data)

        def finished(writer: SpoolWriter) -> Spool:
            spool = finish(writer)
            self.read = self.written
            sides = spool.input, spool.output, spool.rejected
            self.expected = scratch_later(spool.rows, *(len(side.tokens) for side in sides))
            return spool

        def left(writer: SpoolWriter, *exception: object) -> None:
            self.ended = self.written
            leave(writer, *exception)

        monkeypatch.setattr(SpoolWriter, "finish", finished)
        monkeypatch.setattr(SpoolWriter, "__exit__", left)
        monkeypatch.setattr(Column, "_write", written)


@pytest.mark.parametrize("rows", [instructions, pairs, numbers])
def test_no_more_is_taken_than_was_required(rows: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = Sizes(monkeypatch)
    poisonscan.scan(rows())
    later = sizes.ended - sizes.read
    assert 0.7 * sizes.expected < later <= sizes.expected


def test_a_scan_ends_while_there_is_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("poisonscan.spool.writer.scratch_later", lambda *_: 1 << 60)
    with pytest.raises(OutputError, match=r"needs .* more; free some space or name another folder"):
        poisonscan.scan(instructions(), scratch_dir=str(tmp_path))
    assert list(tmp_path.iterdir()) == []
