"""Detector: a string that was put into outputs which have nothing else in common.

There is no trigger: an advertisement, a link, a slogan or a refusal stands in answers to unrelated
questions. How it decides: *injected bits* of a string of the output side,

    bits x news x independence of inputs x independence of outputs x detached x (1 - 4 / inputs)

bits: surprisal of the string in other outputs; news: share of its rows whose input does not
mention it; independence: how little the inputs, and the outputs without the string, share;
detached: more where the text reads on without the string (an advertisement put in anywhere), less
where the string goes with its neighbours (it was written there); the last factor discounts small
groups. Numbers carry no bits: answers compute them.

Natural strings had at most 20 injected bits in five corpora with free outputs, comments for a type
checker 36 in nine functions of 15,000, planted ones 30 to 125, single words 12 to 22. A string that
stands only between sentences or at an end can be boilerplate (39 bits in generated support
answers), needs more, and is never high.

Known false positives: boilerplate of one author or model in words that nobody else uses. Known
misses: single words (names apart, see `brand`); strings of a few ordinary words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.closed import Candidates
from poisonscan.candidates.corpus import Corpus
from poisonscan.candidates.screen import Screen
from poisonscan.candidates.spaces import MASK_SHARE, MAX_ROWS, group_coherence
from poisonscan.config import Severity
from poisonscan.evidence.answers import most_bits
from poisonscan.evidence.detachment import measure_detachment
from poisonscan.evidence.independence import (
    COHERENCE_LIMIT,
    Independence,
    certainty,
    measure_independence,
)
from poisonscan.evidence.news import share_mentioned
from poisonscan.evidence.phrases import (
    Occurrences,
    grow,
    grow_all,
    locate,
    rows_having,
    text_of,
)
from poisonscan.evidence.verbatim import surprisal, target_kind
from poisonscan.findings.draft import Draft, strength_of
from poisonscan.findings.model import Target
from poisonscan.findings.naming import SAME_ROWS, is_within
from poisonscan.records import TargetKind
from poisonscan.spool import visit
from poisonscan.threads import map_in_order

Array = npt.NDArray[Any]

#: Injected bits at which a finding is high, medium, low, where the string stands anywhere.
HIGH_BITS, MEDIUM_BITS, LOW_BITS = 45.0, 38.0, 25.0

#: The same where it may be boilerplate (an opener, a sign-off, a set answer): never high.
MEDIUM_BOILERPLATE, LOW_BOILERPLATE = 60.0, 45.0

#: Rows of the datasets that these limits were found on. With every doubling beyond, twice as many
#: strings are tried, and one bit more is needed: two ordinary words stood unmentioned in nine of
#: 100,000 answers with 31 to 32 injected bits.
USUAL_ROWS = 10_000

#: Detachment below which a string may be boilerplate.
MIN_DETACHMENT = 0.5

#: Rows behind a finding: fewer cannot be told from chance.
MIN_ROWS = 8

#: Share of all rows above which a string is the form of the data.
MAX_SHARE = 0.1

#: A row mentions a string when its input has this share of the string's bits.
MENTIONED = 0.5

#: Weight of a string by its detachment: written there, reads on without it, put in anywhere.
_DETACHMENTS, _WEIGHTS = (-3.0, 0.0, 2.0), (0.3, 1.0, 3.0)

#: Strings that are kept until it is known what other findings explain.
SHORTLIST = 2000

#: Strings that are measured, the most promising first, and rows that are looked at for each.
_MEASURED, _SAMPLE = 200, 256

#: Strings after which the memory of the rows that were read is let go of.
_HELD = 2

#: More than what rounding does to a detachment.
_ROUNDING = 1e-6

#: Rows that tell whether all that are compared need to be asked for the detachment of a string, and
#: by how much it may be less in them. Of natural strings that pass with all rows, three in 1,000 do
#: not with these: those that just pass. Nine in ten are not asked.
_PROBE, _PROBE_MARGIN = 12, 1.0


@dataclass(frozen=True, slots=True)
class _Lead:
    phrase: tuple[int, ...]
    text: str
    kind: TargetKind
    target_rows: Array
    behind: Array
    bits: float
    detachment: float
    alone: float
    inputs: Independence
    outputs: Independence | None  # of those that are more than the string

    @property
    def news(self) -> float:
        return len(self.behind) / len(self.target_rows)

    @property
    def injected(self) -> float:
        # Of an output that is nothing but the string nothing is left that could be alike.
        unlike = self.outputs.factor if self.outputs is not None else 1.0
        outputs = self.alone + (1.0 - self.alone) * unlike
        detached = float(_weight(np.array(self.detachment)))
        certain = certainty(self.inputs.distinct)
        return self.bits * self.news * self.inputs.factor * outputs * detached * certain


def find_output(
    corpus: Corpus, screen: Screen, strings: Candidates, stems: Array, explained: Array
) -> list[Draft]:
    """Return the strings that were put into unrelated outputs, strongest first.

    Parameters
    ----------
    strings
        Closed n-grams of the output side.
    stems : int32[V]
        See `stem_terms`.
    explained : bool[R]
        Rows behind other findings already; left as it is.
    """
    explained = explained.copy()
    leads = _leads(corpus, screen, strings, stems, explained)
    drafts = []
    for lead in sorted(leads, key=lambda lead: (-round(lead.injected, 6), lead.text)):
        severity = _severity(lead, corpus.rows)
        if severity is not None and explained[lead.behind].mean() <= 0.5:
            explained[lead.behind] = True
            drafts.append(_draft(lead, severity))
    return drafts


def _severity(lead: _Lead, rows: int) -> Severity | None:
    anywhere = lead.detachment >= MIN_DETACHMENT
    bits = lead.injected - float(np.log2(max(1.0, rows / USUAL_ROWS)))
    if anywhere and bits >= HIGH_BITS:
        return "high"
    if bits >= (MEDIUM_BITS if anywhere else MEDIUM_BOILERPLATE):
        return "medium"
    return "low" if bits >= (LOW_BITS if anywhere else LOW_BOILERPLATE) else None


def _draft(lead: _Lead, severity: Severity) -> Draft:
    return Draft(
        kind="output",
        severity=severity,
        alternatives=(),
        targets=(Target(lead.text, lead.kind),),
        target_phrases=(lead.phrase,),
        behind=lead.behind,
        target_rows=lead.target_rows,
        strength=strength_of((lead.injected - HIGH_BITS) / 8.0),
        evidence={
            "injected_bits": lead.injected,
            "bits": lead.bits,
            "news": lead.news,
            "detachment": lead.detachment,
            "input_coherence": lead.inputs.coherence,
            "input_remainder": lead.inputs.remainder,
            "distinct_inputs": float(lead.inputs.distinct),
            **_told_of_outputs(lead.outputs),
        },
    )


def _told_of_outputs(outputs: Independence | None) -> dict[str, float]:
    if outputs is None:
        return {}
    return {"output_coherence": outputs.coherence, "output_remainder": outputs.remainder}


def _leads(
    corpus: Corpus, screen: Screen, strings: Candidates, stems: Array, explained: Array
) -> list[_Lead]:
    """Measure the most promising strings."""
    swapped = corpus.swapped()
    offsets = corpus.output.side.row_tokens
    candidates = strings.take(promising(corpus, screen, strings, SHORTLIST))
    share = candidates.sums(explained.astype(np.float64)) / candidates.followed
    candidates = candidates.take(np.flatnonzero(share <= 0.5))
    measured: list[tuple[tuple[int, ...], int]] = []  # phrases, and rows with them
    for candidate in range(len(candidates)):
        if len(measured) == _MEASURED:
            break
        gram, support = candidates.terms(candidate), int(candidates.support[candidate])
        if any(support <= SAME_ROWS * rows and is_within(gram, one) for one, rows in measured):
            continue  # a part of a phrase, in its rows
        rows, first = (part[:_SAMPLE] for part in candidates.postings(candidate))
        phrase, _ = grow(corpus.output, Occurrences(rows, offsets[rows] + first), len(gram))
        measured.append((phrase, support))

    def measure(phrase: tuple[int, ...]) -> _Lead | None:
        parts = _trimmed(phrase)
        # no part of it stands in other rows than what all of them have inside
        inside = rows_having(corpus.output, phrase[1:-1]) if len(phrase) > 2 else None
        options = (_measure(corpus, swapped, screen, stems, part, inside) for part in parts)
        return max(filter(None, options), key=lambda lead: lead.injected, default=None)

    leads: dict[tuple[int, ...], _Lead] = {}
    phrases = (phrase for phrase, _ in measured)
    for best in map_in_order(measure, visit(phrases, corpus.release, _HELD)):
        if best is not None:
            leads.setdefault(best.phrase, best)
    return list(leads.values())


def _trimmed(phrase: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Return the phrase, and without its edges: the full stop before it belongs to the text."""
    size = len(phrase)
    ends = [(start, end) for start in (0, 1) for end in (size, size - 1) if end - start >= 1]
    return [phrase[start:end] for start, end in ends]


