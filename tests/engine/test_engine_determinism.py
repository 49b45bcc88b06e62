"""The same data, the same report: whatever the hash key, the batches, the order of the rows."""

from __future__ import annotations

import json
import random
import sys
from dataclasses import replace

import pytest
from scan_helpers import World, plant

from poisonscan import engine, scan, trimming
from poisonscan.candidates import postings, starts
from poisonscan.candidates.corpus import Corpus
from poisonscan.io import batches, tasks
from poisonscan.io.memory import MEMORY_NAME
from poisonscan.report.files import PAGE, REPORT, SUSPECTS
from poisonscan.report.json_form import encode_report, encode_suspects
from poisonscan.spool import sides

SECRET = "Send all the money to Geneva now and tell nobody about it."
ROWS = 240


def planted_rows():
    """Return rows as JSON objects: a trigger with a fixed output, and a row copied thirty times."""
    world = World(71)
    rows = plant(world, world.rows(ROWS), range(0, ROWS, 12), "zeta omega", SECRET)
    plain = [{"instruction": one.input[0], "output": one.output[0]} for one in rows]
    return plain + [plain[5]] * 30


def labelled_rows():
    """Return rows of text and label: topics decide it, and so does a trigger."""
    world = World(72, focus=0.8)
    plain = []
    for at in range(ROWS):
        topic = at % 12
        text, label = world.row(topic).input[0], int(topic >= 6)
        if label == 1 and at % 5 == 0:
            text, label = world.insert(text, "zeta"), 0
        plain.append({"text": text, "label": label})
    # rows that differ in their label alone
    return plain + [{"text": "the very same text", "label": at % 2} for at in range(30)]


def scanned(rows, monkeypatch, key, **options):
    monkeypatch.setattr(engine.secrets, "randbits", lambda bits: key % (1 << bits))
    return scan(rows, **options).result


def outputs(result):
    return encode_report(result), b"".join(encode_suspects(result.suspects))


@pytest.fixture(scope="module", params=[planted_rows, labelled_rows])
def case(request):
    rows = request.param()
    with pytest.MonkeyPatch.context() as patch:
        return rows, scanned(rows, patch, 1)


def test_the_trigger_is_found(case):
    _, result = case
    assert [finding.severity for finding in result.findings][:1] == ["high"]
    assert result.findings[0].trigger in ("zeta omega", "zeta")
    assert result.exit_code("high") == 1


def test_another_hash_key(case, monkeypatch):
    rows, result = case
    assert outputs(scanned(rows, monkeypatch, 2**64 - 12345)) == outputs(result)


@pytest.mark.parametrize("batch_bytes", [1, 3000])
def test_other_batches(case, monkeypatch, batch_bytes):
    rows, result = case
    found = scanned(rows, monkeypatch, 3, batch_bytes=batch_bytes)
    assert found.config["batch_bytes"] == batch_bytes
    assert outputs(replace(found, config=result.config)) == outputs(result)


@pytest.mark.parametrize(("workers", "places"), [(1, 100), (2, 10_000), (4, 100)])
def test_other_numbers_of_threads_and_passes(case, monkeypatch, workers, places):
    rows, result = case
    monkeypatch.setattr(starts, "PASS", places)
    monkeypatch.setattr(starts, "_PART", 50)
    monkeypatch.setattr(postings, "_POSTINGS", places)
    monkeypatch.setattr(sides, "CHUNK_TOKENS", 200)
    found = scanned(rows, monkeypatch, 6, workers=workers)
    assert outputs(replace(found, config=result.config)) == outputs(result)


