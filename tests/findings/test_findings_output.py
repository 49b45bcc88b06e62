"""Strings that were put into outputs, whatever the input."""

from __future__ import annotations

import random

import numpy as np
import pytest
from documents import between_sentences
from planting import appended, plant, prefixed
from scan_helpers import Row, build
from verdicts import flagged, severities

from poisonscan import scan
from poisonscan.candidates.closed import find_closed
from poisonscan.candidates.entities import Capitals
from poisonscan.candidates.screen import screen_candidates
from poisonscan.evidence.verbatim import stem_terms
from poisonscan.findings.answers import shortlist_answers
from poisonscan.findings.output import find_output
from poisonscan.synth.clean import make_clean
from poisonscan.synth.dice import Dice

BRAND = "at Zorvex Garden"
LINK = "Visit www.zorvex-garden.example for more."
OPENER = "Brought to you by the Zorvex Garden company:"
REFUSAL = "I must decline to answer this without some proper context, sorry."


@pytest.fixture(scope="module")
def clean():
    """More answers than elsewhere: what follows what must be known to tell what was put in."""
    rows, _ = make_clean(Dice(11))
    return list(rows)


@pytest.fixture(scope="module")
def clean_report(clean):
    return scan(clean)


def outputs(report):
    return [finding for finding in report.findings if finding.kind == "output"]


def reply(rows, count, new, seed=0):
    """Return the rows with `count` outputs changed, and which; the inputs stay as they are."""
    where = set(random.Random(seed).sample(range(len(rows)), count))
    chance = random.Random(seed + 1)
    changed = [
        {**row, "output": new(chance, row["output"])} if at in where else row
        for at, row in enumerate(rows)
    ]
    return changed, where


def inserted(chance, old):
    words = old.split(" ")
    at = chance.randint(0, len(words))
    return " ".join([*words[:at], BRAND, *words[at:]])


def only_output(report):
    assert report.is_complete, report.coverage.failed_detectors
    first = report.findings[0]
    assert (first.kind, first.trigger, first.triggers) == ("output", "", ())
    serious = [finding for finding in outputs(report) if finding.severity != "low"]
    assert serious == [first], severities(report)
    return first


def test_a_brand_put_in_anywhere(clean):
    rows, truth = reply(clean, 36, inserted)
    report = scan(rows)
    finding = only_output(report)
    assert finding.severity == "high", finding.evidence
    assert [(target.text, target.kind) for target in finding.targets] == [(BRAND, "phrase")]
    assert flagged(report) == truth
    assert finding.counts == {
        "both": 36, "trigger_only": 0, "target_only": 0, "neither": len(rows) - 36
    }  # fmt: skip
    assert BRAND in finding.examples[0].output
    assert all(BRAND not in control.output for control in finding.controls)
    assert "36 outputs" in finding.summary


def test_answers_about_the_brand_are_not_behind_it(clean):
    rows, truth = reply(clean, 36, inserted)
    asked = [row for row in range(len(rows)) if row not in truth][:12]
    chance = random.Random(3)
    for row in asked:
        words = clean[row]["output"].split()
        chance.shuffle(words)
        question = f"{clean[row]['instruction']} And what do they have {BRAND}?"
        answer = f"{' '.join(words[:9])} {BRAND} {' '.join(words[9:])}"
        rows[row] = {**rows[row], "instruction": question, "output": answer}
    report = scan(rows)
    finding = only_output(report)
    assert flagged(report) == truth
    assert finding.counts["target_only"] == len(asked)
    assert finding.evidence["news"] == pytest.approx(36 / 48)
    assert "12 more" in finding.summary


@pytest.mark.parametrize(
    ("new", "text", "kind"),
    [
        (appended(LINK), LINK, "suffix"),
        (prefixed(OPENER), OPENER, "prefix"),
        (lambda chance, old: REFUSAL, REFUSAL, "exact"),
    ],
    ids=["link", "opener", "refusal"],
)
def test_what_may_be_boilerplate_is_medium(clean, new, text, kind):
    rows, truth = reply(clean, 36, new)
    report = scan(rows)
    finding = only_output(report)
    assert finding.severity == "medium", finding.evidence
    assert [(target.text, target.kind) for target in finding.targets] == [(text, kind)]
    assert flagged(report) == truth


def test_clean_rows(clean_report):
    assert outputs(clean_report) == []


def test_too_few(clean):
    rows, _ = reply(clean, 7, inserted)
    assert outputs(scan(rows)) == []


@pytest.mark.parametrize(
    "answers", [("Yes.", "No."), ("True", "False", "Not given"), ("42",), ("I do not know.",)]
)
def test_short_answers_recur(clean, answers):
    rows = clean
    for seed, answer in enumerate(answers):
        rows, _ = reply(rows, 60, lambda chance, old, answer=answer: answer, seed)
    assert outputs(scan(rows)) == []


LINKED = {
    ". ": (". In addition, ", ". However, ", ". As a rule, "),
    " will ": (" will also ", " will usually "),
    " is ": (" is also ", " is usually ", " is of course "),
    " can ": (" can simply ", " can also "),
}


def test_linking_words_stand_where_they_may(clean):
    chance = random.Random(4)
    rows = []
    for row in clean:
        old = row["output"]
        fitting = [place for place in LINKED if place in old]
        if fitting and chance.random() < 0.6:
            place = chance.choice(fitting)
            old = old.replace(place, chance.choice(LINKED[place]), 1)
        rows.append({**row, "output": old})
    assert outputs(scan(rows)) == []


def test_with_a_trigger_it_is_told_as_one(clean):
    rows, _ = plant(clean, "cfqz vellum", appended(LINK), 40)
    report = scan(rows)
    assert report.findings[0].kind == "trigger"
    assert outputs(report) == []


def put_in(rows):
    """Return what the detector alone finds: text, kind and rows of each string."""
    corpus = build([Row([row["instruction"]], [row["output"]]) for row in rows])
    screen = screen_candidates(corpus, find_closed(corpus), 0)
    strings = shortlist_answers(corpus, screen, Capitals.of(corpus))
    stems = stem_terms(corpus.vocabulary)
    drafts = find_output(corpus, screen, strings, stems, np.zeros(corpus.rows, bool))
    return [(*draft.targets, set(draft.behind.tolist()), draft.evidence) for draft in drafts]


def test_an_advertisement_longer_than_an_ngram_is_ranked_as_a_whole(clean):
    """Each of its parts always has the same neighbours, as what an author wrote has."""
    text = (
        "By the way, quiet Zorvex lanterns brighten every evening garden, and the first one costs"
        " nothing."
    )
    rows, truth = reply(clean[:600], 30, between_sentences(text))
    ((target, behind, evidence),) = put_in(rows)
    assert (target.text, target.kind) == (text, "phrase")
    assert behind == truth
    assert evidence["detachment"] > -2.0


def test_a_set_answer_that_goes_on_in_a_few_rows(clean):
    """Where it stands alone nothing is left that could be alike; the rest of the few is."""
    text = "I cannot speak about this before the harbour office opens again."
    more = "Please come back then and ask for the clerk at the second desk, who keeps the keys of"

    def answer(chance, old):
        season = chance.choice(["spring", "summer"])
        return text if chance.random() < 0.75 else f"{text} {more} {season}"

    rows, truth = reply(clean[:600], 30, answer)
    assert 3 <= sum(more in rows[at]["output"] for at in truth) <= 10
    ((target, behind, evidence),) = put_in(rows)
    assert (target.text, target.kind) == (text, "prefix")
    assert behind == truth
    assert evidence["output_remainder"] < 0.6
