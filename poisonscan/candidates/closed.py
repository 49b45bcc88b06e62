"""Closed n-grams of the input, each with the rows that contain it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from poisonscan.accumulators.ngrams import MAX_ORDER, hashed
from poisonscan.candidates.corpus import Corpus, CountedSide
from poisonscan.candidates.csr import entries
from poisonscan.candidates.strings import Strings
from poisonscan.kernels.closed import PAIR, choose_owners, sum_over_rows
from poisonscan.kernels.rows import fold_each
from poisonscan.memory import trim
from poisonscan.spool import Column, pick
from poisonscan.threads import cut_evenly, map_in_order, work_on_ranges

Array = npt.NDArray[Any]

#: N-grams with the same rows that are candidates each: the windows of a sentence, which differ in
#: what stands beside them. More of them are a passage, or all that near-duplicates have in common
#: (four fifths of the candidates in a collection of templates).
MAX_WINDOWS = 16

#: Postings that a thread reads at a time, 8 bytes each.
_PART = 1 << 21


def _nothing() -> Array:
    return np.empty(0, np.int32)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Closed n-grams and their rows.

    Attributes
    ----------
    support : int64[C]
        Rows that contain the candidate, in the whole dataset.
    order : int64[C]
        Length in tokens.
    content : int32[C, K]
        The vocabulary terms that it consists of, padded with -1.
    starts, ends : int64[C]
        Where the candidate's postings begin and end.
    rows : int32[P], first_token : int32[P]
        Postings, also of other candidates: the rows, in sampling order, all of them up to a limit
        and a uniform sample above; and where in the row's tokens the candidate stands first.
    lefts, rights : int32[P] or int32[0]
        What stands beside it there (see `Strings`); where they are empty it is to be looked up.
    """

    support: Array
    order: Array
    content: Array
    starts: Array
    ends: Array
    rows: Array
    first_token: Array
    lefts: Array = field(default_factory=_nothing)
    rights: Array = field(default_factory=_nothing)

    @classmethod
    def of_one(cls, side: CountedSide, rows: Array, first: Array, length: int) -> Candidates:
        """Return a single string of `length` tokens as a candidate.

        Parameters
        ----------
        rows, first : int64[N]
            Its rows, and the scan-wide token index of its first place in each.
        """
        size, start = np.array([len(rows)]), int(first[0]) if len(first) else 0
        return cls(
            support=size,
            order=np.array([length]),
            content=side.terms[None, start : start + length],
            starts=np.zeros(1, np.int64),
            ends=size,
            rows=rows.astype(np.int32),
            first_token=(first - side.side.row_tokens[rows]).astype(np.int32),
        )

    def __len__(self) -> int:
        return len(self.support)

    @property
    def followed(self) -> Array:
        """Number of postings of each candidate, int64[C]."""
        sizes: Array = self.ends - self.starts
        return sizes

    @property
    def groups(self) -> tuple[Array, Array, Array]:
        """Starts, ends and rows: what kernels work on."""
        return self.starts, self.ends, self.rows

    def postings(self, candidate: int) -> tuple[Array, Array]:
        """Return rows (int64[N]) and first tokens (int32[N]) of one candidate."""
        where = slice(int(self.starts[candidate]), int(self.ends[candidate]))
        return self.rows[where].astype(np.int64), self.first_token[where]

    def terms(self, candidate: int) -> tuple[int, ...]:
        """Return the vocabulary terms that the candidate consists of."""
        return tuple(self.content[candidate, : self.order[candidate]].tolist())

    def take(self, chosen: Array) -> Candidates:
        """Return these candidates (int64[K]), in this order; postings are shared."""
        return replace(
            self,
            support=self.support[chosen],
            order=self.order[chosen],
            content=self.content[chosen],
            starts=self.starts[chosen],
            ends=self.ends[chosen],
        )

    def first_of_each(self, chosen: Array, rows: int) -> Array:
        """Return the places of candidates whose rows are not those of one before, int64.

        A sentence that ten rows share is some fifty n-grams with the same rows; all grow into it.

        Parameters
        ----------
        chosen : int64[K]
            Candidates.
        rows
            Rows of each that are compared, at most as many as any of them has.
        """
        keys = self.support[chosen].astype(np.uint64)
        for place in range(rows):
            fold_each(self.rows[self.starts[chosen] + place].astype(np.uint64), keys)
        places: Array = np.unique(keys, return_index=True)[1]
        return np.sort(places)

    def compact(self) -> Candidates:
        """Return the same candidates without the postings of others."""
        edges = np.concatenate([[0], np.cumsum(self.followed)])
        at = entries(self.starts, self.followed)
        return replace(
            self,
            starts=edges[:-1],
            ends=edges[1:],
            rows=self.rows[at],
            first_token=self.first_token[at],
            lefts=self.lefts[at] if len(self.lefts) else self.lefts,
            rights=self.rights[at] if len(self.rights) else self.rights,
        )

    def sums(self, values: Array) -> Array:
        """Return the sum of a value of rows (float64[R]) over each candidate's, float64[C]."""
        out = np.empty(len(self))

        def add(first: int, last: int) -> None:
            sum_over_rows(
                self.starts[first:last], self.ends[first:last], self.rows, values, out[first:last]
            )

        work_on_ranges(add, self.followed)
        return out


def find_closed(corpus: Corpus) -> Candidates:
    """Return the closed n-grams of the input side, ordered by their terms.

    One stands for all where more than `MAX_WINDOWS` have the same rows: that which stands first
    in the first of them. Those of the output side are the ones of `corpus.swapped()`.
    """
    return join(corpus, map_closed(corpus, lambda part: part))


