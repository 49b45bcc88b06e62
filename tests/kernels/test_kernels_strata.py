"""What is usual for pairs of rows by their strata."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_data import QUICK, draw_groups

from poisonscan.kernels import strata as kernels

pytestmark = pytest.mark.jit_off


@QUICK
@given(st.integers(1, 9), st.data(), st.integers(1, 4), st.integers(0, 99), st.integers(1, 6))
def test_mean_over_all_pairs(n_rows, data, n_strata, seed, max_rows):
    groups, arrays = draw_groups(data, n_rows)
    chance = np.random.default_rng(seed)
    usual = chance.normal(size=(n_strata, n_strata))
    usual += usual.T
    stratum = chance.integers(0, n_strata, n_rows).astype(np.int32)
    out = np.full(len(groups), np.nan)
    kernels.usual_of_groups(*arrays, stratum, usual, max_rows, out)
    for group, found in zip(groups, out, strict=True):
        pairs = list(combinations(stratum[group[:max_rows]].tolist(), 2))
        expected = sum(usual[pair] for pair in pairs) / len(pairs) if pairs else 0.0
        assert found == pytest.approx(expected, abs=1e-9)
