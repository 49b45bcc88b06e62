"""The benchmark of speed and memory: every part runs, and findings are judged."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import scale
from scaling import measure, parts
from scaling.expected import compare
from scaling.files import Spec, write_data
from scaling.quality import judge
from scaling.results import TITLES, markdown

FIGURES = {"seconds", "cpu_s", "peak_mib", "tree_mib", "rows_measured", "extrapolated"}


def test_it_runs_and_finds_what_is_planted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "results" / "scale"
    options = ["--bytes", "5e5", "--parts", "scan", "parse", "unpack", "--formats", "jsonl.zst"]
    code = scale.main([*options, "--cache", str(tmp_path / "cache"), "--out", str(out)])
    results = json.loads(out.with_suffix(".json").read_text())
    assert code == 0, results["quality"]
    assert [one["part"] for one in results["measured"]] == ["parse", "unpack", "scan", "scan"]
    assert all(set(one) >= FIGURES for one in results["measured"])
    assert all(one["peak_mib"] > 5 for one in results["measured"])
    quality, _ = results["quality"]
    assert [attack["severity"] for attack in quality["attacks"]] == ["high"] * 5
    assert quality["rows_scanned"] == results["measured"][0]["rows"]
    ratios = {one["name"]: one for one in results["ratios"]}
    assert ratios["1 worker and 2: same bytes at 0 MB"]["is_met"]
    assert ratios["1 worker / 2, counting, at 0 MB"]["expected"] == "at least 1.7"
    stages = results["measured"][2]["stages_s"]
    assert sum(stages.values()) < results["measured"][2]["seconds"]
    assert {"reading", "counting", "looking for verbatim targets"} < set(stages)
    page = out.with_suffix(".md").read_text()
    assert page == markdown(results)
    assert page in capsys.readouterr().out


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


@pytest.mark.parametrize("form", ["jsonl.gz", "jsonl.zst", "parquet"])
def test_unpacking_reads_everything(tmp_path: Path, form: str) -> None:
    path = tmp_path / f"data.{form}"
    write_data(path, Spec(rows=40, rows_each=0))
    rows, size, _ = parts.unpack(path, 0)
    assert rows == 40
    assert size > path.stat().st_size or form == "parquet"


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


def scan(seconds: float, **changed: object) -> dict[str, object]:
    return {
        "part": "scan", "format": "jsonl", "n_bytes": 10**9, "workers": 2, "seconds": seconds,
        "tree_mib": 1000.0, "peak_mib": 900.0, "report_sha256": "a",
        "stages_s": {"reading": seconds / 4, "counting": seconds / 2},
    } | changed  # fmt: skip


def part(name: str, seconds: float, **changed: object) -> dict[str, object]:
    about = {"part": name, "format": "jsonl", "n_bytes": 10**9, "seconds": seconds}
    return about | changed


def verdicts(*measured: dict[str, object]) -> dict[str, tuple[float, bool | None]]:
    return {one["name"]: (one["value"], one.get("is_met")) for one in compare(list(measured))}


def test_what_is_expected_beside_other_parts() -> None:
    parts = [part("parse", 2), part("sklearn", 1000), part("minilm", 9000), part("polars", 80)]
    assert verdicts(scan(50), *parts, part("parse", 1, n_bytes=10**6)) == {
        "scan / parse at 1,000 MB": (25.0, False),
        "sklearn / scan at 1,000 MB": (20.0, True),
        "minilm / scan at 1,000 MB": (180.0, True),
        "polars / scan at 1,000 MB": (1.6, None),
        "seconds for a gigabyte": (50.0, True),
        "MiB for a gigabyte": (1000.0, True),
    }
    skipped = {"part": "minilm", "format": "jsonl", "n_bytes": 10**9, "skipped": "no"}
    assert len(verdicts(scan(61, tree_mib=2049), skipped)) == 2
    assert {met for _, met in verdicts(scan(61, tree_mib=2049)).values()} == {False}


def test_what_is_expected_of_two_workers() -> None:
    one, two = scan(80, workers=1), scan(50, stages_s={"reading": 11, "counting": 24})
    found = verdicts(one, two)
    assert found["1 worker / 2, in all, at 1,000 MB"] == (1.6, True)
    assert found["1 worker / 2, counting, at 1,000 MB"] == (1.667, False)
    assert found["1 worker / 2, reading, at 1,000 MB"] == (1.818, None)
    assert found["1 worker and 2: same bytes at 1,000 MB"] == (1.0, True)
    found = verdicts(one, scan(50, report_sha256="b"), scan(30, workers=4))
    assert found["1 worker and 2: same bytes at 1,000 MB"] == (0.0, False)
    assert found["1 worker / 4, in all, at 1,000 MB"] == (2.667, None)
    assert found["seconds for a gigabyte"] == (30.0, True)


def test_what_is_expected_of_packed_and_of_larger_data() -> None:
    packed = scan(60, format="jsonl.gz")
    found = verdicts(scan(50), packed, part("unpack", 10, format="jsonl.gz"), part("unpack", 99))
    assert found["jsonl.gz / (jsonl + unpacking) at 1,000 MB"] == (1.0, True)
    large = scan(216, n_bytes=4 * 10**9, tree_mib=1149.0)
    found = verdicts(scan(50), scan(1, format="parquet"), large)
    assert found["seconds, 4,000 MB / 1,000 MB"] == (4.32, False)
    assert found["memory, 4,000 MB / 1,000 MB"] == (1.149, True)


def test_every_part_has_a_title() -> None:
    assert set(TITLES) == {"scan", *parts.PARTS}
