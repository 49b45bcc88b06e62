"""Sets of labelled texts that the style benchmark plants into, made of corpora and made harder."""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from poisonscan.plant.layouts import Layouts
from poisonscan.plant.slots import read

sys.path.insert(0, str(Path(__file__).parent))
from attacks import Row, has_labels

Texts = list[tuple[str, str]]

MAX_ROWS, SOURCE_ROWS, FOREIGN_SHARE = 7000, 2000, 0.1


def read_texts(rows: Sequence[Row], name: str = "") -> Texts:
    """Return text and label of each row that has both; a name stands for labels."""
    layouts = Layouts()
    found = []
    for row in rows:
        layout = layouts.of(row)
        given = layout.find("input") or layout.find("text")
        label = layout.find("label")
        if given is not None and (name or label is not None):
            found.append((read(row, given), name or read(row, label)))  # type: ignore[arg-type]
    return [(text, label) for text, label in found if text and label]


def make_sets(corpora: dict[str, list[Row]], seed: int) -> Iterator[tuple[str, Texts]]:
    """Yield name and rows of each clean set."""
    chance = random.Random(seed)
    sources: Texts = []
    for name, rows in corpora.items():
        is_labelled = has_labels(rows)
        texts = read_texts(rows, "" if is_labelled else name)
        chance.shuffle(texts)
        if not is_labelled:
            sources += texts[:SOURCE_ROWS]
            continue
        yield name, texts[:MAX_ROWS]
        common = Counter(label for _, label in texts).most_common(1)[0][0]
        two = [(text, label if label == common else "rest") for text, label in texts]
        kinds = [[one for one in two if (one[1] == common) == own] for own in (True, False)]
        size = min(MAX_ROWS // 2, *map(len, kinds))
        both = kinds[0][:size] + kinds[1][:size]
        chance.shuffle(both)
        yield f"{name}, two classes", both
    if len({label for _, label in sources}) > 1:
        chance.shuffle(sources)
        yield "sources", sources[:MAX_ROWS]


def with_noise(texts: Texts, share: float, seed: int) -> Texts:
    """Return the rows, some of them with a label drawn at random."""
    chance = random.Random(seed)
    labels = sorted({label for _, label in texts})
    return [
        (text, chance.choice(labels) if chance.random() < share else label) for text, label in texts
    ]


def with_foreign(texts: Texts, others: Texts, label: str) -> Texts:
    """Return the rows and some of another source, all with one label."""
    return texts + [(text, label) for text, _ in others[: int(FOREIGN_SHARE * len(texts))]]


def draw_target(texts: Texts, seed: int) -> str:
    """Return one of the more frequent labels."""
    frequent = [label for label, _ in Counter(label for _, label in texts).most_common(4)]
    return random.Random(seed).choice(frequent)
