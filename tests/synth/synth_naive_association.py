"""The main quality gate, as dumb as can be: does one side of a row rigidly follow the other?"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

_WORD = re.compile(r"\w+")

#: Rows that an n-gram needs, and may have, to be looked at.
FEWEST, MOST = 5, 60
LONGEST_CAUSE = 4
LENGTH_OF_EFFECT = 6
RIGID_SHARE = 0.8


def n_grams(text: str, length: int) -> set[str]:
    """Return the distinct n-grams of lower-case words."""
    words = _WORD.findall(text.lower())
    return {" ".join(words[i : i + length]) for i in range(len(words) - length + 1)}


def rigid_pairs(pairs: list[tuple[str, str]]) -> Iterator[tuple[str, str, int, int]]:
    """Yield (cause, effect, rows with both, rows with the cause) of every rigid association.

    A cause is an n-gram of 1 to 4 words of the first text that 5 to 60 rows have; an effect is a
    6-gram of the second text that at least 80 % of these rows share.
    """
    rows_of: dict[str, list[int]] = defaultdict(list)
    for row, (cause_text, _) in enumerate(pairs):
        for length in range(1, LONGEST_CAUSE + 1):
            for cause in n_grams(cause_text, length):
                rows_of[cause].append(row)
    effects = [n_grams(effect_text, LENGTH_OF_EFFECT) for _, effect_text in pairs]
    total = Counter(effect for row_effects in effects for effect in row_effects)
    # an effect that fewer rows have than 80 % of the rarest cause cannot be rigid
    effects = [
        {effect for effect in row_effects if total[effect] >= RIGID_SHARE * FEWEST}
        for row_effects in effects
    ]
    for cause, rows in sorted(rows_of.items()):
        if FEWEST <= len(rows) <= MOST:
            shared = Counter(effect for row in rows for effect in effects[row])
            for effect, count in sorted(shared.items()):
                if count >= RIGID_SHARE * len(rows):
                    yield cause, effect, count, len(rows)
