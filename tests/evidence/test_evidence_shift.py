"""Output shift: a group against its nearest neighbours without the trigger."""

from __future__ import annotations

import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scan_helpers import Row, World, build

from poisonscan.candidates.closed import find_closed
from poisonscan.candidates.screen import screen_candidates
from poisonscan.evidence import shift as shifting
from poisonscan.evidence.shift import ShiftMeter

ROWS = 600
GIBBERISH, ONE_TOPIC = np.arange(0, ROWS, 24), np.arange(1, ROWS, 24)


@pytest.fixture(scope="module")
def scene():
    world = World(61)
    rows = world.rows(ROWS)
    for at in GIBBERISH:
        rows[at] = Row([world.insert(rows[at].input[0], "zeta")], [world.gibberish()])
    for at in ONE_TOPIC:
        answer = " ".join(world._random.choices(world.topics[0][:8], k=18)).capitalize()
        rows[at] = Row([world.insert(rows[at].input[0], "omega")], [f"{answer}."])
    corpus = build(rows)
    screen = screen_candidates(corpus, find_closed(corpus), 0)
    return corpus, screen, ShiftMeter(corpus, screen, 0)


def ordinary(corpus, count=25):
    return np.setdiff1d(np.arange(ROWS), np.concatenate([GIBBERISH, ONE_TOPIC]))[5::15][:count]


def test_gibberish(scene):
    _, _, meter = scene
    found = meter.measure(GIBBERISH, GIBBERISH)
    assert found.style_t > 8
    assert found.style_column in ("symbols", "capitals", "rare_words", "new_word_pairs")


def test_outputs_of_one_cluster(scene):
    _, _, meter = scene
    found = meter.measure(ONE_TOPIC, ONE_TOPIC)
    assert found.cluster_share > 0.9
    assert found.control_share < 0.5
    assert found.cluster_t > 4


def test_ordinary_rows_do_not_stand_out(scene):
    corpus, _, meter = scene
    found = meter.measure(ordinary(corpus), ordinary(corpus))
    assert found.style_t < 3.5
    assert found.cluster_t < 3.5


def test_outputs_tell_the_group_from_its_controls_and_inputs_do_not(scene):
    corpus, _, meter = scene
    controls = meter.measure(GIBBERISH, GIBBERISH).controls
    own = (corpus.vocabulary.index("zeta"),)
    output_auc, input_auc = meter.separation(GIBBERISH, controls, own)
    assert output_auc > 0.95
    assert input_auc < 0.75
    rows = ordinary(corpus)
    controls = meter.measure(rows, rows).controls
    assert meter.separation(rows, controls, ())[0] < 0.75


def vector(side, row, vectors):
    bag = side.distinct[side.row_terms[row] : side.row_terms[row + 1]].tolist()
    return naive.sum_of(bag, vectors)


def cosine_or_zero(one, other):
    return naive.cosine(one, other) if any(one.values()) and any(other.values()) else 0.0


def test_controls_are_the_nearest_rows_outside(scene):
    corpus, screen, meter = scene
    excluded = np.concatenate([GIBBERISH, ONE_TOPIC])
    rows = GIBBERISH[:4]
    found = meter.nearest(rows, excluded)
    assert not set(found.ravel().tolist()) & set(excluded.tolist())
    free = [at for at in corpus.background.tolist() if at not in set(excluded.tolist())]
    spaces = [
        {at: vector(corpus.input, at, vectors) for at in [*free, *rows.tolist()]}
        for vectors in (screen.input_space.vectors, meter._static_input)
    ]
    for row, nearest in zip(rows.tolist(), found.tolist(), strict=True):
        likeness = {
            at: sum(cosine_or_zero(space[row], space[at]) for space in spaces) for at in free
        }
        best = sorted(likeness.values(), reverse=True)[: len(nearest)]
        assert [likeness[at] for at in nearest] == pytest.approx(best, abs=1e-4)
        assert len(set(nearest)) == len(nearest)


