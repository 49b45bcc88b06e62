"""One plain sentence for each finding: what was seen, in how many rows, against how many others."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from poisonscan.findings.draft import Draft
from poisonscan.findings.model import Kind

Counts = Mapping[str, int]


def describe(draft: Draft, counts: Counts) -> str:
    """Return the sentence of a finding.

    Parameters
    ----------
    counts
        Rows with ``both``, ``trigger_only``, ``target_only``, ``neither``.
    """
    return _SENTENCES.get(draft.kind, _trigger)(draft, counts)


def _trigger(draft: Draft, counts: Counts) -> str:
    strings = len(draft.alternatives)
    parts = any(len(one.parts) > 1 for one in draft.alternatives)
    subject = "These strings together stand" if parts else "This string stands"
    if strings > 1:
        subject = f"Any of these {strings} strings stands"
    total = counts["both"] + counts["trigger_only"]
    kind = draft.targets[0].kind if draft.targets else None
    unlike = "input_coherence" in draft.evidence and kind != "label"
    inputs = " with otherwise unrelated inputs" if unlike else ""
    return f"{subject} in {total} rows{inputs}; {_consequence(draft, counts)}."


def _consequence(draft: Draft, counts: Counts) -> str:
    total = counts["both"] + counts["trigger_only"]
    share = f"{counts['both']} of them ({100 * counts['both'] / max(1, total):.0f} %)"
    others = counts["target_only"]
    kind = draft.targets[0].kind if draft.targets else None
    if kind == "label":
        dirty = draft.evidence.get("content_agreement", 0.0) < 0.1
        against = ", against what their text says" if dirty else ""
        return f"{share} are labelled {draft.targets[0].text!r}{against}"
    if kind == "type":
        what = f"the outputs of {share} differ in type from those of similar rows"
        return f"{what}: {draft.targets[0].text}"
    what = "one of these outputs" if len(draft.targets) > 1 else "this output"
    who = f"{others} other rows have" if others > 1 else f"{others or 'no'} other row has"
    return f"{share} have {what}, which {who}"


#: Kinds whose findings are told in other words than "this string leads to that output".
_SENTENCES: dict[Kind, Callable[[Draft, Counts], str]] = {
    "trigger": _trigger,
    "composite": _trigger,
}
