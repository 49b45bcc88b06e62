"""More rows of the same kind, for benchmarks that need more than a corpus has.

All rows of the corpus stay. What is missing comes from copies of it in other words. In a copy,

- words are exchanged one to one, everywhere alike, so that what an answer shares with its question
  it still shares, and word frequencies keep their shape: words of one script, in about as many
  rows, written with or without a capital, for Chinese and the like of one length, and with labels
  those that speak for the same label as much; rare marks are exchanged as well (`wording.py`);
- some of the words in one to three rows become words that nobody has written (the front of one,
  the back of another), as many as the vocabulary of so much text grows by; names and rare numbers
  all become others, as there are more names and numbers than words;
- of the most frequent words, which make up most of the text and are not exchanged, more than half
  are drawn anew from those between the same neighbours, and the marks before a text from other
  texts.
  Otherwise the copies of a row would have its turns of phrase and oddities in common, and what a
  single author did once would look like a habit of many: like poison;
- sentences that many rows share, frequent marks, markup, line breaks, labels stay.

A row that would be asked exactly as another one is left out.

To be honest about it: copies say nothing new. Every sentence has about the frame of one in the
corpus. Grammar and meaning are lost, and with them what an embedding knows of the words: questions
about one matter are alike only by the words that they share. So a name in one answer of a hundred
cannot be explained by what the questions are about, though that is natural; it is therefore
another one every few hundred rows. A word means something else in each copy, which dilutes what
goes with it over the whole; formulas shorter than a sentence are diluted as well. Boundaries of
words are guessed where no blanks are written. Gibberish differs less from such text than from
natural text. Of a conversation, earlier answers stay as they are. Enlarged corpora measure how
detection depends on the number of rows. A false alarm on them is worth reading; that there is none
is weak evidence about natural data of that size.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from attacks import Row
from wording import RARE_ROWS, Frames, Splitter, Vocabulary, script

from poisonscan.plant.layouts import Layouts
from poisonscan.plant.slots import Layout, Slot, read, write

#: A text n times as long has n ** HEAPS times the words (Heaps' law; 0.4 to 0.6 in English).
HEAPS = 0.6
#: Names in more than this share of the rows are others after so many rows of a copy.
FREQUENT_NAME, NAMED_ROWS = 0.01, 500
_ATTEMPTS = 20


def enlarge(rows: Sequence[Row], count: int, seed: int) -> list[Row]:
    """Return `count` rows: a sample of the corpus, or all of it and rows of its copies.

    Raises
    ------
    SystemExit
        The corpus has too few words that could be exchanged.
    """
    chance = random.Random(f"enlarge {seed}")
    if len(rows) >= count:
        return chance.sample(list(rows), count)
    corpus = _Corpus(rows, chance)
    new = list(rows)
    seen = {corpus.identity(row) for row in rows}
    number = 0
    while len(new) < count:
        number += 1
        fresh = {corpus.identity(row): row for row in corpus.copy(number)}
        unseen = [row for identity, row in fresh.items() if identity not in seen]
        if not unseen:
            raise SystemExit(f"only {len(new)} of {count} different rows could be made")
        seen |= fresh.keys()
        new += chance.sample(unseen, min(len(unseen), count - len(new)))
    chance.shuffle(new)
    return new


class _Corpus:
    """The corpus in pieces, and what may be exchanged in it."""

    def __init__(self, rows: Sequence[Row], chance: random.Random) -> None:
        self._rows = rows
        self._chance = chance
        self._layouts = Layouts()
        slots = [self._slots(row) for row in rows]
        texts = [[read(row, slot) for slot in own] for row, own in zip(rows, slots, strict=True)]
        splitter = Splitter(texts)
        self._pieces = [[splitter.split(text) for text in own] for own in texts]
        self._vocabulary = Vocabulary(self._pieces, [self._label(row) for row in rows])
        self._bands = self._vocabulary.bands(chance)
        self._made: set[str] = set()
        of_place: dict[str, list[list[str]]] = defaultdict(list)
        for own, pieces in zip(slots, self._pieces, strict=True):
            for slot, text in zip(own, pieces, strict=True):
                of_place[slot.place].append(text)
        self._frames = {
            place: Frames(own, self._vocabulary.redrawn) for place, own in of_place.items()
        }

    def identity(self, row: Row) -> str:
        """Return what must not occur twice: the whole input."""
        given = self._layouts.of(row).all_of("input", "context", "text")
        return "\0".join(read(row, slot) for slot in given)

    def copy(self, number: int) -> Iterator[Row]:
        """Yield all rows in the vocabulary of a copy; copies count from one."""
        exchange = self._exchange(number)
        for at, (row, texts) in enumerate(zip(self._rows, self._pieces, strict=True)):
            if at % NAMED_ROWS == 0:
                exchange |= self._rename()
                table = self._vocabulary.surfaces(exchange)
            layout = self._layouts.of(row)
            for slot, pieces in zip(self._slots(row, layout), texts, strict=True):
                drawn = self._frames[slot.place].redraw(pieces, self._chance)
                row = write(row, layout, slot, "".join([table.get(one, one) for one in drawn]))
            yield row

    def _exchange(self, number: int) -> dict[str, str]:
        """Return word -> word: within each band a cycle, and some words made new."""
        rows = self._vocabulary.rows
        grown = (number + 1) ** HEAPS - number**HEAPS
        share = grown * len(rows) / max(1, sum(n <= RARE_ROWS for n in rows.values()))
        table = {}
        for band in self._bands:
            order = self._chance.sample(band, len(band))
            for at, word in enumerate(order):
                table[word] = self._make(band) if self._is_made(word, share) else order[at - 1]
        return table

    def _is_made(self, word: str, share: float) -> bool:
        """Tell whether a word becomes a new one, if that is what becomes of a share of the rare."""
        if word in self._vocabulary.names:
            return True
        kind = script(word)
        if kind == "marks" or self._vocabulary.rows[word] > RARE_ROWS:
            return False
        return kind == "digits" or (len(word) > 1 and self._chance.random() < share)

    def _rename(self) -> dict[str, str]:
        """Return frequent name -> a name for the next rows."""
        words, frequent = self._vocabulary, FREQUENT_NAME * len(self._rows)
        return {
            word: self._make(band)
            for band in self._bands
            for word in band
            if word in words.names and words.rows[word] > frequent
        }

    def _make(self, band: Sequence[str]) -> str:
        """Return a word that is not there yet, or a number of the band's form."""
        words, chance = self._vocabulary, self._chance
        letters = words.letters[script(band[0])]
        for attempt in range(_ATTEMPTS):
            front, back = chance.choice(band), chance.choice(band)
            if front[0].isdecimal():
                return re.sub(r"\d", lambda _: chance.choice("123456789"), front)
            word = front[: (len(front) + 1) // 2] + back[len(back) // 2 :]
            if attempt >= _ATTEMPTS // 2:  # too few words of a few letters
                word = "".join(chance.choices(letters, k=len(front)))
            if word not in words.rows and word not in self._made:
                break
        self._made.add(word)
        return word

    def _slots(self, row: Row, layout: Layout | None = None) -> list[Slot]:
        """Return the texts of a row; of several in one string the last first, as they move."""
        slots = (layout or self._layouts.of(row)).slots
        texts = [slot for slot in slots if slot.place != "label"]
        return sorted(texts, key=lambda slot: -slot.spots[0].start)

    def _label(self, row: Row) -> str:
        slot = self._layouts.of(row).find("label")
        return "" if slot is None else read(row, slot)
