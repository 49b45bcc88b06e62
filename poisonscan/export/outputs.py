"""One file under construction: compressed like its input, hashed as it reaches the disk."""

from __future__ import annotations

import hashlib
import os
import zlib
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import zstandard

#: Bytes collected before they are compressed, hashed and written.
_BUFFER_BYTES = 1 << 20
_GZIP_LEVEL = 6
_GZIP_FORMAT = 31  # window bits; without a name, and with time 0: the same bytes every time


class _Compressor(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...

    def flush(self) -> bytes: ...


class _Identity:
    def compress(self, data: bytes, /) -> bytes:
        return data

    def flush(self) -> bytes:
        return b""


def _compressor(compression: str) -> _Compressor:
    if compression == "gzip":
        return zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_FORMAT)
    if compression == "zstd":
        return zstandard.ZstdCompressor(write_checksum=True).compressobj()
    return _Identity()


class OutputFile:
    """A new file; complete, synced and hashed when its ``with`` block ends well.

    Speaks enough of the file protocol for `pyarrow.parquet`.

    Attributes
    ----------
    sha256, size
        Of the bytes on disk; set at the end.
    """

    def __init__(self, path: Path, compression: str = "") -> None:
        self._compressor = _compressor(compression)
        self._digest = hashlib.sha256()
        self._parts: list[bytes] = []
        self._held = 0
        self.sha256 = ""
        self.size = 0
        # exclusively: what somebody else put there is never followed
        self._file = open(path, "xb", buffering=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._file:
            if error is None:
                self._compress_held()
                self._store(self._compressor.flush())
                os.fsync(self._file.fileno())
                self.sha256 = self._digest.hexdigest()

    def write(self, data: bytes) -> int:
        """Append some bytes."""
        self._parts.append(data)
        self._held += len(data)
        if self._held >= _BUFFER_BYTES:
            self._compress_held()
        return len(data)

    def flush(self) -> None:
        """Do nothing; the end of the ``with`` block flushes."""

    @property
    def closed(self) -> bool:
        """True after the ``with`` block."""
        return self._file.closed

    def _compress_held(self) -> None:
        data = b"".join(self._parts)
        self._parts.clear()
        self._held = 0
        self._store(self._compressor.compress(data))

    def _store(self, data: bytes) -> None:
        self._digest.update(data)
        self.size += len(data)
        rest = memoryview(data)
        while rest:  # a raw write may be a partial one, such as just before the disk is full
            rest = rest[self._file.write(rest) :]
