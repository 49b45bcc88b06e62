from __future__ import annotations

import copy
import errno
import hashlib
import io
import json
import math
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from poisonscan.errors import ConfigError, OutputError
from poisonscan.findings.model import SCHEMA_VERSION, ScanResult
from poisonscan.report import atomic, files
from poisonscan.report.files import read_manifest, read_report, write_outputs
from poisonscan.report.html import render_page
from poisonscan.report.json_form import decode_report, encode_report, encode_suspects
from poisonscan.report.manifest import Manifest, describe_scan, digest_config
from poisonscan.report.terminal import render, render_explain
from tests.report.builders import make_clean_result, make_hostile_result, make_result

NAMES = ["report.json", "suspects.jsonl", "report.html", "manifest.json"]


def contents(folder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def strict_json(data: bytes):
    def refuse(name):
        raise AssertionError(f"{name} in JSON")

    return json.loads(data, parse_constant=refuse)


@pytest.mark.parametrize("make", [make_result, make_clean_result, make_hostile_result])
def test_round_trip(tmp_path, make):
    written = write_outputs(make(), tmp_path / "a" / "b")
    assert [path.name for path in written] == NAMES
    assert sorted(contents(tmp_path / "a" / "b")) == sorted(NAMES)
    assert read_report(tmp_path / "a" / "b") == make()


def test_what_is_written(tmp_path):
    write_outputs(make_result(), tmp_path)
    report = strict_json((tmp_path / "report.json").read_bytes())
    assert list(report) == [
        "schema_version",
        "tool",
        "summary",
        "coverage",
        "config",
        "versions",
        "findings",
    ]
    assert report["schema_version"] == SCHEMA_VERSION
    assert report["tool"]["name"] == "poisonscan"
    assert report["summary"] == {
        "verdict": "2 findings at or above high (1 medium, 1 low below);"
        " 12,400 of 12,410 rows scanned; incomplete: 10 rows unreadable",
        "findings": {"high": 2, "medium": 1, "low": 1},
        "rows_read": 12_410,
        "rows_scanned": 12_400,
        "rows_unreadable": 10,
        "rows_flagged": 107,
        "rows_listed": 109,
        "complete": False,
    }
    first = report["findings"][0]
    assert first["triggers"] == [["weather is nice in Geneva"]]
    assert first["fingerprint"] == make_result().findings[0].fingerprint
    lines = (tmp_path / "suspects.jsonl").read_bytes().splitlines()
    assert json.loads(lines[0]) == {
        "file": "data/tickets.jsonl.gz",
        "row": 37,
        "score": 0.9981,
        "flagged": True,
        "findings": ["F1"],
    }


def test_the_same_scan_writes_the_same_bytes(tmp_path):
    result = make_result()
    write_outputs(result, tmp_path / "one")
    backwards = [
        replace(
            finding,
            evidence=dict(reversed(finding.evidence.items())),
            counts=dict(reversed(finding.counts.items())),
        )
        for finding in result.findings
    ]
    config = dict(reversed(result.config.items()))
    config |= {"scratch_dir": "/mnt/elsewhere", "batch_bytes": 1}
    versions = dict(reversed(result.versions.items()))
    other = replace(result, findings=backwards, config=config, versions=versions)
    write_outputs(other, tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert not any(b"elsewhere" in data for data in contents(tmp_path / "two").values())


def test_hostile_strings_cannot_act_in_a_terminal(tmp_path):
    write_outputs(make_hostile_result(), tmp_path)
    for name in ("report.json", "suspects.jsonl", "manifest.json"):
        assert set((tmp_path / name).read_bytes()) <= {10, *range(32, 127)}


def test_numbers_are_strict_and_rounded():
    finding = replace(
        make_result().findings[0],
        score=1 / 3,
        support=np.int64(5),
        counts={"both": np.int32(5)},
        evidence={"a": math.nan, "b": -math.inf, "c": np.float32(0.1), "d": 123456.789},
    )
    result = ScanResult([finding], [], make_clean_result().coverage)
    plain = strict_json(encode_report(result))["findings"][0]
    assert plain["score"] == 0.333333
    assert plain["support"] == 5
    assert plain["counts"] == {"both": 5}
    assert plain["evidence"] == {"a": None, "b": None, "c": 0.1, "d": 123457.0}
    again = decode_report(encode_report(result), [], "f")
    assert math.isnan(again.findings[0].evidence["a"])
    assert encode_report(again) == encode_report(result)


def test_manifest(tmp_path):
    result = make_result()
    write_outputs(result, tmp_path, started="2020-01-01T00:00:00Z", ended="2020-01-01T00:01:00Z")
    manifest = read_manifest(tmp_path)
    assert [(file.file, file.sha256, file.size) for file in manifest.inputs] == [
        ("data/tickets.jsonl.gz", "9f" * 32, 4_718_592),
        ("data/reviews.csv", "c0" * 32, 1_048_576),
    ]
    assert manifest.inputs[0].rows_read == 10_010
    assert manifest.inputs[0].rows_scanned == 10_000
    assert manifest.inputs[0].rows_unreadable == {"bad-utf8": 1, "malformed-json": 9}
    assert manifest.outputs == {
        name: hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in NAMES[:3]
    }
    assert manifest.config_sha256 == digest_config(result.config)
    assert digest_config({**result.config, "seed": 1}) != manifest.config_sha256
    assert manifest.started == "2020-01-01T00:00:00Z"
    assert manifest.versions["numpy"] == "2.1.0"  # the scan's own word goes first
    assert {"python", "poisonscan", "numba", "pyarrow", "polars", "scikit-learn"} <= set(
        manifest.versions
    )
    for name in NAMES[:3]:
        assert b"2020-01-01" not in (tmp_path / name).read_bytes()


# --- writing together or not at all ---------------------------------------------------------


@pytest.fixture
def earlier(tmp_path):
    write_outputs(make_clean_result(), tmp_path)
    return contents(tmp_path)


@pytest.mark.parametrize("fails_at", range(8))  # four files, each moved away and replaced
@pytest.mark.parametrize("error", [OSError(errno.EIO, "I/O error"), KeyboardInterrupt()])
def test_a_failed_move_restores_the_earlier_scan(tmp_path, earlier, monkeypatch, fails_at, error):
    calls = []
    real = os.replace

    def replace_or_fail(source, target):
        calls.append(source)
        if len(calls) == fails_at + 1:
            raise error
        real(source, target)

    monkeypatch.setattr(atomic.os, "replace", replace_or_fail)
    with pytest.raises(OutputError if isinstance(error, OSError) else KeyboardInterrupt):
        write_outputs(make_result(), tmp_path)
    assert len(calls) > fails_at
    assert contents(tmp_path) == earlier


@pytest.mark.parametrize("fails_at", range(4))
def test_a_full_disk_leaves_the_earlier_scan(tmp_path, earlier, monkeypatch, fails_at):
    calls = []

    def sync_or_fail(handle):
        calls.append(handle)
        if len(calls) == fails_at + 1:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(atomic.os, "fsync", sync_or_fail)
    with pytest.raises(OutputError, match="No space left on device; choose another folder"):
        write_outputs(make_result(), tmp_path)
    assert contents(tmp_path) == earlier


def test_a_crash_while_rendering_leaves_the_earlier_scan(tmp_path, earlier, monkeypatch):
    def crash(suspects):
        yield b"{"
        raise ZeroDivisionError

    monkeypatch.setattr(files, "encode_suspects", crash)
    with pytest.raises(ZeroDivisionError):
        write_outputs(make_result(), tmp_path)
    assert contents(tmp_path) == earlier
    with pytest.raises(ZeroDivisionError):
        write_outputs(make_result(), tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_an_earlier_scan_is_replaced(tmp_path, earlier):
    (tmp_path / "notes.txt").write_text("mine")
    write_outputs(make_result(), tmp_path)
    after = contents(tmp_path)
    assert all(after[name] != earlier[name] for name in NAMES)
    assert sorted(after) == sorted([*NAMES, "notes.txt"])
    assert read_report(tmp_path) == make_result()


def test_files_follow_the_umask(tmp_path):
    older = os.umask(0o027)
    try:
        written = write_outputs(make_result(), tmp_path)
    finally:
        os.umask(older)
    assert {path.stat().st_mode & 0o777 for path in written} == {0o640}


def test_links_are_replaced_not_followed(tmp_path):
    outside = tmp_path / "outside.txt"
    outside.write_text("mine")
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "report.json").symlink_to(outside)
    write_outputs(make_result(), folder)
    assert outside.read_text() == "mine"
    assert not (folder / "report.json").is_symlink()


def test_unwritable_folders(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "out" / "manifest.json").mkdir(parents=True)
    for folder in ("file", "file/below", "out", "a\0b"):
        with pytest.raises(OutputError) as caught:
            write_outputs(make_result(), tmp_path / folder)
        assert "\n" not in str(caught.value)
        assert "\0" not in str(caught.value)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["manifest.json"]


# --- reading with suspicion -----------------------------------------------------------------


def edit_report(folder, **changes):
    path = folder / "report.json"
    plain = json.loads(path.read_bytes()) | changes
    path.write_text(json.dumps({key: value for key, value in plain.items() if value != "drop"}))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"schema_version": "2.0"}, "schema_version is '2.0', this poisonscan reads 1.0"),
        ({"schema_version": 1.0}, "schema_version is 1.0"),
        ({"schema_version": "drop"}, "no schema_version"),
        ({"findings": "drop"}, "findings is missing"),
        ({"findings": {}}, r"report\.json\.findings: expected a list"),
        ({"coverage": {}}, "files is missing"),
        ({"summary": {"rows_listed": 5, "rows_flagged": 5}}, "says 5 and 5; scan again"),
    ],
)
def test_refused_reports(tmp_path, changes, message):
    write_outputs(make_result(), tmp_path)
    edit_report(tmp_path, **changes)
    with pytest.raises(ConfigError, match=message):
        read_report(tmp_path)


