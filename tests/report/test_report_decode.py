from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from poisonscan.errors import ConfigError
from poisonscan.report.decode import decode, parse_json


@dataclass(frozen=True, slots=True)
class Leaf:
    count: int
    pairs: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Tree:
    name: str
    kind: Literal["a", "b"]
    share: float
    is_good: bool
    leaves: list[Leaf] = field(default_factory=list)
    anything: Mapping[str, Any] = field(default_factory=dict)
    note: str | None = None


GOOD = {
    "name": "n",
    "kind": "a",
    "share": 0.5,
    "is_good": True,
    "leaves": [{"count": 1, "pairs": [[1, "x"]]}],
    "anything": {"deep": [{}]},
    "note": None,
    "unknown": 1,
}


def test_good_values():
    expected = Tree("n", "a", 0.5, True, [Leaf(1, ((1, "x"),))], {"deep": [{}]})
    assert decode(Tree, GOOD, "f") == expected


def test_whole_numbers_are_numbers_and_null_is_not_finite():
    assert decode(Tree, GOOD | {"share": 1}, "f").share == 1.0
    assert math.isnan(decode(Tree, GOOD | {"share": None}, "f").share)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": 1}, r"f\.name: expected text, found 1"),
        ({"name": None}, r"f\.name: expected text, found None"),
        ({"kind": "c\x1b"}, r"f\.kind: expected one of a, b, found 'c\\x1b'"),
        ({"kind": []}, r"f\.kind: expected one of a, b, found list"),
        ({"share": "1"}, r"f\.share: expected a number"),
        ({"share": True}, r"f\.share: expected a number"),
        ({"share": math.inf}, r"f\.share: expected a number"),
        ({"share": 10**400}, r"f\.share: expected a number"),
        ({"is_good": 1}, r"f\.is_good: expected true or false"),
        ({"leaves": {}}, r"f\.leaves: expected a list, found dict"),
        ({"leaves": [{}]}, r"f\.leaves\[0\]: count is missing"),
        ({"leaves": [{"count": -1}]}, r"f\.leaves\[0\]\.count: expected a whole number from 0"),
        ({"leaves": [{"count": True}]}, r"count: expected a whole number"),
        ({"leaves": [{"count": 2**63}]}, r"count: expected a whole number"),
        ({"leaves": [{"count": 1}]}, r"f\.leaves\[0\]: pairs is missing"),  # defaults too
        ({"leaves": [{"count": 1, "pairs": [[1]]}]}, r"pairs\[0\]: expected a list of 2"),
        ({"anything": []}, r"f\.anything: expected an object"),
        ({"note": 5}, r"f\.note: expected text"),
    ],
)
def test_bad_values(change, message):
    with pytest.raises(ConfigError, match=message):
        decode(Tree, GOOD | change, "f")


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"\xff", b"NaN", b"[Infinity]", b"[" * 200_000, b"1" * 10_000, b'{"a":1}}'],
)
def test_bad_json(data):
    with pytest.raises(ConfigError, match=r"^f: no valid JSON"):
        parse_json(data, "f")
