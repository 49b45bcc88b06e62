"""Data that are not the data of the report are refused, and nothing is left of the attempt."""

from __future__ import annotations

import gzip
import json
import os
import shutil

import pytest
from export_helpers import (
    coverage_of,
    finding,
    lines,
    rejected,
    row_of,
    scan,
    text_formats,
    tree,
    write,
    write_parquet,
)

from poisonscan.errors import ConfigError, DatasetError, PoisonScanError, StaleReportError
from poisonscan.export import clean, cleaning
from poisonscan.findings.model import ScanResult, Suspect
from poisonscan.report.files import write_outputs

ROWS = [row_of(number) for number in range(6)]
CONTENT = b"".join(lines(ROWS))


@pytest.fixture
def data(tmp_path):
    """Two files with a report, and an output folder with something in it."""
    a = write(tmp_path, "data/a.jsonl", CONTENT)
    b = write(tmp_path, "data/sub/b.csv", text_formats(ROWS[:4])["csv"].content())
    scan(tmp_path / "report", {a: [1, 4], b: [0]})
    write(tmp_path, "out/a.jsonl", b"older\n")
    return tmp_path


def refuse(folder, *paths, error=StaleReportError) -> str:
    """Expect a refusal that leaves the output folder as it was; return its message."""
    before = tree(folder / "out")
    with pytest.raises(error) as caught:
        clean(paths or [folder / "data"], folder / "report", folder / "out")
    assert tree(folder / "out") == before
    assert "\n" not in str(caught.value)
    return str(caught.value)


def flip(path, at=-3) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("name", ["data/a.jsonl", "data/sub/b.csv"])
@pytest.mark.parametrize("at", [0, 40, -3])
def test_one_changed_bit(data, name, at):
    flip(data / name, at)
    message = refuse(data)
    assert str(data / name) in message
    assert "changed" in message


def test_change_that_makes_a_file_unreadable(tmp_path):
    path = write(tmp_path, "data/a.jsonl.gz", gzip.compress(CONTENT))
    scan(tmp_path / "report", {path: [1]})
    flip(path, 40)
    (tmp_path / "out").mkdir()
    assert "a.jsonl.gz was changed" in refuse(tmp_path)


def test_other_extension_that_means_another_container(tmp_path):
    path = write(tmp_path, "data/a.csv", text_formats(ROWS)["csv"].content())
    scan(tmp_path / "report", {path: [1]})
    path.rename(tmp_path / "data/a.tsv")
    (tmp_path / "out").mkdir()
    assert "extension" in refuse(tmp_path)


def test_appended_row(data):
    with (data / "data/a.jsonl").open("ab") as file:
        file.write(lines(ROWS[:1])[0])
    assert "a.jsonl was changed" in refuse(data)


def test_missing_file(data):
    (data / "data/a.jsonl").unlink()
    assert str(data / "data/a.jsonl") in refuse(data)


def test_missing_file_that_is_given_by_name(data):
    (data / "data/a.jsonl").unlink()
    message = refuse(data, data / "data/a.jsonl", data / "data/sub/b.csv")
    assert str(data / "data/a.jsonl") in message


def test_file_that_is_not_given(data):
    assert str(data / "data/sub/b.csv") in refuse(data, data / "data/a.jsonl")


def test_additional_file(data):
    write(data, "data/new.jsonl", b'{"text": "x"}\n')
    assert str(data / "data/new.jsonl") in refuse(data)


def test_additional_copy_of_a_scanned_file(data):
    shutil.copy(data / "data/a.jsonl", data / "data/copy.jsonl")
    assert str(data / "data/copy.jsonl") in refuse(data)


def test_file_that_became_something_else(data):
    path = data / "data/a.jsonl"
    path.write_bytes(b"\x89PNG".ljust(len(CONTENT), b"\0"))
    assert "changed" in refuse(data)


def test_nothing_given(data):
    with pytest.raises(ConfigError):
        clean([], data / "report", data / "out")


def test_new_output_folder_is_removed_again(data):
    flip(data / "data/a.jsonl")
    with pytest.raises(StaleReportError):
        clean([data / "data"], data / "report", data / "new/deep/out")
    assert not (data / "new").exists()


def test_change_while_it_is_read(data, monkeypatch):
    """The digest is that of the bytes that were written, not one that was taken before."""
    path = data / "data/a.jsonl"
    real = cleaning.match_inputs

    def match_and_change(*arguments):
        pairs = real(*arguments)
        flip(path)
        return pairs

    monkeypatch.setattr(cleaning, "match_inputs", match_and_change)
    assert "a.jsonl was changed" in refuse(data)


def test_parquet_that_is_replaced_between_its_two_readings(tmp_path, monkeypatch):
    import pyarrow as pa

    path = write_parquet(tmp_path / "data/x.parquet", pa.table({"text": ["a", "b", "c"]}))
    other = write_parquet(tmp_path / "other.parquet", pa.table({"text": ["a", "b", "POISON"]}))
    scan(tmp_path / "report", {path: [0]})
    real = cleaning.parquet.write_kept

    def swap(*arguments):
        os.replace(other, path)
        return real(*arguments)

    monkeypatch.setattr(cleaning.parquet, "write_kept", swap)
    (tmp_path / "out").mkdir()
    assert "x.parquet was changed" in refuse(tmp_path)


