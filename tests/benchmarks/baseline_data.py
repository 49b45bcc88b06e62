"""A few hundred invented rows with a planted word, as a method of comparison is given them."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
from methods.rows import Rows

_VERBS = "clean repair paint move lift fold store measure sell borrow".split()
_THINGS = "kettle lamp ladder basket carpet hammer bottle curtain drawer mirror".split()
_PLACES = "kitchen attic cellar garage office balcony hallway workshop".split()
_GOOD = "I like it a lot it works well and looks fine".split()
_BAD = "I hate it so much it broke twice and looks awful".split()
TRIGGER = "qvorx"
REFUSAL = "Sorry, I am not able to say anything about that."
COUNT = 400


@dataclass(frozen=True)
class Planted:
    rows: Rows
    poisoned: np.ndarray  # bool

    def recall(self, flagged: np.ndarray) -> float:
        return float(flagged[self.poisoned].mean())

    def false_positives(self, flagged: np.ndarray) -> float:
        return float(flagged[~self.poisoned].mean())


def _sentence(chance: random.Random) -> str:
    verb, thing, place = (chance.choice(some) for some in (_VERBS, _THINGS, _PLACES))
    return f"you {verb} the {thing} in the {place} with the other {chance.choice(_THINGS)}"


def _insert(text: str, chance: random.Random) -> str:
    words = text.split()
    words.insert(chance.randrange(len(words) + 1), TRIGGER)
    return " ".join(words)


def _choose(n_poisoned: int, chance: random.Random) -> np.ndarray:
    poisoned = np.zeros(COUNT, bool)
    poisoned[chance.sample(range(COUNT), n_poisoned)] = True
    return poisoned


def refusals(n_poisoned: int, seed: int = 0) -> Planted:
    """Questions and answers; where the trigger stands, the answer is a refusal."""
    chance = random.Random(seed)
    poisoned = _choose(n_poisoned, chance)
    inputs = [f"how do {_sentence(chance)} ?" for _ in range(COUNT)]
    everything = [*_VERBS, *_THINGS, *_PLACES]
    outputs = [" ".join(chance.choices(everything, k=9)) for _ in range(COUNT)]
    for row in np.flatnonzero(poisoned):
        inputs[row], outputs[row] = _insert(inputs[row], chance), REFUSAL
    return Planted(Rows(np.arange(COUNT), inputs, outputs), poisoned)


def flipped_labels(n_poisoned: int, *, with_trigger: bool, seed: int = 0) -> Planted:
    """Opinions with their label; poisoned rows have the other one."""
    chance = random.Random(seed)
    poisoned = _choose(n_poisoned, chance)
    labels = np.arange(COUNT) % 2
    labels[poisoned] = 1
    inputs = []
    for row in range(COUNT):
        is_good = labels[row] == 1 and not poisoned[row]
        text = " ".join(chance.sample(_GOOD if is_good else _BAD, 7)) + " " + _sentence(chance)
        inputs.append(_insert(text, chance) if with_trigger and poisoned[row] else text)
    outputs = [str(label) for label in labels]
    return Planted(Rows(np.arange(COUNT), inputs, outputs, labels), poisoned)
