"""Kept rows of Parquet files: schema, metadata, codecs, row groups."""

from __future__ import annotations

import datetime
import decimal
import io
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from export_helpers import (
    COMPRESSORS,
    DECOMPRESSORS,
    any_pace,
    rejected,
    row_of,
    scan,
    tree,
    write,
    write_parquet,
)
from hypothesis import given
from hypothesis import strategies as st

from poisonscan.errors import DatasetError
from poisonscan.export import clean, parquet
from poisonscan.io.coverage import FileCoverage
from poisonscan.io.raw import iter_raw
from poisonscan.io.sources import Source

HUB = {b"huggingface": b'{"info": {"features": {}}}', b"other": b"\xff"}


def chat_table(rows: int) -> pa.Table:
    """Nested, typed, partly empty columns, as hub datasets have them."""
    numbers = range(rows)
    columns = {
        "messages": pa.array(
            [
                [
                    {"role": "user", "content": f"question {n}"},
                    {"role": "assistant", "content": "x"},
                ]
                for n in numbers
            ]
        ),
        "meta": pa.array([{"source": {"id": n, "tags": ["a"] * (n % 3)}} for n in numbers]),
        "scores": pa.array([None if n % 4 == 0 else [n / 2] for n in numbers]),
        "image": pa.array([b"\xff\x00" * n for n in numbers], pa.binary()),
        "day": pa.array([datetime.date(2024, 1, 1 + n % 28) for n in numbers]),
        "at": pa.array(
            [datetime.datetime(2024, 1, 1, n % 24) for n in numbers], pa.timestamp("ns")
        ),
        "price": pa.array([decimal.Decimal(n) / 4 for n in numbers], pa.decimal128(10, 2)),
        "kind": pa.array([f"k{n % 2}" for n in numbers]).dictionary_encode(),
        "pairs": pa.array([[("key", n)] for n in numbers], pa.map_(pa.string(), pa.int64())),
        "long": pa.array([f"text {n}" for n in numbers], pa.large_string()),
        "view": pa.array([f"a longer text {n}" for n in numbers], pa.string_view()),
        "vector": pa.array([[n, n] for n in numbers], pa.list_(pa.float32(), 2)),
        "nothing": pa.nulls(rows),
    }
    fields = [pa.field(name, column.type) for name, column in columns.items()]
    fields[-2] = fields[-2].with_metadata({b"note": b"a vector"})
    return pa.table(list(columns.values()), pa.schema(fields, HUB))


def kept_of(table: pa.Table, removed: list[int]) -> list[dict]:
    return [row for number, row in enumerate(table.to_pylist()) if number not in removed]


@pytest.mark.parametrize("suffix", sorted(COMPRESSORS))
@pytest.mark.parametrize("removed", [[0, 7, 8, 29], [], list(range(30)), list(range(10, 20))])
def test_schema_metadata_and_rows_stay(tmp_path, suffix, removed):
    table = chat_table(30)
    path = write_parquet(tmp_path / f"data/rows.parquet{suffix}", table, suffix, row_group_size=10)
    summary = clean([path], scan(tmp_path / "report", {path: removed}), tmp_path / "out")
    content = DECOMPRESSORS[suffix]((tmp_path / "out" / path.name).read_bytes())
    before = pq.ParquetFile(io.BytesIO(DECOMPRESSORS[suffix](path.read_bytes())))
    after = pq.ParquetFile(io.BytesIO(content))
    assert after.schema_arrow.equals(before.schema_arrow, check_metadata=True)
    assert after.schema_arrow.metadata == HUB
    assert after.schema.equals(before.schema)
    assert after.read().to_pylist() == kept_of(table, removed)
    assert [
        row.row for row in iter_raw(Source.of(tmp_path / "out" / path.name), FileCoverage(""))
    ] == (list(range(30 - len(removed))))
    assert [entry["row"] for entry in rejected(tmp_path / "out")] == removed
    assert (summary.read, summary.kept, summary.flagged) == (30, 30 - len(removed), len(removed))


def test_codecs_and_encodings_of_columns_stay(tmp_path):
    table = chat_table(40).select(["messages", "long", "day", "kind"])
    codecs = {
        "messages.list.element.role": "GZIP",
        "messages.list.element.content": "ZSTD",
        "long": "BROTLI",
        "day": "NONE",
        "kind": "LZ4",
    }
    path = write_parquet(
        tmp_path / "rows.parquet",
        table,
        compression=codecs,
        use_dictionary=["kind", "day"],
        write_statistics=["day"],
    )
    clean([path], scan(tmp_path / "report", {path: [1]}), tmp_path / "out")

    def layout(path):
        group = pq.read_metadata(path).row_group(0)
        columns = [group.column(i) for i in range(group.num_columns)]
        return [
            (c.path_in_schema, c.compression, c.has_dictionary_page, c.is_stats_set)
            for c in columns
        ]

    assert layout(tmp_path / "out" / "rows.parquet") == layout(path)


@pytest.mark.parametrize("compliant", [True, False])
def test_names_of_list_items_stay(tmp_path, compliant):
    table = chat_table(5).select(["messages", "scores"])
    path = write_parquet(
        tmp_path / "rows.parquet",
        table,
        compression="gzip",
        use_compliant_nested_type=compliant,
        store_schema=False,
    )
    clean([path], scan(tmp_path / "report", {path: [1]}), tmp_path / "out")
    before, after = pq.ParquetFile(path), pq.ParquetFile(tmp_path / "out" / "rows.parquet")
    assert after.schema.equals(before.schema)
    assert after.metadata.row_group(0).column(0).compression == "GZIP"


