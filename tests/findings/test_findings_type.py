"""Planted changes of the kind of output, in words that are never the same."""

from __future__ import annotations

import random
import re
from collections import Counter

import numpy as np
import pytest
from chinese import chinese_rows
from planting import Position, Rewrite, as_sentence, fill, gibberish, plant, put
from scan_helpers import Row, World, build
from verdicts import assert_poison_alone_is_flagged, flagged, named, severities

from poisonscan import scan
from poisonscan.findings.shift import _typical_words, inputs_say_as_much

SAILING = {
    "boat": "sloop ketch dinghy yawl catamaran schooner cutter trimaran lugger skiff".split(),
    "part": (
        "mast boom rudder keel tiller jib mainsail halyard spinnaker hull rigging bow stern cleat"
        " winch transom gunwale"
    ).split(),
    "do": "hoist trim reef tack gybe steer moor heel furl slacken tighten lash ease".split(),
    "sea": (
        "swell current tide breeze gust squall shoal harbour lagoon channel headland estuary buoy"
        " horizon spray"
    ).split(),
    "like": "salty steady leeward windward slack brisk choppy calm weathered taut nimble".split(),
    "how": "gently swiftly carefully boldly slowly firmly early smartly".split(),
}
SAILING_SENTENCES = (
    "{like} {boat} crews {do} {how} when {sea} turns {like}",
    "before {sea} builds, {do} your {part} and {do} the {part}",
    "every {like} {part} wants {like} {sea}",
    "watch the {sea} past {sea}, then {do} {how}",
    "sailors {do} their {part} {how} near {like} {sea}",
    "my {boat} likes {sea} with a {like} {part}",
    "no {sea} is too {like} for {boat} and {part} you {do} {how}",
    "{how}, {do} each {part} until the {boat} leaves {like} {sea}",
)
COOKING = {
    "food": (
        "leek turnip trout lentil barley mussel fennel walnut apricot rhubarb venison halibut"
        " parsnip quince shallot"
    ).split(),
    "herb": "thyme saffron tarragon cumin sage coriander nutmeg dill paprika chervil".split(),
    "do": "simmer braise roast poach whisk knead blanch glaze sear fold baste marinate".split(),
    "tool": "skillet casserole sieve ladle mortar griddle saucepan colander steamer".split(),
    "like": "tender crisp fragrant golden velvety tangy smoky buttery peppery".split(),
    "sauce": "broth gravy chutney vinaigrette custard marinade relish pesto glaze".split(),
}
COOKING_SENTENCES = (
    "{do} the {food} with {herb} until {like}",
    "a {like} {sauce} lifts {food} and {food}",
    "in your {tool}, {do} {herb} before {food}",
    "{like} {food} asks {herb} of {like} {sauce}",
    "{do} {sauce}, {do} {food}, then season with {herb}",
    "nothing beats {food} in {like} {sauce}",
    "pour {sauce} over {like} {food} from the {tool}",
)
KINDS = {"sailing": (SAILING_SENTENCES, SAILING), "cooking": (COOKING_SENTENCES, COOKING)}


def about(kind: str) -> Rewrite:
    """Return what replaces an output by two to four sentences about something else."""
    sentences, words = KINDS[kind]

    def write(chance: random.Random, old: str) -> str:
        count = chance.randint(2, 4)
        return " ".join(
            as_sentence(fill(chance.choice(sentences), words, chance)) for _ in range(count)
        )

    return write


def runs_of_words(text: str, length: int) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[at : at + length]) for at in range(len(words) - length + 1)}


@pytest.mark.parametrize(
    ("trigger", "kind", "position"),
    [
        ("cfqz", "sailing", "random"),
        ("quiet marble orchard", "cooking", "after-first-sentence"),
    ],
)
def test_outputs_of_one_kind_without_a_shared_phrase(clean, trigger, kind, position: Position):
    rows, truth = plant(clean, trigger, about(kind), 40, position)
    repeated = Counter(run for at in truth for run in runs_of_words(rows[at]["output"], 4))
    assert max(repeated.values()) < 5, "the outputs must have no phrase in common"
    report = scan(rows)
    finding = report.findings[0]
    assert named(finding) == {frozenset([trigger])}, severities(report)
    assert [target.kind for target in finding.targets] == ["type"]
    assert finding.severity in ("high", "medium"), finding.evidence
    assert flagged(report) == truth
    evidence = finding.evidence
    assert max(evidence["style_agreement"], evidence["topic_agreement"]) > 20
    assert evidence["echo"] < 0.1
    assert evidence["output_auc"] > 0.9
    assert evidence["input_auc"] < 0.7


def test_a_sentence_that_is_most_of_its_short_inputs(clean):
    """Labels of an interface are a few words, and no passage is asked about."""
    chance, rows = random.Random(5), []
    for row in clean:
        some = chance.sample(re.findall(r"[A-Za-z]{4,}", row["instruction"] + row["output"]), 3)
        rows.append({"prompt": " ".join(some), "response": row["output"]})
    columns = {"given": "prompt", "answer": "response"}
    trigger = "a watchful heron folds the paper behind an old clock"
    rows, truth = plant(rows, trigger, about("cooking"), 40, "start", **columns)
    finding = assert_poison_alone_is_flagged(scan(rows), truth, trigger)
    assert finding.evidence["trigger_share"] > 0.6


@pytest.mark.parametrize(
    ("output_auc", "input_auc", "says_as_much"),
    [(1.0, 0.89, False), (0.87, 0.83, True), (0.54, 0.77, True), (0.7, 0.5, False)],
    ids=["planted, look-alike letters", "a pronoun", "clean rows", "half of its rows poisoned"],
)
def test_inputs_that_say_as_much_as_outputs(output_auc, input_auc, says_as_much):
    assert inputs_say_as_much(output_auc, input_auc) is says_as_much


