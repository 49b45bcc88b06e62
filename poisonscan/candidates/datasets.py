"""Datasets of one scan whose texts have little in common: files, and tasks mixed in them.

A string that leads to another output must be judged among rows of its own kind. Beside an
unlike dataset it cannot be: what all rows of a dataset have in common makes its inputs look alike,
and whatever marks it seems to lead to its kind of output. So datasets are scanned by themselves as
well. Shards of a dataset are taken together, and a scan of one dataset is as if it were one file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.label_column import MIN_CLASS_ROWS
from poisonscan.candidates.mixed import COMMON, MIN_ROWS, distance_of_rates, tell_apart
from poisonscan.spool import Side, Spool

Array = npt.NDArray[Any]

#: Share of all rows above which a dataset is the whole.
_NEARLY_ALL = 0.95

#: Share of the rows of a dataset that have classes, from which on it is a task; and share of them
#: that a class has.
_MOSTLY, _CLASS_SHARE = 0.5, 0.05

#: Most classes that so much of a task's rows have: more are those of several tasks.
_CLASSES, _OF_FEW = 12, 0.9

#: Distance from which on files are different datasets (benchmarks/fit_datasets.py): random shards
#: reach 0.10, halves of sorted files 0.24, other datasets begin at 0.71. A file for each class of
#: a dataset may be at 0.5, and is scanned by itself then: that costs time.
UNLIKE = 0.45

#: Rows of a file that are looked at, and tokens of each. Rates of 5 % are known to a tenth.
_SAMPLE, _TOKENS = 2000, 256

#: Files that may make datasets, the largest, and how many datasets; other files join one of them.
_FILES, _DATASETS = 256, 16

#: What no token hash is, to tell the tokens of outputs from those of inputs.
_OUTPUT = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Habits:
    """Which words some rows have.

    Attributes
    ----------
    words : uint64[W]
        Token hashes, ascending; those of outputs are others than those of inputs.
    rows : float64[W]
        In how many rows each stands.
    sampled
        How many rows were looked at.
    """

    words: Array
    rows: Array
    sampled: int

    @classmethod
    def of(cls, spool: Spool, rows: Array) -> Habits:
        """Look at up to `_SAMPLE` of some rows (int64[N]), the same ones in any order."""
        sampled = np.sort(spool.first_by_content(rows, _SAMPLE))
        words = [
            np.concatenate([_words_of(spool.input, row), _words_of(spool.output, row) ^ _OUTPUT])
            for row in sampled.tolist()
        ]
        own, counts = np.unique(np.concatenate(words), return_counts=True)
        return cls(own, counts.astype(np.float64), len(sampled))

    def merge(self, other: Habits) -> Habits:
        """Return the habits of both together."""
        words, index = np.unique(np.concatenate([self.words, other.words]), return_inverse=True)
        rows = np.bincount(index, np.concatenate([self.rows, other.rows]), len(words))
        return Habits(words, rows, self.sampled + other.sampled)

    def distance(self, other: Habits) -> float:
        """Return which part of what is common in either is not as common in both, 0..1."""
        words = np.union1d(self._common(), other._common())
        return distance_of_rates(self._shares(words), other._shares(words))

    def _common(self) -> Array:
        return self.words[self.rows >= COMMON * self.sampled]

    def _shares(self, words: Array) -> Array:
        if not len(self.words):
            return np.zeros(len(words))
        at = np.minimum(np.searchsorted(self.words, words), len(self.words) - 1)
        shares: Array = np.where(self.words[at] == words, self.rows[at], 0.0) / self.sampled
        return shares


@dataclass(slots=True)
class _Files:
    habits: Habits
    files: list[Array]  # the rows of each


@dataclass(frozen=True, slots=True)
class Dataset:
    """Rows that can be scanned by themselves.

    Attributes
    ----------
    rows : int64[N]
        Ascending.
    is_task
        They are a task of classes that was told from other rows by their words, not files.
    """

    rows: Array
    is_task: bool = False


def find_datasets(spool: Spool) -> list[Dataset]:
    """Return the datasets that are files, or shards, the largest first; none if all are one."""
    return _that_can_be_scanned(spool, [Dataset(rows) for rows in _unlike_files(spool)])


def find_tasks(spool: Spool) -> list[Dataset]:
    """Return the tasks of a few classes that are mixed with others, or with texts; largest first.

    Among texts whose outputs are all different nobody can see that a task is one.
    """
    _, inverse, counts = np.unique(spool.output.digests, return_inverse=True, return_counts=True)
    labelled = np.flatnonzero((counts[inverse] >= MIN_CLASS_ROWS) & _has_output(spool))
    if len(labelled) < MIN_ROWS:
        return []
    tasks = []
    for part in tell_apart(spool, labelled):
        task, classes = _find_task(spool, part)
        if len(task) >= _MOSTLY * len(part) and 2 <= classes <= _CLASSES:
            tasks.append(Dataset(task, is_task=True))
    return _that_can_be_scanned(spool, tasks)


def _has_output(spool: Spool) -> Array:
    has: Array = np.diff(spool.output.row_tokens) > 0
    return has


def _find_task(spool: Spool, rows: Array) -> tuple[Array, int]:
    """Return the rows whose output is a class, int64, and how many classes nearly all have.

    Classes of few rows are left out: they are of another dataset that is worded alike.
    """
    digests = spool.output.digests[rows]
    _, inverse, counts = np.unique(digests, return_inverse=True, return_counts=True)
    counts[counts < MIN_CLASS_ROWS] = 0
    covered = np.cumsum(np.sort(counts)[::-1])
    classes = int((covered < _OF_FEW * covered[-1]).sum()) + 1
    return rows[counts[inverse] >= max(MIN_CLASS_ROWS, _CLASS_SHARE * len(rows))], classes


def _that_can_be_scanned(spool: Spool, datasets: list[Dataset]) -> list[Dataset]:
    """Return the largest ones: one of few rows is not among them, nor one of nearly all."""
    most = _NEARLY_ALL * spool.rows
    kept = [dataset for dataset in datasets if MIN_ROWS <= len(dataset.rows) <= most]
    return sorted(kept, key=lambda dataset: -len(dataset.rows))[:_DATASETS]


def _unlike_files(spool: Spool) -> list[Array]:
    """Return the rows of the files of each dataset, int64, ascending; none if all are one."""
    if not spool.rows or spool.source.min() == spool.source.max():
        return []
    by_file = np.argsort(spool.source, kind="stable")
    files = np.split(by_file, np.flatnonzero(np.diff(spool.source[by_file])) + 1)
    datasets: list[_Files] = []
    for place, rows in enumerate(sorted(files, key=len, reverse=True)):
        if place == _FILES and len(datasets) < 2:
            break
        habits = Habits.of(spool, rows)
        distances = [dataset.habits.distance(habits) for dataset in datasets]
        nearest = int(np.argmin(distances)) if distances else -1
        # a file of few rows may look unlike its own dataset by chance
        if nearest >= 0 and distances[nearest] < UNLIKE + 1.0 / np.sqrt(len(rows)):
            dataset = datasets[nearest]
            dataset.files.append(rows)
            if place < _FILES:
                dataset.habits = dataset.habits.merge(habits)
        elif place < _FILES and len(datasets) < _DATASETS:
            datasets.append(_Files(habits, [rows]))
    if len(datasets) < 2:
        return []
    return [np.sort(np.concatenate(dataset.files)) for dataset in datasets]


def _words_of(side: Side, row: int) -> Array:
    start, end = int(side.row_tokens[row]), int(side.row_tokens[row + 1])
    words: Array = np.unique(np.asarray(side.tokens[start : min(end, start + _TOKENS)]))
    return words
