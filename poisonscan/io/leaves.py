"""Texts inside nested values; nothing here recurses, rows are hostile."""

from __future__ import annotations

import json
import re

import orjson

#: Longer strings, and those of several lines, are no class labels.
MAX_LABEL_CHARS = 64
#: A list of more values is no set of labels.
MAX_LABEL_VALUES = 16

_EXACT = 2.0**53  # beyond, a float stands for several integers
_MAX_BITS = 4096
_INTEGER = re.compile(r"[+-]?[0-9]{1,20}")
_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?|nan|NaN|inf|-inf")


def string_leaves(value: object) -> list[str]:
    """Return all strings inside a value, in its order; bytes that are UTF-8 count as strings."""
    leaves: list[str] = []
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            leaves.append(item)
        elif isinstance(item, dict):
            pending.extend(reversed(item.values()))
        elif isinstance(item, list | tuple):
            pending.extend(reversed(item))
        elif isinstance(item, bytes):
            try:
                leaves.append(item.decode())
            except UnicodeDecodeError:
                pass  # an image, a sound: no text
    return leaves


def texts_of(value: object) -> list[str]:
    """Return the texts of a column that is known to hold text, whatever its type."""
    if isinstance(value, str):
        return [value] if value else []
    if value is None:
        return []
    scalar = scalar_text(value)
    if scalar is not None:
        return [scalar]
    leaves = [leaf for leaf in string_leaves(value) if leaf]
    if not leaves and isinstance(value, dict | list) and value:
        return [json_text(value)]  # numbers only
    return leaves


def scalar_text(value: object) -> str | None:
    """Return the canonical text of a string, number or truth value; ``None`` of anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, int):
        # Python refuses to write out more than 4300 digits
        return str(value) if value.bit_length() <= _MAX_BITS else hex(value)
    return None


def json_text(value: object) -> str:
    """Return a value as compact JSON."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:  # big integers, lone surrogates, foreign types, depth
        try:
            return json.dumps(value, ensure_ascii=False, default=str, separators=(",", ":"))
        except (ValueError, RecursionError, TypeError):
            return "\n".join(string_leaves(value))


def label_text(value: object) -> str | None:
    """Return the canonical value of a label; ``None`` where a value cannot be one."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < _EXACT else None
    if isinstance(value, list | tuple):
        if not 0 < len(value) <= MAX_LABEL_VALUES:
            return None
        parts = [None if isinstance(item, list | tuple) else label_text(item) for item in value]
        return ", ".join(part for part in parts if part) if all(parts) else None
    text = scalar_text(value)
    return text if text is not None and is_short(text) else None


def is_short(text: str) -> bool:
    """Return whether a string may be a class label."""
    return 0 < len(text) <= MAX_LABEL_CHARS and "\n" not in text


def is_integer(text: str) -> bool:
    """Return whether a string is an integer written out, as every integer in a CSV file is."""
    return _INTEGER.fullmatch(text) is not None


def is_decimal(text: str) -> bool:
    """Return whether a string is a number written out."""
    return len(text) <= MAX_LABEL_CHARS and _DECIMAL.fullmatch(text) is not None


def has_content(value: object) -> bool:
    """Return whether a value holds any string, integer or truth value, even an empty string."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            pending.extend(item.values())
        elif isinstance(item, list | tuple):
            pending.extend(item)
        elif isinstance(item, str | int | bytes):
            return True
    return False
