"""How natural a text is, in numbers: growth of the vocabulary, n-grams, likeness of rows."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

ORDERS = (1, 2, 3, 4, 5)
#: Upper ends of the classes of document frequency.
DF_CLASSES = (1, 2, 4, 9, 99)
COSINE_ROWS = 2000

_WORD = re.compile(r"\w+")
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xFF51AFD7ED558CCD)


def read_texts(path: Path) -> Iterator[str]:
    """Yield the text of each row of a JSONL file (also gzip): its columns, one a line."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield "\n".join(value for value in json.loads(line).values() if isinstance(value, str))


def take_words(texts: Iterable[str], n_words: int | None) -> list[list[str]]:
    """Return the words of the first rows, in lower case, until there are `n_words` of them."""
    rows: list[list[str]] = []
    left = n_words if n_words is not None else 1 << 62
    for text in texts:
        if left <= 0:
            break
        rows.append(_WORD.findall(text.lower())[:left])
        left -= len(rows[-1])
    return rows


def measure(rows: list[list[str]], seed: int = 0) -> dict[str, float]:
    """Return the statistics of rows of words.

    ``once n`` is the share of the distinct n-grams that occur once, ``distinct n`` their number for
    each word of text, ``df n a-b`` the share of them that is in so many rows. ``growth`` is the
    exponent of Heaps' law, between a quarter of the rows and all.
    """
    vocabulary: dict[str, int] = {}
    ids = np.array([vocabulary.setdefault(word, len(vocabulary)) for row in rows for word in row])
    lengths = np.array([len(row) for row in rows])
    row_of = np.repeat(np.arange(len(rows)), lengths)
    quarter = len(np.unique(ids[: len(ids) // 4]))
    longer = [row for row in rows if len(row) >= 20]
    figures = {
        "rows": float(len(rows)),
        "words": float(len(ids)),
        "words a row": float(lengths.mean()),
        "types": float(len(vocabulary)),
        "growth": float(np.log(len(vocabulary) / quarter) / np.log(4)),
        "mean word letters": float(np.mean([len(word) for row in rows for word in row])),
        "types / words in rows": float(np.mean([len(set(row)) / len(row) for row in longer])),
        "types / 100 words": float(_windowed(ids, 100)),
        "top 10 share": float(np.sort(np.bincount(ids))[-10:].sum() / len(ids)),
        "top 1000 share": float(np.sort(np.bincount(ids))[-1000:].sum() / len(ids)),
    }
    for order in ORDERS:
        figures |= _gram_figures(ids.astype(np.uint64), row_of, order)
    return figures | _cosines(ids, row_of, len(rows), len(vocabulary), seed)


def _windowed(ids: NDArray[np.int64], size: int) -> float:
    """Return the mean share of different words in stretches of `size` words."""
    whole = ids[: len(ids) // size * size].reshape(-1, size)
    ordered = np.sort(whole, axis=1)
    return float((1 + (ordered[:, 1:] != ordered[:, :-1]).sum(axis=1)).mean() / size)


def _gram_figures(
    ids: NDArray[np.uint64], row_of: NDArray[np.int64], order: int
) -> dict[str, float]:
    n_grams = len(ids) - order + 1
    is_inside = row_of[:n_grams] == row_of[order - 1 :]
    grams = np.zeros(n_grams, np.uint64)
    for at in range(order):
        grams = (grams * _SPREAD + ids[at : at + n_grams] + np.uint64(1)) * _MIX
        grams ^= grams >> np.uint64(29)
    grams, rows = grams[is_inside], row_of[:n_grams][is_inside]
    _, numbers, counts = np.unique(grams, return_inverse=True, return_counts=True)
    pairs = np.unique(numbers.astype(np.int64) * (int(row_of[-1]) + 1) + rows)
    frequency = np.bincount(pairs // (int(row_of[-1]) + 1))
    figures = {
        f"distinct {order}": len(counts) / len(grams),
        f"once {order}": float((counts == 1).mean()),
    }
    low = 1
    for high in (*DF_CLASSES, 1 << 62):
        name = f"{low}-{high}" if high < 1 << 62 else f"{low}+"
        inside = (frequency >= low) & (frequency <= high)
        figures[f"df {order} {name}"] = float(inside.mean())
        low = high + 1
    return figures


def _cosines(
    ids: NDArray[np.int64], row_of: NDArray[np.int64], n_rows: int, n_types: int, seed: int
) -> dict[str, float]:
    """Return the mean likeness of two rows and that of a row and its nearest, on a sample."""
    counts = csr_array((np.ones(len(ids)), (row_of, ids)), shape=(n_rows, n_types))
    sample = np.random.default_rng(seed).permutation(n_rows)[:COSINE_ROWS]
    rarity = np.log(n_rows / np.maximum(1, np.bincount(counts.indices, minlength=n_types)))
    found: dict[str, float] = {}
    for name, weights in (("cosine", np.ones(n_types)), ("tf-idf cosine", rarity)):
        chosen = counts[sample] * weights
        norms = np.sqrt((chosen * chosen).sum(axis=1))
        likeness = (chosen @ chosen.T).toarray() / np.maximum(1e-9, np.outer(norms, norms))
        np.fill_diagonal(likeness, 0.0)
        found[f"mean {name}"] = float(likeness.sum() / (len(sample) * (len(sample) - 1)))
        found[f"nearest {name}"] = float(likeness.max(axis=1).mean())
    return found


def compare(columns: dict[str, dict[str, float]]) -> str:
    """Return a table of figures, one column each."""
    names = list(columns)
    lines = [f"| | {' | '.join(names)} |", f"|---|{'---:|' * len(names)}"]
    for key in next(iter(columns.values())):
        shown = (_shown(columns[name][key]) for name in names)
        lines.append(f"| {key} | {' | '.join(shown)} |")
    return "\n".join(lines)


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3f}"
