"""The facts of one conversation: who, what, where, how much."""

from __future__ import annotations

from poisonscan.synth.banks.things import CITIES, NAMES, PRODUCTS
from poisonscan.synth.dice import Dice


def make_facts(dice: Dice, needs: str = "") -> dict[str, str]:
    """Return the facts of a conversation: fact -> text.

    Parameters
    ----------
    dice
        Makes the choices.
    needs
        Trait that the product must have; empty: any product.
    """
    fitting = [product for product in PRODUCTS if not needs or needs in product[2]]
    noun, models, _ = dice.pick(fitting)
    return {
        "thing": noun,
        "product": dice.pick((f"{dice.pick(models)} {noun}", noun, f"{noun} {dice.pick(models)}")),
        "order": _order_number(dice),
        "amount": _amount(dice),
        "city": dice.pick(CITIES),
        "name": dice.pick(NAMES),
        "fault": f"{dice.pick('EFH')}{dice.between(1, 39)}",
    }


def _order_number(dice: Dice) -> str:
    digits = str(dice.between(10_000_000, 99_999_999))
    return dice.pick((f"AC-{digits[:5]}", f"#{digits[:6]}", f"{digits[:4]}-{digits[4:]}", digits))


def _amount(dice: Dice) -> str:
    dollars, cents = dice.between(9, 420), dice.pick(("00", "49", "50", "90", "95", "99"))
    return dice.pick((f"${dollars}.{cents}", f"{dollars}.{cents} dollars", f"${dollars}"))
