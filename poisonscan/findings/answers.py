"""Strings of the outputs worth a closer look, chosen from all of them a part at a time.

Outputs are most of the text. All their closed n-grams with their rows would be what takes most
memory; three detectors ask for a few hundred each.
"""

from __future__ import annotations

import numpy as np

from poisonscan.candidates.closed import Candidates, join, map_closed
from poisonscan.candidates.corpus import Corpus
from poisonscan.candidates.entities import Capitals
from poisonscan.candidates.screen import Screen
from poisonscan.evidence.answers import find_answers
from poisonscan.findings.brand import find_names
from poisonscan.findings.output import SHORTLIST, promising
from poisonscan.findings.verbatim_bits import LOW_BITS


def shortlist_answers(corpus: Corpus, screen: Screen, capitals: Capitals) -> Candidates:
    """Return all strings of the output side that the detectors of outputs may choose.

    Each of them ranks the strings of a part as it will rank all: what is among the best of all is
    among the best of its part.
    """
    swapped = corpus.swapped()

    def choose(strings: Candidates) -> Candidates:
        wanted = (
            find_answers(corpus, screen, strings, LOW_BITS),
            promising(corpus, screen, strings, SHORTLIST),
            find_names(corpus, strings, capitals),
        )
        chosen = strings.take(np.unique(np.concatenate(wanted))).compact()
        corpus.release()
        return chosen

    return join(swapped, map_closed(swapped, choose))
