"""The only state of a scan: mergeable counts.

Every accumulator is a commutative monoid: `update` sees rows, `merge` adds another part's state,
`finalize` returns a table of another type. Nothing is truncated or turned into a ratio before
`finalize`, so that any split of the rows among threads, processes or machines ends in the same
table (tests/laws/ proves it for each of them).
"""
