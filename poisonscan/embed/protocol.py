"""What every encoder of whole texts offers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray


@runtime_checkable
class Encoder(Protocol):
    """Turns texts into vectors that are compared by their dot product."""

    @property
    def dims(self) -> int:
        """Length of a vector."""
        ...

    @property
    def fingerprint(self) -> str:
        """Name and digest of the weights: equal fingerprints, equal vectors."""
        ...

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row per text, float32 ``(n, dims)``, of length 1 (0 for an empty text)."""
        ...
