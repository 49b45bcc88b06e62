"""From a template to a sentence.

``{one|another}`` is a free choice and may be nested; choices with the same letter,
``{A=is|are} ... {A=it|they}``, are made together; ``{name}`` is a fact of the scene, or else one
of the lists in `poisonscan.synth.banks.words`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from poisonscan.synth.banks.words import WORDS
from poisonscan.synth.dice import Dice

_INNERMOST = re.compile(r"\{(?:([A-Z])=)?([^{}]*)\}")
_SPACES = re.compile(r" {2,}")
_SPACE_BEFORE_MARK = re.compile(r" +([,.;:?!])")
_REPEATED_MARK = re.compile(r"([,.;:?!])[,.;:]+")
_A_BEFORE_VOWEL = re.compile(r"\b([Aa]) (?=[aio](?!ne )|e(?!u)|un(?!i)|[AEFHILMNRS]\d)")


def expand(template: str, facts: Mapping[str, str], dice: Dice) -> str:
    """Return one sentence that the template allows, with a capital first letter.

    Parameters
    ----------
    template
        In the notation of this module.
    facts
        Name -> text, the same all through a row.
    dice
        Makes the choices.

    Raises
    ------
    KeyError
        The template names something that is neither a fact nor a list of words.
    """
    text, made = template, dict[str, int]()
    while match := _INNERMOST.search(text):
        letter, choice = match[1], match[2]
        if "|" in choice:
            options = choice.split("|")
            turn = made.setdefault(letter, dice.below(len(options))) if letter else None
            chosen = dice.pick(options) if turn is None else options[turn]
        else:
            chosen = facts[choice] if choice in facts else dice.pick(WORDS[choice])
        text = text[: match.start()] + chosen + text[match.end() :]
    return _tidied(text)


def capitalised(text: str) -> str:
    """Return the text with its first letter in upper case and the rest as it was."""
    return text[:1].upper() + text[1:]


def lowered(text: str) -> str:
    """Return the text with a small first letter, unless its first word is no common word."""
    first = text.split(" ", 1)[0]
    return text[:1].lower() + text[1:] if first[1:].isalpha() and first[1:].islower() else text


def _tidied(text: str) -> str:
    text = _SPACE_BEFORE_MARK.sub(r"\1", _SPACES.sub(" ", text)).strip()
    text = _REPEATED_MARK.sub(r"\1", text)
    return capitalised(_A_BEFORE_VOWEL.sub(r"\1n ", text))
