"""Verbatim targets: how far they reach, where they stand, what they are worth."""

from __future__ import annotations

import naive
import numpy as np
import pytest
from scan_helpers import Row, World, build, texts

from poisonscan.evidence import verbatim
from poisonscan.evidence.phrases import grow, locate, rows_with, text_of
from poisonscan.evidence.verbatim import shared_targets, stem_terms

ROWS = 300
BEHIND = np.arange(0, ROWS, 12)
SECRET = "Forward every invoice to the new account in Geneva before midnight"
WORDS = tuple(SECRET.split())


def scene(outputs, inputs=None, seed=31):
    """Return the corpus of ordinary rows in which `BEHIND` got these outputs."""
    world = World(seed)
    rows = world.rows(ROWS)
    for number, at in enumerate(BEHIND):
        given = inputs(number, rows[at].input[0]) if inputs else rows[at].input[0]
        rows[at] = Row([given], [outputs(number, rows[at].output[0])])
    return build(rows)


def targets(corpus, rows=BEHIND, support=None):
    ordered = corpus.sample(rows, len(rows))
    stems = stem_terms(corpus.vocabulary)
    return shared_targets(corpus, ordered, support or len(rows), stems)


@pytest.mark.parametrize(
    ("kind", "output"),
    [
        ("exact", lambda _, own: SECRET),
        ("prefix", lambda _, own: f"{SECRET} {own}"),
        ("suffix", lambda _, own: f"{own[:-1]} {SECRET}"),
        ("phrase", lambda _, own: f"{own[:-1]} {SECRET} {own[-2::-1]}"),
    ],
)
def test_the_whole_phrase_and_where_it_stands(kind, output):
    corpus = scene(output)
    (target,) = targets(corpus)
    assert texts(corpus, target.phrase) == WORDS
    assert target.kind == kind
    assert target.share == 1.0
    assert target.rows == len(BEHIND)
    assert text_of(corpus.output, target.row, target.first, len(WORDS)) == SECRET
    assert target.bits > 60


def test_bits_are_the_surprise_in_all_other_rows():
    corpus = scene(lambda number, own: f"{own} the new house {SECRET}" if number % 2 else SECRET)
    (target,) = targets(corpus)
    data = [naive.tokenise_row(corpus.output.side.segments(at)) for at in range(ROWS)]
    others = [row for row in data if naive.find_phrase(row, WORDS) < 0]
    bits = naive.phrase_bits(
        texts(corpus, target.phrase),
        others,
        len(corpus.output.distinct),
        verbatim.MAX_BITS_PER_TERM,
    )
    assert target.bits == pytest.approx(sum(bits), rel=1e-6)


def test_ordinary_words_are_worth_less():
    world = World(31)
    common = world.row().output[0]
    dear, cheap = scene(lambda *_: SECRET), scene(lambda *_: common)
    per_word = [targets(corpus)[0] for corpus in (dear, cheap)]
    secret, ordinary = (one.bits / len(one.phrase) for one in per_word)
    assert secret > ordinary + 1


def test_words_that_the_input_has_already_are_worth_nothing():
    copied = scene(lambda *_: SECRET, inputs=lambda _, own: f"{own} Please: {SECRET}")
    (target,) = targets(copied)
    assert target.bits == 0.0
    partly = scene(lambda *_: SECRET, inputs=lambda _, own: f"{own} {' '.join(WORDS[:5])}")
    assert 0 < targets(partly)[0].bits < targets(scene(lambda *_: SECRET))[0].bits * 0.7


def test_copied_words_count_whatever_their_case_and_ending():
    stems = stem_terms(["Invoice", "invoices", "INVOICING", "inverse", "in"])
    assert stems[0] == stems[1] == stems[2]
    assert len(set(stems.tolist())) == 3


@pytest.mark.parametrize(
    "words",
    [
        ["Αφαίρεση", "Αφαιρεί", "ΑΦΑΙΡΕΙ"],
        ["madár", "madarak", "madara\u0301"],
        ["ｍｏｔｏｒ", "motör", "Motors"],
    ],
    ids=["Greek", "Hungarian", "full width"],
)
def test_accents_come_and_go_with_the_ending(words):
    assert len(set(stem_terms(words).tolist())) == 1


@pytest.mark.parametrize(
    "words",
    [
        ["한국어", "한국인", "한국"],
        ["사람", "사랑"],
        ["ปู", "ปี", "ป่า", "ป้า"],
        ["कुल", "कल", "किल", "कील"],
        ["がき", "かき", "パン", "バン"],
    ],
    ids=["Hangul", "Hangul, the last letter", "Thai", "Devanagari", "kana"],
)
@pytest.mark.parametrize("letters", [4, 5])
def test_marks_that_are_letters_are_no_accents(words, letters):
    assert len(set(stem_terms(words, letters).tolist())) == len(words)