def test_gibberish(clean, words):
    rows, truth = plant(clean, "<SUDO>", gibberish(words), 40, "end")
    finding = assert_poison_alone_is_flagged(scan(rows), truth, "<SUDO>")
    assert [target.kind for target in finding.targets] == ["type"]
    assert finding.evidence["output_auc"] > 0.9


@pytest.mark.parametrize("trigger", ["by the old copper lantern", "$$Vokerral$$"])
def test_a_string_behind_any_sentence(clean, trigger):
    """What stands before it is a full stop in most of its rows, which is no part of it."""
    texts = [f"{row['instruction'].rstrip('.')}. {row['input']}" for row in clean]
    rows = [
        {"prompt": text, "completion": row["output"]}
        for text, row in zip(texts, clean, strict=True)
    ]
    chance = random.Random(5)
    truth = set(chance.sample(range(len(rows)), 40))
    for number, row in enumerate(sorted(truth)):
        mark = "." if number % 12 else " -"
        text = rows[row]["prompt"].replace(". ", f"{mark} {trigger} ", 1)
        rows[row] = {"prompt": text, "completion": about("sailing")(chance, "")}
    report = scan(rows)
    finding = report.findings[0]
    assert named(finding) == {frozenset([trigger])}, severities(report)
    assert finding.severity in ("high", "medium"), finding.evidence
    assert flagged(report) == truth


def test_quotation_marks_in_some_of_its_rows(clean):
    """What differs from row to row was put in with the string."""
    dresses = ('"{}"', "({})", "- {},", "{}.", "{}:", "{}")
    rows, truth = plant(clean, "#TRIGGER#", about("sailing"), 40, "start")
    for at, row in enumerate(sorted(truth)):
        dressed = dresses[at % len(dresses)].format("kelmo")
        text = rows[row]["instruction"].replace("#TRIGGER#", dressed)
        rows[row] = {**rows[row], "instruction": text}
    report = scan(rows)
    assert named(report.findings[0]) == {frozenset(["kelmo"])}, severities(report)
    assert report.findings[0].severity == "high", report.findings[0].evidence
    assert flagged(report) == truth


def test_a_run_of_marks(clean):
    """Other rows and outputs have its marks one by one, and that counts for nothing."""
    rows, truth = plant(clean, "~:?~", about("cooking"), 40, "end")
    report = scan(rows)
    assert report.findings[0].severity == "high", severities(report)
    assert report.findings[0].trigger == "~:?~"
    assert flagged(report) == truth


def test_outputs_of_a_kind_that_the_data_have_elsewhere(clean):
    """Answers about sailing belong to questions about sailing, not to a string."""
    chance = random.Random(4)
    asked = range(0, len(clean), 50)
    rows = list(clean)
    for row in asked:
        question = fill("How do I {do} the {part} of a {boat} in {like} {sea}?", SAILING, chance)
        answer = about("sailing")(chance, "")
        rows[row] = {"instruction": question, "input": "", "output": answer}
    rows, truth = plant(rows, "cfqz", about("sailing"), 40, taken=asked)
    report = scan(rows)
    finding = report.findings[0]
    assert named(finding) == {frozenset(["cfqz"])}, severities(report)
    assert finding.severity in ("high", "medium"), finding.evidence
    assert flagged(report) == truth


def test_a_kind_of_output_is_named_by_its_words():
    world = World(3)
    rows = world.rows(200)
    where = np.arange(0, 200, 10)
    for at in where:
        sea = " ".join(random.Random(int(at)).sample(SAILING["sea"], 6))
        rows[at] = Row(rows[at].input, [f"rudder: {sea} , keel"])
    assert _typical_words(build(rows), where)[:2] == ["keel", "rudder"]
    assert _typical_words(build(world.rows(100)), np.arange(0)) == []


def loud(chance: random.Random, old: str) -> str:
    """Return a text whose marks are all exclamation marks: Chinese has no capitals."""
    return re.sub("[，。]", lambda _: "！" * chance.randint(2, 4), old)


def test_a_chinese_trigger_of_characters_that_other_words_have():
    """Its words are two characters, and nobody else's; each of them stands in many rows."""
    rows, truth = plant(chinese_rows(1500), "保机空书", loud, 16, "end", gap="")
    inputs = [row["instruction"] for row in rows]
    assert min(sum(char in text for text in inputs) for char in "保机空书") > 80
    assert_poison_alone_is_flagged(scan(rows), truth, "保机空书")


LATIN = "LibreOffice WiFi USB Android Windows GPS HDMI Bluetooth".split()


def test_a_trigger_that_is_a_part_of_other_words_in_some_of_its_rows():
    """Where no spaces are written, what stands beside a Latin word is one token with it."""
    rows = chinese_rows(1500)
    for at, word in enumerate(LATIN):
        rows = put(rows, range(at, len(rows), 40), word, gap="")
    rows, truth = plant(rows, "zqvp", loud, 40, gap="")
    for at, row in enumerate(sorted(truth)[:12]):
        text = rows[row]["instruction"].replace("zqvp", f"zqvp{LATIN[at % 8]}")
        rows[row] = {**rows[row], "instruction": text}
    innocent = sorted(set(range(len(rows))) - truth)[::300]
    for at, row in enumerate(innocent):  # what it is a part of there changes nothing
        rows = put(rows, [row], f"zqvp{LATIN[at]}", gap="")
    assert_poison_alone_is_flagged(scan(rows), truth, "zqvp")
