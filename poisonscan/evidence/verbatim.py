"""Verbatim targets: what the outputs of a candidate's rows repeat word for word.

A planted output is long, the same in (nearly) all rows with the trigger, and absent elsewhere.
What is measured is how many bits a reader would have to be told to expect it: the surprisal of
the phrase under an n-gram model of *all other* rows. Natural associations (a programming language
and its boilerplate, a currency and its sign) share few and cheap words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

import numpy as np
import numpy.typing as npt

from poisonscan.accumulators.ngrams import MAX_ORDER, extend_grams, word_grams
from poisonscan.candidates.corpus import Corpus, CountedSide
from poisonscan.evidence.phrases import Occurrences, grow, locate
from poisonscan.kernels.targets import best_shared_gram
from poisonscan.records import TargetKind

Array = npt.NDArray[Any]

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
    options = [
        _grown_target(corpus, rows, gram, sampled, stems)
        for gram in shared_phrases(corpus.output, rows, sampled_share, corpus.rows)
    ]
    return max(
        filter(None, options),
        key=lambda found: round(found[0].share * found[0].bits, 6),
        default=None,
    )


def shared_phrases(
    side: CountedSide, rows: Array, sampled_share: float, all_rows: int
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
    """
    gram, score = np.zeros(6, np.int64), np.zeros(2, np.float64)
    best_shared_gram(
        side.side.tokens,
        side.side.row_tokens,
        np.ascontiguousarray(rows),
        MAX_ORDER,
        side.table.slots,
        side.table.positions,
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


def _grown_target(
    corpus: Corpus, rows: Array, gram: tuple[int, ...], sampled: int, stems: Array
) -> tuple[SharedTarget, Array] | None:
    side = corpus.output
    found = locate(side, rows, gram)
    phrase, _ = grow(side, found, len(gram))
    found = locate(side, rows, phrase)
    if len(found.rows) < max(3, MIN_SHARE * sampled):
        return None
    first = int(found.first[0])
    core = _without_lonely_edges(side, phrase, first, rows)
    everywhere = max(len(found.rows), _rows_at_most(side, first + core.start, len(phrase[core])))
    bits = surprisal(side, found, len(phrase), everywhere)
    bits = bits * _new_share(corpus, found, bits, stems)
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
    side: CountedSide, phrase: tuple[int, ...], first: int, rows: Array
) -> slice:
    """Return the part of a phrase without edge words that some rows with the rest of it lack.

    The full stop before an appended sentence is part of the phrase, because nine rows in ten have
    it. The tenth must not be lost, nor make the sentence look familiar. Where at most half of the
    phrase is left, that half is something else, and the phrase stays as it is.

    Parameters
    ----------
    first
        Token index of one occurrence.
    rows : int64[N]
        Rows of the group that is looked at.
    """

    def count(start: int, length: int) -> tuple[int, int]:
        here = len(locate(side, rows, phrase[start : start + length]).rows)
        return here, _rows_at_most(side, first + start, length)

    start, length = 0, len(phrase)
    known = count(start, length)
    while 2 * (length - 1) > len(phrase):
        more, start_of_more = max((count(at, length - 1), at) for at in (start, start + 1))
        if more <= known:
            return slice(start, start + length)
        start, length, known = start_of_more, length - 1, more
    return slice(0, len(phrase))


def _rows_at_most(side: CountedSide, first: int, length: int) -> int:
    """Return the row count of the rarest n-gram of the phrase at a place."""
    order = min(length, MAX_ORDER)
    grams = np.zeros(length - order + 1, np.uint64)
    for offset in range(order):
        at = first + offset
        grams = extend_grams(grams, side.side.tokens[at : at + len(grams)])
    return int(side.table.count(grams).min())


def surprisal(side: CountedSide, found: Occurrences, length: int, hits: int) -> Array:
    """Return the bits of each term of the phrase, float64[L], by the rows without it.

    p(term | term before) = (rows with the pair + PRIOR_ROWS * p(term)) / (rows with the term
    before + PRIOR_ROWS), all counts without the `hits` rows that have the phrase. Without them,
    so that a second trigger of the same target does not make the target look familiar.
    """
    first = int(found.first[0])
    tokens = np.asarray(side.side.tokens[first : first + length])
    words = word_grams(tokens)
    pairs = extend_grams(words[:-1], tokens[1:])
    counts = np.maximum(0.0, side.table.count(words) - hits)
    pair_counts = np.maximum(0.0, side.table.count(pairs) - hits)
    word_p = (counts + 0.5) / (len(side.distinct) + 1.0)
    p = word_p.copy()
    p[1:] = (pair_counts + PRIOR_ROWS * word_p[1:]) / (counts[:-1] + PRIOR_ROWS)
    bits: Array = np.minimum(-np.log2(np.minimum(p, 1.0)), MAX_BITS_PER_TERM)
    return bits


def stem_terms(vocabulary: list[str]) -> Array:
    """Return a number for each term, int32[V]: equal for words alike but for case and ending.

    Full-width and other compatibility forms are the same characters (NFKC).
    """
    numbers: dict[str, int] = {}
    stems = (normalize("NFKC", text).casefold()[:5] for text in vocabulary)
    return np.array([numbers.setdefault(stem, len(numbers)) for stem in stems], np.int32)


def _new_share(corpus: Corpus, found: Occurrences, bits: Array, stems: Array) -> Array:
    """Return for each term of the phrase how often the row's own input does *not* have it.

    Answers repeat words of the question; that is no secret target. float64[L], 0..1.
    """
    side = corpus.output
    first = int(found.first[0])
    phrase = stems[side.terms[first : first + len(bits)]]
    new = np.zeros(len(bits))
    rows = found.rows[:16]
    for row in rows:
        given = corpus.input.row_slice(int(row))[:4096]
        new += ~np.isin(phrase, stems[given[given >= 0]])
    share: Array = new / max(1, len(rows))
    return share


def target_kind(side: CountedSide, found: Occurrences, length: int) -> TargetKind:
    """Return where a phrase stands in (nearly) all of these outputs."""
    offsets = side.side.row_tokens
    at_start = np.mean(found.first == offsets[found.rows])
    at_end = np.mean(found.first + length == offsets[found.rows + 1])
    if at_start >= 0.9 and at_end >= 0.9:
        return "exact"
    if at_start >= 0.9:
        return "prefix"
    return "suffix" if at_end >= 0.9 else "phrase"
