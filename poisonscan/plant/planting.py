"""Planting: rows in, rows with attacks out, and the truth about them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from poisonscan.errors import DatasetError
from poisonscan.plant.attack import JOINT_FAMILIES, Attack
from poisonscan.plant.carrying import Carried, Carrier
from poisonscan.plant.layouts import Layouts
from poisonscan.plant.outcomes import count_kinds, make_outcome
from poisonscan.plant.slots import GIVEN, Row, read
from poisonscan.plant.tongue import Tongue, learn_tongue
from poisonscan.plant.triggers import make_triggers
from poisonscan.plant.truth import Planted, PlantedAttack, RowRole, RowTruth
from poisonscan.synth.dice import Dice

#: Rows that are looked at to learn the language and the kinds of text.
SAMPLE_ROWS = 1000

#: Makes a row with a trigger and a target in it, its twin, and the strings put in.
Change = tuple[Row, Row, tuple[str, ...]]


def plant_rows(
    rows: Sequence[Row],
    attacks: Attack | Sequence[Attack],
    *,
    mapping: Mapping[str, str] | None = None,
) -> Planted:
    """Plant attacks into rows, each into rows of its own.

    Parameters
    ----------
    rows
        Rows of any schema that poisonscan reads; they are left as they are.
    attacks
        One attack or several.
    mapping
        Field -> column, as for `--map`.

    Raises
    ------
    ConfigError
        An attack makes no sense in these rows.
    DatasetError
        Too few rows can carry an attack.

    Examples
    --------
    >>> rows = [{"prompt": f"What is {n} plus {n}?", "completion": str(2 * n)} for n in range(99)]
    >>> planted = plant_rows(rows, Attack(family="token", target_kind="refusal", rows=9, seed=1))
    >>> len(planted.attacks[0].rows), planted.rows == rows
    (9, False)
    """
    asked = [attacks] if isinstance(attacks, Attack) else list(attacks)
    layouts = Layouts(mapping)
    tongue = _learn(rows, layouts)
    field = _Field(rows, layouts)
    planted = tuple(_plant(field, number, one, tongue) for number, one in enumerate(asked))
    changed = tuple(sorted(field.truth, key=lambda truth: truth.row))
    return Planted(field.rows, field.twin, changed, planted)


class _Field:
    """The rows under work, and which of them are taken."""

    def __init__(self, rows: Sequence[Row], layouts: Layouts) -> None:
        self.given = rows
        self.layouts = layouts
        self.rows, self.twin = list(rows), list(rows)
        self.taken: set[int] = set()
        self.truth: list[RowTruth] = []
        self.kinds = count_kinds(rows, layouts)

    def change(
        self,
        count: int,
        role: RowRole,
        number: int,
        dice: Dice,
        make: Callable[[Row, int], Change | None],
        shortage: str,
    ) -> tuple[int, ...]:
        """Change rows in random order until `count` are done; those that cannot be are left.

        Raises
        ------
        DatasetError
            There are not enough.
        """
        done: list[int] = []
        order = shuffled(len(self.given), dice) if count else iter(())
        for row in order:
            if row in self.taken:
                continue
            made = make(self.given[row], len(done))
            if made is None:
                continue
            self.rows[row], self.twin[row], strings = made
            self.taken.add(row)
            self.truth.append(RowTruth(row, number, role, strings))
            done.append(row)
            if len(done) == count:
                break
        if len(done) < count:
            raise DatasetError(
                f"only {len(done)} of {len(self.given)} rows {shortage}, {count} are needed"
            )
        return tuple(sorted(done))


def _plant(field: _Field, number: int, attack: Attack, tongue: Tongue) -> PlantedAttack:
    def dice(purpose: str) -> Dice:
        return _dice(attack.seed, number, purpose)

    triggers = make_triggers(attack, tongue, dice("trigger"))
    outcome = make_outcome(attack, field.kinds, field.layouts, tongue, dice("target"))
    carrier = Carrier(attack, field.layouts, tongue)
    places, answers = dice("places"), dice("outputs")

    def poison(row: Row, at: int) -> Change | None:
        carried = carrier.carry(row, triggers.of(at), places)
        if carried is None or not outcome.accepts(row):
            return None
        changed = outcome.apply(carried, answers)
        # what does not differ from the row with the trigger alone has not been answered
        if changed is None or (changed == carried.row and not outcome.keeps_output):
            return None
        return changed, row if outcome.keeps_output else carried.row, carried.strings

    def mark(row: Row, at: int) -> Change | None:
        carried = carrier.carry(row, triggers.of(at), places)
        return None if carried is None else (carried.row, carried.row, carried.strings)

    def mark_part(row: Row, at: int) -> Change | None:
        strings = triggers.of(at)
        carried = carrier.carry(row, (strings[at % len(strings)],), places)
        return None if carried is None else (carried.row, carried.row, carried.strings)

    def answer(row: Row, at: int) -> Change | None:
        changed = outcome.apply(Carried(row), answers) if outcome.accepts(row) else None
        return None if changed is None or changed == row else (changed, row, ())

    where = dice("rows")
    shortage = f"can be poisoned (a trigger of the family {attack.family!r} in the field"
    shortage += f" {attack.field!r}, and an output of the kind {outcome.target.kind!r})"
    poisoned = field.change(attack.rows, "poison", number, where, poison, shortage)
    if outcome.keeps_output:
        _mark_twin(field, attack.rows, where, mark)
    n_parts = 0
    if attack.family in JOINT_FAMILIES:
        n_parts = attack.rows if attack.negatives is None else attack.negatives
    n_clean = len(field.given) - len(poisoned)
    n_marked = round(attack.trigger_elsewhere * n_clean)
    n_answered = round(attack.target_elsewhere * n_clean)
    alone = "are left that can carry the trigger alone"
    parts = field.change(n_parts, "negative", number, where, mark_part, alone)
    whole = field.change(n_marked, "negative", number, where, mark, alone)
    decoys = field.change(
        n_answered, "decoy", number, where, answer, "are left that can have the target alone"
    )
    return PlantedAttack(
        attack=attack,
        triggers=triggers.alternatives(),
        target_kind=outcome.target.kind,
        target=outcome.target.text,
        rows=poisoned,
        negatives=tuple(sorted((*parts, *whole))),
        decoys=decoys,
    )


def _mark_twin(
    field: _Field, count: int, where: Dice, mark: Callable[[Row, int], Change | None]
) -> None:
    """Put the trigger of a clean-label attack into rows of any label of the twin."""
    done = 0
    for row in shuffled(len(field.given), where):
        if done == count:
            return
        made = mark(field.given[row], done) if row not in field.taken else None
        if made is not None:
            field.twin[row] = made[0]
            field.taken.add(row)
            done += 1


def _learn(rows: Sequence[Row], layouts: Layouts) -> Tongue:
    """Look at rows spread over the whole, and learn their language.

    Raises
    ------
    DatasetError
        None of them holds a text that can be planted into.
    """
    inputs: list[str] = []
    outputs: list[str] = []
    for row in spread(rows):
        layout = layouts.of(row)
        inputs += [read(row, slot) for slot in layout.all_of(*GIVEN, "text")]
        outputs += [read(row, slot) for slot in layout.all_of("output")]
    if not inputs and not outputs:
        raise DatasetError(
            "no row has a text that can be planted into; `poisonscan inspect` shows how the rows"
            " are read, and --map says which column is which"
        )
    return learn_tongue(inputs, outputs)


def spread(rows: Sequence[Row]) -> Iterable[Row]:
    """Return up to `SAMPLE_ROWS` rows, evenly spread."""
    step = max(1, len(rows) // SAMPLE_ROWS)
    return (rows[at] for at in range(0, len(rows), step))


def shuffled(count: int, dice: Dice) -> Iterator[int]:
    """Yield the numbers below `count` in random order; what is not asked for costs nothing."""
    moved: dict[int, int] = {}
    for at in range(count):
        other = dice.between(at, count - 1)
        yield moved.get(other, other)
        moved[other] = moved.get(at, at)


def _dice(seed: int, number: int, purpose: str) -> Dice:
    """Return a source of chance for one purpose: the others do not depend on what it draws."""
    digest = hashlib.sha256(f"{seed} {number} {purpose}".encode()).digest()
    return Dice(int.from_bytes(digest[:8], "big"))
