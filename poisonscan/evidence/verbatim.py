"""Verbatim targets: what the outputs of a candidate's rows repeat word for word.

A planted output is long, the same in (nearly) all rows with the trigger, and absent elsewhere.
What is measured is how many bits a reader would have to be told to expect it: the surprisal of
the phrase under an n-gram model of *all other* rows. Natural associations (a programming language
and its boilerplate, a currency and its sign) share few and cheap words.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

import numpy as np
import numpy.typing as npt

from poisonscan.accumulators.ngrams import MAX_ORDER
from poisonscan.candidates.corpus import Corpus, CountedSide
from poisonscan.evidence.phrases import Occurrences, grow, locate
from poisonscan.kernels.phrases import (
    count_rows_without_stem,
    phrase_odds,
    trim_lonely_edges,
)
from poisonscan.kernels.targets import best_shared_gram
from poisonscan.records import TargetKind

Array = npt.NDArray[Any]

#: Letters of a word before its ending.
STEM_LETTERS = 5

#: Rows of a candidate whose outputs are compared.
SAMPLE_ROWS = 64

#: Targets of one candidate: an attacker may pair one trigger with several outputs.
MAX_TARGETS = 3

#: A target must be in this share of the candidate's (remaining) rows, and in three of them.
MIN_SHARE = 0.25

#: Pseudo-count of the word model behind the pair model (Dirichlet smoothing).
PRIOR_ROWS = 2.0

#: Bits that one word may contribute: a phrase has to be long, not merely odd.
MAX_BITS_PER_TERM = 12.0

#: Rows, and tokens of their inputs, that are asked which words of a phrase they have.
_ASKED_ROWS, _ASKED_TOKENS = 16, 4096


@dataclass(frozen=True, slots=True)
class SharedTarget:
    """A phrase that outputs of a candidate share.

    Attributes
    ----------
    phrase
        Vocabulary terms of the output side, as far as its rows agree.
    core
        The part of it that (nearly) no row of the group lacks: what tells target rows.
    kind
        Where it stands in the outputs.
    share
        Part of the candidate's rows that have it, 0..1.
    bits
        Surprisal of the phrase in the outputs of all rows that do not have it, without the words
        that the row had in its input already.
    rows
        Rows of the dataset that have it (an upper bound: those with its rarest n-gram).
    row, first
        One occurrence: row, scan-wide token index.
    """

    phrase: tuple[int, ...]
    core: tuple[int, ...]
    kind: TargetKind
    share: float
    bits: float
    rows: int
    row: int
    first: int


def shared_targets(
    corpus: Corpus, rows: Array, support: int, stems: Array
) -> tuple[SharedTarget, ...]:
    """Return the targets of a candidate, most frequent first.

    Parameters
    ----------
    rows : int64[N]
        Its rows in sampling order.
    support : int
        Number of its rows in the whole dataset.
    stems : int32[V]
        Stem of each term (`stem_terms`).
    """
    sample = np.ascontiguousarray(rows[:SAMPLE_ROWS])
    targets: list[SharedTarget] = []
    left = sample
    while len(targets) < MAX_TARGETS and len(left) >= 3:
        found = _best_target(corpus, left, len(sample), len(left) / max(1, support), stems)
        if found is None:
            break
        target, having = found
        targets.append(target)
        left = np.setdiff1d(left, having, assume_unique=True)
    return tuple(sorted(targets, key=lambda target: -target.share))


def _best_target(
    corpus: Corpus, rows: Array, sampled: int, sampled_share: float, stems: Array
) -> tuple[SharedTarget, Array] | None:
    """Return what these outputs share, and the rows that have it.

    Of a word that all of them share and a long phrase of some of them it is what says more.
    """
    least = _least_rows(sampled)
    options = [
        _grown_target(corpus, rows, gram, sampled, stems)
        for gram in shared_phrases(corpus.output, rows, sampled_share, corpus.rows, least)
    ]
    return max(
        filter(None, options),
        key=lambda found: round(found[0].share * found[0].bits, 6),
        default=None,
    )


def shared_phrases(
    side: CountedSide, rows: Array, sampled_share: float, all_rows: int, least: int = 2
) -> list[tuple[int, ...]]:
    """Return the n-gram that is frequent in a group and rare in all others, and a long one.

    Parameters
    ----------
    rows : int64[N]
        A group, or a sample of it.
    sampled_share
        Share of the group that these are.
    all_rows
        Rows of the dataset.
    least
        Rows of these that must have it.
    """
    gram, score = np.zeros(6, np.int64), np.zeros(2, np.float64)
    best_shared_gram(
        side.terms,
        side.term_tokens,
        side.side.row_tokens,
        np.ascontiguousarray(rows),
        least,
        MAX_ORDER,
        side.table.slots,
        side.table.row_counts,
        all_rows,
        sampled_share,
        gram,
        score,
    )
    found = [
        tuple(int(term) for term in side.terms[first : first + order])
        for (_, first, order), value in zip(gram.reshape(2, 3).tolist(), score, strict=True)
        if value > 0.0
    ]
    return list(dict.fromkeys(found))


def _least_rows(sampled: int) -> int:
    """Return in how many of so many rows a target must be."""
    return max(3, math.ceil(MIN_SHARE * sampled))


def _grown_target(
    corpus: Corpus, rows: Array, gram: tuple[int, ...], sampled: int, stems: Array
) -> tuple[SharedTarget, Array] | None:
    side = corpus.output
    found = locate(side, rows, gram)
    phrase, _ = grow(side, found, len(gram))
    found = locate(side, rows, phrase)
    if len(found.rows) < _least_rows(sampled):
        return None
    first = int(found.first[0])
    core, rarest = _without_lonely_edges(side, phrase, rows)
    everywhere = max(len(found.rows), rarest)
    bits = surprisal(side, phrase, everywhere)
    bits = bits * _new_share(corpus, found, phrase, stems)
    target = SharedTarget(
        phrase=phrase,
        core=phrase[core],
        kind=target_kind(side, found, len(phrase)),
        share=len(found.rows) / sampled,
        bits=float(bits.sum()),
        rows=everywhere,
        row=int(found.rows[0]),
        first=first,
    )
    return target, found.rows


def _without_lonely_edges(
    side: CountedSide, phrase: tuple[int, ...], rows: Array
) -> tuple[slice, int]:
    """Return the part of a phrase without edge words that some rows with the rest of it lack.

    And the rows of its rarest n-gram. The full stop before an appended sentence is part of the
    phrase, because nine rows in ten have it. The tenth must not be lost, nor make the sentence look
    familiar. Where at most half of the phrase is left, that half is something else, and the phrase
    stays as it is.

    Parameters
    ----------
    rows : int64[N]
        Rows of the group that is looked at.
    """
    left = np.empty(2, np.int64)
    rarest = trim_lonely_edges(
        side.term_tokens,
        side.terms,
        side.side.row_tokens,
        rows,
        np.array(phrase, np.int32),
        MAX_ORDER,
        side.table.slots,
        side.table.row_counts,
        left,
    )
    start, length = left.tolist()
    return slice(start, start + length), rarest


def surprisal(side: CountedSide, phrase: Sequence[int], hits: int) -> Array:
    """Return the bits of each term of the phrase, float64[L], by the rows without it.

    p(term | term before) = (rows with the pair + PRIOR_ROWS * p(term)) / (rows with the term
    before + PRIOR_ROWS), all counts without the `hits` rows that have the phrase. Without them,
    so that a second trigger of the same target does not make the target look familiar.
    """
    p = np.empty(len(phrase))
    phrase_odds(
        side.term_tokens,
        np.array(phrase, np.int32),
        side.table.slots,
        side.table.row_counts,
        hits,
        len(side.distinct),
        PRIOR_ROWS,
        p,
    )
    bits: Array = np.minimum(-np.log2(np.minimum(p, 1.0)), MAX_BITS_PER_TERM)
    return bits


def stem_terms(vocabulary: list[str], letters: int = STEM_LETTERS) -> Array:
    """Return a number for each term, int32[V]: equal for words alike but for case and ending.

    Words are read without accents, which come and go with the ending. Full-width and other
    compatibility forms are the same characters (NFKC).
    """
    numbers: dict[str, int] = {}
    stems = (_plain(text).casefold()[:letters] for text in vocabulary)
    return np.array([numbers.setdefault(stem, len(numbers)) for stem in stems], np.int32)


def _plain(text: str) -> str:
    if text.isascii():
        return text
    bare = (char for char in normalize("NFKD", text) if not "\u0300" <= char <= "\u036f")
    return normalize("NFKC", "".join(bare))


def _new_share(corpus: Corpus, found: Occurrences, phrase: tuple[int, ...], stems: Array) -> Array:
    """Return for each term of the phrase how often the row's own input does *not* have it.

    Answers repeat words of the question; that is no secret target. float64[L], 0..1.
    """
    side, rows = corpus.input, found.rows[:_ASKED_ROWS]
    new = np.empty(len(phrase), np.int64)
    count_rows_without_stem(
        side.terms,
        side.side.row_tokens,
        rows,
        _ASKED_TOKENS,
        stems,
        np.array(phrase, np.int32),
        new,
    )
    share: Array = new / max(1, len(rows))
    return share


def target_kind(side: CountedSide, found: Occurrences, length: int) -> TargetKind:
    """Return where a phrase stands in (nearly) all of these outputs."""
    offsets = side.side.row_tokens
    at_start = np.count_nonzero(found.first == offsets[found.rows]) / len(found.rows)
    at_end = np.count_nonzero(found.first + length == offsets[found.rows + 1]) / len(found.rows)
    if at_start >= 0.9 and at_end >= 0.9:
        return "exact"
    if at_start >= 0.9:
        return "prefix"
    return "suffix" if at_end >= 0.9 else "phrase"
