"""Several processes read; what comes back is in the order of the tasks.

Each process has a thread here that sends it one task at a time and takes what it answers. A task's
results wait in a short queue: nobody gets far ahead of who consumes them.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from queue import Full, Queue
from threading import Event, Thread
from typing import IO, cast

from poisonscan.config import ScanConfig
from poisonscan.errors import WorkerError
from poisonscan.io.reader import Done, Result
from poisonscan.io.tasks import Task
from poisonscan.io.worker import COMMAND, Kind, decode_batch, receive, send, send_task

#: Results of a task that may wait.
_N_WAITING = 4
#: How soon a thread whose results nobody takes notices that everything was stopped.
_PAUSE_S = 0.1

Outbox = Queue[Result | WorkerError]


class Pool:
    """Worker processes; `close` it, whatever happens.

    Raises
    ------
    WorkerError
        A process cannot be started.
    """

    def __init__(self, n_workers: int, config: ScanConfig) -> None:
        self.n_ahead = n_workers
        self._tasks: Queue[tuple[Task, Outbox] | None] = Queue()
        self._is_closed = Event()
        self._workers: list[tuple[subprocess.Popen[bytes], Thread]] = []
        settings = pickle.dumps(config)
        try:
            for _ in range(n_workers):
                process = _start()
                thread = Thread(target=self._serve, args=(process, settings), daemon=True)
                self._workers.append((process, thread))
                thread.start()
        except OSError as error:
            self.close()
            raise WorkerError(
                f"a process that reads the data cannot be started: {error}; use --workers 1"
            ) from None

    def submit(self, task: Task) -> Iterator[Result]:
        """Have a task done; return its results, which must be taken in the order of the tasks."""
        outbox: Outbox = Queue(_N_WAITING)
        self._tasks.put((task, outbox))
        return _taken(outbox)

    def close(self) -> None:
        """Stop everything at once; nothing is left when this returns."""
        self._is_closed.set()
        for process, _ in self._workers:
            process.kill()  # they write nothing but to the pipes
            self._tasks.put(None)
        for process, thread in self._workers:
            thread.join()
            process.wait()

    def _serve(self, process: subprocess.Popen[bytes], settings: bytes) -> None:
        """Pass tasks to a process and its results on, until the pool is closed."""
        stdin, stdout = cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)
        is_new = True
        while (job := self._tasks.get()) is not None and not self._is_closed.is_set():
            task, outbox = job
            try:
                if is_new:
                    send(stdin, Kind.OBJECT, settings)
                    is_new = False
                send_task(stdin, task)
                for result in _received(stdout):
                    self._put(outbox, result)
            except Exception as error:  # whatever it is: nobody must wait for ever
                self._put(outbox, _explained(process, error))
                break
        for pipe in (stdin, stdout):
            with suppress(OSError):
                pipe.close()

    def _put(self, outbox: Outbox, result: Result | WorkerError) -> None:
        while not self._is_closed.is_set():
            with suppress(Full):
                outbox.put(result, timeout=_PAUSE_S)
                return


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, *sys.path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for the parent, which stops its workers
    )


def _received(pipe: IO[bytes]) -> Iterator[Result]:
    """Yield what a worker makes of a task."""
    while True:
        kind, content = receive(pipe)
        if kind is Kind.ERROR:
            raise WorkerError(f"a process that reads the data failed: {content.decode()}")
        result = decode_batch(content) if kind is Kind.BATCH else pickle.loads(content)
        yield result
        if isinstance(result, Done):
            return


def _taken(outbox: Outbox) -> Iterator[Result]:
    while True:
        result = outbox.get()
        if isinstance(result, WorkerError):
            raise result
        yield result
        if isinstance(result, Done):
            return


def _explained(process: subprocess.Popen[bytes], error: Exception) -> WorkerError:
    if isinstance(error, WorkerError):
        return error
    if not isinstance(error, EOFError | OSError):
        return WorkerError(f"reading failed: {type(error).__name__}: {error}")
    code = process.wait()
    how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
    return WorkerError(
        f"a process that reads the data {how}; if memory ran out, use fewer --workers"
    )
