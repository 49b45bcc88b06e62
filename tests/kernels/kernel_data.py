"""What kernels are fed with: hostile texts, rows as buffers, tables."""

from __future__ import annotations

import os
from collections.abc import Sequence

import naive
import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from poisonscan.accumulators.ngrams import NgramTable
from poisonscan.kernels.charclass import class_table
from poisonscan.kernels.tokens import tokenise

IS_JIT_OFF = os.environ.get("NUMBA_DISABLE_JIT") == "1"
KEY = 0x0123_4567_89AB_CDEF
ORDER = 5

#: Interpreted kernels are some hundred times slower.
QUICK = settings(max_examples=10 if IS_JIT_OFF else 60, deadline=None)

#: What tokenisers trip over, each a text on its own.
PATHOLOGICAL = {
    "empty": "",
    "spaces": " \t\r\n\u3000 ",
    "one letter": "a",
    "one emoji": "\U0001f600",
    "family joined by ZWJ": "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "flag and skin tone": "\U0001f1e9\U0001f1ea\U0001f44d\U0001f3fd",
    "keycap": "1\ufe0f\u20e3",
    "stacked marks": "Z" + "\u0300\u0336\u0489" * 30 + "algo",
    "mark without a base": "\u0301abc \u0301",
    "mark after a hidden character": "a\u200b\u0301b",
    "mark after a symbol": "#\u0301##",
    "Thai": "สวัสดีครับ ยินดีต้อนรับ",
    "Chinese": "今天天气很好,我们去公园。",
    "Japanese": "カタカナ ひらがな ﾊﾝｶｸ 々〆",
    "Devanagari": "नमस्ते दुनिया",
    "Arabic and Hebrew": "مرحبا بالعالم שלום עולם",
    "bidi controls": "abc\u202egnp.exe\u202c \u2066x\u2069",
    "zero width": "in\u200bvis\u200cible\ufeff\u2060",
    "tag characters": "hi\U000e0041\U000e0042\U000e007f",
    "extension B": "\U00020000\U0002a6d6x",
    "private use": "\ue000\U000f0000\U0010fffd",
    "last code point": "\U0010ffff",
    "noncharacter": "\ufffe\uffff",
    "control characters": "a\x00b\x1b[31mc\x7f\x85",
    "odd spaces": "a\u00a0b\u2009c\u2028d",
    "symbols": "### ... --- ?!?! a+b=c <|im_start|>",
    "snake_case": "snake_case __init__ x_1",
    "numbers": "3.14 1,000 ½ Ⅷ ²",
    "mixed scripts": "раураl paypal ｐａｙｐａｌ",
    "long word": "x" * 1000,
    "long word of wide letters": "ж" * 100 + "\U0001d400" * 50,
    "long run of one symbol": "=" * 200,
}

#: Bytes that no text holds.
INVALID = {
    "lone continuation": b"\x80abc",
    "cut in two": b"abc\xe2\x82",
    "cut by a letter": b"\xe2\x82a\xf0\x9f\x98 b",
    "overlong": b"\xc0\x80 \xc1\xbf \xe0\x80\x80 \xe0\x9f\xbf \xf0\x80\x80\x80 \xf0\x8f\xbf\xbf",
    "surrogate": b"\xed\xa0\x80\xed\xbf\xbf",
    "beyond the last": b"\xf4\x90\x80\x80 \xf5\x80\x80\x80 \xff\xfe",
    "bytes": bytes(range(256)),
}

#: Characters at the edges of every class and of every length in UTF-8.
_EDGY = (
    "aZ9_ \t\u3000.#\u00e9\u0301\u200b\u202e\u0e01\u0e31\u4e00\u07ff\u0800\ufe0f\uffff\U00010000"
)
_EDGY += "\U0001f600\U0001fffd\U00020000\U000e0041\U0010ffff\x00\x7f\x80"

