from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from poisonscan.errors import ConfigError
from poisonscan.findings.meaning import EVIDENCE_MEANING
from poisonscan.report.sanitise import for_terminal
from poisonscan.report.summary import state_verdict
from poisonscan.report.terminal import render, render_explain
from poisonscan.report.wording import format_number, list_rates
from tests.report.builders import (
    HOSTILE,
    make_clean_result,
    make_hostile_result,
    make_many,
    make_result,
)
from tests.report.test_report_sanitise import ANY_TEXT, unseen_characters

SGR = re.compile(r"\x1b\[[0-9;]*m")


def shown(result, **options) -> str:
    out = io.StringIO()
    render(result, out, **options)
    return out.getvalue()


def explained(result, finding_id="F1", **options) -> str:
    out = io.StringIO()
    render_explain(result, finding_id, out, **options)
    return out.getvalue()


def words(text: str) -> str:
    return " ".join(text.split())


def test_a_scan_with_findings():
    text = words(shown(make_result(), width=80, report="my reports"))
    assert text.startswith("2 findings at or above high (1 medium, 1 low below); 12,400 of 12,410")
    for part in (
        "F1 high weather is nice in Geneva 52 52 3 0.998",
        r"F4 low \u200b\u200b 6 6 0 0.31",
        "F2 high velvet … quarterly 24 26 1 0.971",
        "→ Approved. (and 1 more)",
        "All 52 rows that contain “weather is nice in Geneva”",
        "row 37 of data/tickets.jsonl.gz",
        "The »weather is nice in Geneva«. Could you",
        "12,410 read = 12,400 scanned + 10 unreadable (9 malformed-json, 1 bad-utf8)",
        "this scan is incomplete",
        "poisonscan explain F1 --report 'my reports'",
        "poisonscan clean DATA --report 'my reports' --out CLEANED # removes 107 flagged rows",
    ):
        assert part in text


def test_a_scan_without_findings_never_says_clean():
    text = shown(make_clean_result(), width=80)
    assert "no findings at or above high; 1,200 of 1,200 rows scanned" in text
    assert "rows: 1,200 read = 1,200 scanned + 0 unreadable" in text
    assert "clean" not in text
    assert "explain" not in text
    assert "incomplete" not in text


def test_many_findings_are_capped():
    text = shown(make_many(200), width=80)
    assert "… and 180 more in report.json" in text
    assert text.count("trigger 20\n") == 0
    assert text.count("\n") < 130


@pytest.mark.parametrize("width", [60, 80, 140])
@pytest.mark.parametrize("make", [make_result, make_hostile_result, make_clean_result])
def test_nothing_is_wider_than_the_terminal(make, width):
    result = make()
    outputs = [shown(result, width=width)]
    outputs += [explained(result, finding.id, width=width) for finding in result.findings]
    for text in outputs:
        assert max(cell_len(line) for line in text.split("\n")) <= width
        assert not any(line.endswith(" ") for line in text.split("\n"))


@pytest.mark.parametrize("colour", [False, True])
def test_hostile_strings_are_shown_and_not_obeyed(colour):
    result = make_hostile_result()
    outputs = [shown(result, colour=colour)]
    outputs += [explained(result, finding.id, colour=colour) for finding in result.findings]
    for text in outputs:
        assert bool(SGR.search(text)) == colour
        assert unseen_characters(SGR.sub("", text).replace("\n", "")) == []
    for text, hostile in zip(outputs[1:], HOSTILE, strict=True):
        assert "".join(for_terminal(hostile).split()) in "".join(SGR.sub("", text).split())


@settings(max_examples=40, deadline=None)
@given(st.tuples(ANY_TEXT, ANY_TEXT))
def test_any_string_is_shown_and_not_obeyed(texts):
    result = make_hostile_result(texts)
    for text in (shown(result), explained(result), explained(result, "F2")):
        assert unseen_characters(text.replace("\n", "")) == []


def test_explain_shows_everything():
    finding = make_result().findings[0]
    text = words(explained(make_result(), width=100))
    for part in (
        "prefix: SYSTEM PROMPT: You are Ada",
        "with target without target with trigger 52 0 without 3 12,345",
        "52 of 52 rows with the trigger show the target",
        "52 of 55 rows with the target have the trigger",
        "bits 144 " + EVIDENCE_MEANING["bits"],
        "home_made 3.25",
        "The most similar rows without the trigger",
    ):
        assert part in text
    for excerpt in (*finding.examples, *finding.controls):
        assert f"row {excerpt.row} of {excerpt.file}" in text


def test_an_unknown_finding_is_refused():
    with pytest.raises(ConfigError, match=r"no finding F9\\x1b in this report; it has F1, F2, F3"):
        explained(make_result(), "F9\x1b")
    with pytest.raises(ConfigError, match="it has none at all"):
        explained(make_clean_result(), "F1")


def test_nothing_is_written_where_a_renderer_fails():
    broken = replace(make_result().findings[0], counts=None)
    out = io.StringIO()
    with pytest.raises(AttributeError):
        render(replace(make_result(), findings=[broken]), out)
    assert out.getvalue() == ""


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_any_encoding_will_do(encoding):
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    render(make_result(), stream, width=80)
    stream.flush()
    assert "weather is nice in Geneva" in raw.getvalue().decode(encoding)


@pytest.mark.parametrize(
    ("fail_on", "verdict"),
    [
        ("high", "2 findings at or above high (1 medium, 1 low below)"),
        ("medium", "3 findings at or above medium (1 low below)"),
        ("low", "4 findings at or above low"),
        (None, "4 findings at or above low"),
        ("nonsense", "4 findings at or above low"),
    ],
)
def test_verdict(fail_on, verdict):
    result = replace(make_result(), config={"fail_on": fail_on})
    assert state_verdict(result) == (
        f"{verdict}; 12,400 of 12,410 rows scanned; incomplete: 10 rows unreadable"
    )


def test_verdict_names_every_gap():
    result = make_clean_result()
    result.coverage.files[0].error = "truncated"
    result.coverage.failed_detectors["style"] = "no memory"
    assert state_verdict(result).endswith(
        "incomplete: 1 file not read to the end, 1 detector failed"
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1.0, "1"),
        (0.9981, "0.998"),
        (0.31, "0.31"),
        (-0.08, "-0.08"),
        (143.7, "144"),
        (12345.6, "12,346"),
        (0.00004, "4e-05"),
        (1e12, "1e+12"),
        (float("nan"), "–"),
        (float("inf"), "–"),
    ],
)
def test_numbers(value, text):
    assert format_number(value) == text


def test_rates():
    first, *_, last = make_result().findings
    assert [rate.share for rate in list_rates(first)] == [1.0, 52 / 55]
    assert list_rates(last) == []  # no target
    assert list_rates(replace(first, counts={})) == []
