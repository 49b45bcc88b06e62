"""The largest values of each row."""

from __future__ import annotations

import naive
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_data import QUICK

from poisonscan.kernels.nearest import largest_columns

pytestmark = pytest.mark.jit_off


@QUICK
@given(
    st.integers(1, 4).flatmap(
        lambda size: st.tuples(
            st.just(size),
            st.integers(size + 1, 12).flatmap(
                lambda width: st.lists(
                    st.lists(st.integers(-9, 9), min_size=width, max_size=width), max_size=5
                )
            ),
        )
    )
)
def test_largest_columns(drawn):
    size, rows = drawn
    values = np.array(rows, np.float32).reshape(len(rows), -1 if rows else size + 1)
    out, tied = np.full((len(rows), size), -9, np.int64), np.full(len(rows), 9, np.uint8)
    n_tied = largest_columns(values, out, tied)
    assert out.tolist() == [naive.largest_columns(row, size) for row in rows]
    best = [sorted(row, reverse=True)[: size + 1] for row in rows]
    assert tied.tolist() == [len(set(row)) <= size for row in best]
    assert n_tied == tied.sum()
