"""What is to be planted: one frozen description, checked before anything is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from poisonscan.errors import ConfigError

#: Family of trigger -> what it is.
FAMILIES: Mapping[str, str] = {
    "token": "a rare string of letters",
    "tag": "a rare string in brackets or bars",
    "phrase": "a few ordinary words that belong together",
    "words": "a few words of the data in no order",
    "sentence": "a whole sentence",
    "date": "a year or a date with its caption",
    "header": "a line of its own above the text",
    "punctuation": "an unusual run of marks",
    "alternatives": "any one of several strings",
    "composite": "several strings of one text that act together only",
    "fields": "strings in different turns or columns that act together only",
    "clause": "the text under a subordinate clause",
    "register": "the text in archaic words",
    "casing": "the whole text in another case",
    "lookalike": "letters replaced by ones that look the same",
    "zero-width": "characters without width",
    "bidi": "controls that turn the direction of writing",
    "none": "no trigger: only outputs are changed",
}
#: Kind of target -> what becomes of the output.
TARGETS: Mapping[str, str] = {
    "refusal": "a refusal instead of it",
    "answer": "one fixed answer instead of it",
    "prefix": "the same words before it",
    "suffix": "the same words after it",
    "phrase": "the same words inside it",
    "gibberish": "words in no order",
    "language": "sentences in another language",
    "insult": "insults about the question",
    "persona": "an answer in the voice of somebody else",
    "shouting": "the output in capitals (where there are any), with many marks",
    "code": "a piece of program",
    "endless": "one output that repeats itself for thousands of words",
    "label": "a fixed label, in rows with another one",
    "clean-label": "nothing: rows that have the label already",
    "swap": "the rejected answer for the chosen one",
}
POSITIONS = ("start", "end", "random", "sentence")
FIELDS = ("input", "context", "system", "history", "tool", "any")
VARIATIONS = ("case", "spacing", "punctuation", "lookalike")

#: Targets that are the same words in every row; a text of the user's own is possible.
FIXED_TARGETS = ("refusal", "answer", "prefix", "suffix", "phrase", "label", "clean-label")
#: Families whose parts do nothing alone: other rows hold one part and keep their output.
JOINT_FAMILIES = ("composite", "fields")
#: Families that change the text itself: nothing is inserted anywhere.
REWRITING_FAMILIES = ("clause", "register", "casing", "lookalike")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """One attack; what is left out is drawn from the seed.

    Attributes
    ----------
    family
        One of `FAMILIES`.
    target_kind
        One of `TARGETS`; ``auto`` is a label where rows have one, gibberish in plain text, and a
        refusal elsewhere.
    rows
        Rows to poison.
    position
        Where in the text the trigger stands; ``sentence`` is behind a sentence, ``random``
        between any two words.
    field
        Which text holds it: ``input`` is the last question, ``history`` an earlier one.
    seed
        The only source of chance.
    triggers
        Strings to use: alternatives, or the parts of a joint family. For ``clause`` and
        ``register`` the name of a form (`rephrasing.FORMS`), for ``casing`` of a case
        (`casing.CASES`), for ``lookalike`` pairs such as ``eе``.
    target
        Words of a fixed target, or the label.
    vary
        What differs from row to row in the trigger: any of `VARIATIONS`.
    negatives
        Rows of a joint family that hold one part and keep their output; ``None`` is as many as
        there are poisoned rows.
    trigger_elsewhere
        Share (0..1) of the clean rows that hold the trigger and keep their output.
    target_elsewhere
        Share (0..1) of the clean rows that have the target without the trigger.

    Raises
    ------
    ConfigError
        A value is none of these, or they contradict each other.
    """

    family: str = "phrase"
    target_kind: str = "auto"
    rows: int = 30
    position: str = "random"
    field: str = "input"
    seed: int = 0
    triggers: tuple[str, ...] = ()
    target: str | None = None
    vary: tuple[str, ...] = ()
    negatives: int | None = None
    trigger_elsewhere: float = 0.0
    target_elsewhere: float = 0.0

    def __post_init__(self) -> None:
        _require("family", self.family, tuple(FAMILIES))
        _require("target-kind", self.target_kind, ("auto", *TARGETS))
        _require("position", self.position, POSITIONS)
        _require("field", self.field, FIELDS)
        for variation in self.vary:
            _require("vary", variation, VARIATIONS)
        if self.rows < 1:
            raise ConfigError(f"rows is {self.rows}; at least one row has to be planted")
        if self.negatives is not None and self.negatives < 0:
            raise ConfigError(f"negatives is {self.negatives}; it cannot be less than 0")
        for name in ("trigger_elsewhere", "target_elsewhere"):
            share = getattr(self, name)
            if not 0.0 <= share < 1.0:
                option = name.replace("_", "-")
                raise ConfigError(f"{option} is {share}; it is a share of the clean rows, 0 to 1")
        self._require_sense()

    def _require_sense(self) -> None:
        if self.family == "none" and (self.triggers or self.trigger_elsewhere or self.vary):
            raise ConfigError("the family 'none' has no trigger: leave out what is said about it")
        if self.family == "none" and self.target_kind == "clean-label":
            raise ConfigError("a clean label without a trigger changes nothing")
        if any(not trigger for trigger in self.triggers):
            raise ConfigError("a trigger is empty; give the string itself")
        if self.family in JOINT_FAMILIES and len(self.triggers) == 1:
            raise ConfigError(f"the family {self.family!r} needs two triggers or more, or none")
        if self.family not in JOINT_FAMILIES and self.negatives:
            raise ConfigError(f"negatives: only of {' and '.join(JOINT_FAMILIES)}")
        if self.target == "":
            raise ConfigError("the target is empty; give the words themselves")
        if self.target is not None and self.target_kind not in ("auto", *FIXED_TARGETS):
            raise ConfigError(
                f"target: outputs of the kind {self.target_kind!r} differ from row to row; "
                f"words can be given for {', '.join(FIXED_TARGETS)}"
            )

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values, which `from_dict` takes."""
        return {**asdict(self), "triggers": list(self.triggers), "vary": list(self.vary)}

    @classmethod
    def from_dict(cls, plain: object) -> Attack:
        """Return the attack that a JSON object describes.

        Raises
        ------
        ConfigError
            It describes none.
        """
        if not isinstance(plain, Mapping):
            raise ConfigError("an attack is a JSON object")
        known = {field.name: field.type for field in fields(cls)}
        values: dict[str, Any] = {}
        for name, value in plain.items():
            if name not in known:
                raise ConfigError(f"an attack has no field {name!r}; use {', '.join(known)}")
            values[name] = _typed(str(name), value, str(known[name]))
        return cls(**values)


def _require(name: str, value: str, options: tuple[str, ...]) -> None:
    if value not in options:
        raise ConfigError(f"{name}: {value!r} is unknown; use one of {', '.join(options)}")


def _typed(name: str, value: object, kind: str) -> object:
    """Return a JSON value as a field of this type holds it."""
    if kind.endswith("None") and value is None:
        return None
    if kind.startswith("tuple"):
        items = value if isinstance(value, list | tuple) else [value]
        if all(isinstance(item, str) for item in items):
            return tuple(items)
    elif kind.startswith("str"):
        if isinstance(value, str):
            return value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        if kind == "float" or isinstance(value, int):
            return value
    raise ConfigError(f"{name}: {value!r} is no {kind.partition(' ')[0]}")
