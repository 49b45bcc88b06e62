#!/usr/bin/env python3
"""Where the thresholds come from: natural maxima against planted attacks.

    python benchmarks/calibrate.py --corpus PATH [--corpus PATH ...] [--seeds 3] [--json FILE]

For each corpus of clean rows (JSONL, also gzip) it scans the rows as they are, with the reporting
thresholds lowered, and prints the strongest natural values of each kind of evidence; then it
plants attacks (attacks.py: five trigger families, four targets, 10, 20 and 40 rows, several
independent ones per scan) and prints how many were found, named, and with what value. A threshold
belongs between the two. Results name the corpora by file name and sha256; rows never leave the
corpus.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import poisonscan
from poisonscan.findings import shift, verbatim
from poisonscan.findings.model import Finding

sys.path.insert(0, str(Path(__file__).parent))
from attacks import Row, draw_attacks, read_rows

from poisonscan.plant import PlantedAttack, plant_rows

COUNTS = (10, 20, 40)
ATTACKS_PER_SCAN = 5
STRENGTHS = ("effective_bits", "shift_score", "shift_bound")


@contextmanager
def lowered_thresholds() -> Iterator[None]:
    """Report weak findings too: natural maxima lie below the shipped thresholds."""
    kept = verbatim.LOW_BITS, shift.LOW_SCORE
    verbatim.LOW_BITS, shift.LOW_SCORE = 4.0, 0.0
    try:
        yield
    finally:
        verbatim.LOW_BITS, shift.LOW_SCORE = kept


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


def find_natural(rows: list[Row]) -> dict[str, list[dict[str, object]]]:
    """Scan clean rows and print the strongest values of each kind of evidence."""
    with lowered_thresholds():
        natural = strongest(list(poisonscan.scan(rows).findings))
    for name, top in natural.items():
        shown = [(round(float(str(t["value"])), 1), t["rows"], t["trigger"]) for t in top]
        print(f"  natural {name}: {shown}")
    return natural


def find_planted(rows: list[Row], seeds: int) -> list[dict]:
    """Plant attacks, scan, and print those that were not found high, named and complete."""
    attacks = []
    for seed in range(seeds):
        for count in COUNTS:
            drawn = draw_attacks(rows, count, ATTACKS_PER_SCAN, 100 * seed + count)
            poisoned = plant_rows(rows, drawn)
            planted = poisoned.attacks
            report = poisonscan.scan(poisoned.rows)
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
    for path in options.corpus:
        rows, digest = read_rows(path)
        print(f"\n{path.name} ({len(rows)} rows, sha256 {digest[:12]})", flush=True)
        natural = find_natural(rows)
        attacks = find_planted(rows, options.seeds)
        summarise(attacks)
        corpora[path.name] = {
            "sha256": digest,
            "natural": {
                name: [without_text(top) for top in tops] for name, tops in natural.items()
            },
            "planted": [without_text(attack) for attack in attacks],
        }
    if options.json:
        results = {"cores": os.cpu_count(), "seeds": options.seeds, "corpora": corpora}
        options.json.write_text(json.dumps(results, indent=1, ensure_ascii=True) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
