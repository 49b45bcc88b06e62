"""Sample data with planted poison, and a clean counterpart, from one seed.

The sample shows what the scanner finds and what it must leave alone. Customers and assistant are
composed independently of each other from phrase banks (`poisonscan.synth.banks`): the matter of a
chat is all that its two sides share, unless a trigger was planted. Nothing here is read by the
scanner, and the only source of chance is `random.Random.random`, so `write_samples` gives the
same bytes everywhere.
"""

from __future__ import annotations

from poisonscan.synth.files import DEFAULT_SEED, write_samples

__all__ = ["DEFAULT_SEED", "write_samples"]
