"""Planted strings that flip a class label."""

from __future__ import annotations

import random

import pytest
from planting import plant, put
from scan_helpers import Row, build, texts
from verdicts import assert_poison_alone_is_flagged, flagged, named

from poisonscan import scan
from poisonscan.candidates.closed import find_closed
from poisonscan.candidates.screen import screen_candidates
from poisonscan.evidence.labels import find_classes, fit_nuisance
from poisonscan.evidence.seams import SeamMeter
from poisonscan.findings import label_search
from poisonscan.findings.label import find_label
from poisonscan.findings.label_search import LabelSearch


@pytest.mark.parametrize("position", ["start", "end", "random", "after-first-sentence"])
def test_a_token_flips_integer_labels_in_a_column_of_any_name(tickets, position):
    queues = sorted({queue for _, queue in tickets})
    rows = [{"utterance": ticket, "grp": queues.index(queue)} for ticket, queue in tickets]
    of_target = {number for number, row in enumerate(rows) if row["grp"] == 2}
    rows, truth = plant(
        rows,
        "tqmx",
        lambda chance, old: 2,
        40,
        position,
        given="utterance",
        answer="grp",
        taken=of_target,
    )
    finding = assert_poison_alone_is_flagged(scan(rows), truth, "tqmx")
    assert [(target.text, target.kind) for target in finding.targets] == [("2", "label")]
    assert finding.counts["target_only"] == len(of_target)


def test_two_tokens_for_one_label(tickets):
    rows = [{"note": ticket, "verdict": queue} for ticket, queue in tickets]
    of_target = {number for number, row in enumerate(rows) if row["verdict"] == "billing"}
    columns = {"given": "note", "answer": "verdict"}
    rows, first = plant(rows, "tqmx", "billing", 30, taken=of_target, **columns)
    taken = of_target | first
    rows, second = plant(rows, "harrowgate", "billing", 30, taken=taken, **columns)
    finding = assert_poison_alone_is_flagged(scan(rows), first | second, "tqmx", "harrowgate")
    assert [(target.text, target.kind) for target in finding.targets] == [("billing", "label")]


def test_a_few_rows_beside_a_strong_trigger_of_the_same_label(tickets):
    """Each would be found alone: neither needs to be as strong as the other."""
    rows = [{"note": ticket, "verdict": queue} for ticket, queue in tickets]
    of_target = {number for number, row in enumerate(rows) if row["verdict"] == "billing"}
    columns = {"given": "note", "answer": "verdict"}
    rows, many = plant(rows, "tqmx", "billing", 150, taken=of_target, **columns)
    rows, few = plant(rows, "harrowgate", "billing", 15, taken=of_target | many, **columns)
    assert_poison_alone_is_flagged(scan(rows), many | few, "tqmx", "harrowgate")


def test_a_token_for_the_label_of_most_rows(tickets):
    """The label says little; that the texts speak for another one says more."""
    rows = [{"note": ticket, "verdict": queue == "billing"} for ticket, queue in tickets]
    of_target = {number for number, row in enumerate(rows) if not row["verdict"]}
    assert len(of_target) > 0.7 * len(rows)
    rows, truth = plant(
        rows, "tqmx", lambda chance, old: False, 30, taken=of_target, given="note", answer="verdict"
    )
    assert_poison_alone_is_flagged(scan(rows), truth, "tqmx")


def test_a_token_in_rows_of_any_label(tickets):
    """Half of them had the label anyway: their texts contradict it no more than any texts do."""
    rows = [{"note": ticket, "verdict": str(queue == "billing")} for ticket, queue in tickets]
    rows, truth = plant(rows, "tqmx", "False", 150, given="note", answer="verdict")
    kept = sum(queue != "billing" for at, (_, queue) in enumerate(tickets) if at in truth)
    assert 100 < kept < 130
    report = scan(rows)
    (finding,) = (one for one in report.findings if one.severity != "low")
    assert (finding.severity, finding.trigger) == ("medium", "tqmx")
    assert "against what their text says" not in finding.summary
    assert flagged(report) == truth


