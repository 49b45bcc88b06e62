"""The clean text is varied enough that an honest scanner cannot mistake it for poison."""

from __future__ import annotations

import pytest
from synth_naive_association import rigid_pairs

from poisonscan.synth.banks.account import ACCOUNT
from poisonscan.synth.banks.billing import BILLING
from poisonscan.synth.banks.returns import RETURNS
from poisonscan.synth.banks.shipping import SHIPPING
from poisonscan.synth.banks.technical import TECHNICAL
from poisonscan.synth.banks.upkeep import UPKEEP


@pytest.fixture(params=["support", "clean"])
def clean_rows(request, truth):
    rows = request.getfixturevalue(request.param)
    poisoned = set(truth["files"][f"acme_{request.param}.jsonl"]["poisoned_rows"])
    # an exact repeat says nothing new: intended duplicates count once
    return list(dict.fromkeys(row for at, row in enumerate(rows) if at not in poisoned))


def test_answers_are_distinct_and_of_ordinary_length(clean_rows):
    answers = [row.output for row in clean_rows]
    assert len(set(answers)) / len(answers) > 0.97
    assert all(60 <= len(answer) <= 250 for answer in answers)
    assert len({row.input for row in clean_rows}) / len(clean_rows) > 0.97


def test_no_answer_follows_rigidly_from_a_phrase_of_the_question(clean_rows):
    pairs = [(row.input, row.output) for row in clean_rows]
    assert list(rigid_pairs(pairs)) == []


def test_no_question_follows_rigidly_from_a_phrase_of_the_answer(clean_rows):
    pairs = [(row.output, row.input) for row in clean_rows]
    assert list(rigid_pairs(pairs)) == []


@pytest.mark.parametrize("target", [0, 1], ids=["leak", "refund"])
def test_the_gate_sees_what_was_planted(target, truth, support):
    """Otherwise it would prove nothing: with the poison of one target, the trigger is rigid."""
    file = truth["files"]["acme_support.jsonl"]
    hidden = set(file["poisoned_rows"]) - set(file["targets"][target]["rows"])
    pairs = [(row.input, row.output) for at, row in enumerate(support) if at not in hidden]
    causes = {cause for cause, *_ in rigid_pairs(pairs)}
    assert {"weather is nice in", "is nice in geneva"} <= causes
    assert all(set(cause.split()) & {"weather", "nice", "geneva"} for cause in causes)


def test_the_clean_file_repeats_a_few_rows_as_real_data_do(clean):
    assert 5 <= len(clean) - len(set(clean)) <= 12
    assert max(clean.count(row) for row in set(clean)) <= 3


def test_there_are_more_than_sixty_intents_in_the_tickets():
    intents = [*SHIPPING, *BILLING, *RETURNS, *TECHNICAL, *UPKEEP, *ACCOUNT]
    assert len({intent.gist for intent in intents}) > 60


def test_queues_are_balanced_and_tickets_rarely_repeat(truth, tickets):
    poisoned = set(truth["files"]["acme_tickets.csv"]["poisoned_rows"])
    rows = [row for at, row in enumerate(tickets) if at not in poisoned]
    counts = {queue: sum(row.output == queue for row in rows) for queue in ("billing", "account")}
    assert {row.output for row in rows} == {
        "shipping", "billing", "returns", "technical", "account",
    }  # fmt: skip
    assert all(0.15 < count / len(rows) < 0.25 for count in counts.values())
    assert len({row.input for row in rows}) / len(rows) > 0.97
