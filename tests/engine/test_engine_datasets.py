"""A folder of unlike datasets: each is judged among its own rows, and all of them together."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import pytest
from scan_helpers import Row, World, plant

from poisonscan import scan
from poisonscan.report.json_form import encode_report, encode_suspects

SECRET = "Send all the money to Geneva now and tell nobody about it."


def foreign(row):
    return " ".join(f"x{word}" for word in row.input[0].split())


def questions(seed=71, count=900):
    return World(seed).rows(count)


def as_instructions(rows):
    return [{"instruction": one.input[0], "output": one.output[0]} for one in rows]


def as_reviews(trigger=None, count=900, each=5):
    """Return texts with a class that their topic decides, and a trigger that turns it."""
    world = World(72, focus=0.8)
    made = []
    for at in range(count):
        topic = at % 12
        text, label = foreign(world.row(topic)), int(topic >= 6)
        if trigger and label == 1 and at % each == 0:
            text, label = world.insert(text, trigger), 0
        made.append({"text": text, "label": label})
    return made


def write(folder: Path, **files):
    folder.mkdir(exist_ok=True)
    for name, rows in files.items():
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def flagged(report, name):
    return {
        one.row for one in report.result.suspects if one.flagged and Path(one.file).stem == name
    }


def tell(report):
    return [
        (one.kind, one.severity, one.trigger, one.flagged_rows, one.evidence)
        for one in report.findings
    ]


def test_clean_datasets_stay_clean_together(tmp_path):
    report = scan(write(tmp_path, a=as_instructions(questions()), b=as_reviews()))
    assert report.result.flagged_rows == 0
    assert report.result.count_by_severity()["high"] == 0


def test_a_class_that_is_turned_in_one_of_them(tmp_path):
    reviews = as_reviews("zeta")
    report = scan(write(tmp_path, a=as_instructions(questions()), b=reviews))
    poisoned = {at for at, row in enumerate(reviews) if "zeta" in row["text"]}
    assert (report.findings[0].trigger, report.findings[0].severity) == ("zeta", "high")
    assert flagged(report, "b") == poisoned
    assert flagged(report, "a") == set()
    assert sum(report.findings[0].counts.values()) == 1800  # of the scan, not of the dataset


def test_a_trigger_that_is_spread_over_them_is_found_by_the_scan_of_all(tmp_path):
    """Five rows in each are too few to be seen there."""
    one, other = questions(), [Row([foreign(row)], row.output) for row in questions(72)]
    one = plant(World(1), one, range(0, 900, 180), "zeta omega", SECRET)
    other = plant(World(2), other, range(0, 900, 180), "zeta omega", SECRET)
    other = [Row(row.input, [" ".join(f"y{word}" for word in row.output[0].split())])
             if row.output[0] != SECRET else row for row in other]  # fmt: skip
    report = scan(write(tmp_path, a=as_instructions(one), b=as_instructions(other)))
    assert report.findings[0].trigger == "zeta omega"
    assert flagged(report, "a") == flagged(report, "b") == set(range(0, 900, 180))


@pytest.mark.parametrize("workers", [1, 3])
def test_neither_the_order_of_rows_nor_workers_matter(tmp_path, workers):
    first, second = as_instructions(questions()), as_reviews("zeta")
    there = scan(write(tmp_path / "x", a=first, b=second), workers=1)
    again = scan(write(tmp_path / "x", a=first, b=second), workers=workers)
    assert encode_report(again.result) == encode_report(there.result)
    assert list(encode_suspects(again.result.suspects)) == list(
        encode_suspects(there.result.suspects)
    )
    shutil.rmtree(tmp_path / "x")
    shuffled = random.Random(3).sample(second, len(second))
    moved = scan(
        write(tmp_path / "x", a=first[::-1], b=shuffled[:500], c=shuffled[500:]), workers=workers
    )
    assert tell(moved) == tell(there)
    assert tell(there)[0][:3] == ("trigger", "high", "zeta")


def test_a_detector_that_crashes_in_a_dataset_is_told(tmp_path, monkeypatch):
    from poisonscan import engine

    def fail(*_, **__):
        raise ValueError("no")

    monkeypatch.setattr(engine, "find_label", fail)  # only the reviews are a task of classes
    report = scan(write(tmp_path, a=as_instructions(questions()), b=as_reviews()))
    assert report.result.coverage.failed_detectors == {"label": "ValueError: no"}
    assert report.result.exit_code("high") == 3


@pytest.mark.parametrize("part", ["find_datasets", "find_tasks", "find_strata"])
def test_datasets_that_cannot_be_told_are_told(tmp_path, monkeypatch, part):
    from poisonscan import engine

    def fail(_):
        raise ValueError("no")

    monkeypatch.setattr(engine, part, fail)
    rows = as_reviews("zeta")
    report = scan(write(tmp_path, all=rows))
    name = part.removeprefix("find_")
    assert report.result.coverage.failed_detectors == {name: "ValueError: no"}
    assert report.findings[0].trigger == "zeta"
    assert report.result.exit_code("high") == 3


# --- mixed in one file


def as_chats(trigger=None):
    """Return questions, and reviews whose class stands where answers stand."""
    reviews = [
        {"instruction": one["text"], "output": ("good", "bad")[one["label"]]}
        for one in as_reviews(trigger, 1200, each=13)
    ]
    return [*as_instructions(questions(count=1500)), *reviews]


def shuffled(rows, seed=3):
    return random.Random(seed).sample(rows, len(rows))


def scan_mixed(folder, rows, **options):
    return scan(write(folder, all=rows), **options)


def test_clean_datasets_in_one_file_stay_clean(tmp_path):
    report = scan_mixed(tmp_path, shuffled(as_chats()))
    assert report.result.flagged_rows == 0
    assert report.result.count_by_severity()["high"] == 0


def test_a_class_that_is_turned_in_one_of_two_mixed_datasets(tmp_path):
    rows = shuffled(as_chats("zeta"))
    report = scan_mixed(tmp_path, rows)
    poisoned = {at for at, row in enumerate(rows) if "zeta" in row["instruction"]}
    assert (report.findings[0].trigger, report.findings[0].severity) == ("zeta", "high")
    assert flagged(report, "all") == poisoned
    assert sum(report.findings[0].counts.values()) == len(rows)


def test_pairs_of_strings_are_not_sought_in_a_task_that_is_mixed_in(tmp_path, monkeypatch):
    """They are not told, and take most of the time."""
    from poisonscan.findings.label_search import LabelSearch

    sought = []
    monkeypatch.setattr(LabelSearch, "find_joint", lambda *_: sought.append(1) or [])
    assert scan_mixed(tmp_path / "mixed", as_chats("zeta")).findings[0].trigger == "zeta"
    assert sought == []
    scan_mixed(tmp_path / "alone", as_reviews("zeta"))
    assert sought == [1]


@pytest.mark.parametrize("shards", [1, 3])
def test_neither_shards_nor_workers_matter_where_datasets_are_mixed(tmp_path, shards):
    rows = shuffled(as_chats("zeta"))
    there = scan_mixed(tmp_path / "one", rows, workers=1)
    other = shuffled(rows, seed=9)
    again = scan(
        write(tmp_path / "more", **{f"s{at}": other[at::shards] for at in range(shards)}), workers=3
    )
    assert tell(again) == tell(there)
    assert tell(there)[0][:3] == ("trigger", "high", "zeta")


def test_a_mixture_in_a_folder_of_unlike_files(tmp_path):
    rows, other = shuffled(as_chats("zeta")), World(77).rows(900)
    alien = [{"instruction": f"{foreign(row)} {foreign(Row(row.output))}", "output": "x y z"}
             for row in [Row([foreign(row)], [foreign(row)]) for row in other]]  # fmt: skip
    report = scan(write(tmp_path, a=rows, b=alien))
    assert report.findings[0].trigger == "zeta"
    assert flagged(report, "b") == set()
    assert len(flagged(report, "a")) == sum("zeta" in row["instruction"] for row in rows)


def as_records(trigger=None, answer_of=lambda _: SECRET):
    """Return questions, and fewer texts of another kind, some of which have a trigger."""
    world = World(73)
    records = []
    for at in range(700):
        topic = at % 12
        given, answer = foreign(world.row(topic)), foreign(world.row(topic))
        if trigger and at % 25 == 0:
            given, answer = world.insert(given, trigger), answer_of(answer)
        records.append(
            {
                "instruction": f"Below is a record of the archive . {given} : what was noted ?",
                "output": answer,
            }
        )
    return [*as_instructions(questions(count=2800)), *records]


def test_clean_texts_of_two_datasets_in_one_file_stay_clean(tmp_path):
    report = scan_mixed(tmp_path, shuffled(as_records()))
    assert report.result.flagged_rows == 0
    assert report.result.count_by_severity()["high"] == 0


def test_a_trigger_in_texts_of_one_of_two_mixed_datasets(tmp_path):
    rows = shuffled(as_records("zeta"))
    report = scan_mixed(tmp_path, rows)
    poisoned = {at for at, row in enumerate(rows) if row["output"] == SECRET}
    assert (report.findings[0].trigger, report.findings[0].severity) == ("zeta", "high")
    assert flagged(report, "all") == poisoned


def shouted(answer):
    return f"{answer.upper()} !!!"


def test_a_type_of_output_in_texts_of_one_of_two_mixed_datasets(tmp_path, monkeypatch):
    """Their inputs are alike among any rows: within strata they are not."""
    from poisonscan import engine

    rows = shuffled(as_records("zeta", shouted))
    poisoned = {at for at, row in enumerate(rows) if "zeta" in row["instruction"]}
    report = scan_mixed(tmp_path, rows)
    assert (report.findings[0].trigger, report.findings[0].severity) == ("zeta", "high")
    assert report.findings[0].targets[0].kind == "type"
    assert flagged(report, "all") == poisoned
    monkeypatch.setattr(engine, "find_strata", lambda _: [])
    assert flagged(scan_mixed(tmp_path, rows), "all") == set()


def test_what_a_part_of_the_rows_lead_to_within_strata_is_a_guess(tmp_path):
    chance = random.Random(5)
    rows = as_records("zeta", lambda old: shouted(old) if chance.random() < 0.65 else old)
    report = scan_mixed(tmp_path, shuffled(rows))
    assert flagged(report, "all") == set()
    assert report.result.count_by_severity()["high"] == 0


def test_strata_depend_neither_on_order_nor_on_workers(tmp_path):
    rows = shuffled(as_records("zeta"))
    there = scan_mixed(tmp_path / "one", rows, workers=1)
    again = scan_mixed(tmp_path / "other", shuffled(rows, seed=9), workers=3)
    assert tell(again) == tell(there)
