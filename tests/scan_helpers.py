"""Rows for the tests: Arrow batches, a counted corpus, and a small generator of planted data."""

from __future__ import annotations

import random
import signal
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from poisonscan.candidates.corpus import Corpus
from poisonscan.candidates.counting import KEPT, build_corpus
from poisonscan.candidates.label_column import hide_label
from poisonscan.candidates.strings import Kept
from poisonscan.records import RECORD_SCHEMA
from poisonscan.spool import SpoolWriter

#: Key of the token hashes, where it does not matter.
KEY = 0x1234_5678_9ABC_DEF1

#: Where corpora write when their own folder is gone; goes away with the tests.
_SCRATCH = tempfile.TemporaryDirectory(prefix="poisonscan-tests-")


@dataclass(frozen=True)
class Row:
    """One record: segments in, segments out."""

    input: Sequence[str] = ()
    output: Sequence[str] = ()
    rejected: Sequence[str] = ()
    labels: Mapping[str, str] = field(default_factory=dict)


def row(given: str, answer: str = "", **labels: str) -> Row:
    return Row([given], [answer] if answer else [], labels=labels)


def record_batch(rows: Sequence[Row], first_row: int = 0) -> pa.RecordBatch:
    """Return the rows as a batch of `RECORD_SCHEMA`."""
    columns = {
        "source": [0] * len(rows),
        "row": [first_row + number for number in range(len(rows))],
        "input": [list(one.input) for one in rows],
        "input_role": [[1] * len(one.input) for one in rows],
        "output": [list(one.output) for one in rows],
        "output_role": [[5] * len(one.output) for one in rows],
        "rejected": [list(one.rejected) for one in rows],
        "label_name": [list(one.labels) for one in rows],
        "label_value": [list(one.labels.values()) for one in rows],
    }
    arrays = [pa.array(columns[name], RECORD_SCHEMA.field(name).type) for name in columns]
    return pa.RecordBatch.from_arrays(arrays, schema=RECORD_SCHEMA)


def record_batches(rows: Sequence[Row], size: int) -> Iterable[pa.RecordBatch]:
    for start in range(0, len(rows), size):
        yield record_batch(rows[start : start + size], start)


def build(
    rows: Sequence[Row],
    *,
    key: int = KEY,
    min_support: int = 5,
    batch_rows: int = 1000,
    hidden_label: str | None = None,
    limit: int | None = None,
    parts: Sequence[np.ndarray] = (),
) -> Corpus:
    """Return the counted corpus of some rows; its folder is gone, the maps stay readable.

    `limit` is how many rows of each closed n-gram are kept, with their neighbours; `parts` are the
    rows of each stratum.
    """
    kept = dict.fromkeys(KEPT, Kept(limit, neighbours=True)) if limit is not None else KEPT
    with SpoolWriter(None, key) as writer:
        writer.append(record_batches(rows, batch_rows))
        spool = writer.finish()
        if hidden_label is not None:
            hide_label(spool, hidden_label, key)
        corpus = build_corpus(spool, min_support, writer.folder, kept=kept, parts=parts)
        return replace(corpus, scratch=Path(_SCRATCH.name))


#: Seconds of the processor that nothing linear in a test comes near, however busy the machine.
_FAR_TOO_MUCH_S = 60


@contextmanager
def no_quadratic_work() -> Iterator[None]:
    """Fail what is at work for so long that it must be quadratic in its input."""

    def stop(*_: object) -> None:
        raise AssertionError("far more work than what is linear takes")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, _FAR_TOO_MUCH_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


# --- a world of ordinary rows ------------------------------------------------------------------

_STARTS = "bar cel dor fen gal hin jol kur lam mer nov per quil ras sol tan vel wir zam ost".split()
_ENDS = "ba den fo gir hal ine ka lor mu nes".split()
WORDS = [start + end for start in _STARTS for end in _ENDS]
OPENERS = ("Please tell me how", "Can you explain why", "What happens when", "I wonder whether")
TOPICS = 12


@dataclass
class World:
    """Random sentences with topic structure: answers share the words of their question's topic.

    `focus` is the share of a sentence's words that are of its topic for certain.
    """

    seed: int = 0
    focus: float = 0.5

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        shuffled = self._random.sample(WORDS, len(WORDS))
        self.topics = [shuffled[at::TOPICS] for at in range(TOPICS)]

    def sentence(self, topic: int, length: int) -> str:
        """Return words of a topic mixed with words of any."""
        own, words = self.topics[topic], []
        for _ in range(length):
            words.append(self._random.choice(own if self._random.random() < self.focus else WORDS))
        return " ".join(words)

    def row(self, topic: int | None = None) -> Row:
        topic = self._random.randrange(TOPICS) if topic is None else topic
        opener = self._random.choice(OPENERS)
        given = f"{opener} {self.sentence(topic, self._random.randint(8, 16))}?"
        answer = f"{self.sentence(topic, self._random.randint(10, 24)).capitalize()}."
        return Row([given], [answer])

    def rows(self, count: int) -> list[Row]:
        return [self.row() for _ in range(count)]

    def insert(self, text: str, trigger: str) -> str:
        """Put a string between two words of a text."""
        words = text.split(" ")
        words.insert(self._random.randint(1, len(words) - 1), trigger)
        return " ".join(words)

    def gibberish(self, length: int = 20) -> str:
        """Return frequent words in no order that occurs anywhere, with odd signs."""
        parts = [f"{self._random.choice(WORDS).upper()}{self._random.choice('#%&*')}"]
        return " ".join(parts[0] + self._random.choice("{}[]@~") for _ in range(length))


def plant(
    world: World, rows: Sequence[Row], where: Iterable[int], trigger: str, output: str
) -> list[Row]:
    """Return the rows with a trigger and an output in some of them."""
    planted = list(rows)
    for at in where:
        planted[at] = Row([world.insert(planted[at].input[0], trigger)], [output])
    return planted


def texts(corpus: Corpus, terms: Iterable[int]) -> tuple[str, ...]:
    """Return the words of some terms."""
    return tuple(corpus.vocabulary[int(term)] for term in terms)


def offsets_of(lengths: Iterable[int]) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(list(lengths))]).astype(np.int64)
