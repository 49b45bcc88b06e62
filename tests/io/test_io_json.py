from __future__ import annotations

import itertools
import json
import math
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from io_helpers import all_text, any_pace, jsonl, raw_rows, read, reasons, values, write
from scan_helpers import no_quadratic_work

from poisonscan.errors import DatasetError
from poisonscan.io import rows as rows_module
from poisonscan.io.elements import Piece, iter_elements
from poisonscan.io.jsontext import MAX_DEPTH, count_keys, parse_object
from poisonscan.io.lines import iter_lines

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=("Cs",)))
)
json_values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)
json_rows = st.dictionaries(
    st.text(st.characters(exclude_categories=("Cs",)), max_size=6), json_values, max_size=4
)


@any_pace
@given(st.lists(json_rows, max_size=6), st.sampled_from([b"\n", b"\r\n"]), st.booleans())
def test_jsonl_round_trip(tmp_path_factory, rows, newline, has_blank_lines):
    lines = [json.dumps(row, ensure_ascii=False).encode() + newline for row in rows]
    content = (b" \t" + newline if has_blank_lines else b"").join(lines)
    path = write(tmp_path_factory.mktemp("x"), "x.jsonl", content)
    found, _ = raw_rows(path)
    assert [row.value for row in found] == rows
    assert [row.row for row in found] == list(range(len(rows)))
    assert [row.raw for row in found] == lines


@any_pace
@given(st.lists(json_rows, max_size=6), st.sampled_from([None, 1]), st.integers(1, 40))
def test_json_array_round_trip_in_blocks_of_any_size(rows, indent, block_size):
    content = json.dumps(rows, indent=indent).encode() + b"\n"
    blocks = (content[i : i + block_size] for i in range(0, len(content), block_size))
    pieces = list(iter_elements(blocks, 1, 1 << 20))
    elements = [json.loads(raw) for piece, raw in pieces if piece is Piece.ELEMENT]
    assert elements == rows
    assert b"".join(raw for _, raw in pieces) == content
    assert pieces[-1][0] is Piece.TAIL


@any_pace
@given(st.binary(max_size=60), st.integers(1, 9))
def test_splitter_loses_no_byte_of_garbage(content, block_size):
    blocks = (content[i : i + block_size] for i in range(0, len(content), block_size))
    pieces = list(iter_elements(blocks, 0, 1 << 20))
    assert b"".join(raw for _, raw in pieces) == content


@any_pace
@given(st.lists(st.binary(max_size=9), max_size=6), st.integers(1, 7), st.integers(3, 12))
def test_lines_equal_split_and_long_ones_are_dropped(parts, block_size, limit):
    content = b"\n".join(parts)
    blocks = (content[i : i + block_size] for i in range(0, len(content), block_size))
    *lines, last = content.split(b"\n")
    naive = [line + b"\n" for line in lines] + ([last] if last else [])
    found = list(iter_lines(blocks, limit))
    assert len(found) == len(naive)
    for line, reference in zip(found, naive, strict=True):
        # a line within one block is there already and not measured
        must_drop = len(reference) > max(limit, block_size)
        assert line == (None if must_drop else reference) or len(reference) > limit


def test_long_lines_are_not_held():
    tracemalloc.start()
    blocks = itertools.chain((bytes(1 << 20) for _ in range(50)), [b"\nlast"])
    lines = list(iter_lines(blocks, 2 << 20))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert lines == [None, b"last"]
    assert peak < 10 << 20


@any_pace
@given(json_values)
def test_key_count_equals_the_naive_one(value):
    def naive(item):
        if isinstance(item, dict):
            return len(item) + sum(map(naive, item.values()))
        return sum(map(naive, item)) if isinstance(item, list) else 0

    assert count_keys(value) == naive(value)


# --- parser traps: what other readers drop, change or stop at --------------------------------


def test_key_that_appears_late_is_scanned(tmp_path):
    rows = [{"instruction": "a", "output": "b"}] * 3000 + [
        {"instruction": "a", "output": "b", "system": "HIDDEN"}
    ]
    records, _ = read(write(tmp_path, "x.jsonl", jsonl(rows)))
    assert records[-1]["input"] == ["a", "HIDDEN"]


