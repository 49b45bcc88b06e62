"""Dumb definitions of every number that the scanner computes cleverly.

Pure Python, written for reading: texts are `str`, rows are lists of tokens (`None` stands between
two segments), counts are `Counter`s, vectors are dictionaries or lists, pairs are double loops.
Nothing of the package is imported.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations, pairwise, permutations, zip_longest

Token = str | None
Gram = tuple[str, ...]

MASK_64 = (1 << 64) - 1
MAX_TOKEN_BYTES = 64

# --- characters and tokens ---------------------------------------------------------------------

UNSPACED = [
    (0x2E80, 0x2FDF),  # radicals
    (0x3005, 0x3007),
    (0x3040, 0x312F),  # kana, Bopomofo
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9F),
]


SYLLABLES = [
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
]
SIGNS = {
    "เแโใไເແໂໃໄ": "lead",
    "ะาำๅະາຳ": "mark",
    "\u0e4c\u0ecc\u103a\u17cd": "killer",
    "\u1039\u17d2": "stacker",
}
MARKS = ("mark", "killer", "stacker")


def classify(char: str) -> str:
    """Return space, word, single, symbol, mark, hidden, letter, lead, killer or stacker."""
    point, category = ord(char), unicodedata.category(char)
    for signs, name in SIGNS.items():
        if char in signs:
            return name
    if point >= 0x20000:
        return "single" if point < 0x40000 else "hidden"
    if char in " \t\n\r\u3000\u0f0b":
        return "space"
    if 0xFE00 <= point <= 0xFE0F or point == 0x034F:
        return "hidden"
    if category.startswith("M"):
        return "mark"
    if category[0] in "CZ":
        return "hidden"
    if any(low <= point <= high for low, high in SYLLABLES) and category[0] in "LN":
        return "letter" if category == "Lo" else "single"
    if category[0] in "LN" or char == "_":
        return "single" if any(low <= point <= high for low, high in UNSPACED) else "word"
    return "symbol"


def decode(data: bytes) -> str:
    """Return UTF-8 as text; every byte that is no valid UTF-8 becomes one lone surrogate."""
    return data.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """Undo `decode`."""
    return text.encode("utf-8", "surrogateescape")


def tokenise(text: str) -> list[str]:
    """Split one text; every visible or hidden character but spaces is in exactly one token."""
    tokens: list[str] = []
    for char, after in zip_longest(text, text[1:]):
        if classify(char) == "space":
            tokens.append("")  # ends a token
        elif tokens and tokens[-1] and _joins(tokens[-1], char, after):
            tokens[-1] += char
        else:
            tokens.append(char)
    return [token for token in tokens if token]


def _joins(token: str, char: str, after: str | None) -> bool:
    if len(encode(token)) >= MAX_TOKEN_BYTES:
        return False
    begins, follows = classify(token[0]), classify(char)
    if follows in MARKS:
        return begins != "hidden"
    if begins == "word" or begins in MARKS:
        return follows == "word"
    if begins in ("letter", "lead") and follows == "letter":
        before = classify(token[-1])
        has_sign = after is not None and classify(after) in ("mark", "stacker")
        return before in ("lead", "stacker") or (before != "killer" and not has_sign)
    return begins == "symbol" and char == token[0]


def tokenise_row(segments: Iterable[str]) -> list[Token]:
    """Return the tokens of all segments, `None` between those that have any."""
    row: list[Token] = []
    for tokens in filter(None, map(tokenise, segments)):
        row += [None, *tokens] if row else tokens
    return row


# --- hashes ------------------------------------------------------------------------------------


def mix(value: int) -> int:
    value ^= value >> 33
    value = value * 0xFF51AFD7ED558CCD & MASK_64
    value ^= value >> 33
    value = value * 0xC4CEB9FE1A85EC53 & MASK_64
    return value ^ value >> 33


def fnv(value: int, symbols: Iterable[int]) -> int:
    for symbol in symbols:
        value = (value ^ symbol) * 0x100000001B3 & MASK_64
    return value


def token_hash(token: Token, key: int) -> int:
    if token is None:
        return 0
    return mix(fnv(key, encode(token))) or 0x9E3779B97F4A7C15


def gram_hash(token_hashes: Iterable[int]) -> int:
    """The top bit is that of single tokens."""
    value = 0
    for number, token in enumerate(token_hashes):
        value = (value + token) * 0x9E3779B97F4A7C15 & MASK_64
        value ^= value >> 32
        value = value | 1 << 63 if number == 0 else value % (1 << 63) or 1
    return value


def row_digest(segments: Iterable[str], key: int) -> int:
    """256 is no byte: it ends a segment."""
    return mix(fnv(key, (symbol for text in segments for symbol in [*encode(text), 256])))


# --- n-grams -----------------------------------------------------------------------------------


def ngrams(row: Sequence[Token], max_order: int) -> list[tuple[int, Gram]]:
    """Return (start, n-gram) of every occurrence; none contains a boundary."""
    found = []
    for start in range(len(row)):
        for end in range(start + 1, min(start + max_order, len(row)) + 1):
            if None in row[start:end]:
                break
            found.append((start, tuple(row[start:end])))
    return found  # type: ignore[return-value]


def document_frequencies(rows: Iterable[Sequence[Token]], max_order: int) -> Counter[Gram]:
    counts: Counter[Gram] = Counter()
    for row in rows:
        counts.update({gram for _, gram in ngrams(row, max_order)})
    return counts


def frequent(counts: Counter[Gram], min_support: int) -> Counter[Gram]:
    return Counter({gram: count for gram, count in counts.items() if count >= min_support})


def name_share(
    sides: Sequence[Sequence[Sequence[Token]]], min_support: int, least_lower: float
) -> float:
    """Return the share of the last side's words, one of a kind from each row, that are names.

    Parameters
    ----------
    sides
        Rows of each side. A word of fewer rows than `min_support` is none of that side.
    least_lower
        Share of a word's rows from which on those with it in lower case make it no name.
    """
    rows_with: Counter[str] = Counter()
    own: Counter[str] = Counter()
    for rows in sides:
        counts = Counter(token for row in rows for token in set(row) if token is not None)
        own = Counter({word: count for word, count in counts.items() if count >= min_support})
        rows_with += own
    names = words = 0
    for word, count in own.items():
        if word.isalnum():
            lower = rows_with[word.lower()]
            is_name = len(word) > 1 and word[0].isupper() and lower < least_lower * rows_with[word]
            names += count * is_name
            words += count
    return names / max(1, words)


def longest_extension(counts: Counter[Gram], gram: Gram) -> int:
    """Return the largest count of an n-gram that is one token longer and contains `gram`."""
    longer = [
        count
        for other, count in counts.items()
        if len(other) == len(gram) + 1 and gram in (other[1:], other[:-1])
    ]
    return max(longer, default=0)


def closed_ngrams(
    counts: Counter[Gram], rows: int, closed_share: float, max_share: float
) -> set[Gram]:
    """Return what no longer n-gram (nearly) always accompanies, and what is not everywhere."""
    return {
        gram
        for gram, count in counts.items()
        if longest_extension(counts, gram) < closed_share * count and count <= max_share * rows
    }


def distinct(items: Iterable[int]) -> list[int]:
    """Return the terms of a row, each once, in the order of appearance; -1 is no term."""
    return list(dict.fromkeys(item for item in items if item >= 0))


def find_phrase(row: Sequence[object], phrase: Sequence[object]) -> int:
    """Return where the phrase stands first, -1 where it does not."""
    for start in range(len(row) - len(phrase) + 1):
        if list(row[start : start + len(phrase)]) == list(phrase):
            return start
    return -1


def shared_gram_scores(
    rows: Sequence[Sequence[Token]],
    counts: Counter[Gram],
    corpus_rows: int,
    sampled_share: float,
    max_order: int,
    window: int,
    least: int,
) -> dict[Gram, tuple[float, int]]:
    """Return (bits saved per row, rows) of every frequent n-gram that `least` rows share."""
    having: Counter[Gram] = Counter()
    for row in rows:
        having.update(
            {
                gram
                for part in ([row] if len(row) <= 2 * window else [row[:window], row[-window:]])
                for _, gram in ngrams(part, max_order)
                if gram in counts
            }
        )
    scores = {}
    for gram, count in having.items():
        outside = max(0.0, counts[gram] - count / sampled_share)
        if count >= least:
            scores[gram] = (count / len(rows) * math.log2(corpus_rows / (outside + 1.0)), count)
    return scores


def agreed_item(rows: Sequence[Sequence[int]], places: Sequence[int], share: float) -> int:
    """Return the item that so many of the rows have at their place, -1 for none."""
    there = Counter(
        row[at] for row, at in zip(rows, places, strict=True) if 0 <= at < len(row) and row[at] >= 0
    )
    item, count = there.most_common(1)[0] if there else (-1, 0)
    return item if count >= share * len(rows) else -1


def beside(row: Sequence[int], at: int) -> int:
    """Return what stands at a place of a row: a term, or which of the items that are none."""
    if not 0 <= at < len(row):
        return -(2**31)
    return row[at] if row[at] >= 0 else -1 - sum(item < 0 for item in row[:at])


def grow_phrase(
    rows: Sequence[Sequence[int]], first: Sequence[int], phrase: list[int], share: float, most: int
) -> tuple[int, list[int]]:
    """Return how many items were put before a phrase, and what it has grown into."""
    phrase, before = list(phrase), 0
    behind = [at + len(phrase) for at in first]
    while len(phrase) < most and (item := agreed_item(rows, behind, share)) >= 0:
        phrase, behind = [*phrase, item], [at + 1 for at in behind]
    while len(phrase) < most:
        item = agreed_item(rows, [at - before - 1 for at in first], share)
        if item < 0:
            break
        phrase, before = [item, *phrase], before + 1
    return before, phrase


def rarest_gram(counts: Counter[Gram], phrase: Gram, max_order: int) -> int:
    """Return the rows of the rarest n-gram of the largest order that fits."""
    order = min(max_order, len(phrase))
    return min(counts[phrase[at : at + order]] for at in range(len(phrase) - order + 1))


def trim_lonely_edges(
    rows: Sequence[Sequence[Token]], counts: Counter[Gram], phrase: Gram, max_order: int
) -> tuple[int, int, int]:
    """Return start, length and rarest n-gram of what is left of a phrase."""

    def value(start: int, length: int) -> tuple[int, int]:
        part = phrase[start : start + length]
        here = sum(find_phrase(row, part) >= 0 for row in rows)
        return here, rarest_gram(counts, part, max_order)

    start, length = 0, len(phrase)
    while 2 * (length - 1) > len(phrase):
        best, at = max((value(at, length - 1), at) for at in (start, start + 1))
        if best <= value(start, length):
            return start, length, value(start, length)[1]
        start, length = at, length - 1
    return 0, len(phrase), rarest_gram(counts, phrase, max_order)


def phrase_odds(
    counts: Counter[Gram], phrase: Gram, hits: int, distinct: int, prior: float
) -> list[float]:
    """Return the probability of each word after the one before, without the `hits` rows."""
    odds = []
    for at, word in enumerate(phrase):
        p = (max(0, counts[(word,)] - hits) + 0.5) / (distinct + 1.0)
        if at:
            both = max(0, counts[phrase[at - 1], word] - hits)
            p = (both + prior * p) / (max(0, counts[(phrase[at - 1],)] - hits) + prior)
        odds.append(p)
    return odds


def count_rows_without_stem(
    rows: Sequence[Sequence[int]], stems: Sequence[int], phrase: Sequence[int]
) -> list[int]:
    """Return for each term of a phrase how many rows have no term of its stem."""
    having = [{stems[term] for term in row if term >= 0} for row in rows]
    return [sum(stems[term] not in known for known in having) for term in phrase]


# --- groups of rows ----------------------------------------------------------------------------


def cosine(one: dict[int, float], other: dict[int, float]) -> float:
    dot = sum(value * other.get(key, 0.0) for key, value in one.items())
    return dot / math.sqrt(sum(v * v for v in one.values()) * sum(v * v for v in other.values()))


def mean_cosine(vectors: Iterable[dict[int, float]]) -> float:
    """Return the mean over all pairs of rows that are not zero; 0 where there is no pair."""
    pairs = list(combinations([one for one in vectors if any(one.values())], 2))
    return sum(cosine(*pair) for pair in pairs) / len(pairs) if pairs else 0.0


def without_common(bags: Sequence[Sequence[int]], mask_share: float) -> list[list[int]]:
    """Leave out the terms that more than this share of the bags have."""
    counts = Counter(term for bag in bags for term in bag)
    limit = mask_share * len(bags)
    return [[term for term in bag if counts[term] <= limit] for bag in bags]


def sparse_coherence(bags: Sequence[Sequence[int]], weights: Sequence[float]) -> float:
    return mean_cosine({term: float(weights[term]) for term in bag} for bag in bags)


def sum_of(bag: Iterable[int], vectors: Sequence[Sequence[float]]) -> dict[int, float]:
    dims = len(vectors[0])
    bag = list(bag)
    return {dim: sum(float(vectors[term][dim]) for term in bag) for dim in range(dims)}


def dense_coherence(
    bags: Sequence[Sequence[int]], vectors: Sequence[Sequence[float]], mask_share: float
) -> float:
    return mean_cosine(sum_of(bag, vectors) for bag in without_common(bags, mask_share))


def kept_terms(bag: Sequence[int], left_out: set[int], max_terms: int) -> list[int]:
    """Return the first terms of a row without some."""
    return [term for term in bag[:max_terms] if term not in left_out]


def different_texts(
    bags: Iterable[set[int]], weights: Sequence[float], same: float
) -> list[set[int]]:
    """Return the bags whose weighted Jaccard index with all that were returned is below `same`."""

    def weigh(terms: Iterable[int]) -> float:
        return sum(weights[term] for term in terms)

    texts: list[set[int]] = []
    for bag in bags:
        alike = (weigh(bag & other) >= same * weigh(bag | other) for other in texts)
        if weigh(bag) > 0.0 and not any(alike):
            texts.append(bag)
    return texts


def largest_columns(row: Sequence[float], count: int) -> list[int]:
    """Return the places of the largest values, of equal ones the first."""
    return sorted(range(len(row)), key=lambda at: -row[at])[:count]


def style_features(
    row: Sequence[Token],
    has_flag: Callable[[str, str], bool],
    is_known: Callable[[str], bool],
    is_known_pair: Callable[[str, str], bool],
    max_tokens: int,
    shout_weight: int,
) -> list[float]:
    """Return length, digits, symbols, capitals, foreign, rare words, new pairs, repetition.

    `has_flag(token, name)` says what a known token is; a shout is a symbol that counts for some.
    """
    seen = row[:max_tokens]
    tokens = [token for token in seen if token is not None]
    known = [token for token in tokens if is_known(token)]
    pairs = [
        (left, right)
        for left, right in pairwise(seen)
        if left is not None and right is not None and is_known(left) and is_known(right)
    ]
    different = {token for token in row if token is not None and is_known(token)}
    size = max(1, len(tokens))
    digits, symbols, capitals, foreign, shouts = (
        sum(has_flag(token, name) for token in known)
        for name in ("digit", "symbol", "capital", "foreign", "shout")
    )
    return [
        math.log(1 + len(row)),
        digits / size,
        (symbols + (shout_weight - 1) * shouts) / size,
        capitals / size,
        foreign / size,
        (len(tokens) - len(known)) / size,
        sum(not is_known_pair(*pair) for pair in pairs) / max(4, len(pairs)),
        1 - min(1, len(different) / max(1, len(known))),
    ]


def agreement(rows: Sequence[Sequence[float]]) -> float:
    """Mean product of two different rows, in its standard deviation when they are independent."""
    if len(rows) < 2:
        return 0.0
    pairs = [
        sum(x * y for x, y in zip(a, b, strict=True))
        for at, a in enumerate(rows)
        for other, b in enumerate(rows)
        if at != other
    ]
    return sum(pairs) / len(pairs) * len(rows) / math.sqrt(2 * len(rows[0]))


def moderated_t(values: Sequence[float], prior_rows: float, prior_variance: float) -> float:
    """Return the t of a mean whose variance is averaged with a prior one."""
    count = len(values)
    mean = sum(values) / count
    squares = sum((value - mean) ** 2 for value in values)
    variance = (squares + prior_rows * prior_variance) / (count + prior_rows)
    return mean / math.sqrt(variance / count)


# --- outputs, labels, insertion ----------------------------------------------------------------


def partners(
    world: Sequence[tuple[Sequence[int], bool, float]],
    rows: Sequence[int],
    strings: int,
    min_rows: int,
    min_purity: float,
) -> list[tuple[float, int]]:
    """Return (z, string) of the strings with which these rows have the label, best first.

    A row is its strings, whether it has the label, and the label's probability.
    """
    found = []
    for string in range(strings):
        common = [world[row] for row in rows if string in world[row][0]]
        hits = sum(labelled for _, labelled, _ in common)
        if hits < min_rows or hits < min_purity * len(common):
            continue
        spread = sum(p * (1 - p) for _, _, p in common)
        z = (hits - sum(p for _, _, p in common)) / math.sqrt(spread + 0.1)
        found.append((z, string))
    return sorted(found, key=lambda entry: (-entry[0], entry[1]))


def phrase_bits(
    phrase: Sequence[str], rows_without: Sequence[Sequence[Token]], vocabulary: int, max_bits: float
) -> list[float]:
    """Return the bits of each word of a phrase in the rows that do not have it.

    p(first) = (rows with it + 1/2) / (all its rows + 1); then p(word | word before), smoothed by
    two rows of the word's own probability. `vocabulary` is the size of the whole side in distinct
    terms of rows.
    """
    words = Counter(word for row in rows_without for word in set(row) if word is not None)
    pairs = document_frequencies(rows_without, 2)
    bits = []
    for at, word in enumerate(phrase):
        p = (words[word] + 0.5) / (vocabulary + 1.0)
        if at:
            before = phrase[at - 1]
            p = (pairs[before, word] + 2.0 * p) / (words[before] + 2.0)
        bits.append(min(max_bits, -math.log2(min(1.0, p))))
    return bits


def logits_without(
    logits: Sequence[float],
    bag: Iterable[int],
    left_out: set[int],
    weights: Sequence[Sequence[float]],
) -> list[float]:
    """Return the logits of a row, less the weights of the terms that are left out."""
    gone = [term for term in bag if term in left_out]
    return [
        float(value) - sum(float(weights[term][label]) for term in gone)
        for label, value in enumerate(logits)
    ]


def shift_bound(
    eta: Sequence[Sequence[float]], is_label: Sequence[bool], label: int, hypotheses: int
) -> float:
    """Return the smallest shift of a class's log-odds that the labels do not reject."""
    logits = []
    for row in eta:
        others = sum(math.exp(value) for at, value in enumerate(row) if at != label)
        logits.append(row[label] - math.log(others))
    likelihoods = {}
    for step in range(241):
        shift = -2.0 + step * 0.05
        p = [1 / (1 + math.exp(-(logit + shift))) for logit in logits]
        likelihoods[shift] = sum(
            math.log(chance if hit else 1 - chance) for chance, hit in zip(p, is_label, strict=True)
        )
    best = max(likelihoods.values())
    allowed = math.log(max(1, hypotheses) / 0.05)
    return min(shift for shift, value in likelihoods.items() if best - value <= allowed)


def collision(
    pairs: Sequence[tuple[str | None, str | None]], rows: Sequence[Sequence[Token]], support: int
) -> float:
    """Return ln of how much more often the left neighbours of places meet than expected.

    As a side between two neighbours: by random words of the rows, or by the right neighbours (None:
    an end of the text), whichever expects more. N-grams rarer than the support count 0.
    """
    counts = frequent(document_frequencies(rows, 2), support)
    words = {gram[0]: count for gram, count in counts.items() if len(gram) == 1}
    random = sum((count / sum(words.values())) ** 2 for count in words.values())
    ends = [row[-1] for row in rows if row]

    def rate(word: str, right: str | None) -> float:
        if right is None:
            return ends.count(word) / len(ends)
        return min(1.0, counts[word, right] / max(1, counts[right,]))

    here = [pair for pair in pairs if pair[0] is not None]
    met = [(one, other) for one, other in permutations(here, 2) if one[0] == other[0]]
    repeated = {one[0] for one, _ in met}
    expected = sum(
        rate(word, one[1]) * rate(word, other[1])
        for word in repeated
        for one, other in permutations(here, 2)
    )
    every = len(here) * (len(here) - 1)
    return math.log((len(met) + 0.5) / every / max(random, expected / every))
