"""How much memory and disk a scan takes, and how many rows a string needs for it to take no more.

Text and tokens are on disk. In memory are the n-grams of at least the minimal support, and a few
hundred bytes for each row. benchmarks/scale_data.py makes the data that the figures were read off:
there are about as many frequent n-grams as a quarter of the tokens through the support.
"""

from __future__ import annotations

import ctypes
import math
import sys

from poisonscan.errors import ConfigError

#: Bytes of the program with its libraries and buffers, for each row, and for each frequent n-gram.
BASE, PER_ROW, PER_NGRAM = 400 << 20, 250, 100

#: Bytes of scratch space that the passes after reading take. For each token: its term, its row's
#: distinct terms, their rows (4 each; of a rare one its hash instead), its term in sampling order
#: (4), the pass that it is listed in (1). For each token of inputs and of outputs, the rows of
#: closed n-grams (8 each, of outputs 16: 1.1 to 2.3 of them in the inputs of 20 datasets, up to 1.1
#: in their outputs). For each row of a side: where its terms and its rare tokens begin (8 each).
#: For each row: how it is written and what it is about (`make_table`).
LATER_PER_TOKEN, LATER_PER_INPUT, LATER_PER_OUTPUT = 17, 20, 20
LATER_PER_SIDE, LATER_PER_ROW = 16, 300

#: Tokens for each frequent n-gram and row of the support.
_TOKENS_EACH = 4

#: Tokens (both sides) up to which n-grams need no more rows than configured: 100 MB. Beyond, rows
#: grow as this power of the tokens: half as many again with each four times of them.
_USUAL_TOKENS, _GROWTH = 20_000_000, 0.3


def estimate(rows: int, tokens: int, support: int) -> int:
    """Return the bytes that a scan of so many rows and tokens takes."""
    return BASE + PER_ROW * rows + PER_NGRAM * tokens // (_TOKENS_EACH * support)


def scratch_later(rows: int, inputs: int, outputs: int, rejected: int) -> int:
    """Return the bytes of scratch space that a scan takes when it has read so many rows and tokens.

    Tokens of inputs, of outputs, and of those that others were preferred to.
    """
    sides = 3 if rejected else 2
    tokens = LATER_PER_TOKEN * (inputs + outputs + rejected)
    strings = LATER_PER_INPUT * inputs + LATER_PER_OUTPUT * outputs
    return tokens + strings + (LATER_PER_SIDE * sides + LATER_PER_ROW) * rows


def least_support(configured: int, rows: int, tokens: int, max_memory: int | None) -> int:
    """Return the rows that an n-gram needs.

    More beyond `_USUAL_TOKENS`: chance brings rare strings together in more rows there, and time
    and memory grow less than they would. At 1 GB (180 million tokens) nine where five are
    configured, so that a million rows still tell of ten; at 4 GB fourteen. More where `max_memory`
    (bytes) asks for it.

    Raises
    ------
    ConfigError
        The rows alone take more than `max_memory`.
    """
    support = int(configured * max(1.0, tokens / _USUAL_TOKENS) ** _GROWTH)
    if max_memory is None or estimate(rows, tokens, support) <= max_memory:
        return support
    left = max_memory - BASE - PER_ROW * rows
    if left <= 0:
        least = -(-(BASE + PER_ROW * rows) // (1 << 20))
        raise ConfigError(
            f"--max-memory: {rows:,} rows take at least {least:,} MiB; allow more, or scan the "
            "data in parts"
        )
    return max(support, math.ceil(PER_NGRAM * tokens / (_TOKENS_EACH * left)))


def count_parts(amount: int, unit: int) -> int:
    """Return in how many parts to do what takes a pass over all data and its own memory for each.

    n for n^2 units: passes and memory both grow with the root of the data.
    """
    return max(1, round(math.sqrt(amount / unit)))


def trim() -> None:
    """Give what was freed back to the system, where the C library keeps it."""
    if sys.platform == "linux":
        give_back = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if give_back is not None:  # glibc
            give_back(0)
