"""The scripts that fit limits take detectors out of the engine by name."""

from __future__ import annotations

import fit_label
import pytest

from poisonscan import engine


@pytest.mark.parametrize("name", [*fit_label.OTHERS, "find_label"])
def test_the_engine_has_what_fit_label_replaces(name):
    assert callable(getattr(engine, name))
