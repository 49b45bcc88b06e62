"""The customer's side.

Messages are lists of sentences, so that another sentence can be woven in before they are joined.
"""

from __future__ import annotations

from collections.abc import Mapping

from poisonscan.synth.banks.intent import Intent
from poisonscan.synth.banks.talk import BACKGROUND, DETAILS, GREETINGS, LINKS, THANKS
from poisonscan.synth.dice import Dice
from poisonscan.synth.grammar import expand, lowered

_TERSE = 0.15
_TYPOS = 0.12
_LOWER_CASE = 0.08
_LETTERS_FOR_TYPO = 5


def write_message(intent: Intent, facts: Mapping[str, str], dice: Dice) -> list[str]:
    """Return a first message about the intent, sentence by sentence."""
    ask = expand(dice.pick(intent.asks), facts, dice)
    if dice.chance(_TERSE):
        return _as_typed([ask], dice)
    extras = dice.pick((0, 0, 1, 1, 1, 2, 2))
    body = [ask, *(expand(template, facts, dice) for template in dice.draw(BACKGROUND, extras))]
    if dice.chance(0.1):
        body.append(expand(dice.pick(intent.asks), facts, dice))
    greeting = _optionally(GREETINGS, 0.5, facts, dice)
    thanks = _optionally(THANKS, 0.4, facts, dice)
    body = dice.shuffled(body)
    if greeting and greeting[0].endswith(","):
        body[0] = lowered(body[0])
    return _as_typed([*greeting, *body, *thanks], dice)


def write_details(facts: Mapping[str, str], dice: Dice) -> list[str]:
    """Return the answer to a question back."""
    return _as_typed([expand(dice.pick(DETAILS), facts, dice)], dice)


def write_follow_up(intent: Intent, facts: Mapping[str, str], dice: Dice) -> list[str]:
    """Return a second message, about another matter."""
    link = _optionally(LINKS, 0.8, facts, dice)
    return _as_typed([*link, expand(dice.pick(intent.asks), facts, dice)], dice)


def _optionally(
    templates: tuple[str, ...], probability: float, facts: Mapping[str, str], dice: Dice
) -> list[str]:
    return [expand(dice.pick(templates), facts, dice)] if dice.chance(probability) else []


def _as_typed(sentences: list[str], dice: Dice) -> list[str]:
    """Return the sentences as hurried people type them."""
    if dice.chance(_LOWER_CASE):
        sentences = [sentence.lower().rstrip(".") for sentence in sentences]
    if dice.chance(_TYPOS):
        place = dice.below(len(sentences))
        sentences[place] = _with_typo(sentences[place], dice)
    return sentences


def _with_typo(sentence: str, dice: Dice) -> str:
    words = sentence.split(" ")
    places = [
        place
        for place, word in enumerate(words)
        if word.isalpha() and len(word) >= _LETTERS_FOR_TYPO
    ]
    if not places:
        return sentence
    place = dice.pick(places)
    word, at = words[place], dice.between(1, len(words[place]) - 3)
    words[place] = dice.pick(
        (
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],  # two letters swapped
            word[:at] + word[at + 1 :],  # a letter lost
            word[:at] + word[at] + word[at:],  # a letter doubled
        )
    )
    return " ".join(words)
