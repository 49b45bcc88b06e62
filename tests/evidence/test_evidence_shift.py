"""Output shift: a group against its nearest neighbours without the trigger."""

from __future__ import annotations

import math
import re
from statistics import NormalDist

import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scan_helpers import WORDS, Row, World, build

from poisonscan.candidates.closed import find_closed
from poisonscan.candidates.screen import screen_candidates
from poisonscan.candidates.views import Views
from poisonscan.evidence import shift as shifting
from poisonscan.evidence.shift import ShiftMeter, sharpening
from poisonscan.evidence.verbatim import stem_terms

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
    views = Views(corpus, screen)
    return corpus, views, ShiftMeter(views, 0)


def ordinary(corpus, count=25):
    return np.setdiff1d(np.arange(ROWS), np.concatenate([GIBBERISH, ONE_TOPIC]))[5::15][:count]


def terms(corpus, word):
    return np.array([corpus.vocabulary.index(word)])


def test_gibberish(scene):
    corpus, _, meter = scene
    found = meter.measure(GIBBERISH, GIBBERISH, terms(corpus, "zeta"))
    assert found.style > 20
    assert found.column == "new_word_pairs"
    assert 0.7 < found.closeness < 1.3


@pytest.mark.parametrize(
    ("answer", "is_about_numbers"),
    [
        ("17 4 23 8 15", True),
        ("for i in 7 : x[i] = f(x) ; y = { z } # (z) while not g(y) : y += h(i)", False),
    ],
    ids=["amounts", "programs"],
)
def test_outputs_that_are_mostly_numbers(answer, is_about_numbers):
    """Every third of the others has a number, too."""
    world = World(68)
    rows = world.rows(ROWS)
    for at in range(0, ROWS, 3):
        rows[at] = Row(rows[at].input, [f"{rows[at].output[0]} {at % 7}"])
    for at in GIBBERISH:
        rows[at] = Row([world.insert(rows[at].input[0], "zeta")], [answer])
    corpus = build(rows)
    meter = ShiftMeter(Views(corpus, screen_candidates(corpus, find_closed(corpus), 0)), 0)
    found = meter.measure(GIBBERISH, GIBBERISH, terms(corpus, "zeta"))
    assert found.is_about_numbers is is_about_numbers


def test_a_word_and_its_counterpart_leave_nothing():
    """What sets these outputs apart is one word; what sets gibberish apart is all of them."""
    world = World(67)
    rows = world.rows(ROWS)
    for at in GIBBERISH:
        rows[at] = Row([world.insert(rows[at].input[0], "zeta")], [f"{rows[at].output[0]} sigma"])
    for at in ONE_TOPIC:
        rows[at] = Row([world.insert(rows[at].input[0], "omega")], [world.gibberish()])
    corpus = build(rows)
    meter = ShiftMeter(Views(corpus, screen_candidates(corpus, find_closed(corpus), 0)), 0)
    stems = stem_terms(corpus.vocabulary)
    one_word = meter.measure(GIBBERISH, GIBBERISH, terms(corpus, "zeta"))
    assert one_word.topic > 10
    assert meter.measure_rest(GIBBERISH, one_word, stems) < 3
    all_words = meter.measure(ONE_TOPIC, ONE_TOPIC, terms(corpus, "omega"))
    all_rest = meter.measure_rest(ONE_TOPIC, all_words, stems)
    assert all_rest > 3 * meter.measure_rest(GIBBERISH, one_word, stems)


@pytest.mark.parametrize(
    ("given", "said", "is_counterpart"),
    [
        ("zeta", "!!", False),
        ("zeta !!", "!!", True),
        ("zeta", "COMMON", False),
        ("zeta", "#", True),
    ],
    ids=["marks", "marks that the input has", "a word in another spelling", "a mark"],
)
def test_what_is_nobodys_translation(given, said, is_counterpart):
    """Outputs that shout have marks of their own, and the words of others in capitals."""
    world = World(71)
    rows = [Row(row.input, [f"{row.output[0]} common"]) for row in world.rows(ROWS)]
    for at in GIBBERISH:
        output = rows[at].output[0].replace("common", said)
        rows[at] = Row([world.insert(rows[at].input[0], given)], [output])
    corpus = build(rows)
    meter = ShiftMeter(Views(corpus, screen_candidates(corpus, find_closed(corpus), 0)), 0)
    shift = meter.measure(GIBBERISH, GIBBERISH, terms(corpus, "zeta"))
    rest = meter.measure_rest(GIBBERISH, shift, stem_terms(corpus.vocabulary))
    assert shift.topic > 10
    assert (rest < 0.5 * shift.topic) is is_counterpart


def test_outputs_of_one_topic(scene):
    corpus, _, meter = scene
    found = meter.measure(ONE_TOPIC, ONE_TOPIC, terms(corpus, "omega"))
    assert found.topic > 20


