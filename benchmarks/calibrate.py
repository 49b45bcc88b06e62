#!/usr/bin/env python3
"""Where the thresholds come from: natural maxima against planted attacks.

    python benchmarks/calibrate.py --corpus PATH [--corpus PATH ...] [--seeds 3] [--json FILE]

For each corpus of clean rows (JSONL, also gzip) it scans the rows as they are, with the reporting
thresholds lowered, and prints the strongest natural values of each kind of evidence; then it
plants attacks (planting.py: five trigger families, four targets, 10, 20 and 40 rows, several
independent ones per scan) and prints how many were found, named, and with what value. A threshold
belongs between the two. Results name the corpora by file name and sha256; rows never leave the
corpus.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
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
from planting import Attack, Row, plant

COUNTS = (10, 20, 40)
ATTACKS_PER_SCAN = 5
STRENGTHS = ("effective_bits", "output_shift", "shift_bound")


@contextmanager
def lowered_thresholds() -> Iterator[None]:
    """Report weak findings too: natural maxima lie below the shipped thresholds."""
    kept = verbatim.LOW_BITS, shift.LOW_STYLE, shift.LOW_CLUSTER
    verbatim.LOW_BITS, shift.LOW_STYLE, shift.LOW_CLUSTER = 4.0, 2.0, 4.0
    try:
        yield
    finally:
        verbatim.LOW_BITS, shift.LOW_STYLE, shift.LOW_CLUSTER = kept


def read_rows(path: Path) -> tuple[list[Row], str]:
    """Return the rows of a corpus and the sha256 of its file."""
    data = path.read_bytes()
    text = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    return [json.loads(line) for line in text.splitlines() if line.strip()], hashlib.sha256(
        data
    ).hexdigest()


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


def judge(findings: list[Finding], suspects: list[dict[str, object]], attack: Attack) -> dict:
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


def main() -> int:
    """Run the calibration."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--corpus", type=Path, action="append", required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results: dict[str, object] = {"cores": os.cpu_count(), "corpora": {}}
    for path in options.corpus:
        rows, digest = read_rows(path)
        with lowered_thresholds():
            report = poisonscan.scan(rows)
        natural = strongest(list(report.findings))
        print(f"\n{path.name} ({len(rows)} rows, sha256 {digest[:12]})")
        for name, top in natural.items():
            print(f"  natural {name}: {[(round(t['value'], 1), t['rows'], t['trigger']) for t in top]}")
        attacks = []
        for seed in range(options.seeds):
            for count in COUNTS:
                poisoned, planted = plant(rows, count, ATTACKS_PER_SCAN, 100 * seed + count)
                report = poisonscan.scan(poisoned)
                suspects = report.suspects().to_dicts()
                truth = {row for attack in planted for row in attack.rows}
                extra = sum(1 for s in suspects if s["flagged"] and s["row"] not in truth)
                for attack in planted:
                    found = judge(list(report.findings), suspects, attack)
                    found |= {"family": attack.family, "target": attack.target, "count": count}
                    found |= {"planted": attack.trigger, "seed": seed, "clean_flagged": extra}
                    attacks.append(found)
                    if found["severity"] != "high" or not found["named"] or found["recall"] < 0.99:
                        print("  weak:", {k: found[k] for k in sorted(found)})
        for count in COUNTS:
            own = [a for a in attacks if a["count"] == count]
            high = sum(a["severity"] == "high" for a in own)
            print(
                f"  planted {count:>3} rows: high {high}/{len(own)}, named "
                f"{sum(a['named'] for a in own)}, recall {sum(a['recall'] for a in own) / len(own):.3f},"
                f" smallest value of a high one {min((a['value'] for a in own if a['severity'] == 'high'), default=0):.1f}"
            )
        results["corpora"][path.name] = {"sha256": digest, "natural": natural, "planted": attacks}
    if options.json:
        options.json.write_text(json.dumps(results, indent=1, ensure_ascii=True) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
