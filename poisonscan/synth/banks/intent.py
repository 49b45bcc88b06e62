"""What a customer may want: the shape of an entry in the banks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One thing that customers write about.

    Attributes
    ----------
    gist
        Noun phrase: the subject line of a ticket, the object of a summary.
    asks
        Sentences of the customer, each of which says the whole matter.
    answers
        Sentences of the assistant; each stands alone, so any few of them in any order are an
        answer.
    needs
        Trait that a product must have for this to make sense; empty: any product.
    """

    gist: str
    asks: tuple[str, ...]
    answers: tuple[str, ...]
    needs: str = ""