def test_nested_key_that_appears_late_is_scanned(tmp_path):
    plain = {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
    late = {
        "messages": [
            {"role": "user", "content": "a"},
            {
                "role": "assistant",
                "tool_calls": [{"function": {"name": "HIDDEN", "arguments": {"x": "SECRET"}}}],
            },
        ]
    }
    records, _ = read(write(tmp_path, "x.jsonl", jsonl([plain] * 500 + [late])))
    assert records[-1]["output"] == ["HIDDEN", '{"x":"SECRET"}']


def test_content_that_turns_into_parts_is_scanned(tmp_path):
    def row(content):
        return {"messages": [{"role": "user", "content": content}]}

    parts = [{"type": "text", "text": "HIDDEN"}, {"type": "text", "text": "too"}]
    records, _ = read(write(tmp_path, "x.jsonl", jsonl([row("plain"), row(parts)])))
    assert records[1]["input"] == ["HIDDEN", "too"]


def test_nulls_then_string(tmp_path):
    rows = [{"text": None, "label": 0}] * 3000 + [{"text": "late", "label": 1}]
    records, coverage = read(write(tmp_path, "x.jsonl", jsonl(rows)))
    assert len(records) == 3001
    assert records[-1]["input"] == ["late"]
    assert coverage.is_complete


def test_arguments_of_mixed_types(tmp_path):
    def row(arguments):
        call = {"type": "function", "function": {"name": "f", "arguments": arguments}}
        return {"messages": [{"role": "assistant", "content": None, "tool_calls": [call]}]}

    path = write(tmp_path, "x.jsonl", jsonl([row('{"a": 1}'), row({"a": 1}), row([1]), row(None)]))
    records, _ = read(path)
    assert [record["output"] for record in records] == [
        ["f", '{"a": 1}'],
        ["f", '{"a":1}'],
        ["f", "[1]"],
        ["f"],
    ]


def test_both_values_of_a_duplicate_key_are_scanned_and_the_row_is_noted(tmp_path):
    content = b'{"instruction":"q","output":"BENIGN","output" : "POISON"}\n{"text":"a \\": b"}\n'
    records, coverage = read(write(tmp_path, "x.jsonl", content))
    assert sorted(records[0]["output"]) == ["BENIGN", "POISON"]
    assert coverage.files[0].traps == {"duplicate-key": 1}
    assert coverage.files[0].trap_rows == {"duplicate-key": [0]}
    assert coverage.is_complete


def test_nested_and_escaped_duplicate_keys_are_found():
    nested = parse_object(b'{"a":[{"x":"one","x":"two"}]}')
    assert nested.traps == ("duplicate-key",)
    assert "one" in str(nested.value)
    escaped = parse_object(rb'{"output":"one","o\u0075tput":"two"}')
    assert escaped.traps == ("duplicate-key",)
    assert sorted(escaped.value.values()) == ["one", "two"]


def test_nan_is_read_and_noted():
    parsed = parse_object(b'{"text": "a", "score": NaN, "other": -Infinity}')
    assert parsed.value["text"] == "a"
    assert math.isnan(parsed.value["score"])
    assert parsed.traps == ("non-finite-number",)


def test_lone_surrogate_becomes_the_replacement_character(tmp_path):
    content = rb'{"text": "a \ud800 b \ud83d\ude00 \\ud800 \udc00"}' + b"\n"
    records, coverage = read(write(tmp_path, "x.jsonl", content))
    assert records[0]["input"] == ["a \ufffd b \U0001f600 \\ud800 \ufffd"]
    assert coverage.files[0].traps == {"lone-surrogate": 1}


def test_byte_order_mark_is_accepted(tmp_path):
    content = b"\xef\xbb\xbf" + jsonl([{"text": "a"}, {"text": "b"}])
    found, _ = raw_rows(write(tmp_path, "x.jsonl", content))
    assert [row.value for row in found] == [{"text": "a"}, {"text": "b"}]
    assert found[0].raw == b'{"text": "a"}\n'


@pytest.mark.parametrize("deep", [b'{"a":' * 2000 + b"1" + b"}" * 2000, b"[" * 100_000])
def test_deep_nesting_is_a_reason_not_a_crash(tmp_path, deep):
    content = b'{"text":"a"}\n{"text":' + deep + b"}\n" + b'{"text":"c"}\n'
    assert reasons(write(tmp_path, "x.jsonl", content)) == [None, "too-deep", None]


def test_depth_limit_is_exact_and_brackets_in_strings_do_not_count():
    def nested(depth):
        return b'{"a":' * (depth - 1) + b'{"b":"' + b"{" * 500 + b'"}' + b"}" * (depth - 1)

    assert parse_object(nested(MAX_DEPTH)).value is not None
    assert parse_object(nested(MAX_DEPTH + 1)).reason == "too-deep"


def test_malformed_line_in_the_middle_takes_a_row_number(tmp_path):
    content = b'{"text":"a"}\n{"text": "b\n\n["c"]\n{"text":"\xff"}\n7\n{}\n{"text":"d"}'
    path = write(tmp_path, "x.jsonl", content)
    assert reasons(path)[:5] == [
        None,
        "malformed-json",
        "not-an-object",
        "bad-utf8",
        "not-an-object",
    ]
    records, coverage = read(path)
    assert [record["row"] for record in records] == [0, 6]
    assert coverage.files[0].unreadable == {
        "malformed-json": 1,
        "not-an-object": 2,
        "bad-utf8": 1,
        "no-text": 1,
    }
    assert coverage.read == 7
    assert not coverage.is_complete


def test_integer_beyond_64_bits_does_not_break_the_row():
    parsed = parse_object(b'{"text": "a", "n": 1' + b"0" * 5000 + b', "x": NaN}')
    assert parsed.value["text"] == "a"
    assert parse_object(b'{"text": "a", "n": 123456789012345678901234567890}').value is not None


def test_line_beyond_the_limit_is_counted_and_the_rest_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(rows_module, "MAX_RECORD_BYTES", 3 << 20)
    huge = b'{"text":"' + b"x" * (5 << 20) + b'"}\n'
    content = b'{"text":"a"}\n' + huge + b'{"text":"b"}\n' + huge[:-1]
    assert reasons(write(tmp_path, "x.jsonl", content)) == [None, "too-large", None, "too-large"]


@pytest.mark.parametrize(
    "text", [b"x" * (7 << 19), b"x" * (5 << 20), b'\\"' * (3 << 20), b"\\\\" * (3 << 20)]
)
def test_element_beyond_the_limit_is_counted_and_the_rest_is_read(tmp_path, monkeypatch, text):
    monkeypatch.setattr(rows_module, "MAX_RECORD_BYTES", 3 << 20)
    content = b'[{"text":"a"},{"text":"' + text + b'"},{"text":"b"}]'
    found, coverage = raw_rows(write(tmp_path, "x.json", content))
    assert [row.error and row.error.reason for row in found] == [None, "too-large", None]
    assert coverage.error == ""


# --- containers of JSON ----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["x.json", "x.jsonl", "x.ndjson", "x"])
@pytest.mark.parametrize("indent", [None, 2])
def test_array_is_read_under_any_name(tmp_path, name, indent):
    rows = [{"text": "a, [b] {c"}, {"text": 'say "}]" \\'}, {"messages": [{"role": "user"}]}]
    path = write(tmp_path, name, json.dumps(rows, indent=indent).encode())
    found, coverage = raw_rows(path)
    assert [row.value for row in found] == rows
    assert [json.loads(row.raw) for row in found] == rows
    assert (coverage.container, coverage.error) == ("json", "")


@pytest.mark.parametrize("name", ["x.json", "x.csv", "x.parquet", "x.txt"])
def test_jsonl_is_read_under_any_name(tmp_path, name):
    rows = [{"text": "a"}, {"text": "b"}]
    found, coverage = raw_rows(write(tmp_path, name, jsonl(rows)))
    assert [row.value for row in found] == rows
    assert coverage.container == "jsonl"


def test_deep_elements_are_split_too(tmp_path):
    rows = [{"a": 1}, {"text": "x"}]
    for _ in range(40):
        rows[0] = {"a": [rows[0], "}]"]}
    assert values(write(tmp_path, "x.json", json.dumps(rows).encode())) == rows


@pytest.mark.parametrize("indent", [None, 1])
def test_object_with_one_list_of_rows_is_that_list(tmp_path, indent):
    rows = [{"text": f"row {i}"} for i in range(3)]
    wrapped = {"version": "1", "tags": ["a"], "data": rows, "more": {"x": [1]}}
    content = b"\xef\xbb\xbf \n" + json.dumps(wrapped, indent=indent).encode() + b"\n"
    path = write(tmp_path, "x.json", content)
    found, coverage = raw_rows(path)
    assert [row.value for row in found] == rows
    assert (coverage.container, coverage.error) == ("json", "")


def test_one_line_with_messages_is_a_row_not_a_list_of_rows(tmp_path):
    row = {"messages": [{"role": "user", "content": "a"}]}
    assert values(write(tmp_path, "x.json", jsonl([row]))) == [row]
    listed = {"examples": [{"text": "a"}]}
    assert values(write(tmp_path, "y.jsonl", jsonl([listed]))) == [listed]


def test_second_list_of_rows_makes_the_file_incomplete(tmp_path):
    content = json.dumps({"train": [{"text": "a"}], "test": [{"text": "POISON"}]}).encode()
    found, coverage = raw_rows(write(tmp_path, "x.json", content))
    assert len(found) == 1
    assert "more than one list" in coverage.error


@pytest.mark.parametrize(
    ("content", "n_rows", "error"),
    [
        (b'[{"text":"a"}] {"text":"b"}', 1, "data follow the end"),
        (b'[{"text":"a"},{"text":"b"}', 2, "ends before"),
        (b'[{"text":"a"},', 1, "ends before"),
        (b'{"data":[{"text":"a"}], nonsense', 1, "no JSON follow"),
    ],
)
def test_broken_array_is_incomplete(tmp_path, content, n_rows, error):
    found, coverage = raw_rows(write(tmp_path, "x.json", content))
    assert len(found) == n_rows
    assert error in coverage.error


def test_malformed_elements_take_row_numbers(tmp_path):
    content = b'[{"text":"a"},,{"text":"b"]},{bad},7,{"text":"c"},]'
    path = write(tmp_path, "x.json", content)
    assert reasons(path) == [
        None,
        "malformed-json",
        "malformed-json",
        "malformed-json",
        "not-an-object",
        None,
        "malformed-json",
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.json", b'{\n "a": 1\n}\n{\n "a": 2\n}\n', "span several lines"),
        ("x.jsonl", b'{\n "a": 1\n}\n{\n "a": 2\n}\n', "span several lines"),
        ("x.json", b'{\n "a": "b"\n}\n', "without a list of rows"),
        ("x.json", b"just text", "no JSON"),
        ("x.jsonl", b"just text\nand more\n", "no JSON objects"),
        ("x.txt", b"just text", "no known container"),
        ("x.jsonl", b"PK\x03\x04rest", "zip archive"),
        ("x.jsonl", '{"a": 1}'.encode("utf-16"), "UTF-16"),
        ("x.bin", bytes(range(256)), "binary"),
        ("x.parquet", b"text that is no parquet", "no Parquet"),
    ],
)
def test_what_is_no_dataset_gets_a_clear_error(tmp_path, name, content, message):
    with pytest.raises(DatasetError, match=message) as caught:
        raw_rows(write(tmp_path, name, content))
    assert str(caught.value).isprintable()
    assert name in str(caught.value)


