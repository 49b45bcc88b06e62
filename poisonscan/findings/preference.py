"""Detector: a string of the prompt after which the rejected answer is the preferred one.

How it decides (evidence/preference.py): a model of "which of the two was chosen", by both answers
and by what the rest of the prompt is about, is wrong about the rows with the string far more often
than elsewhere: by more than the best of so many natural strings would reach by chance, given how
much natural preferences differ in this dataset. Both what the answers say and how long they are
must be turned round: after "in one sentence" the shorter answer is preferred, but still the better
one. The most similar rows without the string must have the usual taste, the string must have the
neighbours of any place in the text, and for a high finding its prompts must be unrelated.

All rows with the string and a pair are behind the finding: a single row says too little to be left
out. The margins are probabilities of error for a whole dataset, not fitted to any; those of
insertion and independence are those of the other detectors (how well the text reads on without the
string adds nothing here to how varied its neighbours are).

Known false positives: an instruction put into unrelated prompts that turns round what is said and
how long it is at once. Known misses: fewer rows than the taste allows (about forty where it is
right in two thirds of the pairs, ten where it is nearly always right); datasets whose taste cannot
be learned; triggers of ordinary words with as many natural uses.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.config import Severity
from poisonscan.evidence.phrases import rows_having
from poisonscan.evidence.preference import gain_of_all
from poisonscan.findings.draft import Alternative, Draft
from poisonscan.findings.naming import name_trigger
from poisonscan.findings.preference_judge import MIN_ROWS, SwapJudge, SwapLead

Array = npt.NDArray[Any]

#: Candidates that are judged, by their gain.
_JUDGED = 100

#: Share of a trigger's rows that another one explains already.
_SAME = 0.5


def find_preference(judge: SwapJudge, explained: Array) -> list[Draft]:
    """Return at most one finding: the strings after which preferences are swapped.

    Parameters
    ----------
    explained : bool[R]
        Rows behind other findings already; left as it is.
    """
    leads: list[SwapLead] = []
    covered = explained.copy()
    for candidate in _shortlist(judge):
        rows, _ = judge.candidates.postings(candidate)
        if covered[rows].mean() > _SAME:
            continue
        lead = judge.judge_string(candidate)
        if judge.severity(lead) is not None:
            leads.append(lead)
            covered[lead.rows] = True
    return [_draft(judge, leads)] if leads else []


def _shortlist(judge: SwapJudge) -> list[int]:
    """Return the candidates that may reach the gain, the largest gain first.

    By the taste of all rows as well as by that of the prompt, which a long trigger would explain.
    """
    chosen: dict[int, float] = {}
    enough = judge.candidates.support >= MIN_ROWS
    for one in (judge.taste.here, judge.taste.general):
        gain = np.where(enough, gain_of_all(one, judge.candidates), 0.0).round(6)
        ranked = np.argsort(-gain, kind="stable")[:_JUDGED]
        for candidate in ranked[gain[ranked] >= judge.least].tolist():
            chosen[candidate] = max(float(gain[candidate]), chosen.get(candidate, 0.0))
    return sorted(chosen, key=lambda candidate: (-chosen[candidate], candidate))


def _draft(judge: SwapJudge, leads: list[SwapLead]) -> Draft:
    """Join the triggers; the first lead has the largest gain."""
    severities = [judge.severity(lead) for lead in leads]
    severity: Severity = "high" if "high" in severities else "medium"
    best = leads[severities.index(severity)]
    alternatives = []
    for lead in [best, *(lead for lead in leads if lead is not best)]:
        core, text = name_trigger(judge.corpus, lead.phrase, lead.rows)
        with_trigger = rows_having(judge.corpus.input, core)
        alternatives.append(Alternative((text,), (core,), with_trigger))
    with_trigger = np.unique(np.concatenate([one.rows for one in alternatives]))
    behind = with_trigger[judge.taste.here.judged[with_trigger]]
    return Draft(
        kind="preference",
        severity=severity,
        alternatives=tuple(alternatives),
        targets=(judge.target,),
        target_phrases=((),),
        behind=behind,
        target_rows=behind,
        strength=judge.strength(best),
        evidence=judge.evidence(best),
        controls=best.controls[:16],
    )