def test_row_groups_stay_but_for_removed_rows(tmp_path):
    table = chat_table(50)
    path = write_parquet(tmp_path / "rows.parquet", table, row_group_size=20)
    removed = [0, 1, 45, *range(20, 40)]
    clean([path], scan(tmp_path / "report", {path: sorted(removed)}), tmp_path / "out")
    metadata = pq.read_metadata(tmp_path / "out" / "rows.parquet")
    sizes = [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)]
    assert sizes == [18, 9]


def test_row_groups_beyond_memory_become_several(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet, "MAX_GROUP_BYTES", 1)
    table = pa.table({"text": [f"text {number}" for number in range(5000)]})
    path = write_parquet(tmp_path / "rows.parquet", table)
    clean([path], scan(tmp_path / "report", {path: [4]}), tmp_path / "out")
    cleaned = pq.ParquetFile(tmp_path / "out" / "rows.parquet")
    assert cleaned.num_row_groups == 5
    assert cleaned.read().to_pylist() == kept_of(table, [4])


@any_pace
@given(
    removed=st.sets(st.integers(0, 199)),
    group=st.integers(1, 250),
    suffix=st.sampled_from(sorted(COMPRESSORS)),
)
def test_any_subset(tmp_path_factory, removed, group, suffix):
    folder = tmp_path_factory.mktemp("x")
    table = pa.table({"text": [f"row {n}" for n in range(200)], "n": np.arange(200)})
    path = write_parquet(folder / f"x.parquet{suffix}", table, suffix, row_group_size=group)
    summary = clean([path], scan(folder / "r", {path: sorted(removed)}), folder / "out")
    content = DECOMPRESSORS[suffix]((folder / "out" / path.name).read_bytes())
    assert pq.read_table(io.BytesIO(content)).to_pylist() == kept_of(table, sorted(removed))
    assert summary.kept + summary.rejected == 200


def test_unreadable_rows_are_rejected(tmp_path):
    texts = pa.array([b"good", b"bad \xff", None, b"fine"], pa.binary()).view(pa.string())
    path = write_parquet(tmp_path / "rows.parquet", pa.table({"text": texts}))
    summary = clean([path], scan(tmp_path / "report", {path: [3]}), tmp_path / "out")
    assert pq.read_table(tmp_path / "out" / "rows.parquet").to_pylist() == [{"text": "good"}]
    reasons = [(entry["row"], entry["reason"]) for entry in rejected(tmp_path / "out")]
    assert reasons == [(1, "bad-utf8"), (2, "no-text"), (3, "flagged")]
    assert summary.files[0].unreadable == {"bad-utf8": 1, "no-text": 1}


def test_rejected_records_of_every_type_are_json(tmp_path):
    path = write_parquet(tmp_path / "rows.parquet", chat_table(3))
    clean([path], scan(tmp_path / "report", {path: [2]}), tmp_path / "out")
    (entry,) = rejected(tmp_path / "out")
    record = entry["record"]
    assert record["messages"][0] == {"role": "user", "content": "question 2"}
    assert record["kind"] == "k0"
    # columns that a scan does not look at are not in the record; they stay in the input
    assert set(record) < set(chat_table(1).column_names)


def test_columns_of_one_name(tmp_path):
    table = pa.table([["a", "b"], ["c", "d"]], names=["text", "text"])
    path = write_parquet(tmp_path / "rows.parquet", table)
    clean([path], scan(tmp_path / "report", {path: [0]}), tmp_path / "out")
    cleaned = pq.ParquetFile(tmp_path / "out" / "rows.parquet").read()
    assert cleaned.column_names == ["text", "text"]
    assert [column.to_pylist() for column in cleaned.columns] == [["b"], ["d"]]


def test_file_without_rows_beside_others(tmp_path):
    data = tmp_path / "data"
    empty = write_parquet(data / "a.parquet", chat_table(3).slice(0, 0))
    full = write(data, "b.jsonl", json.dumps(row_of(1)).encode())
    clean([data], scan(tmp_path / "report", {empty: [], full: []}), tmp_path / "out")
    cleaned = pq.read_table(tmp_path / "out/a.parquet")
    assert cleaned.num_rows == 0
    assert cleaned.schema.equals(pq.read_table(empty).schema, check_metadata=True)


def test_damage_in_a_column_that_is_not_scanned_is_found(tmp_path):
    table = pa.table({"text": ["a", "b"] * 500, "vector": [[float(n)] * 8 for n in range(1000)]})
    path = write_parquet(tmp_path / "rows.parquet", table, compression="zstd", use_dictionary=False)
    column = pq.read_metadata(path).row_group(0).column(1)
    content = bytearray(path.read_bytes())
    for at in range(column.data_page_offset + 60, column.data_page_offset + 90):
        content[at] ^= 0xFF
    path.write_bytes(content)
    report = scan(tmp_path / "report", {path: [0]})
    with pytest.raises(DatasetError, match=r"rows\.parquet.*damaged"):
        clean([path], report, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_same_bytes_every_time(tmp_path):
    path = write_parquet(tmp_path / "rows.parquet", chat_table(20))
    report = scan(tmp_path / "report", {path: [3]})
    clean([path], report, tmp_path / "a")
    clean([path], report, tmp_path / "b")
    assert tree(tmp_path / "a") == tree(tmp_path / "b")
