"""What is left of a finding whose rows a feature of the form explains in part."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from poisonscan.findings.draft import Alternative, Draft
from poisonscan.findings.format import settle_format
from poisonscan.findings.model import Target

NOWHERE = np.empty(0, np.int64)

#: Rows that the feature explains: those of a string, and others.
EXPLAINED = np.arange(20)
FEATURE_ROWS = np.concatenate([EXPLAINED, np.arange(100, 110)])


def draft(kind, *alternatives, severity="high", target_rows=NOWHERE, unnamed=NOWHERE, fit=None):
    """Return a finding of strings and their rows, all of which are behind it."""
    behind = np.unique(np.concatenate([rows for _, rows in alternatives]))
    return Draft(
        kind=kind,
        severity=severity,
        alternatives=tuple(Alternative((text,), ((),), rows) for text, rows in alternatives),
        targets=(Target("more capitalised words", "type"),),
        target_phrases=((),),
        behind=behind,
        target_rows=target_rows,
        strength=0.9,
        evidence={},
        unnamed=unnamed,
        fit=fit,
    )


FEATURE = draft("format", ("all in capitals", FEATURE_ROWS))


def settled(found, feature=FEATURE):
    """Return what is left of a finding beside a feature, None if that is nothing."""
    left = settle_format([feature, found])
    assert left[0] is feature
    return left[1] if len(left) > 1 else None


def joined(others, **more):
    """Return a finding of two strings: all rows of the first one are the feature's."""
    return draft("trigger", ("ORCHARD", EXPLAINED), ("vexmor", others), **more)


@pytest.mark.parametrize("has_fit", [True, False])
def test_the_string_that_is_not_explained_stays_with_its_rows(has_fit):
    others = np.arange(17, 32)  # three of its rows are the feature's too
    fit = np.arange(32) / 100 if has_fit else None
    found = joined(others, target_rows=np.arange(40), unnamed=np.array([105, 120]), fit=fit)
    left = settled(found)
    assert left.alternatives == found.alternatives[1:]
    assert left.behind.tolist() == list(range(20, 32))
    assert left.target_rows.tolist() == list(range(20, 40))
    assert left.unnamed.tolist() == [120]
    assert (left.fit is None) is not has_fit
    if has_fit:
        assert left.fit.tolist() == [row / 100 for row in left.behind]
    assert (left.kind, left.severity, left.targets) == ("trigger", "high", found.targets)


@pytest.mark.parametrize(("rows", "stays"), [(7, False), (8, True)])
def test_few_rows_are_no_finding(rows, stays):
    left = settled(joined(np.arange(20, 20 + rows)))
    assert (left is not None) is stays


def test_rows_of_strings_that_go_are_nobodys():
    """Those of the first string that the feature does not explain do not stay without it."""
    first = np.arange(10, 28)
    left = settled(draft("trigger", ("ORCHARD", first), ("vexmor", np.arange(40, 50))), half())
    assert [one.parts for one in left.alternatives] == [("vexmor",)]
    assert left.behind.tolist() == list(range(40, 50))


def half():
    """Return a feature of 15 of 18 rows, and of others."""
    return draft("format", ("all in capitals", np.r_[13:28, 100:110]))


def test_what_is_explained_by_half_stays_as_it_is():
    found = joined(np.arange(20, 40))
    assert settled(found) is found


def test_a_fragment_of_the_feature_has_taken_others_along():
    """Three in ten rows are enough where one of the strings is a matter of form."""
    words = draft("trigger", ("ORCHARD", np.arange(12)), ("vexmor", np.arange(20, 48)))
    assert settled(words) is words
    first = replace(words.alternatives[0], parts=("\u200b",))
    left = settled(replace(words, alternatives=(first, words.alternatives[1])))
    assert [one.parts for one in left.alternatives] == [("vexmor",)]
    assert left.behind.tolist() == list(range(20, 48))


def test_a_feature_explains_what_another_one_leaves():
    one = draft("format", ("all in capitals", np.r_[0:30, 100:110]))
    other = draft("format", ("double spaces", np.r_[30:46, 200:210]))
    strings = ("ORCHARD", np.arange(30)), ("sea floor", np.arange(30, 46))
    found = draft("trigger", *strings, ("vexmor", np.arange(46, 55)))
    *features, left = settle_format([one, other, found])
    assert features == [one, other]
    assert [part.parts for part in left.alternatives] == [("vexmor",)]
    assert left.behind.tolist() == list(range(46, 55))
    assert settle_format([one, other, draft("trigger", *strings)]) == [one, other]


def test_what_is_left_may_be_a_matter_of_form_itself():
    left = settled(draft("trigger", ("ORCHARD", EXPLAINED), ("!!!", np.arange(20, 30))))
    assert (left.kind, left.alternatives[0].parts) == ("format", ("!!!",))


def test_a_guess_explains_nothing():
    found = joined(np.arange(20, 30))
    assert settled(found, replace(FEATURE, severity="low")) is found


def test_a_feature_does_not_explain_a_feature():
    found = replace(joined(np.arange(20, 30)), kind="format")
    assert settled(found) is found
