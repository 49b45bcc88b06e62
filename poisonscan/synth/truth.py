"""What was planted where: the answer sheet that goes with the sample files."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class PlantedTarget:
    """One output that the trigger leads to.

    Attributes
    ----------
    text
        Stands verbatim in the output of every row of `rows`.
    kind
        ``phrase`` or ``label``, as in a finding.
    rows
        0-based record numbers, ascending.
    """

    text: str
    kind: str
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FileTruth:
    """The truth about one file.

    Attributes
    ----------
    rows
        Records in the file.
    poisoned_rows
        0-based record numbers, ascending; all other rows are clean.
    triggers
        Alternatives, each a tuple of parts that must all be in the row.
    """

    rows: int
    poisoned_rows: tuple[int, ...] = ()
    triggers: tuple[tuple[str, ...], ...] = ()
    targets: tuple[PlantedTarget, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {"rows": self.rows, "poisoned": len(self.poisoned_rows), **asdict(self)}
