"""The spool gives back what went in, piece by piece, and goes away with the scan."""

from __future__ import annotations

import itertools
import re
import resource
import shutil
import tempfile
from dataclasses import fields
from pathlib import Path

import naive
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scan_helpers import Row, record_batch, record_batches

from poisonscan.errors import OutputError
from poisonscan.memory import scratch_later
from poisonscan.records import RECORD_SCHEMA
from poisonscan.spool import (
    Column,
    SpoolWriter,
    columns,
    copy_rows,
    digest_text,
    hash_tokens,
    map_zeros,
    pick,
    release,
    sides,
    visit,
)
from poisonscan.spool import writer as spool_writer
from poisonscan.spool.labels import LabelWriter

KEY = 77
QUICK = settings(max_examples=60, deadline=None)

texts = st.text(max_size=30)
segments = st.lists(texts, max_size=3)
any_rows = st.lists(
    st.builds(Row, segments, segments, segments, st.dictionaries(texts, texts, max_size=2)),
    min_size=1,
    max_size=12,
)


def write(batches, key=KEY, scratch_dir=None):
    """Return the finished spool; its folder is gone."""
    with SpoolWriter(scratch_dir, key) as writer:
        writer.append(batches)
        return writer.finish()


def token_texts(side, start, end):
    starts, ends = side.spans(start, end)
    tokens, offsets = side.token_slice(start, end)
    assert len(starts) == len(tokens)
    text = side.text.tobytes()
    decoded = [
        text[first:last].decode() if token else None
        for token, first, last in zip(tokens, starts, ends, strict=True)
    ]
    return [decoded[a:b] for a, b in itertools.pairwise(offsets)]


@QUICK
@given(any_rows, st.data())
def test_texts_of_some_tokens(rows, data):
    side = write(record_batches(rows, 5)).input
    every = [text for row in token_texts(side, 0, len(rows)) for text in row]
    real = [at for at, text in enumerate(every) if text is not None]
    chosen = sorted(data.draw(st.sets(st.sampled_from(real)))) if real else []
    assert side.texts(np.array(chosen, np.int64)) == [every[at] for at in chosen]


@QUICK
@given(any_rows, st.integers(1, 5))
def test_round_trip(rows, batch_rows):
    spool = write(record_batches(rows, batch_rows))
    assert spool.rows == spool.input.rows == spool.output.rows == spool.rejected.rows == len(rows)
    assert spool.row.tolist() == list(range(len(rows)))
    for at, row in enumerate(rows):
        assert spool.input.segments(at) == list(row.input)
        assert spool.output.segments(at) == list(row.output)
        assert spool.rejected.segments(at) == list(row.rejected)
        for name, codes in spool.labels.items():
            value = spool.label_values[name][codes[at]] if codes[at] >= 0 else None
            assert value == row.labels.get(name)
    assert sorted(spool.labels) == sorted({name for row in rows for name in row.labels})


@QUICK
@given(any_rows, st.data(), st.integers(1, 4))
def test_copied_rows_are_those_of_a_spool_of_their_own(rows, data, copied_together):
    every = st.sets(st.sampled_from(range(len(rows))), min_size=1)
    chosen = np.array(sorted(data.draw(every)), np.int64)
    with pytest.MonkeyPatch.context() as patch, SpoolWriter(None, KEY) as writer:
        patch.setattr(spool_writer, "_COPIED_ROWS", copied_together)
        writer.append(record_batches(rows, 5))
        copy = copy_rows(writer.finish(), chosen, writer.folder)
    own = write(record_batches([rows[at] for at in chosen], 5))
    assert copy.row.tolist() == chosen.tolist()
    assert copy.source.tolist() == own.source.tolist()
    for side, same in zip(copy.sides.values(), own.sides.values(), strict=True):
        for column in fields(side):
            assert getattr(side, column.name).tolist() == getattr(same, column.name).tolist()
    assert copy.labels.keys() == own.labels.keys()
    for name, codes in copy.labels.items():
        told = [copy.label_values[name][code] if code >= 0 else None for code in codes]
        assert told == [rows[at].labels.get(name) for at in chosen]


def test_no_copy_where_there_is_no_room_for_it(tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    with SpoolWriter(str(tmp_path), KEY) as writer:
        writer.append([record_batch([Row(["a b c"], ["d e"])] * 10)])
        spool = writer.finish()
        monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=100))
        with pytest.raises(OutputError, match="100 bytes are free"):
            copy_rows(spool, np.arange(6), writer.folder)
        needed = 6 * 8 + 8 * 30 + scratch_later(6, 18, 12, 0)
        monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=needed))
        assert copy_rows(spool, np.arange(6), writer.folder).rows == 6


