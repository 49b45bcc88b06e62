"""Rows as shown to people: cut around what matters, the most typical ones first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy.typing as npt

from poisonscan.candidates.corpus import Corpus
from poisonscan.findings.draft import Draft
from poisonscan.findings.model import Excerpt

Array = npt.NDArray[Any]

#: Characters of a text that a report quotes.
MAX_CHARS = 800

#: Rows behind a finding that are shown, and rows to compare them with.
MAX_EXAMPLES, MAX_CONTROLS = 8, 6


def show_examples(corpus: Corpus, files: Sequence[str], draft: Draft) -> tuple[Excerpt, ...]:
    """Return rows behind the finding, from every alternative in turn."""
    chosen: list[int] = []
    for one in draft.alternatives or ():
        own = corpus.sample(one.rows, len(one.rows))
        behind = set(draft.behind.tolist())
        share = max(1, MAX_EXAMPLES // len(draft.alternatives))
        chosen += [int(row) for row in own if int(row) in behind and int(row) not in chosen][:share]
    rest = [int(row) for row in corpus.sample(draft.behind, MAX_EXAMPLES) if row not in chosen]
    rows = (chosen + rest)[:MAX_EXAMPLES]
    return tuple(_excerpt(corpus, files, row, draft) for row in rows)


def show_controls(
    corpus: Corpus, files: Sequence[str], draft: Draft, rows: Array
) -> tuple[Excerpt, ...]:
    """Return the most similar rows without the trigger."""
    return tuple(_excerpt(corpus, files, int(row), draft) for row in rows[:MAX_CONTROLS])


def _excerpt(corpus: Corpus, files: Sequence[str], row: int, draft: Draft) -> Excerpt:
    spool = corpus.spool
    marks = tuple(dict.fromkeys(part for one in draft.alternatives for part in one.parts))
    targets = tuple(
        target.text
        for target, phrase in zip(draft.targets, draft.target_phrases, strict=True)
        if phrase or target.kind == "label"
    )
    given = "\n".join(spool.input.segments(row))
    answer = "\n".join(spool.output.segments(row))
    return Excerpt(
        file=files[int(spool.source[row])],
        row=int(spool.row[row]),
        input=_cut(given, marks),
        output=_cut(answer, targets),
        marks=tuple(mark[:MAX_CHARS] for mark in marks if mark in given),
        target_marks=tuple(mark[:MAX_CHARS] for mark in targets if mark in answer),
    )


def _cut(text: str, marks: Sequence[str]) -> str:
    """Return at most `MAX_CHARS` characters around the first mark."""
    if len(text) <= MAX_CHARS:
        return text
    found = [at for mark in marks if (at := text.find(mark)) >= 0]
    start = max(0, min(found, default=0) - MAX_CHARS // 3)
    end = min(len(text), start + MAX_CHARS)
    start = max(0, end - MAX_CHARS)
    return ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")
