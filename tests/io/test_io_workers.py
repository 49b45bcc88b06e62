"""Reading is shared by processes: nothing of what comes back may tell how many there were."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from io_helpers import COMPRESSORS, jsonl, write

import poisonscan
from poisonscan.config import ScanConfig
from poisonscan.errors import ConfigError, PoisonScanError, WorkerError
from poisonscan.io import batches as batches_module
from poisonscan.io import tasks
from poisonscan.io.batches import count_workers, read_batches
from poisonscan.io.coverage import Coverage
from poisonscan.io.pool import Pool
from poisonscan.io.sources import Source, discover

ROWS = [{"instruction": f"tu {n} é漢", "input": "", "output": f"😀 {n}" * 9} for n in range(3000)]
BAD = [b"{bad", b"[]", b'{"text":"\xff"}', b'{"text":"a","text":"b"}', b"{}"]


@pytest.fixture
def small_tasks(monkeypatch):
    """Files as small as those of a test are shared as well."""
    monkeypatch.setattr(batches_module, "LEAST_SHARED_BYTES", 0)
    monkeypatch.setattr(tasks, "TASK_BYTES", 30_000)
    monkeypatch.setattr("poisonscan.io.stream.BLOCK_BYTES", 10_007)


def outcome(paths, **config):
    coverage = Coverage()
    read: list[int] = []
    batches, error = [], ""
    try:
        sources = [Source.of(path) for path in paths]
        for batch in read_batches(sources, coverage, ScanConfig(**config), read.append):
            batch.validate(full=True)
            batches.append(batch.serialize().to_pybytes())
    except PoisonScanError as caught:
        error = f"{type(caught).__name__}: {caught}"
    return batches, coverage.to_dict(), error, sum(read)


def files_of_all_kinds(folder):
    plain = jsonl(ROWS)
    lines = plain.splitlines(keepends=True)
    broken = b"".join(
        lines[:500] + [bad + b"\n" for bad in BAD] * 3 + lines[500:] + [b" \n", BAD[2]]
    )
    contents = {
        "plain.jsonl": plain,
        "broken.jsonl": broken,
        "cut.jsonl": plain[:-1],
        "crlf.jsonl": plain.replace(b"\n", b"\r\n\r\n"),
        "bom.jsonl": b"\xef\xbb\xbf" + plain + b"\xef\xbb\xbf" + lines[0],
        "empty.jsonl": b"",
        "blank.jsonl": b" \n" * 99_000,
        "long.jsonl": lines[0] + jsonl([{"text": "x" * 20_000_000}]) + plain,
        "gone.bin": bytes(range(256)),
        "rows.json": b"[" + b",".join(lines) + b"]",
        "rows.csv": b"text,label\n" + b"a,b\n" * 5000 + b"c\n",
        "packed.jsonl.gz": COMPRESSORS[".gz"](broken),
        "packed.jsonl.zst": COMPRESSORS[".zst"](plain),
        "torn.jsonl.gz": COMPRESSORS[".gz"](plain)[:-50],
    }
    paths = [write(folder, name, content) for name, content in contents.items()]
    pq.write_table(pa.Table.from_pylist(ROWS), folder / "rows.parquet")
    return [*paths, folder / "rows.parquet", folder / "nowhere.jsonl"]


def test_any_number_of_workers_reads_the_same(tmp_path, small_tasks):
    paths = files_of_all_kinds(tmp_path)
    one = outcome(paths, workers=1)
    assert len(one[0]) > 20
    assert sum(file["read"] for file in one[1]["files"]) > 30_000
    for n_workers in (2, 4):
        several = outcome(paths, workers=n_workers)
        assert several[1:] == one[1:]
        assert several[0] == one[0]


def test_pieces_read_what_the_whole_file_holds(tmp_path, small_tasks, monkeypatch):
    paths = files_of_all_kinds(tmp_path)
    pieces = outcome(paths)
    monkeypatch.setattr(batches_module, "LEAST_SHARED_BYTES", 1 << 60)
    monkeypatch.setattr(tasks, "TASK_BYTES", 1 << 60)
    whole = outcome(paths)
    assert pieces[1:] == whole[1:]
    assert decoded(pieces[0]) == decoded(whole[0])


def decoded(batches):
    schema = batches_module.RECORD_SCHEMA
    read = [pa.ipc.read_record_batch(pa.py_buffer(batch), schema) for batch in batches]
    return pa.Table.from_batches(read).to_pylist()


@pytest.mark.parametrize("column", ["late.er", "nope"])
def test_mapped_columns_are_missed_by_all_or_none(tmp_path, small_tasks, column):
    rows = [*ROWS, {"text": "a", "late": {"er": "b"}}]
    path = write(tmp_path, "x.jsonl", jsonl(rows))
    one = outcome([path], workers=1, map={"output": column})
    assert ("ConfigError" in one[2]) == (column == "nope")
    assert outcome([path], workers=2, map={"output": column}) == one


def test_a_file_without_records_is_an_error(tmp_path, small_tasks):
    paths = [write(tmp_path, "x.jsonl", b"{bad\n{bad\n{}\n"), write(tmp_path, "y.jsonl", b"")]
    assert outcome(paths, workers=2) == outcome(paths, workers=1)


def test_small_data_start_no_process(tmp_path):
    source = Source.of(write(tmp_path, "x.jsonl", jsonl(ROWS)))
    assert count_workers([source], ScanConfig(workers=8)) == 1
    assert count_workers([source] * 1000, ScanConfig(workers=3)) == 3
    assert 1 <= count_workers([source] * 1000, ScanConfig()) <= 8
    with pytest.raises(ConfigError, match="workers"):
        ScanConfig(workers=0)


def test_a_killed_worker_is_an_error(tmp_path, small_tasks, monkeypatch):
    path = write(tmp_path, "x.jsonl", jsonl(ROWS))
    pools = []

    class Watched(Pool):
        def __init__(self, *args):
            super().__init__(*args)
            pools.append(self)

    monkeypatch.setattr(batches_module, "Pool", Watched)
    batches = read_batches(discover([str(path)]), Coverage(), ScanConfig(workers=2, batch_bytes=99))
    next(batches)
    for process, _ in pools[0]._workers:
        process.send_signal(signal.SIGKILL)
    with pytest.raises(WorkerError, match=r"signal 9; if memory ran out, use fewer --workers"):
        list(batches)
    assert all(process.returncode is not None for process, _ in pools[0]._workers)
    assert not any(thread.is_alive() for _, thread in pools[0]._workers)


def test_a_worker_that_runs_out_of_memory_is_an_error(tmp_path, small_tasks, monkeypatch):
    path = write(tmp_path, "x.jsonl", jsonl(ROWS))
    monkeypatch.setattr(
        "poisonscan.io.pool.COMMAND",
        "import sys; sys.path[:] = sys.argv[1:]; from poisonscan.io import worker\n"
        "def fail(*_): raise MemoryError('all of it')\n"
        "worker.Reader.submit = fail; worker.main()",
    )
    with pytest.raises(WorkerError, match="failed: MemoryError: all of it"):
        list(read_batches([Source.of(path)], Coverage(), ScanConfig(workers=2)))


def test_workers_that_cannot_start_are_an_error(tmp_path, small_tasks, monkeypatch):
    path = write(tmp_path, "x.jsonl", jsonl(ROWS))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    with pytest.raises(WorkerError, match="use --workers 1"):
        list(read_batches([Source.of(path)], Coverage(), ScanConfig(workers=2)))


def test_whoever_stops_early_leaves_no_process(tmp_path, small_tasks):
    path = write(tmp_path, "x.jsonl", jsonl(ROWS))
    batches = read_batches([Source.of(path)], Coverage(), ScanConfig(workers=2, batch_bytes=99))
    next(batches)
    assert children_of(os.getpid())
    batches.close()  # would wait for ever for a process that nobody stops
    assert not children_of(os.getpid())


def children_of(pid):
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    children = [int(child) for listed in lists for child in listed.read_text().split()]
    return [child for child in children if b"poisonscan.io.worker" in command_of(child)]


def command_of(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


SCRIPT = """
import sys
import poisonscan
from poisonscan.config import ScanConfig
from poisonscan.io import batches
from poisonscan.io.coverage import Coverage
from poisonscan.io.sources import discover
batches.LEAST_SHARED_BYTES = 0
for batch in batches.read_batches(discover(sys.argv[1:]), Coverage(), ScanConfig(workers=2)):
    print(batch.num_rows, flush=True)
    {wait}
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_no_process_outlives_its_parent(tmp_path, number):
    path = write(tmp_path, "x.jsonl", jsonl(ROWS * 60))
    script = write(tmp_path, "x.py", SCRIPT.format(wait="import time; time.sleep(60)").encode())
    parent = subprocess.Popen(
        [sys.executable, script, path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert parent.stdout is not None
    assert parent.stdout.readline()
    workers = children_of(parent.pid)
    assert len(workers) == 2
    parent.send_signal(number)
    parent.wait(timeout=60)
    deadline = time.perf_counter() + 60
    while any(map(command_of, workers)):
        assert time.perf_counter() < deadline
        time.sleep(0.02)


def test_scripts_without_a_guard_may_use_workers(tmp_path):
    path = write(tmp_path, "x.jsonl", jsonl(ROWS))
    script = write(tmp_path, "x.py", SCRIPT.format(wait="").encode())
    done = subprocess.run(
        [sys.executable, script, path], capture_output=True, text=True, check=False
    )
    assert (done.stderr, sum(map(int, done.stdout.split()))) == ("", len(ROWS))


def test_reports_are_the_same_bytes(tmp_path, small_tasks):
    path = write(tmp_path, "x.jsonl", jsonl(ROWS[:400]) + b"{bad\n")
    for n_workers in (1, 2):
        poisonscan.scan(path, workers=n_workers).save(tmp_path / str(n_workers))
    for name in ("report.json", "suspects.jsonl", "report.html"):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()