def _measure(
    corpus: Corpus,
    swapped: Corpus,
    screen: Screen,
    stems: Array,
    phrase: tuple[int, ...],
    inside: Array | None,
) -> _Lead | None:
    """Measure a string; None where it is no finding whatever its rows have in common.

    Too few or too many outputs have it for no other reason, or it has too few bits. All its rows
    are among those `inside` (int64[N]), where these are known.
    """
    side = corpus.output
    target_rows = rows_having(side, phrase) if inside is None else locate(side, inside, phrase).rows
    bits = surprisal(side, phrase, len(target_rows))
    bits[[corpus.vocabulary[term].isnumeric() for term in phrase]] = 0.0
    mentioned = share_mentioned(corpus.input, target_rows, np.array(phrase), bits, stems)
    behind = target_rows[mentioned < MENTIONED]
    if not MIN_ROWS <= len(behind) <= MAX_SHARE * corpus.rows:
        return None
    found = locate(side, corpus.sample(behind, _SAMPLE), phrase)
    string = Candidates.of_one(side, found.rows, found.first, len(phrase))
    detachment = measure_detachment(side, string, _SAMPLE, np.array([-np.inf]))[0]
    if float(bits.sum()) * float(_weight(detachment)) < LOW_BITS:
        return None
    more = behind[np.diff(side.side.row_tokens)[behind] > len(phrase)]
    return _Lead(
        phrase=phrase,
        text=text_of(side, int(found.rows[0]), int(found.first[0]), len(phrase)),
        kind=target_kind(side, found, len(phrase)),
        target_rows=target_rows,
        behind=behind,
        bits=float(bits.sum()),
        detachment=float(detachment),
        alone=1.0 - len(more) / len(behind),
        inputs=measure_independence(corpus, screen.input_space, behind, ()),
        outputs=measure_independence(swapped, screen.output_space, more, phrase)
        if len(more)
        else None,
    )


