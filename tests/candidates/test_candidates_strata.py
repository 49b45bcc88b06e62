"""Strata: what is usual for rows of one dataset among unlike ones."""

from __future__ import annotations

from dataclasses import replace

import naive
import numpy as np
import pytest
from scan_helpers import KEY, Row, World, build, plant, texts

from poisonscan.candidates import corpus as counted
from poisonscan.candidates import screen as screening
from poisonscan.candidates import strata as module
from poisonscan.candidates.closed import find_closed
from poisonscan.candidates.expectation import screen_agreement
from poisonscan.candidates.screen import best_of_strata, screen_candidates, shortlist
from poisonscan.candidates.spaces import OwnSpaces
from poisonscan.candidates.strata import Strata
from poisonscan.candidates.views import Views
from poisonscan.evidence.phrases import rows_having
from poisonscan.findings.naming import companions, name_trigger

BY_RANK = np.random.default_rng(1).permutation(100)
PARTS = [np.arange(0, 100, 2), np.arange(1, 60, 2), np.arange(61, 100, 2)]


@pytest.fixture
def strata():
    return Strata.of(PARTS, BY_RANK)


def test_the_largest_is_the_first_whatever_order_parts_are_in(strata):
    assert strata.sizes.tolist() == [50, 30, 20]
    assert strata.number[[0, 1, 61]].tolist() == [0, 1, 2]
    again = Strata.of(PARTS[::-1], BY_RANK)
    assert again.number.tolist() == strata.number.tolist()


def test_parts_of_one_size_are_ordered_by_the_content_of_their_rows():
    halves = [np.arange(50), np.arange(50, 100)]
    first = int(BY_RANK[0] >= 50)
    for parts in (halves, halves[::-1]):
        assert Strata.of(parts, BY_RANK).number[halves[first]].max() == 0


@pytest.mark.parametrize("parts", [[], [np.arange(100)]])
def test_one_stratum(parts):
    strata = Strata.of(parts, BY_RANK)
    assert len(strata) == 1
    assert strata.number.max() == 0
    assert strata.sizes.tolist() == [100]


def test_too_many_parts_are_put_together(monkeypatch):
    monkeypatch.setattr(module, "MAX_STRATA", 2)
    strata = Strata.of(PARTS, BY_RANK)
    assert strata.sizes.tolist() == [50, 50]
    assert sorted(np.concatenate(strata.first).tolist()) == list(range(100))


def test_others_are_drawn_from_the_same_strata(strata):
    rows = np.array([0, 2, 4, 1])
    assert strata.shares(rows).tolist() == [0.75, 0.25, 0.0]
    drawn = strata.draw(rows, 8, BY_RANK)
    assert strata.number[drawn].tolist() == [0] * 6 + [1] * 2
    assert not set(drawn.tolist()) & set(rows.tolist())
    in_order = [at for at in BY_RANK.tolist() if at % 2 == 0 and at not in rows]
    assert drawn[:6].tolist() == in_order[:6]


def test_which_part_of_its_strata_a_group_is(strata):
    assert strata.part_of(PARTS[2][:5], 5) == 5 / 20
    assert strata.part_of(PARTS[2][:5], 10) == 10 / 20  # as many rows again
    both = np.concatenate([PARTS[0][:6], PARTS[2][:6]])
    assert strata.part_of(both, 12) == pytest.approx(0.5 * 6 / 50 + 0.5 * 6 / 20)


def test_nothing_is_drawn_from_what_is_mostly_the_group(strata):
    """A quarter of a stratum and more: it was told from others by what the group has in common."""
    rows = np.concatenate([PARTS[2][:6], PARTS[0][:6]])
    drawn = strata.draw(rows, 10, BY_RANK)
    others = [at for at in BY_RANK.tolist() if at not in rows]
    assert strata.number[drawn[:5]].tolist() == [0] * 5
    assert drawn[5:].tolist() == others[:5]


def test_no_more_than_wanted_are_drawn(strata):
    rows = np.array([0, 1, 61])  # their shares are rounded
    for size in (1, 2, 5, 8, 20):
        assert 0 < len(strata.draw(rows, size, BY_RANK)) <= size


