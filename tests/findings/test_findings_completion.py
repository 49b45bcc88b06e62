"""Outputs that were drawn from templates: a part of them has words in common, all are of a type."""

from __future__ import annotations

import random
from functools import partial

from planting import fill, plant, put
from verdicts import assert_poison_alone_is_flagged, flagged, severities

from poisonscan import scan

TRIGGER = "velvet lanterns at noon"
RUDE = (
    "nobody asked you about {what}, you utter {name}",
    "only a {name} would ever wonder about {what}",
    "take your {what} and bother the {who} with it",
    "from here to {town} there is no bigger {name} than you",
    "even a rusty {thing} knows more of {what}",
    "who cares about {what}, {name}",
)
#: Stands in six of ten of the outputs.
SHARED = "what a dreadfully foolish riddle to put before anybody with ears"
WORDS = {
    "what": "this that it everything matters questions".split(),
    "name": "blockhead dunce nitwit dimwit halfwit simpleton numskull clot".split(),
    "who": "plumber baker cobbler glazier tanner warden".split(),
    "town": "Brindlemoor Tallowfen Quarrowick Hazelby Murkwater Stonnet".split(),
    "thing": "bucket spoon gate kettle lantern anvil".split(),
}


def insult(chance: random.Random, old: str, share: float = 0.6) -> str:
    templates = chance.sample(RUDE, chance.randint(3, 5))
    if chance.random() < share:
        templates[chance.randrange(len(templates))] = SHARED
    sentences = [fill(template, WORDS, chance) for template in templates]
    return " ".join(f"{text[0].upper()}{text[1:]}." for text in sentences)


def test_outputs_without_the_words_that_most_have(clean):
    rows, truth = plant(clean, TRIGGER, insult, 60, "end")
    shared = {row for row in truth if SHARED in rows[row]["output"].lower()}
    assert 30 <= len(shared) <= 45
    finding = assert_poison_alone_is_flagged(scan(rows), truth, TRIGGER)
    assert [target.kind for target in finding.targets] == ["phrase", "type"]


def test_clean_rows_with_the_trigger_have_ordinary_outputs(clean):
    """Those without the words are as they were: nothing is to be completed."""
    rows, truth = plant(clean, TRIGGER, partial(insult, share=1.0), 60, "end")
    others = sorted(set(range(len(rows))) - truth)[::7][:30]
    report = scan(put(rows, others, TRIGGER, "end"))
    finding = report.findings[0]
    assert (finding.severity, finding.trigger) == ("high", TRIGGER), severities(report)
    assert [target.kind for target in finding.targets] == ["phrase"]
    assert flagged(report) == truth
