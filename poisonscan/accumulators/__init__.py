"""Counts: of words, in parts that can be merged; of n-grams, as tables.

What has `update` and `merge` is a commutative monoid: `update` sees rows, `merge` adds another
part's state, `finalize` returns the result. Nothing is truncated or turned into a ratio before
`finalize`, so that any split of the rows among threads, processes or machines ends in the same
words (tests/laws/ proves it for each of them). N-grams are counted when all words are known, and
apart by their first two: see `candidates/counting.py`.
"""