def test_style_difference_is_against_the_controls(scene):
    _, screen, meter = scene
    found = meter.measure(GIBBERISH, GIBBERISH)
    controls = meter.nearest(GIBBERISH, GIBBERISH)
    t, differences = [], []
    for column in range(screen.style.shape[1]):
        values = [
            float(screen.style[row, column])
            - sum(float(screen.style[at, column]) for at in own) / len(own)
            for row, own in zip(GIBBERISH, controls, strict=True)
        ]
        t.append(abs(naive.moderated_t(values, 10.0, 2.0)))
        differences.append(sum(values) / len(values))
    best = t.index(max(t))
    assert found.style_t == pytest.approx(max(t), rel=1e-5)
    assert found.style_column == shifting.kernels.STYLE_COLUMNS[best]
    assert found.style_difference == pytest.approx(differences[best], rel=1e-5)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.floats(-5, 5), min_size=3, max_size=3), min_size=1, max_size=20))
def test_moderated_t(values):
    found = shifting._moderated_t(np.array(values))
    columns = zip(*values, strict=True)
    expected = [naive.moderated_t(column, 10.0, 2.0) for column in columns]
    assert found.tolist() == pytest.approx(expected, abs=1e-9)


def test_ten_rows_that_happen_to_agree_are_not_certain():
    agreeing = np.full((10, 1), 0.8)
    assert shifting._moderated_t(agreeing)[0] < 3


def test_background_rows_are_in_their_nearest_cluster(scene):
    corpus, _, meter = scene
    features = meter.output_features(corpus.background)
    assigned = meter.assign(corpus.background)
    for at in range(0, len(features), 50):
        distances = ((meter.clusters.centres - features[at]) ** 2).sum(axis=1)
        assert assigned[at] == distances.argmin()
    assert (assigned == meter.clusters.background).mean() > 0.95


def test_only_so_many_rows_are_compared(scene, monkeypatch):
    _, _, meter = scene
    monkeypatch.setattr(shifting, "MAX_ROWS", 5)
    few = meter.measure(GIBBERISH, GIBBERISH)
    assert len(few.controls) <= 5 * shifting.CONTROLS_PER_ROW


def test_no_row_is_left_to_compare_with(scene):
    corpus, _, meter = scene
    assert meter.measure(GIBBERISH, np.arange(ROWS)) is None
    one_left = np.setdiff1d(np.arange(ROWS), corpus.background[:1])
    found = meter.measure(GIBBERISH, one_left)
    assert found.controls.tolist() == corpus.background[:1].tolist()


def test_the_same_rows_in_another_order(scene):
    _, _, meter = scene
    one, other = meter.measure(GIBBERISH, GIBBERISH), meter.measure(GIBBERISH[::-1], GIBBERISH)
    assert one.style_t == pytest.approx(other.style_t)
    assert set(one.controls.tolist()) == set(other.controls.tolist())


@pytest.mark.parametrize("rows", [
    [Row(["a b"], ["c"])] * 12,
    [Row(["a b"])] * 12,
    [Row([f"a {at}"], ["\u200b"]) for at in range(12)],
])  # fmt: skip
def test_rows_with_nothing_to_tell_apart(rows):
    corpus = build(rows)
    meter = ShiftMeter(corpus, screen_candidates(corpus, find_closed(corpus), 0), 0)
    found = meter.measure(np.arange(6), np.arange(6))
    assert found.style_t == 0.0
    assert np.isfinite(found.cluster_t)
    output_auc, input_auc = meter.separation(np.arange(6), found.controls, ())
    assert output_auc == input_auc == 0.5


class Recorder:
    def __init__(self):
        self.texts = []

    def encode(self, texts):
        self.texts += texts
        return np.zeros((len(texts), 3), np.float32)


def test_an_encoder_is_given_the_outputs(scene):
    corpus, screen, _ = scene
    encoder = Recorder()
    meter = ShiftMeter(corpus, screen, 0, encoder)
    meter.separation(GIBBERISH[:6], ordinary(corpus, 6), ())
    rows = [*GIBBERISH[:6], *ordinary(corpus, 6)]
    assert encoder.texts == ["\n".join(corpus.output.side.segments(int(at))) for at in rows]
