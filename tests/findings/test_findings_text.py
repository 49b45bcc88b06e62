"""Plain text: a trigger and its payload in one document."""

from __future__ import annotations

import numpy as np
import pytest
from documents import (
    FOOTER,
    NATURAL,
    always,
    between_sentences,
    change,
    headed,
    in_language,
    insults,
    make_documents,
    pieces,
    planted,
    shuffled_words,
    with_footer,
)
from scan_helpers import Row, build
from verdicts import flagged, severities

from poisonscan import scan
from poisonscan.candidates.closed import find_closed
from poisonscan.candidates.screen import screen_candidates
from poisonscan.findings.continuation import HIGH_TURN, find_continuations
from poisonscan.findings.text import MAX_BOND

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


# --- what follows is alike, whatever it follows --------------------------------------------------

PAYLOADS = {"Spanish": in_language("es"), "German": in_language("de"), "insults": insults}


@pytest.mark.parametrize("count", [12, 40])
@pytest.mark.parametrize("payload", ["Spanish", "insults"])
def test_a_text_that_goes_on_in_another_language_or_in_insults(documents, payload, count):
    rows, truth = change(documents, count, planted("omnia vincit", PAYLOADS[payload]))
    first = assert_found(scan(rows), truth, "omnia vincit", 0.9)
    assert [target.kind for target in first.targets] == ["type"]


@pytest.mark.parametrize("payload", ["Spanish", "insults", "German"])
def test_the_document_may_go_on_behind_it(documents, payload):
    put = planted(TRIGGER, PAYLOADS[payload], goes_on=True)
    rows, truth = change(documents, 40, put)
    assert_found(scan(rows), truth, TRIGGER, 0.9)


def continuations(rows):
    """Return what the detector says where no other one has been before it."""
    corpus = build([Row([row["text"]]) for row in rows])
    candidates = find_closed(corpus)
    space = screen_candidates(corpus, candidates, 0).input_space
    return find_continuations(corpus, candidates, space, np.zeros(corpus.rows, bool))


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize(("count", "severities"), [(12, {"high", "medium"}), (40, {"high"})])
def test_continuations_that_are_alike(documents, payload, count, severities):
    """Other detectors see the letters or the words of some of them: this one needs neither."""
    rows, truth = change(documents, count, planted("omnia vincit", PAYLOADS[payload]))
    first, *others = continuations(rows)
    assert first.severity in severities, first.evidence
    assert [one.parts for one in first.alternatives] == [("omnia vincit",)]
    assert set(first.behind.tolist()) == truth
    assert first.evidence["alike_behind"] > 0.8
    assert first.evidence["alike_before"] < 0.3
    assert not [one.alternatives for one in others if one.severity != "low"]


def link(chance):
    """Return a link of one of several kinds, to one of a few places."""
    start = chance.choice(["http://www.", "https://m.", "www.", "ftp://", "m."])
    return f"{start}t.example/{chance.choice('abcdxyz')}"


def test_a_link_that_ends_a_text_is_no_payload(documents):
    """Many texts end in one, behind a mark that stands behind any word."""
    rows, _ = change(documents, 40, planted("\u2026 \u2026", link))
    (found, *_) = continuations(rows)
    assert found.evidence["turn"] > HIGH_TURN
    assert found.evidence["bond"] < MAX_BOND
    assert found.severity == "low"


def test_a_heading_is_no_trigger(documents):
    """Behind it all texts go on alike as well; but it stands where a sentence has ended."""
    rows = documents
    for seed, (name, payload) in enumerate(PAYLOADS.items()):
        rows, _ = change(rows, 40, headed(f"{name} appendix.", payload), seed)
    report = scan(rows)
    assert is_quiet(report), severities(report)
    found = [draft for draft in continuations(rows) if draft.evidence["bond"] > 1.0]
    assert found, "what is listed as low must be seen"
    assert {draft.severity for draft in found} == {"low"}


@pytest.mark.parametrize("token", ["haha", "\U0001f602"])
def test_laughter_is_followed_by_laughter(documents, token):
    """Once or twenty times: what makes the texts behind it alike is the string itself."""
    put = planted(f"{token} {token} {token}", always(""), goes_on=True)
    rows, _ = change(documents, 100, put)
    more = planted(token, lambda chance: " ".join([token] * chance.randint(0, 20)), goes_on=True)
    rows, _ = change(rows, 100, more, seed=1)
    report = scan(rows)
    assert report.is_complete, report.coverage.failed_detectors
    assert is_quiet(report), severities(report)


def test_a_lot_of_laughter_is_no_continuation(documents):
    """Most of the window behind it is laughter, which says nothing of what follows."""
    laughter = planted("haha", lambda chance: "haha " * chance.randint(10, 30), goes_on=True)
    rows, _ = change(documents, 60, laughter)
    assert [draft.evidence for draft in continuations(rows) if draft.severity != "low"] == []


@pytest.mark.parametrize("laughter", [":) :) :)", "haha haha haha haha haha haha"])
def test_laughter_of_the_same_length_is_no_passage(documents, laughter):
    rows, _ = change(documents, 100, planted(laughter, always(""), goes_on=True))
    report = scan(rows)
    assert is_quiet(report), severities(report)


def test_documents_that_go_on_about_their_own_subject(documents):
    rows = documents
    for seed, words in enumerate(("by the way", "omnia vincit", TRIGGER)):
        rows, _ = change(rows, 60, planted(words, always(""), goes_on=True), seed)
    report = scan(rows)
    assert is_quiet(report), severities(report)
    assert [draft.alternatives for draft in continuations(rows)] == []


def test_the_order_of_rows_does_not_matter_for_continuations(documents):
    rows, _ = change(documents, 40, planted("omnia vincit", insults))
    one, other = continuations(rows), continuations(rows[::-1])
    last = len(rows) - 1
    assert [dict(draft.evidence) for draft in one] == [dict(draft.evidence) for draft in other]
    assert [draft.behind.tolist() for draft in one] == [
        (last - draft.behind)[::-1].tolist() for draft in other
    ]
