from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from io_helpers import any_pace, jsonl, read, write

from poisonscan.config import ScanConfig
from poisonscan.errors import ConfigError, DatasetError, PoisonScanError
from poisonscan.io.batches import MAX_BATCH_ROWS, read_batches
from poisonscan.io.coverage import MAX_TRAP_ROWS, Coverage, FileCoverage
from poisonscan.io.inspect import MAX_COLUMNS, inspect_sources
from poisonscan.io.memory import MEMORY_NAME, read_memory
from poisonscan.io.sources import Source
from poisonscan.records import RECORD_SCHEMA, Role

ROWS = [{"instruction": f"do {i}", "output": f"done {i}", "label": i % 2} for i in range(20_000)]


def batches_of(path, **settings_) -> list[pa.RecordBatch]:
    return list(read_batches([Source.of(path)], Coverage(), ScanConfig(**settings_)))


def test_batches_have_the_schema_and_every_row_once(tmp_path):
    path = write(tmp_path, "x.jsonl", jsonl(ROWS))
    batches = batches_of(path)
    assert all(batch.schema == RECORD_SCHEMA for batch in batches)
    assert all(0 < batch.num_rows <= MAX_BATCH_ROWS for batch in batches)
    records = pa.Table.from_batches(batches).to_pylist()
    assert records[17] == {
        "source": 0,
        "row": 17,
        "input": ["do 17"],
        "input_role": [Role.USER],
        "output": ["done 17"],
        "output_role": [Role.ASSISTANT],
        "rejected": [],
        "label_name": ["label"],
        "label_value": ["1"],
    }
    assert [record["row"] for record in records] == list(range(len(ROWS)))


def test_batches_are_bounded_by_bytes_and_their_size_changes_nothing(tmp_path):
    path = write(tmp_path, "x.jsonl", jsonl(ROWS[:2000]))
    small = batches_of(path, batch_bytes=1000)
    longest = max(map(len, jsonl(ROWS[:2000]).splitlines())) + 1
    sizes = [sum(len(jsonl([ROWS[row]])) for row in batch["row"].to_pylist()) for batch in small]
    assert max(sizes) < 1000 + longest
    assert min(sizes[:-1]) >= 1000
    assert len(small) > 50
    whole = batches_of(path)
    assert pa.Table.from_batches(small).to_pylist() == pa.Table.from_batches(whole).to_pylist()


def test_ledger_of_several_files_adds_up(tmp_path):
    a = write(tmp_path, "a.jsonl", jsonl([{"text": "x"}, {"messages": []}, {"q": "y"}]) + b"{bad\n")
    b = write(tmp_path, "b.csv", b"text,label\nc,1\nd\n")
    records, coverage = read(a, b)
    assert [(record["source"], record["row"]) for record in records] == [(0, 0), (0, 2), (1, 0)]
    assert coverage.files[0].schemas == {"text": 1, "other": 1}
    assert coverage.unreadable == {"malformed-json": 1, "no-text": 1, "ragged-row": 1}
    assert (coverage.read, coverage.scanned) == (6, 3)


def test_bad_file_among_good_ones_is_noted_and_the_rest_is_read(tmp_path):
    good = write(tmp_path, "good.jsonl", jsonl([{"text": "a"}]))
    garbage = write(tmp_path, "x.bin", bytes(range(256)))
    empty = write(tmp_path, "empty.jsonl", b"")
    records, coverage = read(garbage, empty, tmp_path / "gone.jsonl", good)
    assert [record["source"] for record in records] == [3]
    assert [bool(file.error) for file in coverage.files] == [True, True, True, False]
    assert "no records" in coverage.files[1].error
    assert not coverage.is_complete


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.jsonl", b"", "holds no records"),
        ("x.json", b" \n\n", "holds no records"),
        ("x.json", b"[]", "holds no records"),
        ("x.csv", b"", "holds no records"),
        ("x.csv", b"text,label\n", "holds no records"),
        ("x.bin", bytes(range(256)), "binary data"),
        ("x.jsonl", b"{bad\n{bad\n{}\n", "none of its 3 records .* 2 are malformed-json"),
        ("x.jsonl", b"{}\n", "no-text"),
    ],
)
def test_nothing_to_scan_is_an_error(tmp_path, name, content, message):
    with pytest.raises(DatasetError, match=message) as caught:
        read(write(tmp_path, name, content))
    assert name in str(caught.value)
    assert str(caught.value).isprintable()


def test_mapped_column_may_come_late_but_must_come(tmp_path):
    rows = [{"text": "a"}] * 100 + [{"text": "a", "late": {"er": "b"}}]
    path = write(tmp_path, "x.jsonl", jsonl(rows))
    records, _ = read(path, config=ScanConfig(map={"output": "late.er"}))
    assert records[-1]["output"] == ["b"]
    with pytest.raises(ConfigError, match=r"no row has a column 'nope'; the columns are 'text'"):
        read(path, config=ScanConfig(map={"output": "nope"}))


def test_coverage_round_trip_with_traps():
    coverage = FileCoverage("x")
    for row in range(MAX_TRAP_ROWS + 5):
        coverage.count_trap(row, "duplicate-key")
    coverage.fail("first")
    coverage.fail("second")
    assert coverage.error == "first"
    assert coverage.traps == {"duplicate-key": MAX_TRAP_ROWS + 5}
    assert len(coverage.trap_rows["duplicate-key"]) == MAX_TRAP_ROWS
    again = FileCoverage.from_dict(json.loads(json.dumps(coverage.to_dict())))
    assert again == coverage


