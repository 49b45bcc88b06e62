"""Form and content of inputs: two sets of features that do not mix."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest
from scan_helpers import WORDS, Row, build, row

from poisonscan.evidence.forms import choose_forms
from poisonscan.evidence.function_words import function_words
from poisonscan.evidence.skeletons import MAX_TOKENS, build_alphabet, read_skeletons

FRAMES = (
    "when the {} is {}, it will {} with us",
    "there was a {} in the {} and he {} it",
    "if you {} that {}, who would {} them?",
    "The {} of this {} has been {}.",
)


def sentences(count, seed=0, words=WORDS[:60]):
    chance = random.Random(seed)
    return [
        chance.choice(FRAMES).format(*(chance.choice(words) for _ in range(3)))
        for _ in range(count)
    ]


def matrices(corpus, forms):
    found = list(forms.read(corpus, np.arange(corpus.rows)))
    rows = np.concatenate([rows for rows, _, _ in found])
    assert (rows == np.arange(corpus.rows)).all()
    return tuple(np.vstack([part[at].toarray() for part in found]) for at in (1, 2))


def chosen(texts, **options):
    corpus = build([row(text, "x") for text in texts], **options)
    forms = choose_forms(corpus, np.arange(corpus.rows))
    assert forms is not None
    return corpus, forms


def test_other_content_words_leave_the_form_as_it_is():
    swap = dict(zip(WORDS[:60], random.Random(1).sample(WORDS[:60], 60), strict=True))
    # endings are part of the form: words keep theirs
    swap = {old: new[:3] + old[-2:] for old, new in swap.items()}
    plain = sentences(200)
    swapped = [re.sub(r"[a-z]+", lambda at: swap.get(at[0], at[0]), text) for text in plain]
    corpus, forms = chosen(plain + swapped)
    form, content = matrices(corpus, forms)
    alphabet = forms.alphabet
    parts = list(read_skeletons(corpus, alphabet, np.arange(corpus.rows)))
    symbols = [part.symbol[part.row == at] for part in parts for at in range(len(part.rows))]
    for at in range(200):
        assert symbols[at].tolist() == symbols[at + 200].tolist()
    assert (content[:200] != content[200:]).any(axis=1).all()
    is_turn = forms.form_keys >= 3 << 62
    assert np.allclose(np.linalg.norm(form[:, ~is_turn], axis=1), 1.0)
    assert np.linalg.norm(form[:, is_turn], axis=1).max() < 0.601


def test_skeleton_is_what_a_reader_would_write():
    texts = ["when THE Belden is 12 , it gosofo belba!"] * 20
    corpus, forms = chosen(texts)
    symbols = next(read_skeletons(corpus, forms.alphabet, np.array([0]))).symbol
    assert [forms.alphabet.shown[symbol] for symbol in symbols] == (
        ["when", "the", "…", "is", "0", ",", "it", "…", "…", "!"]
    )
    assert len(set(symbols[[2, 4, 7]].tolist())) == 3  # capitals, numbers and words differ
    shown = forms.show(corpus, np.array([0]), np.arange(len(forms.form_keys)))
    assert {"when the …", "it …!", "0 ,", "words in -den"} <= set(shown)


def test_content_does_not_see_function_words_or_case():
    corpus, forms = chosen(["the belba of the corden"] * 10 + ["THE BELBA WITH A CORDEN"] * 10)
    _, content = matrices(corpus, forms)
    assert len(np.unique(content, axis=0)) == 1
    assert (content > 0).sum(axis=1).tolist() == [2] * 20
    assert np.allclose(np.linalg.norm(content, axis=1), 1.5)


def test_unspaced_scripts_are_one_blank_and_pairs_of_content():
    corpus, forms = chosen(["我的红苹果在这里"] * 10 + ["我的大绿苹果在这里"] * 10)
    form, content = matrices(corpus, forms)
    assert np.allclose(form[0, form[0] > 0].size, form[10, form[10] > 0].size, atol=2)
    shown = forms.show(corpus, np.array([0]), np.arange(len(forms.form_keys)))
    assert "我 的 … 在 这" in shown
    assert (content[0] > 0).sum() == 5  # 红 苹 果, 红苹 苹果


def test_a_hidden_label_leaves_no_trace():
    """Its tokens became boundaries: their number must not tell which label it was."""
    texts = sentences(200)
    labels = ["short", "one of three words", "five words are in this"]
    rows = [
        Row([text, labels[at % 3]], labels={"kind": labels[at % 3]})
        for at, text in enumerate(texts)
    ]
    corpus = build(rows, hidden_label="kind")
    plain = build([Row([text]) for text in texts])
    for one in (corpus, plain):
        alphabet = build_alphabet(one)
        assert alphabet is not None
        parts = list(read_skeletons(one, alphabet, np.arange(one.rows)))
        shown = [
            [alphabet.shown[symbol] for symbol in part.symbol[part.row == at]]
            for part in parts
            for at in range(len(part.rows))
        ]
        if one is corpus:
            hidden = shown
    assert hidden == shown


def test_long_rows_are_cut_and_odd_rows_do_no_harm():
    texts = [*sentences(50), "the " * 5000, "", " ", "\u200b", "!!!", "\x00\ud7ff", "é" * 300]
    corpus, forms = chosen(texts)
    form, _ = matrices(corpus, forms)
    assert form.shape[0] == len(texts)
    assert np.isfinite(form).all()
    part = next(read_skeletons(corpus, forms.alphabet, np.array([50])))
    assert len(part.symbol) == MAX_TOKENS


def test_a_language_without_a_list_has_no_forms():
    corpus = build([row(" ".join(random.Random(at).sample(WORDS, 12)), "x") for at in range(100)])
    assert choose_forms(corpus, np.arange(corpus.rows)) is None


@pytest.mark.parametrize("language", sorted(function_words()))
def test_lists_are_in_the_tokens_of_the_tokeniser(language):
    """A word that the tokeniser would cut could never be found."""
    words = sorted(function_words()[language])
    corpus = build([row(f"{word} {word}", "x") for word in words for _ in range(5)])
    assert set(words) <= set(corpus.vocabulary)


def test_reading_does_not_depend_on_the_rows_read_with_it():
    corpus, forms = chosen(sentences(300))
    form, content = matrices(corpus, forms)
    some = np.array([7, 8, 120, 299])
    rows, own_form, own_content = next(forms.read(corpus, some))
    assert rows.tolist() == some.tolist()
    assert np.array_equal(own_form.toarray(), form[some])
    assert np.array_equal(own_content.toarray(), content[some])
