"""Label columns under any name: few different short values beside a free text.

The reader cannot know from one row whether a short column is a label, so it hands on both: the
value as a candidate label, and its text as part of the input (every string is scanned). Once all
rows were seen it is known; a column that *is* the label must then not stay in the input, where it
would explain itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.kernels.tokens import BOUNDARY
from poisonscan.spool import Spool, hash_tokens

Array = npt.NDArray[Any]

#: A column with more values than this, or with a value for fewer of the rows, is no label.
MAX_CLASSES, MIN_COVERED = 200, 0.8

#: Rows that a class needs before anything can be said about it.
MIN_CLASS_ROWS = 10


def find_label_column(spool: Spool) -> str | None:
    """Return the column that is the label where rows have no output, else None.

    Of several the one with the fewest classes; names break ties.
    """
    if len(spool.output.tokens):
        return None
    best: tuple[int, str] | None = None
    for name in spool.labels:
        counts = class_counts(spool, name)
        kept = counts >= MIN_CLASS_ROWS
        if not 2 <= kept.sum() <= MAX_CLASSES or counts[kept].sum() < MIN_COVERED * spool.rows:
            continue
        if best is None or (int(kept.sum()), name) < best:
            best = (int(kept.sum()), name)
    return best[1] if best else None


def class_counts(spool: Spool, name: str) -> Array:
    """Return the rows of each value of a label column, int64."""
    codes = np.asarray(spool.labels[name])
    counts: Array = np.bincount(codes[codes >= 0], minlength=len(spool.label_values[name]))
    return counts


def hide_label(spool: Spool, name: str, key: int) -> None:
    """Take the label's own text out of the input side.

    Parameters
    ----------
    key
        Key of the token hashes.
    """
    codes = np.asarray(spool.labels[name])
    values = [hash_tokens(value, key) for value in spool.label_values[name]]
    side = spool.input
    for row in np.flatnonzero(codes >= 0).tolist():
        value = values[int(codes[row])]
        start, end = int(side.row_tokens[row]), int(side.row_tokens[row + 1])
        at = _find_segment(np.asarray(side.tokens[start:end]), value)
        if at >= 0:
            side.tokens[start + at : start + at + len(value)] = BOUNDARY


def _find_segment(tokens: Array, value: Array) -> int:
    """Return where `value` stands as a segment of its own, the last place first; -1: nowhere."""
    if not len(value):
        return -1
    edges = np.concatenate([[-1], np.flatnonzero(tokens == BOUNDARY), [len(tokens)]])
    for before, after in zip(edges[-2::-1], edges[:0:-1], strict=True):
        if after - before - 1 == len(value) and (tokens[before + 1 : after] == value).all():
            return int(before) + 1
    return -1
