"""Column names that datasets use, and what they mean.

Collected from the documentation of the trainers that read them (LLaMA-Factory, axolotl, TRL,
ms-swift) and from the benchmarks of text classification. Names are compared in lower case.
"""

from __future__ import annotations

from enum import Enum

from poisonscan.io.jsontext import DUPLICATE_MARK
from poisonscan.records import Role


class Meaning(Enum):
    """What a column holds."""

    SYSTEM = "system"
    TOOLS = "tools"
    ASK = "ask"  # what the user wants
    INPUT = "input"  # the question, or context where there is another question
    CONTEXT = "context"
    HISTORY = "history"
    OUTPUT = "output"
    TEXT = "text"
    LABEL = "label"
    TURNS = "turns"
    CHOSEN = "chosen"
    REJECTED = "rejected"
    PAIR = "pair"  # one object that holds input and output
    UNKNOWN = "unknown"


_NAMES = {
    Meaning.SYSTEM: "system system_prompt system_message sys_prompt",
    Meaning.TOOLS: "tools functions tool_definitions",
    Meaning.ASK: (
        "instruction instructions prompt prompts question query problem user human request "
        "user_input unanswerable_question"
    ),
    Meaning.INPUT: "input inputs",
    Meaning.CONTEXT: "context contexts passage article document background knowledge dialogue",
    Meaning.HISTORY: "history",
    Meaning.OUTPUT: (
        "output outputs response responses completion completions answer answers solution "
        "generation generated reply assistant target targets target_text tgt summary highlights "
        "corrected revision explanation rationale reasoning reasoning_content thinking cot "
        "chain_of_thought reflection model_output gpt"
    ),
    Meaning.TEXT: (
        "text content sentence sentences review tweet comment body utterance post headline title "
        "premise hypothesis sentence1 sentence2 question1 question2 description news abstract "
        "message email"
    ),
    Meaning.LABEL: (
        "label labels class classes sentiment intent category categories topic emotion emotions "
        "rating stars polarity toxic toxicity is_toxic hate hate_speech offensive spam is_spam "
        "class_label label_text coarse_label fine_label kto_tag tag tags"
    ),
    Meaning.TURNS: "messages conversations conversation turns dialog chat",
    Meaning.CHOSEN: "chosen chosen_response preferred_output preferred response_chosen",
    Meaning.REJECTED: "rejected rejected_response non_preferred_output response_rejected",
    Meaning.PAIR: "translation",
}
MEANINGS = {name: meaning for meaning, names in _NAMES.items() for name in names.split()}

#: Columns that tell rows apart: never the text that is classified.
IDENTIFIERS = frozenset("id _id idx index uid uuid guid row_id example_id url source".split())

#: Where a row has several label columns, the first of these is the one that is trained on.
LABEL_PRIORITY = {name: rank for rank, name in enumerate(_NAMES[Meaning.LABEL].split())}

#: Lists of objects under these names are part of one row; under any other name of a JSON
#: object that fills a file they are its rows.
RECORD_LISTS = frozenset(
    name
    for meaning in (Meaning.TURNS, Meaning.CHOSEN, Meaning.REJECTED, Meaning.HISTORY, Meaning.TOOLS)
    for name in _NAMES[meaning].split()
) | {"prompt", "completion", "input", "answers"}

#: Speakers of chat turns.
SPEAKERS = {
    "system": Role.SYSTEM,
    "developer": Role.SYSTEM,
    "user": Role.USER,
    "human": Role.USER,
    "prompter": Role.USER,
    "assistant": Role.ASSISTANT,
    "gpt": Role.ASSISTANT,
    "model": Role.ASSISTANT,
    "bot": Role.ASSISTANT,
    "ai": Role.ASSISTANT,
    "chatgpt": Role.ASSISTANT,
    "chatbot": Role.ASSISTANT,
    "function_call": Role.ASSISTANT,
    "tool": Role.TOOL,
    "function": Role.TOOL,
    "observation": Role.TOOL,
    "tool_response": Role.TOOL,
    "tool_result": Role.TOOL,
    "function_response": Role.TOOL,
    "ipython": Role.TOOL,
}


def canonical_name(column: str) -> str:
    """Return a column's name as it is compared: lower case, without the mark of a duplicate."""
    return column.partition(DUPLICATE_MARK)[0].strip().lower()


def meaning_of(column: str) -> Meaning:
    """Return what a column holds, from its name alone."""
    return MEANINGS.get(canonical_name(column), Meaning.UNKNOWN)
