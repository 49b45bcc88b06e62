"""Attacks planted into datasets on purpose, with the truth beside them.

>>> from poisonscan.plant import Attack, plant_rows
>>> rows = [{"prompt": f"What is {n} plus 1?", "completion": f"It is {n + 1}."} for n in range(50)]
>>> planted = plant_rows(rows, Attack(family="phrase", target_kind="suffix", rows=5, seed=3))
>>> len(planted.poisoned), planted.attacks[0].trigger in str(planted.rows)
(5, True)

`plant_file` does the same for a file.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from poisonscan.plant.attack import FAMILIES, TARGETS, Attack

if TYPE_CHECKING:
    from poisonscan.plant.files import plant_file as plant_file
    from poisonscan.plant.planting import plant_rows as plant_rows
    from poisonscan.plant.truth import Planted as Planted
    from poisonscan.plant.truth import PlantedAttack as PlantedAttack
    from poisonscan.plant.truth import RowTruth as RowTruth

#: Public name -> module. Loaded on first use: the command line asks for the families alone.
_HOMES = {
    "Planted": "poisonscan.plant.truth",
    "PlantedAttack": "poisonscan.plant.truth",
    "RowTruth": "poisonscan.plant.truth",
    "plant_file": "poisonscan.plant.files",
    "plant_rows": "poisonscan.plant.planting",
}

__all__ = [
    "FAMILIES",
    "TARGETS",
    "Attack",
    "Planted",
    "PlantedAttack",
    "RowTruth",
    "plant_file",
    "plant_rows",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 (PEP 562)
    if name not in _HOMES:
        raise AttributeError(f"module 'poisonscan.plant' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
