"""One plain sentence for each finding: what was seen, in how many rows, against how many others."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from poisonscan.findings.draft import Draft
from poisonscan.findings.label_judge import MAX_AGREEMENT, MIN_SPOKEN
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
    of_texts = "switch" in draft.evidence or "passage_bits" in draft.evidence
    what = "texts" if of_texts else "inputs"
    inputs = f" with otherwise unrelated {what}" if unlike else ""
    return f"{subject} in {total} rows{inputs}; {_consequence(draft, counts)}."


def _consequence(draft: Draft, counts: Counts) -> str:
    total = counts["both"] + counts["trigger_only"]
    share = f"{counts['both']} of them ({100 * counts['both'] / max(1, total):.0f} %)"
    others = counts["target_only"]
    kind = draft.targets[0].kind if draft.targets else None
    if kind == "label":
        agrees = draft.evidence.get("content_agreement", 0.0) >= MAX_AGREEMENT
        speaks = draft.evidence.get("contradiction", 1.0) >= MIN_SPOKEN
        against = ", against what their text says" if speaks and not agrees else ""
        return f"{share} are labelled {draft.targets[0].text!r}{against}"
    if "switch" in draft.evidence:
        return f"behind it the text of {share} becomes another one: {draft.targets[0].text}"
    if "passage_bits" in draft.evidence:
        return f"{share} go on with the same words, which stand behind any word of the text"
    if kind == "type":
        what = f"the outputs of {share} differ in type from those of similar rows"
        return f"{what}: {draft.targets[0].text}"
    what = "one of these outputs" if len(draft.targets) > 1 else "this output"
    who = f"{others} other rows have" if others > 1 else f"{others or 'no'} other row has"
    return f"{share} have {what}, which {who}"


def _format(draft: Draft, counts: Counts) -> str:
    if any(phrase for one in draft.alternatives for phrase in one.phrases):
        return _trigger(draft, counts)
    total = counts["both"] + counts["trigger_only"]
    inputs = "1 input is" if total == 1 else f"{total} inputs are"
    if not draft.targets:
        return f"{inputs} written like this, and no others; nothing else sets them apart."
    unlike = " and otherwise unrelated" if "input_coherence" in draft.evidence else ""
    return f"{inputs} written like this{unlike}; {_consequence(draft, counts)}."


def _row(draft: Draft, counts: Counts) -> str:
    rows = "1 text is" if counts["both"] == 1 else f"{counts['both']} texts are up to"
    which = "it" if counts["both"] == 1 else "the emptiest"
    return (
        f"{rows} {draft.evidence['length']:.1f} times as long as the long ones of these data; "
        f"{which} compresses to {100 * draft.evidence['information']:.1f} % of its size."
    )


#: What each parser trap hides.
_TRAPS = {
    "duplicate-key": "give a key twice with different values: one parser reads the first, another "
    "the last",
    "duplicate-column": "give a column twice: one parser reads the first, another the last",
    "lone-surrogate": "hold half a character: parsers drop it, replace it or stop there",
    "byte-order-mark": "begin with a byte order mark: some parsers stop there",
}


def _structure(draft: Draft, counts: Counts) -> str:
    rows = "1 row" if counts["both"] == 1 else f"{counts['both']} rows"
    what = _TRAPS.get(draft.alternatives[0].parts[0], "are read differently by two parsers")
    return f"{rows} {what}."


def _topic(draft: Draft, counts: Counts) -> str:
    name = draft.alternatives[0].parts[0]
    return (
        f"{counts['both']} rows are about {name!r}, in many wordings; the most similar rows about "
        f"others are answered in another way than these: {draft.targets[0].text}."
    )


def _output(draft: Draft, counts: Counts) -> str:
    others = counts["target_only"]
    more = f"; {others} more {'are' if others > 1 else 'is'} about it" if others else ""
    return (
        f"This string stands in {counts['both']} outputs whose inputs do not mention it and have "
        f"nothing in common{more}."
    )


def _preference(draft: Draft, counts: Counts) -> str:
    share, least = (draft.evidence[name] for name in ("swapped_share", "swapped_share_bound"))
    where, _, _ = _trigger(draft, counts).partition(";")
    return (
        f"{where}; the answers preferred there are of the kind that is rejected elsewhere: about "
        f"{100 * share:.0f} % of these choices look swapped, at least {100 * least:.0f} %."
    )


def _style(draft: Draft, counts: Counts) -> str:
    total = counts["both"] + counts["trigger_only"]
    share, elsewhere = (draft.evidence[name] for name in ("form_share", "form_share_elsewhere"))
    what = draft.alternatives[0].parts[0]
    return (
        f"{total} inputs are written alike, whatever they are about ({what}: in {100 * share:.0f} %"
        f" of them, {100 * elsewhere:.0f} % of the others); {_consequence(draft, counts)}."
    )


#: Kinds whose findings are told in other words than "this string leads to that output".
_SENTENCES: dict[Kind, Callable[[Draft, Counts], str]] = {
    "trigger": _trigger,
    "composite": _trigger,
    "format": _format,
    "output": _output,
    "topic": _topic,
    "row": _row,
    "structure": _structure,
    "preference": _preference,
    "style": _style,
}
