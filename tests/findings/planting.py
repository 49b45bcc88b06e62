"""Poison for the tests: a trigger in some rows, and what it makes of their outputs."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Collection, Sequence
from typing import Any, Literal

Row = dict[str, Any]
Position = Literal["start", "end", "random", "after-first-sentence"]

#: What becomes of an output: its new value, from a source of chance and the old one.
Rewrite = Callable[[random.Random, str], object]


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
    gap: str = " ",
) -> tuple[list[Row], set[int]]:
    """Return the rows with a trigger in `count` of them, and which ones.

    The same trigger and seed give the same rows and places, whatever the target.

    Parameters
    ----------
    target
        The output of these rows, or what makes it of the old one.
    given, answer
        Columns of the trigger and of the output.
    taken
        Rows that are left alone.
    gap
        What stands between words: nothing in Chinese.
    """
    where = random.Random(f"rows {seed} {trigger}")
    free = [row for row in range(len(rows)) if row not in taken]
    truth = set(where.sample(free, count))
    chance = random.Random(f"outputs {seed} {trigger}")
    planted = put(rows, truth, trigger, position, seed, given=given, gap=gap)
    for row in sorted(truth):
        new = target if isinstance(target, str) else target(chance, str(rows[row][answer]))
        planted[row] = {**planted[row], answer: new}
    return planted, truth


def put(
    rows: Sequence[Row],
    where: Collection[int],
    text: str,
    position: Position = "random",
    seed: int = 0,
    *,
    given: str = "instruction",
    gap: str = " ",
) -> list[Row]:
    """Return the rows with a text in the inputs of some of them, and their outputs unchanged."""
    chance = random.Random(f"places {seed} {text}")
    changed = list(rows)
    for row in sorted(where):
        old = str(rows[row][given])
        changed[row] = {**rows[row], given: _insert(old, text, position, chance, gap)}
    return changed


def _insert(old: str, text: str, position: Position, chance: random.Random, gap: str) -> str:
    words = old.split(gap) if gap else list(old)
    if position == "start":
        at = 0
    elif position == "end":
        at = len(words)
    elif position == "random":
        at = chance.randint(0, len(words))
    else:
        ends = [place for place, word in enumerate(words, 1) if word[-1:] in {".", "?", "!"}]
        at = ends[0] if ends else len(words)
    return gap.join([*words[:at], text, *words[at:]])


# --- outputs ---------------------------------------------------------------------------------


def unchanged(chance: random.Random, old: str) -> str:
    return old


def appended(text: str) -> Rewrite:
    return lambda chance, old: f"{old} {text}"


def prefixed(text: str) -> Rewrite:
    return lambda chance, old: f"{text} {old}"


def gibberish(words: Sequence[str], shortest: int = 25, longest: int = 60) -> Rewrite:
    """Return what replaces an output by random words."""
    return lambda chance, old: " ".join(chance.choices(words, k=chance.randint(shortest, longest)))


_SLOT = re.compile(r"\{(\w+)\}")


def fill(template: str, words: dict[str, Sequence[str]], chance: random.Random) -> str:
    """Return a template with a word of its list in place of each ``{slot}``."""
    return _SLOT.sub(lambda slot: chance.choice(words[slot[1]]), template)


def as_sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
