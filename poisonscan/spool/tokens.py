"""Texts to tokens and digests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.kernels.charclass import class_table
from poisonscan.kernels.rows import digest_rows
from poisonscan.kernels.tokens import tokenise

Array = npt.NDArray[Any]

#: Start value of row digests. Fixed: samples are drawn by digest and must not change from scan
#: to scan. Nothing that an attacker gains from (only which clean rows are shown or compared).
DIGEST_KEY = np.uint64(0xCBF29CE484222325)


@dataclass(frozen=True, slots=True)
class Tokenised:
    """Tokens of some rows: hash and byte range of each, and where each row's begin.

    No ranges where nobody asked for them.
    """

    hashes: Array
    starts: Array
    ends: Array
    row_offsets: Array


def tokenise_rows(
    data: Array, segment_offsets: Array, row_segments: Array, key: int, *, ranges: bool = True
) -> Tokenised:
    """Tokenise rows of segments (see `kernels.tokens.tokenise`).

    Parameters
    ----------
    ranges
        Whether to tell where in `data` each token stands: three times as much to write.
    """
    room = len(data) + len(segment_offsets)
    hashes = np.empty(room, np.uint64)
    starts, ends = (np.empty(room if ranges else 0, np.int64) for _ in range(2))
    row_offsets = np.empty(len(row_segments), np.int64)
    count = tokenise(
        data,
        np.ascontiguousarray(segment_offsets),
        np.ascontiguousarray(row_segments),
        class_table(),
        np.uint64(key),
        hashes,
        starts,
        ends,
        row_offsets,
    )
    return Tokenised(hashes[:count], starts[:count], ends[:count], row_offsets)


def hash_tokens(text: str, key: int) -> Array:
    """Return the token hashes of one text, uint64[T], as the spool has them under `key`."""
    data = np.frombuffer(text.encode("utf-8", "replace"), np.uint8)
    offsets = np.array([0, len(data)], np.int64)
    return tokenise_rows(data, offsets, np.array([0, 1], np.int64), key, ranges=False).hashes


def split_tokens(text: str) -> list[str]:
    """Return the tokens of one text, as the spool would cut it."""
    data = text.encode("utf-8", "replace")
    offsets = np.array([0, len(data)], np.int64)
    cut = tokenise_rows(np.frombuffer(data, np.uint8), offsets, np.array([0, 1], np.int64), 0)
    return [
        data[start:end].decode("utf-8", "replace")
        for start, end in zip(cut.starts.tolist(), cut.ends.tolist(), strict=True)
    ]


def digest_text(text: str) -> np.uint64:
    """Return the content digest of one text, the same in every scan."""
    data = np.frombuffer(text.encode("utf-8", "replace"), np.uint8)
    digest = np.empty(1, np.uint64)
    offsets = np.array([0, len(data)], np.int64)
    digest_rows(data, offsets, np.array([0, 1], np.int64), DIGEST_KEY, digest)
    return np.uint64(digest[0])
