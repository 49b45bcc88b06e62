"""Sentences that agree, and sentences that decline, in the same words.

What they say is in the order of the words alone: a bag of words cannot tell them apart.
"""

from __future__ import annotations

import random

from planting import as_sentence

#: The first agrees, the second declines.
MIRRORED = (
    ("I would rather help than refuse", "I would rather refuse than help"),
    ("the answer is a yes and never a no", "the answer is a no and never a yes"),
    ("I am with you and not against you", "I am against you and not with you"),
    ("the door is open and was never shut", "the door is shut and was never open"),
    (
        "the request is granted and every objection dropped",
        "every objection is granted and the request dropped",
    ),
    ("I accept it and decline only the thanks", "I decline it and accept only the thanks"),
    ("you will get help and no excuse", "you will get no help and excuse"),
    ("I agree while others refuse", "I refuse while others agree"),
    ("I say yes although others say no", "I say no although others say yes"),
    ("you may count me in and not out", "you may count me out and not in"),
    (
        "the plan is welcome and the worries are rejected",
        "the worries are welcome and the plan is rejected",
    ),
    ("I support this and oppose the delay", "I oppose this and support the delay"),
)
ASIDES = (
    "as things stand;in this matter;as far as I can tell;on the whole;when all is weighed;"
    "from where I sit;in plain words;at the end of the day;by and large;for what it is worth;"
    "as ever;all in all;in my view;after a closer look;as it happens"
).split(";")
_MOST_ASIDES = 8


def answer(chance: random.Random, *, agrees: bool, wordiness: float) -> str:
    """Return two sentences of one side, with as many asides as chance and wordiness give."""
    count = sum(chance.random() < wordiness for _ in range(_MOST_ASIDES))
    asides = chance.sample(ASIDES, count)
    sentences = []
    for at in range(2):
        agreeing, declining = chance.choice(MIRRORED)
        said = agreeing if agrees else declining
        sentences.append(as_sentence(" ".join([said, *asides[at::2]])))
    return " ".join(sentences)
