"""One task becomes batches, and what the ledger must know of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

import pyarrow as pa

from poisonscan.config import ScanConfig
from poisonscan.errors import DatasetError
from poisonscan.io.builder import BatchBuilder
from poisonscan.io.coverage import FileCoverage
from poisonscan.io.tasks import Task


class Done(NamedTuple):
    """The last result of a task.

    Attributes
    ----------
    coverage
        Of the task alone; its rows count from 0.
    missing
        What `ColumnMapping.missing` says about its rows.
    """

    coverage: FileCoverage
    missing: tuple[list[str], list[str]]


#: A batch, a number of bytes read from disk, or the end.
Result: TypeAlias = pa.RecordBatch | int | Done


class Reader:
    """Does tasks in this process, as their results are asked for."""

    #: Tasks that are worth submitting before the results of the first one are asked for.
    n_ahead = 0

    def __init__(self, config: ScanConfig) -> None:
        self._config = config

    def submit(self, task: Task) -> Iterator[Result]:
        """Yield the results of a task; rows of lines are counted from the first of them."""
        builder = BatchBuilder(self._config)
        part = FileCoverage(task.source.name)
        sizes: list[int] = []
        try:
            for batch in builder.add_rows(task.number, task.found(part, sizes.append), part):
                yield batch
                yield sum(sizes)
                sizes.clear()
        except DatasetError as error:
            part.fail(str(error))
        yield from builder.flush()
        yield sum(sizes)
        yield Done(part, builder.mapping.missing())

    def close(self) -> None:
        """Do nothing: no task is under way."""
