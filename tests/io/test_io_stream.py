from __future__ import annotations

import gzip
import hashlib
import os
import random
import zlib

import pytest
import zstandard
from io_helpers import COMPRESSORS, jsonl, raw_rows, read, reasons, values, write

from poisonscan.errors import DatasetError
from poisonscan.io.coverage import FileCoverage
from poisonscan.io.raw import iter_raw
from poisonscan.io.sources import Source
from poisonscan.io.stream import BLOCK_BYTES, BrokenStreamError, FileBytes, iter_gunzipped

ROWS = [{"instruction": f"question {i}", "output": f"answer {i * i}"} for i in range(5000)]


@pytest.mark.parametrize("suffix", COMPRESSORS)
def test_compression_is_known_by_magic_bytes_not_by_name(tmp_path, suffix):
    packed = COMPRESSORS[suffix](jsonl(ROWS))
    path = write(tmp_path, "misnamed.jsonl", packed)
    rows, coverage = raw_rows(path)
    assert [row.value for row in rows] == ROWS
    expected = {"": "jsonl", ".gz": "jsonl+gzip", ".zst": "jsonl+zstd"}[suffix]
    assert coverage.container == expected
    assert coverage.sha256 == hashlib.sha256(packed).hexdigest()
    assert coverage.size == len(packed)
    assert coverage.error == ""


def test_members_and_frames_are_joined(tmp_path):
    half = len(ROWS) // 2
    for suffix in (".gz", ".zst"):
        compress = COMPRESSORS[suffix]
        packed = compress(jsonl(ROWS[:half])) + compress(b"") + compress(jsonl(ROWS[half:]))
        assert values(write(tmp_path, f"x.jsonl{suffix}", packed)) == ROWS


def test_zstd_skippable_frame_is_skipped(tmp_path):
    skippable = b"\x5a\x2a\x4d\x18" + (3).to_bytes(4, "little") + b"abc"
    packed = skippable + COMPRESSORS[".zst"](jsonl(ROWS[:3])) + skippable
    rows, coverage = raw_rows(write(tmp_path, "x.jsonl.zst", packed))
    assert len(rows) == 3
    assert coverage.error == ""


def test_gzip_padding_is_accepted_and_garbage_is_not(tmp_path):
    packed = gzip.compress(jsonl(ROWS))
    assert raw_rows(write(tmp_path, "a.gz", packed + b"\0" * 600))[1].error == ""
    rows, coverage = raw_rows(write(tmp_path, "b.gz", packed + b"garbage"))
    assert len(rows) == len(ROWS)
    assert "damaged" in coverage.error


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
@pytest.mark.parametrize("share", [0.3, 0.7, 0.999])
def test_rows_before_a_cut_are_scanned_and_the_file_is_incomplete(tmp_path, suffix, share):
    noise = random.Random(7)
    rows = [{**row, "id": noise.random()} for row in ROWS]  # hardly compressible: many blocks
    packed = COMPRESSORS[suffix](jsonl(rows))
    cut = packed[: int(len(packed) * share)]
    path = write(tmp_path, f"x.jsonl{suffix}", cut)
    found, coverage = raw_rows(path)
    good = [row.value for row in found if row.value is not None]
    assert good == rows[: len(good)]
    assert len(good) > len(rows) * (share - 0.35)
    assert sum(row.error is not None for row in found) <= 1  # the line that was cut
    assert "truncated" in coverage.error
    assert coverage.sha256 == hashlib.sha256(cut).hexdigest()
    ledger = read(path)[1]
    assert not ledger.is_complete


def test_wrong_gzip_checksum_keeps_all_rows_and_is_reported(tmp_path):
    noise = random.Random(3)
    expected = [{**row, "id": noise.random()} for row in ROWS]  # more than one piece of input
    packed = bytearray(gzip.compress(jsonl(expected)))
    packed[-5] ^= 1
    rows, coverage = raw_rows(write(tmp_path, "x.jsonl.gz", bytes(packed)))
    assert [row.value for row in rows] == expected
    assert "damaged gzip data" in coverage.error