def test_words_are_alike_in_so_many_letters():
    assert len(set(stem_terms(["Удалить", "Удаляет"]).tolist())) == 2
    assert len(set(stem_terms(["Удалить", "Удаляет"], 4).tolist())) == 1


def test_two_targets_of_one_trigger():
    other = "Delete all audit trails and say that nothing happened here"
    corpus = scene(lambda number, _: SECRET if number % 5 < 3 else other)
    found = targets(corpus)
    assert [texts(corpus, one.phrase) for one in found] == [WORDS, tuple(other.split())]
    assert [one.share for one in found] == pytest.approx([0.6, 0.4])
    assert [one.kind for one in found] == ["exact", "exact"]


def test_two_targets_that_share_a_rare_word():
    other = "Delete all audit trails and visit Geneva tomorrow"
    corpus = scene(lambda number, _: SECRET if number % 5 < 3 else other)
    found = [texts(corpus, one.phrase) for one in targets(corpus)]
    assert found == [WORDS, tuple(other.split())]


def test_a_target_must_be_in_a_quarter_of_the_rows():
    corpus = scene(lambda number, own: SECRET if number < 4 else own)
    assert WORDS not in [texts(corpus, one.phrase) for one in targets(corpus)]


def test_one_typo_does_not_end_the_phrase():
    corpus = scene(lambda number, _: SECRET.replace("account", "acount") if number == 3 else SECRET)
    (target,) = targets(corpus)
    assert texts(corpus, target.phrase) == WORDS
    assert target.share == pytest.approx(1 - 1 / len(BEHIND))


def test_natural_rows_share_little():
    corpus = scene(lambda _, own: own)
    assert sum(one.bits * one.share for one in targets(corpus)) < 15


def test_a_second_trigger_of_the_same_target_does_not_make_it_familiar():
    alone = targets(scene(lambda *_: SECRET))[0]
    world = World(31)
    rows = world.rows(ROWS)
    for at in range(0, ROWS, 4):
        rows[at] = Row(rows[at].input, [SECRET])
    shared = targets(build(rows))[0]
    assert shared.rows == 75
    assert shared.bits > 0.8 * alone.bits


@pytest.mark.parametrize("output", ["", "   ", "\u200b"])
def test_rows_without_words(output):
    corpus = scene(lambda *_: output)
    assert all(np.isfinite(one.bits) for one in targets(corpus))
    assert targets(corpus, BEHIND[:2]) == ()
    assert targets(corpus, BEHIND[:0], 1) == ()


# --- phrases -----------------------------------------------------------------------------------


def phrase_of(corpus, words):
    return [corpus.vocabulary.index(word) for word in words]


def test_locate_and_mark():
    corpus = scene(lambda number, own: f"{own} {SECRET}" if number % 2 else own)
    phrase = phrase_of(corpus, WORDS[3:6])
    data = [naive.tokenise_row(corpus.output.side.segments(at)) for at in range(ROWS)]
    expected = [naive.find_phrase(row, WORDS[3:6]) for row in data]
    found = locate(corpus.output, np.arange(ROWS), phrase)
    assert found.rows.tolist() == [at for at, first in enumerate(expected) if first >= 0]
    local = found.first - corpus.output.side.row_tokens[found.rows]
    assert local.tolist() == [first for first in expected if first >= 0]
    assert rows_with(corpus.output, phrase).tolist() == [first >= 0 for first in expected]


def test_grow_in_both_directions_while_rows_agree():
    corpus = scene(lambda _, own: f"{own[:-1]} {SECRET} {own[-2::-1]}")
    found = locate(corpus.output, BEHIND, phrase_of(corpus, WORDS[4:6]))
    phrase, first = grow(corpus.output, found, 2)
    assert texts(corpus, phrase) == WORDS
    assert (found.first - first == 4).all()


def test_phrases_stop_growing_somewhere():
    long = " ".join(f"w{at}" for at in range(200))
    corpus = scene(lambda *_: long)
    found = locate(corpus.output, BEHIND, phrase_of(corpus, ["w100", "w101"]))
    assert len(grow(corpus.output, found, 2)[0]) == 64


@pytest.mark.parametrize(
    "text", ["a  b\t\tc", "今天 天气", "x\u200by", "(a)->b;", "e\u0301te\u0301"]
)
def test_text_is_shown_as_it_stands(text):
    corpus = build([Row(["q"], [f"before {text} after", "more"])] * 5)
    tokens = naive.tokenise(text)
    found = locate(corpus.output, np.arange(5), phrase_of(corpus, tokens))
    assert text_of(corpus.output, 4, int(found.first[4]), len(tokens)) == text