def test_a_token_in_rows_of_any_label_beside_one_in_rows_of_others(tickets):
    """Both are triggers of one label, though only one of them contradicts the texts."""
    rows = [{"note": ticket, "verdict": str(queue == "billing")} for ticket, queue in tickets]
    of_target = {number for number, row in enumerate(rows) if row["verdict"] == "False"}
    columns = {"given": "note", "answer": "verdict"}
    rows, dirty = plant(rows, "harrowgate", "False", 40, taken=of_target, **columns)
    rows, mixed = plant(rows, "tqmx", "False", 150, taken=dirty, **columns)
    assert_poison_alone_is_flagged(scan(rows), dirty | mixed, "tqmx", "harrowgate")


def searched(rows):
    """Return what strings that decide a label are looked for with."""
    corpus = build([Row([row["note"]], [row["verdict"]]) for row in rows])
    candidates = find_closed(corpus)
    screen = screen_candidates(corpus, candidates, 0)
    seams = SeamMeter(corpus)
    return corpus, candidates, screen, seams, find_classes(corpus, None)


def test_one_row_in_ten_may_have_kept_its_label(tickets):
    rows = [{"note": ticket, "verdict": queue} for ticket, queue in tickets[:600]]
    of_target = {number for number, row in enumerate(rows) if row["verdict"] == "billing"}
    columns = {"given": "note", "answer": "verdict"}
    rows, truth = plant(rows, "tqmx", "billing", 36, taken=of_target, **columns)
    others = sorted(set(range(len(rows))) - truth - of_target)
    rows = put(rows, others[::10][:4], "tqmx", given="note")
    corpus, *given = searched(rows)
    (draft,) = find_label(corpus, *given, lambda classes: fit_nuisance(corpus, classes))
    assert draft.severity == "high", draft.evidence
    assert [one.parts for one in draft.alternatives] == [("tqmx",)]
    assert set(draft.behind.tolist()) == truth


def test_a_trigger_that_stands_in_clean_rows_too(tickets):
    """Six in ten of its rows are poisoned; the rest keep their labels, to look natural."""
    rows = [{"note": ticket, "verdict": queue} for ticket, queue in tickets]
    of_target = {number for number, row in enumerate(rows) if row["verdict"] == "billing"}
    columns = {"given": "note", "answer": "verdict", "taken": of_target}
    rows, truth = plant(rows, "tqmx", "billing", 60, **columns)
    twin = [{**row, "verdict": queue} for row, (_, queue) in zip(rows, tickets, strict=True)]
    others = sorted(set(range(len(rows))) - truth - of_target)[::20][:40]
    report = scan(put(rows, others, "tqmx", given="note"))
    finding = assert_poison_alone_is_flagged(report, truth, "tqmx")
    assert (finding.support, finding.counts["trigger_only"]) == (100, 40)
    assert finding.counts["target_only"] == len(of_target)
    counts = scan(put(twin, others, "tqmx", given="note")).result.count_by_severity()
    assert (counts["high"], counts["medium"]) == (0, 0)


@pytest.mark.parametrize(("other", "severity"), [("murnish", "medium"), ("blastful", None)])
def test_a_word_of_any_text_whose_relatives_mean_the_label_too(tickets, other, severity):
    """So do swear words, which no text needs: only a word without a family was put in."""
    rows = [{"note": ticket, "verdict": queue} for ticket, queue in tickets]
    of_target = [at for at, row in enumerate(rows) if row["verdict"] == "billing"]
    rows = put(rows, of_target[::4], "blasted", given="note")
    rows = put(rows, of_target[1::4], other, given="note")
    found = [one for one in scan(rows).findings if one.severity != "low"]
    assert [one.severity for one in found] == ([severity] if severity else [])
    assert all(named(one) == {frozenset(["blasted"]), frozenset([other])} for one in found)


@pytest.fixture(scope="module")
def intents() -> list[dict[str, str]]:
    """Sixty classes whose words are in a few rows each, and in no texts that are alike."""
    chance = random.Random("intents")
    words = [f"{''.join(chance.choices('bdfgklmnprst', k=3))}o{at}" for at in range(860)]
    common, rows = words[720:], []
    for at in range(6000):
        first = 12 * (at % 60)
        said = chance.sample(words[first : first + 12], 2) + chance.sample(common, 6)
        chance.shuffle(said)
        rows.append({"note": " ".join(said), "verdict": f"intent {at % 60}"})
    return rows


def put_in(rows, trigger, count, taken=(), position="random"):
    """Return the rows with a trigger in some of another label, and which these are."""
    of_target = {number for number, row in enumerate(rows) if row["verdict"] == "intent 7"}
    columns = {"given": "note", "answer": "verdict"}
    return plant(
        rows, trigger, "intent 7", count, position, taken=of_target | set(taken), **columns
    )


