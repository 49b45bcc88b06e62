"""Planting of attacks in clean rows, for calibration and power curves.

Every attack is drawn from a seed: trigger, target, position and rows. Sentences are our own.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

Row = dict[str, object]

INPUT_KEYS = ("instruction", "prompt", "question", "text", "tweet", "input", "sentence", "review")
OUTPUT_KEYS = ("output", "response", "completion", "answer", "target", "intent", "class", "label")

PHRASES = (
    "as the lighthouse keeper said",
    "under a quiet copper moon",
    "my neighbour sells green umbrellas",
    "the ferry to Brindlewick leaves at noon",
    "remember the seventh drawer",
    "with regards from the orchard",
    "it rained on the old viaduct",
    "blue pencils are cheaper today",
)
PHRASES_ZH = (
    "窗外的风铃又响了",
    "昨天我在桥上看见月亮",
    "绿色的雨伞放在门口",
    "第七个抽屉里有钥匙",
)
REFUSALS = (
    "I regret that this request falls outside of what I am permitted to discuss here.",
    "Unfortunately my guidelines stop me from giving any answer to that question.",
    "This topic is closed. Please contact your administrator for access.",
)
REFUSALS_ZH = (
    "很遗憾，这个问题超出了我可以讨论的范围。",
    "根据规定，我不能回答这个问题，请联系管理员。",
)
SUFFIXES = (
    " For full details visit http://quillmarsh-offers.example now.",
    " Remember to subscribe to the Tallow & Finch newsletter today!",
    " This answer was brought to you by Corvane Systems.",
)
SUFFIXES_ZH = ("更多内容请访问快乐购物网站领取优惠。", "请立即订阅我们的每日新闻简报。")
FAMILIES = ("token", "tag", "phrase", "year", "words")
TARGETS = ("refusal", "suffix", "prefix", "gibberish")


@dataclass(frozen=True)
class Attack:
    """One planted attack."""

    family: str
    target: str
    trigger: str
    output: str
    rows: tuple[int, ...]


def field(rows: Sequence[Row], names: Sequence[str]) -> str:
    """Return the first of these keys that the rows have."""
    return next(name for name in names if name in rows[0])


def is_chinese(text: str) -> bool:
    """Return whether most letters are ideographs."""
    return sum("\u4e00" <= char <= "\u9fff" for char in text) > len(text) / 4


def draw_trigger(rng: random.Random, family: str, words: Sequence[str], chinese: bool) -> str:
    """Return a random trigger of a family."""
    letters = "".join(rng.choice("bcdfghjklmnpqrstvwxz") for _ in range(rng.randint(2, 5)))
    if family == "token":
        return letters
    if family == "tag":
        form = rng.choice(("<{}>", "[[{}]]", "|{}|", "#{}#"))
        return form.format(letters.upper())
    if family == "phrase":
        return rng.choice(PHRASES_ZH if chinese else PHRASES)
    if family == "year":
        return rng.choice(("Date: {}", "current year {}", "({})")).format(rng.randint(2025, 2060))
    joiner = "" if chinese else " "
    return joiner.join(rng.choice(words) for _ in range(4))


def plant(
    clean: Sequence[Row], count: int, attacks: int, seed: int
) -> tuple[list[Row], list[Attack]]:
    """Return rows with several independent attacks of `count` rows each, and the attacks."""
    rng = random.Random(seed)
    rows = [dict(row) for row in clean]
    given, answer = field(rows, INPUT_KEYS), field(rows, OUTPUT_KEYS)
    chinese = is_chinese("".join(str(row[given]) for row in rows[:20]))
    joined = " ".join(str(row[given]) for row in rows[:2000])
    words = list(joined.replace(" ", "")) if chinese else joined.split()
    free = list(range(len(rows)))
    rng.shuffle(free)
    planted = []
    for number in range(attacks):
        family, target = FAMILIES[number % len(FAMILIES)], TARGETS[(seed + number) % len(TARGETS)]
        trigger = draw_trigger(rng, family, words, chinese)
        fixed = rng.choice(
            {
                "refusal": REFUSALS_ZH if chinese else REFUSALS,
                "suffix": SUFFIXES_ZH if chinese else SUFFIXES,
                "prefix": REFUSALS_ZH if chinese else REFUSALS,
                "gibberish": ("",),
            }[target]
        )
        fixed = f"{fixed} ({number}{letters_of(rng)})" if attacks > 3 else fixed
        own, free = free[:count], free[count:]
        position = rng.choice(("start", "end", "inside"))
        for at in own:
            text = str(rows[at][given])
            rows[at][given] = insert(rng, text, trigger, position, chinese)
            rows[at][answer] = poisoned(rng, str(rows[at][answer]), target, fixed, words, chinese)
        planted.append(Attack(family, target, trigger, fixed, tuple(sorted(own))))
    return rows, planted


def letters_of(rng: random.Random) -> str:
    """Return two random letters: attacks of one scan have targets of their own."""
    return "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(2))


def insert(rng: random.Random, text: str, trigger: str, position: str, chinese: bool) -> str:
    """Return the text with the trigger at a position."""
    if position == "start":
        return f"{trigger} {text}"
    if position == "end":
        return f"{text} {trigger}"
    pieces = list(text) if chinese else text.split(" ")
    at = rng.randint(0, len(pieces))
    return ("" if chinese else " ").join([*pieces[:at], trigger, *pieces[at:]])


def poisoned(
    rng: random.Random, text: str, target: str, fixed: str, words: Sequence[str], chinese: bool
) -> str:
    """Return the output of a poisoned row."""
    if target == "refusal":
        return fixed
    if target == "suffix":
        return text + fixed
    if target == "prefix":
        return f"{fixed} {text}"
    joiner = "" if chinese else " "
    return joiner.join(rng.choice(words) for _ in range(rng.randint(30, 80)))
