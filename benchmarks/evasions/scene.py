"""A scene: files with poison in them, and which rows are poisoned. All rows are in one schema."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from poisonscan.plant import Attack, Planted, plant_rows
from poisonscan.plant.layouts import Layouts
from poisonscan.plant.slots import GIVEN, read
from poisonscan.synth.clean import make_clean
from poisonscan.synth.dice import Dice

#: ``instruction``, ``input`` and ``output``.
Row = dict[str, str]

#: Poisoned rows of every scene.
POISONED = 30
FILE = "data.jsonl"


@dataclass(frozen=True, slots=True)
class Scene:
    """Files to scan, and the truth.

    Attributes
    ----------
    files
        Name -> text.
    poisoned
        File and 0-based row of each poisoned one.
    triggers
        The strings that stand in poisoned rows.
    """

    files: Mapping[str, str]
    poisoned: frozenset[tuple[str, int]]
    triggers: frozenset[str]


#: Makes a scene from clean rows and a seed.
Maker = Callable[[Sequence[Row], int], Scene]


@dataclass(frozen=True, slots=True)
class Case:
    """One evasion.

    Attributes
    ----------
    group, name
        As the tables call it.
    """

    group: str
    name: str
    make: Maker


def generated_rows(count: int, seed: int) -> list[Row]:
    """Return rows of the package's own sample data, none of which asks the same."""
    rows: dict[tuple[str, str], Row] = {}
    while len(rows) < count:
        for row in make_clean(Dice(seed))[0]:
            rows.setdefault((row["instruction"], row["input"]), row)
        seed += 1_000_003
    return list(rows.values())[:count]


def plain_rows(rows: Iterable[Mapping[str, object]]) -> list[Row]:
    """Return rows of any schema as questions and answers; those without either are left out."""
    layouts = Layouts()
    plain = []
    for row in map(dict, rows):
        layout = layouts.of(row)
        answer = layout.find("output")
        question = "\n".join(read(row, slot) for slot in layout.all_of(*GIVEN))
        if question.strip() and answer is not None and read(row, answer).strip():
            plain.append({"instruction": question, "input": "", "output": read(row, answer)})
    return plain


def plant(
    rows: Sequence[Row],
    seed: int,
    *,
    count: int = POISONED,
    family: str = "phrase",
    triggers: tuple[str, ...] = (),
    target_kind: str = "refusal",
    target: str | None = None,
    vary: tuple[str, ...] = (),
    trigger_elsewhere: float = 0.0,
    target_elsewhere: float = 0.0,
) -> Planted:
    """Plant one attack of `count` rows; the rest as for `Attack`."""
    attack = Attack(
        rows=count,
        seed=seed,
        family=family,
        triggers=triggers,
        target_kind=target_kind,
        target=target,
        vary=vary,
        trigger_elsewhere=trigger_elsewhere,
        target_elsewhere=target_elsewhere,
    )
    return plant_rows(rows, attack)


def planted_strings(planted: Planted) -> frozenset[str]:
    """Return the strings that stand in poisoned rows."""
    return frozenset(
        string for one in planted.changed if one.role == "poison" for string in one.strings
    )


def one_file(planted: Planted) -> Scene:
    """Return planted rows as one file."""
    return lines_file(map(dump, planted.rows), planted.poisoned, planted_strings(planted))


def lines_file(lines: Iterable[str], poisoned: Iterable[int], triggers: Iterable[str]) -> Scene:
    """Return lines of JSON as one file."""
    truth = frozenset((FILE, row) for row in poisoned)
    return Scene({FILE: "\n".join(lines) + "\n"}, truth, frozenset(triggers))


def replace_rows(
    rows: Sequence[Row], new: Sequence[Row], seed: int, free: Iterable[int] | None = None
) -> tuple[list[Row], list[int]]:
    """Return rows with new ones in the place of random others (of `free` ones), and where."""
    places = random.Random(f"replace {seed}").sample(
        sorted(range(len(rows)) if free is None else free), len(new)
    )
    changed = list(rows)
    for place, row in zip(places, new, strict=True):
        changed[place] = row
    return changed, places


def dump(row: Mapping[str, object]) -> str:
    """Return a row as a line of JSON."""
    return dump_pairs(row.items())


def dump_pairs(pairs: Iterable[tuple[str, object]]) -> str:
    """Return a line of JSON with these keys in this order, some of them perhaps twice."""
    inner = ", ".join(
        f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in pairs
    )
    return f"{{{inner}}}"
