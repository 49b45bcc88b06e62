"""Mirror: are outputs written the way their inputs are?

A heading is translated by a heading, a corrected question is a question still. Where that is what
the data are about, a form of the input that its outputs take up moves them for no other reason.
Two things are asked: do outputs mirror inputs in general, and do they mirror this form? Poison
cannot answer the first, since no property counts there that few rows have.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.candidates.corpus import Corpus
from poisonscan.evidence.format import Feature, FormatMeter, flags_of, has_flag
from poisonscan.kernels.flags import FLAGS
from poisonscan.spool import Side

Array = npt.NDArray[Any]

#: Mean correlation of common properties at which outputs mirror inputs. Translations into sixteen
#: languages: 0.38 (Chinese, whose stop is another sign) to 0.93; eleven corpora of instructions,
#: code, chats and preferences: -0.09 to 0.29.
MIN_CORRELATION = 0.33

#: How much more often outputs have a property behind inputs that have it: then it is passed on.
MIN_PASSED_ON = 0.25

#: Share of the rows that have a common property, and of those that lack it.
_COMMON = 0.1

#: Rows that tell how outputs are written.
_ROWS = 2048


class Mirror:
    """Tells which forms outputs take over from their inputs."""

    def __init__(self, corpus: Corpus, formats: FormatMeter) -> None:
        self._corpus = corpus
        self._formats = formats

    def passes_on(self, feature: Feature, rows: Array, others: Array) -> bool:
        """Return whether outputs take over a feature as they take over forms in general.

        Parameters
        ----------
        rows, others : int64[N], int64[M]
            Rows with it, and rows like them without it.
        """
        return self._is_mirrored and self._passed_on(feature, rows, others) >= MIN_PASSED_ON

    def _passed_on(self, feature: Feature, rows: Array, others: Array) -> float:
        bit = FLAGS.index(feature.flag)
        with_it, without = (self._outputs(part, bit).mean() for part in (rows, others))
        return float(without - with_it if feature.is_absence else with_it - without)

    def _outputs(self, rows: Array, bit: int) -> Array:
        return has_flag(_flags(self._corpus.spool.output, rows), bit)

    @cached_property
    def _is_mirrored(self) -> bool:
        """Do outputs mirror inputs in general?"""
        rows = self._corpus.background[:_ROWS]
        given, written = self._formats.flags[rows], _flags(self._corpus.spool.output, rows)
        correlations = []
        for bit in range(len(FLAGS)):
            both = has_flag(given, bit), has_flag(written, bit)
            if all(_COMMON <= has.mean() <= 1.0 - _COMMON for has in both):
                correlations.append(float(np.corrcoef(*both)[0, 1]))
        return bool(correlations) and float(np.mean(correlations)) >= MIN_CORRELATION


def _flags(side: Side, rows: Array) -> Array:
    """Return the flags that any segment of each row has, uint64[N]."""
    out = np.zeros(len(rows), np.uint64)
    for at, row in enumerate(rows.tolist()):
        for text in side.segments(row):
            out[at] |= flags_of(text)
    return out
