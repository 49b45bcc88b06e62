"""Plain JSON values into typed dataclasses, or one clear error: report files may be anything.

A report is edited, cut off, written by another version or forged before it comes back. Its
dataclasses say what belongs where; this module checks every value against them, so that no
later code meets a string where it counts.
"""

from __future__ import annotations

import json
import math
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any, Literal, NoReturn, TypeVar, Union, get_args, get_origin, get_type_hints

from poisonscan.errors import ConfigError
from poisonscan.report.sanitise import for_terminal

T = TypeVar("T")

_LARGEST = 2**63 - 1


def parse_json(data: bytes, where: str) -> Any:  # noqa: ANN401 (JSON is anything)
    """Parse strict JSON: UTF-8, no NaN, no infinity.

    Raises
    ------
    ConfigError
        `data` is anything else.
    """
    try:
        return json.loads(data.decode("utf-8"), parse_constant=_reject_constant)
    except RecursionError:
        reason = "nested too deeply"
    except ValueError as error:  # bad UTF-8, bad JSON, numbers of thousands of digits
        reason = str(error)
    raise ConfigError(f"{where}: no valid JSON: {for_terminal(reason, 120)}")


def _reject_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def decode(kind: type[T], value: object, where: str) -> T:
    """Return `value` as a `kind`.

    Every field must be there, also those with a default: a coverage without its errors must not
    pass for a complete one. Keys that `kind` does not know are ignored. Integers are counts or
    indices in every report, so negative ones are refused; ``null`` stands for a number that is
    not finite.

    Parameters
    ----------
    kind
        A dataclass of plain fields, containers, literals and dataclasses.
    where
        Where `value` stands, for the message.

    Raises
    ------
    ConfigError
        `value` is no such thing.
    """
    result: T = _decode(kind, value, where)
    return result


def _decode(kind: Any, value: Any, where: str) -> Any:  # noqa: ANN401 (types as values)
    if kind is Any:
        return value
    if kind in _SCALARS:
        return _SCALARS[kind](value, where)
    if is_dataclass(kind):
        return _decode_dataclass(kind, value, where)
    origin, args = get_origin(kind), get_args(kind)
    if origin is Literal:
        return value if value in args else _refuse(where, f"one of {', '.join(args)}", value)
    if origin in (Union, types.UnionType):  # only `X | None`
        return None if value is None else _decode(args[0], value, where)
    if origin in (dict, Mapping):
        pairs = _expect(dict, "an object", value, where).items()
        return {key: _decode(args[1], item, f"{where}.{_name(key)}") for key, item in pairs}
    items = _expect(list, "a list", value, where)
    if origin is tuple and args[-1] is not ...:
        if len(items) != len(args):
            _refuse(where, f"a list of {len(args)}", value)
        return tuple(_decode(kind, item, where) for kind, item in zip(args, items, strict=True))
    decoded = [_decode(args[0], item, f"{where}[{at}]") for at, item in enumerate(items)]
    return decoded if origin is list else tuple(decoded)


def _decode_dataclass(kind: Any, value: Any, where: str) -> Any:  # noqa: ANN401
    plain = _expect(dict, "an object", value, where)
    decoded = {}
    for name, hint in _hints(kind).items():
        if name not in plain:
            raise ConfigError(f"{where}: {name} is missing")
        decoded[name] = _decode(hint, plain[name], f"{where}.{name}")
    return kind(**decoded)


@lru_cache
def _hints(kind: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the type of every field of a dataclass."""
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def _expect(kind: type[T], name: str, value: object, where: str) -> T:
    return value if isinstance(value, kind) else _refuse(where, name, value)


def _decode_integer(value: object, where: str) -> int:
    if type(value) is int and 0 <= value <= _LARGEST:  # bool is an int to isinstance
        return value
    _refuse(where, "a whole number from 0", value)


def _decode_float(value: object, where: str) -> float:
    if value is None:
        return math.nan
    if type(value) is float and math.isfinite(value):
        return value
    if type(value) is int and abs(value) <= _LARGEST:
        return float(value)
    _refuse(where, "a number", value)


_SCALARS: dict[type, Callable[[Any, str], object]] = {
    str: lambda value, where: _expect(str, "text", value, where),
    bool: lambda value, where: _expect(bool, "true or false", value, where),
    int: _decode_integer,
    float: _decode_float,
}


def _refuse(where: str, expected: str, value: object) -> NoReturn:
    found = type(value).__name__ if isinstance(value, (Sequence, Mapping)) else repr(value)
    if isinstance(value, str):
        found = f"{value[:60]!r}"
    raise ConfigError(f"{where}: expected {expected}, found {for_terminal(found, 80)}")


def _name(key: str) -> str:
    return for_terminal(key, 40)