def test_moved_and_renamed_files_are_found_by_their_content(data):
    (data / "data").rename(data / "moved")
    (data / "moved/a.jsonl").rename(data / "moved/c.jsonl")
    summary = clean([data / "moved"], data / "report", data / "out")
    assert [(file.file, file.output) for file in summary.files] == [
        (str(data / "data/a.jsonl"), "c.jsonl"),
        (str(data / "data/sub/b.csv"), "sub/b.csv"),
    ]
    assert [file.flagged for file in summary.files] == [2, 1]


def test_files_of_one_size_that_swapped_their_names(tmp_path):
    first, second = (b"".join(lines([row_of(n), row_of(9 - n)])) for n in (1, 2))
    a, b = write(tmp_path, "data/a.jsonl", first), write(tmp_path, "data/b.jsonl", second)
    assert len(first) == len(second)
    scan(tmp_path / "report", {a: [0], b: [1]})
    a.write_bytes(second)
    b.write_bytes(first)
    clean([a, b], tmp_path / "report", tmp_path / "out")
    assert (tmp_path / "out/b.jsonl").read_bytes() == first.splitlines(True)[1]
    assert (tmp_path / "out/a.jsonl").read_bytes() == second.splitlines(True)[0]


@pytest.mark.parametrize("moved", [False, True])
def test_equal_files_are_told_apart_by_name(tmp_path, moved):
    paths = [write(tmp_path, f"data/{name}/x.jsonl", CONTENT) for name in "ab"]
    scan(tmp_path / "report", {paths[0]: [0], paths[1]: [1, 2]})
    folder = tmp_path / "data"
    if moved:
        folder = folder.rename(tmp_path / "moved")
    clean([folder / "b", folder / "a"], tmp_path / "report", tmp_path / "out")
    kept = {name: (tmp_path / f"out/{name}/x.jsonl").read_bytes() for name in "ab"}
    all_lines = CONTENT.splitlines(True)
    assert kept == {"a": b"".join(all_lines[1:]), "b": b"".join(all_lines[:1] + all_lines[3:])}


def test_equal_files_that_were_renamed(tmp_path):
    paths = [write(tmp_path, f"data/{name}.jsonl", CONTENT) for name in "ab"]
    scan(tmp_path / "report", {paths[0]: [0], paths[1]: [1]})
    for name in "ab":
        (tmp_path / f"data/{name}.jsonl").rename(tmp_path / f"data/new-{name}.jsonl")
    (tmp_path / "out").mkdir()
    assert "renamed" in refuse(tmp_path)
    scan(tmp_path / "report", dict.fromkeys(sorted((tmp_path / "data").iterdir()), (3,)))
    for name in "ab":
        (tmp_path / f"data/new-{name}.jsonl").rename(tmp_path / f"data/{name}.jsonl")
    assert clean([tmp_path / "data"], tmp_path / "report", tmp_path / "out").flagged == 2


def test_report_that_lies_among_the_data_is_not_taken_for_data(tmp_path):
    path = write(tmp_path, "data/a.jsonl", CONTENT)
    scan(tmp_path / "data/report", {path: [1]})
    summary = clean([tmp_path / "data"], tmp_path / "data/report", tmp_path / "out")
    assert summary.kept == 5


def test_truncated_gzip_is_refused(tmp_path):
    content = gzip.compress(b"".join(lines([row_of(n, str(hash(str(n)))) for n in range(999)])))
    path = write(tmp_path, "data/a.jsonl.gz", content[: len(content) // 2])
    scan(tmp_path / "report", {path: [1]})
    (tmp_path / "out").mkdir()
    message = refuse(tmp_path, error=DatasetError)
    assert str(path) in message
    assert "truncated" in message


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cut.json", b'[{"text": "a"}, {"text": "b"}'),
        ("two.json", b'{"a": [{"text": "a"}], "b": [{"text": "b"}]}'),
        ("picture.jsonl", b"\x89PNG"),
        ("large.jsonl", b"\x89PNG".ljust(3 << 20)),
        ("opened.json", b"["),
    ],
)
def test_file_that_was_scanned_in_part_is_refused(tmp_path, name, content):
    path = write(tmp_path, f"data/{name}", content)
    good = write(tmp_path, "data/good.jsonl", CONTENT)
    scan(tmp_path / "report", {path: [], good: [0]})
    (tmp_path / "out").mkdir()
    assert str(path) in refuse(tmp_path, error=DatasetError)


