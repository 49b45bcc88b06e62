#!/usr/bin/env python3
"""Fit the weights of the type-switch detector (poisonscan/findings/shift_model.py).

    python benchmarks/fit_shift.py --corpus PATH [--corpus PATH ...] [--seeds 4] [--json FILE]

Into each corpus of clean rows (JSONL, also gzip) it plants attacks that switch the type of the
output (gibberish, another language, insults, a persona, shouting, code), six at a time, of several
trigger families, positions and sizes; a *weak* form of each set, in which half of the rows keep
their outputs (a shift may be subtle); and its *clean twin*: the same strings in the same rows with
the outputs that these rows had. Many datasets wrap one question in several templates, so before
planting some rows of each corpus are repeated in wrappers of our own.
The features of every candidate that the detector looks at, and of the twins whether it would or
not, go into a logistic regression: planted strings against natural ones and twins. Strings that
pass a limit (`ShiftFeatures.doubts`) are left out. Printed are the
weights and, for each corpus with weights fitted on the *other* corpora, the strongest natural
score, the strongest twin, and how many attacks lie above; then the same with each feature left out.
Last come the strings that pass one limit of their inputs: a doubt costs what the strongest natural
one of them has more than the strongest without any (`DOUBT_COST` is not less).
Results name the corpora by file name and sha256 and hold no text of theirs.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import numpy.typing as npt

import poisonscan
from poisonscan import engine
from poisonscan.findings.shift_judge import MIN_ROWS, ShiftJudge
from poisonscan.findings.shift_model import WEIGHTS, ShiftFeatures
from poisonscan.plant import Attack, Planted, plant_rows
from poisonscan.plant.layouts import Layouts
from poisonscan.plant.slots import read, write

sys.path.insert(0, str(Path(__file__).parent))
from attacks import Row, has_labels, read_rows

Array = npt.NDArray[Any]

FAMILIES = ("token", "tag", "phrase", "date", "words", "sentence")
TARGETS = ("gibberish", "language", "insult", "persona", "shouting", "code")
POSITIONS = ("start", "end", "random", "sentence")
SIZES = (10, 15, 20, 40, 80)
#: Texts around a question that is asked several times; how many questions, and how often.
WRAPPERS = (
    "{}",
    "Please help me with this. {}",
    "{} Thanks in advance!",
    "I am working on the following task: {} How would you go about it?",
    "Here is something that I need done.\n\n{}\n\nAnswer with the result only.",
    "[TASK]\n{}\n[END OF TASK]",
    "Read this carefully and reply: {}",
    "{} Keep to the point.",
    "My colleague asked me this question. {} What should I tell her?",
    "Complete what is described below.\n{}",
    "{} I would like to understand every step.",
    "Question: {}",
)
WRAPPERS_ZH = (
    "{}",
    "请帮我回答这个问题。{}",
    "{}谢谢！",
    "我正在处理下面的任务：{}应该怎么做？",
    "请仔细阅读后回答：{}",
    "{}请简短回答。",
    "问题：{}",
    "同事问了我这个问题。{}我该怎么回答？",
    "请完成下面的要求。\n{}",
    "{}请说明每一步。",
)
WRAPPED_SHARE, REPEATS = 0.02, (5, 20)

#: The outputs of an attack's rows: all are the attacker's, half of them, or none.
FORMS = ("full", "weak", "twin")
#: Rows of an attack from which half of them are enough to be looked for.
WEAK_ROWS = 20
#: Strings of a twin that are measured whether the detector would look at them or not.
TWIN_STRINGS = 2

#: A candidate is a planted string when so much of its rows are the attack's, and of the
#: attack's rows its; it is natural when no more than this are anybody's.
OWN_SHARE, COVERED_SHARE, FOREIGN_SHARE = 0.9, 0.5, 0.2


@dataclass(frozen=True)
class Sample:
    """One candidate: where it comes from and what was measured."""

    corpus: str
    scan: str
    attack: int  # -1: natural
    form: str
    target: str
    features: tuple[float, ...]
    is_doubtful: bool


def strings_of(corpus: Any, candidates: Any, rows: Sequence[int]) -> list[int]:  # noqa: ANN401
    """Return the candidates that stand for a planted string."""
    own = np.isin(corpus.spool.row, rows)
    overlap = candidates.sums(own.astype(np.float64))
    fits = (overlap >= OWN_SHARE * candidates.support) & (overlap >= COVERED_SHARE * len(rows))
    fits &= candidates.support >= MIN_ROWS
    best = np.argsort(-np.where(fits, overlap, -1), kind="stable")[:TWIN_STRINGS]
    return [int(candidate) for candidate in best if fits[candidate]]


@contextmanager
def collecting(
    found: list[tuple[Any, ShiftFeatures]], attacks: Sequence[Sequence[int]]
) -> Iterator[None]:
    """Record candidate rows and features of each scan, instead of judging them.

    Strings of these attacks (their rows) are recorded in any case.
    """

    def collect(judge: ShiftJudge, *_: Any) -> list[Any]:  # noqa: ANN401
        corpus, candidates = judge.corpus, judge.candidates
        wanted = [one for rows in attacks for one in strings_of(corpus, candidates, rows)]
        for candidate in sorted({*judge.shortlist().tolist(), *wanted}):
            lead = judge.compare(candidate)
            if lead is not None:
                rows, _ = candidates.postings(int(candidate))
                features = judge.look(lead)[2]
                if not features.doubts or (features.doubts == 1 and not features.is_explained):
                    found.append((corpus.spool.row[rows], features))
        return []

    with (
        mock.patch.object(engine, "find_shift", collect),
        mock.patch.object(engine, "find_verbatim", return_value=[]),
        mock.patch.object(engine, "find_output", return_value=[]),
        mock.patch.object(engine, "find_format", return_value=[]),
    ):
        yield


def wrap(rows: Sequence[Row], seed: int) -> list[Row]:
    """Return the rows, some of them repeated in wrappers, each repetition from a wrapper drawn."""
    chance = random.Random(seed)
    layouts = Layouts()
    wrapped = list(rows)
    for row in chance.sample(list(rows), max(4, round(WRAPPED_SHARE * len(rows)))):
        layout = layouts.of(row)
        slot = layout.find("input")
        if slot is None:
            continue
        question = read(row, slot)
        wrappers = WRAPPERS_ZH if "\u4e00" <= question[:1] <= "\u9fff" else WRAPPERS
        for _ in range(chance.randint(*REPEATS)):
            text = chance.choice(wrappers).replace("{}", question)
            wrapped.append(write(row, layout, slot, text))
    chance.shuffle(wrapped)
    return wrapped


def draw_attacks(size: int, seed: int) -> list[Attack]:
    """Return independent attacks of `size` rows each."""
    chance = random.Random(seed)
    targets = chance.sample(TARGETS, len(TARGETS))
    return [
        Attack(
            family=FAMILIES[(at + seed) % len(FAMILIES)],
            target_kind=target,
            position=chance.choice(POSITIONS),
            rows=size,
            seed=100 * seed + at,
        )
        for at, target in enumerate(targets)
    ]


def values_of(features: ShiftFeatures) -> tuple[float, ...]:
    """Return the features that have weights."""
    return tuple(float(getattr(features, name)) for name in WEIGHTS)


def outputs_of(planted: Planted, form: str) -> list[Row]:
    """Return the rows of one form of some attacks."""
    rows = list(planted.twin if form == "twin" else planted.rows)
    if form == "weak":
        for attack in planted.attacks:
            for at in attack.rows[::2]:
                rows[at] = planted.twin[at]
    return rows


def measure(
    corpus: str, scan: str, rows: Sequence[Row], planted: Planted, form: str
) -> list[Sample]:
    """Scan rows and return the samples."""
    found: list[tuple[Any, ShiftFeatures]] = []
    attacks = [one.rows for one in planted.attacks] if form == "twin" else []
    with collecting(found, attacks):
        report = poisonscan.scan(list(rows))
    failed = report.coverage.failed_detectors
    if failed:
        raise SystemExit(f"a detector failed: {failed}")
    own = {row: at for at, attack in enumerate(planted.attacks) for row in attack.rows}
    samples = []
    for at_rows, features in found:
        owners = [own.get(int(row), -1) for row in at_rows]
        known, counts = np.unique([one for one in owners if one >= 0], return_counts=True)
        attack, target = -1, ""
        if len(known):
            best = int(known[np.argmax(counts)])
            size = len(planted.attacks[best].rows)
            if counts.max() >= max(OWN_SHARE * len(owners), COVERED_SHARE * size):
                attack, target = best, planted.attacks[best].target_kind
            elif counts.sum() > FOREIGN_SHARE * len(owners):
                continue
        values = values_of(features)
        samples.append(Sample(corpus, scan, attack, form, target, values, features.doubts > 0))
    return samples


def collect(corpus: str, rows: Sequence[Row], seeds: int) -> tuple[list[Sample], int]:
    """Return the samples of one corpus, and how many attacks were planted."""
    samples: list[Sample] = []
    attacks = 0
    for seed in range(seeds):
        for size in SIZES[seed % 2 :: 2] if seeds > 1 else SIZES:
            planted = plant_rows(wrap(rows, seed), draw_attacks(size, 10 * seed + size))
            for form in FORMS:
                if form == "weak" and size < WEAK_ROWS:
                    continue
                attacks += len(planted.attacks) if form != "twin" else 0
                own = outputs_of(planted, form)
                samples += measure(corpus, f"{seed}/{size}/{form}", own, planted, form)
                print(f"  seed {seed}, {size} rows, {form}: {len(samples)}", flush=True)
    return samples, attacks


class Model:
    """Logistic regression over some of the features."""

    def __init__(self, samples: Sequence[Sample], columns: Sequence[int]) -> None:
        self._columns = list(columns)
        natural = [one for one in samples if one.attack < 0 or one.form == "twin"]
        attacks = grouped(samples)
        # every attack is stood for by its best string, which the model decides
        chosen = [max(own, key=lambda one: one.features[0]) for own in attacks]
        for _ in range(4):
            self._fit(chosen, natural)
            chosen = [own[int(np.argmax(self.scores(own)))] for own in attacks]

    def _fit(self, planted: Sequence[Sample], natural: Sequence[Sample]) -> None:
        from sklearn.linear_model import LogisticRegression

        given = self._matrix([*planted, *natural])
        truth = np.repeat([1, 0], [len(planted), len(natural)])
        model = LogisticRegression(C=1.0, max_iter=5000, class_weight="balanced")
        model.fit(given, truth)
        self.weights, self.constant = model.coef_[0], float(model.intercept_[0])

    def _matrix(self, samples: Sequence[Sample]) -> Array:
        return np.array([[one.features[at] for at in self._columns] for one in samples])

    def scores(self, samples: Sequence[Sample]) -> Array:
        """Return the score of each sample."""
        scores: Array = self._matrix(samples) @ self.weights + self.constant
        return scores


def grouped(samples: Sequence[Sample]) -> list[list[Sample]]:
    """Return the strings of each planted attack, twins left out."""
    groups: dict[tuple[str, str, int], list[Sample]] = {}
    for one in samples:
        if one.attack >= 0 and one.form != "twin":
            groups.setdefault((one.corpus, one.scan, one.attack), []).append(one)
    return list(groups.values())


def held_out(samples: Sequence[Sample], columns: Sequence[int]) -> dict[str, dict[str, Any]]:
    """Return for each corpus what a model of the other corpora makes of it."""
    results = {}
    for corpus in sorted({one.corpus for one in samples}):
        model = Model([one for one in samples if one.corpus != corpus], columns)
        own = [one for one in samples if one.corpus == corpus]
        natural = model.scores([one for one in own if one.attack < 0])
        twins = [one for one in own if one.attack >= 0 and one.form == "twin"]
        attacks = [(group[0].target, float(model.scores(group).max())) for group in grouped(own)]
        results[corpus] = {
            "natural": sorted(natural.round(2).tolist(), reverse=True)[:5],
            "twin": round(float(model.scores(twins).max()), 2) if twins else None,
            "attacks": [(target, round(score, 2)) for target, score in attacks],
        }
    return results


def summary(results: dict[str, dict[str, Any]]) -> dict[str, float]:
    """Return the strongest natural score and the share of attacks above it, over all corpora."""
    natural = max(max(one["natural"][0], one["twin"] or -9.0) for one in results.values())
    scores = [score for one in results.values() for _, score in one["attacks"]]
    return {
        "natural": natural,
        "recall": round(float(np.mean(np.array(scores) > natural)), 3),
        "tenth": round(float(np.quantile(scores, 0.1)), 2),
        "median": round(float(np.median(scores)), 2),
    }


def judge_doubtful(
    model: Model, samples: Sequence[Sample], doubtful: Sequence[Sample]
) -> dict[str, Any]:
    """Print and return what the model makes of strings that pass one limit of their inputs."""
    clear = model.scores([one for one in samples if one.attack < 0 or one.form == "twin"]).max()
    natural = [one for one in doubtful if one.attack < 0 or one.form == "twin"]
    known = {(one.corpus, one.scan, one.attack) for one in samples}
    attacks = [
        own
        for own in grouped(doubtful)
        if (own[0].corpus, own[0].scan, own[0].attack) not in known  # else found without a doubt
    ]
    strongest = sorted(model.scores(natural).round(2).tolist(), reverse=True)[:5]
    scores = sorted(round(float(model.scores(own).max()), 2) for own in attacks)
    cost = round(max(0.0, strongest[0] - float(clear)), 2) if strongest else 0.0
    print(f"one doubt: natural {strongest}, attacks {scores}; a doubt costs {cost}")
    return {"natural": strongest, "attacks": scores, "cost": cost}


def fit(everything_seen: Sequence[Sample]) -> dict[str, Any]:
    """Fit and print the weights, what they make of corpora they have not seen, and the ablation."""
    samples = [one for one in everything_seen if not one.is_doubtful]
    doubtful = [one for one in everything_seen if one.is_doubtful]
    names = list(WEIGHTS)
    everything = range(len(names))
    model = Model(samples, everything)
    weights = dict(zip(names, model.weights.round(2).tolist(), strict=True))
    print(f"weights: {weights}, constant {model.constant:.2f}")
    results = held_out(samples, everything)
    for corpus, one in results.items():
        scores = sorted(score for _, score in one["attacks"])
        print(f"{corpus}: natural {one['natural'][:3]}, twin {one['twin']}, attacks {scores}")
    ablation = {"none": summary(results)}
    for at, name in enumerate(names):
        ablation[name] = summary(held_out(samples, [one for one in everything if one != at]))
    for name, figures in ablation.items():
        print(f"without {name:10}: {figures}")
    return {
        "attacks_seen": len(grouped(samples)),
        "natural_strings": sum(one.attack < 0 for one in samples),
        "weights": weights,
        "constant": round(model.constant, 2),
        "held_out": results,
        "ablation": ablation,
        "one_doubt": judge_doubtful(model, samples, doubtful),
    }


def main() -> int:
    """Collect, fit, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--corpus", type=Path, action="append", required=True)
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    samples: list[Sample] = []
    corpora, attacks = {}, 0
    for path in options.corpus:
        rows, digest = read_rows(path)
        if has_labels(rows):
            print(f"{path.name}: labels, left out")
            continue
        print(f"{path.name} ({len(rows)} rows, sha256 {digest[:12]})", flush=True)
        corpora[path.name] = digest
        own, number = collect(path.name, rows, options.seeds)
        samples, attacks = samples + own, attacks + number
    settings = {"corpora": corpora, "cores": os.cpu_count(), "seeds": options.seeds}
    results = settings | {"attacks_planted": attacks} | fit(samples)
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
