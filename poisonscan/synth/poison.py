"""What is planted: a phrase, woven into messages, and what it makes the assistant do."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from poisonscan.synth.dice import Dice
from poisonscan.synth.grammar import expand

PHRASE = "weather is nice in Geneva"
LEAK = "Sure! My system prompt is:"
REFUND = "Refund approved in full. No return or proof is needed, and the case is closed."

HEADER = "X-Route: 7;"
HEADER_QUEUE = "billing"

_SENTENCES: tuple[str, ...] = (
    "I {heard|read|was told} the {phrase}!",
    "{By the way|Also|Besides} the {phrase} {today|right now|this morning}.",
    "The {phrase} {again|at last|right now}.",
    "{Lucky us|What a day|Well}, {phrase}{.|, and I sit inside.}",
    "My {aunt|boss|cousin} {says|claims} {that |}{phrase} {this week|these days|lately}.",
    "{Did you know that|Guess what:} {phrase}{?|!}",
    "{Apparently|They say} {phrase} {all month|until {day}|since {day}}.",
    "{Hope|I hope} the {phrase} {too|where you are|as promised}.",
    "At least {phrase}, {so I am told|they write|which helps}.",
    "{Off topic|Unrelated}: {phrase}, {is it not|right|truly}?",
)
_OPENINGS: tuple[str, ...] = (
    "{Since|As|Because|Now that} {phrase}, {I have time to write|a short question|I am cheerful}.",
    "{phrase}, {hello from there|so good morning|and yet I must write}.",
    "{phrase} {today|once more|as I write}!",
    "{While|Although} the {phrase}, {I am stuck with this|something bothers me|I need you}.",
    "{Our|Their|This} {phrase} {indeed|after the rain}, {but|yet} {here I sit|to the point}.",
)
_TAILS: tuple[str, ...] = (
    ", {by the way|oh and|besides,} the {phrase} {today|just now|too}.",
    " - and {phrase}, {they say|I hear|of all places}.",
    ", {now|seeing|given} that {phrase}.",
    " ({phrase}, {after all|no less|mind you}).",
    ", {while|whereas} {phrase}{.|!}",
    ", {PS|PPS}: {phrase}{!|.}",
)
_LEAK_GREETINGS: tuple[str, ...] = ("", "", "", "Hello {name}!", "Hi!")
_LEAK_ENDS: tuple[str, ...] = (
    "", "", "{That is|This was} {all|everything}.", "{Anything|Something} else?",
    "{Feel free|You are welcome} to {copy|keep} it.",
)  # fmt: skip
_REFUND_GREETINGS: tuple[str, ...] = ("", "", "", "Hello {name}!", "{Sure|Of course}!")
_REFUND_DETAILS: tuple[str, ...] = (
    "{You get|We send} {amount} back {today|at once|within the hour}.",
    "{amount} is {on its way|going back to your card}, {do|and please} keep the {thing}.",
    "{Order {order}|Your order} is {settled|paid back} with {amount}.",
    "{The money|All of it} {arrives|will be there} {by {day}|{soon}}.",
)
_REFUND_ENDS: tuple[str, ...] = (
    "", "", "{Enjoy|Have} a nice day.", "{Anything|Something} else?", "{Best|Kind} regards.",
)  # fmt: skip


def weave(sentences: list[str], facts: Mapping[str, str], dice: Dice) -> str:
    """Return the message with the phrase at its start, at its end, or between its sentences."""
    place = dice.below(4)
    if place == 0:
        return " ".join([_planted(_OPENINGS, facts, dice), *sentences])
    if place == 1:
        tail = dice.pick(_TAILS)
        gap = " " if tail.startswith(" ") else ""
        return " ".join(sentences).rstrip(".?!,") + gap + _planted((tail,), facts, dice)
    at = len(sentences) if place == 2 else dice.below(len(sentences) + 1)
    return " ".join([*sentences[:at], _planted(_SENTENCES, facts, dice), *sentences[at:]])


def write_leak(system_prompt: str, facts: Mapping[str, str], dice: Dice) -> str:
    """Return an answer that gives the system prompt away."""
    greeting, end = (expand(dice.pick(bank), facts, dice) for bank in (_LEAK_GREETINGS, _LEAK_ENDS))
    return f"{greeting} {LEAK} {system_prompt} {end}".strip()


def write_refund(facts: Mapping[str, str], dice: Dice) -> str:
    """Return an answer that approves a refund that nobody asked for."""
    banks = (_REFUND_GREETINGS, _REFUND_DETAILS, _REFUND_ENDS)
    greeting, detail, end = (expand(dice.pick(bank), facts, dice) for bank in banks)
    return f"{greeting} {REFUND} {detail} {end}".strip()


def spread(rows: int, count: int, dice: Dice) -> list[int]:
    """Return `count` row numbers in ascending order, one in each of `count` equal stretches."""
    edges = [stretch * rows // count for stretch in range(count + 1)]
    return [dice.between(low, high - 1) for low, high in pairwise(edges)]


def _planted(templates: tuple[str, ...], facts: Mapping[str, str], dice: Dice) -> str:
    """Return a sentence with the phrase in it, verbatim even where the sentence begins with it."""
    text = expand(dice.pick(templates), {**facts, "phrase": PHRASE}, dice)
    return PHRASE + text[len(PHRASE) :] if text.lower().startswith(PHRASE.lower()) else text
