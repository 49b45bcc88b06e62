"""Partners of a string: by counting the rows of every pair."""

from __future__ import annotations

import naive
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_data import QUICK, offsets

from poisonscan.kernels.joint import find_partners

pytestmark = pytest.mark.jit_off

STRINGS = 6
worlds = st.lists(
    st.tuples(
        st.lists(st.integers(0, STRINGS - 1), unique=True),
        st.booleans(),
        st.sampled_from([0.0, 0.25, 0.5, 1.0]),
    ),
    min_size=1,
    max_size=12,
)


@QUICK
@given(worlds, st.integers(1, 3), st.sampled_from([0.0, 0.5, 1.0]), st.integers(1, STRINGS + 1))
def test_find_partners(world, min_rows, min_purity, room):
    bags = [bag for bag, _, _ in world]
    rows = [row for row, bag in enumerate(bags) if 0 in bag]
    best, z = np.full(room, -1, np.int32), np.full(room, np.nan)
    count = find_partners(
        np.array(rows, np.int64),
        offsets([len(bag) for bag in bags]),
        np.array([string for bag in bags for string in bag], np.int32),
        STRINGS,
        np.array([labelled for _, labelled, _ in world], np.uint8),
        np.array([p for _, _, p in world], np.float32),
        min_rows,
        min_purity,
        best,
        z,
    )
    expected = naive.partners(world, rows, STRINGS, min_rows, min_purity)[:room]
    assert best[:count].tolist() == [string for _, string in expected]
    assert z[:count].tolist() == pytest.approx([value for value, _ in expected])
