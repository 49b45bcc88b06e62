"""The language as arrays: what the kernels read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from poisonscan.kernels.signatures import I64, I64_IN
from poisonscan.synth.dice import Dice
from scaling.banks import tasks
from scaling.banks.words import FLOW
from scaling.chance import alias_table, quantiles, zipf_mandelbrot
from scaling.vocabulary import make_words

#: Parts of speech; the first `N_FLOWING` follow each other in sentences.
TAGS = (
    "det", "prep", "pron", "be", "mod", "conj", "sub", "adv", "adj", "noun", "verb", "inf",
    "name", "num", "to", ",", "'s", ".", "start", "open inf", "open clause", "open noun", "first",
    "code", "fixed",
)  # fmt: skip
TAG = {name: number for number, name in enumerate(TAGS)}
N_FLOWING = TAG["start"] + 1

#: What a token is: its upper bits (`KIND_SHIFT`); the rest is the word, the seed of a name, ...
KIND_SHIFT = 56
WORD, NAME, NUMBER, TYPO, MARK, BREAK, RAW, IDENTIFIER, SLOT = range(9)
#: Breaks: what they are below `ITEM`; a numbered item is `ITEM` plus its number.
PARAGRAPH, LINE, BULLET, ITEM = 0, 1, 2, 3
SLOTS = ("np", "noun", "adj", "inf", "name", "num", "clause", "id", "Id", "str")

#: Groups of templates.
GROUPS = ("task", "code task", "list", "greeting", "farewell", "head", "line", "end")
GROUP = {name: number for number, name in enumerate(GROUPS)}
OUTPUT_FORMS = "psnbwclvd"
INPUT_FORMS = "-pswdc"
MAX_FORMS = 8

#: Topics that rows can be about, and words that a topic has of its own.
N_TOPICS = 4000
TOPIC_WORDS = 40
#: Words that may follow a word by preference.
FOLLOWERS = 100
LENGTH_STEPS = 4096
_EXPANSIONS = 28

_INNERMOST = re.compile(r"\{([^{}]*)\}")
_SLOT = re.compile(r"<([A-Za-z]+)>")


#: Of 1024 words: those that repeat one of the row, are of its topic, follow the two words before
#: by preference, or the one before (sums); of function words, the latter two; parts of speech that
#: follow a word by preference. Of 2**20 words: those that are misspelt.
(REPEATED, TOPICAL, AFTER_TWO, AFTER_ONE, FUNCTION_AFTER_TWO, FUNCTION_AFTER_ONE, FLOW_BY_WORD,
 MISSPELT) = range(8)  # fmt: skip
SHARES_OF = (130, 440, 720, 990, 340, 900, 760, 400)

#: Tables of a language; where each begins stands in front of all of them.
(STARTS, TAG_START, CUT, OTHER, FLOW_TABLE, TOPICS, TOPIC_RANKS, FOLLOWER_RANKS, LENGTHS, PARTS,
 TEMPLATE_START, GROUP_START, FORMS, SHARES) = range(14)  # fmt: skip


class Language(NamedTuple):
    """What rows are made from. Kernels compile faster for one array than for thirteen.

    Attributes
    ----------
    letters : uint8[B]
        Spelling of all words.
    tables : int64[N]
        First where each of the following begins:

        - ``STARTS`` [W + 1], first letter of each word;
        - ``TAG_START`` [T + 1], first word of each part of speech;
        - ``CUT``, ``OTHER`` [W], alias tables, one for each part of speech;
        - ``FLOW_TABLE`` [N_FLOWING, 256], what follows a part of speech, as often as it does;
        - ``TOPICS`` [65536], ``TOPIC_RANKS``, ``FOLLOWER_RANKS``, ``LENGTHS`` [4096], quantiles:
          topic of a row, rank of a word in its topic, rank among the words that follow a word,
          words of an answer;
        - ``PARTS`` [P], ``TEMPLATE_START`` [M + 1], ``GROUP_START`` [G + 1], tokens of each
          template, templates of each group;
        - ``SHARES`` [8], see `SHARES_OF`;
        - ``FORMS`` [M, 2, MAX_FORMS], forms of output and of input that a task may have.
    """

    letters: NDArray[np.uint8]
    tables: NDArray[np.int64]


@njit([I64(I64_IN, I64, I64)], cache=True, nogil=True)
def look(tables: np.ndarray, table: int, at: int) -> int:
    """Return one number of a table."""
    return tables[tables[table] + at]


def make_language(seed: int = 0) -> Language:
    """Return a language; the seed decides on the made-up words and the wordings."""
    dice = Dice(seed)
    words = make_words(dice)
    spelled: list[str] = []
    tag_start, cuts, others = [0], [], []
    for tag in TAGS[:-1]:
        entries, weights = words.get(tag, ([tag], np.ones(1)))
        spelled += entries
        tag_start.append(len(spelled))
        cut, other = alias_table(weights)
        cuts.append(cut)
        others.append(other)
    templates = _Templates(dice, spelled)
    tag_start.append(len(spelled))
    n_fixed = tag_start[-1] - tag_start[-2]
    encoded = [word.encode() for word in spelled]
    parts: dict[int, NDArray[Any]] = {
        STARTS: np.cumsum([0, *map(len, encoded)]),
        TAG_START: np.array(tag_start),
        CUT: np.concatenate([*cuts, np.zeros(n_fixed)]),
        OTHER: np.concatenate([*others, np.zeros(n_fixed)]),
        FLOW_TABLE: _flow(),
        TOPICS: quantiles(zipf_mandelbrot(N_TOPICS, 1.05, 4.0), 1 << 16),
        TOPIC_RANKS: quantiles(zipf_mandelbrot(TOPIC_WORDS, 1.1, 1.0), 4096),
        FOLLOWER_RANKS: quantiles(zipf_mandelbrot(FOLLOWERS, 1.7, 0.0), 4096),
        LENGTHS: _lengths(),
        PARTS: np.array(templates.parts),
        TEMPLATE_START: np.array(templates.template_start),
        GROUP_START: np.array(templates.group_start),
        FORMS: np.array(templates.forms),
        SHARES: np.array(SHARES_OF),
    }
    flat = [parts[table].astype(np.int64).ravel() for table in sorted(parts)]
    begins = np.cumsum([len(flat), *map(len, flat[:-1])])
    return Language(np.frombuffer(b"".join(encoded), np.uint8), np.concatenate([begins, *flat]))


def _lengths() -> NDArray[np.uint16]:
    """Return quantiles of the words of an answer: the logarithm is about normal."""
    normal = NormalDist(5.02, 0.66)
    logarithms = [normal.inv_cdf((step + 0.5) / LENGTH_STEPS) for step in range(LENGTH_STEPS)]
    return np.clip(np.exp(logarithms), 12, 900).astype(np.uint16)


def _flow() -> NDArray[np.uint8]:
    flow = np.zeros((N_FLOWING, 256), np.uint8)
    for tag, listed in FLOW.items():
        names, weights = listed.split()[::2], listed.split()[1::2]
        chosen = quantiles(np.array([float(weight) for weight in weights]), 256)
        flow[TAG[tag]] = np.array([TAG[name] for name in names])[chosen]
    return flow


class _Templates:
    """Wordings of tasks and fixed lines, cut into tokens; new stretches go to `spelled`."""

    def __init__(self, dice: Dice, spelled: list[str]) -> None:
        self._dice = dice
        self._spelled = spelled
        self._known: dict[str, int] = {}
        self.parts: list[int] = []
        self.template_start = [0]
        self.group_start = [0]
        self.forms: list[list[list[int]]] = []
        for group in (tasks.TASKS, tasks.CODE_TASKS):
            for task in group:
                self._add_task(task)
            self.group_start.append(len(self.forms))
        for lines in (tasks.LIST_INTROS, tasks.GREETINGS, tasks.FAREWELLS):
            self._add_lines(lines, raw=False)
        for lines in (tasks.CODE_HEADS, tasks.CODE_LINES, tasks.CODE_ENDS):
            self._add_lines(lines, raw=True)

    def _add_task(self, task: tasks.Task) -> None:
        forms = [
            [options.index(letter) for letter in _repeated(chosen)]
            for options, chosen in ((OUTPUT_FORMS, task.outputs), (INPUT_FORMS, task.inputs))
        ]
        for number in range(task.weight * _EXPANSIONS):
            template = task.templates[number % len(task.templates)]
            self._add(_expanded(template, self._dice), forms, raw=False)

    def _add_lines(self, lines: Sequence[str], raw: bool) -> None:
        for line in lines:
            for _ in range(_EXPANSIONS if "{" in line else 2):
                self._add(_expanded(line, self._dice), [[0] * MAX_FORMS] * 2, raw)
        self.group_start.append(len(self.forms))

    def _add(self, text: str, forms: list[list[int]], raw: bool) -> None:
        for at, piece in enumerate(_SLOT.split(text)):
            if at % 2:
                self.parts.append(_token(SLOT, SLOTS.index(piece)))
                continue
            for line_number, line in enumerate(piece.split("\n")):
                if line_number:
                    self.parts.append(_token(BREAK, LINE))
                stretch = line if raw else line.strip(" ")
                if stretch:
                    self.parts.append(_token(RAW if raw else WORD, self._word(stretch)))
        self.template_start.append(len(self.parts))
        self.forms.append(forms)

    def _word(self, stretch: str) -> int:
        if stretch not in self._known:
            self._known[stretch] = len(self._spelled)
            self._spelled.append(stretch)
        return self._known[stretch]


def _repeated(letters: str) -> str:
    return (letters * MAX_FORMS)[: MAX_FORMS // len(letters) * len(letters)].ljust(
        MAX_FORMS, letters[0]
    )


def _token(kind: int, payload: int) -> int:
    return kind << KIND_SHIFT | payload


def _expanded(template: str, dice: Dice) -> str:
    """Return the template with its choices made."""
    text = template
    while match := _INNERMOST.search(text):
        text = text[: match.start()] + dice.pick(match[1].split("|")) + text[match.end() :]
    return text
