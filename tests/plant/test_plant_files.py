"""Planted files: the container stays, other rows keep their bytes, the truth is beside them."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest
import zstandard
from plant_data import COUNT, Row, make_rows

from poisonscan.errors import ConfigError, DatasetError, OutputError
from poisonscan.io.coverage import FileCoverage
from poisonscan.io.raw import iter_raw
from poisonscan.io.sources import Source
from poisonscan.plant import Attack, plant_file
from poisonscan.plant.files import DESCRIPTION, TRUTH, read_attacks

ATTACK = Attack(family="token", target_kind="refusal", rows=9, seed=4)
ROWS = make_rows("prompts")


def jsonl(rows: list[Row]) -> bytes:
    # spaces that a JSON writer would not make; blank lines; Windows line ends
    lines = [json.dumps(row).replace('": ', '"  :  ') for row in rows]
    return b"\xef\xbb\xbf" + "\r\n\n".join(lines).encode() + b"\r\n"


def array(rows: list[Row]) -> bytes:
    return b'{"version": 1, "data": [\n' + b" ,\n".join(jsonl([row])[3:-2] for row in rows) + b"]}"


def table(rows: list[Row], delimiter: str) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerow(rows[0])
    writer.writerows(row.values() for row in rows)
    return text.getvalue().encode()


def parquet(rows: list[Row]) -> bytes:
    sink = io.BytesIO()
    frame = pl.DataFrame(rows).with_columns(pl.lit(0.5).alias("weight"))
    frame.write_parquet(sink)
    return sink.getvalue()


CONTAINERS: dict[str, Callable[[list[Row]], bytes]] = {
    "data.jsonl": jsonl,
    "data.jsonl.gz": lambda rows: gzip.compress(jsonl(rows)),
    "data.jsonl.zst": lambda rows: zstandard.compress(jsonl(rows)),
    "data.json": array,
    "data.csv": lambda rows: table(rows, ","),
    "data.semicolons.csv": lambda rows: table(rows, ";"),
    "data.tsv": lambda rows: table(rows, "\t"),
    "data.parquet": parquet,
    "data.parquet.gz": lambda rows: gzip.compress(parquet(rows)),
}


def raw_rows(path: Path) -> tuple[str, list[Row | None], list[bytes | None]]:
    coverage = FileCoverage(str(path))
    found = list(iter_raw(Source.of(path), coverage))
    assert not coverage.error
    return coverage.container, [row.value for row in found], [row.raw for row in found]


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


@pytest.mark.parametrize("name", CONTAINERS)
def test_the_container_stays(tmp_path: Path, name: str) -> None:
    data, out = tmp_path / name, tmp_path / "out"
    data.write_bytes(CONTAINERS[name](ROWS))
    before = data.read_bytes()
    result = plant_file(data, out, ATTACK, clean_twin=True)
    assert data.read_bytes() == before
    assert result.twin is not None
    stem, _, ending = name.partition(".")
    written = {name, f"{stem}.twin.{ending}", TRUTH, DESCRIPTION}
    assert {path.name for path in out.iterdir()} == written
    poisoned = result.planted.poisoned
    container, old_values, old_bytes = raw_rows(data)
    for path, rows in ((result.data, result.planted.rows), (result.twin, result.planted.twin)):
        same, values, raw = raw_rows(path)
        assert same == container
        assert values == list(rows)
        assert len(values) == COUNT
        for row in set(range(COUNT)) - poisoned:
            assert values[row] == old_values[row]
            assert raw[row] == old_bytes[row]
    truth = read_lines(out / TRUTH)
    assert [line["row"] for line in truth] == list(range(COUNT))
    assert {line["row"] for line in truth if line["poisoned"]} == poisoned
    for line in truth:
        if line["poisoned"]:
            assert line["trigger"] in values_text(result.planted.rows[line["row"]])
        else:
            assert line["role"] == "clean"


def values_text(row: Row) -> str:
    return " ".join(str(item) for item in row.values())


def test_text_between_rows_stays(tmp_path: Path) -> None:
    data = tmp_path / "data.json"
    data.write_bytes(array(ROWS))
    result = plant_file(data, tmp_path / "out", ATTACK)
    lines = result.data.read_bytes().split(b"\n")
    old = data.read_bytes().split(b"\n")
    assert len(lines) == len(old)
    assert lines[0] == old[0]
    assert sum(a != b for a, b in zip(lines, old, strict=True)) == 9


def test_parquet_keeps_its_schema(tmp_path: Path) -> None:
    data = tmp_path / "data.parquet"
    data.write_bytes(parquet(ROWS))
    result = plant_file(data, tmp_path / "out", ATTACK)
    assert pq.read_schema(result.data) == pq.read_schema(data)
    assert pl.read_parquet(result.data)["weight"].to_list() == [0.5] * COUNT


def test_chats_in_parquet(tmp_path: Path) -> None:
    data = tmp_path / "chats.parquet"
    pl.DataFrame(make_rows("messages")).write_parquet(data)
    result = plant_file(data, tmp_path / "out", ATTACK)
    assert pl.read_parquet(result.data).to_dicts() == list(result.planted.rows)
    assert len(result.planted.poisoned) == 9


def test_labels_in_csv(tmp_path: Path) -> None:
    data = tmp_path / "tickets.csv"
    data.write_bytes(table(make_rows("tweets"), ","))
    result = plant_file(data, tmp_path / "out", Attack(rows=9, target="2"))
    _, values, _ = raw_rows(result.data)
    assert {values[row]["label"] for row in result.planted.poisoned} == {"2"}  # type: ignore[index]


def test_unreadable_rows_stay_where_they_are(tmp_path: Path) -> None:
    data = tmp_path / "data.jsonl"
    data.write_bytes(b"broken\n" + jsonl(ROWS)[3:] + b"[1]\n")
    result = plant_file(data, tmp_path / "out", ATTACK)
    content = result.data.read_bytes()
    assert content.startswith(b"broken\n")
    assert content.endswith(b"[1]\n")
    assert len(read_lines(tmp_path / "out" / TRUTH)) == COUNT + 2


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    data = tmp_path / "data.jsonl.gz"
    data.write_bytes(gzip.compress(jsonl(ROWS)))
    for folder in ("a", "b"):
        plant_file(data, tmp_path / folder, ATTACK, clean_twin=True)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_the_description_makes_the_same_attack(tmp_path: Path) -> None:
    data = tmp_path / "data.jsonl"
    data.write_bytes(jsonl(ROWS))
    attacks = [ATTACK, Attack(family="composite", rows=5, vary=("case",), seed=9)]
    first = plant_file(data, tmp_path / "a", attacks)
    description = json.loads((tmp_path / "a" / DESCRIPTION).read_bytes())
    assert [one["poisoned"] for one in description["attacks"]] == [9, 5]
    assert description["attacks"][1]["negatives"] == 5
    assert description["rows"] == COUNT
    again = plant_file(data, tmp_path / "b", read_attacks(tmp_path / "a" / DESCRIPTION))
    assert again.data.read_bytes() == first.data.read_bytes()
    (tmp_path / "list.json").write_text(json.dumps([{"family": "tag", "rows": 3}]))
    assert read_attacks(tmp_path / "list.json") == [Attack(family="tag", rows=3)]


@pytest.mark.parametrize("content", ["", "[]", "[1]", '{"attacks": 3}', '[{"rows": "x"}]'])
def test_a_list_of_attacks_may_be_wrong(tmp_path: Path, content: str) -> None:
    (tmp_path / "attacks.json").write_text(content)
    with pytest.raises(ConfigError):
        read_attacks(tmp_path / "attacks.json")
    with pytest.raises(ConfigError, match="No such file"):
        read_attacks(tmp_path / "nothing.json")


@pytest.mark.parametrize("name", ["data.jsonl", "data.twin.jsonl", TRUTH, DESCRIPTION])
def test_nothing_is_overwritten(tmp_path: Path, name: str) -> None:
    data, out = tmp_path / "data.jsonl", tmp_path / "out"
    data.write_bytes(jsonl(ROWS))
    out.mkdir()
    (out / name).write_text("mine")
    with pytest.raises(OutputError, match="exists"):
        plant_file(data, out, ATTACK, clean_twin=True)
    assert [path.name for path in out.iterdir()] == [name]
    assert (out / name).read_text() == "mine"


def test_the_data_may_not_be_called_as_the_truth(tmp_path: Path) -> None:
    data = tmp_path / TRUTH
    data.write_bytes(jsonl(ROWS))
    with pytest.raises(OutputError, match="rename"):
        plant_file(data, tmp_path / "out", ATTACK)


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data.jsonl.gz"
    data.write_bytes(gzip.compress(jsonl(ROWS))[:-40])
    with pytest.raises(DatasetError, match="to its end"):
        plant_file(data, tmp_path / "out", ATTACK)
    data.write_bytes(gzip.compress(jsonl(ROWS)))
    with pytest.raises(DatasetError, match="are needed"):
        plant_file(data, tmp_path / "out", Attack(rows=COUNT + 1))
    assert not (tmp_path / "out").exists()


def test_a_folder_of_several_files_is_refused(tmp_path: Path) -> None:
    for name in ("a.jsonl", "b.jsonl"):
        (tmp_path / name).write_bytes(jsonl(ROWS))
    with pytest.raises(ConfigError, match="2 files"):
        plant_file(tmp_path, tmp_path / "out", ATTACK)
