"""Lines of a byte stream, as fast as the standard library reads them and with bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

BLANK = b" \t\r\n"
UTF8_BOM = b"\xef\xbb\xbf"


def iter_lines(blocks: Iterator[bytes], limit: int) -> Iterator[bytes | None]:
    """Yield lines with their terminator; ``None`` for each line that is longer than `limit`.

    Only a line feed ends a line; a carriage return before it stays. Time is linear in the
    input: parts of a long line are joined once.
    """
    parts: list[bytes] = []
    length = 0
    for block in blocks:
        first_end = block.find(b"\n") + 1
        if not first_end:
            length += len(block)
            if length <= limit:
                parts.append(block)
            else:
                parts.clear()
            continue
        if length:
            yield _joined(parts, block[:first_end], length, limit)
        last_end = block.rfind(b"\n") + 1
        yield from BytesIO(block[first_end if length else 0 : last_end])
        parts = [block[last_end:]]
        length = len(parts[0])
    if length:
        yield _joined(parts, b"", length, limit)


def _joined(parts: list[bytes], end: bytes, length: int, limit: int) -> bytes | None:
    return b"".join((*parts, end)) if length + len(end) <= limit else None


def is_blank(line: bytes) -> bool:
    """Return whether a line holds nothing but white space."""
    return not line.strip(BLANK)
