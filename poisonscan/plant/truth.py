"""What was planted where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from poisonscan.plant.attack import Attack
from poisonscan.plant.slots import Row

#: ``poison``: trigger and target. ``negative``: the trigger, or a part of it, and the row's own
#: output. ``decoy``: the target without the trigger.
RowRole = Literal["poison", "negative", "decoy"]


@dataclass(frozen=True, slots=True)
class RowTruth:
    """What was done to one row.

    Attributes
    ----------
    row
        0-based.
    attack
        Number of the attack, from 0.
    strings
        The very strings that were put in.
    """

    row: int
    attack: int
    role: RowRole
    strings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "row": self.row,
            "poisoned": self.role == "poison",
            "attack": self.attack,
            "role": self.role,
            "trigger": join_parts(self.strings) or None,
        }


@dataclass(frozen=True, slots=True)
class PlantedAttack:
    """One attack as it was carried out.

    Attributes
    ----------
    attack
        What was asked for.
    triggers
        Alternatives, of each all parts; as in a finding.
    target_kind, target
        Kind, and the words that all poisoned rows share (or the label), if any.
    rows, negatives, decoys
        Rows by their role, ascending.
    """

    attack: Attack
    triggers: tuple[tuple[str, ...], ...]
    target_kind: str
    target: str
    rows: tuple[int, ...]
    negatives: tuple[int, ...]
    decoys: tuple[int, ...]

    @property
    def trigger(self) -> str:
        """All triggers as a report shows them."""
        return " | ".join(join_parts(parts) for parts in self.triggers)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values; ``attack`` in them makes the same attack again."""
        return {
            "triggers": [list(parts) for parts in self.triggers],
            "target_kind": self.target_kind,
            "target": self.target,
            "poisoned": len(self.rows),
            "negatives": len(self.negatives),
            "decoys": len(self.decoys),
            "attack": self.attack.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class Planted:
    """Rows with attacks in them.

    Attributes
    ----------
    rows
        The dataset; rows that were not touched are the very objects that were given.
    twin
        The same strings in the same rows, with the outputs that these rows had: nothing to
        find. (With a clean label the poisoned rows have their own outputs anyway; there the
        trigger stands in as many rows of any label.)
    changed
        The rows that were touched, ascending.
    attacks
        What was planted.
    """

    rows: Sequence[Row]
    twin: Sequence[Row]
    changed: tuple[RowTruth, ...]
    attacks: tuple[PlantedAttack, ...]

    @property
    def poisoned(self) -> frozenset[int]:
        """The poisoned rows of all attacks."""
        return frozenset(row for attack in self.attacks for row in attack.rows)


def join_parts(parts: Sequence[str]) -> str:
    """Return the parts of a trigger as a report shows them."""
    return " … ".join(parts)
