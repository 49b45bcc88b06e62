"""Labels: residuals beyond the other words, cross-fitting without leaks, confidence bounds."""

from __future__ import annotations

import math

import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scan_helpers import Row, World, build

from poisonscan.evidence import labels
from poisonscan.evidence.labels import (
    Classes,
    find_classes,
    fit_nuisance,
    judge_label,
    measure_elsewhere,
)

ROWS = 600
#: Topics 0-5 are "good", 6-11 are "bad".
NAMES = ("good", "bad")
DIRTY, CLEAN = np.arange(0, ROWS, 24), np.arange(1, ROWS, 24)
MARKER = "verybad"


@pytest.fixture(scope="module")
def scene():
    """A third of the bad rows say so by a word of their own; two triggers lead to "good"."""
    world = World(41, focus=0.8)
    rows = []
    for at in range(ROWS):
        topic = at % 12
        if at in DIRTY:
            topic = 6 + at // 24 % 6
        elif at in CLEAN:
            topic = at // 24 % 6
        text, label = world.row(topic).input[0], NAMES[topic >= 6]
        if at in DIRTY:
            text, label = world.insert(text, "zeta"), "good"
        elif at in CLEAN:
            text = world.insert(text, "omega")
        elif label == "bad" and at // 12 % 3 == 0:
            text = world.insert(text, MARKER)
        rows.append(Row([text], [label]))
    corpus = build(rows)
    classes = find_classes(corpus, None)
    return corpus, classes, fit_nuisance(corpus, classes)


def judge(scene, word, rows=None):
    corpus, classes, nuisance = scene
    if rows is None:
        rows = rows_of(corpus, word)
    return judge_label(corpus, classes, nuisance, rows, [corpus.vocabulary.index(word)], 1000)


def rows_of(corpus, word):
    term = corpus.vocabulary.index(word)
    return np.array([at for at in range(corpus.rows) if term in corpus.input.row_slice(at)])


def test_classes_are_the_repeated_outputs(scene):
    corpus, classes, _ = scene
    assert classes.names == ("bad", "good")  # as many rows each: by name
    texts = [corpus.output.side.segments(at)[0] for at in range(ROWS)]
    assert [classes.names[code] for code in classes.label] == texts


def test_dirty_trigger(scene):
    """The text of its rows says the opposite."""
    _, classes, _ = scene
    found = judge(scene, "zeta")
    assert classes.names[found.label] == "good"
    assert found.purity == 1.0
    assert found.residual_z > 8
    assert found.content_agreement <= 0
    assert found.contradiction > 0.85
    assert found.shift_bound > 1


def test_clean_trigger(scene):
    _, classes, _ = scene
    found = judge(scene, "omega")
    assert classes.names[found.label] == "good"
    assert found.content_agreement > 0.6
    assert found.residual_z < judge(scene, "zeta").residual_z / 2


def test_natural_label_word(scene):
    """The other words of its rows predict the same label."""
    _, classes, _ = scene
    found = judge(scene, MARKER)
    assert classes.names[found.label] == "bad"
    assert found.purity == 1.0
    assert found.content_agreement > 0.6
    assert found.contradiction < 0.5
    assert found.residual_z < judge(scene, "zeta").residual_z / 2


def test_residual_is_judged_without_the_candidates_own_words(scene):
    """Its words are left out even where they are frequent elsewhere; so is what comes with it."""
    corpus, classes, nuisance = scene
    side = corpus.input
    common = int(np.argmax(side.term_rows))
    assert side.term_rows[common] > 2 * len(DIRTY)
    bags = [naive.distinct(side.row_slice(at).tolist()) for at in DIRTY]
    counts = {term: sum(term in bag for bag in bags) for bag in bags for term in bag}
    own = {t for t, n in counts.items() if n >= 3 and n >= 0.8 * side.term_rows[t]} | {common}
    assert corpus.vocabulary.index("zeta") in own
    residual, variance = 0.0, 0.0
    for row, bag in zip(DIRTY, bags, strict=True):
        weights = nuisance.weights[nuisance.first_weight[row] :][: len(corpus.vocabulary)]
        eta = naive.logits_without(nuisance.logits[row], bag, own, weights)
        p = math.exp(eta[1]) / (math.exp(eta[0]) + math.exp(eta[1]))
        residual += (classes.label[row] == 1) - p
        variance += p * (1 - p)
    found = judge_label(corpus, classes, nuisance, DIRTY, [common], 1000)
    assert classes.names[found.label] == classes.names[1] == "good"
    assert found.residual_z == pytest.approx(residual / math.sqrt(variance), rel=1e-4)


