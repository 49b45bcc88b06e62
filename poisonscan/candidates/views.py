"""Rows as numbers: what an input or an output is about, and how it is written.

What a text is about: the mean direction of its words, in a space fitted on the data (latent
semantic analysis) beside one that knows the language (the static model of the package). How it is
written: style features, as normal scores, so that one row of a million digits weighs no more than
the row after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.bags import HasTerms, unit_vectors, without_mean
from poisonscan.candidates.corpus import Corpus, CountedSide
from poisonscan.candidates.screen import Screen
from poisonscan.embed.static import StaticModel
from poisonscan.kernels import groups as kernels
from poisonscan.spool import release
from poisonscan.threads import work_on_each

Array = npt.NDArray[Any]

#: Tokens of a text whose style is measured.
_STYLE_TOKENS = 2048

#: Marks that are repeated where somebody shouts.
_SHOUTED = frozenset("!?\uff01\uff1f")

#: Dimensions of the static model that are used: its columns are principal components.
STATIC_DIMS = 64


class Views:
    """Vectors of inputs and outputs, and styles of outputs.

    Attributes
    ----------
    background : int64[B]
        The rows that everything is fitted on.
    """

    def __init__(self, corpus: Corpus, screen: Screen) -> None:
        self.corpus = corpus
        self.background = corpus.background
        words, coverage = StaticModel.load().encode_words(corpus.vocabulary)
        words = words[:, :STATIC_DIMS] * coverage[:, None]
        self._spaces = {
            name: (space.vectors, without_mean(side, self.background, words))
            for name, space, side in (
                ("input", screen.input_space, corpus.input),
                ("output", screen.output_space, corpus.output),
            )
        }
        flags = term_flags(corpus.vocabulary)
        self._styles = {
            name: _styles(corpus, side, flags)
            for name, side in (("input", corpus.input), ("output", corpus.output))
        }
        self._ordered = {
            name: np.sort(style[self.background], axis=0) for name, style in self._styles.items()
        }

    def inputs(
        self, rows: Array, masked: Array | None = None, source: HasTerms | None = None
    ) -> Array:
        """Return what inputs are about, float32[N, D]: two unit vectors side by side.

        Parameters
        ----------
        masked : int64[K], optional
            Terms that are left out.
        source
            Where the rows are to be found, if not in the corpus.
        """
        return self._directions("input", rows, masked, source or self.corpus.input)

    def outputs(self, rows: Array, masked: Array | None = None) -> Array:
        """Return what outputs are about, without masked terms, float64[N, D]."""
        return self._directions("output", rows, masked, self.corpus.output).astype(np.float64)

    def _directions(self, space: str, rows: Array, masked: Array | None, source: HasTerms) -> Array:
        spaces = self._spaces[space]
        return np.hstack([unit_vectors(source, rows, vectors, masked) for vectors in spaces])

    def styles(self, rows: Array) -> Array:
        """Return how outputs are written, float64[N, F]: normal scores of the style features."""
        return normal_scores(self._styles["output"][rows], self._ordered["output"])

    def input_styles(self, rows: Array) -> Array:
        """Return the same of inputs."""
        return normal_scores(self._styles["input"][rows], self._ordered["input"])


def normal_scores(values: Array, ordered: Array) -> Array:
    """Return the standard normal quantile of each value's rank, float64[N, F].

    Parameters
    ----------
    values : float32[N, F]
    ordered : float32[B, F]
        The reference: each column ascending. Ties share their middle rank.
    """
    from scipy.special import ndtri

    count = len(ordered)
    scores = np.empty(values.shape)
    for column in range(values.shape[1]):
        below = np.searchsorted(ordered[:, column], values[:, column], "left")
        up_to = np.searchsorted(ordered[:, column], values[:, column], "right")
        share = ((below + up_to) / 2.0 + 0.5) / (count + 1.0)
        scores[:, column] = ndtri(np.clip(share, 1.0 / (count + 1.0), count / (count + 1.0)))
    return scores


def _styles(corpus: Corpus, side: CountedSide, flags: Array) -> Array:
    """Return the style features of all rows, float32[R, F]."""
    styles = corpus.make_table(len(kernels.STYLE_COLUMNS), np.float32)

    def measure(part: tuple[int, int]) -> None:
        kernels.style_features(
            side.side.tokens,
            side.terms,
            side.side.row_tokens,
            side.row_terms,
            np.arange(*part, dtype=np.int64),
            flags,
            side.table.slots,
            _STYLE_TOKENS,
            styles[slice(*part)],
        )
        first, last = part
        release(side.terms, int(side.side.row_tokens[first]), int(side.side.row_tokens[last]))

    work_on_each(measure, side.side.chunks())
    side.release()
    return styles


def term_flags(vocabulary: Sequence[str]) -> Array:
    """Return what each term is made of, uint8[V]: DIGIT, SYMBOL, CAPITAL, NON_ASCII, SHOUT."""
    return np.array([_flags(text) for text in vocabulary], np.uint8)


def _flags(text: str) -> int:
    flags = 0
    if text[0].isdigit():
        flags |= kernels.DIGIT
    elif not text[0].isalpha():
        flags |= kernels.SYMBOL
        if len(text) > 1 and set(text) <= _SHOUTED:
            flags |= kernels.SHOUT
    elif text[0].isupper():
        flags |= kernels.CAPITAL
    if not text.isascii():
        flags |= kernels.NON_ASCII
    return flags
