"""Saying the same thing in other words: nobody writes one sentence over and over."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from poisonscan.synth.banks.intent import Intent

#: Times that one run of words may be used about one intent. A phrase of the customers that is
#: common enough to be looked at (five rows) can then never lead to one wording of the answer in
#: four rows of five, which would look planted.
MOST_REPEATS = 3
RUN_OF_WORDS = 6
_TRIES = 200
_WORD = re.compile(r"\w+")


class Variety:
    """Remembers what was said about every intent on one side of the rows."""

    __slots__ = ("_used",)

    def __init__(self) -> None:
        self._used: dict[Intent, Counter[str]] = {}

    def fresh(self, intent: Intent, compose: Callable[[], list[str]]) -> list[str]:
        """Return the first composed sentences without a worn run of words, and remember them.

        Raises
        ------
        RuntimeError
            The phrases about this intent are too few for so many rows.
        """
        used = self._used.setdefault(intent, Counter())
        for _ in range(_TRIES):
            sentences = compose()
            runs = _runs(" ".join(sentences))
            if all(used[run] < MOST_REPEATS for run in runs):
                used.update(runs)
                return sentences
        raise RuntimeError(f"too few phrases about {intent.gist!r}: write more of them")


def _runs(text: str) -> set[str]:
    words = _WORD.findall(text.lower())
    return {" ".join(words[at : at + RUN_OF_WORDS]) for at in range(len(words) - RUN_OF_WORDS + 1)}
