"""Independence: planted groups look like random rows, natural ones are alike."""

from __future__ import annotations

import math

import naive
import numpy as np
import pytest
from scan_helpers import Row, World, build, plant

from poisonscan.candidates.spaces import OwnSpaces, fit_space
from poisonscan.evidence import independence
from poisonscan.evidence.independence import count_texts, measure_independence

ROWS = 500
PLANTED, TOPICAL, COPIED, ALIKE = (np.arange(start, ROWS, 20) for start in range(4))


@pytest.fixture(scope="module")
def scene():
    world = World(21)
    rows = plant(world, world.rows(ROWS), PLANTED, "zeta omega", "x")
    for at in PLANTED[::2]:  # a word that comes along with half of them and is nowhere else
        rows[at] = Row([world.insert(rows[at].input[0], "sigma")], rows[at].output)
    question = world.sentence(5, 12)
    for number, at in enumerate(TOPICAL):
        rows[at] = Row([world.insert(world.row(7).input[0], "theme")])
        rows[COPIED[number]] = Row([f"copy of {question}"])
        words = question.split()
        words[number % 4] = world.sentence(2, 1)
        rows[ALIKE[number]] = Row([f"alike {' '.join(words)}"])
    corpus = build(rows)
    return corpus, fit_space(corpus, corpus.input, 0)


def measure(scene, rows, *words):
    corpus, space = scene
    return measure_independence(corpus, space, rows, [corpus.vocabulary.index(w) for w in words])


def test_planted_group_is_like_random_rows(scene):
    found = measure(scene, PLANTED, "zeta", "omega")
    assert abs(found.coherence) < 0.03
    assert found.remainder > 0.85
    assert found.distinct == len(PLANTED)
    assert found.factor > 0.8


def test_topical_group_is_alike(scene):
    found = measure(scene, TOPICAL, "theme")
    assert found.coherence > 0.12
    assert found.distinct == len(TOPICAL)
    assert found.factor < 0.3


def test_copies_leave_nothing(scene):
    found = measure(scene, COPIED, "copy")
    assert found.remainder < 0.01
    assert found.distinct == 0
    assert found.factor == 0.0


def test_near_duplicates_leave_little(scene):
    found = measure(scene, ALIKE, "alike")
    assert found.remainder < 0.3
    assert found.factor == 0.0


def test_random_rows_are_independent(scene):
    corpus, space = scene
    others = np.setdiff1d(corpus.background, np.concatenate([PLANTED, TOPICAL, COPIED, ALIKE]))
    found = measure_independence(corpus, space, others[:30], [])
    assert abs(found.coherence) < 0.03
    assert found.remainder > 0.85


def bags(corpus, rows):
    side = corpus.input
    return [side.distinct[side.row_terms[at] : side.row_terms[at + 1]].tolist() for at in rows]


@pytest.mark.parametrize("group", [PLANTED, TOPICAL, ALIKE], ids=["planted", "topical", "alike"])
def test_numbers(scene, group):
    """By the definitions: masked are the trigger, what 60 % share, and what is nowhere else."""
    corpus, space = scene
    trigger = {corpus.vocabulary.index(word) for word in ("zeta", "omega", "theme", "alike")}
    whole = [[term for term in bag if term not in trigger] for bag in bags(corpus, group)]
    counts = {term: sum(term in bag for bag in whole) for bag in whole for term in bag}
    common = {term for term, n in counts.items() if n > 0.6 * len(group)}
    inside = {t for t, n in counts.items() if n >= 3 and n >= 0.8 * corpus.input.term_rows[t]}
    left = [[term for term in bag if term not in common | inside] for bag in whole]
    weight = [float(value) for value in space.weights]
    kept = sum(weight[term] for bag in left for term in bag)
    all_of_it = sum(weight[t] for bag in whole for t in bag if t not in inside or t in common)
    members = set(group.tolist())
    outside = [at for at in corpus.background.tolist() if at not in members]
    without = trigger | common | inside
    others = [[t for t in bag if t not in without] for bag in bags(corpus, outside[:128])]
    likeness = [
        naive.mean_cosine(naive.sum_of(bag, space.vectors) for bag in part)
        for part in (left, others)
    ]
    found = measure_independence(corpus, space, group, trigger)
    assert found.remainder == pytest.approx(kept / all_of_it, abs=1e-6)
    assert found.coherence == pytest.approx(likeness[0] - likeness[1], abs=1e-5)
    assert found.distinct == len({frozenset(bag) for bag in left if bag})
    information = [
        [math.log1p(sum(weight[term] for term in bag)) for bag in part] for part in (left, others)
    ]
    means = [sum(part) / len(part) for part in information]
    assert found.wholeness == pytest.approx(min(1.0, math.exp(means[0] - means[1])), abs=1e-5)
    spread = min(np.std(part) for part in information)
    assert found.by_chance == pytest.approx(
        math.exp(-2.0 * spread * (len(group) ** -0.5 - 128**-0.5)), abs=1e-5
    )
    assert set(found.terms.tolist()) == trigger | inside