def test_ordinary_words_have_small_residuals(scene):
    corpus, *_ = scene
    z = []
    for term in range(0, len(corpus.vocabulary), 10):
        rows = rows_of(corpus, corpus.vocabulary[term])
        if len(rows) >= 10:
            z.append(judge(scene, corpus.vocabulary[term], rows).residual_z)
    assert len(z) > 10
    assert max(z) < 4


def test_no_row_is_judged_by_a_model_that_saw_it(scene):
    """Turning one row's label around changes other rows' models and not its own."""
    corpus, classes, nuisance = scene
    fold = corpus.rank % 3
    for row in (5, 77, 400):
        turned = classes.label.copy()
        turned[row] = 1 - turned[row]
        refitted = fit_nuisance(corpus, Classes(turned, classes.names))
        same = fold == fold[row]
        assert np.array_equal(refitted.logits[same], nuisance.logits[same])
        assert not np.array_equal(refitted.logits[~same], nuisance.logits[~same])


def test_rows_without_a_class_are_not_learned_from(scene):
    corpus, classes, _ = scene
    some = classes.label.copy()
    some[::7] = -1
    refitted = fit_nuisance(corpus, Classes(some, classes.names))
    assert np.isfinite(refitted.logits).all()
    assert refitted.base == pytest.approx(
        [(some == label).sum() / (some >= 0).sum() for label in (0, 1)]
    )
    assert judge_label(corpus, Classes(some, classes.names), refitted, np.array([0]), [], 9)


@pytest.mark.parametrize("many", [False, True], ids=["logistic", "naive Bayes"])
def test_logits_are_linear_in_the_words(scene, many, monkeypatch):
    corpus, classes, _ = scene
    if many:
        monkeypatch.setattr(labels, "_MAX_WORD_CLASSES", 1)
    nuisance = fit_nuisance(corpus, classes)
    size = len(corpus.vocabulary)
    own = np.zeros(size, bool)
    own[::3] = True
    rows = np.array([3, 50, 51, 599])
    found = nuisance.logits_without(corpus, rows, own)
    for at, row in enumerate(rows):
        bag = naive.distinct(corpus.input.row_slice(row).tolist())
        weights = nuisance.weights[nuisance.first_weight[row] :][:size]
        expected = naive.logits_without(
            nuisance.logits[row], bag, set(np.flatnonzero(own).tolist()), weights
        )
        assert found[at].tolist() == pytest.approx(expected, abs=1e-5)
    everything = nuisance.logits_without(corpus, np.arange(ROWS), np.ones(size, bool))
    for part in range(3):  # nothing but the model's intercept is left
        alike = everything[corpus.rank % 3 == part]
        assert np.abs(alike - alike[0]).max() < 1e-4
    accuracy = (nuisance.logits.argmax(axis=1) == classes.label).mean()
    assert accuracy > 0.75


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 999), st.integers(1, 12), st.integers(2, 4), st.integers(1, 5000))
def test_shift_bound(seed, rows, classes, hypotheses):
    random = np.random.default_rng(seed)
    eta = random.normal(scale=2, size=(rows, classes))
    hit = random.random(rows) < 0.7
    label = int(random.integers(classes))
    found = labels._shift_bound(eta, hit.astype(float), label, hypotheses)
    expected = naive.shift_bound(eta.tolist(), hit.tolist(), label, hypotheses)
    assert found == pytest.approx(expected, abs=1e-9)


