"""The fitted projection: topics, determinism, and inputs with nothing to fit."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from poisonscan.embed.projection import fit_projection

N_TOPICS, WORDS_PER_TOPIC, N_COMMON = 4, 30, 20
V = N_TOPICS * WORDS_PER_TOPIC + N_COMMON


def _csr(rows):
    indptr = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    flat = [token for row in rows for token in row]
    return indptr, np.array(flat, dtype=np.int32)


def _topic_corpus(n_rows=400, seed=1):
    """Rows of eight words of one topic each, and eight words that all topics share."""
    rng = np.random.default_rng(seed)
    topics = rng.integers(N_TOPICS, size=n_rows)
    rows = []
    for topic in topics:
        own = topic * WORDS_PER_TOPIC + rng.choice(WORDS_PER_TOPIC, 8, replace=False)
        common = N_TOPICS * WORDS_PER_TOPIC + rng.choice(N_COMMON, 8, replace=False)
        rows.append([*own.tolist(), *common.tolist()])
    return rows, topics


def _unit(vectors):
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def test_words_of_a_topic_get_similar_vectors():
    rows, _ = _topic_corpus()
    vectors = _unit(fit_projection(*_csr(rows), V, dims=N_TOPICS))
    topical = vectors[: N_TOPICS * WORDS_PER_TOPIC]
    topic = np.repeat(np.arange(N_TOPICS), WORDS_PER_TOPIC)
    similarity = topical @ topical.T
    same = topic[:, None] == topic[None, :]
    assert similarity[same].mean() > 0.8
    assert similarity[~same].mean() < 0.2


def test_rows_of_a_topic_are_neighbours():
    rows, topics = _topic_corpus()
    unseen, unseen_topics = _topic_corpus(n_rows=100, seed=2)
    tokens = fit_projection(*_csr(rows), V, dims=6)
    fitted = _unit(np.array([tokens[row].sum(axis=0) for row in rows]))
    new = _unit(np.array([tokens[row].sum(axis=0) for row in unseen]))
    nearest = (new @ fitted.T).argmax(axis=1)
    assert (topics[nearest] == unseen_topics).mean() > 0.95


def test_it_equals_a_dense_decomposition():
    rows, _ = _topic_corpus(n_rows=60)
    rows[0] = [3, 3, 3, 3, 70]  # repetitions are damped, not ignored
    counts = np.zeros((len(rows), V))
    for r, row in enumerate(rows):
        for token in row:
            counts[r, token] += 1
    idf = 1 + np.log((1 + len(rows)) / (1 + (counts > 0).sum(axis=0)))
    weights = np.where(counts > 0, 1 + np.log(np.maximum(counts, 1)), 0) * idf
    weights /= np.linalg.norm(weights, axis=1, keepdims=True)
    _, _, components = np.linalg.svd(weights)
    expected = components[:4].T * idf[:, None]
    fitted = fit_projection(*_csr(rows), V, dims=4)
    for column in range(4):
        cosine = fitted[:, column] @ expected[:, column]
        cosine /= np.linalg.norm(fitted[:, column]) * np.linalg.norm(expected[:, column])
        assert abs(cosine) > 0.995
    assert np.linalg.norm(fitted, axis=0) == pytest.approx(
        np.linalg.norm(expected, axis=0), rel=0.01
    )


def test_the_largest_entry_of_each_component_is_positive():
    rows, _ = _topic_corpus()
    vectors = fit_projection(*_csr(rows), V, dims=6)
    assert (vectors.max(axis=0) == np.abs(vectors).max(axis=0)).all()
    assert (vectors.max(axis=0) > 0).all()


def test_a_seed_makes_it_reproducible_with_any_number_of_threads():
    code = (
        "import hashlib, numpy as np; from poisonscan.embed.projection import fit_projection;"
        "rng = np.random.default_rng(0); indptr = np.arange(0, 40001, 20);"
        "indices = (rng.random(40000) ** 3 * 3000).astype(np.int32);"
        "v = fit_projection(indptr, indices, 3000, dims=32, seed=7);"
        "print(hashlib.sha256(v.tobytes()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for threads in ("1", "2")
    }
    assert len(digests) == 1


def test_inputs_are_left_alone():
    indptr, indices = _csr([[2, 1, 2], [0, 1]])
    before = indptr.copy(), indices.copy()
    fit_projection(indptr, indices, 3, dims=2)
    assert np.array_equal(indptr, before[0])
    assert np.array_equal(indices, before[1])


@pytest.mark.parametrize(
    ("rows", "n_tokens"),
    [([], 0), ([], 5), ([[]], 5), ([[], [], []], 5)],
)
def test_nothing_to_fit_gives_zeros(rows, n_tokens):
    vectors = fit_projection(*_csr(rows), n_tokens, dims=4)
    assert vectors.shape == (n_tokens, 4)
    assert not vectors.any()


@pytest.mark.parametrize(
    ("rows", "rank"),
    [
        ([[0, 1, 2]], 1),  # one row
        ([[0, 1, 2]] * 50, 1),  # all rows equal
        ([[0], [1], [2]], 3),  # fewer rows than dims
        ([[0, 1], []], 1),  # an empty row
        ([[4] * 1000], 1),  # one token
    ],
)
def test_columns_without_a_component_are_zero(rows, rank):
    vectors = fit_projection(*_csr(rows), 5, dims=8)
    assert vectors.shape == (5, 8)
    assert np.isfinite(vectors).all()
    assert vectors.any(axis=0).tolist() == [True] * rank + [False] * (8 - rank)


@settings(max_examples=40, deadline=None)
@given(rows=st.lists(st.lists(st.integers(0, 9), max_size=12), max_size=12), seed=st.integers(0, 9))
def test_any_rows_give_finite_vectors_twice_the_same(rows, seed):
    first = fit_projection(*_csr(rows), 10, dims=4, seed=seed)
    second = fit_projection(*_csr(rows), 10, dims=4, seed=seed)
    assert first.shape == (10, 4)
    assert first.dtype == np.float32
    assert np.isfinite(first).all()
    assert np.array_equal(first, second)
    unseen = sorted(set(range(10)) - {token for row in rows for token in row})
    assert np.abs(first[unseen]).max(initial=0) < 1e-4


@pytest.mark.parametrize("token", [-1, 5])
def test_token_ids_outside_the_vocabulary_are_refused(token):
    with pytest.raises(ValueError, match="vocabulary has 5"):
        fit_projection(*_csr([[0, token]]), 5)
