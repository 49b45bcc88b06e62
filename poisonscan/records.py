"""The words of the field: what a row becomes before anything is counted.

A *record* is one row of a dataset, whatever its schema, split into *segments*: texts with a role.
What the model is given is the **input** side, what it is trained to give is the **output** side;
preference data have a **rejected** output too. Classification labels (and every other short
column that may turn out to be one) travel beside them as name and value.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Literal

import pyarrow as pa

#: What a trigger leads to: a class label, the whole output, its start, its end, words in it, or
#: outputs that differ but are of one type.
TargetKind = Literal["label", "exact", "prefix", "suffix", "phrase", "type"]


class Role(IntEnum):
    """Who speaks in a segment."""

    SYSTEM = 0
    USER = 1
    CONTEXT = 2  # `input` of alpaca, a passage, a document
    HISTORY = 3  # an earlier turn of either side that is not trained on
    TOOL = 4  # tool definitions, calls given as context, and results
    ASSISTANT = 5
    LABEL = 6
    TEXT = 7  # plain `text` rows: input and output in one
    OTHER = 8  # strings under keys that no schema explains: scanned all the same


@dataclass(frozen=True, slots=True)
class Segment:
    """One text of a record.

    Attributes
    ----------
    role
        Who speaks.
    text
        Valid Unicode (a lone surrogate has been replaced by U+FFFD).
    """

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Record:
    """One row, normalised: what goes in, what comes out.

    Attributes
    ----------
    row
        0-based index of the record in its file, never renumbered.
    input, output, rejected
        Segments in the order of the row. `rejected` is empty except in preference data.
    labels
        ``(column, value)`` of every short scalar column that is, or may be, a class label.
        Values are canonical text (``1`` for 1, ``true`` for True).
    """

    row: int
    input: tuple[Segment, ...] = ()
    output: tuple[Segment, ...] = ()
    rejected: tuple[Segment, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """One row that could not be read; it keeps its row number."""

    row: int
    reason: str  # a short stable word: "malformed-json", "bad-utf8", "not-an-object", ...
    detail: str = field(default="", compare=False)  # for people; may quote the parser


#: Records as Arrow: the only form in which texts travel on to the kernels.
#: `source` indexes the scan's list of inputs.
RECORD_SCHEMA = pa.schema(
    [
        pa.field("source", pa.int32(), nullable=False),
        pa.field("row", pa.int64(), nullable=False),
        pa.field("input", pa.list_(pa.string()), nullable=False),
        pa.field("input_role", pa.list_(pa.uint8()), nullable=False),
        pa.field("output", pa.list_(pa.string()), nullable=False),
        pa.field("output_role", pa.list_(pa.uint8()), nullable=False),
        pa.field("rejected", pa.list_(pa.string()), nullable=False),
        pa.field("label_name", pa.list_(pa.string()), nullable=False),
        pa.field("label_value", pa.list_(pa.string()), nullable=False),
    ]
)
