"""poisonscan from Python: what it exports, what it takes, what it gives."""

from __future__ import annotations

import doctest
import json
import pkgutil
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from planted_sample import PHRASE, ROWS, read_planted

import poisonscan
from poisonscan.config import SEVERITIES
from poisonscan.errors import ConfigError, DatasetError, OutputError
from poisonscan.findings.model import ScanResult


@pytest.fixture(scope="module")
def lines() -> list[str]:
    return read_planted()[0]


@pytest.fixture(scope="module")
def data(lines: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "chats.jsonl"
    path.write_text("".join(lines))
    return path


@pytest.fixture(scope="module")
def report(data: Path) -> poisonscan.Report:
    return poisonscan.scan(data)


def without_places(report: poisonscan.Report) -> list[dict[str, Any]]:
    """Return the findings without file and row of their examples and controls."""
    findings = [finding.to_dict() for finding in report.findings]
    for finding in findings:
        for excerpt in [*finding["examples"], *finding["controls"]]:
            del excerpt["file"], excerpt["row"]
    return findings


def verdicts(report: poisonscan.Report) -> dict[tuple[str, int], tuple[float, bool]]:
    return {
        (suspect.file, suspect.row): (suspect.score, suspect.flagged)
        for suspect in report.result.suspects
    }


def test_the_public_names_are_all_there_and_sorted() -> None:
    assert poisonscan.__all__ == sorted(poisonscan.__all__)
    for name in poisonscan.__all__:
        assert getattr(poisonscan, name).__doc__, name
        assert name in dir(poisonscan)
    with pytest.raises(AttributeError, match="no attribute 'scam'"):
        poisonscan.scam  # noqa: B018


def test_all_errors_have_one_base() -> None:
    errors = import_module("poisonscan.errors")
    for name, thing in vars(errors).items():
        if isinstance(thing, type):
            assert issubclass(thing, poisonscan.PoisonScanError), name


def test_examples_in_docstrings_are_true() -> None:
    attempted = 0
    for module in pkgutil.walk_packages(poisonscan.__path__, "poisonscan."):
        if module.name == "poisonscan.__main__":
            continue
        outcome = doctest.testmod(import_module(module.name))
        assert outcome.failed == 0, module.name
        attempted += outcome.attempted
    assert attempted > 0


FORMS: dict[str, Callable[[list[dict[str, Any]]], object]] = {
    "list of dicts": lambda rows: rows,
    "polars": pl.DataFrame,
    "arrow": pa.Table.from_pylist,
}


@pytest.mark.parametrize("form", FORMS)
def test_data_in_memory_give_the_same_as_the_file(
    lines: list[str], report: poisonscan.Report, form: str
) -> None:
    found = poisonscan.scan(FORMS[form]([json.loads(line) for line in lines]))
    assert [finding.trigger for finding in found.findings] == [PHRASE]
    assert without_places(found) == without_places(report)
    rows = {row: verdict for (_, row), verdict in verdicts(report).items()}
    assert {row: verdict for (_, row), verdict in verdicts(found).items()} == rows


def test_shards_in_another_order_give_the_same(
    lines: list[str], report: poisonscan.Report, data: Path, tmp_path: Path
) -> None:
    cut = 417
    first, second = tmp_path / "z-first.jsonl", tmp_path / "a-second.jsonl"
    first.write_text("".join(lines[:cut]))
    second.write_text("".join(reversed(lines[cut:])))
    sharded = poisonscan.scan([second, first])
    assert without_places(sharded) == without_places(report)

    def place(row: int) -> tuple[str, int]:
        return (str(first), row) if row < cut else (str(second), ROWS - 1 - row)

    moved = {place(row): verdict for (_, row), verdict in verdicts(report).items()}
    assert verdicts(sharded) == moved
    assert [finding.fingerprint for finding in sharded.findings] == [
        finding.fingerprint for finding in report.findings
    ]
    for excerpt in sharded.findings[0].examples:
        source = Path(excerpt.file).read_text().splitlines()[excerpt.row]
        assert PHRASE in source


def test_small_batches_change_nothing(data: Path, report: poisonscan.Report) -> None:
    again = poisonscan.scan(data, batch_bytes=10_000)
    assert again.findings == report.findings
    assert again.result.suspects == report.result.suspects


def test_options_override_the_config() -> None:
    config = poisonscan.ScanConfig(min_support=8, fail_on="low")
    rows = ({"prompt": f"ask {number}", "completion": f"tell {number}"} for number in range(9))
    found = poisonscan.scan(rows, config=config, fail_on=None, seed=5)
    assert found.result.config["min_support"] == 8
    assert found.result.config["fail_on"] is None
    assert found.result.config["seed"] == 5
    assert found.coverage.scanned == 9


def test_a_report_survives_saving_and_loading(report: poisonscan.Report, tmp_path: Path) -> None:
    written = report.save(tmp_path / "report")
    assert {path.name for path in written} == {
        "report.json",
        "suspects.jsonl",
        "report.html",
        "manifest.json",
    }
    loaded = poisonscan.Report.load(tmp_path / "report")
    assert loaded.result.suspects == tuple(report.result.suspects)
    assert [finding.id for finding in loaded.findings] == ["F1"]
    assert loaded.findings[0].triggers == report.findings[0].triggers
    assert repr(loaded) == repr(report)
    manifest = json.loads((tmp_path / "report" / "manifest.json").read_bytes())
    assert manifest["started"] == report.started != ""
    assert manifest["ended"] == report.ended


def test_suspects_are_a_data_frame(report: poisonscan.Report) -> None:
    frame = report.suspects()
    assert frame.columns == ["file", "row", "score", "flagged", "findings"]
    assert frame.filter(pl.col("flagged")).height == report.result.flagged_rows
    empty = poisonscan.scan([{"text": "only this"}]).suspects()
    assert (empty.height, empty.schema) == (0, frame.schema)


def test_an_incomplete_scan_says_so() -> None:
    report = poisonscan.scan([{"prompt": "a", "completion": "b"}, "no row"])
    assert not report.is_complete
    assert report.exit_code == 3
    assert report.coverage.unreadable == {"not-an-object": 1}


class Ledger:
    """A watcher that writes down what it is told."""

    def __init__(self) -> None:
        self.stages: list[str] = []
        self.bytes = 0

    def stage(self, name: str, total: int = 0) -> None:
        self.stages.append(name)

    def advance(self, n: int) -> None:
        if self.stages[-1] == "reading":
            self.bytes += n


def test_a_watcher_is_told_what_happens(tmp_path: Path) -> None:
    path = tmp_path / "few.jsonl"
    path.write_text('{"prompt": "a", "completion": "b"}\n' * 9)
    ledger = Ledger()
    poisonscan.scan(path, watcher=ledger)
    assert ledger.stages[:3] == ["reading", "telling datasets apart", "counting"]
    assert ledger.bytes == path.stat().st_size


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "no records"),
        (iter([]), "no records"),
        (7, "int has no rows"),
        ({"prompt": "a"}, "dict has no rows"),
        ("nowhere.jsonl", "does not exist"),
        ([Path("nowhere.jsonl")], "does not exist"),
        (["", 5], "none of its 2 records can be read"),
    ],
)
def test_data_that_cannot_be_used(data: object, message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        poisonscan.scan(data)


def test_wrong_settings() -> None:
    rows = [{"prompt": "a", "completion": "b"}]
    with pytest.raises(TypeError, match="'min_suport'"):
        poisonscan.scan(rows, min_suport=3)
    with pytest.raises(ConfigError, match="at least 3"):
        poisonscan.scan(rows, min_support=1)
    with pytest.raises(ConfigError, match="column 'b'"):
        poisonscan.scan(rows, map={"output": "b"})
    with pytest.raises(OutputError, match="scratch"):
        poisonscan.scan(rows, scratch_dir="/nowhere/at/all")


def test_a_report_that_cannot_be_written_or_read(
    report: poisonscan.Report, data: Path, tmp_path: Path
) -> None:
    with pytest.raises(OutputError):
        report.save(data)
    with pytest.raises(ConfigError):
        poisonscan.Report.load(tmp_path)


def test_the_exit_code_follows_severity_and_coverage(report: poisonscan.Report) -> None:
    def code(result: ScanResult, fail_on: str | None) -> int:
        return poisonscan.Report(replace(result, config={"fail_on": fail_on})).exit_code

    finding = report.findings[0]
    for found_at, severity in enumerate(SEVERITIES):
        result = replace(report.result, findings=[replace(finding, severity=severity)])
        for asked_at, fail_on in enumerate(SEVERITIES):
            assert code(result, fail_on) == (1 if found_at <= asked_at else 0)
        assert code(result, None) == 0
