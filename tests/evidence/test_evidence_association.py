"""Association: four counts, and what is made of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from poisonscan.evidence.association import Association


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_by_the_definition(pairs):
    with_trigger = np.flatnonzero([trigger for trigger, _ in pairs])
    found = Association.of(with_trigger, np.array([target for _, target in pairs]))
    both = sum(trigger and target for trigger, target in pairs)
    either = sum(trigger or target for trigger, target in pairs)
    others = [target for trigger, target in pairs if not trigger]
    assert found.confidence == pytest.approx(both / max(1, len(with_trigger)))
    assert found.jaccard == pytest.approx(both / max(1, either))
    assert found.elsewhere == pytest.approx((sum(others) + 1) / (len(others) + 1))
    assert 0.0 <= found.determinism <= found.jaccard


def test_a_planted_pair():
    assert Association(20, 20, 20, 10_000).determinism == pytest.approx(1.0, abs=1e-3)


def test_half_of_the_rows_with_the_trigger_are_innocent():
    assert Association(20, 40, 20, 10_000).determinism == pytest.approx(0.5, abs=1e-3)


def test_a_target_of_all_rows_is_nobodys():
    assert Association(8_000, 8_000, 10_000, 10_000).determinism == 0.0


def test_a_string_of_all_rows_leads_nowhere():
    assert Association(300, 300, 300, 300).determinism == 0.0


def test_without_a_common_row():
    assert Association(0, 10, 10, 100).determinism == 0.0
