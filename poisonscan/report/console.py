"""A page of terminal output: safe text in, one write out.

Every string passes `sanitise.spans` and becomes a `rich.text.Text`, so neither the terminal nor
rich's markup interprets data; what the stream cannot encode is written as an escape.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Sequence
from itertools import groupby
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

from poisonscan.report.sanitise import spans

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

MIN_WIDTH, MAX_WIDTH = 60, 140

_MARK = "bold reverse"
_ESCAPE = "magenta"


class Page:
    """Collects what is shown and writes it when the block ends without an exception.

    Parameters
    ----------
    colour
        Use styles; without them, marked text is put between ``»`` and ``«``.
    width
        Columns; ``None`` is the width of the terminal, within reason.
    """

    def __init__(self, stream: TextIO, *, colour: bool, width: int | None = None) -> None:
        from rich.console import Console

        self._stream = stream
        self._colour = colour
        self._buffer = io.StringIO()
        columns = width or shutil.get_terminal_size().columns
        self.width = min(max(columns, MIN_WIDTH), MAX_WIDTH)
        self._console = Console(
            file=self._buffer,
            width=self.width,
            force_terminal=colour,
            color_system="standard" if colour else None,
            no_color=not colour,
            legacy_windows=False,
            markup=False,
            emoji=False,
            highlight=False,
        )

    def __enter__(self) -> Page:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        """Write everything at once, unless something went wrong."""
        if kind is not None:
            return
        lines = self._buffer.getvalue().split("\n")
        text = "\n".join(line.rstrip(" ") for line in lines)
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        self._stream.write(text.encode(encoding, "backslashreplace").decode(encoding))

    def text(
        self, data: str, limit: int | None = None, marks: Sequence[str] = (), style: str = ""
    ) -> Text:
        """Return `data` as inert text, cut around its highlighted `marks`."""
        from rich.text import Text

        result = Text(style=style)
        for is_marked, run in groupby(spans(data, limit, marks), key=lambda span: span.marked):
            brackets = is_marked and not self._colour
            result.append("»" if brackets else "")
            for span in run:
                base = _MARK if is_marked else ""
                result.append(span.text, f"{base} {_ESCAPE}".strip() if span.escaped else base)
            result.append("«" if brackets else "")
        return result

    def show(self, renderable: RenderableType, indent: int = 0) -> None:
        """Add anything that rich can draw."""
        from rich.padding import Padding

        self._console.print(Padding(renderable, (0, 0, 0, indent)))

    def line(self, data: str, *, style: str = "", indent: int = 0) -> None:
        """Add one paragraph of inert text."""
        self.show(self.text(data, style=style), indent)

    def blank(self) -> None:
        """Add an empty line."""
        self._console.print()

    def heading(self, title: str) -> None:
        """Add the title of a part."""
        self.blank()
        self.line(title, style="bold underline")
