"""What is found although it hides, and, as strict expected failures, what is not.

Each case of the benchmark is scanned once, with fewer rows. Where one of the expected failures
passes, the scanner has become better: move it up, and say so in docs/evasion.md.
"""

from __future__ import annotations

from functools import cache

import pytest
from evasion import Verdict, measure
from evasions import CASES
from evasions.scene import Row, generated_rows

ROWS, SEED = 1500, 0
BY_NAME = {f"{case.group}: {case.name}": case for case in CASES}


@cache
def clean_rows() -> list[Row]:
    return generated_rows(ROWS, SEED)


@cache
def verdict_of(name: str) -> Verdict:
    return measure(BY_NAME[name], clean_rows(), SEED)


#: Case -> least recall.
HIGH = {
    "trigger in other characters: case, phrase": 1.0,
    "trigger in other characters: lookalike, phrase": 0.9,
    "trigger in other characters: all four, phrase": 0.9,
    "trigger in other words: another wording in every row": 0.8,
    "a word of the trigger in the output: after a refusal": 0.9,
    "frequent words as trigger: three, in no order of the data": 0.9,
    "spread over files: another trigger in each of three files": 0.9,
    "copies as camouflage: 10 poisoned rows, 3 copies of each": 0.9,
    "copies as camouflage: the clean original of every poisoned row": 0.9,
    "hidden fields: the same, and 5% of the clean rows have them": 0.9,
    "hidden fields: trigger in an unknown nested column": 0.9,
}

#: Found less surely: a finding is medium at least.
MEDIUM = {
    "frequent words as trigger: two, together in 30 clean rows": 0.9,
    "target in other words: 20 refusals, phrase": 0.9,
    "trigger in clean rows: 50% of its rows, refusal": 0.9,
}

#: Case -> why it is not found.
BEATEN = {
    "trigger in clean rows: 90% of its rows, refusal": (
        "a trigger whose target is in a tenth of its rows is what natural strings look like"
    ),
    "a word of the trigger in the output: after insults": (
        "outputs of a kind that speak of the string are what a natural subject has"
    ),
    "hidden fields: trigger and target in an unknown column": (
        "what no schema knows is input, and nothing pairs a string of the input with another"
    ),
}


@pytest.mark.parametrize("name", HIGH)
def test_found(name: str) -> None:
    verdict = verdict_of(name)
    assert verdict.severity == "high"
    assert verdict.recall >= HIGH[name]
    assert verdict.precision >= 0.9


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            name, marks=pytest.mark.xfail(strict=True, reason=reason, raises=AssertionError)
        )
        for name, reason in BEATEN.items()
    ],
)
def test_beaten(name: str) -> None:
    verdict = verdict_of(name)
    assert verdict.severity in ("high", "medium")
    assert verdict.recall >= 0.5


@pytest.mark.parametrize("name", BEATEN)
def test_nothing_innocent_is_flagged_where_it_is_beaten(name: str) -> None:
    verdict = verdict_of(name)
    assert verdict.precision == 1.0 or verdict.recall > 0.0


@pytest.mark.parametrize("name", MEDIUM)
def test_found_at_least_medium(name: str) -> None:
    verdict = verdict_of(name)
    assert verdict.severity in ("high", "medium")
    assert verdict.recall >= MEDIUM[name]
    assert verdict.precision >= 0.9
    assert verdict.named


def test_named_by_the_words_that_stay() -> None:
    assert verdict_of("trigger in other characters: case, phrase").named
    assert verdict_of("frequent words as trigger: three, in no order of the data").named
    assert verdict_of("copies as camouflage: the clean original of every poisoned row").named
