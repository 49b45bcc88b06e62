"""Rows of every known schema become records, one by one: a file may mix schemas.

Every string of a row ends up somewhere: what no schema explains is input with `Role.OTHER`.
Left out are floating-point numbers, integers inside nested values, and numbers written as text
in unexplained columns (integers there are kept as possible labels).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from poisonscan.io.columns import RecordColumns
from poisonscan.io.leaves import (
    has_content,
    is_short,
    json_text,
    label_text,
    string_leaves,
    texts_of,
)
from poisonscan.io.mapping import ColumnMapping
from poisonscan.io.plans import Field, Key, Plan, Use, make_plan
from poisonscan.io.preference import add_preference
from poisonscan.io.templates import split_template
from poisonscan.io.turns import looks_like_turns, turns_of
from poisonscan.records import Record, Role

#: Sets of column names that are remembered; hostile rows could have a new one each.
_MAX_PLANS = 4096
_MAX_NESTING = 4
#: A text beside a longer conversation is added as it is: looking for each turn in it costs
#: turns times length.
_MAX_ECHOED_TEXTS = 64


def normalise(
    value: dict[str, Any], mapping: Mapping[str, str] | None = None, *, row: int = 0
) -> tuple[str, Record]:
    """Return the schema of one row and its record.

    Examples
    --------
    >>> schema, record = normalise({"question": "2+2?", "answer": "4"})
    >>> schema, record.output[0].text
    ('prompt-completion', '4')
    """
    columns = RecordColumns()
    schema = Normaliser(mapping).add(columns, value)
    return schema, columns.to_record(row)


class Normaliser:
    """Turns rows into columns; remembers what it decided per set of column names.

    Attributes
    ----------
    mapping
        The `--map` option at work.
    """

    def __init__(self, mapping: Mapping[str, str] | None = None) -> None:
        self.mapping = ColumnMapping(mapping or {})
        self._plans: dict[tuple[Key, ...], Plan] = {}

    def plan(self, value: dict[str, Any]) -> Plan:
        """Return how a row is normalised."""
        keys = self.mapping.apply(value)[0] if self.mapping else tuple(value)
        return self._plan(keys)

    def column_plan(self, keys: tuple[str, ...]) -> tuple[Plan, Sequence[int]]:
        """Return how rows without nested objects are normalised, and which column is which field.

        Positions are mapped as if they were the values: which they are makes no difference.
        """
        if not self.mapping:
            return self._plan(keys), range(len(keys))
        mapped, order = self.mapping.apply({key: at for at, key in enumerate(keys)})
        return self._plan(mapped), order

    def add(self, columns: RecordColumns, value: dict[str, Any]) -> str:
        """Add the segments of one row; return the name of its schema.

        The name is empty where the row holds nothing to scan.
        """
        if self.mapping:
            keys, items = self.mapping.apply(value)
            schema = self._add(columns, keys, items)
        else:
            schema = self._add(columns, tuple(value), list(value.values()))
        return "" if columns.is_untouched() and not has_content(value) else schema

    def _plan(self, keys: tuple[Key, ...]) -> Plan:
        plan = self._plans.get(keys)
        if plan is None:
            if len(self._plans) >= _MAX_PLANS:
                self._plans.clear()
            plan = self._plans[keys] = make_plan(keys)
        return plan

    def _add(
        self, columns: RecordColumns, keys: tuple[Key, ...], items: list[Any], depth: int = 0
    ) -> str:
        plan = self._plan(keys)
        schema = plan.schema
        for (use, role, name), item in zip(plan.fields, items, strict=True):
            if type(item) is str and use <= Use.OUTPUT:
                if item:
                    if use is Use.INPUT:
                        columns.input.append(item)
                        columns.input_role.append(role)
                    else:
                        columns.output.append(item)
                        columns.output_role.append(role)
            elif item is None:
                continue
            elif use is Use.NESTED and isinstance(item, dict) and item and depth < _MAX_NESTING:
                schema = self._add_nested(columns, item, depth)
            else:
                _HANDLERS[use](columns, role, name, item)
        if plan.answer >= 0:
            add_answer(columns, items[plan.answer])
        if plan.late:
            _add_late(columns, plan, items)
        return schema

    def _add_nested(self, columns: RecordColumns, value: dict[str, Any], depth: int) -> str:
        """Add a row that is the value of the row's only column, or a pair of texts."""
        keys = tuple(map(str, value))
        items = list(value.values())
        if self._plan(keys).schema not in ("other", "text") or len(items) == 1:
            return self._add(columns, keys, items, depth + 1)
        texts = [position for position, item in enumerate(items) if isinstance(item, str)]
        for position, item in enumerate(items):
            if not isinstance(item, str) or len(texts) < 2:
                _add_other(columns, Role.OTHER, keys[position], item)
            elif item and position == texts[-1]:
                columns.add_output(Role.ASSISTANT, item)
            elif item:
                columns.add_input(Role.USER if position == texts[0] else Role.OTHER, item)
        return "translation"


def add_value(columns: RecordColumns, item: object, field: Field) -> None:
    """Add the value of one column: not null, no row of its own, of no use that comes late."""
    use, role, name = field
    _HANDLERS[use](columns, role, name, item)


