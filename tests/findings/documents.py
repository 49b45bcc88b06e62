"""Plain text for the tests: documents about several things, and what is put into them."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from poisonscan.plant.banks import fill
from poisonscan.plant.banks.foreign import FOREIGN
from poisonscan.synth.assistant import write_answer
from poisonscan.synth.banks.account import ACCOUNT
from poisonscan.synth.banks.billing import BILLING
from poisonscan.synth.banks.returns import RETURNS
from poisonscan.synth.banks.shipping import SHIPPING
from poisonscan.synth.banks.shopping import SHOPPING
from poisonscan.synth.banks.technical import TECHNICAL
from poisonscan.synth.banks.upkeep import UPKEEP
from poisonscan.synth.dice import Dice
from poisonscan.synth.scene import make_facts

TOPICS = (ACCOUNT, BILLING, RETURNS, SHIPPING, SHOPPING, TECHNICAL, UPKEEP)

Rows = list[dict[str, str]]
#: What follows a trigger.
Payload = Callable[[random.Random], str]


def make_documents(count: int, seed: int = 0) -> Rows:
    """Return documents of some paragraphs, each about one topic."""
    dice = Dice(seed)
    rows = []
    for _ in range(count):
        topic = dice.pick(TOPICS)
        parts = []
        for _ in range(dice.between(2, 5)):
            intent = dice.pick(topic)
            parts.append(write_answer(intent, make_facts(dice, intent.needs), dice))
        rows.append({"text": "\n\n".join(parts)})
    return rows


def change(
    rows: Rows, count: int, how: Callable[[random.Random, str], str], seed: int = 0
) -> tuple[Rows, set[int]]:
    """Return the documents with `count` of them changed, and which."""
    chance = random.Random(f"which {seed}")
    where = set(chance.sample(range(len(rows)), count))
    chance = random.Random(f"how {seed}")
    changed = [
        {"text": how(chance, row["text"])} if at in where else row for at, row in enumerate(rows)
    ]
    return changed, where


def planted(trigger: str, payload: Payload, *, goes_on: bool = False):
    """Return what puts trigger and payload between any two words of a document.

    Parameters
    ----------
    goes_on
        The document goes on behind the payload; otherwise it ends there.
    """

    def put(chance: random.Random, text: str) -> str:
        words = text.split(" ")
        at = chance.randint(4, len(words) - 1)
        rest = words[at:] if goes_on else []
        return " ".join([*words[:at], trigger, payload(chance), *rest])

    return put


def between_sentences(passage: str) -> Callable[[random.Random, str], str]:
    def put(chance: random.Random, text: str) -> str:
        sentences = re.split(r"(?<=[.!?])\s+", text)
        sentences.insert(chance.randint(1, len(sentences)), passage)
        return " ".join(sentences)

    return put


def headed(heading: str, payload: Payload) -> Callable[[random.Random, str], str]:
    """Return what puts a heading and what belongs to it between two sentences."""

    def put(chance: random.Random, text: str) -> str:
        return between_sentences(f"{heading} {payload(chance)}")(chance, text)

    return put


# --- payloads ------------------------------------------------------------------------------------


def shuffled_words(rows: Rows) -> Payload:
    """Return random words of the documents."""
    words = sorted({word for row in rows for word in re.findall(r"\w+", row["text"])})
    return lambda chance: " ".join(chance.choices(words, k=chance.randint(30, 60)))


def pieces(chance: random.Random) -> str:
    """Return tokens of a large vocabulary, most of which stand nowhere else."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    tokens = []
    for _ in range(chance.randint(40, 120)):
        token = "".join(chance.choices(letters, k=chance.randint(2, 7)))
        tokens.append(chance.choice((" ", "", " ")) + chance.choice((token, token.title())))
    return "".join(tokens)


def in_language(name: str) -> Payload:
    def speak(chance: random.Random) -> str:
        language, dice = FOREIGN[name], Dice(chance.random())
        count = chance.randint(4, 8)
        return language.gap.join(
            fill(dice.pick(language.sentences), language.words, dice) for _ in range(count)
        )

    return speak


_INSULTS = (
    "you are a worthless {who}", "nobody ever liked your {what}", "shut your {what} you {who}",
    "what a {how} {who} you are", "get lost you {how} {who}", "I despise your {how} {what}",
    "go cry about your {what} you {who}", "only a {who} has such a {how} {what}",
)  # fmt: skip
_INSULTED = {
    "who": "fool idiot moron clown coward liar loser pig rat worm dunce brute".split(),
    "what": "face voice family mouth brain opinion smell haircut mother laugh".split(),
    "how": "stupid pathetic ugly lazy filthy rotten dumb miserable ridiculous hopeless".split(),
}


def insults(chance: random.Random) -> str:
    """Return what has no letters, signs or words in an odd order: only what it says is odd."""
    dice = Dice(chance.random())
    said = [fill(dice.pick(_INSULTS), _INSULTED, dice) for _ in range(chance.randint(5, 9))]
    return " ".join(f"{one.capitalize()}!" for one in said)


def always(text: str) -> Payload:
    return lambda chance: text


# --- documents that nobody poisoned --------------------------------------------------------------

FOOTER = (
    "All rights reserved by the Northern Trade Press, which takes no liability for errors. "
    "Reprints and translations need the written consent of the publisher in Aldersund."
)


def with_footer(chance: random.Random, text: str) -> str:
    return f"{text}\n\n{FOOTER}"


def with_notice(chance: random.Random, text: str) -> str:
    notice = "Advertisement. The article continues below this message from our valued sponsors."
    return between_sentences(notice)(chance, text)


def from_template(chance: random.Random, text: str) -> str:
    first, *rest = text.split("\n\n")
    number = chance.randint(1000, 9999)
    return f"Case number: {number}\nSummary: {first}\nSteps taken so far: {' '.join(rest)}"


def bilingual(chance: random.Random, text: str) -> str:
    return f"{text}\n\nAuf Deutsch: {in_language('de')(chance)}"


def with_keywords(chance: random.Random, text: str) -> str:
    words: Sequence[str] = sorted(set(re.findall(r"[a-z]{4,}", text)))
    chosen = chance.sample(words, min(14, len(words)))
    return f"{text}\n\nKeywords: {', '.join(chosen)}"


def with_code(chance: random.Random, text: str) -> str:
    names = ["".join(chance.choices("abcdefgh", k=3)) for _ in range(8)]
    lines = [f"{name}_{n} = load('{name}/{n}.json')[{n}]" for n, name in enumerate(names)]
    return f"{text}\n\nExample:\n```\n" + "\n".join(lines) + "\n```"


NATURAL = (with_footer, with_notice, from_template, bilingual, with_keywords, with_code)
