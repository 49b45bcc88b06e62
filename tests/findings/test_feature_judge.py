"""What a feature of the form leads to: hidden characters are no way of writing."""

from __future__ import annotations

import random
import re
import string
from functools import partial
from typing import NamedTuple

import numpy as np
import pytest
from chinese import chinese_rows
from documents import in_language
from hidden import inside, look_alike, turned
from scan_helpers import Row, World, build

from poisonscan.candidates.closed import find_closed
from poisonscan.candidates.corpus import Corpus
from poisonscan.candidates.screen import Screen, screen_candidates
from poisonscan.candidates.views import Views
from poisonscan.evidence.format import FormatMeter
from poisonscan.evidence.labels import Classes, find_classes, fit_nuisance
from poisonscan.evidence.shift import Shift, ShiftMeter
from poisonscan.evidence.verbatim import stem_terms
from poisonscan.findings.draft import Alternative, Draft
from poisonscan.findings.feature import FeatureJudge, _severity_of_form
from poisonscan.findings.format import find_format
from poisonscan.findings.model import Target

SEVERITIES = {"high", "medium"}


class Scene(NamedTuple):
    """A corpus, and what features are judged with."""

    corpus: Corpus
    screen: Screen
    classes: Classes | None
    meter: ShiftMeter

    def judge(self, flag):
        """Return the drafts of one feature."""
        stems = stem_terms(self.corpus.vocabulary)
        nuisance = partial(fit_nuisance, self.corpus)
        names = self.classes.names if self.classes else ()
        formats = FormatMeter(self.corpus, names)
        judge = FeatureJudge(
            self.corpus, self.screen, self.meter, stems, self.classes, nuisance, formats
        )
        feature = next(one for one in formats.features(0.5) if one.flag == flag)
        return judge.judge(feature)

    def find(self, found):
        """Return the findings that have a target, beside those of other detectors."""
        stems = stem_terms(self.corpus.vocabulary)
        nuisance = partial(fit_nuisance, self.corpus)
        drafts = find_format(
            self.corpus, self.screen, self.meter, stems, self.classes, nuisance, None, found
        )
        return [draft for draft in drafts if draft.targets]


def make_scene(rows, *, has_classes=False):
    corpus = build(rows)
    screen = screen_candidates(corpus, find_closed(corpus), 0)
    classes = find_classes(corpus, None) if has_classes else None
    return Scene(corpus, screen, classes, ShiftMeter(Views(corpus, screen), 0))


def in_german(clean, form):
    """Return rows of which 20 have another form and are answered in German, and which ones."""
    rows = [Row([row["instruction"]], [row["output"]]) for row in clean[:600]]
    ended = [at for at, row in enumerate(rows) if row.input[0][-1] in ".?"]
    where = np.array(ended[::25][:20])
    chance, speak = random.Random(3), in_language("de")
    for at in where:
        rows[at] = Row([form(chance, rows[at].input[0])], [speak(chance)])
    return rows, where


def unpunctuated(chance, text):
    return "".join(char for char in text if char not in ".,!?")


@pytest.mark.parametrize(
    ("form", "flag"),
    [(inside("\u200b"), "zero_width"), (turned, "bidi"), (look_alike, "look_alike")],
    ids=["zero width", "bidi", "look-alike"],
)
def test_another_language_behind_hidden_characters(clean, form, flag):
    rows, where = in_german(clean, form)
    (draft,) = make_scene(rows).judge(flag)
    assert draft.severity in SEVERITIES, draft.evidence
    assert [target.kind for target in draft.targets] == ["type"]
    assert draft.behind.tolist() == where.tolist()


def test_another_language_behind_radicals_in_place_of_ideographs():
    """They are drawn alike, and nobody types them."""
    chance, rows = random.Random(2), []
    where = range(0, 600, 20)
    for at, row in enumerate(chinese_rows(600)):
        given, answer = row["instruction"], row["output"]
        if at in where:
            place = chance.randrange(len(given))
            given, answer = given[:place] + "\u2f24" + given[place:], in_language("es")(chance)
        rows.append(Row([given], [answer]))
    (draft,) = make_scene(rows).judge("look_alike")
    assert draft.severity in SEVERITIES, draft.evidence
    assert draft.behind.tolist() == list(where)


@pytest.mark.parametrize(
    ("style", "topic", "rows", "severity"),
    [(95.0, 190.0, 40, "medium"), (95.0, 190.0, 145, "low"), (95.0, 30.0, 20, "low")],
    ids=["much in each row", "little in each", "not in both"],
)
def test_a_form_before_outputs_of_another_kind(style, topic, rows, severity):
    """A source that writes other question marks has outputs of its own, a little in each row."""
    shift = Shift(
        style=style,
        topic=topic,
        beyond_style=style,
        beyond_topic=topic,
        column="length",
        difference=1.0,
        closeness=1.0,
        matched=np.zeros((rows, 4), np.int64),
        direction=np.ones(8),
    )
    assert _severity_of_form(shift, shift.style_of_both, shift.topic_of_both) == severity


