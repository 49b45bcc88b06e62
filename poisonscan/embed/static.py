"""The shipped model: one vector per piece, distilled from all-MiniLM-L6-v2.

`static/NOTICE` says where the vectors come from; ``benchmarks/build_static_embedding.py`` rebuilds
them. Loading takes neither torch nor the network.

The vectors carry their weight: the distillation multiplied each by ``a / (a + p)`` with a = 1e-4
and p the frequency of the piece, estimated by Zipf's law from its rank in the vocabulary (SIF:
Arora et al. 2017). Punctuation and single letters keep 0.004 to 0.05 of their length, ``the`` keeps
0.50, ``chicago`` 0.68, rare pieces nearly all: a plain sum is already a weighted one.

A word that is a piece of its own has a good vector; a word put together from pieces has that of its
pieces, whatever they mean (``refund`` is ``ref`` + ``##und``). English only.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from poisonscan.embed.wordpiece import Pieces, WordPiece
from poisonscan.errors import ModelError

CHECKSUMS: Final = "checksums.json"
VECTORS: Final = "vectors.npy"
SCALES: Final = "scales.npy"
VOCABULARY: Final = "vocabulary.txt"


@dataclass(frozen=True, slots=True)
class StaticModel:
    """Vectors of pieces, and the tokeniser that finds the pieces.

    Attributes
    ----------
    vectors
        float32 ``(V, dims)``, one row per piece. The columns are principal components, strongest
        first: a prefix of them is a coarser model.
    wordpiece
        The tokeniser.
    fingerprint
        Name and digest of vectors and vocabulary.
    """

    vectors: NDArray[np.float32]
    wordpiece: WordPiece
    fingerprint: str

    @classmethod
    def load(cls, folder: Traversable | None = None) -> StaticModel:
        """Load the model of the package, or another one built by the same script.

        Raises
        ------
        ModelError
            A file is missing, or its content is not what ``checksums.json`` says.
        """
        folder = folder or files("poisonscan.embed").joinpath("static")
        try:
            digests = json.loads(folder.joinpath(CHECKSUMS).read_bytes())["files"]
            content = {name: _read(folder, name, digests[name]) for name in _USED_FILES}
            quantised = np.load(io.BytesIO(content[VECTORS]), allow_pickle=False)
            scales = np.load(io.BytesIO(content[SCALES]), allow_pickle=False)
            vectors = np.multiply(quantised, scales[:, None], dtype=np.float32)
            vocabulary = content[VOCABULARY].decode().removesuffix("\n").split("\n")
        except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
            raise ModelError(
                f"the embedding model in {str(folder)!r} cannot be read"
                f" ({type(error).__name__}); reinstall poisonscan"
            ) from error
        if vectors.ndim != 2 or len(vectors) != len(vocabulary):
            raise ModelError(
                f"the embedding model in {str(folder)!r} has {len(vocabulary)} pieces and vectors"
                f" of shape {vectors.shape}; reinstall poisonscan"
            )
        digest = hashlib.sha256("".join(digests[name] for name in _USED_FILES).encode())
        return cls(vectors, WordPiece(vocabulary), f"poisonscan-static@{digest.hexdigest()[:16]}")

    @property
    def dims(self) -> int:
        """Length of a vector."""
        return int(self.vectors.shape[1])

    def encode_words(self, words: Sequence[str]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the sum of each word's pieces, and how far the vocabulary spells the word.

        Sums add up: the vector of a text is the sum of the vectors of its words (and of its
        punctuation, which weighs next to nothing). A row depends on its word alone.

        Returns
        -------
        vectors
            float32 ``(n, dims)``, 1 kB a word; zero for a word without pieces.
        coverage
            float32 ``(n,)`` in 0..1, see `WordPiece.encode`; below one half, take the word as
            unknown to the model.
        """
        pieces = self.wordpiece.encode(words)
        return self.sum_pieces(pieces), pieces.coverage

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the mean of each text's pieces, scaled to length 1; zero for no pieces."""
        sums = self.sum_pieces(self.wordpiece.encode(texts))
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        np.divide(sums, lengths, out=sums, where=lengths > 0)
        return sums

    def sum_pieces(self, pieces: Pieces) -> NDArray[np.float32]:
        """Return the sum of the vectors of each row of pieces, float32 ``(n, dims)``."""
        from scipy.sparse import csr_array

        # A sparse product: nothing of size (pieces, dims) is ever built, and it is faster than
        # np.add.reduceat over gathered rows (0.27 s against 0.65 s for 100,000 words).
        counts = csr_array(
            (np.ones(len(pieces.ids), np.float32), pieces.ids, pieces.indptr),
            shape=(len(pieces.coverage), len(self.vectors)),
        )
        return np.asarray(counts @ self.vectors, dtype=np.float32)


#: Files that vectors depend on, in the order in which the fingerprint takes them.
_USED_FILES: Final = (VECTORS, SCALES, VOCABULARY)


def _read(folder: Traversable, name: str, expected: str) -> bytes:
    """Return the content of a file; the bytes that are checked are the bytes that are used."""
    content = folder.joinpath(name).read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if digest != expected:
        raise ModelError(
            f"{str(folder.joinpath(name))!r} is damaged or was altered: sha256 {digest[:16]}...,"
            f" expected {expected[:16]}...; reinstall poisonscan"
        )
    return content
