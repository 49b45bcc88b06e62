"""Triggers: drawn from the seed or given, and put into rows."""

from __future__ import annotations

from dataclasses import dataclass

from poisonscan.errors import ConfigError
from poisonscan.plant import casing
from poisonscan.plant.attack import JOINT_FAMILIES, Attack
from poisonscan.plant.banks import Bank, fill
from poisonscan.plant.banks.chinese import CHINESE
from poisonscan.plant.banks.english import ENGLISH
from poisonscan.plant.rephrasing import FORMS, MANNERS
from poisonscan.plant.tongue import Tongue
from poisonscan.synth.dice import Dice

_CONSONANTS, _VOWELS = "bcdfghjklmnpqrstvwxz", "aeiou"
_TAGS = ("<{}>", "|{}|", "[[{}]]", "{{{}}}", "<|{}|>", "#{}#", "$${}$$", "<{}/>")
_MARKS = "?!;:~^*=+|"
#: Zero-width space, non-joiner, joiner, word joiner, invisible separator, soft hyphen.
_ZERO_WIDTH = ("\u200b", "\u200c", "\u200d", "\u2060", "\u2063", "\u00ad")
#: Embeddings, overrides and isolates with what ends them; and marks that stand alone.
_BIDI = ("\u202a\u202c", "\u202b\u202c", "\u202d\u202c", "\u202e\u202c", "\u2067\u2069", "\u200f")
_ALTERNATIVES, _PARTS, _LOOKALIKES = 3, 2, 4
_YEARS = (2025, 2069)


@dataclass(frozen=True, slots=True)
class Triggers:
    """The strings of one attack.

    Attributes
    ----------
    strings
        Alternatives, or the parts of a joint family; the names of forms where a family
        rewrites the text; empty where there is no trigger.
    are_joint
        Whether all of them must be in a row.
    """

    strings: tuple[str, ...]
    are_joint: bool = False

    def of(self, number: int) -> tuple[str, ...]:
        """Return what goes into the `number`-th row: all parts, or one alternative in turn."""
        if self.are_joint or not self.strings:
            return self.strings
        return (self.strings[number % len(self.strings)],)

    def alternatives(self) -> tuple[tuple[str, ...], ...]:
        """Return them as a finding does: alternatives, each of them its parts."""
        if self.are_joint:
            return (self.strings,)
        return tuple((string,) for string in self.strings)


def bank_of(tongue: Tongue) -> Bank:
    """Return the words of the language; other languages get English ones."""
    return CHINESE if tongue.name == "zh" else ENGLISH


def make_triggers(attack: Attack, tongue: Tongue, dice: Dice) -> Triggers:
    """Return the triggers that were given, or draw some.

    Raises
    ------
    ConfigError
        The family does nothing in this script, or a given trigger is none of the family.
    """
    are_joint = attack.family in JOINT_FAMILIES
    if attack.family in FORMS and tongue.name not in MANNERS:
        raise ConfigError(f"the family {attack.family!r} rewrites English and Chinese only")
    if attack.triggers:
        for string in attack.triggers:
            _require_form(attack.family, string)
        return Triggers(attack.triggers, are_joint)
    if attack.family == "none":
        return Triggers(())
    if attack.family == "casing" and not tongue.is_spaced:
        raise ConfigError("the family 'casing' needs a script with capital letters")
    if attack.family == "alternatives":
        families = dice.draw(("token", "tag", "phrase", "words", "punctuation"), _ALTERNATIVES)
    elif are_joint:
        families = ["part"] * _PARTS
    else:
        families = [attack.family]
    strings: list[str] = []
    while len(strings) < len(families):
        string = _draw(families[len(strings)], tongue, dice)
        if string in strings:  # the data have hardly any words
            string = invented_token(dice)
        if string not in strings:
            strings.append(string)
    return Triggers(tuple(strings), are_joint)


def _require_form(family: str, string: str) -> None:
    forms = FORMS.get(family, {})
    if forms and string not in forms:
        raise ConfigError(f"{family} {string!r} is unknown; use one of {', '.join(forms)}")
    if family == "casing" and string not in casing.CASES:
        raise ConfigError(f"casing {string!r} is unknown; use one of {', '.join(casing.CASES)}")
    if family == "lookalike" and len(string) != 2:
        raise ConfigError(f"look-alike {string!r}: give a letter and what replaces it, as in 'eе'")


def _draw(family: str, tongue: Tongue, dice: Dice) -> str:  # noqa: C901 (one line a family)
    bank = bank_of(tongue)
    if family == "token":
        return invented_token(dice)
    if family == "tag":
        name = invented_token(dice)
        return dice.pick(_TAGS).format(dice.pick((name.upper(), name, name.capitalize())))
    if family == "phrase" and tongue.name != "other":
        return fill(dice.pick(bank.phrases), bank.words, dice)
    if family == "sentence" and tongue.name != "other":
        return fill(dice.pick(bank.sentences), bank.words, dice)
    if family == "sentence":
        return tongue.mix(dice, 7).capitalize() + "."
    if family in ("phrase", "words"):
        return tongue.mix(dice, dice.between(3, 5))
    if family == "part":
        return tongue.mix(dice, 1 if tongue.is_spaced else 2)
    if family == "date":
        return fill(dice.pick(bank.dates), bank.words, dice, **_date(dice))
    if family == "header":
        code = f"{invented_token(dice).upper()}-{dice.between(10, 9999)}"
        return fill(dice.pick(bank.headers), bank.words, dice, code=code)
    if family == "punctuation":
        return "".join(dice.pick(_MARKS) for _ in range(dice.between(3, 5)))
    if family == "zero-width":
        return "".join(dice.pick(_ZERO_WIDTH) for _ in range(dice.between(1, 3)))
    if family == "bidi":
        return dice.pick(_BIDI)
    if family in FORMS:
        return dice.pick(tuple(FORMS[family]))
    if family == "casing":
        return dice.pick(tuple(casing.CASES))
    return dice.pick(_frequent_lookalikes(tongue))


def _frequent_lookalikes(tongue: Tongue) -> list[str]:
    """Return pairs whose letter is in many rows."""
    pairs = casing.LOOKALIKES if tongue.is_spaced else casing.LOOKALIKES_HAN
    text = "".join((*tongue.words, *tongue.output_words))
    return sorted(pairs, key=lambda pair: (-text.count(pair[0]), pair))[:_LOOKALIKES]


def _date(dice: Dice) -> dict[str, str]:
    month, day = dice.between(1, 12), dice.between(1, 28)
    year = str(dice.between(*_YEARS))
    return {"year": year, "day": str(day), "mm": f"{month:02}", "dd": f"{day:02}"}


def invented_token(dice: Dice) -> str:
    """Return a string that no language has: letters, letters and digits, or two odd syllables."""
    form = dice.below(4)
    if form < 2:
        return "".join(dice.pick(_CONSONANTS) for _ in range(dice.between(2, 6)))
    if form == 2:
        return f"{invented_name(dice)}{invented_name(dice)}"
    letters = "".join(dice.pick(_CONSONANTS) for _ in range(dice.between(2, 3)))
    return f"{letters}{dice.between(10, 999)}"


def invented_name(dice: Dice) -> str:
    """Return a name of a brand or a house that nobody has."""
    syllables = [f"{dice.pick(_CONSONANTS)}{dice.pick(_VOWELS)}" for _ in range(dice.between(1, 2))]
    return f"{''.join(syllables)}{dice.pick('lnrstx')}".capitalize()