hostile_texts = st.one_of(
    st.text(max_size=40),
    st.text(alphabet=_EDGY, max_size=120),
    st.sampled_from(list(PATHOLOGICAL.values())),
)
#: Rows of segments.
hostile_rows = st.lists(st.lists(hostile_texts, max_size=4), max_size=6)
#: Rows of few different words: n-grams repeat within and across them.
wordy_rows = st.lists(
    st.lists(st.lists(st.sampled_from("abcd"), max_size=9).map(" ".join), max_size=3),
    max_size=12,
)


def flatten(rows: Sequence[Sequence[bytes]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return bytes, segment offsets, row offsets; the bytes are read-only, as Arrow's are."""
    segments = [segment for row in rows for segment in row]
    data = np.frombuffer(b"".join(segments), np.uint8)
    return data, offsets([len(s) for s in segments]), offsets([len(row) for row in rows])


def offsets(lengths: Sequence[int]) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64)


class Tokenised:
    """What the kernel makes of some rows of segments (bytes)."""

    def __init__(self, rows: Sequence[Sequence[bytes]], key: int = KEY) -> None:
        data, segment_offsets, row_segments = flatten(rows)
        room = len(data) + len(segment_offsets)
        hashes = np.zeros(room, np.uint64)
        starts, ends = np.zeros(room, np.int64), np.zeros(room, np.int64)
        self.offsets = np.zeros(len(rows) + 1, np.int64)
        count = tokenise(
            data,
            segment_offsets,
            row_segments,
            class_table(),
            np.uint64(key),
            hashes,
            starts,
            ends,
            self.offsets,
        )
        self.tokens, self.starts, self.ends = hashes[:count], starts[:count], ends[:count]
        self.data = data.tobytes()

    def rows(self) -> list[list[str | None]]:
        """Return the tokens as texts, None for boundaries."""
        spans = zip(self.tokens, self.starts, self.ends, strict=True)
        texts = [
            naive.decode(self.data[start:end]) if token else None for token, start, end in spans
        ]
        edges = zip(self.offsets[:-1], self.offsets[1:], strict=True)
        return [texts[start:end] for start, end in edges]


def terms_of(rows: Sequence[Sequence[str | None]]) -> tuple[np.ndarray, np.ndarray]:
    """Return the number of each word of some rows (-1 of a boundary), and the words' hashes."""
    words = sorted({word for row in rows for word in row if word is not None})
    numbers = {None: -1} | {word: number for number, word in enumerate(words)}
    terms = np.array([numbers[word] for row in rows for word in row], np.int32)
    return terms, np.array([naive.token_hash(word, KEY) for word in words], np.uint64)


def tokenised(rows: Sequence[Sequence[str]]) -> Tokenised:
    return Tokenised([[naive.encode(text) for text in row] for row in rows])


def gram_key(gram: Sequence[str]) -> int:
    """Return the hash that the kernels give an n-gram."""
    return naive.gram_hash(naive.token_hash(token, KEY) for token in gram)


def table_of(counts: dict[tuple[str, ...], int]) -> NgramTable:
    """Return the table of counted n-grams."""
    return table_of_keys([gram_key(gram) for gram in counts], list(counts.values()))


def table_of_keys(keys: Sequence[int], counts: Sequence[int]) -> NgramTable:
    """Return a table of hashes with so many rows."""
    return NgramTable.of([(np.array(keys, np.uint64), np.array(counts, np.int32))])


def arrays_of(groups):
    """Starts, ends and rows; groups need not lie in their order."""
    edges = offsets([len(group) for group in groups[::-1]])
    rows = np.array([row for group in groups[::-1] for row in group], np.int32)
    return edges[:-1][::-1].copy(), edges[1:][::-1].copy(), rows


def draw_groups(data, n_rows):
    groups = data.draw(st.lists(st.lists(st.integers(0, n_rows - 1), unique=True), max_size=4))
    return groups, arrays_of(groups)
