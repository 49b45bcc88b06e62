"""Columns of fixed width that live on disk."""

from __future__ import annotations

import contextlib
import math
import mmap
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any, TypeVar

import numpy as np
import numpy.typing as npt

from poisonscan.errors import OutputError

Array = npt.NDArray[Any]
T = TypeVar("T")

#: Bytes that are written at a time: a huge page of most processors.
_BLOCK = 1 << 21

#: Zeros that are written at a time; values that are picked (each may bring 64 kB of pages along).
_ZEROS, _PICKED = 1 << 20, 1 << 12


class Column:
    """One growing file of fixed-width values in the scratch folder.

    It has no name where the system allows that: its room on the disk is free again, and the text
    in it gone, as soon as nobody has it open, however the process ends.

    Parameters
    ----------
    at_random
        Whether rows will be read at random: each costs a page fault, and a walk through the tables
        of pages. Written in blocks of a huge page, the file is mapped by such where the file system
        knows them (XFS, ext4 since Linux 6.16). They take longer to get when memory is in pieces.

    Raises
    ------
    OutputError
        The folder cannot be written, or the disk is full.
    """

    def __init__(self, folder: Path, dtype: npt.DTypeLike, at_random: bool = False) -> None:
        self._folder = folder
        self._dtype = np.dtype(dtype)
        with self._explained():
            self._file: IO[bytes] = tempfile.TemporaryFile(dir=folder)
        self._block: Array = np.empty(_BLOCK if at_random else 0, np.uint8)
        self._filled = 0
        self.size = 0

    def append(self, values: Array) -> None:
        """Append values (any length)."""
        self.size += len(values)
        data: Array = np.ascontiguousarray(values, self._dtype).reshape(-1).view(np.uint8)
        while len(self._block) and len(data):
            taken = min(len(data), len(self._block) - self._filled)
            self._block[self._filled : self._filled + taken] = data[:taken]
            self._filled += taken
            data = data[taken:]
            if self._filled == len(self._block):
                self._write(self._block)
                self._filled = 0
        self._write(data)

    def _write(self, data: Array) -> None:
        with self._explained():
            # not `tofile`: it drops the error when its last few bytes find no room
            self._file.write(data.data)

    def finish(self) -> Array:
        """Close the file and map it (changes go to the file)."""
        values: Array = np.empty(0, self._dtype)
        self._write(self._block[: self._filled])
        with self._explained(), self._file:
            self._file.flush()
            if self.size:
                mapped = np.memmap(self._file, self._dtype, mode="r+", shape=(self.size,))
                values = np.asarray(mapped)  # slices of a memmap take ten times as long
        return values

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise OutputError(
                f"scratch folder {self._folder}: {error}; free some space or name another "
                "folder with --scratch"
            ) from error


def map_zeros(
    folder: Path, shape: tuple[int, ...], dtype: npt.DTypeLike, at_random: bool = False
) -> Array:
    """Return a new array of zeros that is kept in a file: what is written to it goes there.

    Its room on the disk is taken at once. `at_random` and what is raised: see `Column`.
    """
    column, left = Column(folder, dtype, at_random), math.prod(shape)
    while left > 0:
        part = min(left, _ZEROS)
        column.append(np.zeros(part, dtype))
        left -= part
    return column.finish().reshape(shape)


def pick(column: Array, places: Array) -> Array:
    """Return the values of a mapped column at many places, and let go of its memory on the way.

    A page that is touched brings 15 neighbours along, or a huge page, and numpy lets no other
    thread work meanwhile: all of the column would be in memory before anybody could give it back.

    Parameters
    ----------
    places : int64[N] or int64[N, K]
        The K places of a line lie together.
    """
    out = np.empty(places.shape, column.dtype)
    order = np.argsort(places if places.ndim == 1 else places[:, 0])  # page by page
    for start in range(0, len(places), _PICKED):
        own = order[start : start + _PICKED]
        out[own] = column[places[own]]
        release(column)
    return out


def visit(items: Iterable[T], give_back: Callable[[], object], every: int) -> Iterator[T]:
    """Yield items; now and then what was read for them leaves the memory.

    Parameters
    ----------
    give_back
        Called before the first and after each `every` of them.
    """
    for number, item in enumerate(items):
        if number % every == 0:
            give_back()
        yield item


def release(values: Array, first: int = 0, last: int | None = None) -> None:
    """Let go of the memory of a mapped array, or of a range of it: it is read again when needed.

    What a pass has read would otherwise count as this process's memory until the system runs out
    of it.
    """
    mapped: Any = values
    while isinstance(mapped, np.ndarray):
        mapped = mapped.base
    if not isinstance(mapped, mmap.mmap) or not hasattr(mmap, "MADV_DONTNEED"):
        return
    last, width = len(values) if last is None else last, values.strides[0]
    begin = first * width // mmap.PAGESIZE * mmap.PAGESIZE
    length = last * width - begin
    if length > 0:
        mapped.madvise(mmap.MADV_DONTNEED, begin, length)