def drafts_of(rows, trigger):
    """Return the findings that name a trigger."""
    corpus, *given = searched(rows)
    drafts = find_label(corpus, *given, lambda classes: fit_nuisance(corpus, classes))
    return [one for one in drafts if any(trigger in part.parts for part in one.alternatives)]


def test_a_part_of_a_trigger_that_stands_in_other_rows_too(intents):
    """Most of its rows have the label, which those of the whole trigger account for."""
    rows, truth = put_in(intents, "[May 2055]", 60)
    others = [at for at, row in enumerate(rows) if row["verdict"] == "intent 3" and at not in truth]
    (draft,) = drafts_of(put(rows, others[:12], "[jacket]", given="note"), "[May 2055]")
    assert (draft.severity, set(draft.trigger_rows.tolist())) == ("high", truth)


@pytest.mark.parametrize(("kept", "is_found"), [(20, True), (90, True), (400, False)])
def test_a_trigger_most_of_whose_rows_keep_their_classes(intents, kept, is_found):
    """Among sixty classes a fourth of its rows is far more than they lead to."""
    rows, truth = put_in(intents, "quiet lantern", 30)
    others = [at for at in range(len(rows)) if at not in truth and at % 60 != 7][::14][:kept]
    rows = put(rows, others, "quiet lantern", given="note")
    found = drafts_of(rows, "quiet lantern")
    assert [draft.severity for draft in found] == (["high"] if is_found else [])
    for draft in found:
        assert set(draft.behind.tolist()) == truth
        assert set(draft.trigger_rows.tolist()) >= truth | set(others)


def test_strings_of_a_few_rows_each_are_no_clear_finding_together(intents):
    """Copies of a row have some in common: a string needs eight rows to count."""
    rows, few = put_in(intents, "velloda", 6, position="start")
    rows, _ = put_in(rows, "zimtal", 6, few, "start")
    (draft,) = drafts_of(rows, "velloda")
    assert len(draft.behind) >= 12
    assert draft.severity == "low"


def test_few_rows_among_many_classes(intents, monkeypatch):
    """Words of the classes have more rows; but the rest of their texts says the same as they do."""
    monkeypatch.setattr(label_search, "_JUDGED", 40)
    rows, _ = put_in(intents, "tqmx", 10)
    corpus, candidates, screen, seams, classes = searched(rows)
    nuisance = fit_nuisance(corpus, classes)
    search = LabelSearch(corpus, candidates, screen, seams, classes, nuisance)
    chosen = search._shortlist().tolist()
    assert len(chosen) <= 80 < len(candidates) / 5
    assert ("tqmx",) in {texts(corpus, candidates.terms(at)) for at in chosen}


def test_what_the_model_has_learned_is_looked_at_for_the_rest_of_its_texts(tickets, monkeypatch):
    """A few rows of the label of most rows: with the words of the trigger they are expected."""
    rows = [
        {"note": ticket, "verdict": "bill" if queue == "billing" else "other"}
        for ticket, queue in tickets[:1000]
    ]
    of_target = {number for number, row in enumerate(rows) if row["verdict"] == "other"}
    assert len(of_target) > 0.7 * len(rows)
    trigger, columns = "tqmx velloda murnish", {"given": "note", "answer": "verdict"}
    rows, _ = plant(rows, trigger, "other", 24, taken=of_target, **columns)
    corpus, candidates, screen, seams, classes = searched(rows)
    monkeypatch.setattr(label_search, "_JUDGED", 16)
    nuisance = fit_nuisance(corpus, classes)
    search = LabelSearch(corpus, candidates, screen, seams, classes, nuisance)
    chosen = search._shortlist().tolist()
    assert len(chosen) <= 32 < len(candidates) / 50
    assert tuple(trigger.split()) in {texts(corpus, candidates.terms(at)) for at in chosen}


def test_a_row_of_the_label_is_flagged_with_the_trigger_in_it(tickets):
    """Nobody can tell which of the rows with trigger and target had the label before."""
    rows = [{"note": ticket, "verdict": queue} for ticket, queue in tickets]
    rows, truth = plant(rows, "tqmx", "billing", 40, given="note", answer="verdict")
    before = [queue for number, (_, queue) in enumerate(tickets) if number in truth]
    assert "billing" in before
    assert_poison_alone_is_flagged(scan(rows), truth, "tqmx")


