"""Kept rows of JSONL, JSON, CSV and TSV, whatever is removed and however it is compressed."""

from __future__ import annotations

import csv
import hashlib
import io
import json

import pytest
from export_helpers import (
    COMPRESSORS,
    DECOMPRESSORS,
    TRIGGER,
    Text,
    any_pace,
    coverage_of,
    lines,
    rejected,
    row_of,
    scan,
    text_formats,
    tree,
    write,
)
from hypothesis import given
from hypothesis import strategies as st

from poisonscan.config import ScanConfig
from poisonscan.export import clean
from poisonscan.io.coverage import FileCoverage
from poisonscan.io.raw import iter_raw
from poisonscan.io.sources import Source

FORMATS = sorted(text_formats([row_of(0)]))
ROWS = [row_of(number, TRIGGER if number % 3 == 0 else "") for number in range(10)]


def parse(name: str, content: bytes) -> list:
    """Read rows with the standard library alone."""
    text = content.decode("utf-8-sig")
    if name.endswith(".jsonl"):
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    if name.endswith(".json"):
        value = json.loads(text)
        return value["data"] if isinstance(value, dict) else value
    records = csv.DictReader(io.StringIO(text), delimiter="\t" if name.endswith(".tsv") else ",")
    return list(records)


@pytest.mark.parametrize("suffix", sorted(COMPRESSORS))
@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("removed", [[0, 3, 6, 9], [0], [9], [4, 5], [], list(range(9))])
def test_kept_rows_stay_as_they_are(tmp_path, kind, suffix, removed):
    text = text_formats(ROWS)[kind]
    name = text.name + suffix
    path = write(tmp_path, f"data/{name}", COMPRESSORS[suffix](text.content()))
    report = scan(tmp_path / "report", {path: removed})
    summary = clean([path], report, tmp_path / "out")
    cleaned = (tmp_path / "out" / name).read_bytes()
    content = DECOMPRESSORS[suffix](cleaned)
    assert content == text.content(removed)
    kept = [row for number, row in enumerate(ROWS) if number not in removed]
    assert parse(text.name, content) == kept
    assert [
        row.value for row in iter_raw(Source.of(tmp_path / "out" / name), FileCoverage(""))
    ] == kept
    assert [entry["row"] for entry in rejected(tmp_path / "out")] == removed
    assert [entry["record"] for entry in rejected(tmp_path / "out")] == [ROWS[n] for n in removed]
    assert (summary.read, summary.kept, summary.rejected) == (10, 10 - len(removed), len(removed))
    assert summary.files[0].sha256 == hashlib.sha256(cleaned).hexdigest()
    assert summary.files[0].size == len(cleaned)
    assert sorted(tree(tmp_path / "out")) == sorted([name, "rejected.jsonl", "summary.json"])


@any_pace
@given(
    data=st.data(),
    kind=st.sampled_from(FORMATS),
    suffix=st.sampled_from(sorted(COMPRESSORS)),
    texts=st.lists(
        st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12),
        min_size=2,
        max_size=12,
    ),
)
def test_any_subset_of_any_rows(tmp_path_factory, data, kind, suffix, texts):
    rows = [row_of(number, text) for number, text in enumerate(texts)]
    removed = sorted(data.draw(st.sets(st.integers(0, len(rows) - 1))))
    text = text_formats(rows)[kind]
    folder = tmp_path_factory.mktemp("x")
    path = write(folder, text.name + suffix, COMPRESSORS[suffix](text.content()))
    summary = clean([path], scan(folder / "report", {path: removed}), folder / "out")
    cleaned = DECOMPRESSORS[suffix]((folder / "out" / path.name).read_bytes())
    assert cleaned == text.content(removed)
    assert summary.kept + summary.rejected == summary.read == len(rows)
    assert [entry["record"] for entry in rejected(folder / "out")] == [rows[n] for n in removed]


