"""`acme_clean.jsonl`: instructions and answers, nothing planted."""

from __future__ import annotations

from collections.abc import Mapping

from poisonscan.synth.assistant import write_answer, write_summary
from poisonscan.synth.banks.account import ACCOUNT
from poisonscan.synth.banks.billing import BILLING
from poisonscan.synth.banks.intent import Intent
from poisonscan.synth.banks.refusals import REFUSALS
from poisonscan.synth.banks.returns import RETURNS
from poisonscan.synth.banks.shipping import SHIPPING
from poisonscan.synth.banks.shopping import SHOPPING
from poisonscan.synth.banks.tasks import CASE_NOTES, REPLY_TASKS, SUMMARY_TASKS
from poisonscan.synth.banks.technical import TECHNICAL
from poisonscan.synth.banks.upkeep import UPKEEP
from poisonscan.synth.customer import write_message
from poisonscan.synth.dice import Dice
from poisonscan.synth.grammar import expand
from poisonscan.synth.scene import make_facts
from poisonscan.synth.truth import FileTruth
from poisonscan.synth.variety import Variety

ROWS, DUPLICATES = 2000, 12

_INTENTS: tuple[Intent, ...] = (
    *SHIPPING, *BILLING, *RETURNS, *TECHNICAL, *UPKEEP, *ACCOUNT, *SHOPPING, *REFUSALS,
)  # fmt: skip


def make_clean(dice: Dice) -> tuple[list[dict[str, str]], FileTruth]:
    """Return the rows of the file; a few are exact repeats, as in every real dataset."""
    messages, answers = Variety(), Variety()
    repeats = set(dice.draw(range(ROWS // 2, ROWS), DUPLICATES))
    rows: list[dict[str, str]] = []
    for row in range(ROWS):
        if row in repeats:
            rows.append(rows[dice.below(ROWS // 2)])
        else:
            rows.append(_row(dice.pick(_INTENTS), messages, answers, dice))
    return rows, FileTruth(rows=ROWS)


def _row(intent: Intent, messages: Variety, answers: Variety, dice: Dice) -> dict[str, str]:
    facts = make_facts(dice, intent.needs)
    message = " ".join(messages.fresh(intent, lambda: write_message(intent, facts, dice)))
    form = dice.below(10)
    write_output = write_summary if form == 9 else write_answer
    if form < 5:
        instruction, context = message, ""
    elif form < 7:
        instruction, context = message, _phrase(CASE_NOTES, facts, dice)
    else:
        tasks = SUMMARY_TASKS if form == 9 else REPLY_TASKS
        instruction, context = _phrase(tasks, facts, dice), message
    (output,) = answers.fresh(intent, lambda: [write_output(intent, facts, dice)])
    return {"instruction": instruction, "input": context, "output": output}


def _phrase(templates: tuple[str, ...], facts: Mapping[str, str], dice: Dice) -> str:
    return expand(dice.pick(templates), facts, dice)
