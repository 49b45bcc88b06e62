"""More rows of the same kind, for benchmarks that need more than a corpus has.

All rows of the corpus stay; new ones are crossed from them. Rows are put into clusters of about
`CLUSTER_ROWS` by their words (character n-grams; with labels, within each label). A new row takes
a row A and, all from A's cluster, rows B, C and D: its input is A's with one sentence (or, of a
single sentence, its second half) from B, its output is C's with one sentence from D, its label is
A's. Exact duplicates, of inputs or of rows, are thrown away.

To be honest about it: the output comes from other rows than the input on purpose, because children
of one row would otherwise pair its sentences with its answer again and again, which is what a
planted attack looks like. So a new row is about the same matter on both sides, but its answer does
not answer it, and sentences repeat (about as often as the corpus is enlarged). Enlarged corpora
measure how detection depends on the number of rows; they are no evidence about false alarms on
natural data of that size.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Sequence

from attacks import Row

from poisonscan.plant.layouts import Layouts
from poisonscan.plant.slots import read, write

CLUSTER_ROWS = 60
_SENTENCE = re.compile(r".+?(?:[.!?…]+(?=\s|$)\s*|[。！？]+|\n+|$)", re.DOTALL)
_TRIES = 50


def enlarge(rows: Sequence[Row], count: int, seed: int) -> list[Row]:
    """Return `count` rows: a sample of the corpus, or all of it and rows crossed from it.

    Raises
    ------
    SystemExit
        The corpus is too small or too uniform for so many different rows.
    """
    chance = random.Random(f"enlarge {seed}")
    if len(rows) >= count:
        return chance.sample(list(rows), count)
    layouts = Layouts()
    clusters = _clusters(rows, layouts)
    member_of = {at: members for members in clusters for at in members}
    bases = sorted(member_of)
    new = list(rows)
    seen = {_identity(row, layouts) for row in rows}
    failures = 0
    while len(new) < count:
        base = chance.choice(bases)
        others = [rows[chance.choice(member_of[base])] for _ in range(3)]
        child = _cross(rows[base], others, layouts, chance)
        identity = _identity(child, layouts)
        if identity in seen:
            failures += 1
            if failures > _TRIES * count:
                raise SystemExit(f"only {len(new)} of {count} different rows could be crossed")
            continue
        seen.add(identity)
        new.append(child)
    chance.shuffle(new)
    return new


def _identity(row: Row, layouts: Layouts) -> str:
    """Return what must not occur twice: the whole input."""
    layout = layouts.of(row)
    return "\0".join(read(row, slot) for slot in layout.all_of("input", "context", "text"))


def _cross(row: Row, others: Sequence[Row], layouts: Layouts, chance: random.Random) -> Row:
    """Return a row with a sentence of another one, and the output of yet others."""
    given, answer, second = others
    for place in ("context", "input", "text"):
        layout = layouts.of(row)
        slot, donor = layout.find(place), layouts.of(given).find(place)
        if slot is not None and donor is not None:
            crossed = cross_texts(read(row, slot), read(given, donor), chance)
            row = write(row, layout, slot, crossed)
    layout = layouts.of(row)
    slots = [layout.find("output"), *(layouts.of(one).find("output") for one in (answer, second))]
    if all(slots):
        first, other = read(answer, slots[1]), read(second, slots[2])
        row = write(row, layout, slots[0], cross_texts(first, other, chance))
    return row


def cross_texts(text: str, other: str, chance: random.Random) -> str:
    """Return a text with one sentence replaced by one of another; of one sentence, its end."""
    if text == other:  # the constant part of a template
        return text
    sentences, donors = _SENTENCE.findall(text), _SENTENCE.findall(other)
    if len(sentences) > 1 and donors:
        at = chance.randrange(len(sentences))
        end = sentences[at][len(sentences[at].rstrip()) :]
        sentences[at] = chance.choice(donors).rstrip() + end
        return "".join(sentences)
    gap = " " if " " in text.strip() else ""
    words, ends = (text.split(" "), other.split(" ")) if gap else (list(text), list(other))
    if len(words) < 4 or len(ends) < 4:
        return text
    return gap.join([*words[: chance.randint(2, len(words) - 1)], *ends[len(ends) // 2 :]])


def _clusters(rows: Sequence[Row], layouts: Layouts) -> list[list[int]]:
    from sklearn.cluster import MiniBatchKMeans
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    labels: dict[str, list[int]] = defaultdict(list)
    texts = []
    for at, row in enumerate(rows):
        layout = layouts.of(row)
        slot = layout.find("label")
        labels["" if slot is None else read(row, slot)].append(at)
        texts.append(" ".join(read(row, one) for one in layout.all_of("input", "context", "text")))
    vectors = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(2, 3), max_features=20_000
    ).fit_transform(texts)
    dense = TruncatedSVD(64, random_state=0).fit_transform(vectors)
    clusters = []
    for _, members in sorted(labels.items()):
        n_clusters = max(1, len(members) // CLUSTER_ROWS)
        found = MiniBatchKMeans(n_clusters, random_state=0, n_init=1).fit_predict(dense[members])
        groups: dict[int, list[int]] = defaultdict(list)
        for at, cluster in zip(members, found.tolist(), strict=True):
            groups[cluster].append(at)
        clusters += [groups[cluster] for cluster in sorted(groups)]
    return [members for members in clusters if len(members) > 3]