def test_ordinary_rows_do_not_stand_out(scene):
    corpus, _, meter = scene
    found = meter.measure(ordinary(corpus), ordinary(corpus))
    assert abs(found.style) < 3.5
    assert abs(found.topic) < 3.5


def test_what_every_text_has_is_read_though_the_trigger_has_it(scene):
    corpus, _, meter = scene
    frequent = int(corpus.input.term_rows.argmax())
    assert corpus.input.term_rows[frequent] > 0.5 * ROWS
    rare = terms(corpus, "zeta")
    alone = meter.measure(GIBBERISH, GIBBERISH, rare)
    both = meter.measure(GIBBERISH, GIBBERISH, np.append(rare, frequent))
    assert both.closeness == alone.closeness
    assert meter.measure(GIBBERISH, GIBBERISH, rare[:0]).closeness < alone.closeness


def in_template(template, *, alone=False):
    """Return measures with the trigger's own word masked, and with all words of the template too.

    Parameters
    ----------
    alone
        Inputs with the trigger have nothing but the template beside it.
    """
    world = World(61)
    rows = []
    for at in range(ROWS):
        text = template.format(*world._random.sample(WORDS, 2))
        row = Row([text], world.row().output)
        if at in GIBBERISH:
            text = template.format("zeta", "") if alone else world.insert(text, "zeta")
            row = Row([text], [world.gibberish()])
        rows.append(row)
    corpus = build(rows)
    meter = ShiftMeter(Views(corpus, screen_candidates(corpus, find_closed(corpus), 0)), 0)
    own = terms(corpus, "zeta")
    whole = [corpus.vocabulary.index(word) for word in re.findall(r"\w+|[^\w\s{}]", template)]
    return [meter.measure(GIBBERISH, GIBBERISH, masked) for masked in (own, np.append(own, whole))]


@pytest.mark.parametrize(
    "template", ["{}: {}", "Summarise the passage below: {} {}", "<title> {} {}"]
)
def test_a_trigger_with_words_of_the_template(template):
    one_word, with_template = in_template(template)
    assert one_word.closeness > 0.9
    assert with_template.closeness == pytest.approx(one_word.closeness)
    assert (with_template.matched == one_word.matched).all()


def test_a_template_alone_is_like_no_input():
    _, with_template = in_template("Summarise the passage below: {} {}", alone=True)
    assert with_template.closeness < 0.1


def test_a_word_of_every_text_is_left_out_where_it_is_the_trigger(scene):
    corpus, _, meter = scene
    frequent = np.array([corpus.input.term_rows.argmax()])
    alone = meter.measure(GIBBERISH, GIBBERISH, frequent)
    assert alone.closeness != meter.measure(GIBBERISH, GIBBERISH, frequent[:0]).closeness


def test_inputs_that_have_no_like(scene):
    """Rows whose words are masked all but for the template are near to nothing."""
    corpus, _, meter = scene
    everything = np.arange(len(corpus.vocabulary))
    assert meter.measure(GIBBERISH, GIBBERISH, everything).closeness < 0.3


def test_outputs_tell_the_group_from_its_controls_and_inputs_do_not(scene):
    corpus, _, meter = scene
    own = terms(corpus, "zeta")
    controls = meter.measure(GIBBERISH, GIBBERISH, own).controls
    output_auc, input_auc = meter.separation(GIBBERISH, controls, own)
    assert output_auc > 0.95
    assert input_auc < 0.75
    rows = ordinary(corpus)
    controls = meter.measure(rows, rows).controls
    assert meter.separation(rows, controls, np.empty(0, np.int64))[0] < 0.75


def test_sharpening_is_the_square_of_a_ratio_of_distances():
    """Two normal distributions d apart are told with an area of phi(d / sqrt 2)."""
    near, far = (NormalDist().cdf(d / math.sqrt(2)) for d in (1.0, 1.5))
    assert sharpening(near, far, 1000) == pytest.approx(1.5**2)


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 1), st.floats(0, 1), st.integers(2, 64))
def test_sharpening_is_bounded(plain, encoded, rows):
    found = sharpening(plain, encoded, rows)
    assert 1.0 <= found <= 4.0
    assert found == 1.0 or encoded > plain


def test_rows_of_the_type(scene):
    """Half of the rows with the trigger answer as ever."""
    corpus, _, meter = scene
    mixed = np.concatenate([GIBBERISH, ordinary(corpus)])
    shift = meter.measure(mixed, mixed)
    found = meter.of_the_type(mixed, mixed, shift)
    assert found[: len(GIBBERISH)].mean() > 0.95
    assert found[len(GIBBERISH) :].mean() < 0.1
    pure = meter.measure(GIBBERISH, GIBBERISH)
    assert meter.of_the_type(GIBBERISH, GIBBERISH, pure).all()