def test_contradicting_suspects_are_refused(tmp_path):
    write_outputs(make_result(), tmp_path)
    path = tmp_path / "suspects.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    for changed, message in (
        (lines[:-1], "has 108 rows"),
        ([*lines[:-2], lines[-1], lines[-1]], "listed twice"),
        ([*lines[:-1], lines[-1].replace(b'"findings": []', b'"findings": ["F9"]')], "finding F9"),
        ([*lines[:-1], b"\n"], "suspects.jsonl:109: no valid JSON"),
        ([*lines[:-1], lines[-1][:20]], "suspects.jsonl:109: no valid JSON"),
        ([*lines[:-1], lines[-1].replace(b'"row": 9', b'"row": -9')], "row: expected a whole"),
    ):
        path.write_bytes(b"".join(changed))
        with pytest.raises(ConfigError, match=message):
            read_report(tmp_path)


def test_two_findings_of_one_name_are_refused():
    result = make_result()
    twice = replace(result, findings=[result.findings[0], *result.findings])
    with pytest.raises(ConfigError, match="two findings have the same id"):
        decode_report(encode_report(twice), encode_suspects(twice.suspects), "f")


def test_missing_reports(tmp_path):
    for folder in (tmp_path / "absent", tmp_path, "a\0b"):
        with pytest.raises(ConfigError, match=r"cannot read report\.json.*poisonscan scan --out"):
            read_report(folder)
        with pytest.raises(ConfigError, match=r"cannot read manifest\.json"):
            read_manifest(folder)


