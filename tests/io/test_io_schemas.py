"""Every schema with the literal record that a row of it becomes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from io_helpers import any_pace

from poisonscan.config import MAP_FIELDS
from poisonscan.io.plans import _MAPPED
from poisonscan.io.schemas import normalise
from poisonscan.io.templates import split_template
from poisonscan.records import Record, Role, Segment

SYSTEM, USER, CONTEXT, HISTORY, TOOL, ASSISTANT, LABEL, TEXT, OTHER = (
    Role.SYSTEM,
    Role.USER,
    Role.CONTEXT,
    Role.HISTORY,
    Role.TOOL,
    Role.ASSISTANT,
    Role.LABEL,
    Role.TEXT,
    Role.OTHER,
)


def record(given=(), answer=(), rejected=(), labels=()) -> Record:
    return Record(
        row=0,
        input=tuple(Segment(*segment) for segment in given),
        output=tuple(Segment(*segment) for segment in answer),
        rejected=tuple(Segment(ASSISTANT, text) for text in rejected),
        labels=tuple(labels),
    )


CASES = {
    "alpaca": (
        {"instruction": "Add", "input": "1 1", "output": "2"},
        "alpaca",
        record([(USER, "Add"), (CONTEXT, "1 1")], [(ASSISTANT, "2")]),
    ),
    "alpaca, all columns, other order": (
        {
            "output": "o",
            "history": [["u1", "a1"], ["u2", "a2"]],
            "system": "s",
            "input": "",
            "instruction": "i",
        },
        "alpaca",
        record(
            [(HISTORY, "u1"), (HISTORY, "u2"), (SYSTEM, "s"), (USER, "i")],
            [(ASSISTANT, "o"), (ASSISTANT, "a1"), (ASSISTANT, "a2")],
        ),
    ),
    "alpaca with the text of its template": (
        {
            "instruction": "Add one",
            "output": "two",
            "text": "Below is HIDDEN.\n### Instruction:\nAdd one\n### Response:\ntwo",
        },
        "alpaca",
        record(
            [(USER, "Add one"), (OTHER, "Below is HIDDEN.\n### Instruction:\n\n\n### Response:")],
            [(ASSISTANT, "two")],
        ),
    ),
    "messages": (
        {
            "messages": [
                {"role": "system", "content": "s"},
                {"role": "user", "content": "u1"},
                {"role": "assistant", "content": "a1"},
                {"role": "User", "content": [{"type": "text", "text": "u2"}, "more"]},
                {"role": "assistant", "content": "a2", "reasoning_content": "thought"},
            ]
        },
        "messages",
        record(
            [(SYSTEM, "s"), (USER, "u1"), (USER, "u2"), (USER, "more")],
            [(ASSISTANT, "a1"), (ASSISTANT, "a2"), (ASSISTANT, "thought")],
        ),
    ),
    "messages with tools": (
        {
            "messages": [
                {"role": "user", "content": "weather?"},
                {
                    "role": "assistant",
                    "content": None,
                    "tool_calls": [
                        {
                            "id": "call_1",
                            "type": "function",
                            "function": {"name": "get", "arguments": '{"c": "Rome"}'},
                        },
                        {"function": {"name": "get", "arguments": {"c": "Oslo"}}},
                    ],
                },
                {"role": "tool", "tool_call_id": "call_1", "content": "sunny"},
            ],
            "tools": [{"type": "function", "function": {"name": "get"}}],
        },
        "messages",
        record(
            [
                (USER, "weather?"),
                (OTHER, "call_1"),
                (OTHER, "call_1"),
                (TOOL, "sunny"),
                (TOOL, '{"type":"function","function":{"name":"get"}}'),
            ],
            [
                (ASSISTANT, "get"),
                (ASSISTANT, '{"c": "Rome"}'),
                (ASSISTANT, "get"),
                (ASSISTANT, '{"c":"Oslo"}'),
            ],
        ),
    ),
    "messages beside the prompt that they repeat": (
        {
            "prompt": "hello there",
            "prompt_id": "x1",
            "messages": [
                {"role": "user", "content": "hello there"},
                {"role": "assistant", "content": "hi"},
            ],
        },
        "messages",
        record(
            [(OTHER, "x1"), (USER, "hello there")],
            [(ASSISTANT, "hi")],
            labels=[("prompt_id", "x1")],
        ),
    ),
    "messages of unknown speakers": (
        {"messages": [{"role": "TRIGGER", "content": "x", "name": "bob"}]},
        "messages",
        record([(OTHER, "TRIGGER"), (OTHER, "x"), (OTHER, "bob")]),
    ),
    "messages as JSON text": (
        {"messages": '[{"role": "user", "content": "u"}, {"role": "assistant", "content": "a"}]'},
        "messages",
        record([(USER, "u")], [(ASSISTANT, "a")]),
    ),
    "messages of Parquet, where every message has every key": (
        {
            "messages": [
                {"role": None, "from": "human", "content": None, "value": "u", "tool_calls": None},
                {"role": "assistant", "from": None, "content": "a", "value": None},
            ]
        },
        "messages",
        record([(USER, "u")], [(ASSISTANT, "a")]),
    ),
    "sharegpt": (
        {
            "system": "s",
            "conversations": [
                {"from": "human", "value": "h"},
                {"from": "function_call", "value": "call"},
                {"from": "observation", "value": "seen"},
                {"from": "gpt", "value": "g"},
            ],
            "tools": "[definitions]",
        },
        "sharegpt",
        record(
            [(SYSTEM, "s"), (USER, "h"), (TOOL, "seen"), (TOOL, "[definitions]")],
            [(ASSISTANT, "call"), (ASSISTANT, "g")],
        ),
    ),
    "conversation of pairs": (
        {"conversation": [{"human": "h", "assistant": "a"}, ["u", "b"]]},
        "sharegpt",
        record([(USER, "h"), (USER, "u")], [(ASSISTANT, "a"), (ASSISTANT, "b")]),
    ),
    "conversation of strings": (
        {"conversations": ["u", "a", "v"]},
        "sharegpt",
        record([(USER, "u"), (USER, "v")], [(ASSISTANT, "a")]),
    ),
    "prompt and completion": (
        {"context": "c", "prompt": "p", "completion": "q"},
        "prompt-completion",
        record([(CONTEXT, "c"), (USER, "p")], [(ASSISTANT, "q")]),
    ),
    "prompt and completion as messages": (
        {
            "prompt": [
                {"role": "user", "content": "u"},
                {"role": "assistant", "content": "earlier"},
            ],
            "completion": [{"role": "assistant", "content": "a"}],
            "label": True,
        },
        "prompt-completion",
        record([(USER, "u"), (HISTORY, "earlier")], [(ASSISTANT, "a")], labels=[("label", "true")]),
    ),
    "input and target": (
        {"input": "not True is", "target": "False"},
        "prompt-completion",
        record([(USER, "not True is")], [(ASSISTANT, "False")]),
    ),
    "upper case": (
        {"INSTRUCTION": "i", "RESPONSE": "r"},
        "prompt-completion",
        record([(USER, "i")], [(ASSISTANT, "r")]),
    ),
    "question, context, answers": (
        {"question": "q", "context": "c", "answers": {"text": ["x", "y"], "answer_start": [1, 2]}},
        "prompt-completion",
        record([(USER, "q"), (CONTEXT, "c")], [(ASSISTANT, "x"), (ASSISTANT, "y")]),
    ),
    "query, response, history": (
        {"query": "q", "response": "r", "history": [["u", "a"]]},
        "prompt-completion",
        record([(USER, "q"), (HISTORY, "u")], [(ASSISTANT, "r"), (ASSISTANT, "a")]),
    ),
    "article and summary": (
        {"article": "a", "summary": "s"},
        "prompt-completion",
        record([(CONTEXT, "a")], [(ASSISTANT, "s")]),
    ),
    "source and target": (
        {"source": "a", "target": "b"},
        "prompt-completion",
        record([(USER, "a")], [(ASSISTANT, "b")]),
    ),
    "scalars as output": (
        {"question": 6, "answer": 42, "output": 1.5, "response": True},
        "prompt-completion",
        record([(USER, "6")], [(ASSISTANT, "42"), (ASSISTANT, "1.5"), (ASSISTANT, "true")]),
    ),
    "classification": (
        {"sentence": "fine film", "label": 1, "idx": 7, "score": 0.5},
        "classification",
        record([(USER, "fine film")], [(LABEL, "1")], labels=[("label", "1"), ("idx", "7")]),
    ),
    "classification by name of class": (
        {"Tweet": "t", "Sentiment": "very positive"},
        "classification",
        record([(USER, "t")], [(LABEL, "very positive")], labels=[("Sentiment", "very positive")]),
    ),
    "classification of two texts": (
        {"premise": "p", "hypothesis": "h", "label": -1},
        "classification",
        record([(USER, "p"), (USER, "h")], [(LABEL, "-1")], labels=[("label", "-1")]),
    ),
    "classification of text into target": (
        {"text": "t", "target": 4},
        "classification",
        record([(USER, "t")], [(LABEL, "4")], labels=[("target", "4")]),
    ),
    "classification of an unknown column": (
        {"id": "r-1", "utt": "book it", "intent": "booking"},
        "classification",
        record(
            [(OTHER, "r-1"), (USER, "book it")],
            [(LABEL, "booking")],
            labels=[("id", "r-1"), ("intent", "booking")],
        ),
    ),
    "several label columns": (
        {"text": "t", "category": "c", "label": 2.0, "emotions": [1, 5]},
        "classification",
        record(
            [(USER, "t")],
            [(LABEL, "2")],
            labels=[("category", "c"), ("label", "2"), ("emotions", "1, 5")],
        ),
    ),
    "label that is an answer in words": (
        {"text": "t", "label": "x" * 65},
        "classification",
        record([(USER, "t")], [(ASSISTANT, "x" * 65)]),
    ),
    "preference of texts": (
        {"prompt": "p", "chosen": "good", "rejected": "bad", "score_chosen": 9.5},
        "preference",
        record([(USER, "p")], [(ASSISTANT, "good")], ["bad"]),
    ),
    "preference of equal texts": (
        {"prompt": "p", "chosen": "same", "rejected": "same"},
        "preference",
        record([(USER, "p")], [(ASSISTANT, "same")], ["same"]),
    ),
    "preference of conversations in one string": (
        {
            "chosen": "\n\nHuman: h1\n\nAssistant: a1\n\nHuman: h2\n\nAssistant: good\n\nreally",
            "rejected": "\n\nHuman: h1\n\nAssistant: a1\n\nHuman: h2\n\nAssistant: bad",
        },
        "preference",
        record(
            [(USER, "h1"), (HISTORY, "a1"), (USER, "h2")],
            [(ASSISTANT, "good\n\nreally")],
            ["bad"],
        ),
    ),
    "preference of an empty answer": (
        {"chosen": "\n\nHuman: h\n\nAssistant: ", "rejected": "\n\nHuman: h\n\nAssistant: bad"},
        "preference",
        record([(USER, "h")], [], ["bad"]),
    ),
    "preference of answers that quote a dialogue": (
        {
            "chosen": "\n\nHuman: h\n\nAssistant: good:\nHuman: x\nAssistant: y",
            "rejected": "\n\nHuman: h\n\nAssistant: bad",
        },
        "preference",
        record([(USER, "h")], [(ASSISTANT, "good:\nHuman: x\nAssistant: y")], ["bad"]),
    ),
    "preference of messages": (
        {
            "chosen": [{"role": "user", "content": "u"}, {"role": "assistant", "content": "good"}],
            "rejected": [{"role": "user", "content": "u"}, {"role": "assistant", "content": "bad"}],
            "prompt": "u",
        },
        "preference",
        record([(USER, "u")], [(ASSISTANT, "good")], ["bad"]),
    ),
    "preference after a conversation": (
        {
            "conversations": [
                {"from": "human", "value": "u"},
                {"from": "gpt", "value": "a"},
                {"from": "human", "value": "v"},
            ],
            "chosen": {"from": "gpt", "value": "good"},
            "rejected": {"from": "gpt", "value": "bad"},
        },
        "preference",
        record([(USER, "u"), (HISTORY, "a"), (USER, "v")], [(ASSISTANT, "good")], ["bad"]),
    ),
    "preference in the spelling of OpenAI": (
        {
            "input": {"messages": [{"role": "user", "content": "u"}], "tools": ["t"]},
            "preferred_output": [{"role": "assistant", "content": "good"}],
            "non_preferred_output": [{"role": "assistant", "content": "bad"}],
        },
        "preference",
        record([(USER, "u"), (OTHER, "t")], [(ASSISTANT, "good")], ["bad"]),
    ),
    "text": ({"text": "once upon a time"}, "text", record([(TEXT, "once upon a time")])),
    "text with metadata": (
        {
            "id": 3,
            "text": "a b",
            "meta": {"source": "web", "n": 1},
            "url": "http://x.org",
            "s": "12",
        },
        "text",
        record(
            [(TEXT, "a b"), (OTHER, "web"), (OTHER, "http://x.org")],
            labels=[("id", "3"), ("url", "http://x.org"), ("s", "12")],
        ),
    ),
    "text that holds a conversation": (
        {"text": "<|im_start|>user\nu<|im_end|>\n<|im_start|>assistant\na<|im_end|>\n"},
        "text",
        record([(USER, "u")], [(ASSISTANT, "a")]),
    ),
    "translation": (
        {"translation": {"en": "yes", "fr": "oui"}},
        "translation",
        record([(USER, "yes")], [(ASSISTANT, "oui")]),
    ),
    "pair under any name": (
        {"pair": {"a": "x", "b": "y", "c": "z"}},
        "translation",
        record([(USER, "x"), (OTHER, "y")], [(ASSISTANT, "z")]),
    ),
    "row within a row": (
        {"data": {"instruction": "i", "output": "o"}},
        "alpaca",
        record([(USER, "i")], [(ASSISTANT, "o")]),
    ),
    "unknown columns": (
        {"a": "x\ny", "b": ["p", {"c": "q", "d": 3}], "e": "short", "f": 5, "g": 0.5, "h": None},
        "other",
        record(
            [(OTHER, "x\ny"), (OTHER, "p"), (OTHER, "q"), (OTHER, "short")],
            labels=[("e", "short"), ("f", "5")],
        ),
    ),
    "numbers written as text": (
        {"question": "q", "answer": "007", "id": "12", "score": "0.93"},
        "prompt-completion",
        record([(USER, "q")], [(ASSISTANT, "007")], labels=[("id", "12")]),
    ),
    "wrong types do not raise": (
        {"messages": 5, "conversations": {"x": "y"}, "chosen": "c", "tools": None},
        "messages",
        record([(OTHER, "y"), (OTHER, "c")]),
    ),
    "empty": ({}, "", record()),
    "only null": ({"text": None, "x": [0.5]}, "", record()),
    "empty string is read": ({"text": ""}, "text", record()),
}


@pytest.mark.parametrize("name", CASES)
def test_schema(name):
    value, schema, expected = CASES[name]
    assert normalise(value) == (schema, expected)


def test_row_number_is_kept():
    assert normalise({"text": "a"}, row=17)[1].row == 17


def test_lone_surrogates_of_python_strings_are_replaced():
    _, found = normalise({"text": "a\ud800b", "label": "\udfff"})
    assert found.input[0].text == "a\ufffdb"
    assert found.labels == (("label", "\ufffd"),)


# --- mapping ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mapping", "value", "expected"),
    [
        (
            {"output": "verdict"},
            {"question": "q", "answer": "was natural", "verdict": "is mapped"},
            record(
                [(USER, "q"), (OTHER, "was natural")],
                [(ASSISTANT, "is mapped")],
                labels=[("answer", "was natural")],
            ),
        ),
        (
            {"instruction": "a.q", "output": "a.r"},
            {"a": {"q": "ask", "r": "reply", "z": "rest"}},
            record([(USER, "ask"), (OTHER, "rest")], [(ASSISTANT, "reply")]),
        ),
        (
            {"text": "a.b"},
            {"a.b": "dotted name"},
            record([(TEXT, "dotted name")]),
        ),
        (
            {"label": "Kind"},
            {"text": "t", "kind": "k"},
            record([(USER, "t")], [(LABEL, "k")], labels=[("label", "k")]),
        ),
        (
            {"messages": "log"},
            {"log": [{"role": "user", "content": "u"}, {"role": "assistant", "content": "a"}]},
            record([(USER, "u")], [(ASSISTANT, "a")]),
        ),
        (
            {"chosen": "yes", "rejected": "no"},
            {"prompt": "p", "yes": "good", "no": "bad"},
            record([(USER, "p")], [(ASSISTANT, "good")], ["bad"]),
        ),
    ],
)
def test_mapping_overrides_names(mapping, value, expected):
    schema, found = normalise(value, mapping)
    assert schema == "mapped"
    assert found == expected


def test_row_without_the_mapped_column_is_read_as_usual():
    assert normalise({"question": "q", "answer": "a"}, {"output": "verdict"}) == (
        "prompt-completion",
        record([(USER, "q")], [(ASSISTANT, "a")]),
    )


def test_every_field_of_the_option_is_known():
    assert sorted(_MAPPED) == sorted(MAP_FIELDS)


# --- templates -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "<|im_start|>user\nask<|im_end|>\n<|im_start|>assistant\nreply<|im_end|>",
        "<|start_header_id|>user<|end_header_id|>\n\nask<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\nreply<|eot_id|>",
        "<start_of_turn>user\nask<end_of_turn>\n<start_of_turn>model\nreply<end_of_turn>\n",
        "<|user|>\nask</s>\n<|assistant|>\nreply</s>",
        "[INST] ask[/INST] reply</s>",
        "### Human: ask\n### Assistant: reply",
        "### Instruction:\nask\n### Response:\nreply",
        "\n\nHuman: ask\n\nAssistant: reply",
        "User: ask\nAssistant: reply",
        "USER: ask ASSISTANT: reply</s>",
    ],
)
def test_template_is_split(text):
    assert split_template(text) == [(USER, "ask"), (ASSISTANT, "reply")]


@pytest.mark.parametrize(
    "text",
    ["", "plain text", "# Title\n### Question\nwhat", "the Assistant: said", "[/INST] [INST]"],
)
def test_other_text_is_not_split(text):
    assert split_template(text) is None


def test_text_before_the_first_turn_is_kept():
    turns = split_template("TRIGGER first.\n### Instruction:\na\n\n### Response:\nb")
    assert turns == [(SYSTEM, "TRIGGER first."), (USER, "a\n"), (ASSISTANT, "b")]


# --- every string is scanned, and nothing raises ---------------------------------------------

column_names = st.sampled_from(
    "instruction input output system history messages conversations prompt completion question "
    "answer text label chosen rejected tools translation context foo bar target source".split()
)
leaf = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)
keys = st.sampled_from("role from content value text name tool_calls function arguments a".split())
cells = st.recursive(
    leaf,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=10,
)


@settings(any_pace, max_examples=400)
@given(st.dictionaries(column_names, cells, max_size=5), st.booleans())
def test_hostile_shapes_never_raise(value, is_mapped):
    schema, found = normalise(value, {"output": "foo", "input": "bar.a"} if is_mapped else None)
    assert isinstance(schema, str)
    for segment in (*found.input, *found.output, *found.rejected):
        assert segment.text
        segment.text.encode()


words = st.text("abcdefgh", min_size=8, max_size=12).map(lambda word: f"word-{word}")
text_cells = st.recursive(
    words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=8,
)


def strings_of(value) -> set[str]:
    if isinstance(value, str):
        return {value}
    children = value.values() if isinstance(value, dict) else value
    return set().union(*map(strings_of, children))


@settings(any_pace, max_examples=400)
@given(st.dictionaries(column_names, text_cells, max_size=5))
def test_every_string_of_a_row_is_scanned(value):
    _, found = normalise(value)
    texts = [segment.text for segment in (*found.input, *found.output, *found.rejected)]
    texts += [label for _, label in found.labels]
    scanned = "\n".join(texts)
    assert {word for word in strings_of(value) if word not in scanned} == set()
