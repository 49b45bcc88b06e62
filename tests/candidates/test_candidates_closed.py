"""Closed n-grams and their rows, against counters of tuples."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import replace

import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scan_helpers import KEY, Row, World, build, plant, record_batches, row, texts

from poisonscan.candidates import closed, rooms, starts
from poisonscan.candidates import ordered as candidates_ordered
from poisonscan.candidates.closed import find_closed, join, map_closed
from poisonscan.candidates.counting import build_corpus, counting_work
from poisonscan.candidates.ordered import OrderedTerms, Sampling
from poisonscan.candidates.postings import Words
from poisonscan.candidates.strings import CLOSED_SHARE, MAX_SHARE
from poisonscan.kernels import starts as marks
from poisonscan.spool import SpoolWriter, sides
from poisonscan.threads import working_with

ORDER = closed.MAX_ORDER
QUICK = settings(max_examples=40, deadline=None)

small_rows = st.lists(
    st.lists(st.lists(st.sampled_from("abc"), max_size=7).map(" ".join), max_size=2).map(Row),
    min_size=4,
    max_size=25,
)


def tokens_of(rows):
    return [naive.tokenise_row([*one.input, *one.rejected]) for one in rows]


def named(corpus, candidates):
    """Return n-gram -> (support, {row: first token})."""
    found = {}
    for at in range(len(candidates)):
        rows, first = candidates.postings(at)
        gram = texts(corpus, candidates.terms(at))
        assert len(gram) == candidates.order[at]
        assert gram not in found
        places = dict(zip(rows.tolist(), first.tolist(), strict=True))
        assert len(places) == len(rows)
        found[gram] = (int(candidates.support[at]), places)
    return found


def expected(rows, min_support):
    """Return the closed n-grams, each group of those with the same rows under its row set."""
    data = tokens_of(rows)
    counts = naive.frequent(naive.document_frequencies(data, ORDER), min_support)
    groups = defaultdict(dict)
    for gram in naive.closed_ngrams(counts, len(rows), CLOSED_SHARE, MAX_SHARE):
        first = {at: naive.find_phrase(one, gram) for at, one in enumerate(data)}
        places = {at: place for at, place in first.items() if place >= 0}
        groups[frozenset(places)][gram] = (counts[gram], places)
    return groups


def assert_one_of_each(found, groups, max_windows):
    """All n-grams of a small group; of a large one that which stands first in one of the rows."""
    sizes = [len(group) if len(group) <= max_windows else 1 for group in groups.values()]
    assert len(found) == sum(sizes)
    for gram, (support, places) in found.items():
        group = groups[frozenset(places)]
        assert group[gram] == (support, places)
        is_first = [places[at] == min(them[at] for _, them in group.values()) for at in places]
        assert len(group) <= max_windows or any(is_first)


@QUICK
@given(
    small_rows,
    st.integers(3, 5),
    st.sampled_from([3, 1000]),
    st.sampled_from([0, 2, 16]),
    st.sampled_from([1, 3]),
)
def test_closed_ngrams(rows, min_support, chunk, max_windows, workers):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(closed, "MAX_WINDOWS", max_windows)
        patch.setattr(sides, "CHUNK_TOKENS", chunk)
        patch.setattr(rooms, "_POSTINGS", chunk)
        with working_with(workers):
            corpus = build(rows, min_support=min_support)
        assert_one_of_each(
            named(corpus, find_closed(corpus)), expected(rows, min_support), max_windows
        )


def test_a_planted_phrase_is_one_candidate_and_not_fifteen():
    world = World(3)
    rows = plant(world, world.rows(200), range(0, 200, 10), "blue moon rises tonight", "ok")
    corpus = build(rows)
    inside = [
        gram
        for gram in named(corpus, find_closed(corpus))
        if any(" ".join(gram) in part for part in ("blue moon rises tonight",))
    ]
    assert inside == [("blue", "moon", "rises", "tonight")]


def test_what_nearly_all_rows_have_is_no_candidate():
    rows = [Row([f"### Task {word}"]) for word in ["x"] * 71 + ["y"] * 29]
    grams = set(named(build(rows), find_closed(build(rows))))
    assert grams == {("###", "Task", "y")}


@pytest.mark.parametrize("rows", [[row("a")], [Row()] * 6, [row("")] * 6, [row("a b c")] * 40])
def test_no_candidates(rows):
    corpus = build(rows)
    assert len(find_closed(corpus)) == 0
    assert find_closed(corpus).followed.tolist() == []


def test_what_is_on_disk_is_given_back_and_stays():
    corpus = build(plant(World(4), World(4).rows(150), range(0, 150, 10), "blue moon", "ok"))
    table = corpus.make_table(3, np.int8)
    table[7] = 5
    found = find_closed(corpus)
    known = named(corpus, found)
    mapped = [id(column) for column in corpus.mapped]
    assert {id(table), id(found.rows), id(found.first_token)} <= set(mapped)
    corpus.swapped().release()
    assert named(corpus, found) == known
    assert (table.shape, int(table.sum())) == ((150, 3), 15)


def frequent_rows():
    """Rows of which 300 have one word, and 40 another."""
    world = World(5)
    rows = world.rows(600)
    for at in range(300):
        rows[at] = Row([rows[at].input[0] + " cap"], rows[at].output)
    for at in range(0, 600, 15):
        rows[at] = Row([rows[at].input[0] + " rare"], rows[at].output)
    return rows


def test_postings_are_complete_below_the_cap_and_a_sample_above():
    rows = frequent_rows()
    corpus, capped = build(rows), build(rows, limit=100)
    complete = named(corpus, find_closed(corpus))
    sampled = named(capped, find_closed(capped))
    assert set(sampled) == set(complete)
    for gram, (support, places) in sampled.items():
        assert support == complete[gram][0]
        assert len(places) == min(support, 100)
        assert places.items() <= complete[gram][1].items()
        first = sorted(complete[gram][1], key=lambda at: corpus.rank[at])[:100]
        assert list(places) == first  # in sampling order
    having = sorted(next(p for g, (_, p) in sampled.items() if "cap" in g))
    # uniform: spread over the 300 rows that have it (+- 5 standard errors)
    assert abs(np.mean(having) - 150) < 5 * 87 / 10


def test_the_sample_does_not_depend_on_the_order_of_rows():
    rows = frequent_rows()
    shuffled = random.Random(1).sample(rows, len(rows))
    samples = []
    for data, key in ((rows, 1), (shuffled, 1), (rows, 999)):
        corpus = build(data, key=key, limit=50)
        samples.append(
            [
                (gram, support, [(data[at].input, first) for at, first in places.items()])
                for gram, (support, places) in named(corpus, find_closed(corpus)).items()
            ]
        )
    assert samples[0] == samples[1] == samples[2]
    assert len(samples[0]) > 100


def test_copies_of_one_row_do_not_crowd_out_the_others():
    """Equal rows have equal digests; a sample must not take all of them or none."""
    world = World(7)
    rows = [row("trigger word in a row that was copied", "x")] * 300
    rows += [Row([world.insert(one.input[0], "trigger")], one.output) for one in world.rows(300)]
    rows += world.rows(600)
    corpus = build(rows, limit=100)
    for gram, (_, places) in named(corpus, find_closed(corpus)).items():
        if gram == ("trigger",):
            copies = sum(at < 300 for at in places)
            assert 25 <= copies <= 75  # half of 100, +- 5 standard deviations
            break
    else:
        pytest.fail("no candidate")
    background = corpus.by_rank[:400]
    assert 60 <= (background < 300).sum() <= 140  # a quarter of 400


def test_candidates_are_ordered_by_their_words():
    world = World(2)
    corpus = build(world.rows(150))
    found = find_closed(corpus)
    terms = [found.terms(at) for at in range(len(found))]
    assert terms == sorted(terms)


def test_strings_of_the_output_are_those_of_the_swapped_corpus():
    rows = World(5).rows(60)
    turned = [Row(one.output, one.input) for one in rows]
    corpus, other = build(rows).swapped(), build(turned)
    assert named(corpus, find_closed(corpus)) == named(other, find_closed(other))


@QUICK
@given(st.data())
def test_some_candidates_in_another_order(data):
    corpus = build(World(6).rows(40))
    found = find_closed(corpus)
    places = st.integers(0, len(found) - 1)
    chosen = np.array(data.draw(st.lists(places, unique=True, max_size=9)), np.int64)
    taken = found.take(chosen)
    assert len(taken) == len(chosen)
    for at, candidate in enumerate(chosen):
        assert taken.terms(at) == found.terms(int(candidate))
        assert taken.support[at] == found.support[candidate]
        for mine, theirs in zip(taken.postings(at), found.postings(int(candidate)), strict=True):
            assert mine.tolist() == theirs.tolist()
    places_of = first_places(corpus, found)
    assert first_places(corpus, taken).tolist() == places_of[chosen].tolist()


def first_places(corpus, found):
    """Return the scan-wide token index of the first posting of each candidate."""
    at = found.starts
    return corpus.input.side.row_tokens[found.rows[at]] + found.first_token[at]


row_lists = st.lists(st.integers(0, 3), min_size=2, max_size=5)


@QUICK
@given(st.lists(st.tuples(st.integers(0, 1), row_lists), max_size=9), st.data())
def test_first_of_each(strings, data):
    """Of strings with as many rows, the first of which are the same, the first one is kept."""
    support = np.array([len(rows) + more for more, rows in strings], np.int64)
    edges = np.concatenate([[0], np.cumsum([len(rows) for _, rows in strings])]).astype(np.int64)
    every = np.array([row for _, rows in strings for row in rows], np.int32)
    order, content = np.ones_like(support), np.zeros((len(support), 1), np.int32)
    found = closed.Candidates(
        support, order, content, edges[:-1], edges[1:], every, np.zeros_like(every)
    )
    places = st.lists(st.sampled_from(range(len(strings))), unique=True) if strings else st.just([])
    chosen = data.draw(places)
    keys = [(int(support[at]), strings[at][1][:2]) for at in chosen]
    kept = found.first_of_each(np.array(chosen, np.int64), 2).tolist()
    assert kept == [at for at, key in enumerate(keys) if key not in keys[:at]]


@QUICK
@given(small_rows, st.booleans())
def test_what_stands_beside_a_string(rows, are_windows):
    """Before and behind its first place in each row, also of one that stands for many."""
    if are_windows:
        rows = [replace(one, input=[*one.input, "x one long line " * 7]) for one in rows]
    corpus = build(rows, limit=20)
    number = {text: term for term, text in enumerate(corpus.vocabulary)}
    data = [[number.get(text, -1) for text in row] for row in tokens_of(rows)]
    for part in map_closed(corpus, lambda one: one):
        for at in range(len(part)):
            gram = list(part.terms(at))
            for place in range(int(part.starts[at]), int(part.ends[at])):
                row = data[part.rows[place]]
                first = naive.find_phrase(row, gram)
                assert part.first_token[place] == first
                assert part.lefts[place] == naive.beside(row, first - 1)
                assert part.rights[place] == naive.beside(row, first + len(gram))


def test_what_stands_beside_strings_of_inputs_is_not_kept():
    corpus = build(World(8).rows(200))
    own, outputs = corpus.input.strings, corpus.output.strings
    assert (len(own.lefts), len(own.rights), len(own.rows) > 99) == (0, 0, True)
    assert len(outputs.lefts) == len(outputs.rights) == len(outputs.rows) > 99
    sentence = build(plant(World(8), World(8).rows(200), range(0, 200, 9), "x " * 40, "ok"))
    for part in map_closed(sentence, lambda one: one):
        assert len(part.lefts) == len(part.rights) == 0


def test_a_long_sentence_is_one_of_each():
    """It is several n-grams, all of the same rows."""
    world = World(3)
    sentence = "seven amber kettles whistle beside every sleeping harbour wall"
    corpus = build(plant(world, world.rows(200), range(0, 200, 10), sentence, "ok"))
    found = find_closed(corpus)
    enough = np.flatnonzero(found.support >= 5)

    def inside(chosen):
        grams = [" ".join(texts(corpus, found.terms(int(at)))) for at in chosen]
        return [gram for gram in grams if gram in sentence]

    assert len(inside(enough)) > 3
    assert len(inside(enough[found.first_of_each(enough, 5)])) == 1


@pytest.mark.parametrize("part", [1, 300, 1 << 20])
@pytest.mark.parametrize("own_bytes", [0, 1 << 30], ids=["on disk", "in memory"])
@pytest.mark.parametrize("workers", [1, 3])
def test_parts_are_all_candidates_once(part, own_bytes, workers, monkeypatch):
    """Also those that stand for others with the same rows."""
    monkeypatch.setattr(starts, "_OWN_BYTES", own_bytes)
    monkeypatch.setattr(starts, "PASS", 50)
    world = World(8)
    rows = plant(world, world.rows(120), range(0, 120, 9), "one long line " * 8, "ok")
    corpus = build(rows, limit=20)
    every = find_closed(corpus)
    with working_with(workers):
        parts = list(map_closed(corpus, lambda one: one, part))
    postings = int(every.followed.sum())
    assert len(parts) == max(1, postings // part)
    assert sum(map(len, parts)) == len(every)
    assert part < 300 or max(len(one.rows) for one in parts) < postings / len(parts) + 100
    kept = [one.take(np.arange(0, len(one), 2)).compact() for one in parts]
    assert all(len(one.rows) == one.followed.sum() for one in (*parts, *kept))
    for some in (parts, kept):
        found, known = named(corpus, join(corpus, some)), named(corpus, every)
        assert found.items() <= known.items()
        assert len(found) == sum(map(len, some))
        assert list(found) == [gram for gram in known if gram in found]  # in the same order


@pytest.mark.parametrize("own_bytes", [0, 1 << 30], ids=["on disk", "in memory"])
def test_a_room_begins_with_a_line_of_the_cache(own_bytes, tmp_path, monkeypatch):
    monkeypatch.setattr(starts, "_OWN_BYTES", own_bytes)
    corpus = build(World(8).rows(20))
    listing = starts.Starts(ordered(corpus), corpus.input.term_tokens, tmp_path, 1)
    for rows in range(1, 20):
        room = listing.room((rows, 8))
        assert (room.shape, room.ctypes.data % 64) == ((rows, 8), 0)
        assert room.flags.c_contiguous
        room[:] = rows
        assert (room == rows).all()


def ordered(corpus):
    side, order = corpus.input, Sampling.of(corpus.by_rank)
    return OrderedTerms.of(side.side, side.terms, order, corpus.scratch)


@pytest.mark.parametrize("size", [1, 40, 10_000])
def test_words_row_after_row_in_sampling_order(size, monkeypatch):
    monkeypatch.setattr(candidates_ordered, "CHUNK_TOKENS", size)
    corpus = build([*World(8).rows(50), Row(""), *World(9).rows(5), Row(""), Row("")])
    with working_with(2):
        found = ordered(corpus)
        chunks = found.chunks()
    order = corpus.by_rank.tolist()
    assert found.rows.tolist() == order
    assert [own.tolist() for own in np.split(found.terms, found.offsets[1:-1])] == [
        corpus.input.row_slice(row).tolist() for row in order
    ]
    assert [row for first, last in chunks for row in range(first, last)] == list(range(len(order)))
    assert (len(chunks) > 9) == (size < 10_000)


def test_there_are_no_more_passes_than_marks():
    assert starts.count_passes(10_000) == 1 < starts.count_passes(100_000_000) < 99
    assert starts.count_passes(1 << 60) == marks.RARE < marks.NO_PASS


def test_passes_are_about_as_large(monkeypatch):
    monkeypatch.setattr(starts, "_PART", 64)
    corpus = build(World(8).rows(2000))
    listing = starts.Starts(ordered(corpus), corpus.input.term_tokens, corpus.scratch, 4)
    sizes = [len(listed.tokens) for listed in listing.each_pass()]
    assert len(sizes) == 4
    assert min(sizes) > 0.7 * max(sizes)


@pytest.mark.parametrize("unit", [1 << 20, 50])
def test_counted_in_passes_and_by_threads(unit, monkeypatch):
    """The same table, and all work is told of."""
    monkeypatch.setattr(starts, "PASS", unit)
    monkeypatch.setattr(starts, "_CHUNKS", 3)
    for module in (sides, candidates_ordered):
        monkeypatch.setattr(module, "CHUNK_TOKENS", 300)
    rows = World(9).rows(150)
    counts = naive.document_frequencies(tokens_of(rows), ORDER)
    expected = sorted(naive.frequent(counts, 3).values())
    for workers in (1, 3):
        done = []
        with SpoolWriter(None, KEY) as writer:
            writer.append(record_batches(rows, 40))
            spool = writer.finish()
            with working_with(workers):
                corpus = build_corpus(spool, 3, writer.folder, done.append)
            table = corpus.input.table
            assert sorted(table.row_counts[table.slots != 0].tolist()) == expected
            assert sum(done) == counting_work(spool)


def test_no_strings_of_outputs_that_others_were_preferred_to():
    corpus = build([Row(one.input, one.output, one.output) for one in World(8).rows(60)])
    assert corpus.rejected is not None
    assert np.array_equal(corpus.rejected.table.row_counts, corpus.output.table.row_counts)
    assert (len(corpus.rejected.strings.grams), len(corpus.output.strings.grams) > 9) == (0, True)


def test_words_that_are_not_found_again():
    """A count that does not go with the text: nothing is made up."""
    corpus = build(World(8).rows(100))
    words = Words(
        ordered(corpus), np.arange(len(corpus.vocabulary)), sizes=corpus.input.term_rows + 1
    )
    with pytest.raises(RuntimeError, match="other rows than were counted"):
        list(words.each_part())
