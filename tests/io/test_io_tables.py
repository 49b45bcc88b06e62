"""CSV, TSV and Parquet."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from io_helpers import COMPRESSORS, any_pace, raw_rows, read, reasons, values, write

from poisonscan.errors import DatasetError
from poisonscan.io import rows as rows_module

cell = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=8)


def table_bytes(header, rows, delimiter=",", newline="\r\n", quoting=csv.QUOTE_MINIMAL) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=newline, quoting=quoting)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


@any_pace
@given(
    st.lists(st.tuples(cell, cell, cell), max_size=6),
    st.sampled_from(["csv", "tsv"]),
    # with a line feed alone as terminator, the writer leaves carriage returns unquoted
    st.sampled_from([("\n", csv.QUOTE_ALL), ("\r\n", csv.QUOTE_MINIMAL)]),
    st.sampled_from(sorted(COMPRESSORS)),
)
def test_round_trip(tmp_path_factory, rows, kind, dialect, suffix):
    delimiter = {"csv": ",", "tsv": "\t"}[kind]
    content = table_bytes(["text", "label", "note"], rows, delimiter, *dialect)
    path = write(tmp_path_factory.mktemp("x"), f"x.{kind}{suffix}", COMPRESSORS[suffix](content))
    found, coverage = raw_rows(path, with_gaps=True)
    records = [row for row in found if not row.is_gap]
    assert [tuple(row.value.values()) for row in records] == rows
    assert [row.row for row in records] == list(range(len(rows)))
    assert b"".join(row.raw for row in found) == content
    assert coverage.container.split("+")[0] == kind
    assert coverage.error == ""


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("kind", ["csv", "tsv"])
def test_delimiter_is_taken_from_the_header(tmp_path, delimiter, kind):
    content = table_bytes(
        ["text", "a, quoted; header", "label"], [["x,y;z\tw", "b", "1"]], delimiter
    )
    (value,) = values(write(tmp_path, f"x.{kind}", content))
    assert list(value.values()) == ["x,y;z\tw", "b", "1"]


def test_one_column_needs_no_delimiter(tmp_path):
    assert values(write(tmp_path, "x.csv", b'text\na\n""\nb\n')) == [
        {"text": "a"},
        {"text": ""},
        {"text": "b"},
    ]


def test_unusable_records_keep_their_numbers(tmp_path):
    content = b'text,label\na,1\nragged\n\nb,\xff\n   \nc\0,2\nmany,1,2\n"d\nd",4\n'
    path = write(tmp_path, "x.csv", content)
    assert reasons(path) == [None, "ragged-row", "bad-utf8", "nul-byte", "ragged-row", None]
    assert raw_rows(path)[0][5].value == {"text": "d\nd", "label": "4"}
    assert raw_rows(path)[0][2].raw == b"b,\xff\n"


def test_quote_that_is_never_closed_is_reported(tmp_path):
    path = write(tmp_path, "x.csv", b'text,label\na,1\nb,"2\nc,3\nd,4\n')
    assert reasons(path) == [None, "malformed-csv"]
    assert raw_rows(path)[0][1].raw == b'b,"2\nc,3\nd,4\n'


def test_quote_that_swallows_more_than_the_limit_ends_the_file_as_incomplete(tmp_path, monkeypatch):
    monkeypatch.setattr(rows_module, "MAX_RECORD_BYTES", 1 << 20)
    content = b'text,label\na,1\nb,"2\n' + b"c,3\n" * (1 << 19)
    path = write(tmp_path, "x.csv", content)
    found, coverage = raw_rows(path)
    assert [row.error and row.error.reason for row in found] == [None, "too-large"]
    assert "not closed within" in coverage.error
    assert coverage.sha256 == hashlib.sha256(content).hexdigest()


def test_long_line_is_counted_and_the_rest_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(rows_module, "MAX_RECORD_BYTES", 1 << 20)
    content = b"text,label\na,1\n" + b"x" * (3 << 20) + b",2\nb,3\n"
    assert reasons(write(tmp_path, "x.csv", content)) == [None, "too-large", None]


def test_field_longer_than_the_default_limit_of_the_module(tmp_path):
    (value,) = values(write(tmp_path, "x.csv", b"text,label\n" + b"x" * 300_000 + b",1\n"))
    assert len(value["text"]) == 300_000


def test_lone_carriage_returns_end_lines(tmp_path):
    assert values(write(tmp_path, "x.csv", b"text,label\ra,1\rb,2\r")) == [
        {"text": "a", "label": "1"},
        {"text": "b", "label": "2"},
    ]


def test_columns_of_one_name_are_all_scanned_and_noted(tmp_path):
    path = write(tmp_path, "x.csv", b"text,text,label,\nvisible,HIDDEN words,1,z\n")
    records, coverage = read(path)
    assert "HIDDEN words" in records[0]["input"]
    assert coverage.files[0].traps == {"duplicate-column": 1}


def test_byte_order_mark_is_no_part_of_the_first_name(tmp_path):
    assert values(write(tmp_path, "x.csv", b'\xef\xbb\xbf"text",label\na,1\n')) == [
        {"text": "a", "label": "1"}
    ]


def test_header_that_is_no_text_is_an_error(tmp_path):
    with pytest.raises(DatasetError, match="header cannot be read"):
        raw_rows(write(tmp_path, "x.csv", b"\xff\xfe\0abc\n1,2\n"[2:] + b"\n"))
    with pytest.raises(DatasetError, match="header cannot be read"):
        raw_rows(write(tmp_path, "x.csv", b"t\xe9xt,label\na,1\n"))


def test_csv_classification_becomes_labels(tmp_path):
    records, _ = read(write(tmp_path, "x.csv", b"id,text,label\n5,fine film,1\n"))
    assert records[0]["input"] == ["fine film"]
    assert records[0]["output"] == ["1"]
    assert records[0]["label_name"] == ["id", "label"]
    assert records[0]["label_value"] == ["5", "1"]


# --- Parquet ---------------------------------------------------------------------------------


def parquet_bytes(table: pa.Table, **options) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


NESTED = [
    {"messages": [{"role": "user", "content": "u"}, {"role": "assistant", "content": "a"}], "n": 1},
    {"messages": [{"role": "user", "content": "v", "name": "x"}], "n": None},
    {"messages": None, "n": 3},
]


@pytest.mark.parametrize("suffix", COMPRESSORS)
@pytest.mark.parametrize("name", ["x.parquet", "x.bin"])
def test_parquet_of_nested_values(tmp_path, suffix, name):
    content = COMPRESSORS[suffix](parquet_bytes(pa.Table.from_pylist(NESTED)))
    path = write(tmp_path, name + suffix, content)
    found, coverage = raw_rows(path)
    assert [row.value["n"] for row in found] == [1, None, 3]
    assert found[0].value["messages"][1]["content"] == "a"
    assert [row.row for row in found] == [0, 1, 2]
    assert coverage.container.split("+")[0] == "parquet"
    assert coverage.sha256 == hashlib.sha256(content).hexdigest()
    assert coverage.size == len(content)
    records, _ = read(path)
    assert (records[0]["input"], records[0]["output"]) == (["u"], ["a"])


def test_parquet_of_many_row_groups_keeps_order_and_numbers(tmp_path):
    texts = [f"text number {i}" for i in range(5000)]
    table = pa.table({"text": pa.array(texts).dictionary_encode(), "embedding": [[0.5] * 3] * 5000})
    found, _ = raw_rows(write(tmp_path, "x.parquet", parquet_bytes(table, row_group_size=700)))
    assert [row.value["text"] for row in found] == texts
    assert [row.row for row in found] == list(range(5000))
    assert "embedding" not in found[0].value


def test_parquet_text_in_every_type_is_scanned(tmp_path):
    table = pa.table(
        {
            "question": pa.array(["q1", "q2"], pa.large_string()),
            "answer": pa.array([b"as bytes", b"\x89PNG\xff"], pa.binary()),
            "view": pa.array(["v1\n", "v2\n"], pa.string_view()).cast(pa.string()),
            "map": pa.array([[("k", "m1")], []], pa.map_(pa.string(), pa.string())),
            "when": pa.array([2**62, 0], pa.timestamp("us")),
        }
    )
    records, coverage = read(write(tmp_path, "x.parquet", parquet_bytes(table)))
    assert records[0]["input"] == ["q1", "v1\n", "k", "m1"]
    assert records[0]["output"] == ["as bytes"]
    assert records[1]["output"] == []
    assert coverage.is_complete


def test_parquet_with_invalid_utf8_loses_those_rows_only(tmp_path):
    binary = pa.array([b"good", b"\xff\xfe", b"fine"], pa.binary())
    text = pa.Array.from_buffers(pa.string(), 3, binary.buffers())
    path = write(tmp_path, "x.parquet", parquet_bytes(pa.table({"text": text})))
    assert reasons(path) == [None, "bad-utf8", None]


def test_parquet_columns_of_one_name_are_all_scanned(tmp_path):
    table = pa.Table.from_arrays([pa.array(["seen"]), pa.array(["HIDDEN"])], names=["text", "text"])
    records, coverage = read(write(tmp_path, "x.parquet", parquet_bytes(table)))
    assert "HIDDEN" in records[0]["input"]
    assert coverage.files[0].traps == {"duplicate-column": 1}


@pytest.mark.parametrize("cut", [6, 40, 0.5, 0.95])
def test_parquet_that_is_cut_off_is_an_error(tmp_path, cut):
    content = parquet_bytes(pa.table({"text": [f"row {i}" for i in range(1000)]}))
    kept = content[: cut if isinstance(cut, int) else int(len(content) * cut)]
    with pytest.raises(DatasetError, match="damaged Parquet file") as caught:
        raw_rows(write(tmp_path, "x.parquet", kept))
    assert str(caught.value).isprintable()


def test_parquet_with_damaged_pages_is_incomplete(tmp_path):
    table = pa.table({"text": [f"row {i} {hash(i)}" for i in range(3000)]})
    content = bytearray(parquet_bytes(table, row_group_size=1000, compression="zstd"))
    middle = len(content) // 2
    content[middle : middle + 400] = b"\xff" * 400
    found, coverage = raw_rows(write(tmp_path, "x.parquet", bytes(content)))
    assert len(found) < 3000
    assert "row" in coverage.error


def test_parquet_in_a_truncated_stream_is_incomplete(tmp_path):
    content = gzip.compress(parquet_bytes(pa.table({"text": [str(i) for i in range(9000)]})))
    found, coverage = raw_rows(write(tmp_path, "x.parquet.gz", content[: len(content) // 2]))
    assert found == []
    assert "truncated" in coverage.error


def test_row_of_parquet_beyond_the_limit_is_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(rows_module, "MAX_RECORD_BYTES", 1 << 20)
    table = pa.table({"text": ["a", "x" * (2 << 20), "b"], "label": [1, 2, 3]})
    records, coverage = read(write(tmp_path, "x.parquet", parquet_bytes(table)))
    assert [record["row"] for record in records] == [0, 2]
    assert [record["label_value"] for record in records] == [["1"], ["3"]]
    assert coverage.files[0].unreadable == {"too-large": 1}