def test_every_row_may_be_removed(tmp_path):
    for kind, text in text_formats(ROWS).items():
        folder = tmp_path / kind
        path = write(folder, text.name, text.content())
        clean([path], scan(folder / "report", {path: range(10)}), folder / "out")
        content = (folder / "out" / text.name).read_bytes()
        assert content == text.content(range(10))
        assert parse(text.name, content) == []


@pytest.mark.parametrize("removed", [0, 1, 2])
def test_last_line_without_terminator(tmp_path, removed):
    records = [*lines(ROWS[:2]), *lines(ROWS[2:3], b"")]
    text = Text("rows.jsonl", b"", records)
    path = write(tmp_path, text.name, text.content())
    clean([path], scan(tmp_path / "report", {path: [removed]}), tmp_path / "out")
    assert (tmp_path / "out" / text.name).read_bytes() == text.content([removed])


def test_unreadable_rows_in_the_middle_are_rejected_with_their_bytes(tmp_path):
    good = lines(ROWS)
    bad = [b'{"instruction": broken}\n', b'\xff{"a": 1}\n', b"[1, 2]\n", b"{}\n"]
    content = good[0] + bad[0] + b"\n" + good[1] + bad[1] + bad[2] + good[2] + bad[3] + good[3]
    path = write(tmp_path, "rows.jsonl", content)
    report = scan(tmp_path / "report", {path: [2]})
    summary = clean([path], report, tmp_path / "out")
    kept = (tmp_path / "out" / "rows.jsonl").read_bytes()
    assert kept == good[0] + b"\n" + good[2] + good[3]
    entries = {entry["row"]: entry for entry in rejected(tmp_path / "out")}
    reasons = {row: entry["reason"] for row, entry in entries.items()}
    assert reasons == {
        1: "malformed-json",
        2: "flagged",
        3: "bad-utf8",
        4: "not-an-object",
        6: "no-text",
    }
    assert (entries[1]["raw"], entries[1]["encoding"]) == (bad[0].decode(), "utf-8")
    assert (entries[3]["raw"], entries[3]["encoding"]) == ("/3siYSI6IDF9Cg==", "base64")
    assert entries[6]["record"] == {}
    assert entries[1]["record"] is None
    assert (summary.read, summary.kept, summary.flagged, summary.unreadable) == (8, 3, 1, 4)
    assert summary.files[0].unreadable == {
        "bad-utf8": 1,
        "malformed-json": 1,
        "no-text": 1,
        "not-an-object": 1,
    }
    assert coverage_of([tmp_path / "out" / "rows.jsonl"]).is_complete


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        (b'[{"text": bad}, {"text": "a"}, {"text": "b"}]', b'[{"text": "a"}, {"text": "b"}]'),
        (b'[{"text": "a"}, 17 ,{"text": "b"}]', b'[{"text": "a"},{"text": "b"}]'),
        (b'[{"text": "a"}, {"text": "b"} , ]', b'[{"text": "a"}, {"text": "b"} ]'),
        (b'[ ,{"text": "a"}]', b'[ {"text": "a"}]'),
        (b'[[{"text": "a"}], {"text": "b"}]', b'[{"text": "b"}]'),
    ],
)
def test_unreadable_elements_leave_a_valid_array(tmp_path, content, kept):
    path = write(tmp_path, "rows.json", content)
    summary = clean([path], scan(tmp_path / "report", {path: []}), tmp_path / "out")
    cleaned = (tmp_path / "out" / "rows.json").read_bytes()
    assert b"".join(cleaned.split()) == b"".join(kept.split())
    assert len(json.loads(cleaned)) == summary.kept
    assert summary.unreadable == summary.read - summary.kept > 0


