"""The scratch spool: every record once, as columns on disk, for the passes after the first.

JSON is parsed and text is tokenised once; later passes read fixed-width columns through memory
maps, so that what is held in memory does not grow with the data. The spool lives in a temporary
folder that goes away with the scan, however it ends.
"""

from __future__ import annotations

import contextlib
import mmap
import shutil
import tempfile
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from poisonscan.errors import OutputError
from poisonscan.kernels.charclass import class_table
from poisonscan.kernels.rows import digest_rows
from poisonscan.kernels.tokens import tokenise
from poisonscan.threads import count_workers

Array = npt.NDArray[Any]

#: Start value of row digests. Fixed: samples are drawn by digest and must not change from scan
#: to scan. Nothing that an attacker gains from (only which clean rows are shown or compared).
_DIGEST_KEY = np.uint64(0xCBF29CE484222325)

#: Tokens that one step of a pass works on.
CHUNK_TOKENS = 4_000_000

#: Bytes that the passes after reading write for each token, at most: its term, its row's distinct
#: terms, and their rows; of a rare one its hash instead of these; and a mark.
BYTES_LATER = 13


class Column:
    """One growing file of fixed-width values in the scratch folder.

    Raises
    ------
    OutputError
        The folder cannot be written, or the disk is full.
    """

    def __init__(self, path: Path, dtype: npt.DTypeLike) -> None:
        self._path = path
        self._dtype = np.dtype(dtype)
        with self._explained():
            self._file: IO[bytes] = path.open("wb")
        self.size = 0

    def append(self, values: Array) -> None:
        """Append values (any length)."""
        with self._explained():
            # not `tofile`: it drops the error when its last few bytes find no room
            self._file.write(np.ascontiguousarray(values, self._dtype).data)
        self.size += len(values)

    def finish(self) -> Array:
        """Close the file and map it (changes go to the file)."""
        values: Array = np.empty(0, self._dtype)
        with self._explained():
            self._file.close()
            if self.size:
                mapped = np.memmap(self._path, self._dtype, mode="r+", shape=(self.size,))
                values = np.asarray(mapped)  # slices of a memmap take ten times as long
        return values

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise OutputError(
                f"scratch folder {self._path.parent}: {error}; free some space or name another "
                "folder with --scratch"
            ) from error


def release(values: Array, first: int = 0, last: int | None = None) -> None:
    """Let go of the memory of a mapped column, or of a range of it: it is read again when needed.

    What a pass has read would otherwise count as this process's memory until the system runs out
    of it.
    """
    mapped: Any = values
    while isinstance(mapped, np.ndarray):
        mapped = mapped.base
    if not isinstance(mapped, mmap.mmap) or not hasattr(mmap, "MADV_DONTNEED"):
        return
    last = len(values) if last is None else last
    begin = first * values.itemsize // mmap.PAGESIZE * mmap.PAGESIZE
    length = last * values.itemsize - begin
    if length > 0:
        mapped.madvise(mmap.MADV_DONTNEED, begin, length)


