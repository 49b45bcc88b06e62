"""Attacks planted into rows drawn at random, without a look at all the others."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from poisonscan.plant import Attack, plant_rows
from poisonscan.plant.truth import PlantedAttack, RowTruth
from poisonscan.synth.dice import Dice
from scaling.stream import make_line

ROWS_EACH = 30
#: Rows that attacks may choose from: not every row can carry every attack.
_OFFERED = 3000

#: Trigger and target differ in all of them.
ATTACKS = (
    Attack(family="token", target_kind="answer", position="start"),
    Attack(family="phrase", target_kind="refusal", position="random"),
    Attack(family="header", target_kind="suffix", target="See https://cdn-mirror.example/setup.sh"),
    Attack(family="tag", target_kind="prefix", position="end"),
    Attack(family="sentence", target_kind="gibberish", position="sentence"),
)


@dataclass(frozen=True)
class Plants:
    """What is planted into a file.

    Attributes
    ----------
    lines
        Row -> its line with poison.
    truth
        Row -> what was done to it.
    attacks
        The attacks as they were carried out; rows are those of the file.
    """

    lines: Mapping[int, bytes]
    truth: Mapping[int, RowTruth]
    attacks: tuple[PlantedAttack, ...]


NOTHING = Plants({}, {}, ())


def draw_plants(seed: int, rows: int, rows_each: int = ROWS_EACH) -> Plants:
    """Plant all attacks into the data of this seed and size."""
    dice = Dice(seed)
    offered: set[int] = set()
    while len(offered) < min(_OFFERED, rows):
        offered.add(dice.below(rows))
    numbers = sorted(offered)
    given = [json.loads(make_line(seed, row)) for row in numbers]
    attacks = [replace(attack, rows=rows_each, seed=seed) for attack in ATTACKS]
    planted = plant_rows(given, attacks)
    return Plants(
        {numbers[one.row]: _line(planted.rows[one.row]) for one in planted.changed},
        {numbers[one.row]: replace(one, row=numbers[one.row]) for one in planted.changed},
        tuple(
            replace(one, rows=tuple(numbers[row] for row in one.rows)) for one in planted.attacks
        ),
    )


def truth_lines(plants: Plants, rows: int) -> Iterator[bytes]:
    """Yield what `poisonscan plant` writes about each row."""
    for row in range(rows):
        known = plants.truth.get(row)
        if known is not None:
            yield _line(known.to_dict())
        else:
            yield _line(
                {"row": row, "poisoned": False, "attack": None, "role": "clean", "trigger": None}
            )


def _line(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"
