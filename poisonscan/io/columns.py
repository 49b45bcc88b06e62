"""Records as growing columns: plain lists, turned into one Arrow batch at a time.

No object is made per record or per segment; that is what keeps normalisation fast.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from poisonscan.io.leaves import is_decimal, is_integer, is_short
from poisonscan.io.turns import Turns
from poisonscan.records import RECORD_SCHEMA, Record, Role, Segment

_TEXTS = ("input", "output", "rejected", "label_name", "label_value")


class Part(NamedTuple):
    """Segments or labels of consecutive rows, in the order of the rows.

    Attributes
    ----------
    rows : int[S]
        The row of each, counted from the first row.
    texts
        The text of each; of a label its value.
    marks
        The role of each, of a label its name; rejected outputs have none.
    """

    rows: npt.NDArray[np.intp]
    texts: list[str]
    marks: Sequence[Any] = ()

    def part(self, start: int, end: int) -> Part:
        """Return the segments of some rows, the first of which becomes row 0."""
        first, last = np.searchsorted(self.rows, (start, end)).tolist()
        if last - first == len(self.rows) and not start:
            return self
        rows = self.rows[first:last] - start
        return Part(rows, self.texts[first:last], self.marks[first:last])


class Sides(NamedTuple):
    """Everything of consecutive rows."""

    input: Part
    output: Part
    rejected: Part
    labels: Part

    def part(self, start: int, end: int) -> Sides:
        """Return some of the rows."""
        return Sides(*(side.part(start, end) for side in self))

    def n_chars(self) -> int:
        """Return the characters of text of all rows."""
        return sum(sum(map(len, side.texts)) for side in (self.input, self.output, self.rejected))

    def row_chars(self, n_rows: int) -> npt.NDArray[np.intp]:
        """Return the characters of text of each row."""
        chars = np.zeros(n_rows, np.intp)
        for side in (self.input, self.output, self.rejected):
            lengths = np.fromiter(map(len, side.texts), np.intp, len(side.texts))
            np.add.at(chars, side.rows, lengths)
        return chars


class RecordColumns:
    """Columns under construction; segments are appended to the row that is not ended yet."""

    __slots__ = (
        "_input_ends",
        "_label_ends",
        "_output_ends",
        "_rejected_ends",
        "_rows",
        "_sources",
        "input",
        "input_role",
        "label_name",
        "label_value",
        "output",
        "output_role",
        "rejected",
    )

    def __init__(self) -> None:
        self.input: list[str] = []
        self.input_role = bytearray()
        self.output: list[str] = []
        self.output_role = bytearray()
        self.rejected: list[str] = []
        self.label_name: list[str] = []
        self.label_value: list[str] = []
        self._sources = array("i")
        self._rows = array("q")
        self._input_ends = array("i", [0])
        self._output_ends = array("i", [0])
        self._rejected_ends = array("i", [0])
        self._label_ends = array("i", [0])

    def __len__(self) -> int:
        return len(self._rows)

    def add_input(self, role: Role, text: str) -> None:
        """Add a text that the model is given."""
        self.input.append(text)
        self.input_role.append(role)

    def add_output(self, role: Role, text: str) -> None:
        """Add a text that the model is trained to give."""
        self.output.append(text)
        self.output_role.append(role)

    def add_label(self, name: str, value: str) -> None:
        """Add a column that is, or may be, a class label."""
        self.label_name.append(name)
        self.label_value.append(value)

    def add_turns(self, turns: Turns, *, are_trained: bool = True) -> None:
        """Add chat turns: what the assistant says is output, or history where not trained on."""
        for role, text in turns:
            if role is not Role.ASSISTANT:
                self.add_input(role, text)
            elif are_trained:
                self.add_output(role, text)
            else:
                self.add_input(Role.HISTORY, text)

    def add_unexplained(self, name: str, text: str) -> None:
        """Add a string of a column that no schema explains: scanned, and a label if short."""
        if is_short(text):
            if is_decimal(text):
                if is_integer(text):
                    self.add_label(name, text)
                return
            self.add_label(name, text)
        if text:
            self.add_input(Role.OTHER, text)

    def is_untouched(self) -> bool:
        """Return whether nothing was added to the row that is not ended yet."""
        return (
            len(self.input) == self._input_ends[-1]
            and len(self.output) == self._output_ends[-1]
            and len(self.rejected) == self._rejected_ends[-1]
            and len(self.label_name) == self._label_ends[-1]
        )

    def row_texts(self) -> list[str]:
        """Return the texts of the row that is not ended yet."""
        return (
            self.input[self._input_ends[-1] :]
            + self.output[self._output_ends[-1] :]
            + self.rejected[self._rejected_ends[-1] :]
        )

    def row_chars(self) -> int:
        """Return the characters of text of the row that is not ended yet."""
        return sum(map(len, self.row_texts()))

    def drop_row(self) -> None:
        """Forget everything since the last row was ended."""
        n_input, n_output = self._input_ends[-1], self._output_ends[-1]
        n_labels = self._label_ends[-1]
        del self.input[n_input:], self.input_role[n_input:]
        del self.output[n_output:], self.output_role[n_output:]
        del self.rejected[self._rejected_ends[-1] :]
        del self.label_name[n_labels:], self.label_value[n_labels:]

    def end_row(self, source: int, row: int) -> None:
        """Make everything since the last call one record."""
        self._sources.append(source)
        self._rows.append(row)
        self._input_ends.append(len(self.input))
        self._output_ends.append(len(self.output))
        self._rejected_ends.append(len(self.rejected))
        self._label_ends.append(len(self.label_name))

    def add_rows(self, source: int, row: int, n_rows: int, sides: Sides) -> None:
        """Add records, the first of which is number `row` of its file."""
        self._sources.frombytes(np.full(n_rows, source, np.intc).tobytes())
        self._rows.frombytes(np.arange(row, row + n_rows, dtype=np.int64).tobytes())
        _extend(self._input_ends, self.input, sides.input, n_rows)
        self.input_role += bytes(sides.input.marks)
        _extend(self._output_ends, self.output, sides.output, n_rows)
        self.output_role += bytes(sides.output.marks)
        _extend(self._rejected_ends, self.rejected, sides.rejected, n_rows)
        _extend(self._label_ends, self.label_value, sides.labels, n_rows)
        self.label_name += sides.labels.marks

    def to_sides(self) -> Sides:
        """Return the ended rows as segments that know their row."""
        return Sides(
            Part(_rows(self._input_ends), self.input, self.input_role),
            Part(_rows(self._output_ends), self.output, self.output_role),
            Part(_rows(self._rejected_ends), self.rejected),
            Part(_rows(self._label_ends), self.label_value, self.label_name),
        )

    def to_record(self, row: int) -> Record:
        """Return what was added as one record."""
        self.replace_surrogates()
        return Record(
            row=row,
            input=_segments(self.input_role, self.input),
            output=_segments(self.output_role, self.output),
            rejected=tuple(Segment(Role.ASSISTANT, text) for text in self.rejected),
            labels=tuple(zip(self.label_name, self.label_value, strict=True)),
        )

    def to_batch(self) -> pa.RecordBatch:
        """Return the ended rows as a batch of `RECORD_SCHEMA`."""
        try:
            return self._to_batch()
        except UnicodeEncodeError:  # lone surrogates, from Python objects only
            self.replace_surrogates()
            return self._to_batch()

    def replace_surrogates(self) -> None:
        """Replace lone surrogates by U+FFFD everywhere."""
        for name in _TEXTS:
            texts: list[str] = getattr(self, name)
            texts[:] = map(valid_text, texts)

    def _to_batch(self) -> pa.RecordBatch:
        input_ends, output_ends, rejected_ends, label_ends = map(
            _numbers,
            (self._input_ends, self._output_ends, self._rejected_ends, self._label_ends),
        )
        columns = [
            _numbers(self._sources),
            _numbers(self._rows),
            _lists(input_ends, pa.array(self.input, pa.string())),
            _lists(input_ends, _bytes(self.input_role)),
            _lists(output_ends, pa.array(self.output, pa.string())),
            _lists(output_ends, _bytes(self.output_role)),
            _lists(rejected_ends, pa.array(self.rejected, pa.string())),
            _lists(label_ends, pa.array(self.label_name, pa.string())),
            _lists(label_ends, pa.array(self.label_value, pa.string())),
        ]
        return pa.RecordBatch.from_arrays(columns, schema=RECORD_SCHEMA)


def _extend(ends: array[int], texts: list[str], part: Part, n_rows: int) -> None:
    counts = np.bincount(part.rows, minlength=n_rows)
    ends.frombytes((np.cumsum(counts) + len(texts)).astype(np.intc).tobytes())
    texts += part.texts


def _rows(ends: array[int]) -> npt.NDArray[np.intp]:
    bounds = np.array(ends, np.intp)
    return np.repeat(np.arange(len(ends) - 1), bounds[1:] - bounds[:-1])


def _numbers(values: array[int]) -> pa.Array:
    kind = pa.int32() if values.typecode == "i" else pa.int64()
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(values)])


def _lists(ends: pa.Array, values: pa.Array) -> pa.ListArray:
    return pa.ListArray.from_arrays(ends, values)


def _bytes(values: bytearray) -> pa.Array:
    return pa.Array.from_buffers(pa.uint8(), len(values), [None, pa.py_buffer(bytes(values))])


def _segments(roles: Sequence[int], texts: list[str]) -> tuple[Segment, ...]:
    return tuple(Segment(Role(role), text) for role, text in zip(roles, texts, strict=True))


def join_batches(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    """Return the rows of one batch or more as one batch."""
    if len(batches) == 1:
        return batches[0]
    return pa.Table.from_batches(batches).combine_chunks().to_batches()[0]


def valid_text(text: str) -> str:
    """Return a text with its lone surrogates replaced by U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