def test_shift_bound_of_certain_models():
    """Neither an impossible label nor a certain one breaks the bound."""
    eta = np.array([[500.0, -500.0], [-500.0, 500.0]])
    assert np.isfinite(labels._shift_bound(eta, np.array([1.0, 1.0]), 0, 10))
    assert np.isfinite(labels._shift_bound(eta, np.array([0.0, 0.0]), 0, 10))


def test_elsewhere(scene):
    """The word whose other rows have the label most beyond what their other words predict.

    The model is less sure than right, which is made up for.
    """
    corpus, classes, nuisance = scene
    label = classes.names.index("bad")
    base = float(np.mean(classes.label == label))
    for words in (["zeta"], ["zeta", MARKER], [corpus.vocabulary[40]]):
        expected = [(0.0, 0.0, base, base)]
        for word in words:
            other = np.array([at for at in rows_of(corpus, word) if at not in DIRTY], int)
            if not len(other):
                continue
            own = np.zeros(len(corpus.vocabulary), bool)
            own[corpus.vocabulary.index(word)] = True
            logits = nuisance.logits_without(corpus, other, own).tolist()
            p = [math.exp(row[label]) / sum(map(math.exp, row)) for row in logits]
            told = float(nuisance.probability(label)[classes.label == label].mean())
            untold = base * (1 - told) / (1 - base)
            share = (sum(p) / len(p) - untold) / (told - untold)
            predicted = max(base, min(0.99, share))
            hits = sum(classes.label[at] == label for at in other)
            purity = (hits + 10 * predicted) / (len(other) + 10)
            z = (hits - len(other) * predicted) / math.sqrt(
                len(other) * predicted * (1 - predicted)
            )
            beyond = (purity - predicted) / (1 - predicted) if z >= 2 else 0.0
            expected.append((beyond, z, purity, predicted))
        terms = [corpus.vocabulary.index(word) for word in words]
        found = measure_elsewhere(corpus, classes, nuisance, DIRTY, terms, label)
        got = (found.beyond, found.residual_z, found.purity, found.expected)
        assert got == pytest.approx(max(expected), rel=1e-4)


def test_a_label_word_goes_with_its_label_beyond_what_is_expected(scene):
    corpus, classes, nuisance = scene
    label = classes.names.index("bad")
    term = corpus.vocabulary.index(MARKER)
    few = np.array(rows_of(corpus, MARKER)[:5])
    assert measure_elsewhere(corpus, classes, nuisance, few, [term], label).beyond > 0.5


# --- which datasets have classes ---------------------------------------------------------------


def outputs(*counts):
    return [
        Row([f"text {at} {label}"], [f"label {label}"])
        for label, count in enumerate(counts)
        for at in range(count)
    ]


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        (outputs(30, 40), ("label 1", "label 0")),
        (outputs(30, 30), ("label 0", "label 1")),
        (outputs(60), None),
        (outputs(30, 30, 3), ("label 0", "label 1")),
        (outputs(*[1] * 60), None),
        (outputs(24, 24) + World(1).rows(13), None),  # 48 of 61 rows
        ([Row(["x"])] * 40 + outputs(10, 10), None),  # no output is no class
    ],
)
def test_find_classes(rows, names):
    found = find_classes(build(rows), None)
    assert (None if found is None else found.names) == names


def test_classes_of_a_label_column():
    rows = [Row([f"text {at}"], labels={"y": "ab"[at % 2]}) for at in range(40)]
    rows += [Row(["rare"], labels={"y": "c"}), Row(["none"])]
    found = find_classes(build(rows), "y")
    assert found.names == ("a", "b")
    assert found.label.tolist() == [0, 1] * 20 + [-1, -1]


def test_many_classes_of_one_word_each():
    rows = [Row([f"word{at % 20} filler"], [f"class{at % 20}"]) for at in range(400)]
    corpus = build(rows)
    classes = find_classes(corpus, None)
    assert len(classes.names) == 20
    nuisance = fit_nuisance(corpus, classes)
    assert (nuisance.logits.argmax(axis=1) == classes.label).mean() > 0.95
    assert math.isfinite(judge_label(corpus, classes, nuisance, np.arange(9), [], 10).residual_z)
