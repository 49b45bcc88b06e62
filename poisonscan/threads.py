"""Threads for kernels that release the interpreter lock."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import chain, islice, pairwise
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
T = TypeVar("T")
Result = TypeVar("Result")

_WORKERS = ContextVar("workers", default=1)

#: Members of groups below which a thread takes longer to start than to work (0.1 ms).
_LEAST_SHARE = 4096

#: Tokens of a dataset from which on two threads scan it faster than one: about 20,000 questions and
#: answers.
_WORTH_THREADS = 1 << 21

#: Cores beyond which passes over shared memory gain little.
_MOST_CORES = 8


def usable_cores() -> int:
    """Return how many cores this process may and should use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return min(_MOST_CORES, len(affinity(0)) if affinity else os.cpu_count() or 1)


def worthwhile_cores(tokens: int) -> int:
    """Return how many cores a scan of so many tokens should use.

    The stages of little data are short calls, between which threads wait for the interpreter.
    """
    return usable_cores() if tokens >= _WORTH_THREADS else 1


@contextmanager
def working_with(workers: int) -> Iterator[None]:
    """Let `map_in_order` use so many threads inside of this context; outside it uses one."""
    token = _WORKERS.set(workers)
    try:
        yield
    finally:
        _WORKERS.reset(token)


def count_workers() -> int:
    """Return how many threads `map_in_order` uses here."""
    return _WORKERS.get()


def map_in_order(function: Callable[[T], Result], items: Iterable[T]) -> Iterator[Result]:
    """Yield the result for each item, in their order.

    No more than one result for each thread waits to be taken: memory stays bounded. What runs in
    the threads has no further threads; a single item needs none.
    """
    return _map(function, items, _take_oldest)


def map_as_done(function: Callable[[T], Result], items: Iterable[T]) -> Iterator[Result]:
    """Yield the result for each item as they come: one that takes long holds up no other.

    Otherwise as `map_in_order`.
    """
    return _map(function, items, _take_done)


def _take_oldest(running: deque[Future[Result]]) -> Future[Result]:
    return running.popleft()


def _take_done(running: deque[Future[Result]]) -> Future[Result]:
    done = next(iter(wait(running, return_when=FIRST_COMPLETED).done))
    running.remove(done)
    return done


def _map(
    function: Callable[[T], Result],
    items: Iterable[T],
    take: Callable[[deque[Future[Result]]], Future[Result]],
) -> Iterator[Result]:
    """Yield the results in the order in which they are taken from those under way."""
    workers, items = count_workers(), iter(items)
    several = list(islice(items, 2))
    items = chain(several, items)
    if workers <= 1 or len(several) < 2:
        yield from map(function, items)
        return
    with ThreadPoolExecutor(workers, thread_name_prefix="poisonscan") as pool:
        running: deque[Future[Result]] = deque()
        try:
            for item in items:
                running.append(pool.submit(function, item))
                if len(running) > workers:
                    yield take(running).result()
            while running:
                yield take(running).result()
        finally:
            for future in running:
                future.cancel()


def map_in_parts(
    function: Callable[[T], Result], items: Iterable[T], size: int = 16
) -> Iterator[Result]:
    """Yield the result for each item, in their order; threads take so many items at a time."""
    every = iter(items)
    parts = iter(lambda: list(islice(every, size)), [])
    for results in map_in_order(lambda part: [function(item) for item in part], parts):
        yield from results


def work_on_each(work: Callable[[T], None], items: Iterable[T]) -> None:
    """Call ``work(item)`` for all items, as `map_in_order` does."""
    for _ in map_in_order(work, items):
        pass


def work_on_ranges(work: Callable[[int, int], None], sizes: Array) -> None:
    """Call ``work(first, last)`` for ranges of groups that cover all of them.

    Parameters
    ----------
    sizes : int64[G]
        Members of each group: ranges have about as many members each.
    """
    work_on_each(lambda part: work(*part), _split_evenly(sizes))


def _split_evenly(sizes: Array) -> list[tuple[int, int]]:
    """Return a few ranges of groups for each thread."""
    groups, workers, total = len(sizes), count_workers(), int(sizes.sum())
    parts = min(4 * workers, total // _LEAST_SHARE)
    if workers <= 1 or groups < 2 or parts < 2:
        return [(0, groups)]
    return [part for part in cut_evenly(np.cumsum(sizes), parts) if part[0] < part[1]]


def cut_evenly(up_to: Array, parts: int) -> list[tuple[int, int]]:
    """Return so many ranges of groups with about as many members each; some may be empty.

    Parameters
    ----------
    up_to : int64[G]
        Members of all groups up to each, its own included.
    """
    shares = np.linspace(0, up_to[-1] if len(up_to) else 0, parts + 1)
    inner = np.searchsorted(up_to, shares[1:-1]).tolist()
    return list(pairwise([0, *inner, len(up_to)]))
