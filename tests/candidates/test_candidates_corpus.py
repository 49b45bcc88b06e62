"""The counted corpus: vocabulary, terms, sampling order."""

from __future__ import annotations

import random

import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scan_helpers import Row, World, build, row

from poisonscan.spool import sides as spool_sides

QUICK = settings(max_examples=40, deadline=None)

texts = st.text("ab\u0301ü今 \u200b!", max_size=10)
any_rows = st.lists(
    st.builds(Row, st.lists(texts, max_size=3), st.lists(texts, max_size=2)),
    min_size=1,
    max_size=20,
)


@QUICK
@given(any_rows, st.integers(3, 4), st.sampled_from([2, 1000]))
def test_terms_are_the_frequent_tokens(rows, min_support, chunk):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spool_sides, "CHUNK_TOKENS", chunk)
        corpus = build(rows, min_support=min_support)
    known = set()
    sides = {
        "input": [naive.tokenise_row(one.input) for one in rows],
        "output": [naive.tokenise_row(one.output) for one in rows],
    }
    for name, data in sides.items():
        counts = naive.frequent(naive.document_frequencies(data, 1), min_support)
        frequent = {gram[0] for gram in counts}
        known |= frequent
        side = getattr(corpus, name)
        assert len(side.term_rows) == len(corpus.vocabulary)
        for at, tokens in enumerate(data):
            found = [corpus.vocabulary[t] if t >= 0 else None for t in side.row_slice(at)]
            assert found == [token if token in frequent else None for token in tokens]
            terms = side.distinct[side.row_terms[at] : side.row_terms[at + 1]].tolist()
            assert terms == naive.distinct(side.row_slice(at).tolist())
        assert {
            corpus.vocabulary[term]: int(count)
            for term, count in enumerate(side.term_rows)
            if count
        } == {gram[0]: count for gram, count in counts.items()}
    assert corpus.vocabulary == sorted(known)


def test_rank_is_a_permutation_and_by_rank_its_inverse():
    corpus = build([row("same")] * 50 + World(1).rows(50))
    assert sorted(corpus.rank.tolist()) == list(range(100))
    assert corpus.rank[corpus.by_rank].tolist() == list(range(100))


def contents(rows, corpus):
    return [(rows[at].input, rows[at].output, dict(rows[at].labels)) for at in corpus.by_rank]


def test_sampling_order_depends_on_content_alone():
    rows = World(4).rows(80) + [row("copied", "text")] * 30 + [row("copied", "other")] * 30
    rows += [row("same text", label=str(at % 3)) for at in range(30)]
    orders = []
    for seed in range(4):
        shuffled = random.Random(seed).sample(rows, len(rows))
        corpus = build(shuffled, key=seed, batch_rows=7 + seed)
        orders.append(contents(shuffled, corpus))
    assert orders[0] == orders[1] == orders[2] == orders[3]


def test_a_row_more_leaves_the_order_of_the_others():
    rows = World(4).rows(80)
    one, other = (
        contents(rows, build(rows)),
        contents([*rows, row("new")], build([*rows, row("new")])),
    )
    other.remove((["new"], [], {}))
    assert one == other


def test_copies_are_spread():
    rows = World(4).rows(1000) + [row("copied", "text")] * 1000
    corpus = build(rows)
    for part in np.split(corpus.by_rank, 10):
        assert 50 < (part >= 1000).sum() < 150  # 100 each, +- 7 standard deviations


def test_sample_is_a_prefix_of_the_order():
    rows = World(4).rows(60)
    corpus = build(rows)
    some = np.array([5, 50, 7, 9, 30])
    taken = corpus.sample(some, 3).tolist()
    assert taken == sorted(some.tolist(), key=lambda at: corpus.rank[at])[:3]
    assert corpus.sample(some[::-1], 3).tolist() == taken
    assert corpus.sample(some, 99).tolist() == sorted(some.tolist(), key=lambda at: corpus.rank[at])
