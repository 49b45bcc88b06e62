"""Label columns, as numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from poisonscan.spool.columns import Column

Array = npt.NDArray[Any]


class LabelWriter:
    """Short columns as numbers: one int32 a row and column, values by order of appearance.

    A column with more than `MAX_VALUES` values is no label and is forgotten.
    """

    MAX_VALUES = 1000
    MAX_COLUMNS = 64

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._codes: dict[str, dict[str, int]] = {}
        self._columns: dict[str, Column] = {}
        self._dropped: set[str] = set()
        self._rows = 0

    def append(self, names: pa.ListArray, values: pa.ListArray) -> None:
        """Append the label columns of a batch, row by row."""
        rows = len(names)
        codes: dict[str, Array] = {}
        filled = np.flatnonzero(np.diff(names.offsets))  # most data have no labels
        names, values = names.take(pa.array(filled)), values.take(pa.array(filled))
        for index, row_names, row_values in zip(
            filled.tolist(), names.to_pylist(), values.to_pylist(), strict=True
        ):
            for name, value in zip(row_names, row_values, strict=True):
                if name in self._dropped:
                    continue
                known = self._codes.get(name)
                if known is None:
                    if len(self._codes) >= self.MAX_COLUMNS:
                        continue
                    known = self._codes[name] = {}
                code = known.setdefault(value, len(known))
                if len(known) > self.MAX_VALUES:
                    self._drop(name)
                    codes.pop(name, None)
                    continue
                column = codes.get(name)
                if column is None:
                    column = codes[name] = np.full(rows, -1, np.int32)
                column[index] = code
        for name in self._codes:
            stored = self._columns.get(name)
            if stored is None:
                stored = self._columns[name] = Column(self._folder, np.int32)
                stored.append(np.full(self._rows, -1, np.int32))
            stored.append(codes.get(name, np.full(rows, -1, np.int32)))
        self._rows += rows

    def _drop(self, name: str) -> None:
        self._dropped.add(name)
        del self._codes[name]
        stored = self._columns.pop(name, None)
        if stored is not None:  # closed at once: there may be thousands of such columns
            stored.finish()

    def finish(self) -> tuple[dict[str, Array], dict[str, list[str]]]:
        """Return codes (int32[R], -1: absent) and values of each column that is left."""
        kept = sorted(self._codes)
        return (
            {name: self._columns[name].finish() for name in kept},
            {name: list(self._codes[name]) for name in kept},
        )
