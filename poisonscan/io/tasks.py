"""Reading in pieces that do not depend on each other: some lines of a file, or a whole file.

The pieces follow from the files alone, not from who reads them: whether one process reads all of
them or several share them, the batches are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from poisonscan.errors import DatasetError
from poisonscan.io import rows
from poisonscan.io.containers import HEAD_BYTES, detect
from poisonscan.io.coverage import Coverage, FileCoverage
from poisonscan.io.jsonrows import iter_line_runs
from poisonscan.io.lines import iter_whole_lines
from poisonscan.io.raw import iter_runs
from poisonscan.io.rows import RawRow, Run
from poisonscan.io.sources import Source
from poisonscan.io.stream import FileBytes, Progress, peek

#: Lines that are read at a time: enough to keep a process busy, little enough to hold several.
TASK_BYTES = 8 << 20


@dataclass(frozen=True, slots=True)
class Task:
    """One piece of work.

    Attributes
    ----------
    number
        Index of the source.
    source
        The file to read; where there are lines, the one that they are from.
    lines
        Blocks of whole lines, with ``None`` for each line that is too long; no blocks at all
        where whoever does the work reads the file.
    is_start
        True where the lines are the first of their file.
    """

    number: int
    source: Source
    lines: tuple[bytes | None, ...] = ()
    is_start: bool = True

    def found(self, coverage: FileCoverage, progress: Progress | None) -> Iterator[RawRow | Run]:
        """Yield the rows; those of lines are counted from the first of them.

        Raises
        ------
        DatasetError
            The file cannot be opened or is of no known container.
        """
        if self.lines:
            return iter_line_runs(self.lines, coverage, is_start=self.is_start)
        return iter_runs(self.source, coverage, progress)


def iter_tasks(
    sources: Sequence[Source], coverage: Coverage, progress: Progress | None
) -> Iterator[tuple[FileCoverage, Task | None]]:
    """Yield the tasks of all files in order, and ``None`` behind the last one of each.

    Lines are read, and hashed, here and now: what is scanned is what the digest is of.
    """
    for number, source in enumerate(sources):
        file = FileCoverage(source.name)
        coverage.files.append(file)
        if _holds_plain_lines(source):
            try:
                for task in _iter_line_tasks(number, source, file, progress):
                    yield file, task
            except DatasetError as error:
                file.fail(str(error))
        else:
            yield file, Task(number, source)
        yield file, None


def _holds_plain_lines(source: Source) -> bool:
    """Return whether a file can be cut at its line feeds."""
    try:
        with FileBytes(source, FileCoverage(source.name)) as file:
            head, is_whole, _ = peek(file.blocks(), HEAD_BYTES)
            return not file.compression and detect(source.name, head, is_whole).name == "jsonl"
    except DatasetError:
        return False  # whoever reads the file will say why


def _iter_line_tasks(
    number: int, source: Source, coverage: FileCoverage, progress: Progress | None
) -> Iterator[Task]:
    with FileBytes(source, coverage, progress) as file:
        head, is_whole, blocks = peek(file.blocks(), HEAD_BYTES)
        coverage.container = detect(source.name, head, is_whole).name
        if file.compression or coverage.container != "jsonl":
            raise DatasetError(f"{source.name!r} was changed while it was read")
        is_start = True
        for lines in _grouped(iter_whole_lines(blocks, rows.MAX_RECORD_BYTES)):
            yield Task(number, source, lines, is_start)
            is_start = False


def _grouped(blocks: Iterable[bytes | None]) -> Iterator[tuple[bytes | None, ...]]:
    group: list[bytes | None] = []
    size = 0
    for block in blocks:
        group.append(block)
        size += len(block or b"")
        if size >= TASK_BYTES:
            yield tuple(group)
            group = []
            size = 0
    if group:
        yield tuple(group)
