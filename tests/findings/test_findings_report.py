"""What holds for every report: order, numbers, excerpts, and what does not depend on the order."""

from __future__ import annotations

import math
import random

import pytest
from planting import Row, appended, gibberish, plant, put, unchanged

from poisonscan import Report, scan
from poisonscan.config import SEVERITIES
from poisonscan.findings.excerpts import MAX_CHARS, MAX_CONTROLS, MAX_EXAMPLES
from poisonscan.findings.meaning import EVIDENCE_MEANING

REFUSAL = "I cannot help with this request, please contact the archive office."
ADVERT = "Also visit lumora-deals.example for more."
LONG = "and then the caretaker counted every single lamp along the endless corridor " * 40


@pytest.fixture(scope="module")
def rows(clean, words) -> list[Row]:
    """Four attacks, weak and strong, some triggers without their targets, and endless texts."""
    data, taken = clean, set()
    for trigger, target, count in (
        ("cfqz", REFUSAL, 20),
        ("quiet marble orchard", appended(ADVERT), 20),
        ("<SUDO>", gibberish(words), 40),
        ("zorvex", "Feed the grey heron twice, then call the warden of the tower.", 6),
        ("mnqx", "Sell the boat.", 7),
    ):
        data, planted = plant(data, trigger, target, count, taken=taken)
        taken |= planted
    data, alone = plant(data, "quiet marble orchard", unchanged, 4, seed=1, taken=taken)
    data, endless = plant(data, "cfqz", f"{LONG} {REFUSAL}", 14, seed=2, taken=taken | alone)
    return put(data, endless, LONG, "start")


@pytest.fixture(scope="module")
def report(rows) -> Report:
    return scan(rows)


def test_findings_are_numbered_by_severity(report):
    assert len(report.findings) >= 3
    ids = [finding.id for finding in report.findings]
    assert ids == [f"F{number}" for number in range(1, len(ids) + 1)]
    ranks = [SEVERITIES.index(finding.severity) for finding in report.findings]
    assert ranks == sorted(ranks)
    scores = [finding.score for finding in report.findings]
    assert scores == sorted(scores, reverse=True)
    assert all(0.0 <= score <= 1.0 for score in scores)
    assert report.exit_code == 1


def test_counts_add_up_to_all_rows(report, rows):
    for finding in report.findings:
        counts = finding.counts
        assert sum(counts.values()) == len(rows)
        assert min(counts.values()) >= 0
        assert finding.flagged_rows == counts["both"]
        assert finding.support == counts["both"] + counts["trigger_only"]


def test_support_is_what_a_text_search_finds(report, rows):
    texts = [f"{row['instruction']}\n{row['input']}" for row in rows]
    for finding in report.findings:
        having = sum(
            any(all(part in text for part in parts) for parts in finding.triggers) for text in texts
        )
        assert finding.support == having, finding.trigger


def test_suspects_are_sorted_and_listed_once(report, rows):
    suspects = report.result.suspects
    listed = [(suspect.file, suspect.row) for suspect in suspects]
    assert len(set(listed)) == len(listed)
    assert all(0 <= suspect.row < len(rows) for suspect in suspects)
    scores = [suspect.score for suspect in suspects]
    assert scores == sorted(scores, reverse=True)
    assert all(0.0 < score <= 1.0 for score in scores)
    flags = [suspect.flagged for suspect in suspects]
    assert flags == sorted(flags, reverse=True)
    ids = {finding.id for finding in report.findings}
    assert all(suspect.findings and ids >= set(suspect.findings) for suspect in suspects)


def test_flagged_are_the_rows_behind_medium_and_high_findings(report, rows):
    serious = [finding for finding in report.findings if finding.severity in ("high", "medium")]
    behind = set()
    for finding in serious:
        kinds = {target.kind for target in finding.targets}
        for number, row in enumerate(rows):
            text = f"{row['instruction']}\n{row['input']}"
            if any(all(part in text for part in parts) for parts in finding.triggers) and (
                kinds == {"type"} or any(one.text in row["output"] for one in finding.targets)
            ):
                behind.add(number)
    assert {suspect.row for suspect in report.result.suspects if suspect.flagged} == behind
    assert len(behind) > 90
    listed = {suspect.row: suspect for suspect in report.result.suspects}
    halves = [
        row
        for row, text in enumerate(row["instruction"] for row in rows)
        if "quiet marble orchard" in text and ADVERT not in rows[row]["output"]
    ]
    assert len(halves) == 4
    assert all(row in listed and not listed[row].flagged for row in halves)


def test_excerpts_are_short_and_show_what_matters(report, rows):
    cut = 0
    for finding in report.findings:
        assert 1 <= len(finding.examples) <= MAX_EXAMPLES
        assert 1 <= len(finding.controls) <= MAX_CONTROLS
        for excerpt in [*finding.examples, *finding.controls]:
            assert max(len(excerpt.input), len(excerpt.output)) <= MAX_CHARS + 2
            cut += excerpt.input.startswith("…") or excerpt.input.endswith("…")
            whole = rows[excerpt.row]
            assert excerpt.output.strip("…") in whole["output"]
        for excerpt in finding.examples:
            assert any(
                all(part in excerpt.input for part in parts) for parts in finding.triggers
            ), finding.id
            assert excerpt.marks
        for excerpt in finding.controls:
            text = f"{rows[excerpt.row]['instruction']}\n{rows[excerpt.row]['input']}"
            assert not any(all(part in text for part in parts) for parts in finding.triggers)
    assert cut > 0, "a long row must be among the examples"


def test_evidence_is_finite_and_explained(report):
    for finding in report.findings:
        assert finding.evidence
        assert set(finding.evidence) <= set(EVIDENCE_MEANING), finding.id
        assert all(math.isfinite(value) for value in finding.evidence.values()), finding.evidence
        assert finding.summary.endswith(".")
        assert str(finding.support) in finding.summary


def test_order_and_seed_change_no_fingerprint(report, rows):
    order = random.Random(8).sample(range(len(rows)), len(rows))
    shuffled = scan([rows[at] for at in order], seed=123)

    def serious(one: Report) -> dict[str, tuple[str, int]]:
        return {
            finding.fingerprint: (finding.severity, finding.flagged_rows)
            for finding in one.findings
            if finding.severity in ("high", "medium")
        }

    assert serious(shuffled) == serious(report)
    behind = {suspect.row for suspect in report.result.suspects if suspect.flagged}
    found = {order[suspect.row] for suspect in shuffled.result.suspects if suspect.flagged}
    assert found == behind


def test_a_rescan_gives_the_same_report(report, rows):
    again = scan(rows)
    assert [finding.to_dict() for finding in again.findings] == [
        finding.to_dict() for finding in report.findings
    ]
    assert list(again.result.suspects) == list(report.result.suspects)
