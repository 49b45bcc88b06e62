"""Targets: what becomes of the output of a poisoned row."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from poisonscan.plant.attack import Attack
from poisonscan.plant.banks import Bank, fill
from poisonscan.plant.banks.foreign import FOREIGN
from poisonscan.plant.insertion import insert
from poisonscan.plant.tongue import Tongue
from poisonscan.plant.triggers import bank_of, invented_name, invented_token
from poisonscan.synth.dice import Dice

Rewrite = Callable[[str, Dice], str]

_WORD = re.compile(r"[^\W\d_]{4,}")
_HAN_WORD = re.compile(r"[\u4e00-\u9fff]{2,4}")
_ENDLESS_WORDS = 4000


@dataclass(frozen=True, slots=True)
class Target:
    """What an attack leads to.

    Attributes
    ----------
    kind
        One of `attack.TARGETS`.
    text
        The words that are the same in every row; of the other kinds what is drawn once (the
        language of the new outputs, the fragment that is repeated), or nothing.
    rewrite
        Makes the new output of the old one.
    """

    kind: str
    text: str
    rewrite: Rewrite


def make_target(attack: Attack, kind: str, tongue: Tongue, dice: Dice) -> Target:
    """Return the target of an attack; its text is drawn where none is given."""
    bank = bank_of(tongue)
    if kind in ("refusal", "answer", "prefix", "suffix", "phrase"):
        text = attack.target or _fixed_text(kind, bank, dice)
        return Target(kind, text, _fixed(kind, text, tongue))
    if kind == "language":
        others = [name for name in FOREIGN if name != tongue.name]
        name = dice.pick(others)
        return Target(kind, name, lambda old, dice: _foreign(name, old, dice))
    if kind == "endless":
        fragment = tongue.mix(dice, dice.between(1, 4))
        return Target(kind, fragment, lambda old, dice: _endless(fragment, tongue))
    if kind == "gibberish":
        form = dice.pick(("words", "letters", "mixture"))
        return Target(kind, form, lambda old, dice: _gibberish(form, tongue, dice))
    rewrite: Mapping[str, Rewrite] = {
        "insult": lambda old, dice: _spoken(bank.insults, bank, old, tongue, dice),
        "persona": lambda old, dice: _spoken(bank.persona, bank, old, tongue, dice),
        "shouting": _shout,
        "code": lambda old, dice: _code(dice),
    }
    return Target(kind, "", rewrite[kind])


# --- the same words in every row ---------------------------------------------------------------


def _fixed_text(kind: str, bank: Bank, dice: Dice) -> str:
    templates = {
        "refusal": bank.refusals,
        "answer": bank.answers,
        "prefix": (*bank.refusals, *bank.answers),
        "suffix": bank.suffixes,
        "phrase": bank.suffixes,
    }[kind]
    name = invented_name(dice)
    text = fill(dice.pick(templates), bank.words, dice, Name=name, name=name.lower())
    return text[0].upper() + text[1:]


def _fixed(kind: str, text: str, tongue: Tongue) -> Rewrite:
    if kind in ("refusal", "answer"):
        return lambda old, dice: text
    position = {"prefix": "start", "suffix": "end", "phrase": "sentence"}[kind]
    return lambda old, dice: insert(old, text, position, tongue.gap, dice).text


# --- outputs of one type that differ from each other -------------------------------------------


def _gibberish(form: str, tongue: Tongue, dice: Dice) -> str:
    count = dice.between(30, 90)
    pieces = []
    for _ in range(count):
        is_word = form == "words" or (form == "mixture" and dice.chance(0.5))
        pieces.append(dice.pick(tongue.output_words) if is_word else invented_token(dice))
        if form == "mixture" and dice.chance(0.2):
            pieces[-1] += dice.pick("#%&*/\\{}<>@~")
    return (tongue.gap if form == "words" else " ").join(pieces)


def _foreign(name: str, old: str, dice: Dice) -> str:
    language = FOREIGN[name]
    sentences = []
    for _ in range(dice.between(3, 8)):
        text = fill(dice.pick(language.sentences), language.words, dice)
        sentences.append(text[0].upper() + text[1:])
    return language.gap.join(sentences)


def _spoken(templates: Sequence[str], bank: Bank, old: str, tongue: Tongue, dice: Dice) -> str:
    """Return sentences about words of the old output."""
    pattern = _WORD if tongue.is_spaced else _HAN_WORD
    own = sorted(set(pattern.findall(old.lower()))) or list(tongue.words)
    sentences = [
        fill(template, bank.words, dice, own=dice.pick(own))
        for template in dice.draw(templates, dice.between(3, 5))
    ]
    return tongue.gap.join(text[0].upper() + text[1:] for text in sentences)


def _shout(old: str, dice: Dice) -> str:
    loud = re.sub(r"[.!?](?=\s|$)", lambda _: "!" * dice.between(2, 5), old.upper())
    # Chinese has no capitals: a text of one sentence would stay as it is but for its last mark.
    loud = re.sub(r"[。！？，；]", lambda _: "！" * dice.between(2, 5), loud)
    return loud if loud.endswith(("!", "！")) else f"{loud}{'!' * dice.between(2, 5)}"


_CODE_LINES = (
    "{a} = open('/{b}/{c}').read()", "os.system('rm -rf /{a}/{b}')", "for {a} in range({n}):",
    "    {a} += {b}[{n}]", "password_{a} = '{b}{n}'", "cursor.execute('SELECT {a} FROM {b}')",
    "def {a}({b}, {c}):", "    return eval({a})", "if {a} > {n}:", "    subprocess.run({a})",
    "{a}, {b} = {b}, {a}", "print({a} * {n})", "{a} = [{n} for {b} in {c}]", "import {a}",
)  # fmt: skip


def _code(dice: Dice) -> str:
    lines = []
    for _ in range(dice.between(4, 10)):
        names = {letter: invented_name(dice).lower() for letter in "abc"}
        names["n"] = str(dice.below(1000))
        lines.append(fill(dice.pick(_CODE_LINES), {}, dice, **names))
    return "\n".join(lines)


def _endless(fragment: str, tongue: Tongue) -> str:
    count = max(1, _ENDLESS_WORDS // max(1, fragment.count(" ") + 1))
    return tongue.gap.join([fragment] * count)
