"""Rows that are alike are normalised column by column, to what `schemas` makes of each of them.

Nothing is defined here: texts and plain chat turns take a short cut, every other value goes
through the handler that it would go through as part of its row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain, compress
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.io.columns import Part, RecordColumns, Sides
from poisonscan.io.leaves import has_content
from poisonscan.io.plans import Field, Use
from poisonscan.io.rows import Run
from poisonscan.io.schemas import Normaliser, add_answer, add_value
from poisonscan.io.tables import ListColumn, list_column
from poisonscan.io.templates import template_marks
from poisonscan.io.turns import plain_messages
from poisonscan.records import Role

Array = npt.NDArray[Any]

_TEXT_OR_NOTHING = frozenset({str, type(None)})
#: Types whose equal values are written alike: not so 0.0 and -0.0.
_REPEATABLE = frozenset({str, int, bool})
_NOTHING = Part(np.empty(0, np.intp), [])


def normalise_run(normaliser: Normaliser, run: Run) -> tuple[str, Sides] | None:
    """Return schema and segments of all rows; ``None`` where they must be looked at one by one."""
    plan, order = normaliser.column_plan(run.keys)
    if plan.late:  # such a column depends on the others of its row
        return None
    found = [
        _column_sides(field, run.columns[at]) for field, at in zip(plan.fields, order, strict=True)
    ]
    if plan.answer >= 0:
        found.append(_handled(add_answer, run.columns[order[plan.answer]]))
    sides = Sides(*map(_merged, zip(*found, strict=True)))
    is_empty = np.ones(run.n_rows, bool)
    for side in sides:
        is_empty[side.rows] = False
    for at in np.flatnonzero(is_empty).tolist():
        if not has_content([column[at] for column in run.columns]):
            return None
    return plan.schema, sides


def _column_sides(field: Field, values: Sequence[Any]) -> Sides:
    use, role, _ = field
    if set(map(type, values)) <= _TEXT_OR_NOTHING:
        if use is Use.OUTPUT:
            return _sides(output=_text_part(role, values))
        if use is Use.INPUT:
            return _sides(input=_text_part(role, values))
        if use is Use.TEXT:
            return _template_sides(field, values)
    if use is Use.TURNS:
        turns = _turn_sides(values)
        if turns is not None:
            return turns
    return _handled(partial(add_value, field=field), values)


def _sides(input: Part = _NOTHING, output: Part = _NOTHING) -> Sides:
    return Sides(input, output, _NOTHING, _NOTHING)


def _text_part(role: Role, values: Sequence[str | None]) -> Part:
    texts = list(filter(None, values))
    if len(texts) == len(values):
        rows = np.arange(len(values))
    else:
        rows = np.flatnonzero(np.fromiter(map(bool, values), bool, len(values)))
    return Part(rows, texts, [role] * len(texts))


def _template_sides(field: Field, values: Sequence[str | None]) -> Sides:
    """Return the sides of texts; only those that may hold a conversation are looked at."""
    marks = template_marks("\n".join(filter(None, values)))
    if not marks:
        return _sides(input=_text_part(field[1], values))
    is_marked = np.zeros(len(values), bool)
    for mark in marks:
        is_marked |= [value is not None and mark in value for value in values]
    at = np.flatnonzero(is_marked)
    found = _handled(partial(add_value, field=field), [values[row] for row in at.tolist()])
    sides = Sides(*(part._replace(rows=at[part.rows]) for part in found))
    others = [None if marked else value for value, marked in zip(values, is_marked, strict=True)]
    return sides._replace(input=_merged([sides.input, _text_part(field[1], others)]))


def _turn_sides(values: Sequence[Any]) -> Sides | None:
    if set(map(type, values)) != {list}:
        return None
    column = values if isinstance(values, ListColumn) else list_column(list(values))
    if column is None or len(column.tables) != 1:
        return None
    plain = plain_messages(column.tables[0])
    if plain is None:
        return None
    speakers, texts = plain
    roles = np.frombuffer(speakers, np.uint8)
    rows = np.repeat(np.arange(len(values)), list(map(len, values)))
    is_given = np.fromiter(map(bool, texts), bool, len(texts))
    is_output = roles == Role.ASSISTANT

    def part(chosen: Array) -> Part:
        return Part(rows[chosen], list(compress(texts, chosen.tolist())), roles[chosen].tolist())

    return _sides(part(is_given & ~is_output), part(is_given & is_output))


def _handled(add: Callable[[RecordColumns, Any], None], values: Sequence[Any]) -> Sides:
    """Return what the handler of a value makes of each; of values that repeat, only once."""
    kinds = set(map(type, values))
    distinct = dict.fromkeys(values) if len(kinds) == 1 and kinds <= _REPEATABLE else {}
    if not 0 < 2 * len(distinct) < len(values):
        return _each_handled(add, values)
    code_of = {value: code for code, value in enumerate(distinct)}
    codes = np.array([code_of[value] for value in values])
    return Sides(*(_repeated(part, codes) for part in _each_handled(add, list(distinct))))


def _each_handled(add: Callable[[RecordColumns, Any], None], values: Sequence[Any]) -> Sides:
    columns = RecordColumns()
    for position, value in enumerate(values):
        if value is not None:
            add(columns, value)
        columns.end_row(0, position)
    return columns.to_sides()


def _repeated(part: Part, codes: Array) -> Part:
    """Return the segments of rows of which each is like row `codes[r]` of a part."""
    if not part.texts:
        return part
    counts = np.bincount(part.rows, minlength=codes.max() + 1)
    starts = (np.cumsum(counts) - counts)[codes]
    counts = counts[codes]
    behind = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    order = np.repeat(starts, counts) + behind
    return _reordered(part, order)._replace(rows=np.repeat(np.arange(len(codes)), counts))


def _merged(parts: Sequence[Part]) -> Part:
    """Return the segments of several columns, those of a row in the order of the columns."""
    parts = [part for part in parts if part.texts] or [parts[0]]
    if len(parts) == 1:
        return parts[0]
    rows = np.concatenate([part.rows for part in parts])
    texts = list(chain.from_iterable(part.texts for part in parts))
    marks = list(chain.from_iterable(part.marks for part in parts))
    return _reordered(Part(rows, texts, marks), np.argsort(rows, kind="stable"))


def _reordered(part: Part, order: Array) -> Part:
    at = order.tolist()
    marks = list(map(part.marks.__getitem__, at)) if part.marks else part.marks
    return Part(part.rows[order], list(map(part.texts.__getitem__, at)), marks)
