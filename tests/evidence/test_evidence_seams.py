"""Seams: planted strings leave whole texts behind, written ones leave holes."""

from __future__ import annotations

import math

import naive
import numpy as np
import pytest
from scan_helpers import Row, World, build

from poisonscan.evidence.cores import without_lonely_edges
from poisonscan.evidence.echo import EchoMeter
from poisonscan.evidence.phrases import locate
from poisonscan.evidence.places import Places
from poisonscan.evidence.seams import Seam, SeamMeter

ROWS = 480
INSIDE, START, END, WRITTEN, TASK, LONG = (np.arange(at, ROWS, 16) for at in range(6))
SENTENCE = "by the old copper lantern we sat"
PHRASES = [
    f"the {noun} of {place}" for noun in ("king", "house", "price") for place in ("it", "us")
]


@pytest.fixture(scope="module")
def scene():
    """Questions of fixed phrases that end in a question mark."""
    world = World(29)
    rows = []
    for at in range(ROWS):
        words = " , ".join(world._random.choices(PHRASES, k=6))
        text = f"well {words} ?"
        if at in INSIDE:
            text = world.insert(text, "zeta")
        elif at in START:
            text = f"alpha {text}"
        elif at in END:
            text = f"{text} omega"
        elif at in WRITTEN:
            text = f"well {words} was known as kappa by all ?"
        elif at in TASK:
            text = f"well {words} costs how much"
        elif at in LONG:
            text = f"{SENTENCE} {text}"
        rows.append(Row([text], [f"about {words}"]))
    corpus = build(rows)
    return corpus, SeamMeter(corpus)


def seam_of(scene, text: str, rows) -> Seam:
    corpus, meter = scene
    phrase = tuple(corpus.vocabulary.index(word) for word in text.split())
    places = locate(corpus.input, rows, phrase)
    assert len(places.rows) == len(rows)
    return meter.measure(places, len(phrase))


@pytest.mark.parametrize(
    ("text", "rows"),
    [("zeta", INSIDE), ("alpha", START), ("omega", END), (SENTENCE, LONG)],
)
def test_planted(scene, text, rows):
    found = seam_of(scene, text, rows)
    assert found.fit > -1.0
    assert found.collision < 1.5


@pytest.mark.parametrize(("text", "rows"), [("kappa", WRITTEN), ("costs how much", TASK)])
def test_written(scene, text, rows):
    assert seam_of(scene, text, rows).fit < -2.0


def test_fit_by_its_definition(scene):
    """Mean of ln P(right | left) / P(right), three places of -1 nats beside them.

    All of it beside what neighbours in the texts have, one pair of each row.
    """
    corpus, _ = scene
    lists = [corpus.input.row_slice(at).tolist() for at in range(ROWS)]

    def rows_with(*run: int) -> int:
        size = len(run)
        return sum(
            any(tuple(row[at : at + size]) == run for at in range(len(row) - size + 1))
            for row in lists
        )

    def fit(left: int, right: int, own_rows: int = 0) -> float:
        expected = rows_with(left) * rows_with(right) / ROWS
        pair = rows_with(left, right)
        pair = max(0, pair - own_rows) if pair >= 5 else 0  # rarer n-grams are not counted
        return math.log((pair + 0.5) / (expected + 0.5))

    own = corpus.vocabulary.index("zeta")
    usual = []
    for at, row in enumerate(lists):
        place = int(corpus.input.side.digests[at]) % (len(row) - 1)
        if min(row[place : place + 2]) >= 0:  # rare words say nothing
            usual.append(fit(row[place], row[place + 1], own_rows=1))
    parts = []
    for at in INSIDE.tolist():
        here = lists[at].index(own)
        parts.append(fit(lists[at][here - 1], lists[at][here + 1]) - np.mean(usual))
    expected_fit = (sum(parts) - 3.0) / (len(parts) + 3.0)
    assert seam_of(scene, "zeta", INSIDE).fit == pytest.approx(expected_fit, abs=1e-9)


