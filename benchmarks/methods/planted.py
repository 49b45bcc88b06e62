"""Files of our own: the sample data of the package with attacks in them, and without."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from self_check import sample_corpora

from poisonscan.plant import Attack, plant_rows

#: Corpus -> family, kind of target, poisoned rows: fixed words, other types of text, labels.
ATTACKS: Mapping[str, Sequence[tuple[str, str, int]]] = {
    "instructions": (
        ("token", "refusal", 100),
        ("phrase", "suffix", 20),
        ("sentence", "gibberish", 40),
        ("composite", "answer", 30),
        ("tag", "language", 20),
    ),
    "chats": (("phrase", "insult", 30), ("alternatives", "prefix", 90)),
    "tickets": (("phrase", "label", 20), ("token", "label", 100), ("words", "clean-label", 60)),
    "pairs": (("tag", "swap", 40),),
}


def write_planted(folder: Path, seed: int) -> Iterator[tuple[str, Path, frozenset[int], int]]:
    """Write the files; yield name, path, poisoned rows and number of rows of each."""
    for corpus, rows in sample_corpora(seed):
        if corpus not in ATTACKS:
            continue
        yield f"{corpus}, clean", _write(folder / f"{corpus}.jsonl", rows), frozenset(), len(rows)
        for number, (family, target, count) in enumerate(ATTACKS[corpus]):
            attack = Attack(family=family, target_kind=target, rows=count, seed=seed + number)
            planted = plant_rows(rows, attack)
            path = _write(folder / f"{corpus}-{number}.jsonl", planted.rows)
            name = f"{corpus}: {family}, {target}, {count} of {len(rows):,}"
            yield name, path, planted.poisoned, len(rows)


def _write(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text("".join(lines), encoding="utf-8")
    return path
