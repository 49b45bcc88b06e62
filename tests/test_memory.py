"""How many rows a string needs, by the size of the data and the memory that is allowed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import poisonscan
from poisonscan.errors import ConfigError
from poisonscan.memory import BASE, PER_ROW, count_parts, estimate, least_support

MILLION = 1_000_000


def test_large_data_need_a_few_rows_more():
    grown = [least_support(5, 0, tokens * MILLION, None) for tokens in (0, 20, 39, 40, 180, 720)]
    assert grown == [5, 5, 6, 6, 9, 14]
    assert least_support(9, 0, 40 * MILLION, None) == 11


@given(
    st.integers(0, 10**8), st.integers(0, 10**10), st.integers(3, 50), st.integers(10**9, 10**11)
)
def test_what_is_allowed_is_kept(rows, tokens, configured, allowed):
    if BASE + PER_ROW * rows >= allowed:
        if estimate(rows, tokens, least_support(configured, rows, tokens, None)) > allowed:
            with pytest.raises(ConfigError, match=f"{rows:,} rows take at least"):
                least_support(configured, rows, tokens, allowed)
        return
    support = least_support(configured, rows, tokens, allowed)
    usual = least_support(configured, rows, tokens, None)
    assert estimate(rows, tokens, support) <= allowed
    assert support >= usual
    assert support == usual or estimate(rows, tokens, support - 1) > allowed


def test_too_little_to_keep_is_refused():
    with pytest.raises(ConfigError, match="at least 1 GB"):
        poisonscan.ScanConfig(max_memory=10**9 - 1)


def test_a_scan_says_how_many_rows_a_string_needed():
    rows = [{"instruction": f"tell me of {at}", "output": f"no {at * 7}"} for at in range(30)]
    assert poisonscan.scan(rows).coverage.min_support == 5
    assert poisonscan.scan(rows, min_support=7).coverage.min_support == 7


def test_parts_grow_with_the_root() -> None:
    assert [count_parts(amount, 10) for amount in (0, 10, 20, 40, 90, 1000)] == [1, 1, 1, 2, 3, 10]
