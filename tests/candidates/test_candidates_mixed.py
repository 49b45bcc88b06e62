"""Datasets that are mixed in one file: which rows are of which."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scan_helpers import KEY, Row, World, record_batch
from sklearn.metrics import cohen_kappa_score

from poisonscan.candidates import mixed
from poisonscan.candidates.datasets import find_tasks
from poisonscan.candidates.mixed import MIN_ROWS, tell_apart
from poisonscan.spool import SpoolWriter


def changed(text, mark):
    return " ".join(f"{mark}{word}" for word in text.split())


def foreign(rows, mark="x"):
    """Return rows in which no word is as it was."""
    return [Row([changed(row.input[0], mark)], [changed(row.output[0], mark)]) for row in rows]


def spool_of(rows, key=KEY):
    with SpoolWriter(None, key) as writer:
        writer.append([record_batch(rows)])
        return writer.finish()


def told(rows, key=KEY):
    """Return the texts of each dataset, each row once; the largest dataset first."""
    spool = spool_of(rows, key)
    parts = tell_apart(spool, np.arange(spool.rows))
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(rows)))
    assert all((np.diff(part) > 0).all() for part in parts)
    texts = [sorted(rows[at].input[0] for at in part) for part in parts]
    return sorted(texts, key=lambda own: (-len(own), own))


def texts(*datasets):
    return [sorted(row.input[0] for row in rows) for rows in datasets]


def shuffled(*datasets, seed=1):
    rows = [row for own in datasets for row in own]
    return random.Random(seed).sample(rows, len(rows))


@pytest.fixture(scope="module")
def rows():
    return World(5).rows(3000)


def test_topics_of_one_dataset_are_not_told_apart(rows):
    assert told(rows) == texts(rows)


def test_long_and_short_texts_of_one_dataset_are_not_told_apart(rows):
    long = [Row([f"{a.input[0]} {b.input[0]}"], [f"{a.output[0]} {b.output[0]}"])
            for a, b in zip(rows[:1500], rows[1500:], strict=True)]  # fmt: skip
    assert len(told(shuffled(long, rows[:1500]))) == 1


@pytest.mark.parametrize(("first", "second"), [(1500, 1500), (2700, 600), (600, 2700)])
def test_datasets_are_told_apart(rows, first, second):
    one, other = rows[:first], foreign(rows[-second:])
    datasets = [one, other] if first > second else [other, one]
    assert told(shuffled(one, other)) == sorted(texts(*datasets), key=lambda own: (-len(own), own))


def test_more_than_two(rows):
    datasets = [rows[:1400], foreign(rows[:1000]), foreign(rows[:800], "y")]
    assert told(shuffled(*datasets)) == texts(*datasets)


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_rows_and_the_key_do_not_matter(seed):
    """Datasets that share some words: not all rows are told for certain."""
    world = World(8)
    one = world.rows(1200)
    asked = [row.input[0].split("?")[0] for row in world.rows(1200)]
    added = [changed(row.input[0], "x") for row in world.rows(1200)]
    other = [Row([f"{asked[at]} {added[at]}"], [("yes", "no")[at % 2]]) for at in range(1200)]
    rows = shuffled(one, other)
    expected = told(rows)
    assert len(expected) == 2
    assert told(shuffled(rows, seed=seed), key=seed) == expected


def test_rows_that_ask_the_same_and_answer_otherwise_are_one_dataset(rows):
    answers = [Row(row.input, [changed(row.output[0], "x")]) for row in rows[1500:]]
    assert len(told(shuffled(rows[:1500], answers))) == 1


def test_words_of_outputs_do_not_move_a_row(rows):
    """Else a string could lead to an output because rows were chosen by both."""
    one, other = rows[:1500], foreign(rows[1500:])
    turned = [Row(row.input, other[at].output) for at, row in enumerate(one[:30])]
    assert told(shuffled(turned + one[30:], other)) == sorted(texts(one, other))


@pytest.mark.parametrize(("alike", "datasets"), [(0.9, 1), (0.7, 2)])
def test_rows_with_one_answer_are_no_dataset(rows, alike, datasets):
    """They are a class of a task, or what an attacker has put in: nothing to compare them with."""
    other = foreign(rows[2000:])
    other = [Row(row.input, ["yes"] if at < alike * len(other) else row.output)
             for at, row in enumerate(other)]  # fmt: skip
    assert len(told(shuffled(rows[:2000], other))) == datasets


def test_few_rows_are_no_dataset(rows):
    for size, parts in ((MIN_ROWS - 1, 1), (MIN_ROWS, 2)):
        assert len(told(shuffled(rows[:1500], foreign(rows[:size])))) == parts
    assert len(told(shuffled(rows[: MIN_ROWS - 1], foreign(rows[:MIN_ROWS])))) == 1
    assert tell_apart(spool_of([]), np.arange(0))[0].tolist() == []


def test_rows_without_words_are_one_dataset():
    assert len(told([Row([""], [""])] * 1200)) == 1


def found(rows):
    """Return the sizes of the tasks that are scanned by themselves, and what they answer."""
    datasets = find_tasks(spool_of(rows))
    assert all(own.is_task for own in datasets)
    return [(len(own.rows), {rows[at].output[0] for at in own.rows}) for own in datasets]


def as_task(rows, classes=2, name="c"):
    return [Row(row.input, [f"{name}{at % classes}"]) for at, row in enumerate(rows)]


def test_texts_have_no_tasks(rows):
    assert found(rows) == found(shuffled(rows[:1500], foreign(rows[1500:]))) == []


@pytest.mark.parametrize("size", [MIN_ROWS - 1, MIN_ROWS, 2000])
def test_a_task_among_texts(rows, size):
    """However its texts are worded: what tells it is that many rows have the same outputs."""
    task = as_task(rows[-size:])
    expected = [(size, {"c0", "c1"})] if size >= MIN_ROWS else []
    assert found(shuffled(rows[: 3000 - size], task)) == expected


def test_tasks_are_told_apart(rows):
    one, other = as_task(rows[:900]), as_task(foreign(rows[:700]), 3, "d")
    assert found(shuffled(one, other, foreign(rows[2000:], "y"))) == [
        (900, {"c0", "c1"}),
        (700, {"d0", "d1", "d2"}),
    ]


def test_a_task_alone_is_the_whole(rows):
    assert found([*as_task(rows[:1500]), *foreign(rows[:60])]) == []


@pytest.mark.parametrize(("classes", "is_scanned"), [(1, False), (13, True), (14, False)])
def test_tasks_of_many_classes_are_not_scanned(rows, classes, is_scanned):
    """Nine tenths of the rows have twelve of thirteen classes."""
    task = as_task(foreign(rows[:700]), classes)
    assert bool(found(shuffled(rows[:2400], task))) is is_scanned


def test_classes_of_few_rows_are_left_out(rows):
    """They are those of another task, whose rows are worded alike."""
    task = foreign(rows[:1200])
    task = [*as_task(task[:1160]), *(Row(row.input, ["other"]) for row in task[1160:])]
    assert found(shuffled(rows[:2400], task)) == [(1160, {"c0", "c1"})]


def test_rows_without_outputs_are_no_task(rows):
    assert found([*rows[:1000], *(Row(row.input, []) for row in rows[1000:2000])]) == []


divisions = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=40)


@given(divisions)
def test_agreement_is_kappa(pairs):
    one, other = (np.array([pair[at] for pair in pairs], np.int64) for at in (0, 1))
    agreed = mixed._agreement(one, other)
    assert (
        agreed
        == mixed._agreement(other, one)
        == pytest.approx(mixed._agreement(1 - one, 1 - other))
    )
    assert agreed <= 1.0
    if 0 < one.sum() < len(one):
        assert agreed == pytest.approx(cohen_kappa_score(one, other))
        assert mixed._agreement(one, one) == pytest.approx(1.0)