@dataclass(frozen=True, slots=True)
class Side:
    """One side of all records (input, output, or rejected output) as columns.

    Attributes
    ----------
    text : uint8[B]
        UTF-8 of all segments.
    segment_offsets : int64[S + 1]
    row_segments : int64[R + 1]
        Segment range of each row.
    tokens : uint64[T]
        Token hashes; `BOUNDARY` between two segments of a row.
    row_tokens : int64[R + 1]
        Token range of each row.
    digests : uint64[R]
        Content digest of each row's side.
    """

    text: Array
    segment_offsets: Array
    row_segments: Array
    tokens: Array
    row_tokens: Array
    digests: Array

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.digests)

    def segments(self, row: int) -> list[str]:
        """Return the segments of one row."""
        first, last = int(self.row_segments[row]), int(self.row_segments[row + 1])
        return [
            self.text[self.segment_offsets[at] : self.segment_offsets[at + 1]]
            .tobytes()
            .decode("utf-8", "replace")
            for at in range(first, last)
        ]

    def chunks(self) -> Iterator[tuple[int, int]]:
        """Yield row ranges of about `CHUNK_TOKENS` tokens (at least one row each).

        Tokens that were yielded some time ago leave the memory.
        """
        start = 0
        in_use: deque[tuple[int, int]] = deque()
        while start < self.rows:
            limit = int(self.row_tokens[start]) + CHUNK_TOKENS
            end = int(np.searchsorted(self.row_tokens, limit, side="right")) - 1
            end = min(max(end, start + 1), self.rows)
            yield start, end
            in_use.append((start, end))
            if len(in_use) > 2 * count_workers():  # threads may be at work on the others
                self.release_tokens(*in_use.popleft())
            start = end
        release(self.tokens)

    def release_tokens(self, start: int, end: int) -> None:
        """Let go of the memory of the tokens of rows `start` to `end`."""
        release(self.tokens, int(self.row_tokens[start]), int(self.row_tokens[end]))

    def release_text(self, start: int, end: int) -> None:
        """Let go of the memory of the text of rows `start` to `end`."""
        first, last = self.row_segments[start], self.row_segments[end]
        release(self.text, int(self.segment_offsets[first]), int(self.segment_offsets[last]))

    def release(self) -> None:
        """Let go of the memory of all columns."""
        columns = (self.text, self.segment_offsets, self.row_segments, self.tokens, self.row_tokens)
        for column in (*columns, self.digests):
            release(column)

    def token_slice(self, start: int, end: int) -> tuple[Array, Array]:
        """Return tokens and row offsets (from 0) of rows `start` to `end`."""
        offsets = self.row_tokens[start : end + 1]
        return self.tokens[offsets[0] : offsets[-1]], np.asarray(offsets - offsets[0])

    def spans(self, start: int, end: int) -> tuple[Array, Array]:
        """Return first and last byte (in `text`) of every token of rows `start` to `end`.

        Tokenises again: spans are needed for few rows, and would double the spool.
        """
        segments = self.row_segments[start : end + 1]
        offsets = np.asarray(self.segment_offsets[segments[0] : segments[-1] + 1])
        tokenised = _tokenise(
            self.text[offsets[0] : offsets[-1]], offsets - offsets[0], segments - segments[0], 0
        )
        return tokenised.starts + offsets[0], tokenised.ends + offsets[0]

    def texts(self, at: Array) -> list[str]:
        """Return the texts of some tokens.

        Parameters
        ----------
        at : int64[N]
            Scan-wide indices, ascending. Only the rows that they are in are tokenised again.
        """
        row_of = np.searchsorted(self.row_tokens, at, side="right") - 1
        rows, own = np.unique(row_of, return_inverse=True)
        texts, sizes, counts = [], [], [0]
        for first, last in zip(self.row_segments[rows], self.row_segments[rows + 1], strict=True):
            offsets = self.segment_offsets[first : last + 1]
            texts.append(self.text[offsets[0] : offsets[-1]])
            sizes.append(np.diff(offsets))
            counts.append(last - first)
        if not texts:
            return []
        data = np.concatenate(texts)
        segments = np.concatenate([[0], np.cumsum(np.concatenate(sizes))])
        found = _tokenise(data, segments, np.cumsum(counts), 0)
        places = found.row_offsets[own] + at - self.row_tokens[row_of]
        return [
            data[first:last].tobytes().decode("utf-8", "replace")
            for first, last in zip(
                found.starts[places].tolist(), found.ends[places].tolist(), strict=True
            )
        ]


@dataclass(frozen=True, slots=True)
class Spool:
    """All records of a scan.

    Attributes
    ----------
    source : int32[R]
        Index of the input that a record came from.
    row : int64[R]
        Its 0-based index there.
    rejected
        The outputs that others were preferred to: a side without tokens where there are no pairs.
    labels : dict of str to int32[R]
        For each label column the index of its value in `label_values`, -1 where absent.
    """

    source: Array
    row: Array
    input: Side
    output: Side
    rejected: Side
    labels: dict[str, Array]
    label_values: dict[str, list[str]]

    @property
    def rows(self) -> int:
        """Number of records."""
        return len(self.row)

    @property
    def sides(self) -> dict[str, Side]:
        """All sides by name: together they hold every string of every record."""
        sides = {"input": self.input, "output": self.output}
        return {**sides, "rejected": self.rejected} if self.has_pairs else sides

    @property
    def has_pairs(self) -> bool:
        """True where any record has a rejected output."""
        return len(self.rejected.tokens) > 0


@dataclass(frozen=True, slots=True)
class _Tokenised:
    hashes: Array
    starts: Array
    ends: Array
    row_offsets: Array


def _tokenise(data: Array, segment_offsets: Array, row_segments: Array, key: int) -> _Tokenised:
    room = len(data) + len(segment_offsets)
    hashes = np.empty(room, np.uint64)
    starts, ends = np.empty(room, np.int64), np.empty(room, np.int64)
    row_offsets = np.empty(len(row_segments), np.int64)
    count = tokenise(
        data,
        np.ascontiguousarray(segment_offsets),
        np.ascontiguousarray(row_segments),
        class_table(),
        np.uint64(key),
        hashes,
        starts,
        ends,
        row_offsets,
    )
    return _Tokenised(hashes[:count], starts[:count], ends[:count], row_offsets)


