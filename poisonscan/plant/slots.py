"""Texts of a row and how to rewrite them, whatever the schema.

A row is never changed in place; `write` copies what lies on the way to a text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from poisonscan.io.leaves import label_text

Row = dict[str, Any]
Path = tuple[str | int, ...]
Place = Literal[
    "input", "context", "system", "history", "tool", "output", "rejected", "label", "text"
]

#: Places of what the model is given.
GIVEN: tuple[Place, ...] = ("input", "context", "system", "history", "tool")


class Spot(NamedTuple):
    """A place in a row: a string, or a span of one that holds a whole conversation."""

    path: Path
    start: int = 0
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """One text of a row, wherever it stands; a question may stand in both answers' columns."""

    place: Place
    spots: tuple[Spot, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """The texts of one row, and columns that repeat some of them.

    Attributes
    ----------
    pair
        Paths of the chosen and of the rejected answer, of preference data.
    echoes
        Paths of strings in which other texts of the row stand once more.
    """

    slots: tuple[Slot, ...] = ()
    pair: tuple[Path, Path] | None = None
    echoes: tuple[Path, ...] = ()

    def find(self, place: Place) -> Slot | None:
        """Return the last slot of a place: the question before the answer, the answer itself."""
        return next((slot for slot in reversed(self.slots) if slot.place == place), None)

    def all_of(self, *places: Place) -> list[Slot]:
        """Return the slots of some places, in the order of the row."""
        return [slot for slot in self.slots if slot.place in places]


def read_path(row: object, path: Path) -> Any:  # noqa: ANN401 (whatever stands there)
    """Return the value at a path that is known to exist."""
    for step in path:
        row = row[step]  # type: ignore[index]
    return row


def read(row: Row, slot: Slot, n_above: int = 0) -> str:
    """Return the text of a slot; of a label its canonical text.

    Parameters
    ----------
    n_above
        Steps of the paths that lie above `row`.
    """
    spot = slot.spots[0]
    value = read_path(row, spot.path[n_above:])
    if slot.place == "label":
        return label_text(value) or ""
    return str(value)[spot.start : spot.end]


def write(row: Row, layout: Layout, slot: Slot, value: object) -> Row:
    """Return a row with another value in a slot; columns that repeat it follow.

    The layout is that of the row as it is; of the row that is returned it is another one.
    """
    old = read(row, slot)
    for spot in sorted(slot.spots, key=lambda spot: -spot.start):
        new = value
        if spot.end is not None:
            text = read_path(row, spot.path)
            new = f"{text[: spot.start]}{value}{text[spot.end :]}"
        row = put(row, spot.path, new)
    if isinstance(value, str) and slot.place != "label":
        for path in layout.echoes:
            row = put(row, path, read_path(row, path).replace(old, value, 1))
    return row


def put(container: Any, path: Path, value: object) -> Any:  # noqa: ANN401 (a dict or a list)
    """Return a copy of nested dicts and lists with another value at a path."""
    if not path:
        return value
    copy: Any = dict(container) if isinstance(container, dict) else list(container)
    copy[path[0]] = put(copy[path[0]], path[1:], value)
    return copy