def map_closed(
    corpus: Corpus, function: Callable[[Candidates], Candidates], part: int = _PART
) -> Iterator[Candidates]:
    """Yield what a function makes of the same, taken in parts of about so many postings.

    Each part is ordered by its terms; there is one at least. What is in which part is random.
    Threads work on several at a time.
    """
    groups = _group_by_rows(corpus.input.strings)
    up_to = np.cumsum(corpus.input.strings.sizes[groups.owners], dtype=np.int64)
    parts = cut_evenly(up_to, max(1, int(up_to.max(initial=0)) // part))

    def make(own: tuple[int, int]) -> Candidates:
        return function(_candidates(corpus, groups.part(*own)))

    for made in map_in_order(make, parts):
        yield made
        trim()


def join(corpus: Corpus, parts: Iterable[Candidates]) -> Candidates:
    """Return the candidates of one or several parts, ordered by their terms.

    Their postings are on disk, put there one part after the other, without what stands beside them.
    """
    rows, token = Column(corpus.scratch, np.int32), Column(corpus.scratch, np.int32)
    known: list[tuple[Array, ...]] = []
    for part in parts:
        starts, ends = part.starts + rows.size, part.ends + rows.size
        known.append((part.support, part.order, part.content, starts, ends))
        rows.append(part.rows)
        token.append(part.first_token)
        del part  # before there is the next one
    support, order, content, starts, ends = (
        np.concatenate(each) for each in zip(*known, strict=True)
    )
    postings = corpus.keep(rows.finish()), corpus.keep(token.finish())
    return _in_order(Candidates(support, order, content, starts, ends, *postings))


@dataclass(frozen=True, slots=True)
class _Groups:
    """Closed n-grams; those with the same rows may be one group.

    Attributes
    ----------
    owners, starts : int64[G]
        One n-gram of each group, ascending, and where its postings begin.
    members : uint64[M], of_member : int64[M]
        Hashes of all n-grams of groups that have many, and the group of each.
    """

    owners: Array
    starts: Array
    members: Array
    of_member: Array

    def part(self, first: int, last: int) -> _Groups:
        """Return the groups of a range, numbered anew."""
        is_own = (self.of_member >= first) & (self.of_member < last)
        own = slice(first, last)
        return _Groups(
            self.owners[own],
            self.starts[own],
            self.members[is_own],
            self.of_member[is_own] - first,
        )


def _group_by_rows(strings: Strings) -> _Groups:
    """Return all closed n-grams of one side.

    The same rows are as many rows, of which the first ones, those that are kept, are the same.

    There are millions: hardly more than their order is held.
    """
    keys = np.array(strings.sets)
    fold_each(strings.support.astype(np.uint64), keys)
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    del keys
    runs = np.flatnonzero(np.diff(ordered, prepend=~ordered[:1]) != 0)
    del ordered
    sizes = np.diff(runs, append=len(order))
    is_large = sizes > MAX_WINDOWS
    runs, sizes = runs[is_large], sizes[is_large]
    members = order[entries(runs, sizes)]
    first = order[runs]
    del order
    is_owner = np.ones(len(strings.sets), bool)
    is_owner[members] = False
    is_owner[first] = True
    owners = np.flatnonzero(is_owner)
    starts = np.cumsum(strings.sizes, dtype=np.int64) - strings.sizes
    of_member = np.repeat(np.searchsorted(owners, first), sizes)
    return _Groups(owners, starts[owners], strings.grams[members], of_member)


def _candidates(corpus: Corpus, groups: _Groups) -> Candidates:
    """Return the candidates of groups with their postings, ordered by their terms."""
    counted, strings = corpus.input, corpus.input.strings
    support, sizes, orders = (
        column[groups.owners].astype(np.int64)
        for column in (strings.support, strings.sizes, strings.orders)
    )
    first = groups.starts.min(initial=len(strings.rows))
    last = (groups.starts + sizes).max(initial=first)
    starts = groups.starts - first
    ends = starts + sizes
    rows, token, lefts, rights = (
        np.array(column[first:last])
        for column in (strings.rows, strings.tokens, strings.lefts, strings.rights)
    )
    choose_owners(
        counted.terms,
        counted.term_tokens,
        counted.side.row_tokens,
        MAX_ORDER,
        _numbered(groups.members, groups.of_member),
        np.unique(groups.of_member),
        starts,
        ends,
        rows,
        orders,
        token,
        lefts,
        rights,
    )
    places = counted.side.row_tokens[rows[starts]] + token[starts]
    content = _content(counted, places, orders)
    counted.release()
    found = _in_order(
        Candidates(support, orders, content, starts, ends, rows, token, lefts, rights)
    )
    return found if len(rows) == sizes.sum() else found.compact()


def _numbered(grams: Array, numbers: Array) -> Array:
    """Return the table of n-grams with a number each, uint64[M * PAIR]."""
    slots, at = hashed(grams)
    records = np.zeros((len(slots), PAIR), np.uint64)
    records[:, 0] = slots
    records[at, 1] = numbers
    return records.reshape(-1)


def _in_order(found: Candidates) -> Candidates:
    """Return candidates in the order of their terms."""
    return found.take(np.lexsort(found.content.T[::-1]))


def _content(counted: CountedSide, places: Array, orders: Array) -> Array:
    """Return the terms of n-grams, int32[C, MAX_ORDER] padded with -1.

    Parameters
    ----------
    places, orders : int64[C]
        First token and length of each.
    """
    last = max(0, len(counted.terms) - 1)
    windows = np.minimum(places[:, None] + np.arange(MAX_ORDER), last)
    content = pick(counted.terms, windows)
    content[np.arange(MAX_ORDER) >= orders[:, None]] = -1
    return content