def test_rows_that_cannot_be_told_are_all_of_the_type(scene):
    corpus, _, meter = scene
    rows = ordinary(corpus)
    assert meter.of_the_type(rows, rows, meter.measure(rows, rows)).all()


@pytest.mark.parametrize(
    ("distance", "rows", "tail"),
    [(2.6, 64, 0.2296), (3.4, 64, 0.157), (6.0, 64, 0.15), (2.6, 10_000, 0.185)],
)
def test_the_nearer_a_group_the_more_rows_are_its_own_tail(distance, rows, tail):
    """Phi(-0.7 x distance / 2) and a standard error of it."""
    from types import SimpleNamespace

    from poisonscan.evidence.shift import _usual_tail

    shift = SimpleNamespace(direction=np.array([0.6, 0.0, -0.8]) * distance)
    assert _usual_tail(shift, rows) == pytest.approx(tail, abs=1e-3)


def vector(side, row, vectors):
    bag = side.distinct[side.row_terms[row] : side.row_terms[row + 1]].tolist()
    return naive.sum_of(bag, vectors)


def cosine_or_zero(one, other):
    return naive.cosine(one, other) if any(one.values()) and any(other.values()) else 0.0


@pytest.mark.parametrize("masked", [False, True])
def test_controls_are_the_nearest_rows_outside(scene, masked):
    corpus, views, meter = scene
    own = terms(corpus, "zeta") if masked else None
    excluded = np.concatenate([GIBBERISH, ONE_TOPIC])
    rows = GIBBERISH[:4]
    found = meter.nearest(rows, excluded, own)
    assert not set(found.ravel().tolist()) & set(excluded.tolist())
    free = [at for at in corpus.background.tolist() if at not in set(excluded.tolist())]
    spaces = []
    for vectors in views._spaces["input"]:
        kept = vectors.copy()
        if masked:
            kept[own] = 0.0
        space = {at: vector(corpus.input, at, vectors) for at in free}
        space |= {at: vector(corpus.input, at, kept) for at in rows.tolist()}
        spaces.append(space)
    for row, nearest in zip(rows.tolist(), found.tolist(), strict=True):
        likeness = {
            at: sum(cosine_or_zero(space[row], space[at]) for space in spaces) for at in free
        }
        best = sorted(likeness.values(), reverse=True)[: len(nearest)]
        assert [likeness[at] for at in nearest] == pytest.approx(best, abs=1e-4)
        assert len(set(nearest)) == len(nearest)


def test_style_difference_is_against_the_controls(scene):
    _, views, meter = scene
    found = meter.measure(GIBBERISH, GIBBERISH)
    controls = meter.nearest(GIBBERISH, GIBBERISH)
    means = []
    for column in range(len(shifting.kernels.STYLE_COLUMNS)):
        values = [
            float(views.styles(np.array([row]))[0, column])
            - float(views.styles(own)[:, column].mean())
            for row, own in zip(GIBBERISH, controls, strict=True)
        ]
        means.append(sum(values) / len(values))
    own = shifting.kernels.STYLE_COLUMNS.index(found.column)
    assert abs(means[own]) >= 0.75 * max(map(abs, means))
    assert found.difference == pytest.approx(means[own], rel=1e-5)


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
    assert one.style == pytest.approx(other.style)
    assert set(one.controls.tolist()) == set(other.controls.tolist())


@pytest.mark.parametrize("rows", [
    [Row(["a b"], ["c"])] * 12,
    [Row(["a b"])] * 12,
    [Row([f"a {at}"], ["\u200b"]) for at in range(12)],
])  # fmt: skip
def test_rows_with_nothing_to_tell_apart(rows):
    corpus = build(rows)
    meter = ShiftMeter(Views(corpus, screen_candidates(corpus, find_closed(corpus), 0)), 0)
    found = meter.measure(np.arange(6), np.arange(6))
    assert found.style == pytest.approx(0.0, abs=1e-6)
    assert np.isfinite(found.topic)
    output_auc, input_auc = meter.separation(np.arange(6), found.controls, np.empty(0, np.int64))
    assert output_auc == input_auc == 0.5


class Recorder:
    def __init__(self):
        self.texts = []

    def encode(self, texts):
        self.texts += texts
        return np.zeros((len(texts), 3), np.float32)


def test_an_encoder_is_given_the_outputs(scene):
    corpus, views, _ = scene
    encoder = Recorder()
    meter = ShiftMeter(views, 0, encoder)
    meter.separation(GIBBERISH[:6], ordinary(corpus, 6), np.empty(0, np.int64))
    rows = [*GIBBERISH[:6], *ordinary(corpus, 6)]
    assert encoder.texts == ["\n".join(corpus.output.side.segments(int(at))) for at in rows]
