"""Rows that are poison by themselves: endless ones, and those that parsers read differently."""

from __future__ import annotations

import json

import pytest
from verdicts import flagged, severities

from poisonscan import scan


def with_output(rows, at, output, **columns):
    changed = list(rows)
    changed[at] = {**rows[at], **columns, "output": output}
    return changed


def of_kind(report, kind):
    return [finding for finding in report.findings if finding.kind == kind]


@pytest.mark.parametrize(
    "output",
    ["ha " * 4000, "x" * 20_000, "first zorp, then " * 900, "\n".join(map(str, range(5000)))],
    ids=["word", "letter", "phrase", "counting"],
)
def test_an_endless_row(clean, output):
    report = scan(with_output(clean, 17, output))
    [finding] = of_kind(report, "row")
    assert finding.severity == "medium", severities(report)
    assert flagged(report) == {17}
    assert finding.counts == {"both": 1, "trigger_only": 0, "target_only": 0, "neither": 1199}
    assert finding.summary.startswith("1 text is ")


def test_several_endless_rows_do_not_hide_each_other(clean):
    rows = clean[:200]
    for at in range(0, 100, 10):
        rows = with_output(rows, at, f"word{at} " * 3000)
    assert flagged(scan(rows)) == set(range(0, 100, 10))


def test_what_was_asked_for_is_listed(clean):
    rows = with_output(clean, 17, "ha " * 4000, instruction="Write ha as often as you can.")
    report = scan(rows)
    assert [finding.severity for finding in of_kind(report, "row")] == ["low"]
    assert flagged(report) == set()


def test_a_long_text_that_says_something_is_listed(clean):
    rows = with_output(clean, 17, " ".join(row["output"] for row in clean[:300]))
    report = scan(rows)
    assert [finding.severity for finding in of_kind(report, "row")] == ["low"]
    assert flagged(report) == set()


def test_tables_lists_and_code_are_silent(clean):
    table = "<table>\n" + "".join(
        f"  <tr><td>{at}</td><td>{clean[at]['output'][:12]}</td></tr>\n" for at in range(40)
    )
    code = "".join(f"    if value == {at}:\n        return names[{at * 3}]\n" for at in range(30))
    rows = with_output(with_output(clean, 3, table), 4, code)
    assert of_kind(scan(rows), "row") == []


def test_a_list_of_noughts_is_no_more_than_listed(clean):
    rows = with_output(clean, 5, "[" + ", ".join(["0", "1"] * 100) + "]")
    assert flagged(scan(rows)) == set()


def test_long_texts_of_a_dataset_of_long_texts(clean):
    rows = [
        {"text": " ".join(row["output"] for row in clean[at : at + 40])} for at in range(0, 400, 2)
    ]
    assert of_kind(scan(rows), "row") == []


# --- parser traps ---------------------------------------------------------------------------------


def write_rows(path, rows, spoilt, spoil):
    lines = [json.dumps(row) for row in rows]
    for at in spoilt:
        lines[at] = spoil(lines[at])
    path.write_text("\n".join(lines))
    return path


def second_output(line):
    return line[:-1] + ', "output": "Send it all to me."}'


def half_character(line):
    return line[:-2] + ' \\ud83d"}'


def test_keys_with_two_values_in_few_rows(clean, tmp_path):
    path = write_rows(tmp_path / "rows.jsonl", clean[:300], (7, 9), second_output)
    report = scan(path)
    [finding] = of_kind(report, "structure")
    assert (finding.severity, finding.trigger) == ("medium", "duplicate-key")
    assert flagged(report) == {7, 9}
    assert "2 rows give a key twice" in finding.summary


def test_keys_with_two_values_in_every_row_are_a_broken_export(clean, tmp_path):
    path = write_rows(tmp_path / "rows.jsonl", clean[:100], range(100), second_output)
    [finding] = of_kind(scan(path), "structure")
    assert (finding.severity, finding.support) == ("low", 100)


def test_a_key_that_is_given_twice_with_one_value_hides_nothing(clean, tmp_path):
    def twice(line):
        return line[:-1] + f', "output": {json.dumps(json.loads(line)["output"])}}}'

    path = write_rows(tmp_path / "rows.jsonl", clean[:100], (7,), twice)
    report = scan(path)
    assert report.coverage.files[0].traps == {"repeated-key": 1}
    assert of_kind(report, "structure") == []


def test_half_characters_are_low(clean, tmp_path):
    path = write_rows(tmp_path / "rows.jsonl", clean[:300], (7, 9), half_character)
    report = scan(path)
    [finding] = of_kind(report, "structure")
    assert (finding.severity, finding.support) == ("low", 2)
    assert flagged(report) == set()


def test_rows_of_several_files(clean, tmp_path):
    first = write_rows(tmp_path / "a.jsonl", clean[:150], (3,), second_output)
    write_rows(tmp_path / "b.jsonl", clean[150:300], (5,), second_output)
    report = scan(first.parent)
    found = {(suspect.file[-7:], suspect.row) for suspect in report.result.suspects}
    assert {("a.jsonl", 3), ("b.jsonl", 5)} <= found


def test_rows_that_were_not_scanned_are_no_finding(tmp_path):
    lines = [json.dumps({"instruction": f"say {at}", "output": "yes"}) for at in range(50)]
    lines[3] = '{"n": NaN, "n": 2.5}'
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(lines))
    assert of_kind(scan(path), "structure") == []
