"""What the spool holds: every record once, column by column."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.spool.columns import release
from poisonscan.spool.tokens import tokenise_rows
from poisonscan.threads import count_workers

Array = npt.NDArray[Any]

_MIX = np.uint64(0x9E3779B97F4A7C15)

#: Tokens that one step of a pass works on.
CHUNK_TOKENS = 4_000_000


@dataclass(frozen=True, slots=True)
class Side:
    """One side of all records (input, output, or rejected output) as columns.

    Attributes
    ----------
    text : uint8[B]
        UTF-8 of all segments.
    segment_offsets : int64[S + 1]
    row_segments : int64[R + 1]
        Segment range of each row.
    tokens : uint64[T]
        Token hashes; `BOUNDARY` between two segments of a row.
    row_tokens : int64[R + 1]
        Token range of each row.
    digests : uint64[R]
        Content digest of each row's side.
    """

    text: Array
    segment_offsets: Array
    row_segments: Array
    tokens: Array
    row_tokens: Array
    digests: Array

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.digests)

    def segments(self, row: int) -> list[str]:
        """Return the segments of one row."""
        first, last = int(self.row_segments[row]), int(self.row_segments[row + 1])
        return [
            self.text[self.segment_offsets[at] : self.segment_offsets[at + 1]]
            .tobytes()
            .decode("utf-8", "replace")
            for at in range(first, last)
        ]

    def chunks(self) -> Iterator[tuple[int, int]]:
        """Yield row ranges of about `CHUNK_TOKENS` tokens (at least one row each).

        Tokens that were yielded some time ago leave the memory.
        """
        start = 0
        in_use: deque[tuple[int, int]] = deque()
        while start < self.rows:
            limit = int(self.row_tokens[start]) + CHUNK_TOKENS
            end = int(np.searchsorted(self.row_tokens, limit, side="right")) - 1
            end = min(max(end, start + 1), self.rows)
            yield start, end
            in_use.append((start, end))
            if len(in_use) > 2 * count_workers():  # threads may be at work on the others
                self.release_tokens(*in_use.popleft())
            start = end
        release(self.tokens)

    def release_tokens(self, start: int, end: int) -> None:
        """Let go of the memory of the tokens of rows `start` to `end`."""
        release(self.tokens, int(self.row_tokens[start]), int(self.row_tokens[end]))

    def release_text(self, start: int, end: int) -> None:
        """Let go of the memory of the text of rows `start` to `end`."""
        first, last = self.row_segments[start], self.row_segments[end]
        release(self.text, int(self.segment_offsets[first]), int(self.segment_offsets[last]))

    def release(self) -> None:
        """Let go of the memory of all columns."""
        columns = (self.text, self.segment_offsets, self.row_segments, self.tokens, self.row_tokens)
        for column in (*columns, self.digests):
            release(column)

    def token_slice(self, start: int, end: int) -> tuple[Array, Array]:
        """Return tokens and row offsets (from 0) of rows `start` to `end`."""
        offsets = self.row_tokens[start : end + 1]
        return self.tokens[offsets[0] : offsets[-1]], np.asarray(offsets - offsets[0])

    def part(self, start: int, end: int) -> Side:
        """Return rows `start` to `end` as a side of their own, with offsets from 0."""
        segments = np.asarray(self.row_segments[start : end + 1])
        offsets = np.asarray(self.segment_offsets[segments[0] : segments[-1] + 1])
        return Side(
            self.text[offsets[0] : offsets[-1]],
            offsets - offsets[0],
            segments - segments[0],
            *self.token_slice(start, end),
            self.digests[start:end],
        )

    def pick(self, rows: Array) -> Side:
        """Return some rows (int64[N], ascending) as a side of their own, with offsets from 0."""
        is_first = np.diff(rows, prepend=-2) != 1
        runs = rows[is_first], rows[np.append(is_first[1:], True)] + 1
        segments = [self.row_segments[ends] for ends in runs]
        starts, ends = self.segment_offsets[:-1], self.segment_offsets[1:]
        return Side(
            _slices(self.text, *(self.segment_offsets[own] for own in segments)),
            _offsets(_slices(ends, *segments) - _slices(starts, *segments)),
            _offsets(self.row_segments[rows + 1] - self.row_segments[rows]),
            _slices(self.tokens, *(self.row_tokens[ends] for ends in runs)),
            _offsets(self.row_tokens[rows + 1] - self.row_tokens[rows]),
            self.digests[rows],
        )

    def spans(self, start: int, end: int) -> tuple[Array, Array]:
        """Return first and last byte (in `text`) of every token of rows `start` to `end`.

        Tokenises again: spans are needed for few rows, and would double the spool.
        """
        part = self.part(start, end)
        tokenised = tokenise_rows(part.text, part.segment_offsets, part.row_segments, 0)
        first = self.segment_offsets[self.row_segments[start]]
        return tokenised.starts + first, tokenised.ends + first

    def texts(self, at: Array) -> list[str]:
        """Return the texts of some tokens.

        Parameters
        ----------
        at : int64[N]
            Scan-wide indices, ascending. Only the rows that they are in are tokenised again.
        """
        row_of = np.searchsorted(self.row_tokens, at, side="right") - 1
        rows, own = np.unique(row_of, return_inverse=True)
        texts, sizes, counts = [], [], [0]
        for first, last in zip(self.row_segments[rows], self.row_segments[rows + 1], strict=True):
            offsets = self.segment_offsets[first : last + 1]
            texts.append(self.text[offsets[0] : offsets[-1]])
            sizes.append(np.diff(offsets))
            counts.append(last - first)
        if not texts:
            return []
        data = np.concatenate(texts)
        segments = np.concatenate([[0], np.cumsum(np.concatenate(sizes))])
        found = tokenise_rows(data, segments, np.cumsum(counts), 0)
        places = found.row_offsets[own] + at - self.row_tokens[row_of]
        return [
            data[first:last].tobytes().decode("utf-8", "replace")
            for first, last in zip(
                found.starts[places].tolist(), found.ends[places].tolist(), strict=True
            )
        ]


def _slices(column: Array, starts: Array, ends: Array) -> Array:
    """Return some ranges of a column, one after the other."""
    return np.concatenate(
        [column[a:b] for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]
    )


def _offsets(sizes: Array) -> Array:
    """Return where parts of these sizes begin, and where the last one ends (int64[N + 1])."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])


