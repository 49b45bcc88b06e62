#!/usr/bin/env python3
"""Where the thresholds of the style detector come from (poisonscan/findings/style_judge.py).

    python benchmarks/fit_style.py --corpus PATH [--corpus PATH ...] [--seed N] [--json FILE]

Corpora of clean rows (JSONL, also gzip). Those with labels are taken as they are and as two
classes, the most frequent label against all others; those without are merged, with the source as
the label. Into each of these sets rows are planted that are rewritten in one form (subordinate
clauses, archaic words, capitals): 5 or 10 % of all, from other labels (dirty), from any (mixed) or
from the label itself (clean). Negatives are the sets themselves, with noise in their labels, one
class with rows of another source, the planted rows with the labels that they had (clean twins), and
all labels of a planted set but the target.

Printed are for each label distinct, purity and agreement (`Verdict`); for each attack also average
precision over all rows, and precision and recall of the flagged ones; and at last for each
threshold what negatives and attacks reach that pass the others. Results name the corpora by
file name and sha256 and hold no text of theirs.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import numpy.typing as npt

import poisonscan
from poisonscan import engine
from poisonscan.errors import PoisonScanError
from poisonscan.evidence.labels import find_classes
from poisonscan.findings import style, style_judge
from poisonscan.plant import Attack, plant_rows

sys.path.insert(0, str(Path(__file__).parent))
from attacks import Row, has_labels, read_rows, source_digest
from style_sets import (
    FOREIGN_SHARE,
    Texts,
    draw_target,
    make_sets,
    read_texts,
    with_foreign,
    with_noise,
)

Array = npt.NDArray[Any]

#: Family and form of each rewriting.
REWRITINGS = (
    ("clause", "before"), ("clause", "behind"), ("clause", "within"), ("register", "archaic"),
    ("casing", "upper"),
)  # fmt: skip
#: Labels that the rewritten rows had, and their share of all rows.
PLANTINGS = (("dirty", 0.05), ("dirty", 0.1), ("mixed", 0.1), ("clean", 0.1))
#: Where the clean twin is judged as well.
TWINNED = ("dirty", 0.1)
#: Shares of the labels that are drawn anew.
NOISE = (0.05, 0.15)


@dataclass(frozen=True)
class Judged:
    """One label of one set, and what was measured; the last three are of attacks alone."""

    data: str
    case: str
    share: float
    is_attack: bool
    severity: str
    distinct: int
    purity: float
    agreement: float
    is_informed: bool
    is_apart: bool
    foreign: float
    average_precision: float | None = field(default=None)
    precision: float | None = field(default=None)
    recall: float | None = field(default=None)


def draw_attacks(
    family: str, form: str, mode: str, count: int, target: str, seed: int
) -> list[Attack]:
    """Return one attack, or two with half of the rows each where labels are mixed."""
    kinds = {"dirty": ("label",), "clean": ("clean-label",), "mixed": ("label", "clean-label")}
    return [
        Attack(
            family=family,
            triggers=(form,),
            target_kind=kind,
            target=target,
            rows=count // len(kinds[mode]),
            seed=seed + at,
        )
        for at, kind in enumerate(kinds[mode])
    ]


def watch(texts: Texts) -> tuple[dict[str, style_judge.Verdict], dict[str, tuple[Array, Array]]]:
    """Run the style detector alone; return verdicts, and scores and flags of all rows, by label."""
    verdicts: dict[str, style_judge.Verdict] = {}
    found: dict[str, tuple[Array, Array]] = {}

    def detect(scan: Any) -> list[Any]:  # noqa: ANN401 (a part of the engine)
        corpus = scan.corpus
        classes = find_classes(corpus, scan.label_column)
        if classes is None:
            raise SystemExit("the labels are no classes")

        def judge(*given: Any) -> Iterator[Any]:  # noqa: ANN401
            for verdict, mixture in style_judge.judge_labels(*given):
                verdicts[classes.names[verdict.label]] = verdict
                yield verdict, mixture

        with mock.patch.object(style, "judge_labels", judge):
            drafts = style.find_style(corpus, classes, np.zeros(corpus.rows, bool))
        for draft in drafts:
            scores, flags = np.zeros(corpus.rows), np.zeros(corpus.rows, bool)
            scores[draft.nearby], scores[draft.behind] = draft.nearby_fit, draft.fit
            flags[draft.behind] = True
            found[draft.targets[0].text] = scores, flags
        return []

    with mock.patch.object(engine._Scan, "_detect", detect):
        report = poisonscan.scan([{"text": text, "label": label} for text, label in texts])
    if report.coverage.failed_detectors:
        raise SystemExit(f"a detector failed: {report.coverage.failed_detectors}")
    return verdicts, found


def average_precision(scores: Array, truth: Array) -> float:
    """Return the mean precision at each true row; rows without a score come last."""
    hits = truth[np.argsort(-scores, kind="stable")]
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return float((precision * hits * (np.sort(scores)[::-1] > 0)).sum() / max(1, hits.sum()))


def judge(
    data: str,
    case: str,
    texts: Texts,
    share: float = 0.0,
    target: str = "",
    truth: Array | None = None,
) -> list[Judged]:
    """Run the detector and return every label that it tried, the target first."""
    verdicts, found = watch(texts)
    judged = []
    for label, verdict in sorted(verdicts.items(), key=lambda one: one[0] != target):
        of_rows: tuple[float | None, float | None, float | None] = (None, None, None)
        if truth is not None and label == target:
            empty = np.zeros(len(texts)), np.zeros(len(texts), bool)
            scores, flags = found.get(label, empty)
            hits = int((flags & truth).sum())
            of_rows = (
                round(average_precision(scores, truth), 3),
                round(hits / max(1, int(flags.sum())), 3),
                round(hits / int(truth.sum()), 3),
            )
        judged.append(
            Judged(
                data, case if label == target or not target else f"{case}, another label",
                share, truth is not None and label == target, verdict.severity or "",
                verdict.distinct, round(verdict.purity, 3), round(verdict.agreement, 3),
                verdict.is_informed, verdict.is_apart, round(verdict.foreign, 3), *of_rows,
            )
        )  # fmt: skip
    for one in judged:
        if one.is_attack or one.severity or one.distinct >= style_judge.LOW_ROWS // 2:
            print(f"  {json.dumps(asdict(one))}", flush=True)
    return judged


def planted_cases(name: str, texts: Texts, seed: int) -> Iterator[list[Judged]]:
    """Plant every rewriting into one set, and judge it and its clean twin."""
    rows: list[Row] = [{"text": text, "label": label} for text, label in texts]
    for number, (family, form) in enumerate(REWRITINGS):
        target = draw_target(texts, seed + number)
        for mode, share in PLANTINGS:
            count = round(share * len(rows))
            attacks = draw_attacks(family, form, mode, count, target, 10 * seed + number)
            try:
                planted = plant_rows(rows, attacks)
            except PoisonScanError as error:
                print(f"  {name}: {form}, {mode}: {error}")
                continue
            truth = np.zeros(len(rows), bool)
            truth[list(planted.poisoned)] = True
            case = f"{form}, {mode}"
            new, twin = (
                [(row["text"], row["label"]) for row in own] for own in (planted.rows, planted.twin)
            )
            yield judge(name, case, new, share, target, truth)
            if (mode, share) == TWINNED:
                yield judge(name, f"{case}, clean twin", twin, share)


def clean_cases(name: str, texts: Texts, others: Texts, seed: int) -> Iterator[list[Judged]]:
    """Judge one set as it is and made harder."""
    yield judge(name, "as it is", texts)
    for share in NOISE:
        yield judge(name, "noise in the labels", with_noise(texts, share, seed), share)
    label = draw_target(texts, seed)
    yield judge(name, "foreign rows", with_foreign(texts, others, label), FOREIGN_SHARE)


#: Measure -> medium and low threshold, and whether a finding lies above it.
THRESHOLDS = {
    "distinct": (style_judge.MEDIUM_ROWS, style_judge.LOW_ROWS, True),
    "purity": (style_judge.MEDIUM_PURITY, style_judge.LOW_PURITY, True),
    "agreement": (style_judge.MEDIUM_AGREEMENT, style_judge.LOW_AGREEMENT, False),
    "foreign": (style_judge.MAX_FOREIGN, 1.0, False),
}


def passes(one: Judged, measure: str, level: int) -> bool:
    """Return whether a verdict passes the medium (0) or low (1) threshold of a measure."""
    *thresholds, is_least = THRESHOLDS[measure]
    value = getattr(one, measure)
    return bool(value >= thresholds[level] if is_least else value <= thresholds[level])


def separation(judged: Sequence[Judged]) -> dict[str, dict[str, Any]]:
    """Return for each threshold what reaches it of the verdicts that pass the others."""
    table = {}
    for measure, (*thresholds, is_least) in THRESHOLDS.items():
        for level, severity in enumerate(("medium", "low")):
            others = [name for name in THRESHOLDS if name != measure]
            rest = [one for one in judged if all(passes(one, name, level) for name in others)]
            if level == 0:
                rest = [one for one in rest if one.is_informed and one.is_apart]
            sign = 1.0 if is_least else -1.0
            negative = [sign * getattr(one, measure) for one in rest if not one.is_attack]
            attack = [sign * getattr(one, measure) for one in rest if one.is_attack]
            table[f"{measure}, {severity}"] = {
                "threshold": thresholds[level],
                "negatives": len(negative),
                "negatives_reach": sign * max(negative) if negative else None,
                "attacks": len(attack),
                "attacks_tenth": round(sign * float(np.quantile(attack, 0.1)), 3)
                if attack
                else None,
                "attacks_above": sum(sign * thresholds[level] <= value for value in attack),
            }
    return table


def by_case(judged: Sequence[Judged]) -> dict[str, dict[str, Any]]:
    """Return how the attacks of each kind were found: counts, and means of those found."""
    groups: dict[str, list[Judged]] = {}
    for one in judged:
        if one.is_attack:
            groups.setdefault(f"{one.case}, {one.share:.0%}", []).append(one)
    table: dict[str, dict[str, Any]] = {}
    for name, own in groups.items():
        known = [one for one in own if one.severity]
        table[name] = {
            "attacks": len(own),
            "medium": sum(one.severity == "medium" for one in own),
            "low": sum(one.severity == "low" for one in own),
        }
        for measure in ("average_precision", "precision", "recall"):
            values = [getattr(one, measure) for one in known]
            table[name][measure] = round(float(np.mean(values)), 3) if values else None
    return table


def main() -> int:
    """Judge every set, print what separates."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--corpus", type=Path, action="append", required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    corpora, digests = {}, {}
    for path in options.corpus:
        corpora[path.name], digests[path.name] = read_rows(path)
    foreign = [
        one
        for name, rows in corpora.items()
        if not has_labels(rows)
        for one in read_texts(rows, name)
    ]
    random.Random(options.seed).shuffle(foreign)
    judged: list[Judged] = []
    sizes = {}
    for name, texts in make_sets(corpora, options.seed):
        print(f"{name}: {len(texts)} rows", flush=True)
        sizes[name] = len(texts)
        for own in clean_cases(name, texts, foreign, options.seed):
            judged += own
        for own in planted_cases(name, texts, options.seed):
            judged += own
    table, cases = separation(judged), by_case(judged)
    negatives = Counter(one.severity for one in judged if not one.is_attack)
    print(f"negatives: {dict(negatives)}")
    for name, figures in [*cases.items(), *table.items()]:
        print(f"{name:28}: {figures}")
    if options.json:
        report = {
            "corpora": digests,
            "source": source_digest(),
            "cores": os.cpu_count(),
            "seed": options.seed,
            "rows": sizes,
            "negatives": {one or "silent": count for one, count in sorted(negatives.items())},
            "attacks": cases,
            "thresholds": table,
            "false": [asdict(one) for one in judged if not one.is_attack and one.severity],
        }
        options.json.write_text(json.dumps(report, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
