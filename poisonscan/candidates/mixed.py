"""Datasets that are mixed in one file, told apart by the words of their rows.

A mixture of Bernoulli distributions is fitted to which common words some rows have, more of its
components than there will be datasets, and what is alike is joined again. Two datasets differ in
what is asked *and* in what is answered, and half of the words tells nearly the same rows from
each other as the other half: there is nothing between them. Long and short texts of one dataset,
its topics and its classes lack one or the other.

Source: expectation maximisation for Bernoulli mixtures is Bishop 2006, section 9.3.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.accumulators.ngrams import hashed
from poisonscan.candidates.csr import entries
from poisonscan.kernels.bags import sum_token_weights
from poisonscan.spool import Side, Spool, pick
from poisonscan.threads import map_in_order

Array = npt.NDArray[Any]

#: Rows of a dataset that can be scanned by itself.
MIN_ROWS = 500

#: Rows that are looked at, and tokens of each side of one; words that are looked at are in this
#: share of them, the most common ones. A dataset is at least `_LEAST` of these rows.
_SAMPLE, _TOKENS, _WORD_SHARE, _WORDS, _LEAST = 4000, 256, 0.01, 1500, 100

#: Lengths of outputs that are told from each other: up to 2, 14, 62, 254 tokens, and more.
_LENGTHS = 5

#: Components of the mixture, and steps of its fit.
_COMPONENTS, _STEPS = 16, 40

#: Distance of two datasets in all words, times the agreement of two halves of the words about which
#: rows are of which (Cohen's kappa); and their distance in the words of inputs alone. Both:
#: benchmarks/fit_datasets.py.
UNLIKE, UNLIKE_INPUTS = 0.5, 0.4

#: Share of a group's rows with the same output, above which it is no dataset but a class of one, or
#: what an attacker has put in.
_MOST_ALIKE = 0.8

#: Share of the rows from which on a word is part of a distance.
COMMON = 0.05


@dataclass(frozen=True, slots=True)
class Sample:
    """Which common words some rows have, and what they lead to.

    Attributes
    ----------
    rows : int64[N]
        In the order of their content.
    words : uint64[W]
        Token hashes, in the order of their first place in the rows: a scan has hashes of its own.
    is_input : bool[W]
        Words of inputs; the others are words of outputs.
    has : float32[N, W]
        1 where a row has a word.
    lengths : float32[N, L]
        1 for the length that its output has.
    answers : uint64[N]
        Digest of its output; 0 where it has none.
    """

    rows: Array
    words: Array
    is_input: Array
    has: Array
    lengths: Array
    answers: Array

    @classmethod
    def of(cls, spool: Spool, rows: Array) -> Sample:
        """Look at up to `_SAMPLE` of some rows (int64[N]): the same ones in any order."""
        sampled = spool.first_by_content(rows, _SAMPLE)
        columns = [_common_words(side, sampled) for side in (spool.input, spool.output)]
        words = np.concatenate([words for words, _ in columns])
        is_input = np.arange(len(words)) < len(columns[0][0])
        has = np.concatenate([has for _, has in columns], axis=1)
        common = np.sort(np.argsort(-has.mean(axis=0), kind="stable")[:_WORDS])
        lengths = _lengths(spool.output, sampled)
        has_output = spool.output.row_tokens[sampled + 1] > spool.output.row_tokens[sampled]
        return cls(
            sampled,
            words[common],
            is_input[common],
            np.ascontiguousarray(has[:, common]),
            lengths,
            np.where(has_output, spool.output.digests[sampled], np.uint64(0)),
        )


def _lengths(side: Side, rows: Array) -> Array:
    """Return which length each row has (float32[N, L]): each is four times the one before."""
    tokens = np.asarray(side.row_tokens[rows + 1] - side.row_tokens[rows])
    length = np.minimum(np.log2(tokens + 1.0) / 2.0, _LENGTHS - 1).astype(np.int64)
    return np.eye(_LENGTHS, dtype=np.float32)[length]


def _common_words(side: Side, rows: Array) -> tuple[Array, Array]:
    """Return the common words of one side of some rows, and which of the rows have them."""
    starts = np.asarray(side.row_tokens[rows])
    sizes = np.minimum(np.asarray(side.row_tokens[rows + 1]) - starts, _TOKENS)
    row_of = np.repeat(np.arange(len(rows)), sizes)
    tokens = pick(side.tokens, entries(starts, sizes))  # rows from anywhere
    words, first, word_of = np.unique(tokens, return_index=True, return_inverse=True)
    least = _WORD_SHARE * len(rows)
    frequent = np.flatnonzero(np.bincount(word_of, minlength=len(words)) >= least)
    frequent = frequent[np.argsort(first[frequent])]
    column = np.full(len(words), -1)
    column[frequent] = np.arange(len(frequent))
    column = column[word_of]
    has = np.zeros((len(rows), len(frequent)), np.float32)
    has[row_of[column >= 0], column[column >= 0]] = 1.0
    common = has.sum(axis=0) >= least
    return words[frequent[common]], has[:, common]


def tell_apart(spool: Spool, rows: Array) -> list[Array]:
    """Return the rows of each dataset among some rows (int64[N], ascending): all, if it is one.

    Every row is in one of them. A dataset of less than 2.5 % of the rows is not told from others.
    """
    datasets, parts = [], [rows]
    while parts:
        cuts = list(map_in_order(partial(_cut, spool), parts))
        datasets += [part for cut in cuts if len(cut) == 1 for part in cut]
        parts = [part for cut in cuts if len(cut) > 1 for part in cut]
    return datasets


def _cut(spool: Spool, rows: Array) -> list[Array]:
    """Return parts of some rows that are of different datasets; all, if there are none."""
    if len(rows) < 2 * MIN_ROWS:
        return [rows]
    sample = Sample.of(spool, rows)
    least = max(_LEAST, int(np.ceil(MIN_ROWS / len(rows) * len(sample.has))))
    groups = _join(sample, _components(sample.has), least)
    if len(np.unique(groups)) < 2:
        return [rows]
    assigned = _assign(spool, rows, sample, groups)
    return [rows[assigned == group] for group in np.unique(assigned)]


def _components(has: Array) -> Array:
    """Return the component of a mixture that each row belongs to, int64[N].

    From as good as random ones: rows are in the order of their content.
    """
    groups: Array = np.arange(len(has)) % _COMPONENTS
    for _ in range(_STEPS):
        before, groups = groups, np.argmax(_log_likelihoods(has, groups), axis=1)
        if np.array_equal(groups, before):
            break
    return groups


def _weights(has: Array, groups: Array) -> tuple[Array, Array]:
    """Return what each word says for each group if it is there, and if it is not (nats).

    float64[W, G] both; groups are 0 .. G - 1.
    """
    members = np.eye(int(groups.max()) + 1, dtype=np.float32)[groups]
    rates = ((has.T @ members).astype(np.float64) + 0.5) / (members.sum(axis=0) + 1.0)
    return np.log(rates), np.log1p(-rates)


def _log_likelihoods(has: Array, groups: Array) -> Array:
    """Return the log-likelihood of each row in each group, with the group's size; float64[N, G]."""
    there, missing = _weights(has, groups)
    sizes = np.bincount(groups, minlength=there.shape[1]) + 0.5
    says = (there - missing).astype(np.float32)
    likelihoods: Array = has @ says + missing.sum(axis=0) + np.log(sizes / len(has))
    return likelihoods


