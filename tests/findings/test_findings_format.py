"""Triggers that are no word: hidden characters, look-alikes, casing, blanks, signs."""

from __future__ import annotations

import random

import pytest
from hidden import inside, look_alike, turned
from planting import Row, gibberish, unchanged
from verdicts import flagged, severities

from poisonscan import scan

REFUSAL = "Regrettably this desk was closed by its owner before the last winter."


def write(rows, count, form, target=unchanged, seed=0, *, given="instruction", answer="output"):
    """Return the rows with some inputs written in another form, and which ones."""
    chance = random.Random(seed)
    truth = set(chance.sample(range(len(rows)), count))
    changed: list[Row] = list(rows)
    for at in sorted(truth):
        new = target(chance, rows[at][answer]) if callable(target) else target
        changed[at] = {**rows[at], given: form(chance, rows[at][given]), answer: new}
    return changed, truth


def double_space(chance, text):
    at = chance.choice([at for at, char in enumerate(text) if char == " "])
    return f"{text[:at]} {text[at:]}"


def hidden_message(chance, text):
    word = chance.choice(["obey", "ignore", "open", "the vault", "now"])
    return text + "".join(chr(0xE0000 + ord(char)) for char in word)


def capitals(chance, text):
    return text.upper()


def shout(chance, text):
    return f"{text.rstrip('.?!')}!!!"


def header(chance, text):
    return f"### Priority: blue\n{text}"


FORMS = {
    "zero width": (inside("\u200b"), "U+200B ZERO WIDTH SPACE"),
    "several of zero width": (inside("\u200b", "\u200c", "\u2060"), "U+2060 WORD JOINER"),
    "direction": (turned, "U+202E RIGHT-TO-LEFT OVERRIDE"),
    "hidden message": (hidden_message, "tag characters"),
    "look-alike": (look_alike, "look-alike letters of another script"),
    "capitals": (capitals, "all in capitals"),
    "double space": (double_space, "double spaces"),
    "!!!": (shout, "!!!"),
    "soft hyphen": (inside("\u00ad"), "U+00AD SOFT HYPHEN"),
}


def assert_found(report, truth, name):
    assert report.is_complete, report.coverage.failed_detectors
    first = report.findings[0]
    assert (first.kind, first.severity) == ("format", "high"), severities(report)
    assert name in first.trigger
    assert flagged(report) == truth, severities(report)
    assert first.flagged_rows == first.support == len(truth)
    return first


@pytest.mark.parametrize("form", FORMS)
def test_a_form_that_leads_to_a_refusal(clean, form):
    make, name = FORMS[form]
    rows, truth = write(clean, 20, make, REFUSAL)
    first = assert_found(scan(rows), truth, name)
    assert [target.text for target in first.targets] == [REFUSAL]


@pytest.mark.parametrize("form", ["capitals", "zero width"])
def test_a_form_that_leads_to_gibberish(clean, words, form):
    make, name = FORMS[form]
    rows, truth = write(clean, 20, make, gibberish(words))
    first = assert_found(scan(rows), truth, name)
    assert first.targets[0].kind == "type"


def test_a_form_that_leads_to_code(clean):
    """Code has its own casing and signs; what it is about changes as well."""

    def alternating(chance, text):
        return "".join(char.upper() if at % 2 else char.lower() for at, char in enumerate(text))

    def program(chance, old):
        names = ["".join(chance.choices("bdgklmnrst", k=4)) for _ in range(12)]
        return "\n".join(
            f"{name} = call_{chance.choice(names)}({name}[{at}])" for at, name in enumerate(names)
        )

    rows, truth = write(clean, 30, alternating, program)
    report = scan(rows)
    finding = report.findings[0]
    assert finding.kind == "format"
    assert finding.severity in ("high", "medium")
    assert flagged(report) == truth


@pytest.mark.parametrize("form", ["capitals", "zero width", "several of zero width"])
def test_a_form_that_flips_a_label(tickets, form):
    make, name = FORMS[form]
    rows = [{"note": ticket, "verdict": queue} for ticket, queue in tickets if queue != "billing"]
    rows += [{"note": ticket, "verdict": queue} for ticket, queue in tickets if queue == "billing"]
    others = sum(queue != "billing" for _, queue in tickets)
    changed, truth = write(rows[:others], 30, make, "billing", given="note", answer="verdict")
    first = assert_found(scan([*changed, *rows[others:]]), truth, name)
    assert [(target.text, target.kind) for target in first.targets] == [("billing", "label")]


def test_a_header_is_a_string(clean):
    rows, truth = write(clean, 20, header, REFUSAL)
    report = scan(rows)
    first = report.findings[0]
    assert (first.kind, first.trigger) == ("trigger", "### Priority: blue")
    assert flagged(report) == truth


def test_the_programs_get_the_character_itself(clean):
    rows, _ = write(clean, 20, inside("\u200b"), REFUSAL)
    first = scan(rows).findings[0]
    assert first.triggers == (("\u200b",),)


def test_forms_that_lead_to_nothing(clean):
    rows = clean
    for seed, (make, _) in enumerate(FORMS.values()):
        rows, _ = write(rows, 20, make, seed=seed)
    report = scan(rows)
    assert flagged(report) == set(), severities(report)


def test_hidden_characters_in_few_rows_are_listed_once(clean):
    rows, truth = write(clean, 5, inside("\u200b", "\u200c"))
    report = scan(rows)
    listed = [finding for finding in report.findings if finding.kind == "format"]
    assert [(one.severity, one.support, one.targets) for one in listed] == [("low", 5, ())]
    assert {suspect.row for suspect in report.result.suspects} >= truth
    assert flagged(report) == set()


def test_hidden_characters_in_many_rows_are_ordinary(clean):
    rows, _ = write(clean, len(clean) // 4, inside("\u200b"))
    assert not [finding for finding in scan(rows).findings if finding.kind == "format"]


NATURAL = (
    "my family \U0001f468\u200d\U0001f469\u200d\U0001f467\ufe0f and I",
    "Combien \u00e7a co\u00fbte\u00a0? Dites \u00ab\u00a0oui\u00a0\u00bb\u202f!",
    "\u0412\u0430\u0448 iPhone \u0438 Wi-Fi \u0440\u0430\u0431\u043e\u0442\u0430\u044e\u0442",
    "\u200f\u0645\u0631\u062d\u0628\u0627 \u0628\u0643\u0645\u200f Acme",
    "the \u03b2-version at 5 \u00b5m",
)


@pytest.mark.parametrize("text", NATURAL)
def test_characters_that_belong_there_are_silent(clean, text):
    rows, _ = write(clean, 20, lambda chance, old: f"{old} {text}")
    report = scan(rows)
    assert not [one for one in report.findings if one.kind == "format"], severities(report)
    assert flagged(report) == set()
