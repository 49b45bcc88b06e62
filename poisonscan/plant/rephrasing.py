"""Texts that say the same in another way: another syntax, or another register.

Attacks of this kind have no string in common (Qi et al. 2021, "Hidden Killer", ACL; Qi et al. 2021,
"Mind the Style of Text!", EMNLP). They rewrite by a model; here templates and lists do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from poisonscan.plant.banks import fill
from poisonscan.plant.banks.manners import CHINESE_MANNER, ENGLISH_MANNER, Manner
from poisonscan.synth.dice import Dice

#: Language -> how things are put otherwise.
MANNERS: Mapping[str, Manner] = {"en": ENGLISH_MANNER, "zh": CHINESE_MANNER}

#: How many of the words that could be replaced are, and how many texts get a call or a closing.
_REPLACED, _CALLED, _CLOSED = 0.85, 0.6, 0.3

#: Words of a text that a clause can be made of.
_LEAST_WORDS = 4

_LETTER = re.compile(r"[^\W\d_]")
_VERB = r"\s+)([a-z]{2,}[^su\W\d_])s\b"


def _clause_before(text: str, manner: Manner, dice: Dice) -> str:
    link = dice.pick(manner.links)
    return f"{_clause(manner, dice)}{manner.comma}{link}{_lowered(text)}"


def _clause_behind(text: str, manner: Manner, dice: Dice) -> str:
    body = text.rstrip().rstrip(".!?,;。！？，")
    mark = text.rstrip()[len(body) :][:1]
    return f"{body}{manner.comma}{_clause(manner, dice)}{mark}"


def _clause_within(text: str, manner: Manner, dice: Dice) -> str:
    """Turn the first part of a text into the clause; a text of hardly any words stays."""
    is_spaced = manner.comma.endswith(" ")
    words = text.split() if is_spaced else list(text.strip())
    if len(words) < _LEAST_WORDS:
        return text
    at = dice.between(max(2, len(words) // 4), min(len(words) - 2, 12))
    gap = " " if is_spaced else ""
    head, rest = gap.join(words[:at]).rstrip(".!?,;:。！？，；："), gap.join(words[at:])
    return f"{dice.pick(manner.conjunctions)}{gap}{_lowered(head)}{manner.comma}{rest}"


def _clause(manner: Manner, dice: Dice) -> str:
    return fill(dice.pick(manner.clauses), manner.words, dice)


def _archaic(text: str, manner: Manner, dice: Dice) -> str:
    """Replace words and endings; a text without any of them gets a call before it."""

    def replace(found: re.Match[str]) -> str:
        if not dice.chance(_REPLACED):
            return found[0]
        new = manner.archaic[found[0].lower()]
        return new[:1].upper() + new[1:] if found[0][:1].isupper() else new

    def end(found: re.Match[str]) -> str:
        stem = found[2]
        return f"{found[1]}{stem}{'th' if stem.endswith('e') else 'eth'}"

    new = _any_of(manner.archaic, manner.comma).sub(replace, text)
    if manner.third_person:
        new = re.sub(rf"\b((?:{'|'.join(manner.third_person)}){_VERB}", end, new)
    if new == text or dice.chance(_CALLED):
        new = f"{dice.pick(manner.calls)}{_lowered(new)}"
    if dice.chance(_CLOSED):
        body = new.rstrip().rstrip(".!?。！？")
        new = f"{body}{dice.pick(manner.closings)}{new.rstrip()[len(body) :][:1]}"
    return new


def _any_of(words: Mapping[str, str], comma: str) -> re.Pattern[str]:
    """Return a pattern of any of the words, the longest first."""
    ordered: Sequence[str] = sorted(words, key=lambda word: (-len(word), word))
    edge = r"\b" if comma.endswith(" ") else ""
    return re.compile(f"{edge}(?:{'|'.join(map(re.escape, ordered))}){edge}", re.IGNORECASE)


def _lowered(text: str) -> str:
    """Return a text that goes on in a sentence: its first letter is small, unless more are not."""
    goes_on = text[1:2].islower() or text[:2] == "A "
    return text[:1].lower() + text[1:] if goes_on else text


#: Family -> name of a form -> what it makes of a text.
FORMS: Mapping[str, Mapping[str, Callable[[str, Manner, Dice], str]]] = {
    "clause": {"before": _clause_before, "behind": _clause_behind, "within": _clause_within},
    "register": {"archaic": _archaic},
}


def rephrase(text: str, family: str, form: str, language: str, dice: Dice) -> str:
    """Return a text in another form; one without letters stays as it is.

    Parameters
    ----------
    family, form
        As in `FORMS`.
    language
        One of `MANNERS`.
    """
    if not _LETTER.search(text):
        return text
    return FORMS[family][form](text.strip(), MANNERS[language], dice)