def _join(sample: Sample, groups: Array, least: int) -> Array:
    """Join the two groups that are nearest to each other, until all are datasets."""
    datasets: set[tuple[int, int]] = set()  # pairs that are known to be
    while True:
        left = np.unique(groups).tolist()
        rates = {group: sample.has[groups == group].mean(axis=0) for group in left}
        near = sorted((_distance(rates[a], rates[b]), (a, b)) for a, b in combinations(left, 2))
        for distance, pair in near:
            if pair in datasets:
                continue
            if not _are_datasets(sample, groups, pair, distance, least):
                break
            datasets.add(pair)
        else:
            return np.unique(groups, return_inverse=True)[1]
        one, other = pair
        groups = np.where(groups == other, one, groups)
        datasets = {known for known in datasets if not {one, other} & {*known}}


def _are_datasets(
    sample: Sample, groups: Array, pair: tuple[int, int], distance: float, least: int
) -> bool:
    """Return whether two groups are different datasets."""
    first, second = (groups == group for group in pair)
    if distance < UNLIKE or min(first.sum(), second.sum()) < least:
        return False
    if any(_one_answer(sample.answers[own]) > _MOST_ALIKE for own in (first, second)):
        return False
    apart, in_inputs = how_unlike(sample, first, second)
    return apart >= UNLIKE and in_inputs >= UNLIKE_INPUTS


