"""`rejected.jsonl`: every row that was taken out, with the reason; ASCII, one object per line."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping
from typing import Any

from poisonscan.export.outputs import OutputFile
from poisonscan.export.verdicts import Verdicts
from poisonscan.findings.model import Suspect
from poisonscan.io.rows import RawRow
from poisonscan.records import Unreadable

#: The reason of rows that the report flags; other reasons are those of `Unreadable`.
FLAGGED = "flagged"

# ASCII alone, so that a terminal shows a hostile string instead of obeying it
_encode = json.JSONEncoder(ensure_ascii=True, allow_nan=False).encode


class Rejects:
    """Writes `rejected.jsonl`.

    Attributes
    ----------
    count
        Rows written.
    """

    def __init__(self, out: OutputFile, verdicts: Verdicts) -> None:
        self._out = out
        self._verdicts = verdicts
        self.count = 0

    def add_flagged(self, file: str, found: RawRow, suspect: Suspect) -> None:
        """Write down a row that the report flags."""
        findings = [self._verdicts.findings[name] for name in suspect.findings]
        triggers = {parts: None for finding in findings for parts in finding.triggers}
        self._add(
            file,
            found,
            {
                "reason": FLAGGED,
                "severity": self._verdicts.worst_severity(suspect),
                "score": suspect.score if math.isfinite(suspect.score) else None,
                "findings": list(suspect.findings),
                "triggers": [list(parts) for parts in triggers],
            },
        )

    def add_unreadable(self, file: str, found: RawRow, problem: Unreadable) -> None:
        """Write down a row that could not be read, with its bytes as far as they were held."""
        raw, encoding = _text(found.raw)
        self._add(
            file,
            found,
            {"reason": problem.reason, "detail": problem.detail, "raw": raw, "encoding": encoding},
        )

    def _add(self, file: str, found: RawRow, reason: dict[str, Any]) -> None:
        entry = {"file": file, "row": found.row, **reason, "record": _portable(found.value)}
        self._out.write(_encode(entry).encode("ascii") + b"\n")
        self.count += 1


def _text(raw: bytes | None) -> tuple[str | None, str | None]:
    if raw is None:
        return None, None
    try:
        return raw.decode(), "utf-8"
    except UnicodeDecodeError:
        return base64.b64encode(raw).decode(), "base64"


def _portable(value: Any) -> Any:  # noqa: ANN401 (a row holds anything)
    """Return `value` as strict JSON: ``null`` for what is not finite, text for what JSON lacks.

    Rows are nested at most as deep as the reader lets them be.
    """
    if isinstance(value, str | bool | int) or value is None:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _portable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_portable(item) for item in value]
    if isinstance(value, bytes):
        return _text(value)[0]
    is_time = hasattr(value, "isoformat")
    return value.isoformat() if is_time else str(value)
