"""Files become Arrow batches of records, and a ledger of what was read."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing

import numpy as np
import pyarrow as pa

from poisonscan.config import ScanConfig
from poisonscan.io.builder import MAX_BATCH_ROWS, require_records
from poisonscan.io.columns import join_batches
from poisonscan.io.coverage import Coverage, FileCoverage
from poisonscan.io.mapping import ColumnMapping
from poisonscan.io.pool import Pool
from poisonscan.io.reader import Reader, Result
from poisonscan.io.sources import Source
from poisonscan.io.stream import Progress
from poisonscan.io.tasks import iter_tasks
from poisonscan.records import RECORD_SCHEMA
from poisonscan.threads import usable_cores

__all__ = ["MAX_BATCH_ROWS", "read_batches"]

#: Below, starting processes costs more than they save.
LEAST_SHARED_BYTES = 32 << 20
#: A smaller batch is joined with the next one: every batch costs its consumers something.
_SMALL_ROWS = 1024
_SMALL_BYTES = 1 << 20


def read_batches(
    sources: Sequence[Source],
    coverage: Coverage,
    config: ScanConfig,
    progress: Progress | None = None,
) -> Generator[pa.RecordBatch, None, None]:
    """Yield the records of all files as batches of `RECORD_SCHEMA`, in order.

    Large data are read by several processes, which end with this generator.

    Parameters
    ----------
    coverage
        Gets one entry per source, complete once the last batch was yielded.
    progress
        Called with the number of bytes that were read from disk since the last call.

    Raises
    ------
    DatasetError
        There is no record in any of the files.
    ConfigError
        A mapped column is in no row of any file.
    WorkerError
        A process that reads could not be started, or died.
    """
    mapping = ColumnMapping(config.map)
    n_workers = count_workers(sources, config)
    reader = Pool(n_workers, config) if n_workers > 1 else Reader(config)
    with closing(reader):
        batches = _read(reader, sources, coverage, mapping, progress)
        yield from _joined(batches, min(_SMALL_BYTES, config.batch_bytes // 2))
    require_records(coverage, mapping)


def count_workers(sources: Sequence[Source], config: ScanConfig) -> int:
    """Return how many processes read; 1 is this one."""
    if sum(source.size for source in sources) < LEAST_SHARED_BYTES:
        return 1
    if not sys.executable or getattr(sys, "frozen", False):
        return 1  # a program that embeds Python cannot start it as a worker
    return config.workers or usable_cores()


def _read(
    reader: Reader | Pool,
    sources: Sequence[Source],
    coverage: Coverage,
    mapping: ColumnMapping,
    progress: Progress | None,
) -> Iterator[pa.RecordBatch]:
    """Yield the batches of all tasks in order; a few tasks are ahead of the one that is next."""
    pending: deque[tuple[FileCoverage, Iterator[Result] | None]] = deque()
    for file, task in iter_tasks(sources, coverage, progress):
        pending.append((file, reader.submit(task) if task else None))
        while len(pending) > reader.n_ahead:
            yield from _collect(*pending.popleft(), mapping, progress)
    while pending:
        yield from _collect(*pending.popleft(), mapping, progress)


def _collect(
    file: FileCoverage,
    results: Iterator[Result] | None,
    mapping: ColumnMapping,
    progress: Progress | None,
) -> Iterator[pa.RecordBatch]:
    if results is None:
        file.require_records()
        return
    first = file.read
    for result in results:
        if isinstance(result, pa.RecordBatch):
            yield _shifted(result, first)
        elif isinstance(result, int):
            if progress is not None:
                progress(result)
        else:
            file.append(result.coverage)
            mapping.absorb(*result.missing)


def _shifted(batch: pa.RecordBatch, first: int) -> pa.RecordBatch:
    """Return a batch whose rows count from the start of their file."""
    if not first:
        return batch
    at = RECORD_SCHEMA.get_field_index("row")
    shifted = pa.array(np.asarray(batch.column(at)) + first, pa.int64())
    columns = [*batch.columns[:at], shifted, *batch.columns[at + 1 :]]
    return pa.RecordBatch.from_arrays(columns, schema=RECORD_SCHEMA)


def _joined(batches: Iterator[pa.RecordBatch], n_bytes: int) -> Iterator[pa.RecordBatch]:
    """Yield batches of which no two neighbours would make a small one together."""
    held: list[pa.RecordBatch] = []
    size = n_rows = 0
    for batch in batches:
        size += batch.nbytes
        n_rows += batch.num_rows
        if held and (size > n_bytes or n_rows > _SMALL_ROWS):
            yield join_batches(held)
            held = []
            size, n_rows = batch.nbytes, batch.num_rows
        held.append(batch)
    if held:
        yield join_batches(held)