def add_answer(columns: RecordColumns, item: object) -> None:
    """Add the value of a label column that is trained on."""
    label = label_text(item)
    if label is not None:
        columns.add_output(Role.LABEL, label)


def _add_late(columns: RecordColumns, plan: Plan, items: list[Any]) -> None:
    chosen = [items[at] for at in plan.late if plan.fields[at][0] is Use.CHOSEN]
    rejected = [items[at] for at in plan.late if plan.fields[at][0] is Use.REJECTED]
    if chosen or rejected:
        # a column that is given twice makes several of one kind: none is left out
        for position in range(max(len(chosen), len(rejected))):
            add_preference(
                columns,
                chosen[position] if position < len(chosen) else None,
                rejected[position] if position < len(rejected) else None,
            )
    for at in plan.late:
        use, _, name = plan.fields[at]
        if use is Use.ECHO and items[at] is not None:
            _add_echo(columns, name, items[at])


def _add_echo(columns: RecordColumns, name: str, item: object) -> None:
    """Add what a text holds beyond the other texts of its row, such as a template's words."""
    present = columns.row_texts()
    if not isinstance(item, str):
        texts = [text for _, text in turns_of(item)] if looks_like_turns(item) else texts_of(item)
        known = set(present)
        for text in texts:
            if text not in known:
                columns.add_input(Role.OTHER, text)
        return
    if len(present) > _MAX_ECHOED_TEXTS:
        _add_other(columns, Role.OTHER, name, item)
        return
    for text in sorted(set(present), key=len, reverse=True):
        if len(text) > 1:
            item = item.replace(text, "\n", 1)
    if item.strip():
        columns.add_input(Role.OTHER, item.strip())


def _add_input(columns: RecordColumns, role: Role, name: str, item: object) -> None:
    if looks_like_turns(item):
        columns.add_turns(turns_of(item), are_trained=False)
    else:
        for text in texts_of(item):
            columns.add_input(role, text)


def _add_output(columns: RecordColumns, role: Role, name: str, item: object) -> None:
    if looks_like_turns(item):
        columns.add_turns(turns_of(item))
    else:
        for text in texts_of(item):
            columns.add_output(role, text)


def _add_label(columns: RecordColumns, role: Role, name: str, item: object) -> None:
    label = label_text(item)
    if label is not None:
        columns.add_label(name, label)
    elif isinstance(item, str):
        if item:  # too long for a label: an answer in words
            columns.add_output(Role.ASSISTANT, item)
    else:
        _add_other(columns, Role.OTHER, name, item)


def _add_turns(columns: RecordColumns, role: Role, name: str, item: object) -> None:
    columns.add_turns(turns_of(item))


def _add_context_turns(columns: RecordColumns, role: Role, name: str, item: object) -> None:
    columns.add_turns(turns_of(item), are_trained=False)


def _add_history(columns: RecordColumns, role: Role, name: str, item: object) -> None:
    """Add earlier turns: trained on as far as the assistant speaks, as trainers do."""
    for speaker, text in turns_of(item):
        if speaker is Role.ASSISTANT:
            columns.add_output(speaker, text)
        else:
            columns.add_input(Role.HISTORY, text)


def _add_tools(columns: RecordColumns, role: Role, name: str, item: object) -> None:
    for tool in item if isinstance(item, list | tuple) else [item]:
        text = tool if isinstance(tool, str) else json_text(tool)
        if text:
            columns.add_input(role, text)


def _add_text(columns: RecordColumns, role: Role, name: str, item: object) -> None:
    for text in texts_of(item):
        turns = split_template(text)
        if turns is None:
            columns.add_input(role, text)
        else:
            columns.add_turns(turns)


def _add_only(columns: RecordColumns, role: Role, name: str, item: object) -> None:
    """Add the only column of a row: where it is a text, it is the text."""
    if isinstance(item, str) and not is_short(item):
        _add_text(columns, Role.TEXT, name, item)
    else:
        _add_other(columns, Role.OTHER, name, item)


def _add_other(columns: RecordColumns, role: Role, name: str, item: object) -> None:
    if isinstance(item, str):
        columns.add_unexplained(name, item)
    elif isinstance(item, int):
        if label := label_text(item):
            columns.add_label(name, label)
    else:
        for text in string_leaves(item):
            if text:
                columns.add_input(Role.OTHER, text)


def _do_later(columns: RecordColumns, role: Role, name: str, item: object) -> None:
    """Leave a column to `_add_late`."""


_HANDLERS: dict[Use, Callable[[RecordColumns, Role, str, object], None]] = {
    Use.INPUT: _add_input,
    Use.OUTPUT: _add_output,
    Use.LABEL: _add_label,
    Use.TURNS: _add_turns,
    Use.CONTEXT_TURNS: _add_context_turns,
    Use.HISTORY: _add_history,
    Use.TOOLS: _add_tools,
    Use.TEXT: _add_text,
    Use.NESTED: _add_only,
    Use.OTHER: _add_other,
    Use.CHOSEN: _do_later,
    Use.REJECTED: _do_later,
    Use.ECHO: _do_later,
}
