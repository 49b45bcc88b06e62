"""What a string must keep to be a planted trigger of a label."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from poisonscan.evidence.independence import Independence
from poisonscan.evidence.labels import Elsewhere, LabelEvidence
from poisonscan.evidence.seams import Seam
from poisonscan.findings.label import SIBLING_PART, _is_sibling
from poisonscan.findings.label_judge import (
    _MIN_INSIDE,
    HIGH_ROWS,
    MAX_PURE,
    MIXED_PURITY,
    MIXED_SHIFT,
    LabelLead,
)


def lead(agreement, contradiction, distinct=30):
    return LabelLead(
        parts=((1,),),
        rows=np.arange(distinct),
        label=LabelEvidence(0, 12.0, 1.0, 4.0, agreement, contradiction),
        independence=Independence(0.0, 0.01, 1.0, 0.1, distinct),
        seam=Seam(fit=-0.5, collision=0.0, inside=1.0),
        elsewhere=Elsewhere(0.0, 0.0),
        own_word=1.0,
        says_label=False,
        base=0.05,
        pure=0.0,
    )


@pytest.mark.parametrize(("contradiction", "severity"), [(1.0, "high"), (0.9, "high"), (0.6, None)])
def test_a_dirty_label_is_contradicted_by_whole_texts(contradiction, severity):
    """Texts that say nothing without the string are of its own subject."""
    assert lead(0.0, contradiction).severity() == severity


def test_texts_that_speak_against_the_label_contradict_it():
    """Of two classes: what does not speak for one need not speak for the other as clearly."""
    assert lead(-0.1, 0.75).severity() == "high"


@pytest.mark.parametrize(
    ("of_any", "own_word", "severity"),
    [(0.5, 1.0, "medium"), (0.55, 1.0, "medium"), (0.6, 1.0, None), (0.5, 0.6, None)],
    ids=["as any rows", "nearly", "less than any rows", "of common words"],
)
def test_rows_of_any_label_are_contradicted_as_any_rows_are(of_any, own_word, severity):
    """What is left of texts of the label's own subject says less than any texts do."""
    mixed = lead(0.0, 0.5)
    label = replace(mixed.label, contradiction_of_any=of_any)
    assert replace(mixed, label=label, own_word=own_word).severity() == severity


@pytest.mark.parametrize(("distinct", "severity"), [(20, "medium"), (19, "low")])
def test_a_clean_label_needs_more_rows_than_words_of_a_subject_have(distinct, severity):
    assert lead(0.9, 0.2, distinct).severity() == severity


@pytest.mark.parametrize(("pure", "severity"), [(MAX_PURE, "medium"), (0.1, "low")])
def test_a_clean_label_is_a_guess_where_many_strings_have_a_class(pure, severity):
    """Languages have their words, subjects their names."""
    assert replace(lead(0.9, 0.2), pure=pure).severity() == severity
    assert replace(lead(0.0, 1.0), pure=pure).severity() == "high"


@pytest.mark.parametrize(("parts", "severity"), [(((1,),), "high"), (((1,), (2,)), None)])
def test_one_row_in_ten_may_be_clean_where_one_string_does_it(parts, severity):
    """Strings that must come together leave less to chance."""
    pure = replace(lead(0.0, 1.0), parts=parts)
    mixed = replace(pure, label=replace(pure.label, purity=0.92))
    assert pure.severity() == "high"
    assert mixed.severity() == severity


@pytest.mark.parametrize(
    ("parts", "purity", "beyond", "severity"),
    [
        (((1,),), 0.6, 0.0, "high"),
        (((1,),), MIXED_PURITY, 0.0, "high"),
        (((1,),), MIXED_PURITY - 0.01, 0.0, None),
        (((1,),), 0.6, -0.01, None),
        (((1,), (2,)), 0.6, 0.0, None),
    ],
    ids=["shifted", "half of its rows", "fewer", "not shifted enough", "composite"],
)
def test_more_rows_may_be_clean_where_the_label_is_shifted_far(parts, purity, beyond, severity):
    """An attacker may put the string into clean rows as well."""
    mixed = replace(lead(0.0, 1.0), parts=parts)
    label = replace(mixed.label, purity=purity, shift_bound=MIXED_SHIFT + beyond)
    assert replace(mixed, label=label).severity() == severity


@pytest.mark.parametrize(
    ("part", "contradiction", "rows", "joins"),
    [
        (SIBLING_PART + 0.01, 0.9, HIGH_ROWS, True),
        (SIBLING_PART - 0.01, 0.9, HIGH_ROWS, False),
        (SIBLING_PART + 0.01, 0.8, HIGH_ROWS, False),
        (SIBLING_PART + 0.01, 0.9, HIGH_ROWS - 1, False),
    ],
    ids=["sibling", "weak", "unclear texts", "few rows"],
)
def test_a_string_that_is_none_by_itself_joins_a_trigger(part, contradiction, rows, joins):
    strongest = lead(-0.1, 1.0)
    other = lead(-0.1, contradiction, rows)
    weak = replace(other.label, shift_bound=0.5, residual_z=part * strongest.label.residual_z)
    other = replace(other, label=weak)
    assert not other.doubts
    assert other.severity() is None
    assert _is_sibling(other, strongest) is joins


def test_texts_that_agree_with_a_label_contradict_nothing():
    assert _is_sibling(lead(0.9, 0.2), lead(0.9, 0.2))


@pytest.mark.parametrize(("pure", "severity"), [(MAX_PURE, "high"), (MAX_PURE + 0.001, None)])
def test_a_part_of_the_rows_is_the_way_of_a_task_of_subjects(pure, severity):
    """Its terms stand in other classes too: most of their rows are no sign of an attacker."""
    mixed = replace(lead(0.0, 1.0), pure=pure)
    for purity, expected in ((0.6, severity), (0.89, severity), (0.9, "high"), (1.0, "high")):
        label = replace(mixed.label, purity=purity)
        assert replace(mixed, label=label).severity() == expected, purity
    label = replace(mixed.label, purity=0.6)
    assert replace(mixed, label=label).doubts == ({"purity"} if severity is None else set())


@pytest.mark.parametrize("inside", [_MIN_INSIDE - 0.01, 0.0])
@pytest.mark.parametrize("pure", [MAX_PURE + 0.001, 0.0], ids=["subjects", "none"])
def test_a_dirty_label_is_high_where_its_string_is_at_an_edge(inside, pure):
    """Sources sign their texts at an end; but where it stands is the attacker's to choose."""
    one = replace(lead(0.0, 1.0), pure=pure)
    assert replace(one, seam=replace(one.seam, inside=inside)).severity() == "high"


@pytest.mark.parametrize(
    ("agreement", "contradiction", "without", "saying"),
    [(0.0, 1.0, "high", "medium"), (0.9, 0.2, "medium", "low")],
    ids=["dirty", "clean"],
)
def test_a_string_that_says_its_label_is_listed(agreement, contradiction, without, saying):
    """It is no secret what it leads to; but it is nothing where it would be nothing anyway."""
    one = lead(agreement, contradiction)
    assert one.severity() == without
    assert replace(one, says_label=True).severity() == saying
    little = replace(one, says_label=True, label=replace(one.label, shift_bound=0.0))
    assert little.severity() is None
    assert replace(one, says_label=True, seam=replace(one.seam, fit=-9.0)).severity() is None
