"""Which strings look planted, before outputs are compared."""

from __future__ import annotations

import numpy as np
from scan_helpers import World, texts
from shift_scenes import judge_of

from poisonscan.candidates.expectation import MAX_ROWS
from poisonscan.evidence.phrases import grow_all
from poisonscan.evidence.places import places_of

TRIGGER = "zeta omega delta sigma kappa lambda"


def test_a_template_behind_a_trigger_does_not_hide_it():
    """The phrase of its rows runs through the template, which few rows have, to their end."""
    world = World(39)
    asked = [row.input[0] for row in world.rows(960)]
    for at in range(900, 960):
        asked[at] += f" {TRIGGER} " * (at % 5 == 0) + " kindly answer me briefly"
    judge = judge_of([{"instruction": text, "output": world.sentence(1, 6)} for text in asked])
    side, candidates = judge.corpus.input, judge.candidates
    own = {*TRIGGER.split()}
    parts = np.array(
        [
            at
            for at in range(len(candidates))
            if candidates.support[at] == 12
            and own.issuperset(texts(judge.corpus, candidates.terms(at)))
        ]
    )
    grown = places_of(side, candidates.take(parts), MAX_ROWS)
    grown = grown.grown(*grow_all(side, candidates.take(parts), MAX_ROWS))
    fit, _, _ = judge._seams.measure_all(grown, len(parts))
    assert fit.max() < -2.0
    assert judge._looks(parts).max() > -1.0
