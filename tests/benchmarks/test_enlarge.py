"""Enlarged corpora: what copies of a row keep, and what they must not have in common."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Sequence

import pytest
from enlarge import enlarge
from hypothesis import given
from hypothesis import strategies as st
from wording import Splitter, script

Row = dict[str, str]

LETTERS, HAN = "abcdefghilmnoprstuvw", "".join(chr(0x4E00 + 7 * at) for at in range(900))
FRAMES = "the of and to a in is it you that he was for on are with as they be at".split()
SPOKEN = {label: [label + 2 * letter for letter in LETTERS] for label in ("good", "bad")}
COUNT, TIMES = 600, 8


def _words(chance: random.Random, letters: str, lengths: Sequence[int], count: int) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < count:
        found["".join(chance.choices(letters, k=chance.choice(lengths)))] = None
    return list(found)


def _corpus(kind: str = "text") -> list[Row]:
    """Return questions and answers that share words, as frequent as words are."""
    chance = random.Random(kind)
    is_chinese = kind == "chinese"
    words = _words(chance, HAN if is_chinese else LETTERS, (2,) if is_chinese else (4, 7), 1500)
    frames = list(HAN[-20:]) if is_chinese else FRAMES
    gap, stop = ("", "。") if is_chinese else (" ", ".")
    weights = [1 / (rank + 5) for rank in range(len(words))]

    def text(content: Sequence[str]) -> str:
        mixed = [one for word in content for one in (*chance.choices(frames, k=2), word)]
        return gap.join(mixed).capitalize() + stop

    rows = []
    for at in range(COUNT):
        asked = chance.choices(words, weights, k=6)
        told = [*chance.sample(asked, 3), *chance.choices(words, weights, k=5)]
        number = str(chance.randrange(100, 999))
        question, answer = text([*asked, number]), text([*told, number])
        if kind == "label":
            label = "good" if at % 3 else "bad"
            rows.append({"text": f"{question} {chance.choice(SPOKEN[label])}", "label": label})
        else:
            rows.append({"instruction": question, "output": answer})
    return rows


@pytest.fixture(scope="module", params=["text", "chinese"])
def corpora(request: pytest.FixtureRequest) -> tuple[list[Row], list[Row]]:
    rows = _corpus(request.param)
    return rows, enlarge(rows, TIMES * COUNT, 0)


@pytest.fixture(scope="module")
def labelled() -> tuple[list[Row], list[Row]]:
    rows = _corpus("label")
    return rows, enlarge(rows, TIMES * COUNT, 0)


def _tokens(text: str) -> list[str]:
    """Return words, and of Chinese the characters."""
    return re.findall(r"[\u4e00-\u9fff]|[^\W\d_\u4e00-\u9fff]+|\d+", text.lower())


def _shared(rows: Sequence[Row]) -> float:
    """Return the mean share of an answer's words that its question has."""
    shares = []
    for row in rows:
        asked, told = set(_tokens(row["instruction"])), _tokens(row["output"])
        shares.append(sum(word in asked for word in told) / len(told))
    return sum(shares) / len(shares)


def _repeats(rows: Sequence[Row], length: int = 8) -> float:
    """Return how many passages of an answer another answer has too, a row."""
    counts: Counter[tuple[str, ...]] = Counter()
    for row in rows:
        words = _tokens(row["output"])
        counts.update({tuple(words[at : at + length]) for at in range(len(words) - length + 1)})
    return sum(n for n in counts.values() if n > 1) / len(rows)


def test_exactly_so_many_rows_and_all_of_the_corpus(corpora: tuple[list[Row], list[Row]]) -> None:
    rows, new = corpora
    assert len(new) == TIMES * COUNT
    assert not Counter(map(str, rows)) - Counter(map(str, new))
    assert [row for row in new if row in rows] != rows  # shuffled


def test_answers_still_answer(corpora: tuple[list[Row], list[Row]]) -> None:
    rows, new = corpora
    assert _shared(rows) > 0.25
    assert _shared(new) == pytest.approx(_shared(rows), rel=0.05)


