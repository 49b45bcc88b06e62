"""Elements of a JSON array, one at a time: their bytes, without parsing and in bounded memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum

from poisonscan.io.jsontext import TOKEN
from poisonscan.io.lines import BLANK

_LEAST_READ_BYTES = 1 << 20
_MOST_READ_BYTES = 8 << 20
_NOT_BLANK = re.compile(rb"[^ \t\r\n]")
_OPENERS = b"[{"
#: A chat row with tool calls is seven levels deep; deeper ones are read too, only slower.
_USUAL_DEPTH = 8


def _nested_object(depth: int) -> re.Pattern[bytes]:
    """Return a pattern of whole objects, nested at most so deep: most rows, at the speed of C.

    All repetitions are possessive: nothing is looked at twice.
    """
    plain = rb'[^"{}\[\]]*+'
    item = string = rb'"[^"\\]*+(?:\\(?s:.)[^"\\]*+)*+"'
    for _ in range(depth - 1):
        item = rb"(?:" + string + rb"|[{\[]" + plain + rb"(?:" + item + plain + rb")*+[}\]])"
    return re.compile(rb"\{" + plain + rb"(?:" + item + plain + rb")*+\}")


_OBJECT = _nested_object(_USUAL_DEPTH)


class Piece(Enum):
    """What a run of bytes is."""

    GAP = "gap"  # bytes between elements
    ELEMENT = "element"
    TOO_LARGE = "too large"  # an element whose bytes were not kept
    CUT_OFF = "cut off"  # an element that the end of the input cuts off
    TAIL = "tail"  # from the closing bracket to the end of the input, in any number of parts


def iter_elements(blocks: Iterator[bytes], start: int, limit: int) -> Iterator[tuple[Piece, bytes]]:
    """Split an array into its elements.

    Parameters
    ----------
    blocks
        The whole input.
    start
        Offset just behind the opening bracket; what is before is the first gap.
    limit
        Longest element in bytes.

    Notes
    -----
    The pieces joined are the input, but for elements that are too large. Brackets are only
    counted: whether an element is valid JSON is for the parser to say. An array that is never
    closed has no `Piece.TAIL`.
    """
    window = _Window(blocks)
    window.skip(start)
    is_first = True
    while window.skip_blank():
        if is_first and window.current == b"]":
            break
        is_first = False
        yield Piece.GAP, window.take()
        piece = _scan_element(window, limit)
        element = window.take()
        if piece is Piece.TOO_LARGE:
            yield piece, b""
        else:
            content = element.rstrip(BLANK)
            yield piece, content
            if len(content) < len(element):
                yield Piece.GAP, element[len(content) :]
        if window.current != b",":
            break
        window.position += 1  # the comma becomes part of the next gap
    if window.current != b"]":
        yield Piece.GAP, window.take()
        return
    yield Piece.GAP, window.take()
    window.position = len(window.data)
    yield Piece.TAIL, window.take()
    for block in blocks:
        yield Piece.TAIL, block


class _Window:
    """The part of the input that is held.

    Attributes
    ----------
    start
        Offset of the first byte that was not taken yet.
    position
        Offset of the next byte to look at.
    """

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self.data = b""
        self.start = 0
        self.position = 0
        self._blocks = blocks

    @property
    def current(self) -> bytes:
        """The byte at the position; empty at the end of the input."""
        return self.data[self.position : self.position + 1]

    def grow(self) -> bool:
        """Hold more input; False at its end.

        As much again as is held, within bounds: a long string is looked at a few times only.
        """
        parts = [self.data[self.start :]]
        wanted = min(max(_LEAST_READ_BYTES, len(parts[0])), _MOST_READ_BYTES)
        for block in self._blocks:
            parts.append(block)
            wanted -= len(block)
            if wanted <= 0:
                break
        self.data = b"".join(parts)
        self.position -= self.start
        self.start = 0
        return len(parts) > 1

    def skip(self, size: int) -> None:
        """Move on by some bytes."""
        while len(self.data) < self.position + size and self.grow():
            pass
        self.position = min(self.position + size, len(self.data))

    def skip_blank(self) -> bool:
        """Move to the next byte that is no white space; False where there is none."""
        while True:
            if match := _NOT_BLANK.search(self.data, self.position):
                self.position = match.start()
                return True
            self.position = len(self.data)
            if not self.grow():
                return False

    def take(self) -> bytes:
        """Return the bytes up to the position and forget them."""
        taken = self.data[self.start : self.position]
        self.start = self.position
        return taken

    def forget(self, held: bytes) -> None:
        """Forget everything; go on as if the input went on with `held`."""
        self.data = held
        self.start = self.position = 0


def _scan_element(window: _Window, limit: int) -> Piece:
    """Move to the end of the element that begins at the position; return what it is."""
    if whole := _OBJECT.match(window.data, window.position):
        window.position = whole.end()
    depth = 0
    piece = Piece.ELEMENT
    while True:
        match = TOKEN.search(window.data, window.position)
        if match is None or match[1] == b"":
            is_in_string = match is not None
            window.position = match.start() if match else len(window.data)
            if len(window.data) - window.start > limit:
                piece = Piece.TOO_LARGE
                window.forget(_rest_of_string(window) if is_in_string else b"")
            if not window.grow():
                window.position = len(window.data)
                return Piece.CUT_OFF if piece is Piece.ELEMENT else piece
            continue
        token = match[0]
        if depth == 0 and token in b",]":
            window.position = match.start()
            return Piece.TOO_LARGE if window.position - window.start > limit else piece
        if token in _OPENERS:
            depth += 1
        elif token in b"]}":
            depth = max(0, depth - 1)
        window.position = match.end()


def _rest_of_string(window: _Window) -> bytes:
    """Shorten a string that goes on behind the window: only a last, lone backslash matters."""
    held = window.data[window.position :]
    n_backslashes = len(held) - len(held.rstrip(b"\\"))
    return b'"' + b"\\" * (n_backslashes % 2)
