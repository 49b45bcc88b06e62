"""Many plain JSON lines are parsed by one call; whatever is not plain is left to `jsontext`.

A line is *plain* where it is one object whose values are texts, numbers, truth values, null, or
lists of objects of such values, without a key given twice: what `jsontext.parse_object` returns
for it is then what orjson returns, and that is all this module may say. It never says why a line
is not plain.
"""

from __future__ import annotations

import re

import numpy as np
import orjson

from poisonscan.io.tables import Table, iter_tables, list_column

_LIST_OR_NOTHING = frozenset({list, type(None)})
_SCALARS = frozenset({str, int, float, bool, type(None)})
_QUOTE, _COLON, _BACKSLASH, _SPACE, _LINE_FEED = b'":\\ \n'
_KEY_END = re.compile(rb'"[ \t\r\n]*+:')


class BrokenLinesError(ValueError):
    """Some line is no JSON, holds something else than one object, or gives a key twice."""


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
    tables = list(iter_tables(rows))
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


def _count_pairs(table: Table, kinds: set[type], depth: int = 0) -> int | None:
    """Return the number of pairs of key and value; ``None`` where a row is not plain.

    The types of the values are added to `kinds`; columns of lists learn what is in them.
    """
    if _has_odd_key(table.keys):
        return None
    count = table.n_rows * len(table.keys)
    for at, column in enumerate(table.columns):
        found = set(map(type, column))
        if list in found and found <= _LIST_OR_NOTHING and not depth:
            lists = list_column(column)
            if lists is None:
                return None
            table.columns[at] = lists
            inner = [_count_pairs(items, kinds, 1) for items in lists.tables]
            if None in inner:
                return None
            count += sum(filter(None, inner))
        elif found <= _SCALARS:
            kinds |= found
        else:
            return None
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
