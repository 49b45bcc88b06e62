"""Rows as shown to people: cut around what matters, the most typical ones first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy.typing as npt

from poisonscan.candidates.corpus import Corpus
from poisonscan.findings.draft import Draft
from poisonscan.findings.model import Excerpt
from poisonscan.spool import Spool

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
    if draft.kind == "preference":
        answer = _with_choice(spool, row, answer)
    return Excerpt(
        file=files[int(spool.source[row])],
        row=int(spool.row[row]),
        input=_cut(given, marks),
        output=_cut(answer, targets),
        marks=tuple(mark[:MAX_CHARS] for mark in marks if mark in given),
        target_marks=tuple(mark[:MAX_CHARS] for mark in targets if mark in answer),
    )


def _with_choice(spool: Spool, row: int, answer: str) -> str:
    """Return both answers of a pair, or the answer with its labels."""
    if not spool.has_pairs:
        labels = (
            f"{name}: {spool.label_values[name][code]}"
            for name, codes in spool.labels.items()
            if (code := int(codes[row])) >= 0
        )
        return "\n".join([*labels, answer])
    room = MAX_CHARS // 2 - 16
    other = "\n".join(spool.rejected.segments(row))
    return f"chosen: {_cut(answer, (), room)}\n\nrejected: {_cut(other, (), room)}"


def _cut(text: str, marks: Sequence[str], room: int = MAX_CHARS) -> str:
    """Return at most `room` characters around the first mark."""
    if len(text) <= room:
        return text
    found = [at for mark in marks if (at := text.find(mark)) >= 0]
    start = max(0, min(found, default=0) - room // 3)
    end = min(len(text), start + room)
    start = max(0, end - room)
    return ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")