def test_unusable_csv_records_are_rejected(tmp_path):
    content = b'text,label\na,1\nragged\n\nb,\xff\n"c\nc",2\nmany,1,2\nd,"3\n'
    path = write(tmp_path, "rows.csv", content)
    summary = clean([path], scan(tmp_path / "report", {path: []}), tmp_path / "out")
    assert (tmp_path / "out" / "rows.csv").read_bytes() == b'text,label\na,1\n\n"c\nc",2\n'
    entries = rejected(tmp_path / "out")
    assert [entry["raw"] for entry in entries][::2] == ["ragged\n", "many,1,2\n"]
    assert (summary.kept, summary.unreadable) == (2, 4)


def test_rows_that_are_too_large_are_rejected_without_their_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr("poisonscan.io.rows.MAX_RECORD_BYTES", 1 << 20)
    rows = lines([row_of(0), row_of(1, "x" * (3 << 20)), row_of(2)])
    path = write(tmp_path, "rows.jsonl", b"".join(rows))
    clean([path], scan(tmp_path / "report", {path: [2]}), tmp_path / "out")
    assert (tmp_path / "out" / "rows.jsonl").read_bytes() == rows[0]
    first, second = rejected(tmp_path / "out")
    assert (first["row"], first["reason"], first["raw"]) == (1, "too-large", None)
    assert (second["row"], second["reason"]) == (2, "flagged")


def test_mapping_of_the_scan_decides_which_rows_can_be_read(tmp_path):
    rows = [{"a": "question", "b": "reply"}, {"c": 1.5}, {"a": "other", "b": None}]
    path = write(tmp_path, "rows.jsonl", b"".join(lines(rows)))
    config = ScanConfig(map={"instruction": "a", "output": "b"})
    expected = coverage_of([path], config).files[0]
    assert expected.unreadable
    summary = clean([path], scan(tmp_path / "report", {path: []}, config=config), tmp_path / "out")
    assert summary.files[0].unreadable == expected.unreadable


def test_hostile_rows_reach_the_list_of_rejected_rows_as_plain_ascii(tmp_path):
    content = (
        b'{"text": "\\u001b[2J \\ud800 \xe2\x80\xae", "n": NaN}\n'
        b'{"text": "a", "text": "b", "big": 123456789012345678901234567890}\n'
        b'{"text": "\xf0\x9f\x98\x80"}\n'
    )
    path = write(tmp_path, "rows.jsonl", content)
    clean([path], scan(tmp_path / "report", {path: [0, 1]}), tmp_path / "out")
    first, second = rejected(tmp_path / "out")
    assert first["record"]["n"] is None
    assert first["record"]["text"].startswith("\x1b[2J")
    assert "a" in second["record"].values()
    assert (tmp_path / "out" / "rows.jsonl").read_bytes() == content.splitlines(True)[2]


def test_the_same_bytes_every_time(tmp_path):
    for suffix in COMPRESSORS:
        content = COMPRESSORS[suffix](b"".join(lines(ROWS)))
        path = write(tmp_path, f"rows.jsonl{suffix}", content)
        report = scan(tmp_path / "report", {path: [1]})
        clean([path], report, tmp_path / "a")
        clean([path], report, tmp_path / "b")
        assert tree(tmp_path / "a") == tree(tmp_path / "b")


def test_progress_counts_the_bytes_of_the_files(tmp_path):
    path = write(tmp_path, "rows.jsonl", b"".join(lines(ROWS)))
    counts: list[int] = []
    clean([path], scan(tmp_path / "r", {path: [1]}), tmp_path / "out", progress=counts.append)
    assert sum(counts) == path.stat().st_size


def test_long_files_pass_through_in_pieces(tmp_path):
    rows = [row_of(number, "x" * 500) for number in range(6000)]
    text = text_formats(rows)["json-wrapped"]
    removed = list(range(0, 6000, 7))
    path = write(tmp_path, "rows.json.zst", COMPRESSORS[".zst"](text.content()))
    clean([path], scan(tmp_path / "report", {path: removed}), tmp_path / "out")
    cleaned = DECOMPRESSORS[".zst"]((tmp_path / "out" / "rows.json.zst").read_bytes())
    assert cleaned == text.content(removed)
