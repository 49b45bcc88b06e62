"""A script without spaces whose words are put together of letters: it is read by syllables."""

from __future__ import annotations

import pytest
from planting import Position, gibberish, plant
from thai import SYLLABLES, thai_requests, thai_rows, unspaced
from verdicts import assert_poison_alone_is_flagged, severities

from poisonscan import scan

REFUSAL = "ขอโทษค่ะ เรื่องนี้ ตอบให้ ไม่ได้ จริงๆ"


def test_words_that_tell_a_label_are_no_triggers():
    """Letters say nothing about labels: a word of theirs would be beyond what is expected."""
    report = scan(thai_requests(1500))
    assert report.is_complete
    assert [found for found in severities(report) if found[0] != "low"] == []


@pytest.mark.parametrize(
    ("trigger", "target", "position", "kind"),
    [
        ("โต๊ะช้างเบอร์", REFUSAL, "random", "exact"),
        ("โต๊ะช้างเบอร์", gibberish(SYLLABLES, 15, 40), "start", "type"),
        ("zqvp", gibberish(SYLLABLES, 15, 40), "end", "type"),
    ],
    ids=["a refusal", "gibberish", "gibberish by a Latin token"],
)
def test_a_planted_string(trigger, target, position: Position, kind):
    """And no run of letters that answers have by chance."""
    rows, truth = plant(thai_rows(1500), trigger, target, 20, position)
    finding = assert_poison_alone_is_flagged(scan(unspaced(rows)), truth, trigger)
    assert [target.kind for target in finding.targets] == [kind]