def test_a_few_short_inputs_may_be_short_by_chance():
    """Where one input in three is twenty times as long, ten may be of the others."""
    world = World(23)
    rows = [Row([world.sentence(at % 8, 40 if at % 3 == 0 else 2)]) for at in range(300)]
    few = np.array([at for at in range(300) if at % 3])[::20]
    for at in few:
        rows[at] = Row([world.insert(rows[at].input[0], "zeta")])
    corpus = build(rows)
    space = fit_space(corpus, corpus.input, 0)
    found = measure_independence(corpus, space, few, [corpus.vocabulary.index("zeta")])
    assert found.wholeness < 0.5
    assert found.factor == 0.0  # alike in length: not by chance
    mixed = np.sort(np.concatenate([few[:8], np.arange(0, 300, 150)]))
    assert 0.5 < measure_independence(corpus, space, mixed, []).factor


def test_large_groups_are_sampled(scene, monkeypatch):
    monkeypatch.setattr(independence, "MAX_ROWS", 10)
    found = measure(scene, PLANTED, "zeta", "omega")
    assert found.distinct == len(PLANTED)
    assert abs(found.coherence) < 0.1


def test_the_order_of_the_rows_does_not_matter(scene, monkeypatch):
    monkeypatch.setattr(independence, "MAX_ROWS", 10)
    assert measure(scene, PLANTED, "zeta") == measure(scene, PLANTED[::-1], "zeta")


def test_a_group_of_everything(scene):
    corpus, space = scene
    found = measure_independence(corpus, space, np.arange(ROWS), [])
    assert np.isfinite([found.coherence, found.remainder]).all()
    one = measure_independence(corpus, space, np.array([3]), [])
    assert one.coherence <= 0.05  # nothing to compare with
    none = measure_independence(corpus, space, np.empty(0, np.int64), [])
    assert (none.distinct, none.wholeness, none.by_chance) == (0, 1.0, 1.0)


# --- rows of one shape


def test_a_second_field_is_alike_in_all_rows_that_have_one():
    """Only questions of two subjects have it; a group among them has all they have in common."""
    world = World(23)
    rows = world.rows(1200)
    with_field = np.arange(0, 1200, 4)
    for number, at in enumerate(with_field):
        subject = 3 + number // 10 % 2
        rows[at] = Row([world.row(subject).input[0], world.row(subject).input[0]])
    group, topical = with_field[::10], with_field[1::10]
    for at in group:
        rows[at] = Row([rows[at].input[0], world.insert(rows[at].input[1], "zeta")])
    for at in topical:
        rows[at] = Row([world.insert(world.row(7).input[0], "theme"), world.row(7).input[0]])
    corpus = build(rows)
    space = fit_space(corpus, corpus.input, 0)
    assert np.bincount(corpus.background_shape).tolist() == [0, 900, 300]
    planted, alike = (
        measure_independence(corpus, space, chosen, [corpus.vocabulary.index(word)])
        for chosen, word in ((group, "zeta"), (topical, "theme"))
    )
    assert abs(planted.coherence) < 0.05
    assert planted.factor > 0.8
    assert alike.coherence > 0.1
    assert alike.factor < 0.4


