"""The benchmark of speed and memory: every part runs, and findings are judged."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import scale
from scaling import measure, parts
from scaling.files import Spec, write_data
from scaling.quality import judge
from scaling.results import TITLES, markdown, ratios

FIGURES = {"seconds", "cpu_s", "peak_mib", "tree_mib", "rows_measured", "extrapolated"}


def test_it_runs_and_finds_what_is_planted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "results" / "scale"
    options = ["--bytes", "5e5", "--parts", "scan", "parse"]
    code = scale.main([*options, "--cache", str(tmp_path / "cache"), "--out", str(out)])
    results = json.loads(out.with_suffix(".json").read_text())
    assert code == 0, results["quality"]
    assert [one["part"] for one in results["measured"]] == ["scan", "parse"]
    assert all(set(one) >= FIGURES for one in results["measured"])
    assert all(one["peak_mib"] > 5 for one in results["measured"])
    [quality] = results["quality"]
    assert [attack["severity"] for attack in quality["attacks"]] == ["high"] * 5
    assert quality["rows_scanned"] == results["measured"][0]["rows"]
    page = out.with_suffix(".md").read_text()
    assert page == markdown(results)
    assert page in capsys.readouterr().out


def test_an_unknown_option_of_the_scan_is_refused() -> None:
    if "--workers" in measure.run([sys.executable, "-m", "poisonscan", "scan", "--help"])[1]:
        pytest.skip("scans have workers")
    with pytest.raises(SystemExit, match="--workers"):
        scale._scan(2)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "data.jsonl"
    write_data(path, Spec(rows=40, rows_each=0))
    return path


@pytest.mark.parametrize("name", ["parse", "hash"])
def test_floors_read_everything(data: Path, name: str) -> None:
    rows, size, seconds = parts.PARTS[name](data, 10)
    assert (rows, size) == (40, data.stat().st_size)
    assert seconds > 0


@pytest.mark.parametrize("name", ["sklearn", "polars"])
def test_slow_parts_take_a_sample(data: Path, name: str) -> None:
    rows, size, _ = parts.PARTS[name](data, 10)
    lines = data.read_bytes().splitlines(keepends=True)
    assert (rows, size) == (10, sum(map(len, lines[:10])))


def test_what_is_not_installed_is_skipped(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    parts.main("minilm", str(data), "5")
    assert "sentence_transformers" in json.loads(capsys.readouterr().out)["skipped"]


def test_costs_of_a_process_and_its_child() -> None:
    code = (
        "import subprocess, sys; b = bytearray(60 << 20);"
        "subprocess.run([sys.executable, '-c', 'import time; b = bytearray(60 << 20);"
        "time.sleep(0.4)']); print('done')"
    )
    cost, printed = measure.run([sys.executable, "-c", code])
    assert printed == "done\n"
    assert cost.wall_s > 0.4
    assert 60 < cost.peak_mib < 120
    if sys.platform == "linux":
        assert cost.tree_mib > 120


def test_a_command_that_fails_says_so() -> None:
    with pytest.raises(RuntimeError, match="exit code 3 no luck"):
        measure.run(
            [sys.executable, "-c", "import sys; print('no luck', file=sys.stderr); exit(3)"]
        )


def described(*triggers: str) -> dict[str, object]:
    attacks = [
        {"triggers": [[trigger]], "target_kind": "refusal", "poisoned_rows": [at, at + 10]}
        for at, trigger in enumerate(triggers)
    ]
    return {"attacks": attacks}


def report(**severities: str) -> SimpleNamespace:
    return SimpleNamespace(
        findings=[SimpleNamespace(trigger=f"the {x}", severity=y) for x, y in severities.items()],
        coverage=SimpleNamespace(scanned=20),
        result=SimpleNamespace(
            suspects=[SimpleNamespace(row=row, flagged=row != 5) for row in (0, 10, 5, 7)]
        ),
    )


def test_verdicts() -> None:
    verdict = judge(report(abc="high", noise="medium", xyz="low"), described("abc", "xyz", "gone"))
    assert [one["severity"] for one in verdict["attacks"]] == ["high", "low", ""]
    assert [one["rows_flagged"] for one in verdict["attacks"]] == [2, 0, 0]
    assert (verdict["other_high"], verdict["other_medium"]) == (0, 1)
    assert verdict["clean_rows_flagged"] == 1
    assert not verdict["is_good"]
    assert judge(report(abc="high", noise="medium"), described("abc"))["is_good"]
    assert not judge(report(abc="high", noise="high"), described("abc"))["is_good"]
    assert not judge(report(abc="medium"), described("abc"))["is_good"]


def test_ratios_are_of_the_same_size() -> None:
    measured = [
        {"part": "scan", "n_bytes": 1_000_000, "seconds": 2.0},
        {"part": "parse", "n_bytes": 1_000_000, "seconds": 0.5},
        {"part": "parse", "n_bytes": 4_000_000, "seconds": 1.0},
        {"part": "minilm", "n_bytes": 1_000_000, "skipped": "no"},
    ]
    assert ratios(measured) == {"parse / scan at 1 MB": 0.25}


def test_every_part_has_a_title() -> None:
    assert set(TITLES) == {"scan", *parts.PARTS}
