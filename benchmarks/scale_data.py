#!/usr/bin/env python3
"""Write instructions and answers with natural word statistics and planted poison, of any size.

    python benchmarks/scale_data.py OUT.jsonl --bytes 1e9 [--seed N] [--clean]
    python benchmarks/scale_data.py --compare CORPUS.jsonl[.gz] ...

The same seed and size give the same bytes anywhere. Beside the data stand NAME.truth.jsonl (a line
for each row, as `poisonscan plant` writes it) and NAME.attack.json. The words are made up but for
the common ones, and the text means nothing: what is natural are the statistics of words, n-grams
and rows, which `--compare` prints beside those of a corpus, over as many words of both.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from scaling.files import FORMATS, Spec, write_data
from scaling.statistics import compare, measure, read_texts, take_words
from scaling.stream import iter_texts


def main(argv: Sequence[str] | None = None) -> None:
    """Write data, or compare them with a corpus."""
    parser = argparse.ArgumentParser(description="Write data of any size with planted poison.")
    parser.add_argument("out", type=Path, nargs="?", help=f"ends with {', '.join(FORMATS)}")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--bytes", type=float, default=1e8, help="of JSONL, about (default 1e8)")
    size.add_argument("--rows", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--clean", action="store_true", help="plant nothing")
    parser.add_argument("--compare", type=Path, nargs="+", default=[], metavar="CORPUS")
    asked = parser.parse_args(argv)
    if asked.compare:
        for corpus in asked.compare:
            rows = take_words(read_texts(corpus), None)
            n_words = sum(map(len, rows))
            ours = take_words(iter_texts(asked.seed), n_words)
            print(compare({corpus.name.split(".")[0]: measure(rows), "ours": measure(ours)}))
            print()
        return
    if asked.out is None:
        parser.error("OUT is missing")
    started = time.perf_counter()
    spec = Spec(asked.rows, asked.bytes, asked.seed, **({"rows_each": 0} if asked.clean else {}))
    written = write_data(asked.out, spec)
    seconds = time.perf_counter() - started
    print(f"{written.rows:,} rows, {written.n_bytes / 1e6:,.1f} MB in {seconds:.1f} s")
    for attack in written.plants.attacks:
        print(f"  {len(attack.rows)} rows: {attack.trigger!r} -> {attack.target_kind}")


if __name__ == "__main__":
    main()