@pytest.mark.parametrize("few", [20, 100])
def test_others_are_drawn_by_the_shapes_of_a_group(few):
    """But for shapes that too few rows have to stand for them."""
    world = World(24)
    rows = world.rows(1000)
    for at in range(few):
        rows[at] = Row([*rows[at].input, "further", "fields"])
    corpus = build(rows)
    group = np.array([*range(10), *range(500, 510)])
    drawn = independence._background(corpus, group, None)
    assert len(drawn) == len(set(drawn.tolist())) == independence.MAX_ROWS
    assert not set(drawn.tolist()) & set(group.tolist())
    share = (drawn < few).mean()
    assert (share == 0.5) if few >= independence.MIN_OF_A_SHAPE + 10 else (share < 0.1)


# --- within strata


def template(text):
    """Return a text in words of another dataset, in its template."""
    changed = " ".join(f"x{word}" for word in text.split())
    return f"Below is a record of the archive . {changed} : what was noted ?"


@pytest.fixture(scope="module")
def mixture():
    """Records, each in a template, beside more questions; three groups among the records."""
    world = World(22)
    records = [template(world.sentence(at % 12, 9)) for at in range(300)]
    planted, topical, copied = (range(start, 300, 13) for start in range(3))
    for at in planted:
        records[at] = world.insert(records[at], "zeta")
    for at in topical:
        records[at] = world.insert(template(world.sentence(7, 9)), "theme")
    stories = [world.sentence(at, 14) for at in range(2)]
    for number, at in enumerate(copied):  # two texts, ten times each
        records[at] = f"{world.sentence(number % 12, 2)} {template(stories[number % 2])} again"
    rows = [*world.rows(900), *(Row([text]) for text in records)]
    corpus = build(rows, parts=[np.arange(900), np.arange(900, 1200)])
    groups = [900 + np.array(group) for group in (planted, topical, copied)]
    return corpus, fit_space(corpus, corpus.input, 0), groups


def within(mixture, number, word, *, space=None):
    corpus, fitted, groups = mixture
    terms = [corpus.vocabulary.index(word)]
    return [
        measure_independence(corpus, space or fitted, groups[number], terms, within_strata=strata)
        for strata in (False, True)
    ]


def test_inputs_of_a_dataset_are_alike_but_no_more_than_is_usual_in_it(mixture):
    overall, own = within(mixture, 0, "zeta")
    assert overall.factor < 0.2
    assert own.factor > 0.8
    assert abs(own.coherence) < 0.05
    assert own.distinct == 24


def test_what_a_template_says_is_no_information_in_its_dataset(mixture):
    overall, own = within(mixture, 0, "zeta")
    assert own.remainder > 0.9 > overall.remainder


def test_a_topic_of_one_dataset_is_a_topic_within_it(mixture):
    corpus, fitted, groups = mixture
    spaces = OwnSpaces(corpus, corpus.input, fitted)
    own_space = spaces.of(groups[1])
    assert own_space is spaces.of(groups[0])  # of the same stratum: fitted once
    _, own = within(mixture, 1, "theme", space=own_space)
    assert own.coherence > 0.12
    assert own.factor < 0.3
    _, planted = within(mixture, 0, "zeta", space=own_space)
    assert planted.factor > 0.8


def test_a_text_in_several_rows_counts_once(mixture):
    overall, own = within(mixture, 2, "again")
    assert overall.distinct > 2
    assert own.distinct == 2
    corpus, space, (planted, _, copied) = mixture
    assert count_texts(corpus, space, copied) == 2
    assert count_texts(corpus, space, planted) == len(planted)


def test_short_texts_with_a_long_trigger_are_not_one_text():
    """Most of the information of two inputs is the trigger that both have: it is left out."""
    world, trigger = World(25), "alpha beta gamma delta kappa sigma"
    rows, short = world.rows(400), np.arange(400, 430)
    rows += [Row([f"{world.sentence(at % 8, 3)} {trigger}"]) for at in short]
    corpus = build(rows, parts=[np.arange(200), np.arange(200, 430)])
    space = fit_space(corpus, corpus.input, 0)
    own = [corpus.vocabulary.index(word) for word in trigger.split()]
    found = measure_independence(corpus, space, short, own, within_strata=True)
    assert found.distinct > 25
    assert count_texts(corpus, space, short) < found.distinct - 3


def test_where_there_is_one_stratum_they_change_nothing(scene):
    corpus, space = scene
    terms = [corpus.vocabulary.index("zeta")]
    found = [
        measure_independence(corpus, space, PLANTED, terms, within_strata=strata)
        for strata in (False, True)
    ]
    assert found[0] == found[1]
