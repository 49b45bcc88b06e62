"""The assistant's side: answers put together from sentences that stand alone."""

from __future__ import annotations

from collections.abc import Mapping

from poisonscan.synth.banks.intent import Intent
from poisonscan.synth.banks.talk import ACKNOWLEDGEMENTS, FAREWELLS, QUESTIONS_BACK
from poisonscan.synth.banks.tasks import NEXT_STEPS, SUMMARIES
from poisonscan.synth.dice import Dice
from poisonscan.synth.grammar import expand, lowered

#: Characters of an answer; what falls outside is composed again.
SHORTEST, LONGEST = 60, 250


def write_answer(intent: Intent, facts: Mapping[str, str], dice: Dice) -> str:
    """Return an answer about the intent, `SHORTEST` to `LONGEST` characters long."""
    while True:
        count = dice.pick((1, 1, 2, 2, 2, 3))
        templates = dice.draw(intent.answers, count)
        if dice.chance(0.35):
            templates.insert(0, dice.pick(ACKNOWLEDGEMENTS))
        if dice.chance(0.3):
            templates.append(dice.pick(FAREWELLS))
        answer = " ".join(expand(template, facts, dice) for template in templates)
        if SHORTEST <= len(answer) <= LONGEST:
            return answer


def write_question_back(facts: Mapping[str, str], dice: Dice) -> str:
    """Return a question that the assistant asks before it answers."""
    return expand(dice.pick(QUESTIONS_BACK), facts, dice)


def write_summary(intent: Intent, facts: Mapping[str, str], dice: Dice) -> str:
    """Return a note for colleagues about a message with this intent."""
    while True:
        gist = {**facts, "gist": lowered(expand(intent.gist, facts, dice))}
        templates = [dice.pick(SUMMARIES), *dice.draw(NEXT_STEPS, dice.pick((1, 1, 2)))]
        summary = " ".join(expand(template, gist, dice) for template in templates)
        if SHORTEST <= len(summary) <= LONGEST:
            return summary
