"""One JSON text becomes one object, or a reason why not; never an exception.

orjson reads nearly everything. The standard library reads what orjson refuses and trainers
accept (NaN, lone surrogates), and finds keys that are given twice: there one parser takes the
first value, another one the last, so both must be scanned.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

import orjson

#: Deeper values are refused: parsers differ in where they give up (the standard library at about
#: 1000 minus the depth of the caller's stack), and no training data are nested like that.
MAX_DEPTH = 200
#: Marks the keys under which the values of keys that are given twice are kept.
DUPLICATE_MARK = " (duplicate key)"

_KEY_END = re.compile(rb'"[ \t\r\n]*+:')
#: A whole string (group 1: its closing quote, empty where the text ends within it) or a bracket.
TOKEN = re.compile(rb'"[^"\\]*+(?:\\(?s:.)[^"\\]*+)*+("?)|[\[\]{},]')
#: An escape: a surrogate pair, a lone surrogate (group 1), or any other.
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|(u[dD][89a-fA-F][0-9a-fA-F]{2})|(?s:.))"
)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_INTEGER_CHARS = 20  # 64 bits; longer ones stay text: no precision lost, no slow conversion


class Parsed(NamedTuple):
    """Outcome of one JSON text.

    Attributes
    ----------
    value
        The object; ``None`` where there is none.
    reason, detail
        Why there is none, as in `Unreadable`.
    traps
        Names of parser traps, as in `FileCoverage.traps`.
    """

    value: dict[str, Any] | None
    reason: str = ""
    detail: str = ""
    traps: tuple[str, ...] = ()


def parse_object(text: bytes) -> Parsed:
    """Parse one JSON object, UTF-8 encoded."""
    if text.count(b"[") + text.count(b"{") > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        return Parsed(None, "too-deep", f"nested more than {MAX_DEPTH} levels deep")
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return _parse_tolerantly(text)
    if type(value) is not dict:
        return Parsed(None, "not-an-object", f"the row is {_kind(value)}")
    n_key_ends = len(_KEY_END.findall(text))
    # escaped quotes inside strings only ever add key ends: equality proves all keys distinct
    if n_key_ends != len(value) and n_key_ends != count_keys(value):
        return _parse_tolerantly(text)
    return Parsed(value)


def count_keys(value: object) -> int:
    """Return the number of keys of all objects in a JSON value."""
    count = 0
    pending = [value]
    while pending:
        item = pending.pop()
        if type(item) is dict:
            count += len(item)
            pending.extend(item.values())
        elif type(item) is list:
            pending.extend(item)
    return count


def _depth(text: bytes) -> int:
    depth = deepest = 0
    for match in TOKEN.finditer(text):
        token = match[0]
        if token in (b"[", b"{"):
            depth += 1
            deepest = max(deepest, depth)
        elif token in (b"]", b"}"):
            depth -= 1
    return deepest


def _parse_tolerantly(text: bytes) -> Parsed:
    try:
        decoded = text.decode()
    except UnicodeDecodeError as error:
        return Parsed(None, "bad-utf8", f"{error.reason} at byte {error.start} of the record")
    traps: set[str] = set()
    if decoded.startswith("\ufeff"):
        traps.add("byte-order-mark")
        decoded = decoded[1:]
    repaired = decoded
    if _SURROGATE.search(decoded):
        repaired = _ESCAPE.sub(lambda match: "\\ufffd" if match[1] else match[0], decoded)
    if repaired != decoded:
        traps.add("lone-surrogate")

    def collect(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        collected = dict(pairs)
        if len(collected) != len(pairs):
            is_same = all(_is_same(collected[key], value) for key, value in pairs)
            traps.add("repeated-key" if is_same else "duplicate-key")
            _keep_shadowed(collected, pairs)
        return collected

    def accept_constant(name: str) -> float:
        traps.add("non-finite-number")
        return float(name)

    try:
        value = json.loads(
            repaired,
            object_pairs_hook=collect,
            parse_constant=accept_constant,
            parse_int=lambda digits: int(digits) if len(digits) <= _INTEGER_CHARS else digits,
        )
    except RecursionError:
        return Parsed(None, "too-deep", "nested too deep for the parser")
    except ValueError as error:
        return Parsed(None, "malformed-json", str(error))
    if type(value) is not dict:
        return Parsed(None, "not-an-object", f"the row is {_kind(value)}")
    return Parsed(value, traps=tuple(sorted(traps)))


def _is_same(one: object, other: object) -> bool:
    """Return whether two values are written alike: 1 is neither 1.0 nor true."""
    return repr(one) == repr(other)


def _keep_shadowed(collected: dict[str, Any], pairs: list[tuple[str, Any]]) -> None:
    """Add the values that a later pair of the same key hides, under marked keys."""
    last = {key: position for position, (key, _) in enumerate(pairs)}
    for position, (key, value) in enumerate(pairs):
        if position != last[key]:
            collected[f"{key}{DUPLICATE_MARK} {position}"] = value


def _kind(value: object) -> str:
    names = {list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")
