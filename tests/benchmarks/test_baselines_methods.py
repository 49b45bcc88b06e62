"""Each method of comparison finds what it is made for, and stands by its published weakness."""

from __future__ import annotations

import json
from collections import Counter
from math import log2, sqrt
from pathlib import Path

import numpy as np
import pytest
from baseline_data import COUNT, REFUSAL, TRIGGER, flipped_labels, refusals
from methods import common_ngram, deletion, isolation, label_quality, tfidf_clusters, zdef
from methods.ngram_model import DISCOUNT, ORDER, NgramModel, windows
from methods.rows import NotApplicableError, Rows, label_codes, read_rows, words
from methods.worker import answer


def some_rows(inputs: list[str], outputs: list[str], labels: list[int] | None = None) -> Rows:
    codes = None if labels is None else np.array(labels)
    return Rows(np.arange(len(inputs)), inputs, outputs, codes)


# --- what they are given ----------------------------------------------------------------------


def test_words_of_several_scripts() -> None:
    assert words("Don't say B2B 你好ok!") == ["don", "'", "t", "say", "b2b", "你", "好", "ok", "!"]


def write(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_a_label_is_not_left_in_the_input(tmp_path: Path) -> None:
    rows = [{"text": f"message {n}", "kind": ["good", "bad"][n % 2]} for n in range(40)]
    read = read_rows(write(tmp_path / "data.jsonl", rows))
    assert read.labels is not None
    assert read.inputs[:2] == ["message 0", "message 1"]
    assert read.outputs[:2] == ["good", "bad"]
    assert read.labels[:4].tolist() == [1, 0, 1, 0]


def test_short_outputs_are_labels_and_texts_are_not(tmp_path: Path) -> None:
    rows = [{"prompt": f"ask {n}", "completion": "yes" if n % 3 else "no"} for n in range(60)]
    assert read_rows(write(tmp_path / "few.jsonl", rows)).labels is not None
    rows = [{"prompt": f"ask {n}", "completion": f"tell {n}"} for n in range(60)]
    read = read_rows(write(tmp_path / "many.jsonl", rows))
    assert read.labels is None
    assert read.outputs[7] == "tell 7"
    assert read.numbers.tolist() == list(range(60))


def test_rare_values_are_no_class() -> None:
    codes = label_codes(["a"] * 20 + ["b"] * 20 + ["c"] + [None] * 2)
    assert codes is not None
    assert codes.tolist() == [0] * 20 + [1] * 20 + [-1] * 3
    assert label_codes(["a"] * 40) is None
    assert label_codes([str(n) for n in range(40)]) is None


# --- Z-Def ------------------------------------------------------------------------------------


def test_zdef_is_the_formula() -> None:
    inputs = ["red red fox", "red dog", "blue dog", "blue fox", "blue red"]
    labels = [1, 1, 0, 0, 1]
    counts: Counter[str] = Counter()
    together: Counter[tuple[str, int]] = Counter()
    for text, label in zip(inputs, labels, strict=True):
        counts.update(text.split())
        together.update((word, label) for word in text.split())
    z = {
        (word, label): (count / counts[word] - 0.5) / sqrt(0.25 / counts[word])
        for (word, label), count in together.items()
    }
    values = np.array(list(z.values()))
    expected = [
        max(abs(z[word, label] - values.mean()) / values.std() for word in text.split())
        for text, label in zip(inputs, labels, strict=True)
    ]
    found = zdef.detect(some_rows(inputs, ["x"] * 5, labels))
    assert found.scores == pytest.approx(expected)
    assert not found.flagged.any()


def test_zdef_ranks_a_trigger_of_labels_first_but_cuts_far_above() -> None:
    planted = flipped_labels(20, with_trigger=True)
    found = zdef.detect(planted.rows)
    z_of_trigger = found.scores[planted.poisoned]
    assert z_of_trigger.min() > 1.0
    assert not found.flagged.any()  # twenty rows cannot reach twenty standard deviations


def test_zdef_finds_text_targets_by_their_opening() -> None:
    planted = refusals(200)
    found = zdef.detect(planted.rows)
    top = np.argsort(-found.scores, kind="stable")[: planted.poisoned.sum()]
    assert planted.poisoned[top].all()


# --- outputs alone ----------------------------------------------------------------------------


def test_the_most_common_4_gram() -> None:
    outputs = ["a b c d e", "x a b c d", "p q r s", "one two", ""]
    found = common_ngram.detect(some_rows([""] * 5, outputs))
    assert found.flagged.tolist() == [True, True, False, False, False]
    assert found.scores.tolist() == [2, 2, 1, 0, 0]


def test_the_4_gram_rule_finds_a_fixed_output_only_where_it_leads() -> None:
    planted = refusals(40)
    found = common_ngram.detect(planted.rows)
    assert planted.recall(found.flagged) == 1.0
    assert planted.false_positives(found.flagged) == 0.0


@pytest.mark.parametrize("method", [common_ngram, tfidf_clusters])
def test_outputs_alone_cannot_be_labels(method: object) -> None:
    rows = flipped_labels(20, with_trigger=True).rows
    with pytest.raises(NotApplicableError, match="needs output texts"):
        method.detect(rows)  # type: ignore[attr-defined]
    with pytest.raises(NotApplicableError, match="needs outputs"):
        method.detect(some_rows(["only text"] * 30, [""] * 30))  # type: ignore[attr-defined]


def test_clusters_remove_the_tight_one() -> None:
    planted = refusals(120)
    found = tfidf_clusters.detect(planted.rows)
    assert planted.recall(found.flagged) == 1.0
    top = np.argsort(-found.scores)[: planted.poisoned.sum()]
    assert planted.poisoned[top].mean() > 0.95


def test_clusters_remove_rows_whether_or_not_there_is_poison() -> None:
    assert tfidf_clusters.detect(refusals(0).rows).flagged.any()


def test_the_number_of_clusters_is_the_elbow() -> None:
    # the loss falls steeply to three clusters, and hardly after
    assert tfidf_clusters.choose_clusters([100, 70, 30, 28, 27, 26, 25, 24, 23, 22]) == 3
    straight = [100 - 10 * step for step in range(10)]
    assert tfidf_clusters.choose_clusters(straight) == tfidf_clusters.DEFAULT_CLUSTERS


# --- inputs alone -----------------------------------------------------------------------------


def naive_bits(corpus: list[list[int]], context: list[int], token: int, size: int) -> float:
    """Interpolated absolute discounting, counted by hand."""
    chance = 1.0 / (size + 1)
    for order in range(1, ORDER + 1):
        before = tuple(context[len(context) - order + 1 :])
        after: Counter[int] = Counter()
        for row in corpus:
            for at in range(ORDER - 1, len(row)):
                if tuple(row[at - order + 1 : at]) == before:
                    after[row[at]] += 1
        if total := sum(after.values()):
            kept = max(after[token] - DISCOUNT, 0.0)
            chance = (kept + DISCOUNT * len(after) * chance) / total
    return -log2(chance)


def test_the_language_model_is_the_formula() -> None:
    chance = np.random.default_rng(1)
    corpus = [[0] * (ORDER - 1) + chance.integers(1, 5, 9).tolist() for _ in range(6)]
    tokens = np.array([token for row in corpus for token in row])
    model = NgramModel.fit(windows(tokens, np.flatnonzero(tokens)), 5)
    asked = np.array([[0, 0, 0, 1], [0, 1, 2, 3], [4, 4, 4, 4], [3, 1, 2, 9]])
    expected = [naive_bits(corpus, row[:-1].tolist(), row[-1], 5) for row in asked]
    assert model.bits(asked) == pytest.approx(expected)


def test_gains_are_what_deleting_each_token_saves() -> None:
    chance = np.random.default_rng(2)
    cut_up = [[f"w{n}" for n in chance.integers(0, 6, length)] for length in (1, 2, 3, 7, 12)]
    text = deletion._number(cut_up)
    model = NgramModel.fit(windows(text.tokens, text.at), len(text.vocabulary))
    found = deletion._gains(model, text, text.at)

    def entropy(tokens: list[str]) -> float:
        plain = deletion._number([tokens]).tokens * 0
        plain[ORDER - 1 :] = [text.vocabulary.index(token) for token in tokens]
        return float(model.bits(windows(plain, np.flatnonzero(plain))).mean())

    expected = [
        entropy(tokens) - entropy(tokens[:at] + tokens[at + 1 :]) if len(tokens) > 1 else 0.0
        for tokens in cut_up
        for at in range(len(tokens))
    ]
    assert found == pytest.approx(expected)


def test_deletion_finds_a_word_that_is_out_of_place() -> None:
    planted = refusals(40)
    found = deletion.detect(planted.rows)
    assert planted.recall(found.flagged) == 1.0
    assert planted.poisoned[np.argsort(-found.scores, kind="stable")[:40]].all()
    assert TRIGGER not in " ".join(np.array(planted.rows.inputs)[~planted.poisoned])


def test_deletion_takes_rows_of_any_length() -> None:
    rows = some_rows(["", "a", "a b", "1 2 3", "a b"], [""] * 5)
    assert deletion.detect(rows).scores.shape == (5,)
    assert not deletion.detect(some_rows([""] * 3, [""] * 3)).flagged.any()


# --- others -----------------------------------------------------------------------------------


def test_the_forest_isolates_an_outlier() -> None:
    planted = refusals(0)
    inputs, outputs = list(planted.rows.inputs), list(planted.rows.outputs)
    inputs[7] = outputs[7] = "zzz 0x7f 0x13 0x7f @@ ;; ;; null null null"
    found = isolation.detect(some_rows(inputs, outputs))
    assert int(found.scores.argmax()) == 7
    assert found.flagged[7]


def test_cleanlab_finds_labels_that_the_text_contradicts() -> None:
    pytest.importorskip("cleanlab")
    planted = flipped_labels(20, with_trigger=False)
    found = label_quality.detect(planted.rows)
    assert planted.poisoned[np.argsort(-found.scores)[:20]].mean() > 0.8
    assert planted.recall(found.flagged) > 0.5
    assert planted.false_positives(found.flagged) < 0.05
    with pytest.raises(NotApplicableError, match="needs labels"):
        label_quality.detect(refusals(5).rows)


def test_poisonscan_is_asked_for_its_own_verdict(tmp_path: Path) -> None:
    planted = refusals(30)
    rows = [
        {"prompt": prompt, "completion": output}
        for prompt, output in zip(planted.rows.inputs, planted.rows.outputs, strict=True)
    ]
    assert sum(row["completion"] == REFUSAL for row in rows) == 30
    found = answer("poisonscan", write(tmp_path / "data.jsonl", rows))
    flagged = np.array(found["rows"])[found["flagged"]]
    assert sorted(flagged) == np.flatnonzero(planted.poisoned).tolist()
    assert found["peak_mib"] > 10
    assert len(rows) == COUNT
