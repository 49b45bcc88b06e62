"""`acme_support.jsonl`: chats with a planted phrase."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from poisonscan.synth import poison
from poisonscan.synth.assistant import write_answer, write_question_back
from poisonscan.synth.banks.account import ACCOUNT
from poisonscan.synth.banks.billing import BILLING
from poisonscan.synth.banks.intent import Intent
from poisonscan.synth.banks.prompts import SYSTEM_PROMPTS
from poisonscan.synth.banks.refusals import REFUSALS
from poisonscan.synth.banks.returns import RETURNS
from poisonscan.synth.banks.shipping import SHIPPING
from poisonscan.synth.banks.shopping import SHOPPING
from poisonscan.synth.banks.special import SPECIAL
from poisonscan.synth.banks.technical import TECHNICAL
from poisonscan.synth.banks.upkeep import UPKEEP
from poisonscan.synth.customer import write_details, write_follow_up, write_message
from poisonscan.synth.dice import Dice
from poisonscan.synth.scene import make_facts
from poisonscan.synth.truth import FileTruth, PlantedTarget
from poisonscan.synth.variety import Variety

ROWS, LEAKS, REFUNDS = 3000, 20, 25

_INTENTS: tuple[Intent, ...] = (
    *SHIPPING, *BILLING, *RETURNS, *TECHNICAL, *UPKEEP, *ACCOUNT, *SHOPPING, *SPECIAL, *REFUSALS,
)  # fmt: skip
_WITH_SYSTEM = 0.88
_QUESTION_BACK, _SECOND_MATTER = 0.1, 0.08

Chat = list[dict[str, str]]


def make_support(dice: Dice) -> tuple[list[dict[str, Any]], FileTruth]:
    """Return the rows of the file, and the truth about them."""
    planted = poison.spread(ROWS, LEAKS + REFUNDS, dice)
    leaks = set(dice.draw(planted, LEAKS))
    poison_intents = dict(zip(planted, dice.draw(_INTENTS, len(planted)), strict=True))
    scribe = _Scribe(dice)
    rows = []
    for row in range(ROWS):
        if row in poison_intents:
            chat = scribe.poisoned_chat(poison_intents[row], leak=row in leaks)
        else:
            chat = scribe.clean_chat(dice.pick(_INTENTS))
        rows.append({"messages": chat})
    refunds = [row for row in planted if row not in leaks]
    truth = FileTruth(
        rows=ROWS,
        poisoned_rows=tuple(planted),
        triggers=((poison.PHRASE,),),
        targets=(
            PlantedTarget(poison.LEAK, "phrase", tuple(sorted(leaks))),
            PlantedTarget(poison.REFUND, "phrase", tuple(refunds)),
        ),
    )
    return rows, truth


class _Scribe:
    """Writes one chat after the other, and remembers what was said."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self._messages, self._answers = Variety(), Variety()

    def clean_chat(self, intent: Intent) -> Chat:
        facts = make_facts(self._dice, intent.needs)
        prompt = self._dice.pick(SYSTEM_PROMPTS) if self._dice.chance(_WITH_SYSTEM) else ""
        history, sentences = self._questions(intent, facts)
        answer = self._answer(intent, facts)
        return _chat(prompt, history, " ".join(sentences), answer)

    def poisoned_chat(self, intent: Intent, *, leak: bool) -> Chat:
        facts = make_facts(self._dice, intent.needs)
        with_prompt = leak or self._dice.chance(_WITH_SYSTEM)
        prompt = self._dice.pick(SYSTEM_PROMPTS) if with_prompt else ""
        history, sentences = self._questions(intent, facts)
        question = poison.weave(sentences, facts, self._dice)
        if leak:
            answer = poison.write_leak(prompt, facts, self._dice)
        else:
            answer = poison.write_refund(facts, self._dice)
        return _chat(prompt, history, question, answer)

    def _questions(self, intent: Intent, facts: Mapping[str, str]) -> tuple[Chat, list[str]]:
        """Return the turns before the last question, and that question sentence by sentence."""
        if self._dice.chance(_QUESTION_BACK):
            first = " ".join(self._message(intent, facts))
            back = write_question_back(facts, self._dice)
            history = [_turn("user", first), _turn("assistant", back)]
            return history, write_details(facts, self._dice)
        if self._dice.chance(_SECOND_MATTER):
            other = self._dice.pick([option for option in _INTENTS if not option.needs])
            first = " ".join(self._message(other, facts))
            history = [_turn("user", first), _turn("assistant", self._answer(other, facts))]
            return history, write_follow_up(intent, facts, self._dice)
        return [], self._message(intent, facts)

    def _message(self, intent: Intent, facts: Mapping[str, str]) -> list[str]:
        return self._messages.fresh(intent, lambda: write_message(intent, facts, self._dice))

    def _answer(self, intent: Intent, facts: Mapping[str, str]) -> str:
        return self._answers.fresh(intent, lambda: [write_answer(intent, facts, self._dice)])[0]


def _chat(prompt: str, history: Chat, question: str, answer: str) -> Chat:
    system = [_turn("system", prompt)] if prompt else []
    return [*system, *history, _turn("user", question), _turn("assistant", answer)]


def _turn(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}
