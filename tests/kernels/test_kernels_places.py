"""Words beside strings; what is measured of them is tested in evidence."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_data import QUICK

from poisonscan.kernels.places import count_rare

pytestmark = pytest.mark.jit_off


@QUICK
@given(st.lists(st.integers(-1, 3), min_size=1), st.data())
def test_count_rare(terms, data):
    last = data.draw(st.integers(0, len(terms)))
    first = data.draw(st.integers(0, last))
    assert count_rare(np.array(terms, np.int32), first, last) == terms[first:last].count(-1)
