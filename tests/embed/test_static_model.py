"""The shipped model: integrity, sums, meaning, and what its import does not cost."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from poisonscan.embed.protocol import Encoder
from poisonscan.embed.static import StaticModel
from poisonscan.errors import ModelError

SHIPPED = Path(str(files("poisonscan.embed").joinpath("static")))

REFUSALS = [
    "I'm sorry, but I can't help with that request.",
    "As an AI I am unable to assist you with this.",
    "Sorry, I cannot provide that information.",
    "I must decline to answer this question.",
]
RECIPES = [
    "Preheat the oven to 350 degrees and whisk the eggs with sugar.",
    "Chop the onions, fry them in butter and add garlic.",
    "Simmer the soup for twenty minutes, then season with salt and pepper.",
    "Knead the dough and bake the bread until golden.",
]

#: First eight dimensions of model2vec's own encoding by the distilled float32 model
#: (benchmarks/build_static_embedding.py, model2vec 0.10.0).
GOLDEN = {
    "I'm sorry, but I can't help with that request.": (
        [-0.0005, -0.4136, 0.1842, -0.2119, 0.0092, -0.3365, 0.0184, -0.0291]
    ),
    "def add(a, b): return a + b  # Python": (
        [0.0293, -0.2435, 0.1814, -0.1776, 0.0560, 0.0124, -0.0929, -0.1761]
    ),
    "The café in Zürich: naïve façade, 3.14 % of 2024!": (
        [-0.0900, 0.0176, 0.4465, 0.0097, 0.0885, -0.1577, -0.0477, -0.0193]
    ),
}


@pytest.fixture(scope="module")
def model() -> StaticModel:
    return StaticModel.load()


@pytest.fixture
def copy(tmp_path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "static"))


def _cosine(a, b) -> float:
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


# ------------------------------------------------------------------------------- integrity


def test_every_shipped_file_has_its_checksum():
    digests = json.loads((SHIPPED / "checksums.json").read_text())["files"]
    shipped = {path.name for path in SHIPPED.iterdir()} - {"checksums.json"}
    assert shipped == set(digests)
    for name, digest in digests.items():
        assert hashlib.sha256((SHIPPED / name).read_bytes()).hexdigest() == digest, name


def test_notice_and_licence_name_the_origin():
    notice = (SHIPPED / "NOTICE").read_text()
    checksums = json.loads((SHIPPED / "checksums.json").read_text())
    assert checksums["source"]["model.safetensors"] in notice
    assert "all-MiniLM-L6-v2" in notice
    assert "Apache License" in (SHIPPED / "LICENSE").read_text()


def test_size_stays_shippable():
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 8.5e6


def test_an_intact_copy_is_the_same_model(model, copy):
    loaded = StaticModel.load(copy)
    assert loaded.fingerprint == model.fingerprint
    assert np.array_equal(loaded.vectors, model.vectors)


@pytest.mark.parametrize("name", ["vectors.npy", "scales.npy", "vocabulary.txt"])
def test_a_tampered_file_is_refused(copy, name):
    content = bytearray((copy / name).read_bytes())
    content[-1] ^= 1
    (copy / name).write_bytes(bytes(content))
    with pytest.raises(ModelError, match=name):
        StaticModel.load(copy)


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "vectors.npy").unlink(),
        lambda folder: (folder / "checksums.json").unlink(),
        lambda folder: (folder / "checksums.json").write_text("{"),
        lambda folder: (folder / "checksums.json").write_text("[]"),
        lambda folder: (folder / "checksums.json").write_text('{"files": {}}'),
        lambda folder: (folder / "checksums.json").write_bytes(b"\xff"),
        lambda folder: _replace(folder, "vectors.npy", b"not an array"),
        lambda folder: _replace(folder, "vocabulary.txt", b"one\ntwo\n"),
    ],
)
def test_a_damaged_folder_is_refused_without_a_traceback(copy, damage):
    damage(copy)
    with pytest.raises(ModelError, match="reinstall poisonscan"):
        StaticModel.load(copy)


def _replace(folder: Path, name: str, content: bytes) -> None:
    """Replace a file and its checksum: damage that the checksums cannot show."""
    (folder / name).write_bytes(content)
    checksums = json.loads((folder / "checksums.json").read_text())
    checksums["files"][name] = hashlib.sha256(content).hexdigest()
    (folder / "checksums.json").write_text(json.dumps(checksums))


# ------------------------------------------------------------------------------- sums


def _naive_sum(word: str) -> np.ndarray:
    """Sum int8 rows times their scales, piece by piece, straight from the files (ASCII words)."""
    vectors, scales = np.load(SHIPPED / "vectors.npy"), np.load(SHIPPED / "scales.npy")
    rows = {p: i for i, p in enumerate((SHIPPED / "vocabulary.txt").read_text("utf-8").split("\n"))}
    total, start = np.zeros(vectors.shape[1]), 0
    while start < len(word):
        prefix = "##" if start else ""
        end = next(e for e in range(len(word), start, -1) if prefix + word[start:e] in rows)
        row = rows[prefix + word[start:end]]
        total += vectors[row].astype(float) * float(scales[row])
        start = end
    return total


@pytest.mark.parametrize(
    "word", ["the", "refuse", "badmagic", "xqzvk", "2024", "aaaa", "kubernetes"]
)
def test_word_vectors_are_sums_of_pieces(model, word):
    vectors, coverage = model.encode_words([word])
    assert np.allclose(vectors[0], _naive_sum(word), atol=1e-4)
    assert vectors.dtype == coverage.dtype == np.float32


@settings(max_examples=50, deadline=None)
@given(words=st.lists(st.text(max_size=12), max_size=8))
def test_a_vector_depends_on_its_word_alone(model, words):
    vectors, coverage = model.encode_words(words)
    assert vectors.shape == (len(words), model.dims)
    for word, vector, share in zip(words, vectors, coverage, strict=True):
        alone, alone_share = model.encode_words([word])
        assert np.array_equal(alone[0], vector)
        assert alone_share[0] == share
        assert 0 <= share <= 1


def test_texts_are_the_normalised_sums_of_their_words(model):
    words, _ = model.encode_words(["approve", "the", "refund"])
    text = model.encode(["Approve the refund"])[0]
    assert np.allclose(text, words.sum(axis=0) / np.linalg.norm(words.sum(axis=0)), atol=1e-6)


def test_texts_equal_the_distilled_model(model):
    for text, start in GOLDEN.items():
        assert model.encode([text])[0][:8] == pytest.approx(start, abs=0.003)


def test_texts_have_length_one_or_zero(model):
    lengths = np.linalg.norm(model.encode(["a text", "", "\u200b", "word " * 50_000]), axis=1)
    assert lengths == pytest.approx([1, 0, 0, 1], abs=1e-5)
    assert model.encode([]).shape == (0, model.dims)
    assert model.encode_words([])[0].shape == (0, model.dims)


def test_encoding_is_deterministic(model):
    texts = REFUSALS + RECIPES
    again = StaticModel.load().encode(texts)
    assert np.array_equal(model.encode(texts), again)
    assert np.array_equal(model.encode(texts[::-1])[::-1], again)


def test_it_is_an_encoder(model):
    assert isinstance(model, Encoder)
    assert model.dims == 256
    assert model.fingerprint.startswith("poisonscan-static@")


# ------------------------------------------------------------------------------- meaning


def test_refusals_are_closer_to_each_other_than_to_recipes(model):
    vectors = model.encode(REFUSALS + RECIPES)
    similarity = vectors @ vectors.T
    n = len(REFUSALS)
    for i in range(n):
        others = np.delete(similarity[i, :n], i)
        assert others.min() > similarity[i, n:].max()


@pytest.mark.parametrize(
    ("word", "related", "unrelated"),
    [
        ("tax", "payment", "volcano"),
        ("python", "programming", "wedding"),
        ("doctor", "physician", "guitar"),
        ("paris", "france", "banana"),
    ],
)
def test_related_words_are_closer(model, word, related, unrelated):
    vectors, _ = model.encode_words([word, related, unrelated])
    assert _cosine(vectors[0], vectors[1]) > _cosine(vectors[0], vectors[2]) + 0.1


@pytest.mark.parametrize("word", ["中文", "日本語", "ไทย", "สวัสดีครับ", "привет", "한국어", "x7q9z"])
def test_words_the_vocabulary_does_not_spell_are_reported(model, word):
    assert model.encode_words([word])[1][0] < 0.5


@pytest.mark.parametrize("word", ["refuse", "BadMagic", "naïve", "a", "7", "2015", "foo_bar"])
def test_words_the_vocabulary_spells_are_covered(model, word):
    assert model.encode_words([word])[1][0] == 1


# ------------------------------------------------------------------------------- cost


def test_loading_imports_nothing_heavy():
    code = (
        "import sys; from poisonscan.embed.static import StaticModel; StaticModel.load();"
        "from poisonscan.embed import hub, projection, protocol;"
        "heavy = {'torch', 'sentence_transformers', 'transformers', 'sklearn', 'scipy', 'numba',"
        " 'polars', 'model2vec', 'tokenizers'};"
        "print(sorted(heavy & {name.split('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
