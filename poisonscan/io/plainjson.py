"""Many plain JSON lines are parsed by one call; whatever is not plain is left to `jsontext`.

A line is *plain* where it is one object whose values are texts, numbers, truth values, null, or
lists of objects of these, without a key given twice: what `jsontext.parse_object` returns for it
is then what orjson returns, and that is all this module may say. It never says why a line is not
plain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, groupby
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np
import orjson

_SCALARS = frozenset({str, int, float, bool, type(None)})
_QUOTE, _COLON, _BACKSLASH, _SPACE, _LINE_FEED = b'":\\ \n'
_KEY_END = re.compile(rb'"[ \t\r\n]*+:')


class BrokenLinesError(ValueError):
    """Some line is no JSON, holds something else than one object, or gives a key twice."""


class Table(NamedTuple):
    """Consecutive rows with the same keys in the same order.

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


def parse_plain(lines: bytes) -> list[Table] | None:
    """Parse lines, the last of which ends with a line feed too; ``None`` if they are not plain.

    Notes
    -----
    The lines are parsed as one array with a zero behind each. No line feed is within a string, and
    none of these zeros within an object that is plain: so all of them are elements of the array.
    There is something between any two zeros, and since there are twice as many elements as lines,
    it is one element each. Keys are counted against what closes them.

    Raises
    ------
    BrokenLinesError
        Fewer of the lines may be plain.
    """
    n_lines = int(np.count_nonzero(np.frombuffer(lines, np.uint8) == _LINE_FEED))
    try:
        found = orjson.loads(b"[%b0]" % lines.replace(b"\n", b",0,\n"))
    except orjson.JSONDecodeError:
        raise BrokenLinesError from None
    rows = found[:-1:2]
    if (
        len(found) != 2 * n_lines + 1
        or set(map(type, found[1::2])) != {int}
        or set(map(type, rows)) != {dict}
    ):
        raise BrokenLinesError
    tables = list(_iter_tables(rows))
    kinds: set[type] = set()
    n_pairs = 0
    for table in tables:
        n_more = _count_pairs(table, kinds)
        if n_more is None:
            return None
        n_pairs += n_more
    # what looks like a key twice is parsed by another parser, which reads long integers otherwise
    n_ends = len(_KEY_END.findall(lines)) if float in kinds else _count_key_ends(lines)
    if n_pairs != n_ends:
        raise BrokenLinesError
    return tables


def _iter_tables(rows: list[dict[str, Any]]) -> Iterator[Table]:
    kinds = set(map(tuple, rows))
    groups = [(kinds.pop(), rows)] if len(kinds) == 1 else groupby(rows, tuple)
    for keys, group in groups:
        alike = list(group)
        yield Table(len(alike), keys, [list(map(itemgetter(key), alike)) for key in keys])


def _count_pairs(table: Table, kinds: set[type]) -> int | None:
    """Return the number of pairs of key and value; ``None`` where a row is not plain.

    The types of the values are added to `kinds`.
    """
    if _has_odd_key(table.keys):
        return None
    count = table.n_rows * len(table.keys)
    for column in table.columns:
        found = set(map(type, column))
        if list in found:
            inner = list(chain.from_iterable(value for value in column if type(value) is list))
            if not set(map(type, inner)) <= {dict}:
                return None
            if any(map(_has_odd_key, set(map(tuple, inner)))):
                return None
            found.remove(list)
            found.update(map(type, chain.from_iterable(map(dict.values, inner))))
            count += sum(map(len, inner))
        if not found <= _SCALARS:
            return None
        kinds |= found
    return count


def _has_odd_key(keys: tuple[str, ...]) -> bool:
    """Return whether the quote that closes a key looks like one within a string."""
    return any(key.endswith("\\") for key in keys)


def _count_key_ends(lines: bytes) -> int:
    """Return how many keys are closed: quotes before a colon, but for those that are escaped."""
    content = np.frombuffer(lines, np.uint8)
    is_end = content[1:-1] == _QUOTE  # lines begin with no quote, and end with none
    is_end &= content[:-2] != _BACKSLASH
    following = content[2:]
    count = int(np.count_nonzero(is_end & (following == _COLON)))
    for before in np.flatnonzero(is_end & (following <= _SPACE)).tolist():
        count += _KEY_END.match(lines, before + 1) is not None
    return count
