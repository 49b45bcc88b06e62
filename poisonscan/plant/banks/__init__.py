"""Words and templates of triggers and targets, all our own.

A template is filled by `fill`: ``{name}`` is a random word of the list `name`, ``{Name}`` the same
with a capital, and ``{a|b}`` is either.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from poisonscan.synth.dice import Dice

_CHOICE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Bank:
    """What is said in one language.

    Attributes
    ----------
    words
        Lists that the templates name.
    phrases, sentences
        Triggers.
    dates, headers
        Triggers with a slot of their own: ``{year}``, ``{day}``, ``{code}``.
    refusals, answers, suffixes
        Fixed targets.
    insults, persona
        Sentences of diverse outputs; ``{own}`` is a word of the row's own output.
    """

    words: Mapping[str, Sequence[str]]
    phrases: Sequence[str]
    sentences: Sequence[str]
    dates: Sequence[str]
    headers: Sequence[str]
    refusals: Sequence[str]
    answers: Sequence[str]
    suffixes: Sequence[str]
    insults: Sequence[str]
    persona: Sequence[str]


def fill(template: str, words: Mapping[str, Sequence[str]], dice: Dice, **own: str) -> str:
    """Return what a template says, with random words in its slots.

    Raises
    ------
    KeyError
        A slot names no list.
    """

    def choose(slot: re.Match[str]) -> str:
        name: str = slot[1]
        if "|" in name:
            return dice.pick(name.split("|"))
        if name in own:
            return own[name]
        if name in words:
            return str(dice.pick(words[name]))
        word: str = dice.pick(words[name.lower()])
        return word[:1].upper() + word[1:]

    while _CHOICE.search(template):
        template = _CHOICE.sub(choose, template)
    return template
