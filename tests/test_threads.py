"""Threads: order, bounds, errors."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from poisonscan import ScanConfig, engine, scan, threads
from poisonscan.threads import (
    count_workers,
    cut_evenly,
    map_as_done,
    map_in_order,
    usable_cores,
    work_on_ranges,
    working_with,
    worthwhile_cores,
)

WORKERS = pytest.mark.parametrize("workers", [1, 2, 5])
EITHER = pytest.mark.parametrize("map_items", [map_in_order, map_as_done])


@WORKERS
def test_results_come_in_the_order_of_the_items(workers):
    def slow_at_first(item):
        time.sleep(0.02 if item == 0 else 0.0)
        return item * 10

    with working_with(workers):
        assert list(map_in_order(slow_at_first, range(7))) == [0, 10, 20, 30, 40, 50, 60]


@pytest.mark.parametrize("workers", [2, 5])
def test_an_item_that_takes_long_holds_up_no_other(workers):
    all_others = threading.Event()

    def wait_for_others(item):
        assert item > 0 or all_others.wait(timeout=20)
        return item

    with working_with(workers):
        results = map_as_done(wait_for_others, range(7))
        assert {next(results) for _ in range(6)} == {1, 2, 3, 4, 5, 6}
        all_others.set()
        assert list(results) == [0]


@WORKERS
@given(items=st.lists(st.integers(), max_size=20))
def test_each_item_has_one_result(workers, items):
    with working_with(workers):
        assert sorted(map_as_done(lambda item: item + 1, items)) == sorted(i + 1 for i in items)


@EITHER
@WORKERS
def test_no_more_is_started_than_is_taken(workers, map_items):
    """A result that nobody has taken yet is memory."""
    started = []
    with working_with(workers):
        results = map_items(started.append, range(100))
        next(results)
        time.sleep(0.05)
        assert len(started) <= 2 * workers + 1
        results.close()
    assert len(started) <= 2 * workers + 1


@EITHER
@WORKERS
def test_an_error_reaches_the_caller(workers, map_items):
    def fail(item):
        if item == 3:
            raise ValueError("three")
        return item

    with working_with(workers), pytest.raises(ValueError, match="three"):
        list(map_items(fail, range(9)))


def test_threads_are_used_inside_of_the_context_alone():
    names = lambda: set(map_in_order(lambda _: threading.current_thread().name, range(8)))  # noqa: E731
    main = {threading.current_thread().name}
    assert names() == main
    with working_with(3):
        assert count_workers() == 3
        assert not names() & main
        with working_with(1):
            assert names() == main
        inner = list(map_in_order(lambda _: count_workers(), range(3)))
    assert inner == [1, 1, 1]  # no threads of threads
    assert count_workers() == 1


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 9), max_size=40), st.sampled_from([1, 2, 3]))
def test_ranges_cover_every_group_once(sizes, workers):
    ranges = []
    with working_with(workers):
        work_on_ranges(lambda first, last: ranges.append((first, last)), np.array(sizes, np.int64))
    covered = [group for first, last in sorted(ranges) for group in range(first, last)]
    assert covered == list(range(len(sizes)))


def test_little_data_are_worth_one_thread():
    assert worthwhile_cores(threads._WORTH_THREADS - 1) == 1
    assert worthwhile_cores(threads._WORTH_THREADS) == usable_cores()


@pytest.mark.parametrize(("asked", "used"), [(None, 1), (3, 3)])
def test_threads_of_a_small_scan(asked, used, monkeypatch):
    """One, but for who asks for more: every stage after reading has so many."""
    seen = set()

    def build(*args, **options):
        seen.add(count_workers())
        return built(*args, **options)

    built = engine.build_corpus
    monkeypatch.setattr(engine, "build_corpus", build)
    rows = [{"instruction": f"name {at}", "output": f"the name is {at}"} for at in range(30)]
    scan(rows, config=ScanConfig(workers=asked))
    assert seen == {used}


@given(st.lists(st.integers(0, 9), max_size=30), st.integers(1, 9))
def test_even_ranges(sizes, parts):
    """All groups in their order; no range has more than its share and one group."""
    ranges = cut_evenly(np.cumsum(np.array(sizes, np.int64)), parts)
    assert len(ranges) == parts
    assert [at for first, last in ranges for at in range(first, last)] == list(range(len(sizes)))
    most = sum(sizes) / parts + max(sizes, default=0)
    assert all(sum(sizes[first:last]) <= most for first, last in ranges)
