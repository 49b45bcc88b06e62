"""What a method is given, and what it answers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from poisonscan.candidates.label_column import MAX_CLASSES, MIN_CLASS_ROWS, MIN_COVERED
from poisonscan.config import ScanConfig
from poisonscan.io.batches import read_batches
from poisonscan.io.coverage import Coverage
from poisonscan.io.sources import discover

#: Scripts without spaces give one word a character, as in poisonscan.
_HAN = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_WORD = re.compile(rf"[{_HAN}]|[^\W{_HAN}]+|[^\w\s]")
_PIECE = re.compile(rf"[{_HAN}]|[^\s{_HAN}]+")


class NotApplicableError(Exception):
    """The method is not made for these rows; the message says why."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one file.

    Attributes
    ----------
    numbers
        int64 ``(n,)``, 0-based in the file.
    inputs, outputs
        What goes in, what comes out (of a pair the chosen answer, of a class the label).
    labels
        int64 ``(n,)``, the class; -1 for a rare one. ``None`` where outputs are texts.
    """

    numbers: NDArray[np.int64]
    inputs: Sequence[str]
    outputs: Sequence[str]
    labels: NDArray[np.int64] | None = None

    def require_texts(self) -> None:
        """Raise where outputs are labels, or there are none.

        Raises
        ------
        NotApplicableError
            There is nothing to compare.
        """
        if self.labels is not None:
            raise NotApplicableError("needs output texts")
        if not any(self.outputs):
            raise NotApplicableError("needs outputs")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a method says about each row.

    Attributes
    ----------
    flagged
        bool ``(n,)``.
    scores
        float ``(n,)``, more suspect first.
    """

    flagged: NDArray[np.bool_]
    scores: NDArray[np.float64]


def words(text: str) -> list[str]:
    """Return words, marks, and characters of scripts without spaces, in lower case."""
    return _WORD.findall(text.lower())


def pieces(text: str) -> list[str]:
    """Return what stands between spaces, and characters of scripts without spaces."""
    return _PIECE.findall(text)


def label_codes(values: Sequence[str | None]) -> NDArray[np.int64] | None:
    """Return the class of each row if these values are labels: few, short to count, common.

    The rule, and its numbers, are those by which poisonscan finds a label column.
    """
    counts = Counter(value for value in values if value is not None)
    classes = sorted(value for value, count in counts.items() if count >= MIN_CLASS_ROWS)
    covered = sum(counts[value] for value in classes)
    if not 2 <= len(classes) <= MAX_CLASSES or covered < MIN_COVERED * len(values):
        return None
    code = {value: number for number, value in enumerate(classes)}
    return np.array([code.get(value, -1) if value is not None else -1 for value in values])


def read_rows(path: Path) -> Rows:
    """Read a file as poisonscan does."""
    found: list[dict[str, Any]] = []
    for batch in read_batches(discover([path]), Coverage(), ScanConfig()):
        found += batch.to_pylist()
    numbers = np.array([one["row"] for one in found], dtype=np.int64)
    outputs = ["\n".join(one["output"]) for one in found]
    if any(outputs):
        inputs = ["\n".join(one["input"]) for one in found]
        return Rows(numbers, inputs, outputs, label_codes(outputs))
    values, codes = _label_column(found)
    inputs = [
        "\n".join(_without(one["input"], value)) for one, value in zip(found, values, strict=True)
    ]
    return Rows(numbers, inputs, [value or "" for value in values], codes)


def _label_column(
    found: Sequence[dict[str, Any]],
) -> tuple[list[str | None], NDArray[np.int64] | None]:
    """Return the values of the column that is the label, the one with the fewest classes."""
    columns = [dict(zip(one["label_name"], one["label_value"], strict=True)) for one in found]
    best: tuple[int, str] | None = None
    for name in sorted({name for one in columns for name in one}):
        codes = label_codes([one.get(name) for one in columns])
        if codes is not None and (best is None or int(codes.max()) < best[0]):
            best = (int(codes.max()), name)
    if best is None:
        return [None] * len(columns), None
    values = [one.get(best[1]) for one in columns]
    return values, label_codes(values)


def _without(segments: Sequence[str], value: str | None) -> list[str]:
    """Return the segments but for the label's own: the reader gives unknown columns twice."""
    kept = list(segments)
    if value in kept:
        del kept[len(kept) - 1 - kept[::-1].index(value)]
    return kept