@dataclass(frozen=True, slots=True)
class Spool:
    """All records of a scan.

    Attributes
    ----------
    source : int32[R]
        Index of the input that a record came from.
    row : int64[R]
        Its 0-based index there.
    rejected
        The outputs that others were preferred to: a side without tokens where there are no pairs.
    labels : dict of str to int32[R]
        For each label column the index of its value in `label_values`, -1 where absent.
    """

    source: Array
    row: Array
    input: Side
    output: Side
    rejected: Side
    labels: dict[str, Array]
    label_values: dict[str, list[str]]

    @property
    def rows(self) -> int:
        """Number of records."""
        return len(self.row)

    def contents(self, rows: Array | slice = slice(None)) -> Array:
        """Return a number for the input and output of each row, whatever stands elsewhere."""
        with np.errstate(over="ignore"):
            numbers: Array = self.input.digests[rows] * _MIX ^ self.output.digests[rows]
        return numbers

    def first_by_content(self, rows: Array, size: int) -> Array:
        """Return up to `size` of some rows (int64[N]) by their content: the same in any order."""
        first: Array = rows[np.argsort(self.contents(rows), kind="stable")[:size]]
        return first

    @property
    def sides(self) -> dict[str, Side]:
        """All sides by name: together they hold every string of every record."""
        sides = {"input": self.input, "output": self.output}
        return {**sides, "rejected": self.rejected} if self.has_pairs else sides

    @property
    def has_pairs(self) -> bool:
        """True where any record has a rejected output."""
        return len(self.rejected.tokens) > 0
