"""Lines of a byte stream, as fast as the standard library reads them and with bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from itertools import accumulate

BLANK = b" \t\r\n"
UTF8_BOM = b"\xef\xbb\xbf"


def iter_lines(blocks: Iterator[bytes], limit: int) -> Iterator[bytes | None]:
    """Yield lines with their terminator; ``None`` for each line that is longer than `limit`.

    Only a line feed ends a line; a carriage return before it stays.
    """
    for lines in iter_whole_lines(blocks, limit):
        if lines is None:
            yield None
        else:
            yield from BytesIO(lines)


def iter_whole_lines(blocks: Iterator[bytes], limit: int) -> Iterator[bytes | None]:
    """Yield blocks of whole lines; ``None`` for each line that is longer than `limit`.

    Only the last line may lack its line feed. Time is linear in the input: parts of a long line
    are joined once.
    """
    parts: list[bytes] = []
    length = 0
    for block in blocks:
        last_end = block.rfind(b"\n") + 1
        if not last_end:
            length += len(block)
            if length <= limit:
                parts.append(block)
            else:
                parts.clear()
            continue
        first_end = block.find(b"\n") + 1 if length else 0
        if length + first_end <= limit or not length:
            yield b"".join((*parts, block[:last_end]))
        else:
            yield None
            if first_end < last_end:
                yield block[first_end:last_end]
        parts = [block[last_end:]]
        length = len(parts[0])
    if length:
        yield b"".join(parts) if length <= limit else None


def split_lines(lines: bytes, size: int) -> Iterator[bytes]:
    """Cut whole lines into blocks of whole lines that are at most about twice as long as `size`."""
    start = 0
    while len(lines) - start > 2 * size:
        end = lines.find(b"\n", start + size) + 1 or len(lines)
        yield lines[start:end]
        start = end
    if start < len(lines):
        yield lines[start:]


def line_bounds(lines: bytes) -> list[int]:
    """Return where each of some lines begins, and where the last one ends."""
    bounds = [0]
    bounds += accumulate(map(len, BytesIO(lines)))
    return bounds


def is_blank(line: bytes) -> bool:
    """Return whether a line holds nothing but white space."""
    return not line.strip(BLANK)