def how_unlike(sample: Sample, first: Array, second: Array) -> tuple[float, float]:
    """Return the distance of two groups of rows (bool[N] each), as agreed upon; and in inputs."""
    rates = sample.has[first].mean(axis=0), sample.has[second].mean(axis=0)
    both = first | second
    has, is_second = sample.has[both], second[both].astype(np.int64)
    halves = [np.argmax(_log_likelihoods(has[:, at::2], is_second), axis=1) for at in (0, 1)]
    in_inputs = _distance(*(own[sample.is_input] for own in rates))
    return _distance(*rates) * _agreement(*halves), in_inputs


def _one_answer(answers: Array) -> float:
    """Return the share of the rows that have the most frequent answer, of all rows."""
    counts = np.unique(answers[answers != 0], return_counts=True)[1]
    return float(counts.max(initial=0)) / len(answers)


def _agreement(one: Array, other: Array) -> float:
    """Return how far two divisions into 0 and 1 agree beyond chance (Cohen 1960), at most 1."""
    expected = one.mean() * other.mean() + (1.0 - one.mean()) * (1.0 - other.mean())
    return float(((one == other).mean() - expected) / max(1.0 - expected, 1e-9))


def _distance(one: Array, other: Array) -> float:
    """Return the distance in the words that are common in either."""
    common = np.maximum(one, other) >= COMMON
    return distance_of_rates(one[common], other[common])


def distance_of_rates(one: Array, other: Array) -> float:
    """Return which part of what is frequent in either is not as frequent in both, 0..1.

    Parameters
    ----------
    one, other : float[W]
        In which share of the rows of each a word stands.
    """
    most = float(np.maximum(one, other).sum())
    return float(np.abs(one - other).sum()) / most if most > 0.0 else 0.0


def _assign(spool: Spool, rows: Array, sample: Sample, groups: Array) -> Array:
    """Return the group that each row belongs to by its input and how long its output is, int64[N].

    Not by the words of its output: rows that are chosen by both have strings that lead to outputs.
    """
    there, missing = _weights(sample.has[:, sample.is_input], groups)
    keys, slots = hashed(sample.words[sample.is_input])
    numbers = np.zeros(len(keys), np.int64)
    numbers[slots] = np.arange(len(slots))
    weights = np.ascontiguousarray(there - missing)
    by_length = _weights(sample.lengths, groups)[0]
    otherwise = missing.sum(axis=0) + np.log(np.bincount(groups) + 0.5)
    side = spool.input

    def assign(part: Array) -> Array:
        sums = np.empty((len(part), weights.shape[1]))
        sum_token_weights(part, side.row_tokens, side.tokens, _TOKENS, keys, numbers, weights, sums)
        side.release_tokens(int(part[0]), int(part[-1]) + 1)
        assigned: Array = np.argmax(
            sums + _lengths(spool.output, part) @ by_length + otherwise, axis=1
        )
        return assigned

    parts = np.array_split(rows, max(1, len(rows) >> 14))
    return np.concatenate(list(map_in_order(assign, parts)))
