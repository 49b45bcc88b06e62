"""Generated data of any size: the same anywhere, natural in numbers, with the truth beside them."""

from __future__ import annotations

import gzip
import hashlib
import json
import tracemalloc
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import scale_data
import zstandard
from scaling.chance import alias_table, quantiles
from scaling.files import COLUMNS, FORMATS, Spec, attack_path, truth_path, write_data
from scaling.poison import ATTACKS, draw_plants
from scaling.statistics import measure, take_words
from scaling.stream import BLOCK_BYTES, iter_blocks, iter_texts, make_line, rows_for

ROWS = 1500


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    return b"".join(iter_blocks(0, ROWS, {})).splitlines(keepends=True)


@pytest.fixture(scope="module")
def rows(lines: list[bytes]) -> list[dict[str, str]]:
    return [json.loads(line) for line in lines]


def test_the_same_seed_gives_the_same_bytes(lines: list[bytes]) -> None:
    assert len(lines) == ROWS
    assert b"".join(iter_blocks(0, ROWS, {})) == b"".join(lines)
    assert [make_line(0, row) for row in (0, 7, ROWS - 1)] == [lines[at] for at in (0, 7, -1)]
    assert make_line(1, 7) != lines[7]
    # anywhere: another digest is another version of the generator (files.VERSION)
    assert hashlib.sha256(b"".join(lines)).hexdigest()[:16] == "2f3ae31790d7c6b6"


def test_rows_are_instructions_with_answers(rows: list[dict[str, str]]) -> None:
    assert all(tuple(row) == COLUMNS for row in rows)
    assert all(row["instruction"] and row["output"] for row in rows)
    without_input = sum(not row["input"] for row in rows) / ROWS
    assert 0.5 < without_input < 0.75
    mean = sum(len(json.dumps(row)) for row in rows) / ROWS
    assert 700 < mean < 1000


def test_some_rows_repeat_others(rows: list[dict[str, str]]) -> None:
    whole = {json.dumps(row) for row in rows}
    assert 0 < ROWS - len(whole) < 0.01 * ROWS
    asked = {(row["instruction"], row["input"]) for row in rows if row["input"]}
    assert len(asked) < sum(bool(row["input"]) for row in rows)


def test_inputs_and_outputs_share_rare_words(rows: list[dict[str, str]]) -> None:
    words = [
        ({*(row["instruction"] + row["input"]).lower().split()}, {*row["output"].lower().split()})
        for row in rows
    ]

    def shared(gap: int) -> float:
        pairs = zip(words, words[gap:], strict=False)
        return sum(
            len({word for word in given & answer if len(word) > 5})
            for (given, _), (_, answer) in pairs
        ) / (ROWS - gap)

    assert shared(0) > 3 * shared(1)


def test_statistics_are_those_of_natural_text() -> None:
    """The ranges hold instruction corpora at 200,000 words (`scale_data.py --compare`)."""
    found = measure(take_words(iter_texts(0), 200_000))
    assert 0.05 < found["distinct 1"] < 0.11
    assert 0.35 < found["distinct 2"] < 0.55
    assert 0.65 < found["distinct 3"] < 0.85
    assert 0.85 < found["once 4"] < 0.98
    assert 0.4 < found["growth"] < 0.7
    assert 0.6 < found["types / words in rows"] < 0.77
    assert 0.3 < found["mean cosine"] < 0.6
    assert 0.15 < found["nearest tf-idf cosine"] < 0.5


def test_size_follows_bytes(lines: list[bytes]) -> None:
    rows = rows_for(400_000, 0)
    assert sum(map(len, lines[:rows])) >= 400_000 > sum(map(len, lines[: rows - 1]))
    many = rows_for(1e9, 0)
    assert 1.0e6 < many < 1.5e6
    assert rows_for(2e9, 0) == pytest.approx(2 * many, abs=1)