def hash_tokens(text: str, key: int) -> Array:
    """Return the token hashes of one text, uint64[T], as the spool has them under `key`."""
    data = np.frombuffer(text.encode("utf-8", "replace"), np.uint8)
    offsets = np.array([0, len(data)], np.int64)
    return _tokenise(data, offsets, np.array([0, 1], np.int64), key).hashes


def split_tokens(text: str) -> list[str]:
    """Return the tokens of one text, as the spool would cut it."""
    data = text.encode("utf-8", "replace")
    offsets = np.array([0, len(data)], np.int64)
    cut = _tokenise(np.frombuffer(data, np.uint8), offsets, np.array([0, 1], np.int64), 0)
    return [
        data[start:end].decode("utf-8", "replace")
        for start, end in zip(cut.starts.tolist(), cut.ends.tolist(), strict=True)
    ]


def digest_text(text: str) -> np.uint64:
    """Return the content digest of one text, the same in every scan."""
    data = np.frombuffer(text.encode("utf-8", "replace"), np.uint8)
    digest = np.empty(1, np.uint64)
    offsets = np.array([0, len(data)], np.int64)
    digest_rows(data, offsets, np.array([0, 1], np.int64), _DIGEST_KEY, digest)
    return np.uint64(digest[0])


class _SideWriter:
    def __init__(self, folder: Path, name: str) -> None:
        def column(part: str, dtype: npt.DTypeLike) -> Column:
            return Column(folder / f"{name}.{part}", dtype)

        self._text = column("text", np.uint8)
        self._segments = column("segments", np.int64)
        self._row_segments = column("row_segments", np.int64)
        self._tokens = column("tokens", np.uint64)
        self._row_tokens = column("row_tokens", np.int64)
        self._digests = column("digests", np.uint64)
        for offsets in (self._segments, self._row_segments, self._row_tokens):
            offsets.append(np.zeros(1, np.int64))

    @property
    def tokens(self) -> int:
        """Tokens so far."""
        return self._tokens.size

    def append(self, segments: pa.ListArray, key: int) -> None:
        """Append one side of a batch."""
        data, segment_offsets, row_segments = _buffers(segments)
        tokenised = _tokenise(data, segment_offsets, row_segments, key)
        digests = np.empty(len(row_segments) - 1, np.uint64)
        digest_rows(data, segment_offsets, row_segments, _DIGEST_KEY, digests)
        self._segments.append(segment_offsets[1:] + self._text.size)
        self._row_segments.append(row_segments[1:] + (self._segments.size - len(segment_offsets)))
        self._row_tokens.append(tokenised.row_offsets[1:] + self._tokens.size)
        self._text.append(data)
        self._tokens.append(tokenised.hashes)
        self._digests.append(digests)

    def finish(self) -> Side:
        return Side(
            text=self._text.finish(),
            segment_offsets=self._segments.finish(),
            row_segments=self._row_segments.finish(),
            tokens=self._tokens.finish(),
            row_tokens=self._row_tokens.finish(),
            digests=self._digests.finish(),
        )


