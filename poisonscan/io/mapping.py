"""The `--map FIELD=COLUMN` option: columns that take a given place whatever their name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from poisonscan.errors import ConfigError
from poisonscan.io.plans import Key

_MAX_NAMES_SHOWN = 12


class ColumnMapping:
    """Fields and the columns that hold them; knows which columns were never there.

    Columns are given by name, or by the path of a nested value (``a.b``). Names are compared
    exactly first, then regardless of case.
    """

    def __init__(self, columns: Mapping[str, str]) -> None:
        self._columns = dict(columns)
        self._unseen = dict(columns)
        self._names: dict[str, None] = {}

    def __bool__(self) -> bool:
        return bool(self._columns)

    def apply(self, value: dict[str, Any]) -> tuple[tuple[Key, ...], list[Any]]:
        """Return the keys of a row, mapped ones as ``(field,)``, and their values."""
        taken: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for field, column in self._columns.items():
            path = _find(value, column)
            if path is not None:
                taken.setdefault(path[0], []).append((path, field))
                self._unseen.pop(field, None)
        if self._unseen and len(self._names) < _MAX_NAMES_SHOWN + 1:
            self._names |= dict.fromkeys(value)
        keys: list[Key] = []
        items: list[Any] = []
        for name, item in value.items():
            for path, field in taken.get(name, ()):
                keys.append((field,))
                items.append(_get(item, path[1:]))
            rest = item
            for path, _ in taken.get(name, ()):
                rest = _without(rest, path[1:])
            if rest is not None or name not in taken:
                keys.append(name)
                items.append(rest)
        return tuple(keys), items

    def missing(self) -> tuple[list[str], list[str]]:
        """Return the fields whose column was in no row yet, and names of columns that were."""
        return list(self._unseen), list(self._names)

    def absorb(self, unseen: list[str], names: list[str]) -> None:
        """Take in what another mapping of the same columns found `missing` in later rows."""
        self._unseen = {field: column for field, column in self._unseen.items() if field in unseen}
        if len(self._names) < _MAX_NAMES_SHOWN + 1:
            self._names |= dict.fromkeys(names)

    def require_all_seen(self) -> None:
        """Raise where a column was in no row at all.

        Raises
        ------
        ConfigError
            Names the columns that there are.
        """
        for field, column in self._unseen.items():
            names = [repr(name) for name in list(self._names)[:_MAX_NAMES_SHOWN]]
            more = ", ..." if len(self._names) > _MAX_NAMES_SHOWN else ""
            raise ConfigError(
                f"--map {field}={column}: no row has a column {column!r}; "
                f"the columns are {', '.join(names)}{more}"
            )


def _find(value: dict[str, Any], column: str) -> tuple[str, ...] | None:
    """Return the path of a column in a row; names may themselves hold dots."""
    name = _matching_name(value, column)
    if name is not None:
        return (name,)
    path: list[str] = []
    current: Any = value
    for part in column.split("."):
        name = _matching_name(current, part) if isinstance(current, dict) else None
        if name is None:
            return None
        path.append(name)
        current = current[name]
    return tuple(path)


def _matching_name(value: dict[str, Any], wanted: str) -> str | None:
    if wanted in value:
        return wanted
    lowered = wanted.lower()
    return next((name for name in value if str(name).lower() == lowered), None)


def _get(item: object, path: tuple[str, ...]) -> object:
    for name in path:
        item = item[name] if isinstance(item, dict) else None
    return item


def _without(item: object, path: tuple[str, ...]) -> object:
    """Return a value without what a path leads to; ``None`` where nothing is left."""
    if not path or item is None:
        return None
    name, *rest = path
    if not isinstance(item, dict) or name not in item:
        return item
    copy = dict(item)
    remaining = _without(copy.pop(name), tuple(rest))
    if remaining is not None:
        copy[name] = remaining
    return copy or None