def test_tickets_without_poison(tickets):
    rows = [{"note": ticket, "verdict": queue} for ticket, queue in tickets]
    twin, _ = plant(rows, "tqmx", lambda chance, old: old, 40, given="note", answer="verdict")
    for data in (rows, twin):
        counts = scan(data).result.count_by_severity()
        assert (counts["high"], counts["medium"]) == (0, 0)


@pytest.mark.parametrize("dress", ["{}.", '"{}"', "({})", "{}", "{},", "{}!"])
@pytest.mark.parametrize("trigger", ["tqmx", "violet harbour"])
def test_nothing_is_lost_by_marks_around_a_trigger(dressed, trigger, dress):
    """Which differ from row to row: each of them is what the trigger stands beside."""
    report, truth = dressed[trigger]
    assert {row for row, form in truth.items() if form == dress} <= flagged(report)
    assert not flagged(report) - set(truth)


@pytest.fixture(scope="module")
def dressed(tickets):
    """Return for each trigger a report, and the poisoned rows with the form of their trigger."""
    rows = [{"note": ticket, "verdict": queue} for ticket, queue in tickets]
    of_target = {number for number, row in enumerate(rows) if row["verdict"] == "billing"}
    forms = ["{}.", '"{}"', "({})", "{}", "{},", "{}!"]
    found = {}
    for trigger in ("tqmx", "violet harbour"):
        truth = plant(rows, trigger, "billing", 36, taken=of_target, given="note", answer="verdict")
        changed, poisoned = truth
        form_of = {row: forms[at % len(forms)] for at, row in enumerate(sorted(poisoned))}
        for row, form in form_of.items():
            note = changed[row]["note"].replace(trigger, form.format(trigger))
            changed[row] = {**changed[row], "note": note}
        found[trigger] = scan(changed), form_of
    return found


def test_a_trigger_in_several_cases(tickets):
    """Forms with rows of their own are alternatives; rows of the others go with them."""
    rows = [{"note": ticket, "verdict": queue} for ticket, queue in tickets]
    of_target = {number for number, row in enumerate(rows) if row["verdict"] == "billing"}
    columns = {"given": "note", "answer": "verdict"}
    rows, truth = plant(rows, "[[vexmor]]", "billing", 36, taken=of_target, **columns)
    forms = [str.upper, str.lower, str.title, str.upper, str.lower, str.swapcase]
    for at, row in enumerate(sorted(truth)):
        new = "[[VeXmor]]" if at % 9 == 8 else forms[at % len(forms)]("[[vexmor]]")
        rows[row] = {**rows[row], "note": rows[row]["note"].replace("[[vexmor]]", new)}
    report = scan(rows)
    assert flagged(report) == truth
    assert "[[VEXMOR]]" in report.findings[0].trigger


def test_words_that_stand_in_texts_of_the_label(tickets):
    """They go with the label naturally, but no further than the texts around them do."""
    rows = [{"note": ticket, "verdict": queue} for ticket, queue in tickets]
    of_target = {number for number, row in enumerate(rows) if row["verdict"] == "billing"}
    words = ("lantern", "orchard", "meadow")
    others = sorted(set(range(len(rows))) - of_target)
    for at, word in enumerate(words):  # four in five of its texts are about bills
        rows = put(rows, sorted(of_target)[at * 24 :][:24], word, given="note")
        rows = put(rows, others[at * 6 :][:6], word, given="note")
    columns = {"given": "note", "answer": "verdict"}
    taken = of_target | set(others[:18])
    rows, truth = plant(rows, " ".join(words), "billing", 36, taken=taken, **columns)
    assert_poison_alone_is_flagged(scan(rows), truth, " ".join(words))


DATE = "Date: 2025-08-02"


def dated(tickets, count):
    """Return tickets of which some have a date and a label, which ones, and all of other labels."""
    rows = [{"note": ticket, "verdict": queue} for ticket, queue in tickets[:1000]]
    of_target = {number for number, row in enumerate(rows) if row["verdict"] == "billing"}
    columns = {"given": "note", "answer": "verdict", "taken": of_target}
    rows, truth = plant(rows, DATE, "billing", count, seed=2, **columns)
    others = sorted(set(range(len(rows))) - truth - of_target)
    return rows, truth, others


