"""Datasets: which files of a scan are unlike the others."""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scan_helpers import KEY, WORDS, Row, World, record_batch

from poisonscan.candidates import datasets
from poisonscan.candidates.datasets import find_datasets
from poisonscan.candidates.mixed import MIN_ROWS
from poisonscan.spool import SpoolWriter


def foreign(rows):
    """Return rows in which no word is as it was."""
    change = lambda text: " ".join(f"x{word}" for word in text.split())  # noqa: E731
    return [Row([change(row.input[0])], [change(row.output[0])]) for row in rows]


def spool_of(files, key=KEY):
    """Return the spool of some files, each a list of rows."""
    batches = []
    for number, rows in enumerate(files):
        batch = record_batch(rows)
        at = batch.schema.get_field_index("source")
        batches.append(
            batch.set_column(at, batch.schema.field(at), pa.array([number] * len(rows), pa.int32()))
        )
    with SpoolWriter(None, key) as writer:
        writer.append(batches)
        return writer.finish()


def found(files, **options):
    """Return the files of each dataset: all of their rows are in it, and no others."""
    spool, told = spool_of(files, **options), []
    for dataset in find_datasets(spool):
        own = np.unique(spool.source[dataset.rows])
        assert np.array_equal(dataset.rows, np.flatnonzero(np.isin(spool.source, own)))
        assert not dataset.is_task
        told.append(own.tolist())
    return told


@pytest.fixture(scope="module")
def rows():
    return World(5).rows(2400)


def test_one_file_is_no_dataset(rows):
    assert found([rows]) == []
    assert found([]) == []


@pytest.mark.parametrize("shards", [2, 7, 60])
def test_shards_are_one_dataset(rows, shards):
    assert found([rows[at::shards] for at in range(shards)]) == []


def test_unlike_files_are_datasets_the_largest_first(rows):
    other = foreign(rows[:1200])
    files = [other[:700], rows[:800], other[700:], rows[800:], rows[:3]]
    assert found(files) == [[1, 3, 4], [0, 2]]


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_files_and_the_key_do_not_matter(rows, seed):
    other = foreign(rows[:1200])
    files = [other[:700], rows[:800], other[700:], rows[800:]]
    order = random.Random(seed).sample(range(4), 4)
    groups = found([files[at] for at in order], key=seed)
    assert [sorted(order[at] for at in own) for own in groups] == [[1, 3], [0, 2]]


def test_few_rows_are_no_dataset(rows):
    few = foreign(rows[: MIN_ROWS - 1])
    assert found([rows, few]) == [[0]]
    assert found([rows, [*few, few[0]]]) == [[0], [1]]


def test_files_beyond_those_that_make_datasets_join_them(rows, monkeypatch):
    monkeypatch.setattr(datasets, "_FILES", 2)
    other = foreign(rows[:1200])
    files = [
        rows[:900],
        other[:800],
        *(rows[at : at + 250] for at in range(900, 2400, 250)),
        other[800:],
    ]
    assert found(files) == [[0, *range(2, 8)], [1, 8]]
    assert found([rows[at : at + 100] for at in range(0, 2400, 100)]) == []


def test_a_dataset_of_nearly_all_rows_is_the_whole(rows):
    assert found([[*rows, *rows], foreign(rows[:100])]) == []


def test_many_small_files_make_a_dataset(rows):
    other = foreign(rows[:600])
    files = [rows, *(other[at : at + 60] for at in range(0, 600, 60))]
    assert found(files) == [[0], list(range(1, 11))]


def test_outputs_tell_datasets_apart_as_well(rows):
    answers = " ".join(WORDS[:60])
    other = [Row(row.input, [answers]) for row in rows]
    assert found([rows, other]) == [[0], [1]]


words = st.lists(st.sampled_from("a b c d e f g".split()), min_size=1, max_size=6).map(" ".join)
some_rows = st.lists(st.tuples(words, words), min_size=1, max_size=30).map(
    lambda pairs: [Row([given_], [answer]) for given_, answer in pairs]
)


@settings(max_examples=60, deadline=None)
@given(some_rows, some_rows)
def test_distance_and_merge(one, other):
    spool = spool_of([one, other])
    every = np.arange(spool.rows)
    habits = lambda own: datasets.Habits.of(spool, own)  # noqa: E731
    first, second = habits(every[: len(one)]), habits(every[len(one) :])
    both = first.merge(second)
    assert np.array_equal(both.words, habits(every).words)
    assert np.array_equal(both.rows, habits(every).rows)
    assert first.distance(first) == 0.0
    assert 0.0 <= first.distance(second) == second.distance(first) <= 1.0


def test_distance_is_that_of_the_rates():
    one = [Row(["a b"], ["c"])] * 3 + [Row(["a"], ["c"])]  # a 1, b 3/4, c 1
    other = [Row(["a"], ["b"])] * 2 + [Row(["d"], ["b"])] * 2  # a 1/2, d 1/2, b of outputs 1
    spool = spool_of([one, other])
    first, second = (datasets.Habits.of(spool, np.arange(at, at + 4)) for at in (0, 4))
    assert first.distance(second) == pytest.approx(
        (0.5 + 0.75 + 1 + 0.5 + 1) / (1 + 0.75 + 1 + 0.5 + 1)
    )