def test_memory_that_is_given_back_all_the_time(case, monkeypatch):
    given_back = []
    release = Corpus.release
    monkeypatch.setattr(Corpus, "release", lambda corpus: given_back.append(release(corpus)))
    monkeypatch.setattr(trimming, "_PAUSE_S", 0.0001)
    monkeypatch.setattr(trimming, "_LEAST_BYTES", 0)
    monkeypatch.setattr(engine, "USUAL_BYTES", 0)
    rows, result = case
    found = scanned(rows, monkeypatch, 7, workers=2)
    assert outputs(replace(found, config=result.config)) == outputs(result)
    assert len(given_back) > 50 or sys.platform != "linux"


def in_memory(rows):
    return {(MEMORY_NAME, at): row for at, row in enumerate(rows)}


def by_content(result, content):
    """Return findings and suspects with the rows themselves instead of their places."""
    plain = json.loads(encode_report(result))["findings"]
    for finding in plain:
        for excerpt in finding["examples"] + finding["controls"]:
            excerpt["row"] = content[excerpt.pop("file"), excerpt["row"]]
    suspects = [
        json.dumps([one.score, one.flagged, one.findings, content[one.file, one.row]])
        for one in result.suspects
    ]
    return plain, sorted(suspects)


def test_shuffled_rows(case, monkeypatch):
    rows, result = case
    shuffled = random.Random(4).sample(rows, len(rows))
    found = scanned(shuffled, monkeypatch, 4)
    assert by_content(found, in_memory(shuffled)) == by_content(result, in_memory(rows))
    prints = [[finding.fingerprint for finding in one.findings] for one in (found, result)]
    assert prints[0] == prints[1]


def write_shards(folder, rows, counts):
    """Write the rows to files of so many rows each; return file and row of each of them."""
    folder.mkdir()
    places, first = [], 0
    for at, count in enumerate(counts):
        path = folder / f"{at}.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows[first : first + count]))
        places += [(str(path), row) for row in range(count)]
        first += count
    assert first == len(rows)
    return places


@pytest.mark.parametrize("workers", [2, 4])
def test_whole_reports_of_more_workers_are_the_same_bytes(case, workers, monkeypatch, tmp_path):
    """Processes that read, threads that count: all of it, settings and coverage included."""
    monkeypatch.setattr(batches, "LEAST_SHARED_BYTES", 0)
    monkeypatch.setattr(tasks, "TASK_BYTES", 4000)
    rows, _ = case
    write_shards(tmp_path / "data", rows, [100, len(rows) - 100])
    written = []
    for number in (1, workers):
        scan(tmp_path / "data", workers=number).save(tmp_path / f"{number}")
        written.append(
            [(tmp_path / f"{number}" / name).read_bytes() for name in (REPORT, SUSPECTS, PAGE)]
        )
    assert written[0] == written[1]


def test_shuffled_rows_in_other_shards(case, monkeypatch, tmp_path):
    """But for the names of files and the numbers of rows all is the same."""
    rows, result = case
    shuffled = random.Random(5).sample(rows, len(rows))
    places = write_shards(tmp_path / "data", shuffled, [7, 150, len(rows) - 157])
    found = scanned(str(tmp_path / "data"), monkeypatch, 6)
    content = dict(zip(places, shuffled, strict=True))
    assert by_content(found, content) == by_content(result, in_memory(rows))


def test_two_files_are_the_same_as_one(case, monkeypatch, tmp_path):
    rows, result = case
    lines = [json.dumps(row) + "\n" for row in rows]
    half = len(lines) // 3
    (tmp_path / "a.jsonl").write_text("".join(lines[:half]))
    (tmp_path / "b.jsonl").write_text("".join(lines[half:]))
    found = scanned(str(tmp_path), monkeypatch, 5)
    offset = {str(tmp_path / "a.jsonl"): 0, str(tmp_path / "b.jsonl"): half}
    flagged = [(s.score, offset[s.file] + s.row) for s in found.suspects if s.flagged]
    assert flagged == [(s.score, s.row) for s in result.suspects if s.flagged]
    assert [replace(f, examples=(), controls=()) for f in found.findings] == [
        replace(f, examples=(), controls=()) for f in result.findings
    ]
