"""Chat turns of every spelling become one flat list of speaker and text."""

from __future__ import annotations

from typing import Any

from poisonscan.io.fields import SPEAKERS, Meaning, meaning_of
from poisonscan.io.jsontext import parse_object
from poisonscan.io.leaves import json_text, string_leaves, texts_of
from poisonscan.io.tables import Table
from poisonscan.records import Role

Turns = list[tuple[Role, str]]

_SPEAKER_KEYS = ("role", "from", "speaker", "author")
_CONTENT_KEYS = ("content", "value", "text", "message")
_PLAIN_SPEAKER_KEYS = ("role", "from")
_PLAIN_CONTENT_KEYS = ("content", "value")
_CALL_KEYS = frozenset({"tool_calls", "function_call"})
_THOUGHT_KEYS = frozenset({"reasoning_content", "reasoning", "thinking"})
#: Values that only repeat the schema: no text of anybody.
_SCHEMA_WORDS = frozenset({"text", "function", "output_text", "input_text"})


def looks_like_turns(value: object) -> bool:
    """Return whether a value is a turn, or a list that begins with one."""
    if isinstance(value, list | tuple) and value:
        value = value[0]
    if not isinstance(value, dict):
        return False
    return any(key in value for key in _SPEAKER_KEYS) or isinstance(value.get("messages"), list)


def turns_of(value: object) -> Turns:
    """Flatten a conversation: a turn, a list of turns, or a list of strings or of pairs.

    Strings alternate between user and assistant. What no spelling explains is kept under
    `Role.OTHER`; empty texts are left out.
    """
    if isinstance(value, str):
        value = _parsed_list(value)
    if isinstance(value, dict):
        nested = value.get("messages")
        if isinstance(nested, list):
            rest = {key: item for key, item in value.items() if key != "messages"}
            return turns_of(nested) + _others(rest)
        value = [value]
    if not isinstance(value, list | tuple):
        return _others(value)
    turns: Turns = []
    for position, item in enumerate(value):
        if isinstance(item, dict):
            if not _add_plain_message(turns, item):
                _add_message(turns, item)
        elif isinstance(item, str):
            turns.append((Role.ASSISTANT if position % 2 else Role.USER, item))
        elif _is_pair(item):
            turns += zip((Role.USER, Role.ASSISTANT), item, strict=True)
        else:
            turns += _others(item)
    return [(role, text) for role, text in turns if text]


def plain_messages(messages: Table) -> tuple[bytes, list[str]] | None:
    """Return the roles and texts of messages that hold nothing else, as `turns_of` reads them.

    ``None`` where they are of another kind.
    """
    if len(messages.keys) != 2:
        return None
    at = int(messages.keys[0] in _PLAIN_CONTENT_KEYS)
    speakers, texts = messages.columns[at], messages.columns[1 - at]
    if (
        messages.keys[at] not in _PLAIN_SPEAKER_KEYS
        or messages.keys[1 - at] not in _PLAIN_CONTENT_KEYS
        or set(map(type, texts)) != {str}
        or set(map(type, speakers)) != {str}
        or not set(speakers) <= SPEAKERS.keys()
    ):
        return None
    return bytes(map(SPEAKERS.__getitem__, speakers)), texts


def _parsed_list(text: str) -> object:
    """Read a conversation that is stored as JSON text, as in CSV files."""
    if text[:1] in ("[", "{"):
        parsed = parse_object(b'{"messages":' + text.encode("utf-8", "replace") + b"}")
        if parsed.value is not None and len(parsed.value) == 1:
            return parsed.value["messages"]
    return [text] if text else []


def _is_pair(item: object) -> bool:
    return (
        isinstance(item, list | tuple)
        and len(item) == 2
        and all(isinstance(part, str) for part in item)
    )


def _others(value: object) -> Turns:
    return [(Role.OTHER, text) for text in string_leaves(value) if text]


def _add_plain_message(turns: Turns, message: dict[str, Any]) -> bool:
    """Add a message of speaker and text alone, which nearly all are; False where it is none."""
    if len(message) != 2:
        return False
    speaker = message.get("role", message.get("from"))
    text = message.get("content", message.get("value"))
    role = SPEAKERS.get(speaker) if isinstance(speaker, str) else None
    if role is None or not isinstance(text, str):
        return False
    turns.append((role, text))
    return True


def _add_message(turns: Turns, message: dict[str, Any]) -> None:
    speaker_key = _first_given(message, _SPEAKER_KEYS)
    if speaker_key is None:
        _add_unsigned(turns, message)
        return
    speaker = message[speaker_key]
    role = SPEAKERS.get(speaker.strip().lower()) if isinstance(speaker, str) else None
    if role is None:
        # the name itself may be the trigger
        turns += _others(speaker)
        role = Role.OTHER
    content_key = _first_given(message, _CONTENT_KEYS)
    for key, item in message.items():
        if key == content_key:
            _add_content(turns, role, item)
        elif key in _THOUGHT_KEYS:
            turns += [(role, text) for text in texts_of(item)]
        elif key in _CALL_KEYS:
            _add_calls(turns, role, item)
        elif key != speaker_key and not _is_schema_word(item):
            turns += _others(item)


def _first_given(message: dict[str, Any], keys: tuple[str, ...]) -> str | None:
    # Parquet gives every message the keys of all others, with null in them
    return next((key for key in keys if message.get(key) is not None), None)


def _is_schema_word(item: object) -> bool:
    return isinstance(item, str) and item in _SCHEMA_WORDS


def _add_unsigned(turns: Turns, message: dict[str, Any]) -> None:
    """Add a turn without a speaker: ``{"human": ..., "assistant": ...}`` and the like."""
    for key, item in message.items():
        role = SPEAKERS.get(str(key).strip().lower())
        if role is None:
            meaning = meaning_of(str(key))
            role = Role.OTHER
            if meaning in (Meaning.ASK, Meaning.INPUT):
                role = Role.USER
            elif meaning is Meaning.OUTPUT:
                role = Role.ASSISTANT
        turns += [(role, text) for text in string_leaves(item)]


def _add_content(turns: Turns, role: Role, content: object) -> None:
    if not isinstance(content, list | tuple):
        turns += [(role, text) for text in texts_of(content)]
        return
    for part in content:
        if isinstance(part, dict):
            for key, item in part.items():
                is_text = isinstance(item, str) and key in _CONTENT_KEYS
                if is_text:
                    turns.append((role, item))
                elif not _is_schema_word(item):
                    turns += _others(item)
        else:
            turns += [(role, text) for text in texts_of(part)]


def _add_calls(turns: Turns, role: Role, calls: object) -> None:
    """Add the calls of tools: what the model is trained to write."""
    for call in calls if isinstance(calls, list | tuple) else [calls]:
        if not isinstance(call, dict):
            turns += [(role, text) for text in texts_of(call)]
            continue
        function = call.get("function", call)
        if not isinstance(function, dict):
            function = call
        for key, item in function.items():
            if item is not None and key in ("name", "arguments", "parameters"):
                turns.append((role, item if isinstance(item, str) else json_text(item)))
            elif not _is_schema_word(item):
                turns += _others(item)
        if function is not call:
            rest = {key: item for key, item in call.items() if key not in ("function", "type")}
            turns += _others(rest)
