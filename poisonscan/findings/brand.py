"""Detector: a name that outputs bring up whatever they are about.

A brand need not be put in word for word: it can be worded anew in every answer. Then no longer
string recurs and the name goes with its neighbours, but it still is where nobody asked for it: in
outputs that have nothing else in common, for inputs that neither mention it nor have anything in
common. Its *reach* is

    sqrt(unasked rows) x share of them x independence of inputs x independence of outputs

In clean corpora no name that was independent of both had a reach above 4, and that of 5 was a
company's, which those who ask name as well. Never high: an assistant that gives its own name
everywhere looks the same. Known misses: scripts without capitals, German (whose nouns have them),
names all in capitals (a term of a trade, "API", is nobody's brand), fewer than about forty rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.closed import Candidates
from poisonscan.candidates.corpus import Corpus
from poisonscan.candidates.entities import Capitals, find_entities
from poisonscan.candidates.screen import Screen
from poisonscan.candidates.spaces import MASK_SHARE, group_coherence
from poisonscan.evidence.independence import COHERENCE_LIMIT, measure_independence
from poisonscan.evidence.news import share_mentioned
from poisonscan.evidence.phrases import rows_having
from poisonscan.findings.draft import Draft, strength_of
from poisonscan.findings.model import Target
from poisonscan.findings.naming import text_of_phrase

Array = npt.NDArray[Any]

#: Reach at which a finding is medium, low.
MEDIUM_REACH, LOW_REACH = 9.0, 6.0

#: Share of unasked rows, independence of inputs and of outputs below which a name is natural.
MIN_NEWS, MIN_INPUTS, MIN_OUTPUTS = 0.8, 0.8, 0.65

#: Inputs with the name, of which there may be this many for each output with it: a company that
#: answers gives its name, and those who ask give it as well.
MAX_ASKED = 0.25

#: A row mentions a name when its input has at least this share of its words.
MENTIONED = 0.5

#: Share of the rows above which a name is what the data are about.
MAX_SHARE = 0.1

#: Share of the outputs' words that are written as names, above which that tells nothing: 0.29 and
#: 0.32 in two datasets in German, 0.83 in titles, at most 0.14 in 30 others.
MAX_NAMES = 0.2

#: Names that are measured, the most promising first.
_MEASURED = 20


def find_brand(
    corpus: Corpus,
    screen: Screen,
    strings: Candidates,
    capitals: Capitals,
    stems: Array,
    others: Sequence[Draft],
) -> list[Draft]:
    """Return the names that outputs bring up unasked, strongest first.

    Parameters
    ----------
    strings
        Strings of the output side worth a closer look.
    capitals
        What the form of the words tells.
    stems : int32[V]
        See `stem_terms`.
    others
        What was found already. A finding that has half of a name's rows tells it; several that
        have its rows together do not: they are wordings of one advertisement.
    """
    swapped = corpus.swapped()
    drafts = []
    for phrase in _promising(corpus, swapped, screen, strings, capitals):
        draft = _measure(corpus, swapped, screen, stems, phrase)
        if draft is not None:
            drafts.append(draft)
    drafts.sort(key=lambda draft: (-round(draft.evidence["reach"], 6), draft.targets[0].text))
    kept: list[Draft] = []
    for draft in drafts:
        if not any(_tells(other, draft) for other in (*others, *kept)):
            kept.append(draft)
    return kept


def _tells(other: Draft, draft: Draft) -> bool:
    return 2 * len(np.intersect1d(other.behind, draft.behind)) > len(draft.behind)


def find_names(corpus: Corpus, strings: Candidates, capitals: Capitals) -> Array:
    """Return which strings of the outputs are names in enough rows, int64; no acronyms."""
    if capitals.share(corpus.output) > MAX_NAMES:
        return np.empty(0, np.int64)
    capitals = replace(capitals, names=capitals.names & ~capitals.acronyms)
    least, most = int(LOW_REACH**2), int(MAX_SHARE * corpus.rows)
    return find_entities(corpus.swapped(), strings, capitals, least, most)


def _promising(
    corpus: Corpus, swapped: Corpus, screen: Screen, strings: Candidates, capitals: Capitals
) -> list[tuple[int, ...]]:
    chosen = strings.take(find_names(corpus, strings, capitals))
    reach = np.sqrt(chosen.support)
    for side, space, share in (
        (corpus.input, screen.input_space, 1.0),
        (corpus.output, screen.output_space, MASK_SHARE),
    ):
        coherence = group_coherence(chosen.groups, side, space, share)
        reach = reach * np.clip(1.0 - coherence / COHERENCE_LIMIT, 0.0, 1.0)
    best = np.argsort(-reach.round(6), kind="stable")[:_MEASURED]
    return [chosen.terms(int(one)) for one in best if reach[one] >= 0.5 * LOW_REACH]


def _measure(
    corpus: Corpus, swapped: Corpus, screen: Screen, stems: Array, phrase: tuple[int, ...]
) -> Draft | None:
    target_rows = rows_having(corpus.output, phrase)
    if len(rows_having(corpus.input, phrase)) > MAX_ASKED * len(target_rows):
        return None
    words = np.array(phrase)
    mentioned = share_mentioned(corpus.input, target_rows, words, np.ones(len(words)), stems)
    behind = target_rows[mentioned < MENTIONED]
    if len(behind) < LOW_REACH**2:
        return None
    news = len(behind) / len(target_rows)
    inputs = measure_independence(corpus, screen.input_space, behind, ())
    outputs = measure_independence(swapped, screen.output_space, behind, phrase)
    if news < MIN_NEWS or inputs.factor < MIN_INPUTS or outputs.factor < MIN_OUTPUTS:
        return None
    rows = min(len(behind), inputs.distinct)
    reach = float(np.sqrt(rows)) * news * inputs.factor * outputs.factor
    if reach < LOW_REACH:
        return None
    return Draft(
        kind="output",
        severity="medium" if reach >= MEDIUM_REACH else "low",
        alternatives=(),
        targets=(Target(text_of_phrase(swapped, phrase, behind), "phrase"),),
        target_phrases=(phrase,),
        behind=behind,
        target_rows=target_rows,
        strength=strength_of(reach - MEDIUM_REACH),
        evidence={
            "reach": reach,
            "news": news,
            "input_coherence": inputs.coherence,
            "input_remainder": inputs.remainder,
            "output_coherence": outputs.coherence,
            "output_remainder": outputs.remainder,
            "distinct_inputs": float(inputs.distinct),
        },
    )