def test_rows_before_damage_are_kept(tmp_path):
    noise = random.Random(5)
    rows = [{"text": f"{noise.getrandbits(4000):x}"} for _ in range(2000)]
    packed = bytearray(gzip.compress(jsonl(rows)))
    middle = len(packed) // 2
    packed[middle : middle + 100] = b"\xff" * 100
    found, coverage = raw_rows(write(tmp_path, "x.jsonl.gz", bytes(packed)))
    good = [row.value for row in found if row.value in rows]
    assert good == rows[: len(good)]
    assert len(good) > 900
    assert "damaged" in coverage.error


def test_digest_covers_what_follows_the_break(tmp_path):
    packed = gzip.compress(jsonl(ROWS)) + os.urandom(3 * BLOCK_BYTES)
    _, coverage = raw_rows(write(tmp_path, "x.jsonl.gz", packed))
    assert coverage.sha256 == hashlib.sha256(packed).hexdigest()
    assert coverage.size == len(packed)


def test_gzip_blocks_are_bounded_whatever_the_ratio():
    bomb = gzip.compress(b"\0" * (50 << 20))
    sizes = [len(block) for block in iter_gunzipped(iter([bomb]))]
    assert sum(sizes) == 50 << 20
    assert max(sizes) <= BLOCK_BYTES


@pytest.mark.parametrize("cut", range(4, 40))
def test_output_limit_loses_nothing_where_the_data_end(cut):
    bomb = gzip.compress(b"\0" * (2 * BLOCK_BYTES))[:-cut]
    received: list[bytes] = []
    with pytest.raises(BrokenStreamError, match="truncated"):
        received.extend(iter_gunzipped(iter([bomb])))
    assert b"".join(received) == zlib.decompressobj(wbits=31).decompress(bomb)


def test_zstd_blocks_are_bounded_whatever_the_ratio(tmp_path):
    packed = zstandard.ZstdCompressor(level=19).compress(b"a" * (300 << 20))
    coverage = FileCoverage("x")
    with FileBytes(Source.of(write(tmp_path, "x.zst", packed)), coverage) as file:
        sizes = [len(block) for block in file.blocks()]
    assert sum(sizes) == 300 << 20
    assert max(sizes) <= 64 << 20


def test_gzip_truncated_exactly_behind_the_data_is_still_truncated():
    compressor = zlib.compressobj(wbits=31)
    body = compressor.compress(b"x" * 1000) + compressor.flush(zlib.Z_SYNC_FLUSH)
    received: list[bytes] = []
    with pytest.raises(BrokenStreamError, match="truncated"):
        received.extend(iter_gunzipped(iter([body])))
    assert b"".join(received) == b"x" * 1000


def test_data_compressed_twice_are_refused(tmp_path):
    path = write(tmp_path, "x.jsonl.gz", gzip.compress(gzip.compress(jsonl(ROWS))))
    with pytest.raises(DatasetError, match="compressed twice"):
        raw_rows(path)


def test_progress_adds_up_to_the_size_of_the_file(tmp_path):
    path = write(tmp_path, "x.jsonl", jsonl(ROWS) * 20)
    steps: list[int] = []
    coverage = FileCoverage("x")
    list(iter_raw(Source.of(path), coverage, progress=steps.append))
    assert sum(steps) == path.stat().st_size
    assert len(steps) > 1


def test_fifo_that_takes_the_place_of_a_file_does_not_block(tmp_path):
    path = tmp_path / "x.jsonl"
    os.mkfifo(path)
    with pytest.raises(DatasetError, match="no regular file"):
        raw_rows(path)


def test_file_that_vanished_is_a_clear_error(tmp_path):
    with pytest.raises(DatasetError, match="cannot be opened"):
        reasons(tmp_path / "gone.jsonl")
