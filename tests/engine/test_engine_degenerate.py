"""Data that no statistic was made for: a scan ends, counts every row, and accuses nobody."""

from __future__ import annotations

import numpy as np
import pytest
from scan_helpers import World

from poisonscan import scan


def pairs(texts, answers=None):
    answers = answers or ["fine"] * len(texts)
    return [{"prompt": t, "completion": a} for t, a in zip(texts, answers, strict=True)]


def inputs(seed, count):
    return [one.input[0] for one in World(seed).rows(count)]


def numbers(count):
    random = np.random.default_rng(0)
    return [
        {"prompt": f"{a} + {b}", "completion": f"{a + b}"}
        for a, b in random.integers(99, size=(count, 2))
    ]


DATA = {
    "one row": lambda: pairs(["only"]),
    "two equal rows": lambda: pairs(["same", "same"]),
    "equal rows": lambda: pairs(["the same question"] * 300, ["the same answer"] * 300),
    "equal inputs": lambda: pairs(["one question"] * 60, World(1).sentence(0, 60).split()),
    "empty outputs": lambda: pairs(inputs(2, 120), [""] * 120),
    "blank outputs": lambda: pairs(inputs(2, 60), [" \n"] * 60),
    "blank inputs": lambda: pairs([" "] * 60, [one.output[0] for one in World(3).rows(60)]),
    "long words": lambda: pairs([f"{at}" + "x" * (1 << 20) for at in range(10)]),
    "long rows": lambda: pairs(["lorem ipsum " * 87_000 for at in range(10)]),
    "long answers": lambda: pairs(["go on"] * 10, ["dolor! " * 150_000] * 10),
    "numbers": lambda: numbers(200),
    "one phrase in all rows": lambda: pairs(
        [f"{at} this phrase is in every row {at % 7}" for at in range(5000)],
        [f"answer {at % 11}" for at in range(5000)],
    ),
    "many words": lambda: pairs([" ".join(f"w{at}" for at in range(200_000)), "short", "rows"]),
    "hidden characters": lambda: pairs(["\u200b\u202e\x00" * 5] * 40, ["\U000e0041" * 9] * 40),
    "lone surrogates": lambda: pairs(["a \ud800 b"] * 40, ["\udfff c"] * 40),
    "text alone": lambda: [{"text": one.output[0]} for one in World(4).rows(60)],
    "one class": lambda: [{"text": one.output[0], "label": 1} for one in World(4).rows(60)],
    "labels alone": lambda: [{"label": f"{at % 3}", "kind": f"{at % 2}"} for at in range(60)],
    "words as labels": lambda: pairs(inputs(5, 90), ["a", "b", "c"] * 30),
    "copies of one row": lambda: pairs(inputs(6, 60) + ["cf copied"] * 20),
}  # fmt: skip


@pytest.mark.parametrize("name", DATA)
def test_scan_ends_and_counts_every_row(name):
    rows = DATA[name]()
    report = scan(rows, min_support=3)
    assert report.coverage.failed_detectors == {}
    assert report.coverage.read == len(rows)
    assert report.coverage.scanned + sum(report.coverage.unreadable.values()) == len(rows)
    assert [finding for finding in report.findings if finding.severity == "high"] == []
    for finding in report.findings:
        assert finding.counts["both"] == finding.flagged_rows
        assert sum(finding.counts.values()) == report.coverage.scanned
        assert finding.counts["both"] + finding.counts["trigger_only"] == finding.support
        assert 0.0 <= finding.score <= 1.0


def test_a_support_beyond_every_row():
    rows = pairs(inputs(7, 60))
    assert scan(rows, min_support=5000).findings == []


def test_clean_world_has_no_finding():
    rows = [{"prompt": r.input[0], "completion": r.output[0]} for r in World(8).rows(300)]
    report = scan(rows)
    assert [f for f in report.findings if f.severity != "low"] == []
    assert report.exit_code == 0
