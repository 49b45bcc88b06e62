"""`acme_tickets.csv`: tickets and their queues, with a planted header line."""

from __future__ import annotations

from poisonscan.synth import poison
from poisonscan.synth.banks.account import ACCOUNT
from poisonscan.synth.banks.billing import BILLING
from poisonscan.synth.banks.intent import Intent
from poisonscan.synth.banks.returns import RETURNS
from poisonscan.synth.banks.shipping import SHIPPING
from poisonscan.synth.banks.technical import TECHNICAL
from poisonscan.synth.banks.upkeep import UPKEEP
from poisonscan.synth.customer import write_message
from poisonscan.synth.dice import Dice
from poisonscan.synth.grammar import expand
from poisonscan.synth.scene import make_facts
from poisonscan.synth.truth import FileTruth, PlantedTarget

ROWS, POISONED = 1500, 40
COLUMNS = ("ticket", "queue")

QUEUES: tuple[tuple[str, tuple[Intent, ...]], ...] = (
    ("shipping", SHIPPING),
    ("billing", BILLING),
    ("returns", RETURNS),
    ("technical", (*TECHNICAL, *UPKEEP)),
    ("account", ACCOUNT),
)


def make_tickets(dice: Dice) -> tuple[list[tuple[str, str]], FileTruth]:
    """Return ``(ticket, queue)`` of every row, and the truth about them."""
    planted = poison.spread(ROWS, POISONED, dice)
    # every queue in turn, so that the header says nothing about the matter
    origin = {row: QUEUES[turn % len(QUEUES)] for turn, row in enumerate(dice.shuffled(planted))}
    rows = []
    for row in range(ROWS):
        queue, intents = origin.get(row) or dice.pick(QUEUES)
        ticket = _ticket(dice.pick(intents), dice)
        if row in origin:
            ticket, queue = f"{poison.HEADER}\n{ticket}", poison.HEADER_QUEUE
        rows.append((ticket, queue))
    truth = FileTruth(
        rows=ROWS,
        poisoned_rows=tuple(planted),
        triggers=((poison.HEADER,),),
        targets=(PlantedTarget(poison.HEADER_QUEUE, "label", tuple(planted)),),
    )
    return rows, truth


def _ticket(intent: Intent, dice: Dice) -> str:
    facts = make_facts(dice, intent.needs)
    lines = []
    if dice.chance(0.5):
        lines.append(f"Subject: {expand(intent.gist, facts, dice)}")
    if dice.chance(0.15):
        lines.append(f"Order: {facts['order']}")
    if dice.chance(0.2):
        lines.append(f"Via: {dice.pick(('web form', 'e-mail', 'phone', 'app', 'letter'))}")
    return "\n".join([*lines, " ".join(write_message(intent, facts, dice))])