def test_no_passage_is_repeated_more_often(corpora: tuple[list[Row], list[Row]]) -> None:
    rows, new = corpora
    assert _repeats(new) <= _repeats(rows) + 0.02


def test_word_frequencies_keep_their_shape(corpora: tuple[list[Row], list[Row]]) -> None:
    shapes = []
    for some in corpora:
        counts = Counter(word for row in some for word in _tokens(row["output"]))
        shapes.append([n / counts.total() for _, n in counts.most_common(200)])
    for rank in (0, 10, 50, 150):
        assert shapes[1][rank] == pytest.approx(shapes[0][rank], rel=0.5)


def test_vocabulary_grows_less_than_the_text(corpora: tuple[list[Row], list[Row]]) -> None:
    before, after = (len({w for row in some for w in _tokens(row["output"])}) for some in corpora)
    assert 1.2 * before < after < 5 * before


def test_numbers_of_a_question_are_those_of_its_answer(
    corpora: tuple[list[Row], list[Row]],
) -> None:
    for row in corpora[1]:
        assert re.findall(r"\d+", row["instruction"]) == re.findall(r"\d+", row["output"])


def test_the_seed_decides(corpora: tuple[list[Row], list[Row]]) -> None:
    rows, _ = corpora
    assert enlarge(rows, 2 * COUNT, 3) == enlarge(rows, 2 * COUNT, 3)
    assert enlarge(rows, 2 * COUNT, 3) != enlarge(rows, 2 * COUNT, 4)
    assert len(enlarge(rows, 50, 0)) == 50


def test_nothing_is_asked_twice_that_was_not(corpora: tuple[list[Row], list[Row]]) -> None:
    rows, _ = corpora
    repeated = [*rows, rows[0]]
    counts = Counter(row["instruction"] for row in enlarge(repeated, TIMES * COUNT, 0))
    assert counts[rows[0]["instruction"]] == 2
    assert sum(n > 1 for n in counts.values()) <= TIMES  # the same pair in each copy


def test_a_corpus_without_words_is_refused() -> None:
    rows = [{"instruction": "!", "output": "?"}, {"instruction": "!", "output": "?"}]
    with pytest.raises(SystemExit, match="only 2 of 100"):
        enlarge(rows, 100, 0)


def test_labels_stay_and_their_words_with_them(labelled: tuple[list[Row], list[Row]]) -> None:
    _, new = labelled
    shares = [sum(row["label"] == "good" for row in some) / len(some) for some in labelled]
    assert shares[1] == pytest.approx(shares[0], abs=0.01)
    right = [row["text"].split()[-1] in SPOKEN[row["label"]] for row in new]
    assert sum(right) > 0.9 * len(right)
    assert {row["text"].split()[-1] for row in new} >= {*SPOKEN["good"], *SPOKEN["bad"]}


def test_formulas_markup_lines_and_casing_stay() -> None:
    chance = random.Random(5)
    words = _words(chance, LETTERS, (5, 8), 800)
    formula = "I am only a Machine that answers!"
    rows = []
    for _ in range(200):
        first, second, third = chance.sample(words, 3)
        code = (
            f"if {first}:\n    <b class='x'>{second.upper()}</b>\n\treturn {third.title()} &amp; "
        )
        rows.append({"instruction": f"Why {first} {second}?", "output": f"{code}{formula}"})
    for row in enlarge(rows, 1000, 0):
        found = re.fullmatch(
            r"if ([a-z]+):\n    <b class='x'>([A-Z]+)</b>\n\treturn ([A-Z][a-z]+) &amp; (.+)",
            row["output"],
        )
        assert found is not None
        assert found[4] == formula
        assert row["instruction"] == f"Why {found[1]} {found[2].lower()}?"


@given(st.text())
def test_pieces_are_the_text(text: str) -> None:
    pieces = Splitter([[text]]).split(text)
    assert "".join(pieces) == text
    assert all(pieces)
    assert all(script(piece) is not None for piece in pieces)