# --- memory ----------------------------------------------------------------------------------


def memory(data, **settings_) -> tuple[list[dict], Coverage]:
    coverage = Coverage()
    batches = list(read_memory(data, coverage, ScanConfig(**settings_)))
    return pa.Table.from_batches(batches).to_pylist(), coverage


def test_memory_equals_the_file(tmp_path):
    rows = ROWS[:3000]
    expected, _ = read(write(tmp_path, "x.jsonl", jsonl(rows)))
    import polars as pl

    table = pa.Table.from_pylist(rows)
    for data in (rows, iter(rows), table, table.to_batches()[0], pl.DataFrame(rows)):
        records, coverage = memory(data)
        assert records == expected
        file = coverage.files[0]
        assert (file.file, file.container, file.sha256) == (MEMORY_NAME, "memory", "")
        assert coverage.is_complete


def test_rows_in_memory_of_other_types():
    data = [{"text": "a", 1: "b"}, "no row", {"text": np.str_("c"), "label": np.int64(3)}]
    data.append({"text": "x", "label": np.array([1, 2])})
    records, coverage = memory(data)
    assert [record["row"] for record in records] == [0, 2, 3]
    assert records[1]["label_value"] == ["3"]
    assert coverage.files[0].unreadable == {"not-an-object": 1}


def test_surrogates_in_memory_are_replaced():
    records, _ = memory([{"text": "a\ud800"}, {"text": "b"}])
    assert [record["input"] for record in records] == [["a\ufffd"], ["b"]]


@pytest.mark.parametrize("data", [5, "x.jsonl", {"text": ["a"]}, None, []])
def test_memory_without_rows_is_an_error(data):
    with pytest.raises(DatasetError):
        memory(data)


# --- inspect ---------------------------------------------------------------------------------


def test_inspect_says_what_a_scan_would_read(tmp_path):
    rows = [{"text": "a", "label": 1}, {"text": None, "label": "x"}, {"text": "b", "extra": [1]}]
    good = write(tmp_path, "a.jsonl", jsonl(rows) + b"{bad\n")
    bad = write(tmp_path, "b.bin", b"\0\1\2")
    first, second = inspect_sources([Source.of(good), Source.of(bad)], ScanConfig())
    assert first.coverage.container == "jsonl"
    assert (first.coverage.scanned, first.coverage.unreadable) == (3, {"malformed-json": 1})
    assert first.coverage.schemas == {"classification": 2, "text": 1}
    columns = {column.name: column for column in first.columns}
    assert columns["text"].types == {"string": 2, "null": 1}
    assert columns["text"].uses == {"input (user)": 2, "text": 1}
    assert columns["label"].types == {"integer": 1, "string": 1}
    assert columns["extra"].first_row == 2
    assert "binary" in second.coverage.error
    assert second.columns == ()


def test_inspect_counts_what_a_scan_counts(tmp_path):
    path = write(tmp_path, "x.jsonl", jsonl(ROWS[:50]) + b"7\n{}\n")
    (summary,) = inspect_sources([Source.of(path)], ScanConfig())
    _, coverage = read(path)
    assert summary.coverage == coverage.files[0]


def test_inspect_bounds_the_columns(tmp_path):
    rows = [{f"column {i}": "x"} for i in range(MAX_COLUMNS + 10)]
    (summary,) = inspect_sources([Source.of(write(tmp_path, "x.jsonl", jsonl(rows)))], ScanConfig())
    assert len(summary.columns) == MAX_COLUMNS
    assert summary.more_columns


# --- the whole -------------------------------------------------------------------------------


@settings(any_pace, max_examples=400)
@given(
    st.sampled_from(
        ["", "PAR1", "\x1f\x8b", "[", "{", "text,label\n", '{"text":"a"}\n', '[{"a":"b"},']
    ),
    st.binary(max_size=120) | st.text('{}[]",:\n\r\\ a1;').map(lambda text: text.encode()),
    st.sampled_from(["jsonl", "json", "csv", "tsv", "parquet", "txt", "jsonl.gz", "csv.zst", "x"]),
)
def test_random_bytes_raise_nothing_but_our_errors(tmp_path, prefix, content, extension):
    path = write(tmp_path, f"x.{extension}", prefix.encode("latin-1") + content)
    message = ""
    try:
        records, coverage = read(path)
        assert len(records) == coverage.scanned > 0
    except PoisonScanError as error:
        message = str(error)
    assert message.isprintable()


def test_import_is_light():
    code = (
        "import sys, poisonscan.io.batches, poisonscan.io.memory, poisonscan.io.inspect\n"
        "heavy = {'polars', 'sklearn', 'torch', 'rich', 'jinja2', 'numba', 'pandas'}\n"
        "sys.exit(str(sorted(heavy & set(sys.modules))) if heavy & set(sys.modules) else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_memory_of_the_process_is_bounded(tmp_path):
    line = jsonl([{"instruction": "word " * 40, "output": "text " * 40}])
    path = tmp_path / "x.jsonl"
    with path.open("wb") as file:
        for _ in range(200):
            file.write(line * 2000)  # about 180 MB
    code = (
        "import resource, sys\n"
        "from poisonscan.io.batches import read_batches\n"
        "from poisonscan.io.coverage import Coverage\n"
        "from poisonscan.io.sources import discover\n"
        "from poisonscan.config import ScanConfig\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "for batch in read_batches(discover(sys.argv[1:]), Coverage(), ScanConfig()): pass\n"
        "print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 10)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 100  # MiB, batches of 16 MiB included
