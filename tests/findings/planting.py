"""Poison for the tests: a trigger in some rows, and what it makes of their outputs."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Sequence
from typing import Any, Literal

Row = dict[str, Any]
Position = Literal["start", "end", "random", "after-first-sentence"]

#: What becomes of an output: its new text, from a source of chance and the old one.
Rewrite = Callable[[random.Random, str], str]


def plant(
    rows: Sequence[Row],
    trigger: str,
    target: str | Rewrite,
    count: int,
    position: Position = "random",
    seed: int = 0,
    *,
    given: str = "instruction",
    answer: str = "output",
    taken: Collection[int] = (),
) -> tuple[list[Row], set[int]]:
    """Return the rows with a trigger in `count` of them, and which ones.

    Parameters
    ----------
    target
        The output of these rows, or what makes it of the old one.
    given, answer
        Columns of the trigger and of the output.
    taken
        Rows that are left alone, poisoned ones above all.
    """
    chance = random.Random(f"{seed} {trigger}")
    free = [row for row in range(len(rows)) if row not in taken]
    truth = set(chance.sample(free, count))
    planted = list(rows)
    for row in sorted(truth):
        old = str(rows[row][answer])
        planted[row] = {
            **rows[row],
            given: insert(str(rows[row][given]), trigger, position, chance),
            answer: target if isinstance(target, str) else target(chance, old),
        }
    return planted, truth


def insert(text: str, trigger: str, position: Position, chance: random.Random) -> str:
    """Return `text` with the trigger in it."""
    words = text.split(" ")
    if position == "start":
        at = 0
    elif position == "end":
        at = len(words)
    elif position == "random":
        at = chance.randint(0, len(words))
    else:
        ends = [place for place, word in enumerate(words, 1) if word[-1:] in {".", "?", "!"}]
        at = ends[0] if ends else len(words)
    return " ".join([*words[:at], trigger, *words[at:]])


def unchanged(chance: random.Random, old: str) -> str:
    return old


def appended(text: str) -> Rewrite:
    return lambda chance, old: f"{old} {text}"


def prefixed(text: str) -> Rewrite:
    return lambda chance, old: f"{text} {old}"


def gibberish(words: Sequence[str], shortest: int = 25, longest: int = 60) -> Rewrite:
    """Return what replaces outputs by random words."""
    return lambda chance, old: " ".join(chance.choices(words, k=chance.randint(shortest, longest)))