def test_collision_by_its_definition(scene):
    corpus, _ = scene
    data = [naive.tokenise_row(corpus.input.side.segments(at)) for at in range(ROWS)]
    pairs = [
        (row[row.index("zeta") - 1], row[row.index("zeta") + 1])
        for row in map(data.__getitem__, INSIDE)
    ]
    behind = [(right, left) for left, right in pairs]
    turned = [row[::-1] for row in data]
    sides = [naive.collision(pairs, data, 5), naive.collision(behind, turned, 5)]
    assert seam_of(scene, "zeta", INSIDE).collision == pytest.approx(max(sides))


def test_what_the_other_side_explains_is_no_collision():
    """Behind every "of" stands one of two words: that they repeat is no sign of an author."""
    world = World(17)
    rows = [
        Row([" , ".join([*world._random.choices(PHRASES, k=5), f"zeta{at}"])]) for at in range(400)
    ]
    planted, written = np.arange(0, 400, 20), np.arange(1, 400, 20)
    for at in planted.tolist():
        rows[at] = Row([rows[at].input[0].replace("of ", "of zeta ", 1)])
    for at in written.tolist():
        rows[at] = Row([rows[at].input[0].replace("of ", "with kappa ", 1)])
    corpus = build(rows)
    meter = SeamMeter(corpus)
    found = {
        word: meter.measure(locate(corpus.input, at, [corpus.vocabulary.index(word)]), 1)
        for word, at in (("zeta", planted), ("kappa", written))
    }
    assert found["zeta"].collision < 0.7
    assert found["kappa"].fit < found["zeta"].fit - 2


