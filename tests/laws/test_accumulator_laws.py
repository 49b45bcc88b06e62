"""Every accumulator is a commutative monoid; a new one joins by an entry in `ACCUMULATORS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scan_helpers import offsets_of

from poisonscan.accumulators.base import accumulate
from poisonscan.accumulators.words import WordCounter, WordGate
from poisonscan.errors import IncompatibleStateError
from poisonscan.threads import working_with

LAWS = settings(max_examples=40, deadline=None)

Rows = list[list[str | None]]

#: Gates to count with: open to all, and one that holds half of the words back.
OPEN_GATE = np.full(1 << 10, 255, np.uint8)
HALF_GATE = np.tile(np.array([0, 255], np.uint8), 1 << 9)


@dataclass(frozen=True)
class Law:
    """One accumulator: how to make it, how to feed it, how to compare its results."""

    make: Callable[[], Any]
    others: tuple[Callable[[], Any], ...]
    feed: Callable[[Any, np.ndarray, np.ndarray], object]


def feed_tokens(gate: WordGate, tokens: np.ndarray, _: np.ndarray) -> None:
    gate.update(tokens)


ACCUMULATORS = {
    "gate": Law(
        make=lambda: WordGate(64),
        others=(lambda: WordGate(128),),
        feed=feed_tokens,
    ),
    "counter": Law(
        make=lambda: WordCounter(OPEN_GATE, 2),
        others=(
            lambda: WordCounter(OPEN_GATE, 3),
            lambda: WordCounter(OPEN_GATE[:512], 2),
            lambda: WordCounter(HALF_GATE, 2),
        ),
        feed=WordCounter.update,
    ),
    "counter behind a gate": Law(
        make=lambda: WordCounter(HALF_GATE, 1),
        others=(lambda: WordCounter(OPEN_GATE, 1),),
        feed=WordCounter.update,
    ),
}

any_law = pytest.mark.parametrize("law", ACCUMULATORS.values(), ids=ACCUMULATORS)
rows_of_tokens = st.lists(st.lists(st.sampled_from(["a", "b", "c", None]), max_size=8), max_size=10)


def feed(law: Law, rows: Rows, batch: int = 3) -> Any:
    accumulator = law.make()
    for start in range(0, len(rows), batch):
        law.feed(accumulator, *encode(rows[start : start + batch]))
    return accumulator


def encode(rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """Return the tokens of some rows, and where each row begins."""
    tokens = [naive.token_hash(token, 7) for row in rows for token in row]
    return np.array(tokens, np.uint64), offsets_of(map(len, rows))


def result(law: Law, accumulator: Any) -> object:
    """Return the counters of a gate; the words of a counter, with all their counts."""
    state = accumulator.state() if hasattr(accumulator, "state") else ()
    return accumulator.finalize().tolist(), [part.tolist() for part in state]


def merged(law: Law, *parts: Any) -> Any:
    first, *rest = parts
    for part in rest:
        first.merge(part)
    return first


@any_law
@LAWS
@given(rows=rows_of_tokens)
def test_identity(law, rows):
    expected = result(law, feed(law, rows))
    assert result(law, merged(law, feed(law, rows), law.make())) == expected
    assert result(law, merged(law, law.make(), feed(law, rows))) == expected


@any_law
@LAWS
@given(one=rows_of_tokens, other=rows_of_tokens)
def test_commutativity(law, one, other):
    forwards = merged(law, feed(law, one), feed(law, other))
    backwards = merged(law, feed(law, other), feed(law, one))
    assert result(law, forwards) == result(law, backwards)


@any_law
@LAWS
@given(a=rows_of_tokens, b=rows_of_tokens, c=rows_of_tokens)
def test_associativity(law, a, b, c):
    left = merged(law, merged(law, feed(law, a), feed(law, b)), feed(law, c))
    right = merged(law, feed(law, a), merged(law, feed(law, b), feed(law, c)))
    assert result(law, left) == result(law, right)


@any_law
@LAWS
@given(rows=rows_of_tokens, data=st.data())
def test_any_split_and_order_is_the_whole(law, rows, data):
    shuffled = data.draw(st.permutations(rows))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=3)))
    edges = list(zip([0, *cuts], [*cuts, len(rows)], strict=True))
    parts = [feed(law, shuffled[start:end], data.draw(st.integers(1, 5))) for start, end in edges]
    whole = feed(law, rows, 100)
    assert result(law, merged(law, *data.draw(st.permutations(parts)))) == result(law, whole)


@any_law
@LAWS
@given(one=rows_of_tokens, other=rows_of_tokens, more=rows_of_tokens)
def test_merge_leaves_the_other_untouched(law, one, other, more):
    mine, theirs = feed(law, one), feed(law, other)
    before = result(law, theirs)
    mine.merge(theirs)
    assert result(law, theirs) == before
    tokens = [naive.token_hash(token, 7) for row in more for token in row]
    law.feed(mine, np.array(tokens, np.uint64), offsets_of(map(len, more)))
    assert result(law, theirs) == before  # nothing is shared
    assert result(law, mine) == result(law, feed(law, one + other + more))


@any_law
@LAWS
@given(rows=rows_of_tokens)
def test_finalize_twice(law, rows):
    accumulator = feed(law, rows)
    assert result(law, accumulator) == result(law, accumulator)


@any_law
def test_other_settings_do_not_merge(law):
    for other in law.others:
        mine, theirs = feed(law, [["a", "b"]] * 3), other()
        before = result(law, mine)
        with pytest.raises(IncompatibleStateError):
            mine.merge(theirs)
        assert result(law, mine) == before


def test_merged_gates_stay_full():
    one, other = WordGate(64), WordGate(64)
    one.counters[:] = [200] * 16 + [3] * 16 + [0] * 16 + [255] * 16
    other.counters[:] = [100] * 16 + [4] * 16 + [255] * 32
    one.merge(other)
    assert one.finalize().tolist() == [255] * 16 + [7] * 16 + [255] * 32


@any_law
@LAWS
@given(
    batches=st.lists(rows_of_tokens, max_size=6),
    states=st.integers(1, 4),
    workers=st.integers(1, 3),
)
def test_threads_count_what_one_would(law, batches, states, workers):
    """More threads than accumulators, or fewer: each part is in one of them, and told of once."""
    told = []
    with working_with(workers):
        total = accumulate(
            [law.make() for _ in range(states)],
            lambda state, batch: law.feed(state, *batch),
            [encode(rows) for rows in batches],
            told.append,
        )
    assert len(told) == len(batches)
    assert result(law, total) == result(law, feed(law, [row for rows in batches for row in rows]))


def test_a_part_that_cannot_be_added_ends_all():
    """With fewer accumulators than threads none may wait for the one that failed."""

    def fail(*_: object) -> None:
        raise ValueError("no")

    with working_with(3), pytest.raises(ValueError, match="no"):
        accumulate([WordGate(64)], fail, range(9), lambda _: None)


def test_counter_is_right_and_not_only_consistent():
    law = ACCUMULATORS["counter"]
    rows = [["a", "b", "a", "b"], ["a", "b", None, "c"], ["c"]]
    counts = naive.frequent(naive.document_frequencies(rows, 1), 2)
    expected = {naive.gram_hash(naive.token_hash(t, 7) for t in g) for g in counts}
    assert set(feed(law, rows).finalize().tolist()) == expected