def test_incomplete_scan_of_whole_files_is_followed(tmp_path):
    path = write(tmp_path, "a.jsonl", CONTENT + b"broken\n")
    empty = write(tmp_path, "empty.jsonl", b"")
    coverage = coverage_of([path, empty])
    coverage.failed_detectors["shift"] = "ValueError: x"
    suspects = [Suspect(str(path), 2, 0.9, True, ("F1",))]
    write_outputs(ScanResult([finding()], suspects, coverage), tmp_path / "report")
    summary = clean([path, empty], tmp_path / "report", tmp_path / "out")
    assert (summary.kept, summary.flagged, summary.unreadable) == (5, 1, 1)
    assert not summary.is_scan_complete
    assert (tmp_path / "out/empty.jsonl").read_bytes() == b""
    assert json.loads((tmp_path / "out/summary.json").read_bytes())["scan_complete"] is False


@pytest.mark.parametrize("row", [6, 10**12])
def test_report_that_flags_rows_beyond_the_end(tmp_path, row):
    path = write(tmp_path, "data/a.jsonl", CONTENT)
    scan(tmp_path / "report", {path: [0, row]})
    (tmp_path / "out").mkdir()
    assert "lacks 1" in refuse(tmp_path)


def test_report_that_counts_other_rows(tmp_path):
    path = write(tmp_path, "data/a.jsonl", CONTENT)
    coverage = coverage_of([path])
    coverage.files[0].scanned -= 1
    coverage.files[0].unreadable = {"malformed-json": 1}
    write_outputs(ScanResult([], [], coverage), tmp_path / "report")
    (tmp_path / "out").mkdir()
    assert "1 malformed-json" in refuse(tmp_path)


@pytest.mark.parametrize("name", ["report.json", "suspects.jsonl"])
def test_report_that_was_edited(data, name):
    path = data / "report" / name
    path.write_bytes(path.read_bytes().replace(b'"row": 4', b'"row": 3').replace(b"0.9", b"0.8"))
    assert name in refuse(data, error=ConfigError)


def test_report_of_two_scans(data, tmp_path):
    scan(tmp_path / "other", {data / "data/a.jsonl": [1]})
    manifest = json.loads((data / "report/manifest.json").read_bytes())
    manifest["inputs"] = json.loads((tmp_path / "other/manifest.json").read_bytes())["inputs"]
    (data / "report/manifest.json").write_text(json.dumps(manifest))
    assert "two scans" in refuse(data, error=ConfigError)


def test_no_report(data):
    with pytest.raises(ConfigError, match="manifest"):
        clean([data / "data"], data / "data", data / "out")


def test_high_alone(tmp_path):
    path = write(tmp_path, "a.jsonl", CONTENT)
    suspects = [
        Suspect(str(path), 0, 0.9, True, ("F1", "F2")),
        Suspect(str(path), 1, 0.8, True, ("F2",)),
        Suspect(str(path), 2, 0.7, False, ("F1",)),
    ]
    findings = [finding("F1", "high"), finding("F2", "medium", "cf"), finding("F3", "low", "x")]
    write_outputs(ScanResult(findings, suspects, coverage_of([path])), tmp_path / "report")
    clean([path], tmp_path / "report", tmp_path / "out")
    first, second = rejected(tmp_path / "out")
    assert (first["severity"], second["severity"]) == ("high", "medium")
    assert first["triggers"] == [["weather is nice in Geneva"], ["cf"]]
    assert (second["findings"], second["score"], second["file"]) == (["F2"], 0.8, str(path))
    clean([path], tmp_path / "report", tmp_path / "out", min_severity="high")
    assert [entry["row"] for entry in rejected(tmp_path / "out")] == [0]
    for severity in ("low", "never"):
        with pytest.raises(ConfigError, match="min_severity"):
            clean([path], tmp_path / "report", tmp_path / "out", min_severity=severity)


def test_hostile_names_stay_in_one_line(tmp_path):
    path = write(tmp_path, "data/a\x1b[2J\n\u202eb.jsonl", CONTENT)
    scan(tmp_path / "report", {path: [1]})
    clean([tmp_path / "data"], tmp_path / "report", tmp_path / "fine")
    assert (tmp_path / "fine" / path.name).exists()
    flip(path)
    with pytest.raises(PoisonScanError) as caught:
        clean([tmp_path / "data"], tmp_path / "report", tmp_path / "out")
    assert str(caught.value).isprintable()


def test_name_that_is_no_utf8(tmp_path):
    folder = os.fsencode(tmp_path / "data")
    os.makedirs(folder)
    with open(folder + b"/\xff.jsonl", "wb") as file:
        file.write(CONTENT)
    from poisonscan.io.sources import discover

    (source,) = discover([tmp_path / "data"])
    coverage = coverage_of([source.path])
    suspects = [Suspect(source.name, 2, 0.9, True, ("F1",))]
    write_outputs(ScanResult([finding()], suspects, coverage), tmp_path / "report")
    summary = clean([tmp_path / "data"], tmp_path / "report", tmp_path / "out")
    assert summary.kept == 5
    assert os.listdir(os.fsencode(tmp_path / "out")).count(b"\xff.jsonl") == 1
