"""The bytes of a file: hashed while they are read, decompressed by their magic number.

Memory is bounded whatever the compression ratio: blocks come one at a time.
"""

from __future__ import annotations

import hashlib
import os
import stat
import zlib
from collections.abc import Callable, Iterator
from itertools import chain
from types import TracebackType
from typing import BinaryIO

import zstandard

from poisonscan.errors import DatasetError
from poisonscan.io.coverage import FileCoverage
from poisonscan.io.sources import Source

Progress = Callable[[int], None]

#: Raw bytes per read, and the largest decompressed gzip block.
BLOCK_BYTES = 1 << 20
#: Members of a few bytes each would make every one of them copy the rest of its piece.
GZIP_PIECE_BYTES = 64 << 10
#: Four bytes of zstd may stand for a block of 128 KiB, and the decoder takes no output limit:
#: small pieces of input bound what one call can return (2 KiB / 4 B * 128 KiB = 64 MiB).
ZSTD_PIECE_BYTES = 2 << 10
#: The window that the zstd command line accepts by default is 128 MiB.
ZSTD_MAX_WINDOW_BYTES = 128 << 20

GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_ZSTD_SKIPPABLE = b"\x2a\x4d\x18"  # after a byte 0x50..0x5f


class BrokenStreamError(Exception):
    """The compressed stream ends early or is damaged; everything before was yielded."""


class FileBytes:
    """One open file; fills in `sha256` and `size` of its coverage when it was read to its end.

    Raises
    ------
    DatasetError
        The file cannot be opened, or is no regular file.
    """

    def __init__(
        self, source: Source, coverage: FileCoverage, progress: Progress | None = None
    ) -> None:
        self.file = _open_regular(source)
        self.coverage = coverage
        self.compression = ""
        self._progress = progress
        self._digest = hashlib.sha256()

    def __enter__(self) -> FileBytes:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.file.close()

    def raw_chunks(self) -> Iterator[bytes]:
        """Yield the bytes on disk, hashing them; sets the digest at the end."""
        while chunk := self.file.read(BLOCK_BYTES):
            self._digest.update(chunk)
            self.coverage.size += len(chunk)
            if self._progress is not None:
                self._progress(len(chunk))
            yield chunk
        self.coverage.sha256 = self._digest.hexdigest()

    def blocks(self) -> Iterator[bytes]:
        """Yield the decompressed content in non-empty blocks.

        A stream that breaks ends quietly here; the cause is in ``coverage.error``.
        """
        try:
            yield from self._decompressed()
        except BrokenStreamError as error:
            self.coverage.fail(str(error))
        except OSError as error:
            self.coverage.fail(f"reading failed: {error.strerror or type(error).__name__}")

    def drain(self) -> None:
        """Read what is left, so that the digest is that of the whole file."""
        try:
            for _ in self.raw_chunks():
                pass
        except OSError as error:
            self.coverage.fail(f"reading failed: {error.strerror or type(error).__name__}")

    def _decompressed(self) -> Iterator[bytes]:
        chunks = self.raw_chunks()
        first = next(chunks, b"")
        chunks = chain([first], chunks)
        self.compression = compression_of(first)
        if self.compression == "gzip":
            yield from iter_gunzipped(chunks)
        elif self.compression == "zstd":
            yield from iter_unzstd(chunks)
        else:
            yield from filter(None, chunks)


def _open_regular(source: Source) -> BinaryIO:
    try:
        # a FIFO would block for ever, and may have taken the file's place since it was found
        handle = os.open(source.path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no usable path"
        raise DatasetError(f"{source.name!r} cannot be opened: {reason}") from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise DatasetError(f"{source.name!r} is no regular file; write its data to a file first")
    return os.fdopen(handle, "rb", buffering=0)


def compression_of(head: bytes) -> str:
    """Return ``gzip``, ``zstd`` or the empty string, from the first bytes of a file."""
    if head.startswith(GZIP_MAGIC):
        return "gzip"
    is_skippable = head[1:4] == _ZSTD_SKIPPABLE and head[0] & 0xF0 == 0x50
    return "zstd" if head.startswith(ZSTD_MAGIC) or is_skippable else ""


def peek(blocks: Iterator[bytes], size: int) -> tuple[bytes, bool, Iterator[bytes]]:
    """Return the first bytes, whether they are all there is, and an iterator over everything."""
    taken: list[bytes] = []
    length = 0
    for block in blocks:
        taken.append(block)
        length += len(block)
        if length >= size:
            break
    head = b"".join(taken)[:size]
    return head, length < size, chain(taken, blocks)


def iter_gunzipped(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the content of all members of a gzip file.

    Raises
    ------
    BrokenStreamError
        The file is truncated, damaged, or goes on with something else.
    """
    decoder = None
    finished = 0
    for rest in _pieces(chunks, GZIP_PIECE_BYTES):
        while rest:
            if decoder is None:
                rest = rest.lstrip(b"\0") if finished else rest  # padding between members
                if not rest:
                    break
                decoder = zlib.decompressobj(wbits=31)
            before = decoder.copy()
            try:
                block = decoder.decompress(rest, BLOCK_BYTES)
            except zlib.error as error:
                yield from filter(None, [_gunzip_up_to_damage(before, rest)])
                raise BrokenStreamError(f"damaged gzip data: {error}") from None
            if block:
                yield block
            if decoder.eof:
                rest, decoder, finished = decoder.unused_data, None, finished + 1
            else:
                rest = decoder.unconsumed_tail
    if decoder is not None:
        if tail := decoder.flush():  # what the output limit held back, less than a block
            yield tail
        if not decoder.eof:
            raise BrokenStreamError("truncated: the gzip data end in the middle")


def _pieces(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    for chunk in chunks:
        for start in range(0, len(chunk), size):
            yield chunk[start : start + size]


def _gunzip_up_to_damage(decoder: zlib._Decompress, data: bytes) -> bytes:
    """Return what can be decoded of a piece that failed: zlib drops the output of a failed call."""
    content: list[bytes] = []
    for start in range(len(data)):
        try:
            content.append(decoder.decompress(data[start : start + 1]))
        except zlib.error:
            break
    return b"".join(content)


def iter_unzstd(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the content of all frames of a zstd file.

    Raises
    ------
    BrokenStreamError
        The file is truncated, damaged, or needs a window beyond `ZSTD_MAX_WINDOW_BYTES`.
    """
    context = zstandard.ZstdDecompressor(max_window_size=ZSTD_MAX_WINDOW_BYTES)
    decoder = context.decompressobj()
    in_frame = False
    for piece in _pieces(chunks, ZSTD_PIECE_BYTES):
        while piece:
            try:
                block = decoder.decompress(piece)
            except zstandard.ZstdError as error:
                raise BrokenStreamError(f"damaged zstd data: {error}") from None
            if block:
                yield block
            in_frame = not decoder.eof
            if in_frame:
                break
            piece = decoder.unused_data
            decoder = context.decompressobj()
    if in_frame:
        raise BrokenStreamError("truncated: the zstd data end in the middle")
