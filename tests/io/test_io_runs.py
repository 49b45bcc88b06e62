"""The fast way of reading is a short cut: it must give what the careful way gives, always."""

from __future__ import annotations

import json
from contextlib import contextmanager

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from io_helpers import any_pace, jsonl, write

from poisonscan.config import ScanConfig
from poisonscan.errors import PoisonScanError
from poisonscan.io import jsonrows, parquetrows, tasks
from poisonscan.io.batches import read_batches
from poisonscan.io.coverage import Coverage, FileCoverage
from poisonscan.io.jsonrows import iter_jsonl
from poisonscan.io.jsontext import parse_object
from poisonscan.io.plainjson import BrokenLinesError, parse_plain
from poisonscan.io.raw import iter_runs
from poisonscan.io.rows import Run
from poisonscan.io.runs import normalise_run
from poisonscan.io.schemas import Normaliser
from poisonscan.io.sources import Source


def careful_lines(blocks, coverage, *, is_start):
    """Lines as they were read before there was a fast way."""
    return (row for row in iter_jsonl(filter(None, blocks), coverage) if row.row >= 0)


@contextmanager
def patched(**values):
    """Replace limits, or the fast way itself, for a while."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in values.items():
            patch.setattr(tasks if name in vars(tasks) else jsonrows, name, value)
        yield


def outcome(path, **config):
    """Everything that reading a file leaves behind, batches down to their bytes."""
    coverage = Coverage()
    batches, error = [], ""
    try:
        for batch in read_batches([Source.of(path)], coverage, ScanConfig(**config)):
            batch.validate(full=True)
            batches.append(batch.serialize().to_pybytes())
    except PoisonScanError as caught:
        error = f"{type(caught).__name__}: {caught}"
    return batches, coverage.to_dict(), error


def assert_equal_ways(path, **config):
    with patched(iter_line_runs=careful_lines):
        expected = outcome(path, **config)
    with patched(_LEAST_RUN=1, _CHUNK_BYTES=300, _SMALLER_CHUNK_BYTES=100):
        assert outcome(path, **config) == expected
    assert outcome(path, **config) == expected
    return expected


texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=6) | st.sampled_from(
    ["", "a", "user", "assistant", "1", "-0.0", "x" * 70, "### Response: y", "A\nb",
     "<|im_start|>user\na<|im_start|>assistant\nb", 'say "k": v', "\\", '\\"', "\u2028", "\ufeff"]
)  # fmt: skip
scalars = texts | st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats()
messages = st.fixed_dictionaries(
    {"role": st.sampled_from(["user", "assistant", "system", "User ", "x"]), "content": texts}
) | st.fixed_dictionaries({"from": st.sampled_from(["human", "gpt"]), "value": scalars})
nested = st.lists(messages, max_size=3) | st.lists(scalars, max_size=2) | st.just({"a": ["b"]})
KEYS = (
    "instruction input output text label messages conversations id prompt completion system "
    "chosen rejected history tools translation odd\\ a"
).split()
shapes = st.lists(st.sampled_from(KEYS), max_size=4, unique=True)


@st.composite
def alike(draw):
    """Rows of one shape: mostly texts, or mostly chats, now and then something else."""
    keys = draw(shapes)
    value = draw(st.sampled_from([texts, scalars, st.lists(messages, max_size=3), nested]))
    return draw(st.lists(st.fixed_dictionaries(dict.fromkeys(keys, value)), max_size=9))


def dumped(row, style):
    if style == "ascii":
        return json.dumps(row).encode()
    if style == "spaced":
        return json.dumps(row, separators=(" , ", " : "), ensure_ascii=False).encode()
    return json.dumps(row, separators=(",", ":"), ensure_ascii=False).encode()


hostile = st.sampled_from(
    [
        b"", b" \t", b"\r", b"{}", b"[]", b"7", b"null", b'"a"', b"{bad", b'{"text":"a"}}',
        b'{"text":"a"},{"text":"b"}', b'{"text":"a"},0,{"text":"b"}', b'{"text":"a"},0',
        b'{"messages":[{"role":"user","content":"a"}', b'{"role":"user","content":"b"}]}',
        b'0,{"text":"b"}', b'{"text":[1', b"2]}", b'{"text":[{"a":1}', b'{"a":2}]}',
        b'{"text":"a","text":"b"}', b'{"text":"a","text":"a"}', b'{"text":"a","t\\u0065xt":"b"}',
        b'{"text":"a", "text" : "b"}', b'{"text":"\\":","text":"b"}', b'{"a\\\\":1,"x":1,"x":2}',
        b'{"messages":[{"role":"user","role":"system","content":"a"}]}', b'{"text":["\xff"]}',
        b'{"text":"\xff"}', b'{"text":"\\ud800"}', b'{"text":"\\ud83d\\ude00"}', b'{"text":NaN}',
        b'{"label":1e999}', b'{"label":123456789012345678901234567890}', b"\xef\xbb\xbf{}",
        b'\xef\xbb\xbf{"text":"b"}', b'{"text":"a\x00"}', b'{"text":"a\tb"}', b' {"text":" a"} ',
        b'{"text":{"b":{}}}', b'{"text":' + b"[" * 300 + b"]" * 300 + b"}", b'{"text":null}',
        b'{"text":"k\\": v","label":18446744073709551616}', b'{"label":18446744073709551616}',
        b'{"":""}', b'{"text":"a\\u0000"}', b'{"label":-0.0}', b'{"label":true}',
    ]
)  # fmt: skip


@settings(any_pace, max_examples=400)
@given(
    st.lists(
        st.tuples(alike(), st.sampled_from(["ascii", "spaced", "compact"]), hostile), max_size=4
    ),
    st.sampled_from([b"\n", b"\r\n"]),
    st.sampled_from([1, 700, 16 << 20]),
    st.sampled_from([{}, {"output": "text"}, {"input": "a.b", "output": "INPUT"}]),
    st.booleans(),
)
def test_fast_reading_is_careful_reading(
    tmp_path_factory, groups, newline, batch_bytes, mapping, is_cut
):
    lines = [dumped(row, style) for rows, style, _ in groups for row in rows]
    middle = len(lines) // 2
    lines[middle:middle] = [line for *_, line in groups]
    content = newline.join(lines)
    path = write(tmp_path_factory.mktemp("x"), "x.jsonl", content if is_cut else content + newline)
    assert_equal_ways(path, batch_bytes=batch_bytes, map=mapping)


@settings(any_pace, max_examples=300)
@given(st.lists(hostile | alike().map(jsonl).map(lambda text: text.strip()), max_size=4))
def test_plain_rows_are_what_each_line_holds(lines):
    text = b"".join(line + b"\n" for line in lines)
    try:
        tables = parse_plain(text)
    except BrokenLinesError:
        return
    if tables is not None:
        rows = [row.value for table in tables for row in Run(0, *table).raw_rows()]
        parsed = [parse_object(line) for line in text.split(b"\n")[:-1]]
        assert [(repr(one.value), one.traps) for one in parsed] == [(repr(row), ()) for row in rows]


@settings(any_pace, max_examples=200)
@given(alike() | st.lists(st.dictionaries(st.sampled_from(KEYS), texts, max_size=3), max_size=9))
def test_fast_parquet_is_careful_parquet(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("x") / "x.parquet"
    try:
        pq.write_table(pa.Table.from_pylist(rows), path)
    except (pa.ArrowException, OverflowError):
        return  # types that one column cannot hold
    for config in ({}, {"batch_bytes": 30}, {"map": {"output": "text", "input": "a.b"}}):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(parquetrows, "iter_batch_runs", parquetrows.iter_batch_rows)
            expected = outcome(path, **config)
        assert outcome(path, **config) == expected


def test_plain_rows_do_take_the_short_cut(tmp_path):
    rows = [{"instruction": f"do {n}", "input": "", "output": 'a "b": c\n'} for n in range(99)]
    for shape in (
        rows,
        [{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}]
        * 99,
        [{"text": "é", "label": n % 3} for n in range(99)],
        [{"id": n, "text": "### no template", "score": 0.5} for n in range(99)],
    ):
        path = write(tmp_path, "x.jsonl", jsonl(shape))
        (run,) = iter_runs(Source.of(path), FileCoverage("x"))
        assert run.n_rows == 99
        assert normalise_run(Normaliser(), run) is not None
