"""Preference pairs: what both answers share is the question."""

from __future__ import annotations

from poisonscan.io.columns import RecordColumns
from poisonscan.io.leaves import texts_of
from poisonscan.io.templates import split_template
from poisonscan.io.turns import Turns, looks_like_turns, turns_of
from poisonscan.records import Role


def add_preference(columns: RecordColumns, chosen: object, rejected: object) -> None:
    """Add a preferred and a rejected answer to the row that is not ended yet.

    Either may be a text, a text that holds a whole conversation, a turn, or a list of turns.
    Turns that both begin with are input: those of the assistant are history, nobody is trained
    on them. Where the assistant speaks last, that turn is an answer even if both share it.
    """
    preferred = _conversation(chosen)
    refused = _conversation(rejected)
    n_shared = _n_shared(preferred, refused)
    given = set(columns.row_texts())  # a prompt column that the conversations repeat
    for role, text in preferred[:n_shared]:
        if text not in given:
            columns.add_input(Role.HISTORY if role is Role.ASSISTANT else role, text)
    columns.add_turns(preferred[n_shared:])
    for role, text in refused[n_shared:]:
        if role is Role.ASSISTANT:
            columns.rejected.append(text)
        else:
            columns.add_input(role, text)


def _conversation(value: object) -> Turns:
    if isinstance(value, str):
        return split_template(value) or ([(Role.ASSISTANT, value)] if value else [])
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return [(Role.ASSISTANT, text) for text in value if text]
    if looks_like_turns(value):
        return turns_of(value)
    return [(Role.ASSISTANT, text) for text in texts_of(value)]


def _n_before_answer(turns: Turns) -> int:
    is_answered = bool(turns) and turns[-1][0] is Role.ASSISTANT
    return len(turns) - is_answered


def _n_shared(preferred: Turns, refused: Turns) -> int:
    most = min(map(_n_before_answer, (preferred, refused)))
    shared = 0
    while shared < most and preferred[shared] == refused[shared]:
        shared += 1
    return shared