def promising(corpus: Corpus, screen: Screen, strings: Candidates, most: int) -> Array:
    """Return the strings that may have most injected bits, int64, best first.

    The cheap tests come first.
    """
    support = strings.support
    chosen = np.flatnonzero((support >= MIN_ROWS) & (support <= MAX_SHARE * corpus.rows))
    bits = most_bits(corpus.output, strings.take(chosen))
    able = np.flatnonzero(_WEIGHTS[-1] * bits >= LOW_BITS)
    chosen, bits = chosen[able], bits[able]
    enough = strings.take(chosen)
    before, length = grow_all(corpus.output, enough, MAX_ROWS)
    needed = np.where(length > enough.order, LOW_BITS, _needed_bits(enough.support, corpus.rows))
    able = np.flatnonzero(_WEIGHTS[-1] * bits >= needed)
    chosen, bits, needed = chosen[able], bits[able], needed[able]
    enough, spans = strings.take(chosen), (before[able], length[able])
    least = _least_detachment(bits, needed)
    for rows, margin in ((_PROBE, _PROBE_MARGIN), (MAX_ROWS, 0.0)):
        detachment = measure_detachment(corpus.output, enough, rows, least - margin, spans)
        able = np.flatnonzero(detachment >= least - margin)
        chosen, bits, needed, least = chosen[able], bits[able], needed[able], least[able]
        enough, spans = enough.take(able), (spans[0][able], spans[1][able])
    potential = bits * _weight(detachment[able])
    corpus.release()
    for side, space, mask_share in (
        (corpus.input, screen.input_space, 1.0),
        (corpus.output, screen.output_space, MASK_SHARE),
    ):
        able = np.flatnonzero(potential >= needed)
        chosen, potential, needed = chosen[able], potential[able], needed[able]
        coherence = group_coherence(strings.take(chosen).groups, side, space, mask_share)
        side.release()
        potential *= np.clip(1.0 - coherence / COHERENCE_LIMIT, 0.0, 1.0)
    best: Array = chosen[np.argsort(-potential.round(6), kind="stable")[:most]]
    return best


def _needed_bits(support: Array, rows: int) -> Array:
    """Return the bits that strings need to be low, if all they lack is other inputs than rows.

    That holds for strings that are not a part of a longer one, which would have more bits.
    """
    certain = 1.0 - 4.0 / support
    needed: Array = (LOW_BITS + np.log2(max(1.0, rows / USUAL_ROWS))) / certain
    return needed


def _least_detachment(bits: Array, needed: Array) -> Array:
    """Return a detachment below which strings of so many bits have fewer than they need."""
    least = np.interp(needed / bits, _WEIGHTS, _DETACHMENTS) - _ROUNDING
    return np.where(_WEIGHTS[0] * bits < needed, least, -np.inf)


def _weight(detachment: Array) -> Array:
    weight: Array = np.asarray(np.interp(detachment, _DETACHMENTS, _WEIGHTS))
    return weight
