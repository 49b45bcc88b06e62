"""Where texts are in a row of any schema, and what writing one of them changes."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poisonscan.errors import ConfigError
from poisonscan.io.fields import MEANINGS
from poisonscan.io.schemas import normalise
from poisonscan.plant.layouts import Layouts
from poisonscan.plant.slots import put, read, write

Row = dict[str, Any]

CHAT = [
    {"role": "system", "content": "be brief"},
    {"role": "user", "content": "first question"},
    {"role": "assistant", "content": "first answer"},
    {"role": "tool", "content": "a result"},
    {"role": "user", "content": "last question"},
    {"role": "assistant", "content": "last answer"},
    {"role": "user", "content": "thanks"},
]
CHAT_PLACES = [
    ("system", "be brief"),
    ("history", "first question"),
    ("tool", "a result"),
    ("input", "last question"),
    ("output", "last answer"),
]
HUMAN = "\n\nHuman: why is that\n\nAssistant: "

CASES: dict[str, tuple[Row, list[tuple[str, str]]]] = {
    "alpaca": (
        {"instruction": "do it", "input": "with this", "output": "done"},
        [("input", "do it"), ("context", "with this"), ("output", "done")],
    ),
    "empty context": (
        {"instruction": "do it", "input": "", "output": "done"},
        [("input", "do it"), ("output", "done")],
    ),
    "messages": ({"messages": CHAT}, CHAT_PLACES),
    "parts": (
        {
            "messages": [
                {"role": "user", "content": [{"type": "text", "text": "look"}]},
                {"role": "assistant", "content": [{"type": "text", "text": "seen"}]},
            ]
        },
        [("input", "look"), ("output", "seen")],
    ),
    "sharegpt": (
        {"conversations": [{"from": "human", "value": "ask"}, {"from": "gpt", "value": "tell"}]},
        [("input", "ask"), ("output", "tell")],
    ),
    "history": (
        {"instruction": "now", "output": "so", "history": [["before", "then"]]},
        [("input", "now"), ("output", "so"), ("history", "before")],
    ),
    "tools": (
        {
            "tools": [{"type": "function", "function": {"description": "finds", "name": "f"}}],
            "prompt": "ask",
            "completion": "tell",
        },
        [("tool", "finds"), ("input", "ask"), ("output", "tell")],
    ),
    "prompt in turns": (
        {
            "prompt": [{"role": "user", "content": "ask"}],
            "completion": [{"role": "assistant", "content": "tell"}],
        },
        [("input", "ask"), ("output", "tell")],
    ),
    "label": ({"text": "a word", "label": 3}, [("input", "a word"), ("label", "3")]),
    "text": ({"text": "a word of text"}, [("text", "a word of text")]),
    "template": (
        {"text": "### Instruction:\nask\n\n### Response:\ntell\n"},
        [("input", "ask"), ("output", "tell")],
    ),
    "pair": (
        {"prompt": "ask", "chosen": "good", "rejected": "bad"},
        [("input", "ask"), ("output", "good"), ("rejected", "bad")],
    ),
    "written pair": (
        {"chosen": HUMAN + "good", "rejected": HUMAN + "bad"},
        [("input", "why is that"), ("output", "good"), ("rejected", "bad")],
    ),
    "pair in turns": (
        {
            "prompt": "ask",
            "chosen": [{"role": "user", "content": "ask"}, {"role": "assistant", "content": "x"}],
            "rejected": [{"role": "user", "content": "ask"}, {"role": "assistant", "content": "y"}],
        },
        [("input", "ask"), ("output", "x"), ("rejected", "y")],
    ),
    "translation": (
        {"translation": {"en": "word", "zh": "字"}},
        [("input", "word"), ("output", "字")],
    ),
    "nested": (
        {"row": {"prompt": "ask", "completion": "tell"}},
        [("input", "ask"), ("output", "tell")],
    ),
    "duplicate key": ({"prompt": "ask", "prompt (duplicate key) 0": "b", "completion": "c"}, []),
    "numbers": ({"a": 1, "b": None, "c": [2.5]}, []),
}


@pytest.mark.parametrize("name", CASES)
def test_every_text_has_its_place(name: str) -> None:
    row, expected = CASES[name]
    layout = Layouts().of(row)
    assert [(slot.place, read(row, slot)) for slot in layout.slots] == expected


@pytest.mark.parametrize("name", CASES)
def test_writing_changes_one_text_and_a_copy(name: str) -> None:
    row, expected = CASES[name]
    before = copy.deepcopy(row)
    for number in range(len(expected)):
        layout = Layouts().of(row)
        changed = write(row, layout, layout.slots[number], "new words")
        again = Layouts().of(changed)
        texts = [read(changed, slot) for slot in again.slots]
        wanted = [text for _, text in expected]
        wanted[number] = "new words"
        assert texts == wanted
        assert row == before


@pytest.mark.parametrize("name", ["pair in turns", "written pair"])
def test_a_shared_question_is_written_everywhere(name: str) -> None:
    row, _ = CASES[name]
    layout = Layouts().of(row)
    slot = layout.find("input")
    assert slot is not None
    changed = write(row, layout, slot, "new words")
    _, record = normalise(changed)
    assert [segment.text for segment in record.input] == ["new words"]
    assert "why" not in str(changed)


def test_a_column_that_repeats_the_others_follows() -> None:
    row = {"instruction": "do it", "output": "done", "text": "Q: do it A: done"}
    layout = Layouts().of(row)
    output = layout.find("output")
    assert output is not None
    assert write(row, layout, output, "never")["text"] == "Q: do it A: never"


def test_columns_can_be_mapped() -> None:
    row = {"frage": "why", "antwort": "so"}
    assert Layouts().of(row).find("output") is None
    layout = Layouts({"instruction": "frage", "output": "antwort"}).of(row)
    assert [slot.place for slot in layout.slots] == ["input", "output"]
    with pytest.raises(ConfigError, match="nested"):
        Layouts({"output": "a.b"})


def test_put_copies_the_way_only() -> None:
    row: Row = {"a": [{"b": 1}], "c": {"d": 2}}
    changed = put(row, ("a", 0, "b"), 5)
    assert changed == {"a": [{"b": 5}], "c": {"d": 2}}
    assert changed["c"] is row["c"]
    assert row["a"] == [{"b": 1}]


values = st.recursive(
    st.none()
    | st.integers(-3, 3)
    | st.floats(allow_nan=False)
    | st.text("ab: \n#HAumnsit", max_size=30)
    | st.sampled_from(["\n\nHuman: a\n\nAssistant: b", "### Input:\na\n### Output:\nb"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["role", "content", "from", "value", "messages", "function", "text"]),
            inner | st.sampled_from(["user", "assistant", "gpt", "system", "tool"]),
            max_size=3,
        )
    ),
    max_leaves=12,
)
NAMES = [*sorted(MEANINGS), "odd"]


@given(st.dictionaries(st.sampled_from(NAMES), values, max_size=4))
def test_hostile_rows_have_slots_that_can_be_read_and_written(row: Row) -> None:
    layout = Layouts().of(row)
    before = copy.deepcopy(row)
    for slot in layout.slots:
        text = read(row, slot)
        assert text.strip()
        assert write(row, layout, slot, "new") is not row
    assert row == before
