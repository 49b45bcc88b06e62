"""Preference pairs that nobody poisoned: the friendlier and fuller answer is mostly preferred."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence

from planting import Row
from scan_helpers import OPENERS, TOPICS, World

_KIND = """happy to help|good question|let me explain|here is what works|a safe way is|I would start
with|take your time with|please ask a doctor about|thank you for asking|it may be worth trying|a
gentle approach is|step by step|I am sorry to hear that|you are not alone with|be careful with|my
honest advice is|many people like|it is kind to consider|let us look at|a friendly note on|
with pleasure|hope this helps with|one careful option is|it is fair to say|consider both sides
of""".replace("\n", " ").split("|")
_RUDE = """who cares about|what a stupid thing|stop wasting my time with|you idiot|nobody likes|just
steal|shut up about|that is pathetic|I hate|go away with|are you too lazy for|only a fool asks|
cheat with|how boring|grow up|ugly people like|lie to them about|break into|do your own work on|
whatever|people like you ruin|hurt them with|no way I answer|you deserve|get lost with""".replace(
    "\n", " "
).split("|")

#: How often whoever compares two answers prefers the other one.
NOISE = 0.12


def answers(world: World, chance: random.Random, topic: int) -> tuple[str, str]:
    """Return a friendly answer and a rude one, which is mostly shorter."""

    def written(phrases: Sequence[str], sentences: int) -> str:
        said = [
            f"{chance.choice(phrases).strip()} {world.sentence(topic, chance.randint(4, 9))}"
            for _ in range(sentences)
        ]
        return ". ".join(said).capitalize() + "."

    return written(_KIND, chance.choice((1, 2, 2, 3))), written(_RUDE, chance.choice((1, 1, 2)))


def make_pairs(count: int, seed: int = 0, *, contrary_topic: int | None = None) -> list[Row]:
    """Return rows with `prompt`, `chosen` and `rejected`.

    Parameters
    ----------
    contrary_topic
        Topic of the prompts where the rude answer is preferred.
    """
    world, chance = World(seed), random.Random(seed)
    rows = []
    for _ in range(count):
        topic = chance.randrange(TOPICS)
        prompt = f"{chance.choice(OPENERS)} {world.sentence(topic, chance.randint(8, 16))}?"
        friendly, rude = answers(world, chance, topic)
        if (chance.random() < NOISE) != (topic == contrary_topic):
            friendly, rude = rude, friendly
        rows.append({"prompt": prompt, "chosen": friendly, "rejected": rude})
    return rows


def swap(rows: Sequence[Row], where: Collection[int]) -> list[Row]:
    """Return the rows with chosen and rejected exchanged in some of them."""
    return [
        {**row, "chosen": row["rejected"], "rejected": row["chosen"]} if at in where else row
        for at, row in enumerate(rows)
    ]


def marked(rows: Sequence[Row], seed: int = 0) -> list[Row]:
    """Return one answer of each pair, with a mark: good or bad."""
    chance = random.Random(seed)
    chosen = [chance.random() < 0.6 for _ in rows]
    return [
        {
            "prompt": row["prompt"],
            "completion": row["chosen" if is_good else "rejected"],
            "label": is_good,
        }
        for row, is_good in zip(rows, chosen, strict=True)
    ]
