"""Association: four counts, and what is made of them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from poisonscan.candidates.strata import Strata
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


# --- in strata


def in_strata(with_trigger, with_target, sizes):
    """Return the association of strings and targets in the first rows of each stratum."""
    starts = np.cumsum([0, *sizes])
    parts = [np.arange(*ends) for ends in pairwise(starts)]
    strata = Strata.of(parts, np.arange(starts[-1]))
    shows = np.zeros(starts[-1], bool)
    for part, count in zip(parts, with_target, strict=True):
        shows[part[:count]] = True
    rows = [part[:count] for part, count in zip(parts, with_trigger, strict=True)]
    return Association.of(np.concatenate(rows), shows, strata)


def test_a_planted_pair_in_one_stratum():
    found = in_strata([20, 0], [20, 0], [1000, 9000])
    assert found.elsewhere == pytest.approx(1 / 981)
    assert found.determinism > 0.99


def test_others_are_weighed_as_the_string_is_spread():
    found = in_strata([30, 10], [130, 10], [1000, 500])
    assert found.in_strata == pytest.approx(0.75 * 101 / 971 + 0.25 * 1 / 491)
    assert found.elsewhere == found.in_strata  # among all rows it is less


def test_the_more_of_both_counts():
    found = in_strata([20, 0], [20, 300], [1000, 500])
    assert found.elsewhere == pytest.approx(301 / 1481)
    assert found.elsewhere > found.in_strata


def test_how_a_dataset_ends_its_inputs_leads_to_nothing():
    """Rows of others are among it that were told apart wrongly: they have neither."""
    assert in_strata([970, 0], [970, 0], [1000, 9000]).determinism == 0.0
    assert in_strata([300, 0], [300, 0], [1000, 9000]).determinism > 0.99


def test_one_stratum_is_none():
    shows = np.arange(100) < 20
    found = Association.of(np.arange(20), shows, Strata.of([], np.arange(100)))
    assert found == Association.of(np.arange(20), shows)