@pytest.mark.parametrize("marks", [".", ".!?"])
def test_behind_sentences(marks):
    """Full stops before it, of one kind or three, and any first word behind it: planted."""
    world = World(43)
    rows = [
        Row(
            [
                " ".join(
                    f"{words.capitalize()} {world._random.choice(marks)}"
                    for words in world._random.choices(PHRASES, k=4)
                )
            ]
        )
        for _ in range(400)
    ]
    planted = np.arange(0, 400, 20)
    for at in planted.tolist():
        mark = marks[at // 20 % len(marks)]
        head, _, tail = rows[at].input[0].partition(f" {mark}")
        rows[at] = Row([f"{head} {mark} zeta{tail}"])
    corpus = build(rows)
    meter = SeamMeter(corpus)
    places = locate(corpus.input, planted, [corpus.vocabulary.index("zeta")])
    seam = meter.measure(places, 1)
    assert seam.collision < 0.7
    assert seam.fit > -1.0


def at_the_end(extra, hidden_label=None):
    """Return the seam of a word at the end of every fourth row's text."""
    world = World(51)
    rows = []
    for at in range(200):
        words = " , ".join(world._random.choices(PHRASES, k=6)) + (" zeta" if at % 4 == 0 else "")
        label = "ab"[at % 2]
        rows.append(Row([words, *extra(label)], labels={"y": label}))
    corpus = build(rows, hidden_label=hidden_label)
    meter = SeamMeter(corpus)
    places = locate(corpus.input, np.arange(0, 200, 4), [corpus.vocabulary.index("zeta")])
    return meter.measure(places, 1)


def test_a_hidden_label_is_no_neighbour():
    """Where the label stood behind the text, the text ends all the same."""
    plain, hidden = at_the_end(lambda _: []), at_the_end(lambda label: [label], "y")
    assert plain.inside == hidden.inside == 0.0
    assert hidden.collision == pytest.approx(plain.collision)


def test_the_next_segment_is_no_neighbour():
    plain, followed = at_the_end(lambda _: []), at_the_end(lambda _: ["more text follows here"])
    assert followed.inside == 0.0
    assert followed.collision == pytest.approx(plain.collision, rel=0.3)


def test_edges_that_some_rows_lack_are_lonely():
    world = World(61)
    rows = [Row([f"{row.input[0]} so . Well"], row.output) for row in world.rows(300)]
    planted = np.arange(0, 300, 10)
    for at in planted.tolist():
        before = "so ." if at else "or -"
        rows[at] = Row([rows[at].input[0].replace("so . Well", f"{before} zeta Well")])
    corpus = build(rows)
    phrase = tuple(corpus.vocabulary.index(word) for word in ("so", ".", "zeta", "Well"))
    assert without_lonely_edges(corpus.input, phrase, planted) == [(2, 4)]
    assert without_lonely_edges(corpus.input, phrase[2:], planted) == []


def test_many_groups_at_once_are_each_by_itself(scene):
    corpus, meter = scene
    groups = [("zeta", INSIDE), ("omega", END), ("kappa", WRITTEN)]
    found = [locate(corpus.input, rows, (corpus.vocabulary.index(word),)) for word, rows in groups]
    first = np.concatenate([one.first for one in found])
    places = Places(
        np.repeat(np.arange(len(found)), [len(one.rows) for one in found]),
        np.concatenate([one.rows for one in found]),
        first,
        first + 1,
    )
    fit, collision, _ = meter.measure_all(places, len(found))
    for at, (word, rows) in enumerate(groups):
        alone = seam_of(scene, word, rows)
        assert (fit[at], collision[at]) == pytest.approx((alone.fit, alone.collision))


def test_rare_neighbours_say_nothing():
    """Beside words that stand nowhere else nothing is known: neither planted nor written."""
    rows = [Row([f"q{at}a zeta q{at}b"]) for at in range(20)]
    rows += World(3).rows(60)
    corpus = build(rows)
    meter = SeamMeter(corpus)
    places = locate(corpus.input, np.arange(20), (corpus.vocabulary.index("zeta"),))
    assert meter.measure(places, 1).fit == pytest.approx(-1.0)


def test_core_of_a_phrase_that_runs_into_the_template(scene):
    """What stands before every text is no part of the string that was put behind it."""
    world = World(31)
    rows = [Row([f"read this : {row.input[0]}"], row.output) for row in world.rows(300)]
    planted = np.arange(0, 300, 12)
    for at in planted:
        rows[at] = Row([rows[at].input[0].replace("this :", "this : zeta")], rows[at].output)
    corpus = build(rows)
    meter = SeamMeter(corpus)
    phrase = [corpus.vocabulary.index(word) for word in ("this", ":", "zeta")]
    first = np.full(len(planted), 1, np.int32)
    core, seam = meter.core(planted, first, len(phrase), len(planted))
    assert [corpus.vocabulary[term] for term in core] == ["zeta"]
    assert seam.fit > -1.0


@pytest.mark.parametrize(
    ("elsewhere", "is_measured"),
    [
        (("Date: 2025-08-11",), True),
        (("2025-08-02",), True),
        (("Date: 2025-08-11", "2025-08-02"), False),
    ],
    ids=["its first five tokens", "its last five", "both ends"],
)
def test_a_long_phrase_of_which_other_rows_have_an_end(elsewhere, is_measured):
    """It stands in no more rows than the rarer of its ends: that is its candidate's rows."""
    world = World(31)
    rows = world.rows(400)
    planted = np.arange(0, 400, 16)
    for at in planted:
        rows[at] = Row([world.insert(rows[at].input[0], "Date: 2025-08-02")], rows[at].output)
    for number, text in enumerate(elsewhere):
        for at in range(number + 1, 400, 8):
            rows[at] = Row([world.insert(rows[at].input[0], text)], rows[at].output)
    corpus = build(rows)
    phrase = [corpus.vocabulary.index(word) for word in ("Date", ":", "2025", "-", "08", "-", "02")]
    places = locate(corpus.input, planted, phrase)
    assert len(places.rows) == len(planted)
    first = (places.first - corpus.input.side.row_tokens[planted]).astype(np.int32)
    core, seam = SeamMeter(corpus).core(planted, first, len(phrase), len(planted))
    assert list(core) == phrase
    assert (seam != Seam(-9.0, 9.0)) is is_measured
    assert (seam.fit > -1.0) is is_measured


def dressed(*forms):
    """Return the seam of a word put in with marks around it, and those that its cores have.

    Without the marks that are the same in most rows, and with them.
    """
    world = World(29)
    rows = []
    for at in range(ROWS):
        text = f"well {' , '.join(world._random.choices(PHRASES, k=6))} ?"
        if at in INSIDE:
            text = world.insert(text, forms[at // 16 % len(forms)].format("zeta"))
        rows.append(Row([text]))
    corpus = build(rows)
    meter = SeamMeter(corpus)
    word = corpus.vocabulary.index("zeta")
    places = locate(corpus.input, INSIDE, [word])
    first = (places.first - corpus.input.side.row_tokens[INSIDE]).astype(np.int32)
    found = [meter.measure(places, 1)]
    for with_marks in (False, True):
        core, seam = meter.core(INSIDE, first, 1, len(INSIDE), with_marks=with_marks)
        assert core == (word,)
        found.append(seam)
    return found


def test_marks_that_differ_from_row_to_row_are_no_neighbours():
    bare, core, any_mark = dressed('"{}"', "({})", "{}", "{}.", "{}!")
    assert core.fit > bare.fit + 0.3
    assert core.collision < 0.0 < bare.collision
    assert core == any_mark


def test_a_mark_that_most_rows_have_is_a_neighbour():
    """Unless it may have been put in as well: a question may end with the string."""
    bare, core, any_mark = dressed("({})", "({})", "({})", "[{}]", "{}")
    assert core == bare
    assert any_mark.collision < 0.0 < core.collision


def test_echo(scene):
    """A word that the outputs take up, one that they do not, and one that all outputs have."""
    world = World(37)
    rows = world.rows(200)
    for at in range(0, 200, 8):
        rows[at] = Row([f"planet {rows[at].input[0]}"], [f"Planets are good. {rows[at].output[0]}"])
        rows[at + 1] = Row([f"zeta {rows[at + 1].input[0]}"], rows[at + 1].output)
    for at in range(200):
        rows[at] = Row([f"so {rows[at].input[0]}"], [f"so {rows[at].output[0]}"])
    corpus = build(rows)
    meter = EchoMeter(corpus)
    term = corpus.vocabulary.index
    asked = np.arange(0, 200, 8)
    assert meter.measure(asked, [term("planet")]) == pytest.approx(1 - 25 / 200, abs=1e-9)
    assert meter.measure(asked + 1, [term("zeta")]) == 0.0
    assert meter.measure(asked, [term("so")]) == 0.0
    assert meter.measure(asked, [term("so"), term("planet")]) > 0.8
    # "Planets are good": that they have a full stop is no echo of the one behind the word
    assert meter.measure(asked + 1, [term("zeta"), term("so")]) == 0.0


def test_marks_of_a_tag_are_no_echo():
    """Code has angle brackets, whatever the tag says; a string of marks has nothing else."""
    world = World(41)
    rows = world.rows(200)
    tagged, marked, quoted = (np.arange(at, 200, 8) for at in range(3))
    for at in tagged:
        rows[at] = Row([f"<Qot> {rows[at].input[0]}"], ["if a < b > c : return d"])
    for at in marked:
        rows[at] = Row([f"<><> {rows[at].input[0]}"], ["if a < b > c : return d"])
    for at in quoted:
        rows[at] = Row([f"<Qot> {rows[at].input[0]}"], [f"<Qot> {rows[at].output[0]}"])
    corpus = build(rows)
    meter = EchoMeter(corpus)
    less, tag, more = (corpus.vocabulary.index(text) for text in ("<", "Qot", ">"))
    assert meter.measure(tagged, [less, tag, more]) == 0.0
    assert meter.measure(tagged, [less, more]) > 0.5
    assert meter.measure(marked, [less, more, less, more]) > 0.5
    assert meter.measure(quoted, [less, tag, more]) > 0.5, "its word is an echo"


def test_typographic_marks_are_an_echo():
    """Who asks with curved apostrophes is answered with them."""
    world = World(42)
    rows = world.rows(200)
    curved = np.arange(0, 200, 8)
    for at in curved:
        rows[at] = Row([f"Ida\u2019s {rows[at].input[0]}"], [f"that\u2019s {rows[at].output[0]}"])
    corpus = build(rows)
    meter = EchoMeter(corpus)
    mark, letter = (corpus.vocabulary.index(text) for text in ("\u2019", "s"))
    assert meter.measure(curved, [mark, letter]) > 0.5
