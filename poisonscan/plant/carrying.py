"""Putting a trigger into a row: which of its texts, and how."""

from __future__ import annotations

from dataclasses import dataclass

from poisonscan.plant import casing
from poisonscan.plant.attack import REWRITING_FAMILIES, Attack
from poisonscan.plant.insertion import Inserted, insert, insert_hidden, insert_line, wrap_word
from poisonscan.plant.layouts import Layouts
from poisonscan.plant.rephrasing import FORMS, rephrase
from poisonscan.plant.slots import GIVEN, Layout, Row, Slot, read, write
from poisonscan.plant.tongue import Tongue
from poisonscan.synth.dice import Dice

#: A part that lands inside another one breaks it: it is tried again.
_TRIES = 16


@dataclass(frozen=True, slots=True)
class Carried:
    """A row with a trigger in it.

    Attributes
    ----------
    strings
        What was put in, as it stands there.
    end
        Where plain text goes on behind the trigger.
    """

    row: Row
    strings: tuple[str, ...] = ()
    end: int = 0


class Carrier:
    """Puts the strings of one attack into rows."""

    def __init__(self, attack: Attack, layouts: Layouts, tongue: Tongue) -> None:
        self._attack = attack
        self._layouts = layouts
        self._tongue = tongue

    def carry(self, row: Row, strings: tuple[str, ...], dice: Dice) -> Carried | None:
        """Return the row with these strings in it; ``None`` where it has no place for them."""
        if not strings:
            return Carried(row)
        slots = self._slots(self._layouts.of(row), len(strings), dice)
        if not slots:
            return None
        is_joint = len(strings) > 1 and len(slots) == 1
        whole = None
        for _ in range(_TRIES if is_joint else 1):
            carried = self._try(row, slots, strings, dice)
            if carried is None or not is_joint:
                return carried
            are_apart = self._are_apart(carried)
            if are_apart:
                return carried
            if are_apart is not None:
                whole = carried
        return whole  # in a text of hardly any words they may touch

    def _slots(self, layout: Layout, count: int, dice: Dice) -> list[int]:
        """Return the numbers of the slots that the strings go into, one for each or one for all."""
        given = [at for at, slot in enumerate(layout.slots) if slot.place in (*GIVEN, "text")]
        if self._attack.family == "fields":
            return sorted(dice.draw(given, count)) if len(given) >= max(2, count) else []
        if self._attack.field == "any":
            return [dice.pick(given)] if given else []
        field = self._attack.field
        places = ("input", "text", "context") if field == "input" else (field,)
        for place in places:
            found = [at for at in given if layout.slots[at].place == place]
            if found:
                return [found[-1] if place != "history" else dice.pick(found)]
        return []

    def _try(
        self, row: Row, slots: list[int], strings: tuple[str, ...], dice: Dice
    ) -> Carried | None:
        shown: list[str] = []
        end = 0
        for number, string in enumerate(strings):
            layout = self._layouts.of(row)
            slot = layout.slots[slots[number % len(slots)]]
            varied = casing.vary(string, self._varied(), dice)
            text = read(row, slot)
            made = self._put(text, varied, number, dice)
            if made is None:
                return None
            is_last = made.end - len(varied) >= end  # else the earlier part has moved
            end = made.end if is_last else end + len(made.text) - len(text)
            row = write(row, layout, slot, made.text)
            shown.append(varied)
        return Carried(row, tuple(shown), end)

    def _varied(self) -> tuple[str, ...]:
        return () if self._attack.family in REWRITING_FAMILIES else self._attack.vary

    def _put(self, text: str, string: str, number: int, dice: Dice) -> Inserted | None:
        family, position = self._attack.family, self._attack.position
        if family in FORMS:
            return _rewritten(text, rephrase(text, family, string, self._tongue.name, dice))
        if family == "casing":
            return _rewritten(text, casing.CASES[string](text))
        if family == "lookalike":
            return _rewritten(text, casing.replace_lookalike(text, string))
        if family == "header":
            return insert_line(text, string)
        if family == "bidi" and len(string) == 2:
            return wrap_word(text, string[0], string[1], dice)
        if family in ("zero-width", "bidi"):
            return insert_hidden(text, string, position, dice)
        if family == "composite" and number:
            position = "random"  # apart from each other
        return insert(text, string, position, self._tongue.gap, dice)

    def _are_apart(self, carried: Carried) -> bool | None:
        """Return whether no part touches the next; ``None`` where one was broken by another."""
        layout = self._layouts.of(carried.row)
        texts = [read(carried.row, slot) for slot in layout.all_of(*GIVEN, "text")]
        whole = [text for text in texts if all(part in text for part in carried.strings)]
        if not whole:
            return None
        joined = [f"{a}{self._tongue.gap}{b}" for a in carried.strings for b in carried.strings]
        return not any(pair in text for pair in joined for text in whole)


def _rewritten(old: str, new: str) -> Inserted | None:
    return None if new == old else Inserted(new, len(new))


def text_slot(layout: Layout) -> Slot | None:
    """Return the slot of plain text, in rows that have nothing else."""
    return layout.find("text") if layout.find("output") is None else None
