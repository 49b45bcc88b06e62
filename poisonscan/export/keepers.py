"""Kept rows of text files: their very bytes, in a container that stays valid."""

from __future__ import annotations

from typing import Protocol

from poisonscan.export.outputs import OutputFile


class Keeper(Protocol):
    """Is given everything of a file in order, and writes what stays."""

    def gap(self, raw: bytes) -> None:
        """Take the bytes between two records."""

    def keep(self, raw: bytes) -> None:
        """Take a record that stays."""

    def drop(self) -> None:
        """Take a record that does not stay."""

    def finish(self) -> None:
        """Take the end of the file."""


class LineKeeper:
    """Records that carry their own terminator: JSONL, CSV, TSV.

    Blank lines, byte order mark and header stay. Only the last record of a file may lack its
    terminator, so whatever is removed, no two records grow together.
    """

    def __init__(self, out: OutputFile) -> None:
        self._out = out

    def gap(self, raw: bytes) -> None:
        """Take the bytes between two records."""
        self._out.write(raw)

    def keep(self, raw: bytes) -> None:
        """Take a record that stays."""
        self._out.write(raw)

    def drop(self) -> None:
        """Take a record that does not stay."""

    def finish(self) -> None:
        """Take the end of the file."""


class ElementKeeper:
    """Elements of a JSON array, wrapped or not.

    An element goes with the comma before it; the first one that stays needs none. What is before
    the first element and behind the last one stays as it is.
    """

    def __init__(self, out: OutputFile) -> None:
        self._out = out
        self._gap: list[bytes] = []  # since the last element
        self._seen = False
        self._kept = False
        self._in_tail = False

    def gap(self, raw: bytes) -> None:
        """Take the bytes between two elements."""
        # no other gap begins with a bracket like this; from here on nothing is held back
        self._in_tail = self._in_tail or raw.startswith(b"]")
        self._gap.append(raw)
        if self._in_tail:
            self._write_gap()

    def keep(self, raw: bytes) -> None:
        """Take an element that stays."""
        if self._kept or not self._seen:
            self._write_gap()
        self._gap.clear()
        self._out.write(raw)
        self._seen = self._kept = True

    def drop(self) -> None:
        """Take an element that does not stay."""
        if not self._seen:
            self._write_gap()
        self._gap.clear()
        self._seen = True

    def finish(self) -> None:
        """Take the end of the file."""
        self._write_gap()

    def _write_gap(self) -> None:
        for raw in self._gap:
            self._out.write(raw)
        self._gap.clear()


def keeper_for(container: str, out: OutputFile) -> Keeper:
    """Return what writes the kept rows of a text container."""
    return ElementKeeper(out) if container == "json" else LineKeeper(out)
