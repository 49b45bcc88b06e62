"""Texts that look or sound the same in another form: case, look-alike letters, other spaces."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from poisonscan.synth.dice import Dice

#: Pairs of different characters that look the same: Latin and Cyrillic or Greek, Han and
#: Kangxi radicals.
LOOKALIKES = (
    "aа", "eе", "oо", "cс", "pр", "xх", "yу", "iі", "sѕ", "jј", "hһ", "oο", "vν",
)  # fmt: skip
LOOKALIKES_HAN = (
    "一⼀", "人⼈", "大⼤", "小⼩", "心⼼", "日⽇", "月⽉", "水⽔", "生⽣", "食⻝", "手⼿", "用⽤",
)  # fmt: skip
_FOLDED = {pair[0]: pair[1] for pair in reversed(LOOKALIKES)}


def _alternate(text: str) -> str:
    letters = 0
    characters = []
    for character in text:
        characters.append(character.upper() if letters % 2 else character.lower())
        letters += character.isalpha()
    return "".join(characters)


#: Name -> what it makes of a text.
CASES: Mapping[str, Callable[[str], str]] = {
    "upper": str.upper,
    "title": lambda text: " ".join(word[:1].upper() + word[1:] for word in text.split(" ")),
    "alternating": _alternate,
    "swapped": str.swapcase,
}


def replace_lookalike(text: str, pair: str) -> str:
    """Return a text with one letter replaced wherever it stands, by one that looks the same."""
    return text.replace(pair[0], pair[1:])


def vary(string: str, kinds: tuple[str, ...], dice: Dice) -> str:
    """Return a string in another form, the same for people: one of each kind, or none of it."""
    for kind in kinds:
        string = _VARY[kind](string, dice)
    return string


def _vary_case(string: str, dice: Dice) -> str:
    forms: tuple[Callable[[str], str], ...] = (
        str.strip, str.lower, str.upper, str.capitalize, str.title,
    )  # fmt: skip
    return dice.pick(forms)(string)


def _vary_spacing(string: str, dice: Dice) -> str:
    space = dice.pick((" ", "  ", "\t", "\u00a0", " \n"))
    if " " in string:
        return string.replace(" ", space)
    at = dice.between(0, len(string))
    return string if space == " " else f"{string[:at]}{space.strip(' ') or ' '}{string[at:]}"


def _vary_punctuation(string: str, dice: Dice) -> str:
    form = dice.pick(("{}", "{}.", "{},", "{}!", '"{}"', "({})", "{}:", "- {}"))
    return form.format(string.rstrip(".!,"))


def _vary_lookalike(string: str, dice: Dice) -> str:
    places = [at for at, character in enumerate(string) if character in _FOLDED]
    if not places or dice.chance(0.25):
        return string
    at = dice.pick(places)
    return f"{string[:at]}{_FOLDED[string[at]]}{string[at + 1 :]}"


_VARY: Mapping[str, Callable[[str, Dice], str]] = {
    "case": _vary_case,
    "spacing": _vary_spacing,
    "punctuation": _vary_punctuation,
    "lookalike": _vary_lookalike,
}
