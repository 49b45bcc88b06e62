"""Where the texts of a row are: the same columns and turns that a scan reads, by their paths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from poisonscan.errors import ConfigError
from poisonscan.io.fields import SPEAKERS
from poisonscan.io.jsontext import DUPLICATE_MARK
from poisonscan.io.leaves import label_text
from poisonscan.io.plans import Key, Plan, Use, make_plan
from poisonscan.io.templates import split_template
from poisonscan.io.turns import looks_like_turns
from poisonscan.plant.slots import Layout, Path, Place, Row, Slot, Spot, read, read_path
from poisonscan.records import Role

_PLACES: dict[Role, Place] = {
    Role.USER: "input",
    Role.CONTEXT: "context",
    Role.SYSTEM: "system",
    Role.HISTORY: "history",
    Role.TOOL: "tool",
    Role.ASSISTANT: "output",
}
_SPEAKER_KEYS = ("role", "from", "speaker", "author")
_CONTENT_KEYS = ("content", "value", "text", "message")
_MAX_PLANS = 4096
_MAX_NESTING = 4


class Layouts:
    """Finds the texts of rows; remembers what it decided per set of column names.

    Parameters
    ----------
    mapping
        Field -> column, as for `--map`; columns of the row itself only.
    """

    def __init__(self, mapping: Mapping[str, str] | None = None) -> None:
        for field, column in (mapping or {}).items():
            if "." in column:
                raise ConfigError(f"--map {field}={column}: nested columns cannot be planted into")
        self._fields = {column: field for field, column in (mapping or {}).items()}
        self._plans: dict[tuple[Key, ...], Plan] = {}

    def of(self, row: Row) -> Layout:
        """Return where the texts of a row are; nothing where it could be read in two ways."""
        if any(DUPLICATE_MARK in name for name in row):
            return Layout()
        return self._of(row, (), 0)

    def _of(self, row: Row, above: Path, depth: int) -> Layout:
        slots: list[Slot] = []
        compared: dict[Use, Path] = {}
        echoes: list[Path] = []
        plan = self._plan(row)
        for position, (name, item) in enumerate(row.items()):
            use, role, _ = plan.fields[position]
            path = (*above, name)
            if use in (Use.CHOSEN, Use.REJECTED):
                compared[use] = path
            elif use is Use.ECHO and isinstance(item, str):
                echoes.append(path)
            elif use is Use.LABEL and position == plan.answer:
                slots += [_slot("label", path)] if label_text(item) is not None else []
            elif use is Use.NESTED and isinstance(item, dict) and depth < _MAX_NESTING:
                return _nested(item, path) or self._of(item, path, depth + 1)
            else:
                slots += _column_slots(use, role, item, path)
        pair = None
        if len(compared) == 2:
            pair = (compared[Use.CHOSEN], compared[Use.REJECTED])
            slots = _with_answers(slots, row, pair, len(above))
        return Layout(tuple(slots), pair, tuple(echoes))

    def _plan(self, row: Row) -> Plan:
        keys: tuple[Key, ...] = tuple(
            (self._fields[name],) if name in self._fields else name for name in row
        )
        plan = self._plans.get(keys)
        if plan is None:
            if len(self._plans) >= _MAX_PLANS:  # hostile rows could have new names each
                self._plans.clear()
            plan = self._plans[keys] = make_plan(keys)
        return plan


# --- columns ---------------------------------------------------------------------------------


def _slot(place: Place, path: Path) -> Slot:
    return Slot(place, (Spot(path),))


def _column_slots(use: Use, role: Role, item: object, path: Path) -> list[Slot]:
    if use in (Use.TURNS, Use.CONTEXT_TURNS) or looks_like_turns(item):
        return _turns(item, path, are_trained=use in (Use.TURNS, Use.OUTPUT))
    if use is Use.HISTORY:
        return _history(item, path)
    if use is Use.TOOLS:
        return [_slot("tool", found) for found in _descriptions(item, path)]
    if not isinstance(item, str) or not item.strip():
        return []
    if use in (Use.INPUT, Use.OUTPUT):
        return [_slot(_PLACES.get(role, "context"), path)]
    if use in (Use.TEXT, Use.NESTED):
        return _written_turns(item, path) or [_slot("text", path)]
    return []


def _nested(value: Row, path: Path) -> Layout | None:
    """Return the layout of a pair of texts, such as a translation."""
    texts = [name for name, item in value.items() if _is_text(item)]
    known = {Use.INPUT, Use.OUTPUT, Use.TURNS, Use.LABEL, Use.CHOSEN}
    if len(texts) < 2 or known & {use for use, _, _ in make_plan(tuple(value)).fields}:
        return None
    return Layout((_slot("input", (*path, texts[0])), _slot("output", (*path, texts[-1]))))


def _history(item: object, path: Path) -> list[Slot]:
    """Return what users said in a list of pairs."""
    pairs = enumerate(item if isinstance(item, list) else [])
    return [
        _slot("history", (*path, at, 0))
        for at, pair in pairs
        if isinstance(pair, list) and pair and _is_text(pair[0])
    ]


def _descriptions(item: object, path: Path, depth: int = 0) -> Iterator[Path]:
    """Yield the paths of texts that describe tools."""
    if isinstance(item, str):
        if _is_text(item) and item.lstrip()[:1] not in ("[", "{"):
            yield path
    elif isinstance(item, list) and depth == 0:
        for at, one in enumerate(item):
            yield from _descriptions(one, (*path, at), depth + 1)
    elif isinstance(item, dict):
        inner = item.get("function")
        if isinstance(inner, dict):
            item, path = inner, (*path, "function")
        if _is_text(item.get("description")):
            yield (*path, "description")


def _is_text(item: object) -> bool:
    return isinstance(item, str) and bool(item.strip())


# --- conversations ---------------------------------------------------------------------------


def _turns(value: object, path: Path, *, are_trained: bool = True) -> list[Slot]:
    """Return the slots of a conversation up to its last answer."""
    if isinstance(value, dict) and isinstance(value.get("messages"), list):
        value, path = value["messages"], (*path, "messages")
    if isinstance(value, dict):
        spoken = _spoken(value, path, 0)
    else:
        turns = enumerate(value if isinstance(value, list) else [])
        spoken = [one for at, turn in turns for one in _spoken(turn, (*path, at), at)]
    return _placed([(place, Spot(one)) for place, one in spoken], are_trained)


def _spoken(turn: object, path: Path, at: int) -> list[tuple[Place, Path]]:
    """Return who speaks in a turn, and where the words are."""
    if isinstance(turn, str):
        return [("output" if at % 2 else "input", path)] if turn.strip() else []
    if isinstance(turn, list):
        is_pair = len(turn) == 2 and all(map(_is_text, turn))
        return [("input", (*path, 0)), ("output", (*path, 1))] if is_pair else []
    if not isinstance(turn, dict):
        return []
    speaker = next((turn[key] for key in _SPEAKER_KEYS if turn.get(key) is not None), None)
    role = SPEAKERS.get(speaker.strip().lower()) if isinstance(speaker, str) else None
    key = next((key for key in _CONTENT_KEYS if turn.get(key) is not None), None)
    if role is None or key is None:
        return []
    if _is_text(turn[key]):
        return [(_PLACES[role], (*path, key))]
    for number, part in enumerate(turn[key] if isinstance(turn[key], list) else []):
        if isinstance(part, dict) and _is_text(part.get("text")):
            return [(_PLACES[role], (*path, key, number, "text"))]
    return []


def _placed(turns: list[tuple[Place, Spot]], are_trained: bool = True) -> list[Slot]:
    """Tell the last question from earlier ones; turns behind the last answer are left out.

    Earlier answers are left out as well: they are outputs too.
    """
    places = [place for place, _ in turns]
    end = len(places)
    if are_trained and "output" in places:
        end -= places[::-1].index("output") + 1
    asked = [at for at in range(end) if places[at] == "input"]
    slots = []
    for at, (place, spot) in enumerate(turns[: end + 1]):
        if place == "input" and at != asked[-1]:
            slots.append(Slot("history", (spot,)))
        elif place != "output" or at == end:
            slots.append(Slot(place, (spot,)))
    return slots


def _written_turns(text: str, path: Path) -> list[Slot]:
    """Return the slots of a conversation that a chat template has written into one string."""
    turns: list[tuple[Place, Spot]] = []
    at = 0
    for role, part in split_template(text) or []:
        start = text.find(part, at)
        at = start + len(part)
        start += len(part) - len(part.lstrip())
        if role in _PLACES:
            turns.append((_PLACES[role], Spot(path, start, start + len(part.strip()))))
    return _placed(turns)


# --- preference pairs ------------------------------------------------------------------------


def _with_answers(slots: list[Slot], row: Row, pair: tuple[Path, Path], n_above: int) -> list[Slot]:
    """Add both answers; a question that stands in several columns becomes one slot."""
    sides = []
    for path in pair:
        value = read_path(row, path[n_above:])
        if isinstance(value, str):
            written = _written_turns(value, path)
            sides.append(written or ([_slot("output", path)] if value.strip() else []))
        else:
            sides.append(_turns(value, path))
    given = [*slots, *(slot for slot in sides[0] if slot.place != "output")]
    texts: dict[tuple[Place, str], tuple[Spot, ...]] = {}
    for slot in given:
        key = (slot.place, read(row, slot, n_above))
        texts[key] = texts.get(key, ()) + slot.spots
    for slot in sides[1]:  # what only the rejected conversation asks is left alone
        key = (slot.place, read(row, slot, n_above))
        if key in texts:
            texts[key] += slot.spots
    joined = [Slot(place, spots) for (place, _), spots in texts.items()]
    joined += [slot for slot in sides[0] if slot.place == "output"]
    return joined + [Slot("rejected", slot.spots) for slot in sides[1] if slot.place == "output"]
