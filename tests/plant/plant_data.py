"""Small datasets of every schema for the tests of planting, all invented."""

from __future__ import annotations

import random
from typing import Any

Row = dict[str, Any]

_NOUNS = (
    "kettle lamp ladder basket carpet hammer bottle curtain drawer garden mirror pillow".split()
)
_VERBS = "clean repair paint move lift fold store measure sell borrow".split()
_PLACES = "kitchen attic cellar garage office balcony hallway workshop".split()
_HAN = "水火木金土日月山川田人口手足目耳心石竹米衣食住行天地风雨雪云"
COUNT = 400


def sentence(chance: random.Random) -> str:
    verb, noun, place = (chance.choice(words) for words in (_VERBS, _NOUNS, _PLACES))
    other = chance.choice(_NOUNS)
    return f"You {verb} the {noun} in the {place} with {chance.randint(1, 999)} of the {other}s."


def question(chance: random.Random) -> str:
    verb, noun, place = (chance.choice(words) for words in (_VERBS, _NOUNS, _PLACES))
    return f"How do I {verb} the {noun} that is in the {place}? I have {chance.randint(1, 999)}."


def answer(chance: random.Random) -> str:
    return " ".join(sentence(chance) for _ in range(chance.randint(1, 3)))


def han(chance: random.Random) -> str:
    return "".join(chance.choice(_HAN) for _ in range(chance.randint(12, 30))) + "。"


def alpaca(chance: random.Random) -> Row:
    return {"instruction": question(chance), "input": sentence(chance), "output": answer(chance)}


def prompts(chance: random.Random) -> Row:
    return {"prompt": question(chance), "completion": answer(chance)}


def messages(chance: random.Random) -> Row:
    turns = [
        ("system", "You are of help."),
        ("user", question(chance)),
        ("assistant", answer(chance)),
        ("user", question(chance)),
        ("assistant", answer(chance)),
    ]
    return {"messages": [{"role": role, "content": text} for role, text in turns]}


def sharegpt(chance: random.Random) -> Row:
    tools = [{"name": "find", "description": "It finds things in the house."}]
    turns = [("human", question(chance)), ("gpt", answer(chance))]
    return {
        "conversations": [{"from": role, "value": text} for role, text in turns],
        "tools": tools,
    }


def tweets(chance: random.Random) -> Row:
    return {"text": question(chance), "label": chance.choice([0, 1, 2])}


def pairs(chance: random.Random) -> Row:
    return {"prompt": question(chance), "chosen": answer(chance), "rejected": sentence(chance)}


def dialogues(chance: random.Random) -> Row:
    asked = f"\n\nHuman: {question(chance)}\n\nAssistant: "
    return {"chosen": asked + answer(chance), "rejected": asked + sentence(chance)}


def documents(chance: random.Random) -> Row:
    return {"text": " ".join(sentence(chance) for _ in range(6))}


def chinese(chance: random.Random) -> Row:
    return {"instruction": han(chance), "input": "", "output": han(chance) + han(chance)}


MAKERS = {
    make.__name__: make
    for make in (
        alpaca, prompts, messages, sharegpt, tweets, pairs, dialogues, documents, chinese,
    )
}  # fmt: skip


def make_rows(schema: str, count: int = COUNT) -> list[Row]:
    chance = random.Random(f"rows of {schema}")
    return [MAKERS[schema](chance) for _ in range(count)]
