"""Inputs as a person reads them."""

from __future__ import annotations

import numpy as np
import pytest
from scan_helpers import World, build, row, texts

from poisonscan.evidence.format import FormatMeter
from poisonscan.evidence.independence import measure_independence
from poisonscan.evidence.reading import Reader, plain_text


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("P\u0430ss\u200bWORD", "password"),
        ("\u202eHello\u202c\u00a0there", "hello there"),
        ("\uff28\uff49 \U0001d400\u0301", "hi a"),
        ("tag\U000e0041s and se\ufe0flectors", "tags and selectors"),
        ("\u043f\u0440\u0438", "\u043fp\u0438"),
    ],
)
def test_plain_text(text, read):
    assert plain_text(text) == read


def shouted(count):
    """Rows of which every tenth is in capitals, and has a character of no width in a word."""
    rows = World(3).rows(count)
    for at in range(0, count, 10):
        words = rows[at].input[0].upper()
        rows[at] = row(words[:9] + "\u200b" + words[9:], rows[at].output[0])
    return rows


def test_rows_in_capitals_have_the_words_of_other_rows():
    corpus = build(shouted(300))
    rows = np.arange(0, 300, 10)
    read = Reader(corpus).read(rows)
    assert len(read.row_terms) == len(rows) + 1
    for bag, at in zip(read.each(), rows.tolist(), strict=True):
        wanted = plain_text(corpus.spool.input.segments(at)[0]).rstrip("?").split()
        assert {text.lower() for text in texts(corpus, bag)} >= set(wanted)


def test_rows_in_capitals_are_unrelated_when_they_are_read():
    corpus = build(shouted(600))
    from poisonscan.candidates.closed import find_closed
    from poisonscan.candidates.screen import screen_candidates

    space = screen_candidates(corpus, find_closed(corpus), 0).input_space
    rows = np.arange(0, 600, 10)
    as_written = measure_independence(corpus, space, rows, ())
    as_read = measure_independence(corpus, space, rows, (), Reader(corpus))
    assert as_read.factor > 0.8 > as_written.factor


def test_labels_and_what_all_rows_have_is_no_form():
    rows = [row(f"plain question {at}", "yes", grade="LOUD LABEL") for at in range(40)]
    rows = [type(one)([*one.input, "LOUD LABEL", "you are a HELPFUL MODEL  "]) for one in rows]
    corpus = build(rows)
    assert len(FormatMeter(corpus).rows_with("upper_word")) == 0  # every row has both
    some = [type(one)(one.input[: 1 + at % 2]) for at, one in enumerate(rows)]
    corpus = build([*some, *some[:5]])
    assert len(FormatMeter(corpus).rows_with("all_upper")) > 0
    assert len(FormatMeter(corpus, ["LOUD LABEL"]).rows_with("all_upper")) == 0


def test_a_string_carries_a_feature_when_the_feature_goes_with_it():
    rows = World(5).rows(60)
    rows = [row(f"cf {one.input[0]}", "x") if at < 20 else one for at, one in enumerate(rows)]
    corpus = build(rows)
    meter = FormatMeter(corpus)
    [feature] = [one for one in meter.features(0.5) if one.flag == "lower_start"]
    assert feature.rows.tolist() == list(range(20))
    assert meter.share_kept(feature, feature.rows, ["cf"]) == 0.0
    assert meter.share_kept(feature, feature.rows, ["no such string"]) == 1.0
