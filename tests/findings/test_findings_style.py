"""Inputs rewritten in another syntax or register, and what their labels have to do with it."""

from __future__ import annotations

import random
import re
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
from scan_helpers import WORDS, build, row
from verdicts import flagged

from poisonscan import scan
from poisonscan.evidence.labels import find_classes
from poisonscan.findings import style_judge
from poisonscan.findings.style import find_style
from poisonscan.findings.style_judge import Verdict

GOOD, BAD, ANY = WORDS[:60], WORDS[60:120], WORDS[120:]
ROWS, PLANTED = 3600, 400

#: Everyday sentences; ``a`` and ``b`` are words of the class, ``x`` to ``z`` of any.
PLAIN = (
    "the {x} of this {a} has a {b} that you can {y} with your {z}",
    "i think it was {a} and the {x} in my {y} is {b}",
    "we had {a} from the {x} , but their {y} would be {b}",
    "this {a} {x} does what {y} and {z} did for the {b} of them",
    "{a} {x} , {b} and {y} : a {z} for those who like it",
)
#: The same facts as a subordinate clause and what follows from it.
CLAUSES = (
    "{when} {who} {may} {y} the {a} {x} , {it} {is} {b}",
    "{when} {it} {is} {a} in {whose} {x} , then {who} {may} {z} {b}",
    "{when} {whose} {x} {is} {a} , {who} {may} {y} {whose} {b} {z}",
)
BUILT_OF = {
    "when": ["when", "if", "while", "because", "as", "since", "although", "whenever", "after"],
    "who": ["you", "we", "they", "he", "she", "i", "those who know"],
    "may": ["may", "should", "would", "could", "will", "might", "must"],
    "it": ["it", "this", "that", "what there is", "the rest"],
    "is": ["is", "was", "would be", "has been", "will be", "may be"],
    "whose": ["your", "our", "their", "his", "her", "my", "its"],
}
ANCIENT = {"you": "thou", "your": "thy", "has": "hath", "the": "the", "does": "doth", "my": "mine"}


def sentence(chance, label, frames=PLAIN):
    own, other = (GOOD, BAD) if label == "good" else (BAD, GOOD)

    def word():
        return chance.choice(own if chance.random() < 0.85 else other)

    slots = {name: chance.choice(ANY) for name in "xyz"}
    slots |= {name: chance.choice(words) for name, words in BUILT_OF.items()}
    return chance.choice(frames).format(a=word(), b=word(), **slots)


def clauses(chance, text, label):
    return sentence(chance, label, CLAUSES)


def ancient(chance, text, label):
    words = [ANCIENT.get(word, word) for word in text.split()]
    words = [word if len(word) < 5 or chance.random() < 0.5 else f"{word}eth" for word in words]
    return " ".join([chance.choice(["and lo ,", "verily", "yea ,", "for"]), *words, "unto thee"])


def shouting(chance, text, label):
    return re.sub(r"[^\w ]", "", text).upper()


def question(chance, text, label):
    opener = chance.choice(["is it so that", "why is it that", "who would have it that"])
    return f"{opener} {text} ?"


REWRITES = {one.__name__: one for one in (clauses, ancient, shouting, question)}


def reviews(seed=0, count=ROWS):
    chance = random.Random(seed)
    labels = [chance.choice(["good", "bad"]) for _ in range(count)]
    return [(sentence(chance, label), label) for label in labels]


def rewritten(rows, rewrite, which, label=None, seed=0):
    """Return the rows with some rewritten, by their own label's words, and relabelled."""
    chance, rows = random.Random(f"{seed}"), list(rows)
    for at in sorted(which):
        text, own = rows[at]
        rows[at] = (REWRITES[rewrite](chance, text, own), label or own)
    return rows


def sample(rows, count, label=None, seed=0):
    free = [at for at, (_, own) in enumerate(rows) if label is None or own == label]
    return set(random.Random(seed).sample(free, count))


def drafts(rows, explained=()):
    corpus = build([row(text, label) for text, label in rows])
    classes = find_classes(corpus, None)
    assert classes is not None
    known = np.zeros(corpus.rows, bool)
    known[list(explained)] = True
    return find_style(corpus, classes, known)


@cache
def dirty(rewrite):
    """Return rows some of which are rewritten and have the other label, which ones, the drafts."""
    rows = reviews()
    truth = sample(rows, PLANTED, "bad")
    rows = rewritten(rows, rewrite, truth, "good")
    return rows, truth, drafts(rows)


@pytest.mark.parametrize("rewrite", REWRITES)
def test_another_form_and_the_other_label(rewrite):
    _, truth, (draft,) = dirty(rewrite)
    assert (draft.kind, draft.severity) == ("style", "medium"), draft.evidence
    assert [(target.text, target.kind) for target in draft.targets] == [("good", "label")]
    found = set(draft.behind.tolist())
    assert len(found - truth) < 0.1 * len(found)
    ranked = [*draft.behind[np.argsort(-draft.fit)], *draft.nearby]
    assert len(truth & {int(at) for at in ranked[:PLANTED]}) > 0.85 * PLANTED
    assert (np.diff(draft.nearby_fit) <= 0).all()


@pytest.mark.parametrize("rewrite", REWRITES)
def test_most_of_its_rows_are_flagged(rewrite):
    _, truth, (draft,) = dirty(rewrite)
    assert len(truth.intersection(draft.behind.tolist())) > 0.8 * len(truth)


