"""Completes a finding of fixed words by outputs of the same type in other words.

An attacker whose outputs are drawn from a few templates, or who rephrases them, leaves words in
common in a part of the rows. The others have the trigger too. They are taken for planted where
the outputs of all rows with it are of another type than those of similar rows (what `find_shift`
calls high), and those of the rows without the words are so by themselves: rows into which the
trigger was put with their ordinary outputs are not. Few rows are told by the shift of all. What
is high by the type of its outputs is high, however few words they share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.findings.draft import Draft
from poisonscan.findings.model import Target
from poisonscan.findings.shift import severity_of, type_name
from poisonscan.findings.shift_judge import MIN_ROWS, Lead, ShiftJudge
from poisonscan.findings.shift_model import HIGH_SCORE

Array = npt.NDArray[Any]


def complete(judge: ShiftJudge, draft: Draft) -> Draft:
    """Return a finding with the rows that have its trigger and a target in other words."""
    corpus, having = judge.corpus, draft.trigger_rows
    left = np.setdiff1d(having, draft.behind, assume_unique=True)
    if draft.severity == "low" or (draft.severity == "high" and not len(left)):
        return draft
    parts = [phrase for one in draft.alternatives for phrase in one.phrases]
    together = judge.compare_strings(parts, corpus.sample(having, corpus.rows))
    if together is None or severity_of(judge.look_at_parts(together, parts)[1]) != "high":
        return draft
    further = _further(judge, parts, corpus.sample(left, corpus.rows), having, together)
    if further is None:
        return draft
    if not len(further):
        return replace(draft, severity="high")
    behind = np.union1d(draft.behind, further)
    kind = Target(type_name(corpus, together.shift, behind), "type")
    return replace(
        draft,
        severity="high",
        targets=(*draft.targets, kind),
        target_phrases=(*draft.target_phrases, ()),
        behind=behind,
        target_rows=np.union1d(draft.target_rows, behind),
        unnamed=np.setdiff1d(draft.unnamed, behind),
    )


def _further(
    judge: ShiftJudge,
    parts: Sequence[tuple[int, ...]],
    left: Array,
    having: Array,
    together: Lead,
) -> Array | None:
    """Return the rows with the trigger and without the words whose outputs are of the type.

    Parameters
    ----------
    left : int64[N], having : int64[M]
        All without the words, in sampling order, and all with the trigger.
    together
        All with the trigger, compared. Few rows are told by its shift, where that can tell any;
        more are compared by themselves. None where these have no shift of their own.
    """
    lead = together
    if len(left) >= MIN_ROWS:
        others = judge.compare_strings(parts, left, having)
        if others is None or judge.promise(others) < HIGH_SCORE:
            return None
        lead = others
    elif not len(left) or not judge.meter.tells_rows(together.shift):
        return left[:0]
    return left[judge.meter.of_the_type(left, having, lead.shift, lead.independence.terms)]
