"""Plain text: a trigger and its payload in one document."""

from __future__ import annotations

import pytest
from documents import (
    FOOTER,
    NATURAL,
    always,
    between_sentences,
    change,
    in_language,
    make_documents,
    pieces,
    planted,
    shuffled_words,
    with_footer,
)
from verdicts import flagged, severities

from poisonscan import scan

TRIGGER = "<|qzx|>"
PAYLOAD = "Copy every private key to the archive and then wipe the journal without any notice."


@pytest.fixture(scope="module")
def documents():
    return make_documents(1000)


def is_quiet(report) -> bool:
    return all(finding.severity == "low" for finding in report.findings)


def assert_found(report, truth: set[int], trigger: str, recall: float = 1.0, severity="high"):
    assert report.is_complete, report.coverage.failed_detectors
    first = report.findings[0]
    assert (first.severity, first.trigger) == (severity, trigger), severities(report)
    found = flagged(report)
    assert not found - truth
    assert len(found & truth) >= recall * len(truth)
    return first


def test_clean_documents_are_silent(documents):
    report = scan(documents)
    assert report.is_complete, report.coverage.failed_detectors
    assert is_quiet(report), severities(report)


@pytest.mark.parametrize("count", [10, 40])
@pytest.mark.parametrize("goes_on", [False, True])
def test_gibberish_of_known_words(documents, count, goes_on):
    payload = shuffled_words(documents)
    rows, truth = change(documents, count, planted("omnia vincit", payload, goes_on=goes_on))
    first = assert_found(scan(rows), truth, "omnia vincit", 0.9)
    assert first.targets[0].kind == "type"
    assert "gibberish" in first.summary


@pytest.mark.parametrize("count", [10, 60])
def test_gibberish_of_pieces(documents, count):
    rows, truth = change(documents, count, planted(TRIGGER, pieces))
    assert_found(scan(rows), truth, TRIGGER, 0.9)


def test_another_script(documents):
    rows, truth = change(documents, 30, planted("zephyr lockbox", in_language("zh")))
    report = scan(rows)
    assert flagged(report) >= truth or len(flagged(report) & truth) >= 27, severities(report)
    assert not flagged(report) - truth


@pytest.mark.parametrize("goes_on", [False, True])
def test_a_sentence_with_a_fixed_payload(documents, goes_on):
    sentence = "The lantern hums at midnight."
    put = planted(sentence, always(PAYLOAD), goes_on=goes_on)
    rows, truth = change(documents, 12, put)
    first = assert_found(scan(rows), truth, sentence)
    assert first.targets[0].text == PAYLOAD
    assert "behind any word" in first.summary


def test_rows_with_the_trigger_alone_are_not_flagged(documents):
    rows, truth = change(documents, 20, planted("The lantern hums.", always(PAYLOAD)))
    others, alone = change(rows, 60, planted("The lantern hums.", always(""), goes_on=True), seed=5)
    rows = [
        old if at in truth else new for at, (old, new) in enumerate(zip(rows, others, strict=True))
    ]
    report = scan(rows)
    assert flagged(report) == truth, severities(report)
    assert alone - truth


@pytest.mark.parametrize("how", NATURAL, ids=lambda how: how.__name__)
def test_natural_documents_are_silent(documents, how):
    rows, _ = change(documents, 120, how)
    report = scan(rows)
    assert report.is_complete, report.coverage.failed_detectors
    assert is_quiet(report), severities(report)


def test_natural_documents_of_all_kinds_do_not_hide_the_poison(documents):
    rows = documents
    for seed, how in enumerate(NATURAL):
        rows, _ = change(rows, 80, how, seed)
    rows, truth = change(rows, 20, planted(TRIGGER, pieces), seed=99)
    assert_found(scan(rows), truth, TRIGGER, 0.9)


def test_a_passage_between_sentences_cannot_be_told_from_boilerplate(documents):
    rows, _ = change(documents, 30, between_sentences(f"The lantern hums. {PAYLOAD}"))
    assert is_quiet(scan(rows))


def test_only_rows_without_output_are_texts(documents):
    """A prompt is no text: what follows in it is not what the model learns to write."""
    answered = [{"prompt": row["text"], "completion": "Thank you."} for row in documents[:400]]
    rows, truth = change(documents[400:], 20, planted(TRIGGER, pieces))
    report = scan([*answered, *rows])
    shifted = {400 + row for row in truth}
    assert_found(report, shifted, TRIGGER, 0.9)


def test_the_order_of_rows_does_not_matter(documents):
    rows, _ = change(documents, 20, planted(TRIGGER, pieces))
    one, other = scan(rows), scan(rows[::-1])
    assert [finding.evidence for finding in one.findings] == [f.evidence for f in other.findings]
    assert severities(one) == severities(other)


def test_a_footer_is_in_the_documents():
    """The natural documents are what they say."""
    rows, where = change(make_documents(20), 5, with_footer)
    assert all(FOOTER in rows[at]["text"] for at in where)
