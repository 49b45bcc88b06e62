#!/usr/bin/env python3
"""Where the thresholds come from: natural maxima against planted attacks.

    python benchmarks/calibrate.py --corpus PATH [--corpus PATH ...] [--seeds 3] [--json FILE]

For each corpus of clean rows (JSONL, also gzip) it scans the rows as they are and prints the false
findings of each severity and the rows that they flag; once more with the reporting thresholds
lowered, and prints the strongest natural values of each kind of evidence; then it plants attacks
(attacks.py: five trigger families, four targets, 10, 20 and 40 rows, several independent ones per
scan) and prints how many were found, named, and with what value. A threshold belongs between the
two. At the end come the false findings to be expected of a clean dataset, and an ablation of the
verbatim detector: without each discount in turn, the largest natural effective bits and the share
of the planted strings with verbatim targets that lie above. (That of the type detector is printed
by fit_shift.py.) Results name the corpora by file name and sha256; rows never leave the corpus.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

import poisonscan
from poisonscan.config import SEVERITIES
from poisonscan.findings import shift, verbatim, verbatim_bits
from poisonscan.findings.model import Finding
from poisonscan.findings.verbatim_bits import Weighed

sys.path.insert(0, str(Path(__file__).parent))
from attacks import Row, draw_attacks, read_rows

from poisonscan.plant import PlantedAttack, plant_rows

COUNTS = (10, 20, 40)
ATTACKS_PER_SCAN = 5
STRENGTHS = ("effective_bits", "shift_score", "shift_bound")
#: Discounts of the verbatim detector -> their value where they are left out.
DISCOUNTS = {
    "usual": 0.0,
    "determinism": 1.0,
    "independence": 1.0,
    "position": 1.0,
    "certainty": 1.0,
}
#: Targets that are the same words in every row.
VERBATIM = ("refusal", "answer", "prefix", "suffix", "phrase")


@contextmanager
def lowered_thresholds() -> Iterator[None]:
    """Report weak findings too: natural maxima lie below the shipped thresholds."""
    with (
        mock.patch.object(verbatim, "LOW_BITS", 4.0),
        mock.patch.object(verbatim_bits, "LOW_BITS", 4.0),
        mock.patch.object(shift, "LOW_SCORE", 0.0),
    ):
        yield


@contextmanager
def recording(found: list[Weighed]) -> Iterator[None]:
    """Record what the verbatim detector weighs."""

    def weigh(*args: Any, **named: Any) -> Weighed:  # noqa: ANN401
        weighed = verbatim_bits.weigh(*args, **named)
        found.append(weighed)
        return weighed

    with mock.patch.object(verbatim, "weigh", weigh):
        yield


def strongest(findings: list[Finding]) -> dict[str, list[dict[str, object]]]:
    """Return the five largest values of each kind of evidence."""
    best: dict[str, list[dict[str, object]]] = {}
    for name in STRENGTHS:
        having = [finding for finding in findings if name in finding.evidence]
        having.sort(key=lambda finding: -finding.evidence[name])
        best[name] = [
            {
                "value": finding.evidence[name],
                "rows": finding.flagged_rows,
                "severity": finding.severity,
                "trigger": finding.trigger[:60],
            }
            for finding in having[:5]
        ]
    return best


def judge(
    findings: list[Finding], suspects: list[dict[str, object]], attack: PlantedAttack
) -> dict:
    """Return how an attack was found: severity, value, recall, whether it was named."""
    own = set(attack.rows)
    for finding in findings:
        rows = {s["row"] for s in suspects if finding.id in s["findings"] and s["score"] > 0.15}
        if len(rows & own) >= 0.5 * len(own) and len(rows & own) >= 0.5 * len(rows):
            flagged = {s["row"] for s in suspects if finding.id in s["findings"] and s["flagged"]}
            return {
                "severity": finding.severity,
                "value": next(
                    (finding.evidence[n] for n in STRENGTHS if n in finding.evidence), 0.0
                ),
                "recall": len(flagged & own) / len(own),
                "named": attack.trigger in finding.trigger,
                "trigger": finding.trigger[:60],
            }
    return {"severity": None, "value": 0.0, "recall": 0.0, "named": False, "trigger": ""}


def count_false(rows: list[Row]) -> dict[str, int]:
    """Scan clean rows and return their findings of each severity and the flagged rows."""
    report = poisonscan.scan(rows)
    counts = {name: sum(one.severity == name for one in report.findings) for name in SEVERITIES}
    counts |= {"flagged": sum(one["flagged"] for one in report.suspects().to_dicts())}
    print(f"  false findings: {counts} in {len(rows)} rows")
    return counts


def find_natural(rows: list[Row], weighed: list[Weighed]) -> dict[str, list[dict[str, object]]]:
    """Scan clean rows and print the strongest values of each kind of evidence."""
    with lowered_thresholds(), recording(weighed):
        natural = strongest(list(poisonscan.scan(rows).findings))
    for name, top in natural.items():
        shown = [(round(float(str(t["value"])), 1), t["rows"], t["trigger"]) for t in top]
        print(f"  natural {name}: {shown}")
    return natural


def find_planted(rows: list[Row], seeds: int, weighed: list[list[Weighed]]) -> list[dict]:
    """Plant attacks, scan, and print those that were not found high, named and complete.

    What was weighed in each scan, with as many strings as it had verbatim targets, strongest
    first, is added to `weighed`.
    """
    attacks = []
    for seed in range(seeds):
        for count in COUNTS:
            drawn = draw_attacks(rows, count, ATTACKS_PER_SCAN, 100 * seed + count)
            poisoned = plant_rows(rows, drawn)
            planted = poisoned.attacks
            seen: list[Weighed] = []
            with recording(seen):
                report = poisonscan.scan(poisoned.rows)
            verbatim_targets = sum(one.target_kind in VERBATIM for one in planted)
            seen.sort(key=lambda one: -one.effective)
            weighed.append(seen[:verbatim_targets])
            suspects = report.suspects().to_dicts()
            truth = {row for attack in planted for row in attack.rows}
            extra = sum(1 for s in suspects if s["flagged"] and s["row"] not in truth)
            for attack in planted:
                found = judge(list(report.findings), suspects, attack)
                found |= {"family": attack.attack.family, "target": attack.target_kind}
                found |= {"count": count}
                found |= {"planted": attack.trigger, "seed": seed, "clean_flagged": extra}
                attacks.append(found)
                if found["severity"] != "high" or not found["named"] or found["recall"] < 0.99:
                    print("  weak:", {key: found[key] for key in sorted(found)})
    return attacks


def without_text(found: dict) -> dict:
    """Return the figures of a finding without any string of the corpus."""
    return {key: value for key, value in found.items() if key not in ("trigger", "planted")}


def summarise(attacks: list[dict]) -> None:
    """Print how many attacks of each size were found."""
    for count in COUNTS:
        own = [attack for attack in attacks if attack["count"] == count]
        high = [attack["value"] for attack in own if attack["severity"] == "high"]
        named = sum(attack["named"] for attack in own)
        recall = sum(attack["recall"] for attack in own) / len(own)
        print(
            f"  planted {count:>3} rows: high {len(high)}/{len(own)}, named {named}, "
            f"recall {recall:.3f}, smallest value of a high one {min(high, default=0):.1f}"
        )


def ablate(natural: Sequence[Weighed], planted: Sequence[Weighed]) -> dict[str, dict[str, float]]:
    """Return for each discount left out the largest natural bits, and who lies above."""
    results = {}
    for name in ("none", *DISCOUNTS):
        change = {name: DISCOUNTS[name]} if name in DISCOUNTS else {}
        most = max((replace(one, **change).effective for one in natural), default=0.0)
        values = np.array([replace(one, **change).effective for one in planted])
        results[name] = {
            "natural": round(most, 1),
            "planted above": round(float(np.mean(values > most)), 3),
            "planted above 2 x natural": round(float(np.mean(values > 2.0 * most)), 3),
        }
    return results


def expected(counts: Sequence[dict[str, int]], rows: int) -> dict[str, float]:
    """Return the false findings per clean dataset, and the share of their rows that is flagged.

    Where none were seen in n datasets, fewer than 3 / n are to be expected (95 %, Hanley and
    Lippman-Hand 1983).
    """
    mean = {name: float(np.mean([one[name] for one in counts])) for name in SEVERITIES}
    at_most = {f"{name} at most": 3.0 / len(counts) for name in SEVERITIES if not mean[name]}
    flagged = sum(one["flagged"] for one in counts) / max(1, rows)
    return mean | at_most | {"flagged share": flagged}


def main() -> int:
    """Run the calibration."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--corpus", type=Path, action="append", required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    corpora = {}
    natural_bits: list[Weighed] = []
    planted_bits: list[list[Weighed]] = []
    false, total = [], 0
    for path in options.corpus:
        rows, digest = read_rows(path)
        print(f"\n{path.name} ({len(rows)} rows, sha256 {digest[:12]})", flush=True)
        false.append(count_false(rows))
        total += len(rows)
        natural = find_natural(rows, natural_bits)
        attacks = find_planted(rows, options.seeds, planted_bits)
        summarise(attacks)
        corpora[path.name] = {
            "sha256": digest,
            "false": false[-1],
            "natural": {
                name: [without_text(top) for top in tops] for name, tops in natural.items()
            },
            "planted": [without_text(attack) for attack in attacks],
        }
    per_dataset = expected(false, total)
    print(f"\nfalse findings per clean dataset: {per_dataset}")
    ablation = ablate(natural_bits, [one for seen in planted_bits for one in seen])
    for name, figures in ablation.items():
        print(f"verbatim without {name:12}: {figures}")
    if options.json:
        results = {
            "cores": os.cpu_count(),
            "seeds": options.seeds,
            "false_findings": per_dataset,
            "verbatim_ablation": ablation,
            "corpora": corpora,
        }
        options.json.write_text(json.dumps(results, indent=1, ensure_ascii=True) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