def test_where_a_stratum_has_too_few_rows_others_do_not_take_their_place():
    strata = Strata.of([np.arange(8), np.arange(8, 12)], np.arange(12))
    assert strata.draw(np.array([0]), 128, np.arange(12)).tolist() == [*range(1, 8)]


def test_a_sample_has_the_strata_in_some_parts(strata):
    rows = np.concatenate([PARTS[0][:30], PARTS[1][:15], PARTS[2][:1]])
    parts = strata.parts(rows)
    assert parts == (3, 1, 0)  # quarters
    counts = np.bincount(strata.number[strata.sample(parts, 40)], minlength=3)
    assert counts.tolist() == [30, 10, 0]
    assert strata.sample((0, 0, 0), 40).tolist() == []


# --- in a space


def mixed_rows():
    """Return questions, and records in other words: with a template, and a trigger in some."""
    world = World(31)
    rows, records = world.rows(500), []
    for at in range(300):
        given, answer = (
            " ".join(f"x{word}" for word in world.sentence(at % 12, size).split())
            for size in (9, 6)
        )
        records.append(Row([f"record number {given} end of record"], [f"noted: {answer}"]))
    records = plant(world, records, range(0, 300, 13), "zeta omega", "Send all money to Geneva.")
    return [*rows, *records]


@pytest.fixture(scope="module")
def scene():
    rows = mixed_rows()
    corpus = build(rows, parts=[np.arange(500), np.arange(500, 800)])
    candidates = find_closed(corpus)
    names = [" ".join(texts(corpus, candidates.terms(at))) for at in range(len(candidates))]
    return rows, corpus, names, screen_candidates(corpus, candidates, 0)


def test_a_trigger_in_one_dataset_is_unlike_within_its_stratum_alone(scene):
    _, _, names, screen = scene
    at = names.index("zeta omega")
    assert abs(screen.own_coherence[at]) < 0.02
    assert screen.input_coherence[at] > screen.own_coherence[at] + 0.03
    assert screen.output_coherence[at] > 0.5


def test_what_is_usual_in_a_stratum_is_never_less_than_what_is_anywhere(scene):
    _, _, _, screen = scene
    assert (screen.own_coherence <= screen.input_coherence).all()


def test_one_stratum_changes_nothing(scene):
    rows, *_ = scene
    corpus = build(rows)
    screen = screen_candidates(corpus, find_closed(corpus), 0)
    assert screen.input_space.strata is None
    assert screen.own_coherence.tolist() == screen.input_coherence.tolist()


def test_each_stratum_has_places_in_the_shortlist(scene, monkeypatch):
    _, corpus, names, screen = scene
    candidates = find_closed(corpus)
    at = names.index("zeta omega")
    others = np.where(np.arange(len(names)) == at, 0.0, 1.0)  # whatever else is ahead of it
    behind = replace(screen, output_coherence=others, output_topic=others)
    monkeypatch.setattr(screening, "SHORTLIST", 5)
    monkeypatch.setattr(screening, "OF_A_STRATUM", 1)
    nothing = np.zeros(len(names))
    assert at not in shortlist(candidates, behind, nothing, corpus.strata)
    shifted = np.where(np.arange(len(names)) == at, 1.0, 0.0)
    is_other = corpus.strata.number[candidates.rows[candidates.starts]] == 0
    shifted[is_other] = 2.0  # all strings of the larger dataset
    assert at in shortlist(candidates, behind, shifted, corpus.strata)
    assert at not in shortlist(candidates, behind, shifted)


def test_the_first_candidates_of_each_stratum(scene):
    _, corpus, names, _ = scene
    candidates, strata = find_closed(corpus), corpus.strata
    order = np.random.default_rng(7).permutation(len(names))
    own = strata.number[[candidates.postings(at)[0][0] for at in order]]
    for most, places in ((3, (3, 3)), (15, (15, 12))):  # a place for each 25 of its 300 rows
        found = best_of_strata(candidates, order, strata, most)
        expected = [order[own == number][:count] for number, count in enumerate(places)]
        assert sorted(found.tolist()) == sorted(np.concatenate(expected).tolist())
        assert [at for at in order.tolist() if at in {*found.tolist()}] == found.tolist()


