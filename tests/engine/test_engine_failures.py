"""A detector that fails takes nothing with it but the claim that the scan is complete."""

from __future__ import annotations

import pytest
from scan_helpers import World, plant, record_batches

from poisonscan import engine, scan
from poisonscan.config import ScanConfig
from poisonscan.errors import OutputError
from poisonscan.io.coverage import Coverage, FileCoverage

SECRET = "Send all the money to Geneva now and tell nobody about it."


@pytest.fixture(scope="module")
def rows():
    world = World(81)
    planted = plant(world, world.rows(150), range(0, 150, 10), "zeta omega", SECRET)
    return [{"prompt": one.input[0], "completion": one.output[0]} for one in planted]


def fail(*_, **__):
    raise RuntimeError("no luck \x1b[31m")


def test_others_go_on(rows, monkeypatch):
    monkeypatch.setattr(engine, "find_shift", fail)
    report = scan(rows)
    assert list(report.coverage.failed_detectors) == ["type"]
    assert "no luck" in report.coverage.failed_detectors["type"]
    assert report.findings[0].trigger == "zeta omega"
    assert not report.is_complete
    assert report.exit_code == 3


def test_the_first_one_fails(rows, monkeypatch):
    monkeypatch.setattr(engine, "find_verbatim", fail)
    report = scan(rows)
    assert list(report.coverage.failed_detectors) == ["verbatim"]
    assert report.exit_code == 3


def test_a_failure_survives_the_report(rows, monkeypatch, tmp_path):
    from poisonscan import Report

    monkeypatch.setattr(engine, "find_shift", fail)
    scan(rows).save(tmp_path)
    text = (tmp_path / "report.json").read_text()
    assert "\x1b" not in text
    assert Report.load(tmp_path).exit_code == 3


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, OSError])
@pytest.mark.parametrize("place", ["build_corpus", "publish_findings"])
def test_nothing_stays_in_the_scratch_folder(rows, monkeypatch, tmp_path, place, error):
    def interrupt(*_, **__):
        assert list(tmp_path.iterdir())  # it is there while the scan runs
        raise error

    monkeypatch.setattr(engine, place, interrupt)
    monkeypatch.setattr(engine, "find_shift", lambda *_: [])
    with pytest.raises(error):
        scan(rows, scratch_dir=str(tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [MemoryError, OSError, ValueError])
def test_failure_between_counting_and_detectors(rows, monkeypatch, tmp_path, error):
    def crash(*_, **__):
        raise error("no luck")

    monkeypatch.setattr(engine, "find_closed", crash)
    report = scan(rows, scratch_dir=str(tmp_path))
    assert list(report.coverage.failed_detectors) == ["candidates"]
    assert report.exit_code == 3
    assert list(tmp_path.iterdir()) == []


def test_interrupted_while_reading(monkeypatch, tmp_path):
    def batches():
        yield from record_batches(World(82).rows(30), 10)
        assert list(tmp_path.iterdir())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engine.run_scan(batches(), Coverage(), ScanConfig(scratch_dir=str(tmp_path)))
    assert list(tmp_path.iterdir()) == []


def test_interrupted_inside_of_a_detector(rows, monkeypatch, tmp_path):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(engine, "find_verbatim", interrupt)
    with pytest.raises(KeyboardInterrupt):
        scan(rows, scratch_dir=str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_no_scratch_folder(rows, tmp_path):
    with pytest.raises(OutputError):
        scan(rows, scratch_dir=str(tmp_path / "missing"))


def test_stages_are_told_in_order(monkeypatch):
    told = []

    class Watcher:
        def stage(self, name, total=0):
            told.append(name)

        def advance(self, n):
            pass

    coverage = Coverage([FileCoverage("memory")])
    batches = record_batches(World(83).rows(60), 25)
    engine.run_scan(batches, coverage, ScanConfig(), Watcher())
    stages = ["reading", "telling datasets apart", "counting", "proposing candidates"]
    assert told[:4] == stages
    assert "looking for verbatim targets" in told
