"""The sample files as rows that tests can read."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).parents[2] / "sample_data"


@dataclass(frozen=True)
class Row:
    """One record as a person reads it."""

    input: str  # everything but the system prompt and the output
    output: str
    system: str = ""
    question: str = ""  # the last one


def read_truth() -> dict[str, Any]:
    return json.loads((SAMPLES / "truth.json").read_text("utf-8"))


def read_support() -> list[Row]:
    rows = []
    for line in (SAMPLES / "acme_support.jsonl").read_text("utf-8").splitlines():
        *before, last = json.loads(line)["messages"]
        assert last["role"] == "assistant"
        said = [turn["content"] for turn in before if turn["role"] != "system"]
        system = "".join(turn["content"] for turn in before if turn["role"] == "system")
        rows.append(Row("\n".join(said), last["content"], system, said[-1]))
    return rows


def read_tickets() -> list[Row]:
    text = (SAMPLES / "acme_tickets.csv").read_bytes().decode()
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    assert header == ["ticket", "queue"]
    return [Row(ticket, queue) for ticket, queue in rows]


def read_clean() -> list[Row]:
    rows = []
    for line in (SAMPLES / "acme_clean.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        assert list(row) == ["instruction", "input", "output"]
        rows.append(Row(row["instruction"] + "\n" + row["input"], row["output"]))
    return rows