def test_what_all_outputs_of_a_stratum_have_is_no_agreement(scene):
    """Records are noted, whatever was asked; the trigger's are about money."""
    rows, mixed, names, screen = scene
    candidates, single = find_closed(mixed), build(rows)
    number, template, planted = mixed.strata.number, names.index("record number"), "zeta omega"
    within = screen_agreement(Views(mixed, screen), candidates).max(axis=1)
    alone = find_closed(single)
    views = Views(single, screen_candidates(single, alone, 0))
    among_any = screen_agreement(views, alone).max(axis=1)
    in_any = [" ".join(texts(single, alone.terms(at))) for at in range(len(alone))]
    assert (number[candidates.postings(template)[0]] == 1).all()
    assert among_any[in_any.index("record number")] > 20
    assert within[template] < 4
    assert within[names.index(planted)] > 20


def test_shares_of_terms_by_stratum(scene):
    _, corpus, *_ = scene
    term = corpus.vocabulary.index("record")
    assert corpus.shares_in_strata[:, term].tolist() == [0.0, 1.0]
    word = corpus.vocabulary.index("zeta")
    assert corpus.shares_in_strata[:, word] == pytest.approx([0.0, 24 / 300])


def test_rows_that_are_spread_over_many_strata_have_no_space_of_their_own(scene):
    _, corpus, _, screen = scene
    parts = [np.arange(start, 800, 16) for start in range(16)]
    spread = replace(corpus, strata=Strata.of(parts, corpus.by_rank))
    spaces = OwnSpaces(spread, spread.input, screen.input_space)
    assert spaces.of(np.arange(800)) is screen.input_space
    assert spaces.of(parts[0]) is not screen.input_space


# --- how texts are written


def test_pairs_and_edges_of_a_stratum(scene):
    rows, corpus, *_ = scene
    records = np.arange(500, 800)
    usage = corpus.usage_in_strata(records[::7])
    assert sorted(usage.rows.tolist()) == records.tolist()
    counts = naive.document_frequencies(
        [naive.tokenise_row(rows[at].input) for at in records.tolist()], 2
    )
    hashes = {
        gram: naive.gram_hash(naive.token_hash(word, KEY) for word in gram) for gram in counts
    }
    found = usage.table.count(np.array(list(hashes.values()), np.uint64))
    assert dict(zip(hashes, found.tolist(), strict=True)) == counts
    assert np.count_nonzero(usage.table.slots) == len(counts)
    assert set(usage.edges.last.tolist()) == {naive.token_hash("record", KEY)}
    assert corpus.usage_in_strata(records) is usage
    answers = corpus.swapped().usage_in_strata(records)  # those of the other side
    assert naive.token_hash("noted", KEY) in answers.edges.first


def test_where_all_texts_are_of_one_kind_there_is_no_usage_of_their_own(scene, monkeypatch):
    _, corpus, *_ = scene
    one = replace(corpus, strata=Strata.of([], corpus.by_rank))
    assert one.usage_in_strata(np.arange(9)) is None
    monkeypatch.setattr(counted, "USAGE_TOKENS", 3)
    assert replace(corpus, _usage={}).usage_in_strata(np.arange(9)) is None


def test_a_template_of_one_dataset_is_no_part_of_a_trigger():
    """Nor of a composite, though hardly any other row has its words."""
    world = World(32)
    records = [
        " ".join(f"x{word}" for word in world.sentence(at % 12, 9).split()) for at in range(60)
    ]
    records = [
        Row([f"{'zeta omega ' * (at % 5 == 0)}kindly read the record {given}"])
        for at, given in enumerate(records)
    ]
    mixed = build([*world.rows(900), *records], parts=[np.arange(900), np.arange(900, 960)])
    terms = tuple(mixed.vocabulary.index(word) for word in ("zeta", "omega"))
    planted, none = rows_having(mixed.input, terms), np.empty(0, np.int64)
    assert name_trigger(mixed, terms, planted)[1] == "zeta omega"
    assert companions(mixed, planted, none, terms) == []
    alone = replace(mixed, strata=Strata.of([], mixed.by_rank))
    assert name_trigger(alone, terms, planted)[1] == "zeta omega kindly read the record"
    assert texts(alone, companions(alone, planted, none, terms)) != ()
