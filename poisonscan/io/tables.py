"""Objects with the same keys become columns; what is inside their lists does as well."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, groupby
from operator import itemgetter
from typing import Any, NamedTuple


class Table(NamedTuple):
    """Consecutive objects with the same keys in the same order.

    Attributes
    ----------
    keys
        Possibly none.
    columns
        The values of each key.
    """

    n_rows: int
    keys: tuple[str, ...]
    columns: list[list[Any]]


class ListColumn(list[Any]):
    """A column of lists, or of lists and null.

    Attributes
    ----------
    tables
        All objects in the lists, one list after the other.
    """

    tables: list[Table]


def iter_tables(rows: list[dict[str, Any]]) -> Iterator[Table]:
    """Yield consecutive objects that have the same keys."""
    kinds = set(map(tuple, rows))
    groups = [(kinds.pop(), rows)] if len(kinds) == 1 else groupby(rows, tuple)
    for keys, group in groups:
        alike = list(group)
        yield Table(len(alike), keys, [list(map(itemgetter(key), alike)) for key in keys])


def list_column(values: list[Any]) -> ListColumn | None:
    """Return a column with what is in it; ``None`` where a list holds anything but objects."""
    items = list(chain.from_iterable(filter(None, values)))
    if not set(map(type, items)) <= {dict}:
        return None
    column = ListColumn(values)
    column.tables = list(iter_tables(items))
    return column
