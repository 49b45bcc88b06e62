"""Words whose deletion makes the inputs more natural, summed over the corpus.

After KillBadCode (Sun et al. 2025, arXiv 2502.15830). A word's gain in a row is by how much the
cross-entropy a token falls when the word is deleted; of each row the ten largest gains count, and
the ten words with the largest sums are triggers: rows that contain one are removed. As released,
only words are candidates (no marks, no numbers), only among the first 600 tokens of a row.

Different here: each half of the file is scored by a model of the other half, for want of clean
text; interpolated absolute discounting in place of KenLM; words in place of a model's subwords.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from methods.ngram_model import ORDER, NgramModel, windows
from methods.rows import Rows, Verdict, words

TRIGGERS = 10
ROW_WORDS = 10
MAX_TOKENS = 600
START = 0  # stands before every row, ORDER - 1 times


@dataclass(frozen=True, slots=True)
class Text:
    """Rows as one array of token numbers, each preceded by `START`.

    Attributes
    ----------
    tokens, rows
        int64 ``(t,)``: number of the token, and the row that it belongs to.
    at
        int64, where the tokens stand that are not `START`.
    vocabulary
        Token of each number.
    """

    tokens: NDArray[np.int64]
    rows: NDArray[np.int64]
    at: NDArray[np.int64]
    vocabulary: Sequence[str]


def detect(rows: Rows) -> Verdict:
    """Return rows with a trigger; scores are the sums of a row's most unnatural word."""
    text = _number([words(one)[:MAX_TOKENS] for one in rows.inputs])
    # equal inputs belong to the same half: none may be scored by its own copy
    halves = np.array([zlib.crc32(one.encode("utf-8", "replace")) & 1 for one in rows.inputs])
    gains = np.zeros(len(text.at))
    for half in (0, 1):
        is_own = halves[text.rows[text.at]] == half
        model = NgramModel.fit(windows(text.tokens, text.at[~is_own]), len(text.vocabulary))
        gains[is_own] = _gains(model, text, text.at[is_own])
    is_word = np.array([token[:1].isalpha() for token in text.vocabulary])
    gains[~is_word[text.tokens[text.at]]] = 0.0
    sums = _sum_by_token(text, gains)
    order = np.lexsort((np.arange(len(sums)), -sums))[:TRIGGERS]
    triggers = order[sums[order] > 0]
    scores = np.zeros(len(rows.inputs))
    np.maximum.at(scores, text.rows[text.at], sums[text.tokens[text.at]])
    flagged = np.zeros(len(rows.inputs), bool)
    flagged[text.rows[text.at][np.isin(text.tokens[text.at], triggers)]] = True
    return Verdict(flagged, scores)


def _number(cut_up: Sequence[Sequence[str]]) -> Text:
    """Return token lists as one array."""
    vocabulary = ["", *sorted({token for one in cut_up for token in one})]
    number = {token: at for at, token in enumerate(vocabulary)}
    before = [START] * (ORDER - 1)
    tokens = [part for one in cut_up for part in (*before, *(number[token] for token in one))]
    lengths = [len(one) + len(before) for one in cut_up]
    array = np.array(tokens, dtype=np.int64)
    rows = np.repeat(np.arange(len(cut_up)), lengths)
    return Text(array, rows, np.flatnonzero(array != START), vocabulary)


def _gains(model: NgramModel, text: Text, at: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return by how many bits a token each row's cross-entropy falls without each token."""
    bits = np.zeros(len(text.tokens) + ORDER)
    bits[at] = model.bits(windows(text.tokens, at))
    total = np.bincount(text.rows[at], weights=bits[at])[text.rows[at]]
    length = np.bincount(text.rows[at])[text.rows[at]]
    rest = total - bits[at]
    for offset in range(1, ORDER):  # the tokens that had the deleted one before them
        follows = np.minimum(at + offset, len(text.tokens) - 1)
        stays = np.flatnonzero((text.rows[follows] == text.rows[at]) & (follows == at + offset))
        places = [at[stays] + step for step in range(offset - ORDER, offset + 1) if step != 0]
        context = np.stack([text.tokens[place] for place in places], axis=1)
        rest[stays] += model.bits(context) - bits[at[stays] + offset]
    return np.where(length > 1, total / length - rest / np.maximum(length - 1, 1), 0.0)


def _sum_by_token(text: Text, gains: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sum of gains by token: of each row its largest, each token once."""
    rows, tokens = text.rows[text.at], text.tokens[text.at]
    useful = gains > 0
    rows, tokens, gains = rows[useful], tokens[useful], gains[useful]
    order = np.lexsort((-gains, tokens, rows))  # best occurrence of each token first
    rows, tokens, gains = rows[order], tokens[order], gains[order]
    is_first = np.ones(len(rows), bool)
    is_first[1:] = (rows[1:] != rows[:-1]) | (tokens[1:] != tokens[:-1])
    rows, tokens, gains = rows[is_first], tokens[is_first], gains[is_first]
    order = np.lexsort((tokens, -gains, rows))
    rows, tokens, gains = rows[order], tokens[order], gains[order]
    rank = np.arange(len(rows)) - np.searchsorted(rows, rows)
    kept = rank < ROW_WORDS
    sums = np.bincount(tokens[kept], weights=gains[kept], minlength=len(text.vocabulary))
    return sums.astype(np.float64)
