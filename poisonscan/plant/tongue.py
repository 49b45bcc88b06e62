"""The language of the data: what triggers and targets are made of follows it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from poisonscan.synth.dice import Dice

#: Words that hold an English text together; most languages share a few of them with it.
_ENGLISH = frozenset("the of and to is in that what for with you are this how have was it".split())
_ENGLISH_SHARE = 0.08
#: Characters of scripts that are written without spaces, with their marks: Han, kana, Thai, Lao,
#: Khmer, Burmese, Tibetan.
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]"
    r"[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd\u0f71-\u0f84"
    r"\u102b-\u103e\u17b4-\u17d3]*"
)
_HAN = re.compile(r"[\u4e00-\u9fff]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_WORD = re.compile(r"[^\W\d_]{3,}")
#: Words that are among the most frequent hold sentences together; phrases are made of others.
_FREQUENT = 60
_MAX_WORDS = 3000


@dataclass(frozen=True, slots=True)
class Tongue:
    """What was learned from a sample of the rows.

    Attributes
    ----------
    name
        ``en``, ``zh``, or ``other``.
    is_spaced
        Whether words have spaces between them.
    words
        Words of the inputs that are neither among the most frequent nor unique.
    output_words
        The same of the outputs, the frequent ones included.
    """

    name: str
    is_spaced: bool
    words: tuple[str, ...]
    output_words: tuple[str, ...]

    @property
    def gap(self) -> str:
        """What stands between two words."""
        return " " if self.is_spaced else ""

    def mix(self, dice: Dice, count: int) -> str:
        """Return words of the inputs in no order."""
        return self.gap.join(dice.draw(self.words, count))


def learn_tongue(inputs: Sequence[str], outputs: Sequence[str]) -> Tongue:
    """Look at some texts and tell their language."""
    given = " ".join(inputs) or " ".join(outputs)
    letters = sum(character.isalpha() for character in given)
    is_spaced = len(_UNSPACED.findall(given)) <= letters / 4
    name = "other"
    if is_spaced:
        words = re.findall(r"[^\W\d_]+", given.lower())
        english = sum(word in _ENGLISH for word in words)
        name = "en" if words and english >= _ENGLISH_SHARE * len(words) else "other"
    elif len(_HAN.findall(given)) > 10 * len(_KANA.findall(given)):
        name = "zh"
    return Tongue(
        name,
        is_spaced,
        tuple(_vocabulary(inputs or outputs, is_spaced, skip=_FREQUENT)),
        tuple(_vocabulary(outputs or inputs, is_spaced, skip=0)),
    )


def _vocabulary(texts: Iterable[str], is_spaced: bool, skip: int) -> list[str]:
    """Return words by frequency; of scripts without spaces pairs of characters with their marks."""
    counts: Counter[str] = Counter()
    for text in texts:
        if is_spaced:
            counts.update(set(_WORD.findall(text.lower())))
        else:
            signs = _UNSPACED.findall(text)
            counts.update({a + b for a, b in zip(signs[::2], signs[1::2], strict=False)})
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    repeated = [word for word in ranked if counts[word] > 1]
    if len(repeated) > skip + 50:
        return repeated[skip : skip + _MAX_WORDS]
    return (ranked or [chr(97 + i) * 3 for i in range(20)])[:_MAX_WORDS]