REPORT = json.loads(encode_report(make_result()))
SUSPECTS = [json.loads(line) for line in encode_suspects(make_result().suspects)]
MANIFEST = json.loads(describe_scan(make_result(), {"report.json": "00"}).encode())
ODD_VALUES = st.sampled_from(
    [
        *(None, True, -1, 0, 7, 1.5, -1e300, 2**70, "", "F1", "\ud800\x1b", "high", "1.0"),
        *([], {}, [[]], [1, "a"], {"a": 1}, {"text": "x", "kind": "exact"}, {"": {}}, [None]),
    ]
)


@st.composite
def mutated(draw, plain):
    """Return a JSON document with a few of its values replaced, deleted or doubled."""
    plain = copy.deepcopy(plain)
    for _ in range(draw(st.integers(1, 3))):
        node = plain
        while True:
            keys = list(node) if isinstance(node, dict) else range(len(node))
            key = draw(st.sampled_from(keys))
            child = node[key]
            if not (isinstance(child, (dict, list)) and child) or draw(st.integers(0, 3)) == 0:
                break
            node = child
        match draw(st.sampled_from(["replace", "delete", "double"])):
            case "replace":
                node[key] = copy.deepcopy(draw(ODD_VALUES))
            case "delete" if len(node) > 1:
                del node[key]
            case "double" if isinstance(node, list):
                node.append(copy.deepcopy(child))
    return plain


def dump(plain) -> bytes:
    return json.dumps(plain).encode()


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutated(REPORT), st.just(SUSPECTS) | mutated(SUSPECTS))
def test_no_report_breaks_the_reader_or_a_renderer(report, suspects):
    try:
        result = decode_report(dump(report), map(dump, suspects), "f")
    except ConfigError:
        return
    render(result, io.StringIO())
    render_page(result)
    for finding in result.findings:
        render_explain(result, finding.id, io.StringIO())
    assert decode_report(encode_report(result), encode_suspects(result.suspects), "f")


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutated(MANIFEST))
def test_no_manifest_breaks_the_reader(manifest):
    try:
        decoded = Manifest.decode(dump(manifest), "f")
    except ConfigError:
        return
    assert Manifest.decode(decoded.encode(), "f").inputs == decoded.inputs


@given(st.binary(max_size=60), st.integers(0, 10_000))
def test_damaged_bytes_are_refused_or_harmless(noise, at):
    data = encode_report(make_clean_result())
    at %= len(data)
    damaged = data[:at] + noise + data[at + len(noise) :]
    try:
        result = decode_report(damaged, [], "f")
    except ConfigError:
        return
    assert isinstance(result, ScanResult)


def test_heavy_libraries_are_loaded_only_to_render():
    code = (
        "import sys, poisonscan.report.files, poisonscan.report.terminal, poisonscan.report.html;"
        "print(sorted({'rich', 'jinja2', 'polars', 'sklearn', 'numba'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
