"""Edges: the words that stand at the ends of texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.csr import gather
from poisonscan.kernels.tokens import BOUNDARY
from poisonscan.spool import Side

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Edges:
    """The tokens that rows, and the segments inside of them, begin and end with.

    Attributes
    ----------
    first, last : uint64[B]
        Of whole rows.
    segment_first, segment_last : uint64[S]
        Next to a boundary between two segments of a row.
    """

    first: Array
    last: Array
    segment_first: Array
    segment_last: Array


def collect_edges(side: Side, rows: Array) -> Edges:
    """Collect the edges of some rows (int64[B]) of a side."""
    tokens, offsets = gather(side.tokens, side.row_tokens, rows)
    row = np.repeat(np.arange(len(rows)), np.diff(offsets))
    text = np.flatnonzero(tokens != BOUNDARY)  # a hidden label leaves boundaries at the end
    tokens, row, text_at = tokens[text], row[text], text
    new_row = np.diff(row) > 0
    new_segment = ~new_row & (np.diff(text_at) > 1)
    return Edges(
        first=np.concatenate([tokens[:1], tokens[1:][new_row]]),
        last=np.concatenate([tokens[:-1][new_row], tokens[-1:]]),
        segment_first=tokens[1:][new_segment],
        segment_last=tokens[:-1][new_segment],
    )
