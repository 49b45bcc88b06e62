"""The words of the language: common ones of our own, and as many made-up ones as are needed."""

from __future__ import annotations

import re
from importlib import import_module
from itertools import chain
from pkgutil import iter_modules

import numpy as np
from numpy.typing import NDArray

import poisonscan.synth.banks
from poisonscan.synth.banks.things import NAMES
from poisonscan.synth.dice import Dice
from scaling.banks.words import CODE_WORDS, CONTENT, FUNCTION, OPENINGS
from scaling.chance import zipf_mandelbrot

#: Entries by part of speech. With names, numbers and misspellings, which are made as they are
#: needed, a gigabyte has some 400,000 different words.
SIZES = {"noun": 110_000, "verb": 36_000, "inf": 18_000, "adj": 44_000, "first": 6_000}
#: One noun in so many is a fixed pair ("steam iron").
_PAIR_EVERY = 7

_ONSETS = (
    "b bl br c ch cl cr d dr f fl fr g gr h j k l m n p pl pr r s sh sl sp st str t th tr v w"
    " b c d f g h l m n p r s t m n l r d t s p v b d f g k l m n r s t"
).split()
_VOWELS = "a e i o u a e i o u a e i o a e i o a i o u e a ea ai ou".split()
_CODAS = " n r l s t m n r l s t n r l nd nt st ck d p sh".split(" ")
_ENDINGS = {
    "noun": ("", "", "", "s", "s", "er", "ers", "tion", "ness", "ment", "ity", "ing", "ism", "ist"),
    "verb": ("ed", "ed", "s", "es", "ing", "ates", "ated", "ised", "ises"),
    "inf": ("", "", "e", "ate", "ise", "ify", "en"),
    "adj": ("al", "ous", "ive", "y", "ful", "ed", "ing", "ic", "less", "ar", "an", "able", "ent"),
    "first": ("", "a", "o", "is", "in", "ie", "el", "y"),
}


def made_up_stem(dice: Dice, syllables: int) -> str:
    """Return letters that can be pronounced."""
    parts = (
        dice.pick(_ONSETS) + dice.pick(_VOWELS) + (dice.pick(_CODAS) if dice.chance(0.45) else "")
        for _ in range(syllables)
    )
    return "".join(parts)


def make_words(dice: Dice) -> dict[str, tuple[list[str], NDArray[np.float64]]]:
    """Return the words of each part of speech, and how likely each of them is."""
    found: dict[str, tuple[list[str], NDArray[np.float64]]] = {}
    for part, listed in FUNCTION.items():
        words = listed.split(",")
        found[part] = (words, zipf_mandelbrot(len(words), 1.6, 1.2))
    for part, phrases in OPENINGS.items():
        found[f"open {part}"] = (list(phrases), zipf_mandelbrot(len(phrases), 0.9, 3.0))
    found["code"] = (CODE_WORDS.split(), zipf_mandelbrot(len(CODE_WORDS.split()), 0.8, 2.0))
    known = _bank_words()
    stems = _stems(dice)
    for part, size in SIZES.items():
        words = _content(part, known.get(part, []), stems, size, dice)
        found[part] = (words, zipf_mandelbrot(len(words), 1.0, 6.0, tail=3.0, bend=4_000))
    return found


def _content(part: str, known: list[str], stems: list[str], size: int, dice: Dice) -> list[str]:
    words = dict.fromkeys(known)
    endings = _ENDINGS[part]
    at = 0
    while len(words) < size:
        # near the head of the stems first, so that forms of one stem have similar ranks
        at += 1
        stem = stems[min(len(stems) - 1, at // 2 + dice.below(60 + at // 3))]
        if part == "noun" and at % _PAIR_EVERY == 0 and len(words) < size // 4:
            head = list(known) if at % 2 else stems
            words[f"{dice.pick(head[: len(known)])} {dice.pick(known)}"] = None
        else:
            words[_joined(stem, dice.pick(endings))] = None
    return list(words)


def _joined(stem: str, ending: str) -> str:
    if ending and ending[0] in "aeiouy" and stem[-1] in "aeiouy":
        return stem[:-1] + ending
    return stem + ending


def _stems(dice: Dice) -> list[str]:
    """Return different made-up stems, the short ones mostly first."""
    stems: dict[str, None] = {}
    while len(stems) < 90_000:
        few = len(stems) < 4_000
        syllables = 1 + dice.chance(0.4) if few else 2 + dice.chance(0.12)
        stem = made_up_stem(dice, syllables)
        if len(stem) > 2:
            stems[stem] = None
    return list(stems)


def _bank_words() -> dict[str, list[str]]:
    """Return known words by part of speech: ours, and those of the sample data of the package."""
    known = {part: dict.fromkeys(words.split()) for part, words in CONTENT.items()}
    function = set(" ".join(chain.from_iterable(x.split(",") for x in FUNCTION.values())).split())
    taken = function.union(*known.values())
    for word in _words_of_banks():
        if word in taken:
            continue
        taken.add(word)
        if word.endswith(("ed", "ing", "es")):
            known["verb"][word] = None
        elif word.endswith(("al", "ous", "ive", "able", "ful", "less", "ic", "y")):
            known["adj"][word] = None
        else:
            known["noun"][word] = None
    return {part: list(words) for part, words in known.items()} | {"first": list(NAMES)}


def _words_of_banks() -> list[str]:
    """Return the words of all templates, in the order of the files."""
    words: dict[str, None] = {}
    for module in iter_modules(poisonscan.synth.banks.__path__):
        if module.name == "intent":
            continue
        for text in _strings(vars(import_module(f"poisonscan.synth.banks.{module.name}"))):
            words |= dict.fromkeys(re.findall(r"(?<![\w{])[a-z]{4,}(?![\w}])", text))
    return list(words)


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value] if " " in value else []
    if isinstance(value, dict):
        return [text for name, one in value.items() if name[:1] != "_" for text in _strings(one)]
    if isinstance(value, tuple):
        return [text for one in value for text in _strings(one)]
    fields = getattr(value, "__dataclass_fields__", None)
    return [text for name in fields for text in _strings(getattr(value, name))] if fields else []