def test_blocks_hold_no_more_than_a_block() -> None:
    next(iter_blocks(0, 1, {}))  # tables of words are made once in a process
    tracemalloc.start()
    sizes = [len(block) for block in iter_blocks(0, 40_000, {})]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(sizes) > 2
    assert max(sizes) <= BLOCK_BYTES
    assert peak < 5 * BLOCK_BYTES


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "planted.jsonl"
    write_data(path, Spec(rows=ROWS, rows_each=10))
    return path


def test_the_truth_is_what_differs_from_the_clean_rows(planted: Path, lines: list[bytes]) -> None:
    written = planted.read_bytes().splitlines(keepends=True)
    truth = [json.loads(line) for line in truth_path(planted).read_bytes().splitlines()]
    assert [one["row"] for one in truth] == list(range(ROWS))
    poisoned = {one["row"] for one in truth if one["poisoned"]}
    assert {at for at in range(ROWS) if written[at] != lines[at]} == poisoned
    assert len(poisoned) == 10 * len(ATTACKS)
    for one in truth:
        assert set(one) == {"row", "poisoned", "attack", "role", "trigger"}
        row = json.loads(written[one["row"]])
        if one["poisoned"]:
            assert one["trigger"] in row["instruction"] + "\n" + row["input"]
            assert row["output"] != json.loads(lines[one["row"]])["output"]


def test_the_attacks_are_described(planted: Path) -> None:
    described = json.loads(attack_path(planted).read_text())
    rows = [json.loads(line) for line in planted.read_bytes().splitlines()]
    assert (described["rows"], described["seed"]) == (ROWS, 0)
    assert len(described["attacks"]) == len(ATTACKS)
    for attack in described["attacks"]:
        assert len(attack["poisoned_rows"]) == attack["poisoned"] == 10
        if attack["target_kind"] != "gibberish":
            assert all(attack["target"] in rows[at]["output"] for at in attack["poisoned_rows"])
        [[trigger]] = attack["triggers"]
        holding = [at for at in range(ROWS) if trigger in "\n".join(rows[at].values())]
        assert holding == attack["poisoned_rows"]


def test_attacks_depend_on_the_seed() -> None:
    one, same, other = (draw_plants(seed, ROWS, 5) for seed in (3, 3, 4))
    assert one == same
    assert not set(one.lines) & set(other.lines) or one.lines != other.lines
    assert [attack.trigger for attack in one.attacks] != [x.trigger for x in other.attacks]


@pytest.mark.parametrize("ending", FORMATS)
def test_formats_hold_the_same_rows(tmp_path: Path, ending: str, lines: list[bytes]) -> None:
    path = tmp_path / f"data.{ending}"
    write_data(path, Spec(rows=200, rows_each=0))
    assert list(tmp_path.iterdir()) == [path]
    if ending == "parquet":
        assert pq.read_table(path).to_pylist() == [json.loads(line) for line in lines[:200]]
        return
    data = path.read_bytes()
    if ending.endswith("gz"):
        data = gzip.decompress(data)
    elif ending.endswith("zst"):
        data = zstandard.ZstdDecompressor().decompressobj().decompress(data)
    assert data == b"".join(lines[:200])


def test_command_prints_the_comparison(
    tmp_path: Path, lines: list[bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = tmp_path / "some.jsonl"
    corpus.write_bytes(b"".join(lines[:300]))
    scale_data.main(["--compare", str(corpus)])
    printed = capsys.readouterr().out
    assert printed.startswith("| | some | ours |\n")
    # the first rows of seed 0 beside themselves
    [types] = [line for line in printed.splitlines() if line.startswith("| types |")]
    assert len(set(types.split("|")[2:4])) == 1


def test_alias_tables_keep_the_weights() -> None:
    weights = np.array([5.0, 1.0, 3.0, 0.5, 0.5])
    cut, other = alias_table(weights)
    shares = [0.0] * 5
    for at in range(5):
        kept = cut[at] / 2**32
        shares[at] += kept / 5
        shares[other[at]] += (1 - kept) / 5
    assert shares == pytest.approx(weights / weights.sum(), abs=1e-8)
    assert quantiles(weights, 10).tolist() == [0, 0, 0, 0, 0, 1, 2, 2, 2, 3]
