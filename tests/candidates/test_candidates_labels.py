"""Label columns under any name: found by their values, taken out of the input."""

from __future__ import annotations

import naive
import numpy as np
import pytest
from scan_helpers import KEY, Row, World, build

from poisonscan.candidates.label_column import class_counts, find_label_column

WORLD = World(9)


def labelled(count, classes, **extra):
    """Return rows without output whose label is a segment of the input too, as it is read."""
    names = [f"class {at}" for at in range(classes)]
    return [
        Row(
            [WORLD.sentence(at % 12, 8), names[at % classes]],
            labels={"verdict": names[at % classes], **{k: v(at) for k, v in extra.items()}},
        )
        for at in range(count)
    ]


@pytest.mark.parametrize(("count", "classes", "found"), [
    (60, 2, "verdict"),
    (60, 6, "verdict"),
    (60, 1, None),  # says nothing
    (60, 7, None),  # eight or nine rows each: too few
    (9, 2, None),
])  # fmt: skip
def test_find_label_column(count, classes, found):
    assert find_label_column(build(labelled(count, classes)).spool) == found


def test_rows_with_outputs_have_no_label_column():
    rows = labelled(60, 2)
    rows[3] = Row(rows[3].input, ["an answer"], labels=rows[3].labels)
    assert find_label_column(build(rows).spool) is None


def test_a_column_must_cover_the_rows():
    rows = labelled(60, 2)
    for at in range(11):
        rows[at] = Row(rows[at].input, labels={"verdict": f"odd {at}"})
    assert find_label_column(build(rows).spool) == "verdict"  # 49 of 60
    for at in range(11, 13):
        rows[at] = Row(rows[at].input)
    assert find_label_column(build(rows).spool) is None  # 47 of 60


def test_the_column_of_fewest_classes_wins_and_names_break_ties():
    rows = labelled(60, 3, b=lambda at: f"{at % 2}", a=lambda at: f"{at % 2}", z=lambda at: f"{at}")
    spool = build(rows).spool
    assert find_label_column(spool) == "a"
    assert class_counts(spool, "b").tolist() == [30, 30]


def terms_by_row(corpus, count):
    return [
        [corpus.vocabulary[t] for t in corpus.input.row_slice(at) if t >= 0] for at in range(count)
    ]


def test_hiding_takes_out_the_label_and_nothing_else():
    rows = labelled(60, 3)
    plain, hidden = build(rows, min_support=3), build(rows, min_support=3, hidden_label="verdict")
    before, after = terms_by_row(plain, 60), terms_by_row(hidden, 60)
    for at in range(60):
        assert before[at][-2:] == ["class", str(at % 3)]
        assert after[at] == before[at][:-2]
        assert hidden.spool.input.segments(at) == list(rows[at].input)  # still shown to people


@pytest.mark.parametrize(
    ("segments", "label", "left"),
    [
        (["good thing", "good"], "good", ["good", "thing"]),
        (["good", "good"], "good", ["good"]),  # the last place is the column's own
        (["good", "text"], "good", ["text"]),
        (["text is good"], "good", ["text", "is", "good"]),  # a word of the text is no label
        (["very good", "good very"], "very good", ["good", "very"]),
        (["a", "text"], "other", ["a", "text"]),
        (["text", " good "], "good", ["text"]),
        (["text"], " ", ["text"]),
        ([], "good", []),
    ],
)
def test_only_a_segment_of_its_own_is_hidden(segments, label, left):
    rows = [Row(segments, labels={"y": label})] * 4 + [Row(["other a text is very good thing"])] * 3
    corpus = build(rows, min_support=3, hidden_label="y")
    assert terms_by_row(corpus, 4) == [left] * 4
    assert (
        terms_by_row(corpus, 7)[4:] == [["other", "a", "text", "is", "very", "good", "thing"]] * 3
    )


def test_of_equal_segments_the_last_is_hidden():
    """Columns come after the text that they label."""
    corpus = build(
        [Row(["good", "good"], labels={"y": "good"})] * 4, min_support=3, hidden_label="y"
    )
    assert (corpus.input.row_slice(0) >= 0).tolist() == [True, False, False]


def hash_grams(*words):
    return np.array([naive.gram_hash([naive.token_hash(word, KEY)]) for word in words], np.uint64)


def test_hidden_labels_leave_no_ngram():
    corpus = build(labelled(60, 3), min_support=3, hidden_label="verdict")
    assert "class" not in corpus.vocabulary
    assert corpus.input.table.find(hash_grams("class", "0", "1", "2")).tolist() == [-1] * 4
    plain = build(labelled(60, 3), min_support=3)
    assert (plain.input.table.find(hash_grams("class", "0", "1", "2")) >= 0).all()


def test_rows_without_a_value_stay_as_they_are():
    rows = [*labelled(20, 2), Row(["class 1", "class 0"])]
    corpus = build(rows, min_support=3, hidden_label="verdict")
    plain = build(rows, min_support=3)
    assert corpus.input.side.tokens[-5:].tolist() == plain.input.side.tokens[-5:].tolist()
