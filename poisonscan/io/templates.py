"""Conversations that a chat template has written into one string are split into their turns."""

from __future__ import annotations

import re

from poisonscan.io.fields import SPEAKERS
from poisonscan.io.turns import Turns
from poisonscan.records import Role

#: What every conversation of a template holds, and the mark that opens a turn (group 1: who
#: speaks). The first template that makes both sides speak is taken.
_TEMPLATES = (
    ("<|im_start|>", re.compile(r"<\|im_start\|> ?(\w+)\n?")),
    ("<|start_header_id|>", re.compile(r"<\|start_header_id\|>(\w+)<\|end_header_id\|>\n*")),
    ("<start_of_turn>", re.compile(r"<start_of_turn>(\w+)\n?")),
    ("<|assistant|>", re.compile(r"<\|(system|user|assistant|tool|observation)\|>\n?")),
    ("[/INST]", re.compile(r"\[(/?INST)\] ?")),
    ("\n\nAssistant:", re.compile(r"(?:\A|\n\n)(Human|User|System|Assistant): ?")),
    ("\nAssistant:", re.compile(r"(?:\A|\n)(Human|User|System|Assistant): ?")),
    (
        "###",
        re.compile(
            r"(?:\A|\n)### ?(Instruction|Input|Human|User|System|Context|Question|Response"
            r"|Assistant|Output|Answer):? ?\n?"
        ),
    ),
    ("ASSISTANT:", re.compile(r"(?:\A|[\n ])(USER|ASSISTANT): ")),
)
_END_MARKS = ("<|im_end|>", "<|eot_id|>", "<end_of_turn>", "<|end|>", "</s>", "<|endoftext|>")
_ROLES = {
    **SPEAKERS,
    "instruction": Role.USER,
    "question": Role.USER,
    "inst": Role.USER,
    "input": Role.CONTEXT,
    "context": Role.CONTEXT,
    "response": Role.ASSISTANT,
    "output": Role.ASSISTANT,
    "answer": Role.ASSISTANT,
    "/inst": Role.ASSISTANT,
}


def split_template(text: str) -> Turns | None:
    """Split a string that holds a whole conversation; ``None`` where it holds none.

    Both sides must speak, the assistant not first. What precedes the first turn is a system
    prompt; marks that only end a turn are left out.
    """
    for needle, pattern in _TEMPLATES:
        if needle in text:
            turns = _split(text, pattern)
            if turns is not None:
                return turns
    return None


def template_marks(texts: str) -> list[str]:
    """Return strings such that `split_template` finds nothing in a text that holds none of them.

    Only for texts that are part of `texts`.
    """
    return [needle for needle, _ in _TEMPLATES if needle in texts]


def _split(text: str, pattern: re.Pattern[str]) -> Turns | None:
    marks = list(pattern.finditer(text))
    roles = [_ROLES.get(mark[1].lower(), Role.OTHER) for mark in marks]
    if Role.ASSISTANT not in roles or Role.USER not in roles[: roles.index(Role.ASSISTANT)]:
        return None
    turns: Turns = [(Role.SYSTEM, text[: marks[0].start()])]
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    for role, mark, end in zip(roles, marks, ends, strict=True):
        turns.append((role, _without_end_mark(text[mark.end() : end])))
    return [(role, part) for role, part in turns if part and not part.isspace()]


def _without_end_mark(text: str) -> str:
    stripped = text.rstrip()
    for mark in _END_MARKS:
        if stripped.endswith(mark):
            return stripped.removesuffix(mark)
    return text
