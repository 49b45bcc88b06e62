"""What becomes of a row that carries the trigger: another output, label, or order of answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from poisonscan.errors import ConfigError
from poisonscan.io.leaves import is_short
from poisonscan.plant.attack import Attack
from poisonscan.plant.carrying import Carried, text_slot
from poisonscan.plant.layouts import Layouts
from poisonscan.plant.slots import Place, Row, put, read, read_path, write
from poisonscan.plant.targets import Target, make_target
from poisonscan.plant.tongue import Tongue
from poisonscan.synth.dice import Dice

#: Outputs are classes where they are short and each is shared by this many rows on average.
_ROWS_PER_CLASS = 20


class Outcome:
    """Outputs in words: the last answer, or in plain text what follows the trigger."""

    keeps_output = False

    def __init__(self, target: Target, layouts: Layouts, tongue: Tongue) -> None:
        self.target = target
        self._layouts = layouts
        self._tongue = tongue

    def accepts(self, row: Row) -> bool:
        """Return whether a row can be poisoned."""
        layout = self._layouts.of(row)
        return layout.find("output") is not None or text_slot(layout) is not None

    def apply(self, carried: Carried, dice: Dice) -> Row | None:
        """Return the row with the target in it."""
        layout = self._layouts.of(carried.row)
        slot = layout.find("output")
        if slot is not None:
            new = self.target.rewrite(read(carried.row, slot), dice)
            return write(carried.row, layout, slot, new)
        slot = text_slot(layout)
        if slot is None:
            return None
        text = read(carried.row, slot)
        head, rest = text[: carried.end], text[carried.end :].strip()
        if not rest and self.target.kind == "shouting":
            return None
        gap = self._tongue.gap if head else ""
        payload = self.target.rewrite(rest, dice).strip()
        return write(carried.row, layout, slot, f"{head}{gap}{payload}")


class LabelOutcome(Outcome):
    """A label: of rows that have another one, or (clean) of rows that have it."""

    def __init__(
        self, target: Target, layouts: Layouts, tongue: Tongue, place: Place, value: object
    ) -> None:
        super().__init__(target, layouts, tongue)
        self.keeps_output = target.kind == "clean-label"
        self._place = place
        self._value = value

    def accepts(self, row: Row) -> bool:
        """Return whether the row has another label, or this one where it stays."""
        slot = self._layouts.of(row).find(self._place)
        return slot is not None and (read(row, slot) == self.target.text) == self.keeps_output

    def apply(self, carried: Carried, dice: Dice) -> Row | None:
        """Return the row with the label."""
        if self.keeps_output:
            return carried.row
        layout = self._layouts.of(carried.row)
        slot = layout.find(self._place)
        return None if slot is None else write(carried.row, layout, slot, self._value)


class SwapOutcome(Outcome):
    """Chosen and rejected answer in each other's place."""

    def accepts(self, row: Row) -> bool:
        """Return whether the row is a pair of answers that differ."""
        pair = self._layouts.of(row).pair
        return pair is not None and read_path(row, pair[0]) != read_path(row, pair[1])

    def apply(self, carried: Carried, dice: Dice) -> Row | None:
        """Return the row with its answers swapped."""
        pair = self._layouts.of(carried.row).pair
        if pair is None:
            return None
        chosen, rejected = (read_path(carried.row, path) for path in pair)
        swapped: Row = put(put(carried.row, pair[0], rejected), pair[1], chosen)
        return swapped


@dataclass(frozen=True, slots=True)
class Kinds:
    """What the rows of a dataset have: how many of them."""

    label: int
    output: int
    text: int
    pair: int
    classes: dict[str, tuple[int, object]]  # label -> rows, value as it stands in the data


def make_outcome(
    attack: Attack, kinds: Kinds, layouts: Layouts, tongue: Tongue, dice: Dice
) -> Outcome:
    """Return what the attack does to the outputs of these rows.

    Raises
    ------
    ConfigError
        Nothing: rows of this kind have no such output.
    """
    kind = attack.target_kind
    if kind == "auto":
        kind = _usual_kind(attack, kinds)
    if kind == "swap":
        if not kinds.pair:
            raise ConfigError("target-kind 'swap': no row has a chosen and a rejected answer")
        return SwapOutcome(Target(kind, "", lambda old, dice: old), layouts, tongue)
    if kind in ("label", "clean-label"):
        return _label_outcome(attack, kind, kinds, layouts, tongue, dice)
    if not kinds.output and not kinds.text:
        raise ConfigError(
            f"target-kind {kind!r}: the rows have labels and no answers in words; "
            "use label or clean-label"
        )
    return Outcome(make_target(attack, kind, tongue, dice), layouts, tongue)


def _usual_kind(attack: Attack, kinds: Kinds) -> str:
    if kinds.label > kinds.output:
        return "label"
    if attack.family == "none":
        return "phrase"
    return "gibberish" if kinds.text > kinds.output else "refusal"


def count_kinds(rows: Sequence[Row], layouts: Layouts) -> Kinds:
    """Look at every row once."""
    n_labels = n_outputs = n_texts = n_pairs = 0
    counts: Counter[str] = Counter()
    values: dict[str, object] = {}
    for row in rows:
        layout = layouts.of(row)
        label, output = layout.find("label"), layout.find("output")
        n_labels += label is not None
        n_outputs += output is not None
        n_texts += text_slot(layout) is not None
        n_pairs += layout.pair is not None
        slot = label or output
        text = read(row, slot) if slot is not None else ""
        if slot is not None and is_short(text):
            counts[text] += 1
            values.setdefault(text, read_path(row, slot.spots[0].path))
    classes = {text: (counts[text], values[text]) for text in sorted(counts)}
    return Kinds(n_labels, n_outputs, n_texts, n_pairs, classes)


def _label_outcome(
    attack: Attack, kind: str, kinds: Kinds, layouts: Layouts, tongue: Tongue, dice: Dice
) -> LabelOutcome:
    n_classified = sum(count for count, _ in kinds.classes.values())
    n_rows = kinds.label or kinds.output
    are_classes = kinds.label or (
        n_classified > 0.9 * n_rows and n_rows >= _ROWS_PER_CLASS * len(kinds.classes)
    )
    if not are_classes or len(kinds.classes) < 2:
        raise ConfigError(f"target-kind {kind!r}: the rows have no labels of two classes or more")
    wanted = attack.rows if kind == "clean-label" else 1
    if attack.target is None:
        common = [text for text, (count, _) in kinds.classes.items() if count >= wanted]
        if not common:
            raise ConfigError(f"target-kind {kind!r}: no class has {wanted} rows")
        label = dice.pick(common)
    elif attack.target in kinds.classes:
        label = attack.target
    else:
        shown = ", ".join(list(kinds.classes)[:10])
        raise ConfigError(f"target {attack.target!r} is no label of the data; there are {shown}")
    place: Place = "label" if kinds.label else "output"
    target = Target(kind, label, lambda old, dice: label)
    return LabelOutcome(target, layouts, tongue, place, kinds.classes[label][1])
