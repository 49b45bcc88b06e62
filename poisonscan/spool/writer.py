"""Writes the spool, batch by batch."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from poisonscan.errors import OutputError
from poisonscan.kernels.rows import digest_rows
from poisonscan.memory import scratch_later
from poisonscan.spool.columns import Column
from poisonscan.spool.labels import LabelWriter
from poisonscan.spool.sides import Side, Spool
from poisonscan.spool.tokens import DIGEST_KEY, tokenise_rows
from poisonscan.threads import map_in_order

Array = npt.NDArray[Any]

#: Tokens after which free space is looked at again.
CHECKED_TOKENS = 4_000_000

#: Rows that are copied at a time.
_COPIED_ROWS = 1 << 14


class _SideWriter:
    def __init__(self, folder: Path) -> None:
        self._text = Column(folder, np.uint8)
        self._segments = Column(folder, np.int64)
        self._row_segments = Column(folder, np.int64)
        self._tokens = Column(folder, np.uint64)
        self._row_tokens = Column(folder, np.int64, at_random=True)
        self._digests = Column(folder, np.uint64)
        for offsets in (self._segments, self._row_segments, self._row_tokens):
            offsets.append(np.zeros(1, np.int64))

    @property
    def tokens(self) -> int:
        """Tokens so far."""
        return self._tokens.size

    def append(self, part: Side) -> None:
        """Append one side of some rows, whose offsets begin with 0."""
        segments = self._segments.size - 1  # the first offset belongs to none
        self._row_segments.append(part.row_segments[1:] + segments)
        self._segments.append(part.segment_offsets[1:] + self._text.size)
        self._row_tokens.append(part.row_tokens[1:] + self._tokens.size)
        self._text.append(part.text)
        self._tokens.append(part.tokens)
        self._digests.append(part.digests)

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

    def append(self, part: Side) -> None:
        """Append one side of some rows, whose offsets begin with 0."""
        if self._writer is None and part.row_segments[-1]:
            self._writer = _SideWriter(self._folder)
            nothing = np.zeros(self._rows + 1, np.int32)
            lists = pa.ListArray.from_arrays(nothing, pa.array([], pa.string()))
            self._writer.append(_tokenised(lists, key=0))
        self._rows += part.rows
        if self._writer is not None:
            self._writer.append(part)

    def finish(self) -> Side:
        if self._writer is not None:
            return self._writer.finish()
        none = np.zeros(self._rows + 1, np.int64)  # pages that nobody touches take no memory
        digests = np.zeros(self._rows, np.uint64)
        return Side(np.empty(0, np.uint8), none[:1], none, np.empty(0, np.uint64), none, digests)


def _tokenised(segments: pa.ListArray, key: int) -> Side:
    """Return one side of a batch."""
    where = _, _, row_segments = _buffers(segments)
    tokenised = tokenise_rows(*where, key, ranges=False)
    digests = np.empty(len(row_segments) - 1, np.uint64)
    digest_rows(*where, DIGEST_KEY, digests)
    return Side(*where, tokenised.hashes, tokenised.row_offsets, digests)


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
            self._source = Column(self.folder, np.int32)
            self._row = Column(self.folder, np.int64)
            self._input = _SideWriter(self.folder)
            self._output = _SideWriter(self.folder)
            self._rejected = _PairWriter(self.folder)
            self._labels = LabelWriter(self.folder)
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self) -> SpoolWriter:
        return self

    def __exit__(self, *exception: object) -> None:
        with contextlib.suppress(OSError):
            shutil.rmtree(self.folder)

    def append(self, batches: Iterable[pa.RecordBatch]) -> None:
        """Append batches of RECORD_SCHEMA; threads tokenise some while others are written."""
        for batch, (given, answer, rejected) in map_in_order(self._tokenise, batches):
            self._source.append(np.asarray(batch.column("source")))
            self._row.append(np.asarray(batch.column("row")))
            self._labels.append(batch.column("label_name"), batch.column("label_value"))
            self._input.append(given)
            self._output.append(answer)
            self._rejected.append(rejected)
            if sum(self._tokens) >= self._checked + CHECKED_TOKENS:
                self._require_room()

    def _tokenise(self, batch: pa.RecordBatch) -> tuple[pa.RecordBatch, list[Side]]:
        sides = (batch.column(name) for name in ("input", "output", "rejected"))
        return batch, [_tokenised(side, self._key) for side in sides]

    @property
    def _tokens(self) -> tuple[int, int, int]:
        """Tokens of inputs, outputs and rejected outputs so far."""
        return self._input.tokens, self._output.tokens, self._rejected.tokens

    def _require_room(self) -> None:
        """Stop before the disk is full: passes to come write what belongs to the tokens so far."""
        self._checked = sum(self._tokens)
        _require_room(self.folder, scratch_later(self._row.size, *self._tokens))

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


def copy_rows(spool: Spool, rows: Array, folder: Path) -> Spool:
    """Return some rows as a spool of their own, in the same scratch folder.

    Parameters
    ----------
    rows : int64[N]
        Ascending.

    Raises
    ------
    OutputError
        There is no room for them.
    """
    sides = spool.input, spool.output, spool.rejected
    tokens = [int((side.row_tokens[rows + 1] - side.row_tokens[rows]).sum()) for side in sides]
    copied = sum(_text_size(side, rows) for side in sides) + 8 * sum(tokens)
    _require_room(folder, copied + scratch_later(len(rows), *tokens))
    labels = {name: np.asarray(codes)[rows] for name, codes in spool.labels.items()}
    labels = {name: codes for name, codes in labels.items() if codes.max(initial=-1) >= 0}
    return Spool(
        source=np.asarray(spool.source)[rows],
        row=np.asarray(spool.row)[rows],
        input=_copy(spool.input, rows, _SideWriter(folder)),
        output=_copy(spool.output, rows, _SideWriter(folder)),
        rejected=_copy(spool.rejected, rows, _PairWriter(folder)),
        labels=labels,
        label_values={name: spool.label_values[name] for name in labels},
    )


def _text_size(side: Side, rows: Array) -> int:
    first, last = side.row_segments[rows], side.row_segments[rows + 1]
    return int((side.segment_offsets[last] - side.segment_offsets[first]).sum())


def _copy(side: Side, rows: Array, writer: _SideWriter | _PairWriter) -> Side:
    """Return some rows as they are when written, not many at a time."""
    for start in range(0, len(rows), _COPIED_ROWS):
        part = rows[start : start + _COPIED_ROWS]
        writer.append(side.pick(part))
        side.release_text(int(part[0]), int(part[-1]) + 1)
        side.release_tokens(int(part[0]), int(part[-1]) + 1)
    return writer.finish()


def _require_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise OutputError(
            f"scratch folder {folder.parent}: {free:,} bytes are free, and what has been "
            f"read so far needs {needed:,} more; free some space or name another folder with "
            "--scratch"
        )