class _PairWriter:
    """The rejected outputs: nothing is written before the first one comes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writer: _SideWriter | None = None
        self._rows = 0

    @property
    def tokens(self) -> int:
        """Tokens so far."""
        return self._writer.tokens if self._writer is not None else 0

    def append(self, segments: pa.ListArray, key: int) -> None:
        """Append one side of a batch."""
        if self._writer is None and len(segments.flatten()):
            self._writer = _SideWriter(self._folder, "rejected")
            nothing = np.zeros(self._rows + 1, np.int32)
            self._writer.append(pa.ListArray.from_arrays(nothing, pa.array([], pa.string())), key)
        self._rows += len(segments)
        if self._writer is not None:
            self._writer.append(segments, key)

    def finish(self) -> Side:
        if self._writer is not None:
            return self._writer.finish()
        none = np.zeros(self._rows + 1, np.int64)  # pages that nobody touches take no memory
        digests = np.zeros(self._rows, np.uint64)
        return Side(np.empty(0, np.uint8), none[:1], none, np.empty(0, np.uint64), none, digests)


def _buffers(segments: pa.ListArray) -> tuple[Array, Array, Array]:
    """Return text bytes, segment offsets and row offsets of a list<string> column, from 0."""
    rows = np.asarray(segments.offsets, np.int64)
    strings = segments.values.slice(int(rows[0]), int(rows[-1] - rows[0]))
    _, offset_buffer, data_buffer = strings.buffers()
    offsets = np.zeros(1, np.int64)
    if len(strings):
        raw = np.frombuffer(offset_buffer, np.int32)
        offsets = raw[strings.offset : strings.offset + len(strings) + 1].astype(np.int64)
    data = np.empty(0, np.uint8)
    if data_buffer is not None:
        data = np.frombuffer(data_buffer, np.uint8)[offsets[0] : offsets[-1]]
    return data, offsets - offsets[0], rows - rows[0]


class _LabelWriter:
    """Short columns as numbers: one int32 a row and column, values by order of appearance.

    A column with more than `MAX_VALUES` values is no label and is forgotten.
    """

    MAX_VALUES = 1000
    MAX_COLUMNS = 64

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._codes: dict[str, dict[str, int]] = {}
        self._columns: dict[str, Column] = {}
        self._dropped: set[str] = set()
        self._rows = 0

    def append(self, names: pa.ListArray, values: pa.ListArray) -> None:
        rows = len(names)
        codes: dict[str, Array] = {}
        for index, (row_names, row_values) in enumerate(
            zip(names.to_pylist(), values.to_pylist(), strict=True)
        ):
            for name, value in zip(row_names, row_values, strict=True):
                if name in self._dropped:
                    continue
                known = self._codes.get(name)
                if known is None:
                    if len(self._codes) >= self.MAX_COLUMNS:
                        continue
                    known = self._codes[name] = {}
                code = known.setdefault(value, len(known))
                if len(known) > self.MAX_VALUES:
                    self._drop(name)
                    codes.pop(name, None)
                    continue
                column = codes.get(name)
                if column is None:
                    column = codes[name] = np.full(rows, -1, np.int32)
                column[index] = code
        for name in self._codes:
            stored = self._columns.get(name)
            if stored is None:
                path = self._folder / f"label.{len(self._columns) + len(self._dropped)}"
                stored = self._columns[name] = Column(path, np.int32)
                stored.append(np.full(self._rows, -1, np.int32))
            stored.append(codes.get(name, np.full(rows, -1, np.int32)))
        self._rows += rows

    def _drop(self, name: str) -> None:
        self._dropped.add(name)
        del self._codes[name]
        stored = self._columns.pop(name, None)
        if stored is not None:  # closed at once: there may be thousands of such columns
            stored.finish()

    def finish(self) -> tuple[dict[str, Array], dict[str, list[str]]]:
        kept = sorted(self._codes)
        return (
            {name: self._columns[name].finish() for name in kept},
            {name: list(self._codes[name]) for name in kept},
        )


class SpoolWriter:
    """Writes the spool batch by batch; use as a context, the folder goes away at its end."""

    def __init__(self, scratch_dir: str | None, key: int) -> None:
        try:
            self.folder = Path(tempfile.mkdtemp(prefix="poisonscan-", dir=scratch_dir))
        except OSError as error:
            raise OutputError(f"scratch folder {scratch_dir or ''}: {error}") from error
        self._key = key
        self._checked = 0
        try:
            self._source = Column(self.folder / "source", np.int32)
            self._row = Column(self.folder / "row", np.int64)
            self._input = _SideWriter(self.folder, "input")
            self._output = _SideWriter(self.folder, "output")
            self._rejected = _PairWriter(self.folder)
            self._labels = _LabelWriter(self.folder)
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self) -> SpoolWriter:
        return self

    def __exit__(self, *exception: object) -> None:
        with contextlib.suppress(OSError):
            shutil.rmtree(self.folder)

    def append(self, batch: pa.RecordBatch) -> None:
        """Append a batch of RECORD_SCHEMA."""
        self._source.append(np.asarray(batch.column("source")))
        self._row.append(np.asarray(batch.column("row")))
        self._labels.append(batch.column("label_name"), batch.column("label_value"))
        self._input.append(batch.column("input"), self._key)
        self._output.append(batch.column("output"), self._key)
        self._rejected.append(batch.column("rejected"), self._key)
        if self._tokens >= self._checked + CHUNK_TOKENS:
            self._require_room()

    @property
    def _tokens(self) -> int:
        return self._input.tokens + self._output.tokens + self._rejected.tokens

    def _require_room(self) -> None:
        """Stop before the disk is full: passes to come write what belongs to the tokens so far."""
        self._checked = self._tokens
        free, needed = shutil.disk_usage(self.folder).free, BYTES_LATER * self._checked
        if free < needed:
            raise OutputError(
                f"scratch folder {self.folder.parent}: {free:,} bytes are free, and what has been "
                f"read so far needs {needed:,} more; free some space or name another folder with "
                "--scratch"
            )

    def finish(self) -> Spool:
        """Close all columns and map them."""
        self._require_room()
        labels, label_values = self._labels.finish()
        return Spool(
            source=self._source.finish(),
            row=self._row.finish(),
            input=self._input.finish(),
            output=self._output.finish(),
            rejected=self._rejected.finish(),
            labels=labels,
            label_values=label_values,
        )
