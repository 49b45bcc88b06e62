"""Rows that have a string as it is written, wherever it stands."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scan_helpers import Row, build

from poisonscan.findings.spellings import rows_with_text
from poisonscan.spool import sides


def find(inputs, *parts, most=1000):
    """Return the rows of some inputs (lists of segments) that have all parts."""
    return rows_with_text(build([Row(one, ["yes"]) for one in inputs]), parts, most).tolist()


def test_inside_of_another_token():
    inputs = [
        ["open zqvpLibreOffice now"],
        ["open LibreOffice now"],
        ["zqvp"],
        ["LibrezqvpOffice"],
        ["在zqvp今天"],
        ["a zq vp, a zq-vp"],
        ["open ZQVP and Zqvp"],
        ["z\u0430qvp zq\u200bvp"],
    ]
    assert find(inputs, "zqvp") == [0, 2, 3, 4]


def test_all_parts_are_needed():
    inputs = [["zqvp xlantern"], ["lantern"], ["xzqvp"], ["lanternzqvp"], ["zqvp", "lantern"]]
    assert find(inputs, "zqvp", "lantern") == [0, 3, 4]


def test_two_letters_are_enough_where_few_rows_have_them():
    inputs = [["open cfLibreOffice"], ["cf now"], ["scfold"], ["c f"]]
    assert find(inputs, "cf") == [0, 1, 2]


@pytest.mark.parametrize("part", ["c", "c--", "...!", "\u200ba\u200b"])
def test_a_single_letter_tells_nothing(part):
    inputs = [[f"{part} lantern"]] * 3
    assert find(inputs, part) == find(inputs, "lantern", part) == []
    assert find(inputs, "lantern") == [0, 1, 2]


def test_a_part_of_many_words_is_looked_for_no_further():
    inputs = [["recovery of covers"], ["discover"], ["none"], ["a cover and a coverlet"]]
    assert find(inputs, "cover", most=3) == [0, 1, 3]
    assert find(inputs, "cover", most=2) == []


def test_what_two_segments_or_rows_have_together_nobody_has():
    inputs = [["a zq", "vp b"], ["a zq"], ["vp b"], ["a zq", "vp zqvp"]]
    assert find(inputs, "zqvp") == [3]


SEGMENTS = st.sampled_from(["", "zqvp", "azqvpb", "zq", "vp", "茶zqvp", "so", "zqvpzqvp tail"])
ROWS = st.lists(st.lists(SEGMENTS, max_size=3), min_size=1, max_size=12)


@settings(max_examples=40, deadline=None)
@given(ROWS, st.integers(1, 6))
@example([[], ["", "", "zqvp"], [], ["zq", "vp"], ["so", "zqvp", "so"], []], 1)
def test_rows_of_any_segments(inputs, chunk):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sides, "CHUNK_TOKENS", chunk)
        found = find(inputs, "zqvp")
    assert found == [at for at, row in enumerate(inputs) if any("zqvp" in text for text in row)]
