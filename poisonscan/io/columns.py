"""Records as growing columns: plain lists, turned into one Arrow batch at a time.

No object is made per record or per segment; that is what keeps normalisation fast.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from poisonscan.io.leaves import is_decimal, is_integer, is_short
from poisonscan.io.turns import Turns
from poisonscan.records import RECORD_SCHEMA, Record, Role, Segment

#: Offsets of an Arrow string column are 32-bit: a batch must stay far below 2 GiB.
_TEXTS = ("input", "output", "rejected", "label_name", "label_value")


class RecordColumns:
    """Columns under construction; segments are appended to the row that is not ended yet."""

    __slots__ = (
        "_ends",
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
        self._sources: list[int] = []
        self._rows: list[int] = []
        self._ends: list[tuple[int, int, int, int]] = []

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
        return self._end() == (self._ends[-1] if self._ends else (0, 0, 0, 0))

    def row_texts(self) -> list[str]:
        """Return the texts of the row that is not ended yet."""
        n_input, n_output, n_rejected, _ = self._ends[-1] if self._ends else (0, 0, 0, 0)
        return self.input[n_input:] + self.output[n_output:] + self.rejected[n_rejected:]

    def row_chars(self) -> int:
        """Return the characters of text of the row that is not ended yet."""
        return sum(map(len, self.row_texts()))

    def drop_row(self) -> None:
        """Forget everything since the last row was ended."""
        n_input, n_output, n_rejected, n_labels = self._ends[-1] if self._ends else (0, 0, 0, 0)
        del self.input[n_input:], self.input_role[n_input:]
        del self.output[n_output:], self.output_role[n_output:]
        del self.rejected[n_rejected:]
        del self.label_name[n_labels:], self.label_value[n_labels:]

    def end_row(self, source: int, row: int) -> None:
        """Make everything since the last call one record."""
        self._sources.append(source)
        self._rows.append(row)
        self._ends.append(self._end())

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

    def _end(self) -> tuple[int, int, int, int]:
        return len(self.input), len(self.output), len(self.rejected), len(self.label_name)

    def _to_batch(self) -> pa.RecordBatch:
        input_ends, output_ends, rejected_ends, label_ends = (
            pa.array([0, *ends], pa.int32()) for ends in zip(*self._ends, strict=True)
        )
        columns = [
            pa.array(self._sources, pa.int32()),
            pa.array(self._rows, pa.int64()),
            _lists(input_ends, pa.array(self.input, pa.string())),
            _lists(input_ends, _bytes(self.input_role)),
            _lists(output_ends, pa.array(self.output, pa.string())),
            _lists(output_ends, _bytes(self.output_role)),
            _lists(rejected_ends, pa.array(self.rejected, pa.string())),
            _lists(label_ends, pa.array(self.label_name, pa.string())),
            _lists(label_ends, pa.array(self.label_value, pa.string())),
        ]
        return pa.RecordBatch.from_arrays(columns, schema=RECORD_SCHEMA)


def _lists(ends: pa.Array, values: pa.Array) -> pa.ListArray:
    return pa.ListArray.from_arrays(ends, values)


def _bytes(values: bytearray) -> pa.Array:
    return pa.Array.from_buffers(pa.uint8(), len(values), [None, pa.py_buffer(bytes(values))])


def _segments(roles: Sequence[int], texts: list[str]) -> tuple[Segment, ...]:
    return tuple(Segment(Role(role), text) for role, text in zip(roles, texts, strict=True))


def valid_text(text: str) -> str:
    """Return a text with its lone surrogates replaced by U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