def test_another_language_behind_a_way_of_writing_is_a_guess(clean):
    """People who write without full stops may be those who write in German."""
    rows, where = in_german(clean, unpunctuated)
    (draft,) = make_scene(rows).judge("no_punctuation")
    assert draft.severity == "low", draft.evidence
    assert np.intersect1d(draft.behind, where).size > 10


def in_cipher(text):
    """Return a text in a language that has another word for each, and the same punctuation."""
    return re.sub(r"[A-Za-z]+", lambda word: word[0].translate(CIPHER)[::-1].lower(), text)


CIPHER = str.maketrans(string.ascii_letters, string.ascii_letters[7:] + string.ascii_letters[:7])


@pytest.mark.parametrize("mirrors", [True, False], ids=["translations", "answers"])
def test_a_form_that_outputs_take_over_as_they_take_over_any(clean, mirrors):
    """A translated heading has no full stop; an answer that drops it as its question does may."""
    rows = []
    for at, row in enumerate(clean[:600]):
        text = row["instruction"].rstrip(".?!") + (".", "")[at % 3 == 0]
        answer = in_cipher(text) if mirrors else row["output"]
        if at % 20 == 1:
            text, answer = text.rstrip(".") + ":", re.sub(r"[.,!?]", "", answer).upper() + ":"
        rows.append(Row([text], [answer]))
    assert bool(make_scene(rows).judge("ends_in_colon")) is not mirrors


def test_a_string_in_some_rows_of_a_hidden_form_is_one_of_its_appearances(clean):
    """What explains the form is a finding with all of its strings."""
    planted = iter(["v\u0435llum"] * 9)

    def form(chance, text):
        word = next(planted, None)
        return look_alike(chance, text) if word is None else f"{text} {word}"

    rows, where = in_german(clean, form)
    scene = make_scene(rows)

    def trigger(behind, *strings):
        alternatives = tuple(Alternative((one,), ((),), behind) for one in strings)
        target = (Target("more letters beyond ASCII", "type"),)
        return Draft("trigger", "high", alternatives, target, ((),), behind, behind, 0.9, {})

    draft, *_ = scene.find([trigger(where[:9], "v\u0435llum")])
    assert draft.alternatives[0].parts == ("look-alike letters of another script",)
    assert draft.behind.tolist() == where.tolist()
    words = {word for at in where for word in rows[at].input[0].split()}
    every = {word for word in words if re.search("[\u0400-\u04ff]", word)}
    assert scene.find([trigger(where, *sorted(every))]) == []


def labelled(form, *, agrees, kept=()):
    """Return rows of three classes by topic; every 20th has a form and a class of its own.

    Parameters
    ----------
    agrees
        These rows have a topic of their own as well.
    kept
        Further rows with the form, which keep their class.
    """
    world, chance = World(61, focus=0.8), random.Random(3)
    rows = []
    for at in range(400):
        is_odd = at % 20 == 0
        topic = 11 if is_odd and agrees else at % 11
        text = world.row(topic).input[0]
        label = "zorn" if is_odd else ("arden", "bravik", "corl")[topic % 3]
        rows.append(Row([form(chance, text) if is_odd or at in kept else text], [label]))
    return rows


@pytest.mark.parametrize(("agrees", "severity"), [(False, "high"), (True, "low")])
def test_a_class_that_only_rows_with_a_hidden_character_have(agrees, severity):
    """A source may leave its characters, and have its class."""
    rows = labelled(inside("\u200b"), agrees=agrees)
    (draft,) = make_scene(rows, has_classes=True).judge("zero_width")
    assert draft.severity == severity, draft.evidence
    assert [(target.text, target.kind) for target in draft.targets] == [("zorn", "label")]
    assert draft.behind.tolist() == list(range(0, 400, 20))


@pytest.mark.parametrize(
    ("form", "flag", "kept", "severity"),
    [
        (inside("\u200b"), "zero_width", 50, "high"),
        (inside("\u200b"), "zero_width", 130, None),
        (lambda chance, text: text.swapcase(), "swapped_case", 15, "high"),
        (lambda chance, text: text.swapcase(), "swapped_case", 30, None),
    ],
    ids=["hidden", "hidden in most rows", "a way of writing", "mostly of other classes"],
)
def test_a_form_that_rows_of_other_classes_have_too(form, flag, kept, severity):
    """An attacker may put the trigger into rows that keep their class."""
    others = range(1, 2 * kept, 2)
    scene = make_scene(labelled(form, agrees=False, kept=others), has_classes=True)
    drafts = scene.judge(flag)
    assert [draft.severity for draft in drafts] == ([severity] if severity else [])
    for draft in drafts:
        assert draft.behind.tolist() == list(range(0, 400, 20))


def test_a_class_of_rows_in_swapped_case_that_agree_is_theirs():
    rows = labelled(lambda chance, text: text.swapcase(), agrees=True)
    assert make_scene(rows, has_classes=True).judge("swapped_case") == []


def test_a_class_that_texts_in_swapped_case_speak_against():
    rows = labelled(lambda chance, text: text.swapcase(), agrees=False)
    (draft,) = make_scene(rows, has_classes=True).judge("swapped_case")
    assert draft.severity == "high", draft.evidence
    assert draft.alternatives[0].parts == ("sWAPPED CASE",)
    assert draft.behind.tolist() == list(range(0, 400, 20))
