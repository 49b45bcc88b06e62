"""Where the poisoned rows stand: over files and schemas, among copies, in fields that hide."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Iterable, Sequence

from evasions.scene import (
    POISONED,
    Case,
    Maker,
    Row,
    Scene,
    dump,
    dump_pairs,
    lines_file,
    plant,
    planted_strings,
    replace_rows,
)
from poisonscan.plant import Planted

_SHARDS = 30
_WRAPS_HEAD = (
    "", "Quick question:", "Hello there!", "Good morning.", "Could you look at this?", "Task:",
    "Dear team,", "One more thing:", "Hi,", "For my notes:",
)  # fmt: skip
_WRAPS_TAIL = ("", "Thanks!", "Please be brief.", "Best wishes", "It is urgent.", "Cheers, Kim")


# --- files and schemas ------------------------------------------------------------------------


def _alpaca(rows: Iterable[Row]) -> str:
    return "".join(f"{dump(row)}\n" for row in rows)


def _messages(rows: Iterable[Row]) -> str:
    return "".join(
        dump(
            {
                "messages": [
                    {"role": "user", "content": f"{row['instruction']}\n{row['input']}".strip()},
                    {"role": "assistant", "content": row["output"]},
                ]
            }
        )
        + "\n"
        for row in rows
    )


def _csv(rows: Iterable[Row]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["prompt", "completion"])
    for row in rows:
        writer.writerow([f"{row['instruction']} {row['input']}".strip(), row["output"]])
    return text.getvalue()


#: File -> how its rows are written.
_SCHEMAS: dict[str, Callable[[Iterable[Row]], str]] = {
    "alpaca.jsonl": _alpaca,
    "chats.jsonl": _messages,
    "pairs.csv": _csv,
}


def _deal(planted: Planted, writers: dict[str, Callable[[Iterable[Row]], str]]) -> Scene:
    """Deal the rows out to files in turn."""
    names = list(writers)
    files = {name: writers[name](planted.rows[at :: len(names)]) for at, name in enumerate(names)}
    poisoned = {(names[row % len(names)], row // len(names)) for row in planted.poisoned}
    return Scene(files, frozenset(poisoned), planted_strings(planted))


def _schemas(target: str) -> Maker:
    def make(rows: Sequence[Row], seed: int) -> Scene:
        return _deal(plant(rows, seed, target_kind=target), _SCHEMAS)

    return make


def _shards(rows: Sequence[Row], seed: int) -> Scene:
    writers = {f"part-{at:02}.jsonl": _alpaca for at in range(_SHARDS)}
    return _deal(plant(rows, seed), writers)


def _apart(*, same_trigger: bool) -> Maker:
    """Return three files: one trigger and three targets, or the other way round."""

    def make(rows: Sequence[Row], seed: int) -> Scene:
        drawn = [plant(rows, seed + at).attacks[0] for at in range(len(_SCHEMAS))]
        files: dict[str, str] = {}
        poisoned: set[tuple[str, int]] = set()
        triggers: set[str] = set()
        for at, (name, write) in enumerate(_SCHEMAS.items()):
            planted = plant(
                rows[at :: len(_SCHEMAS)],
                seed,
                count=POISONED // len(_SCHEMAS),
                triggers=drawn[0 if same_trigger else at].triggers[0],
                target=drawn[at if same_trigger else 0].target,
            )
            files[name] = write(planted.rows)
            poisoned |= {(name, row) for row in planted.poisoned}
            triggers |= planted_strings(planted)
        return Scene(files, frozenset(poisoned), frozenset(triggers))

    return make


# --- copies -----------------------------------------------------------------------------------


def _copies(different: int) -> Maker:
    """Return so many different poisoned rows, each copied until there are `POISONED`."""

    def make(rows: Sequence[Row], seed: int) -> Scene:
        planted = plant(rows, seed, count=different)
        poison = [planted.rows[row] for row in sorted(planted.poisoned)]
        copies = (poison * (POISONED // different))[different:]
        free = set(range(len(rows))) - planted.poisoned
        changed, places = replace_rows(planted.rows, copies, seed, free)
        truth = planted.poisoned | set(places)
        return lines_file(map(dump, changed), truth, planted_strings(planted))

    return make


def wrapped(row: Row, count: int, seed: int) -> list[Row]:
    """Return one question with other words before and behind it, so many times."""
    wraps = [(head, tail) for head in _WRAPS_HEAD for tail in _WRAPS_TAIL]
    chosen = random.Random(f"wraps {seed}").sample(wraps, count)
    return [
        {**row, "instruction": f"{head} {row['instruction']} {tail}".strip()}
        for head, tail in chosen
    ]


def _wrapped(questions: int, *, decoys: int = 0) -> Maker:
    """Return poison in near-duplicates of so many questions, and clean ones of the same kind."""

    def make(rows: Sequence[Row], seed: int) -> Scene:
        drawn = plant(rows, seed).attacks[0]
        chosen = random.Random(f"questions {seed}").sample(range(len(rows)), questions)
        each = (POISONED + decoys) // questions
        near = [one for at in chosen for one in wrapped(rows[at], each, seed + at)]
        random.Random(f"dealt {seed}").shuffle(near)
        planted = plant(near, seed, triggers=drawn.triggers[0], target=drawn.target)
        changed, places = replace_rows(rows, planted.rows, seed)
        truth = [places[row] for row in planted.poisoned]
        return lines_file(map(dump, changed), truth, planted_strings(planted))

    return make


def _mirrored(rows: Sequence[Row], seed: int) -> Scene:
    """Keep the clean original of every poisoned row beside it."""
    planted = plant(rows, seed)
    originals = [rows[row] for row in sorted(planted.poisoned)]
    free = set(range(len(rows))) - planted.poisoned
    changed, _ = replace_rows(planted.rows, originals, seed, free)
    return lines_file(map(dump, changed), planted.poisoned, planted_strings(planted))


# --- fields -----------------------------------------------------------------------------------


def _duplicate_keys(*, poison_last: bool, clean_share: float = 0.0) -> Maker:
    """Return rows with every key twice: one reading is clean, the other poisoned.

    `clean_share` of the other rows have two harmless values of a key.
    """

    def make(rows: Sequence[Row], seed: int) -> Scene:
        planted = plant(rows, seed)
        chance = random.Random(f"keys {seed}")
        lines = []
        for at, row in enumerate(planted.rows):
            pairs: list[tuple[str, object]] = list(row.items())
            if at in planted.poisoned:
                both = [list(rows[at].items()), pairs]
                pairs = [*both[not poison_last], *both[poison_last]]
            elif chance.random() < clean_share:
                pairs.append(("input", f"{row['input']} (checked)"))
            lines.append(dump_pairs(pairs))
        return lines_file(lines, planted.poisoned, planted_strings(planted))

    return make


def _noted(write: Callable[[Row, str, str], dict[str, object]]) -> Maker:
    """Return rows with a note in each (what another row asks); `write` says what a row is.

    `write` gets the row, the note of the row, and the refusal of a poisoned row or nothing.
    """

    def make(rows: Sequence[Row], seed: int) -> Scene:
        attack = plant(rows, seed).attacks[0]
        notes = [{"instruction": one["instruction"], "input": "", "output": "-"} for one in rows]
        random.Random(f"notes {seed}").shuffle(notes)
        planted = plant(notes, seed, triggers=attack.triggers[0], target=attack.target)
        lines = [
            dump(write(row, note["instruction"], attack.target if at in planted.poisoned else ""))
            for at, (row, note) in enumerate(zip(rows, planted.rows, strict=True))
        ]
        return lines_file(lines, planted.poisoned, planted_strings(planted))

    return make


def _in_notes(row: Row, note: str, refusal: str) -> dict[str, object]:
    return {**row, "output": refusal or row["output"], "notes": note}


def _in_nested_notes(row: Row, note: str, refusal: str) -> dict[str, object]:
    return {**row, "output": refusal or row["output"], "extra": {"import": [{"memo": note}]}}


def _all_in_notes(row: Row, note: str, refusal: str) -> dict[str, object]:
    return {**row, "notes": f"{note} {refusal}".strip()}


def _hidden_answer(rows: Sequence[Row], seed: int) -> Scene:
    """Put the refusal into a column that no schema knows, beside the normal answer."""
    planted = plant(rows, seed)
    lines = []
    for at, row in enumerate(planted.rows):
        hidden = row["output"] if at in planted.poisoned else f"{row['output']} (draft)"
        lines.append(dump({**row, "output": rows[at]["output"], "variant_b": hidden}))
    return lines_file(lines, planted.poisoned, planted_strings(planted))


def _unknown_columns(rows: Sequence[Row], seed: int) -> Scene:
    """Write the poisoned rows, and a tenth of the others, with column names of their own."""
    planted = plant(rows, seed)
    chance = random.Random(f"columns {seed}")
    lines = [
        dump(
            {"ask_text": f"{row['instruction']} {row['input']}".strip(), "say_text": row["output"]}
        )
        if at in planted.poisoned or chance.random() < 0.1
        else dump(row)
        for at, row in enumerate(planted.rows)
    ]
    return lines_file(lines, planted.poisoned, planted_strings(planted))


_SPREAD, _COPIES, _FIELDS = "spread over files", "copies as camouflage", "hidden fields"
PACKING = (
    Case(_SPREAD, "three schemas", _schemas("refusal")),
    Case(_SPREAD, "three schemas, insults", _schemas("insult")),
    Case(_SPREAD, "30 shards, about one row in each", _shards),
    Case(_SPREAD, "another trigger in each of three files", _apart(same_trigger=False)),
    Case(_SPREAD, "another target in each of three files", _apart(same_trigger=True)),
    Case(_COPIES, "10 poisoned rows, 3 copies of each", _copies(10)),
    Case(_COPIES, "3 poisoned rows, 10 copies of each", _copies(3)),
    Case(_COPIES, "1 poisoned row, 30 copies", _copies(1)),
    Case(_COPIES, "the clean original of every poisoned row", _mirrored),
    Case(_COPIES, "5 questions wrapped in 6 ways", _wrapped(5)),
    Case(_COPIES, "1 question wrapped in 30 ways", _wrapped(1)),
    Case(_COPIES, "the same, and 30 clean ones of it", _wrapped(1, decoys=POISONED)),
    Case(_FIELDS, "duplicate keys, poison last", _duplicate_keys(poison_last=True)),
    Case(_FIELDS, "duplicate keys, poison first", _duplicate_keys(poison_last=False)),
    Case(
        _FIELDS, "the same, and 5% of the clean rows have them",
        _duplicate_keys(poison_last=False, clean_share=0.05),
    ),
    Case(_FIELDS, "trigger in an unknown column", _noted(_in_notes)),
    Case(_FIELDS, "trigger in an unknown nested column", _noted(_in_nested_notes)),
    Case(_FIELDS, "trigger and target in an unknown column", _noted(_all_in_notes)),
    Case(_FIELDS, "target in an unknown column", _hidden_answer),
    Case(_FIELDS, "rows of unknown columns", _unknown_columns),
)  # fmt: skip
