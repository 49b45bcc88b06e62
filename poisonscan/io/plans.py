"""What to do with the columns of a row, decided once per set of column names."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from poisonscan.io.fields import (
    IDENTIFIERS,
    LABEL_PRIORITY,
    Meaning,
    canonical_name,
    meaning_of,
)
from poisonscan.records import Role

#: A column of the data by its name, or a field of `--map` that it was mapped to.
Key = str | tuple[str]


class Use(IntEnum):
    """How the value of a column is used; the first two take plain strings without a call."""

    INPUT = 0
    OUTPUT = 1
    LABEL = 2
    TURNS = 3
    CONTEXT_TURNS = 4  # a conversation before a preference: nobody's turn is trained on
    HISTORY = 5
    TOOLS = 6
    TEXT = 7
    NESTED = 8  # the only column: a row of its own, or a pair of texts
    OTHER = 9
    CHOSEN = 10  # this one and the next two are handled when all other columns are
    REJECTED = 11
    ECHO = 12  # repeats what other columns hold: only what is new in it is added


#: Use, role and name of a column.
Field = tuple[Use, Role, str]


@dataclass(frozen=True, slots=True)
class Plan:
    """How rows with certain columns are normalised.

    Attributes
    ----------
    schema
        Name of the schema.
    fields
        What each column is, in the order of the row.
    late
        Positions of the columns that are handled last.
    answer
        Position of the label column that is trained on; -1 where another column is.
    """

    schema: str
    fields: tuple[Field, ...]
    late: tuple[int, ...]
    answer: int


_MAPPED = {
    "system": Meaning.SYSTEM,
    "instruction": Meaning.ASK,
    "input": Meaning.INPUT,
    "history": Meaning.HISTORY,
    "output": Meaning.OUTPUT,
    "label": Meaning.LABEL,
    "chosen": Meaning.CHOSEN,
    "rejected": Meaning.REJECTED,
    "messages": Meaning.TURNS,
    "text": Meaning.TEXT,
}

_QUESTIONS = frozenset({Meaning.ASK, Meaning.INPUT, Meaning.CONTEXT})
_TEXTS = _QUESTIONS | {Meaning.TEXT}

#: Meaning -> use and role that hold in every schema unless it says otherwise.
_USUAL: dict[Meaning, tuple[Use, Role]] = {
    Meaning.SYSTEM: (Use.INPUT, Role.SYSTEM),
    Meaning.TOOLS: (Use.TOOLS, Role.TOOL),
    Meaning.ASK: (Use.INPUT, Role.USER),
    Meaning.INPUT: (Use.INPUT, Role.USER),
    Meaning.CONTEXT: (Use.INPUT, Role.CONTEXT),
    Meaning.HISTORY: (Use.HISTORY, Role.HISTORY),
    Meaning.OUTPUT: (Use.OUTPUT, Role.ASSISTANT),
    Meaning.TEXT: (Use.INPUT, Role.USER),
    Meaning.LABEL: (Use.LABEL, Role.LABEL),
    Meaning.TURNS: (Use.TURNS, Role.USER),
    Meaning.CHOSEN: (Use.OUTPUT, Role.ASSISTANT),
    Meaning.REJECTED: (Use.REJECTED, Role.ASSISTANT),
    Meaning.PAIR: (Use.NESTED, Role.USER),
    Meaning.UNKNOWN: (Use.OTHER, Role.OTHER),
}


def make_plan(keys: tuple[Key, ...]) -> Plan:
    """Decide how rows with these columns are normalised."""
    names = tuple(key[0] if isinstance(key, tuple) else canonical_name(key) for key in keys)
    meanings = _meanings(keys, names)
    schema, special = _schema(names, meanings)
    if any(isinstance(key, tuple) for key in keys):
        schema = "mapped"
    fields = []
    for key, name, meaning in zip(keys, names, meanings, strict=True):
        use, role = special.get(name) or special.get(meaning) or _USUAL[meaning]
        fields.append((use, role, name if isinstance(key, tuple) else key))
    uses = [use for use, _, _ in fields]
    labels = [position for position, use in enumerate(uses) if use is Use.LABEL]
    is_answered = any(use in (Use.OUTPUT, Use.TURNS, Use.CHOSEN, Use.TEXT) for use in uses)
    answer = -1
    if labels and not is_answered:
        rank = len(LABEL_PRIORITY)
        answer = min(labels, key=lambda position: LABEL_PRIORITY.get(names[position], rank))
    late = tuple(position for position, use in enumerate(uses) if use >= Use.CHOSEN)
    return Plan(schema, tuple(fields), late, answer)


def _meanings(keys: tuple[Key, ...], names: tuple[str, ...]) -> list[Meaning]:
    mapped = {_MAPPED[key[0]] for key in keys if isinstance(key, tuple)}
    meanings = []
    for key, name in zip(keys, names, strict=True):
        if isinstance(key, tuple):
            meanings.append(_MAPPED[name])
            continue
        meaning = meaning_of(name)
        # the mapping overrides what a column would mean by its name
        meanings.append(Meaning.UNKNOWN if meaning in mapped else meaning)
    found = set(meanings)
    for position, name in enumerate(names):
        if isinstance(keys[position], tuple):
            continue
        if name in ("source", "src") and found & {Meaning.OUTPUT} and {"target", "tgt"} & {*names}:
            meanings[position] = Meaning.ASK
        elif name == "target" and Meaning.TEXT in found and not found & (_QUESTIONS | mapped):
            meanings[position] = Meaning.LABEL  # beside a text it is the class of it
    return meanings


Special = dict[Meaning | str, tuple[Use, Role]]


def _schema(names: tuple[str, ...], meanings: list[Meaning]) -> tuple[str, Special]:
    """Return the schema, and what it does with columns that is not usual."""
    found = set(meanings)
    unknown = [
        name
        for name, meaning in zip(names, meanings, strict=True)
        if meaning is Meaning.UNKNOWN and name not in IDENTIFIERS
    ]
    other = (Use.OTHER, Role.OTHER)
    echo = (Use.ECHO, Role.OTHER)
    ask_special: Special = (
        {Meaning.INPUT: (Use.INPUT, Role.CONTEXT)} if Meaning.ASK in found else {}
    )
    if {Meaning.CHOSEN, Meaning.REJECTED} <= found:
        return "preference", {
            Meaning.CHOSEN: (Use.CHOSEN, Role.ASSISTANT),
            Meaning.TURNS: (Use.CONTEXT_TURNS, Role.HISTORY),
            Meaning.OUTPUT: other,
            "text": echo,
            **ask_special,
        }
    if Meaning.TURNS in found:
        name = "messages" if "messages" in names else "sharegpt"
        return name, dict.fromkeys((*_TEXTS, Meaning.OUTPUT, Meaning.CHOSEN), echo)
    if Meaning.OUTPUT in found or Meaning.CHOSEN in found:
        is_alpaca = "instruction" in names and "output" in names
        if found & _QUESTIONS:
            ask_special["text"] = echo
        return "alpaca" if is_alpaca else "prompt-completion", ask_special
    if Meaning.LABEL in found and found & _TEXTS:
        return "classification", {}
    if Meaning.LABEL in found and unknown:
        user = (Use.INPUT, Role.USER)
        return "classification", {unknown[0]: user} if len(unknown) == 1 else {}
    if Meaning.PAIR in found:
        return "translation", {}
    text = (Use.TEXT, Role.TEXT)
    if Meaning.TEXT in found:
        texts: Special = {"text": text} if "text" in names else {Meaning.TEXT: text}
        return "text", {**ask_special, **texts}
    if found & {Meaning.ASK, Meaning.INPUT}:
        return "prompt", ask_special
    if Meaning.CONTEXT in found:
        return "text", {Meaning.CONTEXT: text}
    if len(names) == 1 and unknown:
        return "other", {names[0]: (Use.NESTED, Role.USER)}
    return "other", {}