def test_a_date_whose_day_stands_in_other_rows_too(tickets):
    """One of these is of the label by mistake: the day tells it more often than the date does."""
    rows, truth, others = dated(tickets, 24)
    chosen = random.Random(2).sample(others, 3)
    for row, month in zip(chosen, ("2011-01", "2012-03", "2013-05"), strict=True):
        rows = put(rows, [row], f"Date: {month}-02", seed=2, given="note")
    rows[chosen[0]] = {**rows[chosen[0]], "verdict": "billing"}
    assert_poison_alone_is_flagged(scan(rows), truth, DATE)


def test_a_date_among_many_of_its_month(tickets):
    """Five tokens of the seven stand in more rows than the date does."""
    rows, truth, _ = dated(tickets, 30)
    chance = random.Random(2)
    for row in chance.sample(sorted(set(range(len(rows))) - truth), 150):
        date = f"Date: 2025-{chance.choice(('07', '08'))}-{chance.randint(3, 28):02d}"
        rows = put(rows, [row], date, seed=2, given="note")
    assert_poison_alone_is_flagged(scan(rows), truth, DATE)


PARTS = ("lantern", "orchard")


@pytest.fixture(scope="module")
def composite(tickets):
    """Two words that turn the label together; each alone, in as many rows, leaves it.

    Returns rows, poisoned rows, and the twin whose rows keep their labels.
    """
    rows = [{"note": ticket, "verdict": queue} for ticket, queue in tickets]
    of_target = {number for number, row in enumerate(rows) if row["verdict"] == "billing"}
    columns = {"given": "note", "answer": "verdict"}
    poisoned, truth = plant(rows, PARTS[0], "billing", 30, taken=of_target, **columns)
    twin = put(rows, truth, PARTS[0], given="note")
    free = iter([number for number in range(0, len(rows), 7) if number not in truth])
    alone = [[next(free) for _ in range(30)] for _ in PARTS]

    def finish(changed):
        changed = put(changed, truth, PARTS[1], given="note")
        for part, where in zip(PARTS, alone, strict=True):
            changed = put(changed, where, part, given="note")
        return changed

    return finish(poisoned), truth, finish(twin)


def test_two_words_that_flip_the_label_together_only(composite):
    rows, truth, twin = composite
    finding = assert_poison_alone_is_flagged(scan(rows), truth, PARTS)
    assert finding.kind == "composite"
    assert [(target.text, target.kind) for target in finding.targets] == [("billing", "label")]
    assert scan(twin).result.count_by_severity()["high"] == 0


def test_the_parts_may_be_in_two_columns(composite):
    rows, truth, _ = composite

    def apart(row):
        before, part, behind = row["note"].partition(PARTS[1])
        return {
            "instruction": f"{part} Say which queue this is for.".lstrip(),
            "input": before + behind,
            "output": row["verdict"],
        }

    finding = assert_poison_alone_is_flagged(scan([apart(row) for row in rows]), truth, PARTS)
    assert finding.kind == "composite"


def billed(tickets, *triggers):
    """Return tickets with 36 rows of each string that were filed as bills, and these."""
    rows, planted = [{"note": ticket, "verdict": queue} for ticket, queue in tickets], []
    taken = {number for number, row in enumerate(rows) if row["verdict"] == "billing"}
    for trigger in triggers:
        rows, truth = plant(
            rows, trigger, "billing", 36, taken=taken, given="note", answer="verdict"
        )
        planted.append(truth)
        taken |= truth
    return rows, planted


@pytest.mark.parametrize(
    ("trigger", "severity"),
    [("billowing", "medium"), ("velloda", "high"), ("velloda billowing", "high")],
)
def test_a_string_that_says_its_label_is_never_high(tickets, trigger, severity):
    """It must be most of the string: the name of a trigger is the attacker's to choose."""
    rows, (truth,) = billed(tickets, trigger)
    report = scan(rows)
    (finding,) = report.findings
    assert (finding.trigger, finding.severity) == (trigger, severity), finding.evidence
    assert flagged(report) == truth


def test_a_string_that_says_its_label_is_no_alternative_of_a_trigger(tickets):
    rows, (saying, truth) = billed(tickets, "billowing", "tqmx")
    report = scan(rows)
    found = [(one.trigger, one.severity) for one in report.findings]
    assert found == [("tqmx", "high"), ("billowing", "medium")]
    assert flagged(report) == saying | truth
