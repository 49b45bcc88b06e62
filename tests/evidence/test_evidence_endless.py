"""What compression leaves of the longest texts, and when it need not be asked."""

from __future__ import annotations

import re
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scan_helpers import Row, World, build

from poisonscan.evidence.endless import measure_information, measure_long_rows

words = st.lists(st.text("abcdefgh", min_size=1, max_size=8), min_size=1, max_size=300)
texts = st.tuples(words, words, st.integers(1, 400)).map(
    lambda parts: " ".join([*parts[0], *(parts[1] * parts[2])])[:20_000]
)


def corpus_of(outputs):
    return build([Row([f"question {at}"], [text]) for at, text in enumerate(outputs)])


@settings(max_examples=60, deadline=None)
@given(outputs=st.lists(texts, min_size=3, max_size=8), interesting=st.floats(0.001, 0.5))
def test_what_is_interesting_is_measured_and_the_rest_is_more(outputs, interesting):
    corpus = corpus_of(outputs)
    all_of_it, some = measure_long_rows(corpus), measure_long_rows(corpus, interesting)
    assert some.rows.tolist() == all_of_it.rows.tolist()
    assert measure_information(corpus, some.rows).tolist() == all_of_it.information.tolist()
    is_less = all_of_it.information <= interesting
    assert np.array_equal(some.information[is_less], all_of_it.information[is_less])
    assert (some.information[~is_less] > interesting).all()
    assert (some.information <= all_of_it.information).all()


@pytest.mark.parametrize("text", ["ha " * 900, " ".join(map(str, range(3000)))])
def test_information_is_the_less_of_both(text):
    folded = re.sub("[0-9]+", "0", text)
    least = min(len(zlib.compress(text.encode())), 5 * len(zlib.compress(folded.encode())))
    corpus = corpus_of([text, "short", "text"])
    assert measure_information(corpus, np.array([0])).tolist() == [least / len(text)]


def test_a_common_text_is_not_compressed_as_a_whole(monkeypatch):
    answers = [row.output[0] for row in World(3).rows(200)]
    corpus = corpus_of([" ".join(answers[at:]) for at in range(8)])
    sizes, compress = [], zlib.compress
    monkeypatch.setattr(zlib, "compress", lambda text: (sizes.append(len(text)), compress(text))[1])
    assert len(measure_long_rows(corpus, 0.05).rows)
    assert max(sizes) <= len(" ".join(answers)) // 4