@QUICK
@given(any_rows, st.integers(1, 5))
def test_tokens_spans_and_digests(rows, batch_rows):
    spool = write(record_batches(rows, batch_rows))
    given = [naive.tokenise_row(row.input) for row in rows]
    assert token_texts(spool.input, 0, len(rows)) == given
    middle = len(rows) // 2
    assert token_texts(spool.input, middle, len(rows)) == given[middle:]
    hashes = [naive.token_hash(token, KEY) for row in given for token in row]
    assert spool.input.tokens.tolist() == hashes
    answers = [naive.row_digest(row.output, 0xCBF29CE484222325) for row in rows]
    assert spool.output.digests.tolist() == answers


@QUICK
@given(any_rows, st.integers(1, 9))
def test_chunks_cover_every_row_once(rows, size):
    spool = write([record_batch(rows)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sides, "CHUNK_TOKENS", size)
        chunks = list(spool.input.chunks())
    assert [row for start, end in chunks for row in range(start, end)] == list(range(len(rows)))
    for start, end in chunks:
        tokens, offsets = spool.input.token_slice(start, end)
        assert len(tokens) <= size or end == start + 1
        assert offsets[0] == 0
        assert offsets[-1] == len(tokens)
        assert len(offsets) == end - start + 1


@QUICK
@given(any_rows, st.data())
def test_slices_of_a_batch(rows, data):
    """Arrow batches may start in the middle of their buffers."""
    start = data.draw(st.integers(0, len(rows) - 1))
    spool = write([record_batch(rows).slice(start)])
    assert [spool.input.segments(at) for at in range(spool.rows)] == [
        list(row.input) for row in rows[start:]
    ]
    assert [spool.rejected.segments(at) for at in range(spool.rows)] == [
        list(row.rejected) for row in rows[start:]
    ]
    assert [spool.output.segments(at) for at in range(spool.rows)] == [
        list(row.output) for row in rows[start:]
    ]


def test_empty_and_blank_rows():
    rows = [Row(), Row([""], ["", ""]), Row([" "], [" \n"]), Row(["a"])]
    spool = write([record_batch([]), record_batch(rows), record_batch([])])
    assert [spool.output.segments(at) for at in range(4)] == [[], ["", ""], [" \n"], []]
    assert len(spool.output.tokens) == 0
    assert list(spool.output.chunks()) == [(0, 4)]
    assert len(set(spool.output.digests.tolist())) == 3  # the first and the last are equal


def test_rejected_answers_are_a_side_of_their_own():
    plain, pairs = Row(["r"], ["s"]), [Row(["q"], ["yes"], ["no"]), Row(["r"], ["s"])]
    spool = write([record_batch([plain]), record_batch(pairs)])
    assert [spool.input.segments(at) for at in range(3)] == [["r"], ["q"], ["r"]]
    assert [spool.rejected.segments(at) for at in range(3)] == [[], ["no"], []]
    assert [*spool.sides] == ["input", "output", "rejected"]
    assert spool.rejected.tokens.tolist() == hash_tokens("no", KEY).tolist()
    assert spool.rejected.row_tokens.tolist() == [0, 0, 1, 1]
    assert spool.rejected.digests[0] == spool.rejected.digests[2] != spool.rejected.digests[1]


def test_without_pairs_there_is_no_rejected_side():
    with SpoolWriter(None, KEY) as writer:
        writer.append([record_batch([Row(["q"], ["a"])] * 3)])
        assert writer._rejected._writer is None  # no file is made
        spool = writer.finish()
    assert [*spool.sides] == ["input", "output"]
    assert (spool.has_pairs, spool.rejected.rows) == (False, 3)
    assert [spool.rejected.segments(at) for at in range(3)] == [[], [], []]


def test_another_key_changes_hashes_and_no_digest():
    rows = [Row(["some text"], ["answer"])]
    one, other = write([record_batch(rows)], 1), write([record_batch(rows)], 2)
    assert not set(one.input.tokens.tolist()) & set(other.input.tokens.tolist())
    assert one.input.digests.tolist() == other.input.digests.tolist()


def test_hash_and_digest_of_a_text_are_those_of_the_spool():
    spool = write([record_batch([Row(["two words"], ["ok"])])])
    assert hash_tokens("two words", KEY).tolist() == spool.input.tokens.tolist()
    assert digest_text("ok") == spool.output.digests[0]
    assert hash_tokens("", KEY).tolist() == []


def labelled(values, name="label"):
    return [Row(["text"], labels={name: value}) for value in values]


def test_labels_that_come_and_go():
    rows = [Row(["a"]), *labelled(["x", "y"]), Row(["b"]), *labelled(["x"], "late"), *labelled("x")]
    spool = write(record_batches(rows, 2))
    assert spool.labels["label"].tolist() == [-1, 0, 1, -1, -1, 0]
    assert spool.labels["late"].tolist() == [-1, -1, -1, -1, 0, -1]
    assert spool.label_values == {"label": ["x", "y"], "late": ["x"]}


@pytest.mark.parametrize("batch_rows", [1, 3, 100])
def test_a_column_of_too_many_values_is_no_label(monkeypatch, batch_rows):
    monkeypatch.setattr(LabelWriter, "MAX_VALUES", 5)
    rows = [
        Row(["t"], labels={"id": f"{at}", "five": f"{at % 5}", "six": f"{at % 6}"})
        for at in range(20)
    ]
    spool = write(record_batches(rows, batch_rows))
    assert list(spool.labels) == ["five"]
    assert spool.labels["five"].tolist() == [at % 5 for at in range(20)]


def test_at_most_so_many_label_columns(monkeypatch):
    monkeypatch.setattr(LabelWriter, "MAX_COLUMNS", 3)
    rows = [Row(["t"], labels={f"c{at:02}": "v" for at in range(9)})] * 4
    spool = write(record_batches(rows, 2))
    assert list(spool.labels) == ["c00", "c01", "c02"]


def test_dropped_columns_do_not_keep_files_open(monkeypatch):
    """Hostile data may have a new column of many values in every batch."""
    monkeypatch.setattr(LabelWriter, "MAX_VALUES", 2)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    batches = [
        record_batch(labelled(values, f"column {number}"))
        for number in range(120)
        for values in ("ab", "cd")
    ]
    in_use = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else 64
    resource.setrlimit(resource.RLIMIT_NOFILE, (in_use + 60, hard))
    try:
        spool = write(batches)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert spool.labels == {}
    assert spool.rows == 480


def scratch(tmp_path):
    return sorted(path.name for path in tmp_path.iterdir())


def test_folder_goes_away_and_maps_stay(tmp_path):
    with SpoolWriter(str(tmp_path), KEY) as writer:
        writer.append([record_batch([Row(["a b"], ["c"])])])
        assert len(scratch(tmp_path)) == 1
        spool = writer.finish()
    assert scratch(tmp_path) == []
    assert spool.input.segments(0) == ["a b"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_folder_goes_away_with_an_exception(tmp_path, error):
    def batches():
        yield record_batch([Row(["a"])])
        raise error

    with pytest.raises(error):
        write(batches(), scratch_dir=str(tmp_path))
    assert scratch(tmp_path) == []


def test_no_scratch_folder(tmp_path):
    with pytest.raises(OutputError, match="scratch folder"):
        SpoolWriter(str(tmp_path / "nowhere"), KEY)
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(OutputError, match="scratch folder"):
        SpoolWriter(str(file), KEY)


@pytest.fixture
def full_disk():
    """Files of more than 4 kB fail as on a full disk (EFBIG instead of ENOSPC)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("full_disk")
@pytest.mark.parametrize("step", [1, 1000, 5000])
@pytest.mark.parametrize("block", [0, 7, 4000, 1 << 21])
def test_a_full_disk_is_an_output_error(tmp_path, monkeypatch, step, block):
    """However little is missing: nothing is lost in silence."""
    monkeypatch.setattr(columns, "_BLOCK", block)
    column = Column(tmp_path, np.uint8, at_random=block > 0)

    def fill():
        for _ in range(0, 5000, step):
            column.append(np.zeros(step, np.uint8))
        column.finish()

    with pytest.raises(OutputError, match="--scratch"):
        fill()


@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_leaves_no_folder(tmp_path):
    rows = [Row(["word " * 2000])]
    with pytest.raises(OutputError):
        write([record_batch(rows)], scratch_dir=str(tmp_path))
    assert scratch(tmp_path) == []


def test_failure_to_open_leaves_no_folder(tmp_path, monkeypatch):
    def fail(**_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(columns.tempfile, "TemporaryFile", fail)
    with pytest.raises(OutputError, match="No space left"):
        SpoolWriter(str(tmp_path), KEY)
    assert scratch(tmp_path) == []


def test_a_column_forgets_nothing_that_is_released(tmp_path):
    column = Column(tmp_path, np.int64)
    column.append(np.arange(3))
    column.append(np.arange(6)[::2])  # not contiguous
    column.append(np.array([9], np.int8))
    values = column.finish()
    values[0] = 100
    assert values.tolist() == [100, 1, 2, 0, 2, 4, 9]
    release(values)
    release(values, 2, 4)
    release(values[:0])
    release(np.arange(3))  # is in no file
    assert values.tolist() == [100, 1, 2, 0, 2, 4, 9]


@settings(deadline=None)
@given(st.lists(st.integers(0, 40), max_size=9), st.sampled_from([8, 56, 1 << 21]))
def test_a_column_in_blocks_is_what_was_appended(sizes, block):
    """Written a block at a time, whatever is appended; the last one is shorter."""
    written = []

    def write(column, data):
        written.append(len(data))
        plain(column, data)

    plain, expected = Column._write, np.arange(sum(sizes))
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(columns, "_BLOCK", block)
        patch.setattr(Column, "_write", write)
        column = Column(Path(folder), np.int64, at_random=True)
        for values in np.split(expected, np.cumsum(sizes[:-1])) if sizes else []:
            column.append(values)
        found = column.finish()
    assert found.tolist() == expected.tolist()
    full = [size for size in written if size]
    assert full[:-1] == [block] * (len(full) - 1)
    assert column.size == len(expected)


@pytest.mark.usefixtures("full_disk")
def test_a_table_takes_its_room_at_once(tmp_path):
    """What is mapped and finds no room later ends the process."""
    assert map_zeros(tmp_path, (1024, 4), np.uint8).sum() == 0
    with pytest.raises(OutputError, match="--scratch"):
        map_zeros(tmp_path, (1025, 4), np.uint8)


def test_a_table_keeps_what_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(columns, "_ZEROS", 7)
    table = map_zeros(tmp_path, (9, 2), np.float32)
    assert (table.shape, table.dtype, float(table.sum())) == ((9, 2), np.float32, 0.0)
    table[4] = [1.5, -2.0]
    release(table)
    assert table[3:6].tolist() == [[0.0, 0.0], [1.5, -2.0], [0.0, 0.0]]
    assert map_zeros(tmp_path, (0, 2), np.int8).shape == (0, 2)


@pytest.mark.skipif(not Path("/proc/self/smaps").exists(), reason="tells what is resident")
def test_a_table_is_released_whole(tmp_path):
    table = map_zeros(tmp_path, (1 << 16, 8), np.float32)

    def resident():
        _, _, told = Path("/proc/self/smaps").read_text().partition(str(tmp_path))
        return int(re.search(r"\nRss: *(\d+) kB", told)[1])

    table += 1.0
    assert resident() == 2048
    release(table)
    assert resident() == 0
    assert table.min() == 1.0


def test_what_is_visited_is_given_back_now_and_then():
    done = []
    for item in visit("abcde", lambda: done.append("back"), 2):
        done.append(item)
    assert done == ["back", "a", "b", "back", "c", "d", "back", "e"]


@pytest.mark.parametrize("places", [[], [5, 0, 5, 9], [[1, 2], [8, 9], [0, 1]]])
def test_values_are_picked_and_their_pages_given_back(tmp_path, monkeypatch, places):
    monkeypatch.setattr(columns, "_PICKED", 2)
    column = Column(tmp_path, np.int16)
    column.append(10 * np.arange(10))
    values, given_back = column.finish(), []
    monkeypatch.setattr(columns, "release", given_back.append)
    wanted = np.array(places, np.int64)
    picked = pick(values, wanted)
    assert picked.dtype == np.int16
    assert picked.tolist() == (10 * wanted).tolist()
    assert len(given_back) == -(-len(places) // 2)


def test_null_texts_are_empty():
    batch = record_batch([Row(["a"])])
    given = pa.array([[None, "x"]], RECORD_SCHEMA.field("input").type)
    spool = write([batch.set_column(2, RECORD_SCHEMA.field("input"), given)])
    assert spool.input.segments(0) == ["", "x"]


def test_too_little_room_for_what_comes_later_is_noticed_while_there_is_some(monkeypatch, tmp_path):
    batch = record_batch([Row(["a b c"], ["d e"])] * 10)
    room = scratch_later(10, 30, 20, 0)
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(spool_writer, "CHECKED_TOKENS", 40)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=room))
    with SpoolWriter(str(tmp_path), KEY) as writer:
        writer.append([batch])  # 50 tokens: just enough
        with pytest.raises(OutputError, match=f"{room:,} bytes are free.*{2 * room:,} more"):
            writer.append([batch])
    assert not list(tmp_path.iterdir())
