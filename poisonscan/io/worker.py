"""A process that reads for another one, fed through pipes.

It is a program of its own and not started by `multiprocessing`: the main module of whoever uses
this package is never run again, so that scripts without a guard and notebooks just work.
"""

from __future__ import annotations

import gc
import os
import pickle
import struct
import sys
from enum import IntEnum
from typing import IO, Any

import pyarrow as pa

from poisonscan.io.reader import Reader
from poisonscan.io.tasks import Task
from poisonscan.records import RECORD_SCHEMA

#: Runs a worker that finds this package wherever its parent found it.
COMMAND = "import sys; sys.path[:] = sys.argv[1:]; from poisonscan.io.worker import main; main()"

_HEADER = struct.Struct("<BQ")


class Kind(IntEnum):
    """What a message holds."""

    BATCH = 0  # a batch of `RECORD_SCHEMA`
    OBJECT = 1  # an object of ours, pickled: the pipe is private to parent and child
    LINES = 2  # a block of lines of the task before
    NO_LINES = 3  # a block that is ``None``
    ERROR = 4  # why the worker gives up


def send(pipe: IO[bytes], kind: Kind, content: Any = b"") -> None:  # noqa: ANN401 (a buffer)
    """Write one message; flushing is up to the caller."""
    pipe.write(_HEADER.pack(kind, len(content)))
    pipe.write(content)


def receive(pipe: IO[bytes]) -> tuple[Kind, bytes]:
    """Read one message.

    Raises
    ------
    EOFError
        The other side is gone.
    """
    kind, size = _HEADER.unpack(_read(pipe, _HEADER.size))
    return Kind(kind), _read(pipe, size)


def send_task(pipe: IO[bytes], task: Task) -> None:
    """Write a task, its lines as they are."""
    send(
        pipe, Kind.OBJECT, pickle.dumps((task.number, task.source, len(task.lines), task.is_start))
    )
    for block in task.lines:
        send(pipe, Kind.NO_LINES if block is None else Kind.LINES, block or b"")
    pipe.flush()


def receive_task(pipe: IO[bytes]) -> Task:
    """Read a task.

    Raises
    ------
    EOFError
        There will be no more.
    """
    number, source, n_blocks, is_start = pickle.loads(receive(pipe)[1])
    blocks = (receive(pipe) for _ in range(n_blocks))
    lines = tuple(block if kind is Kind.LINES else None for kind, block in blocks)
    return Task(number, source, lines, is_start)


def decode_batch(content: bytes) -> pa.RecordBatch:
    """Return the batch of a message."""
    return pa.ipc.read_record_batch(pa.py_buffer(content), RECORD_SCHEMA)


def _read(pipe: IO[bytes], size: int) -> bytes:
    content = pipe.read(size)
    if len(content) < size:
        raise EOFError
    return content


def main() -> None:
    """Do the tasks that come through the standard input, until it ends."""
    tasks, results = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)  # rows make no cycles, however many objects they are
    os.dup2(2, 1)  # whatever a library prints must not get between the messages
    try:
        _serve(tasks, results)
    except (EOFError, BrokenPipeError):
        pass  # the parent is done, or gone
    except BaseException as error:
        send(results, Kind.ERROR, f"{type(error).__name__}: {error}".encode(errors="replace"))
        results.flush()
    os._exit(0)  # nothing to tidy up, and the pipes may be broken


def _serve(tasks: IO[bytes], results: IO[bytes]) -> None:
    reader = Reader(pickle.loads(receive(tasks)[1]))
    while True:
        for result in reader.submit(receive_task(tasks)):
            if isinstance(result, pa.RecordBatch):
                send(results, Kind.BATCH, result.serialize())
            else:
                send(results, Kind.OBJECT, pickle.dumps(result))
            results.flush()