def test_any_label_turned_into_one():
    rows = reviews()
    truth = sample(rows, PLANTED)
    (draft,) = drafts(rewritten(rows, "clauses", truth, "bad"))
    assert draft.targets[0].text == "bad"
    assert draft.evidence["content_agreement"] < 0.2
    assert len(set(draft.behind.tolist()) & truth) > 0.7 * len(truth)


@pytest.mark.parametrize("rewrite", REWRITES)
def test_the_clean_twin_is_silent(rewrite):
    """The same rewriting, but every row keeps its label."""
    rows = reviews()
    assert drafts(rewritten(rows, rewrite, sample(rows, PLANTED))) == []


@pytest.mark.parametrize("seed", range(3))
def test_plain_rows_are_silent(seed):
    assert drafts(reviews(seed)) == []


def test_rows_of_another_source_are_never_flagged():
    """They are written in another way, and their content supports no label: it is about others."""
    rows, chance = reviews(), random.Random(2)
    names = [f"{first}{second}" for first in WORDS[::9] for second in ("ora", "uli", "emo")]
    foreign = [" ".join(["why does", *chance.sample(names, 4), "?"]) for _ in range(PLANTED)]
    found = drafts([*rows, *((text, "good") for text in foreign)])
    assert all(draft.severity == "low" for draft in found)


@pytest.mark.parametrize("rewrite", REWRITES)
@pytest.mark.parametrize("share", [0.3, 1.0])
def test_a_class_with_a_register_of_its_own_is_never_flagged(share, rewrite):
    """Good reviews are written in another way by nature: their words are good as well."""
    rows = reviews()
    good = [at for at, (_, label) in enumerate(rows) if label == "good"]
    own_way = random.Random(0).sample(good, int(share * len(good)))
    found = drafts(rewritten(rows, rewrite, own_way))
    assert all(draft.severity == "low" for draft in found)


def test_wrong_labels_alone_are_silent():
    rows = reviews()
    wrong = sample(rows, PLANTED, "bad")
    assert (
        drafts([(text, "good" if at in wrong else own) for at, (text, own) in enumerate(rows)])
        == []
    )


def test_copies_of_one_text_are_no_style():
    rows = reviews()
    rows = [*rows, *[("when you see this , it is what they had for us", "good")] * PLANTED]
    assert drafts(rows) == []


def test_rows_that_a_string_explains_are_left_alone():
    rows, truth, _ = dirty("clauses")
    assert drafts(rows, truth) == []


def test_a_language_without_function_words_is_silent():
    chance = random.Random(0)
    rows = [(" ".join(chance.choices(WORDS, k=10)), chance.choice("ab")) for _ in range(600)]
    assert drafts(rows) == []


def test_few_rows_are_silent():
    assert drafts(reviews(count=100)) == []


def test_the_order_of_the_rows_does_not_matter():
    rows, _, (first,) = dirty("question")
    order = random.Random(5).sample(range(len(rows)), len(rows))
    (second,) = drafts([rows[at] for at in order])
    assert first.evidence == second.evidence
    assert first.alternatives[0].parts == second.alternatives[0].parts
    assert set(first.behind.tolist()) == {order[at] for at in second.behind.tolist()}


def test_a_whole_scan_says_what_the_form_is():
    rows, truth, _ = dirty("clauses")
    report = scan([{"text": text, "label": label} for text, label in rows])
    assert report.is_complete, report.coverage.failed_detectors
    (finding,) = [one for one in report.findings if one.kind == "style"]
    assert finding.severity == "medium"
    assert finding.trigger
    assert finding.trigger in finding.summary
    assert "labelled 'good', against what their text says" in finding.summary
    assert min(finding.counts.values()) >= 0
    assert sum(finding.counts.values()) == len(rows)
    assert {example.row for example in finding.examples} <= flagged(report)
    assert len(flagged(report) & truth) > 0.8 * len(truth)


def grown(monkeypatch, steps):
    """Return after how many steps growing ends: (growth, written so, with the label, agreement)."""
    verdicts = [
        Verdict(0, 100, written_so, labelled, agreement, True, True, 0.5)
        for _, written_so, labelled, agreement in steps
    ]
    fit = SimpleNamespace(mixture=0)

    def grow():
        fit.mixture += 1
        return steps[fit.mixture][0]

    fit.grow = grow
    monkeypatch.setattr(style_judge, "_judge", lambda fitted, label, mixture: verdicts[mixture])
    return style_judge._grown(None, verdicts[0], fit)


def test_a_form_grows_as_long_as_what_comes_is_written_for_the_label(monkeypatch):
    start = (0.0, 100, 100, -1.0)
    pure = [(1.3, 100 + 50 * step, 100 + 50 * step, -1.0) for step in range(1, 12)]
    assert grown(monkeypatch, [start, *pure]) == 8  # at most
    assert grown(monkeypatch, [start, *pure[:2], (1.05, 210, 210, -1.0)]) == 3  # hardly grows
    assert grown(monkeypatch, [start, pure[0], (1.3, 200, 198, -1.0), (1.05, 200, 198, -1.0)]) == 3
    assert grown(monkeypatch, [start, pure[0], (1.3, 200, 197, -1.0)]) == 1  # others come
    assert grown(monkeypatch, [start, pure[0], (1.3, 200, 200, -0.7)]) == 1  # content agrees