def test_first_line_malformed_is_one_unreadable_row(tmp_path):
    content = b'xt": "cut"}\n' + jsonl([{"text": "a"}])
    assert reasons(write(tmp_path, "x.jsonl", content)) == ["malformed-json", None]


# --- bytes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.jsonl", b'\xef\xbb\xbf{"text":"a"}\r\n\n  \n{bad}\n{"text":"b"}'),
        ("x.json", b' [ {"text":"a"} ,\n\t{"b":[1,{"c":"]"}]}\n,7 ]\n\n'),
        ("x.json", b'{"n": 1, "data": [{"text":"a"}, {"text":"b"}], "m": 2}\n'),
        ("x.json", b'[{"text":"a"},{"te'),
        ("x.csv", b'\xef\xbb\xbftext,label\r\n"a\nb",1\r\n\r\nragged\r\nc,2'),
    ],
)
def test_records_and_gaps_joined_are_the_file(tmp_path, name, content):
    rows, _ = raw_rows(write(tmp_path, name, content), with_gaps=True)
    assert b"".join(row.raw for row in rows) == content
    assert any(row.is_gap for row in rows)


# --- hostile input takes linear time ---------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        b'{"a":"' + b'\\"' * 1_000_000 + b'"}',
        b'"' + b" " * 2_000_000,
        b'{"a"' + b" " * 2_000_000 + b'"b"',
        b'{"a":1' + b',"a":1' * 200_000 + b"}",
        b'{"a":"' + b"\\ud800" * 300_000 + b'"}',
        b"{" * 2_000_000,
        b'"' * 2_000_000,
    ],
)
@pytest.mark.parametrize("form", [b"%s\n", b"[%s]"])
def test_no_quadratic_behaviour(tmp_path, line, form):
    path = write(tmp_path, "x.jsonl", b'{"text":"a"}\n' + line if form == b"%s\n" else form % line)
    with no_quadratic_work():
        raw_rows(path)


@settings(any_pace, max_examples=300)
@given(st.binary(max_size=80) | st.text('{}[]":,\\u0d8 \n\tab').map(lambda text: text.encode()))
def test_parser_never_raises(content):
    parsed = parse_object(content)
    assert (parsed.value is None) == bool(parsed.reason)


def test_record_of_a_lone_text_is_scanned_whole(tmp_path):
    records, _ = read(write(tmp_path, "x.jsonl", jsonl([{"blob": {"a": ["x", {"b": "y"}]}}])))
    assert all_text(records[0]).split() == ["x", "y"]
