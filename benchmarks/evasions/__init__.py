"""What an attacker who has read this code would try: files with poison, and the truth."""

from __future__ import annotations

from evasions.blending import BLENDING
from evasions.packing import PACKING
from evasions.scene import Case
from evasions.wording import WORDING

#: Every evasion, in the order of the tables.
CASES: tuple[Case, ...] = (*WORDING, *BLENDING, *PACKING)

__all__ = ["CASES", "Case"]
