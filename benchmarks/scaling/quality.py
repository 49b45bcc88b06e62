"""Whether a scan found what was planted: ``python -m scaling.quality REPORT ATTACKS``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from poisonscan import Report


def judge(report: Report, described: dict[str, Any]) -> dict[str, Any]:
    """Compare a report with the description that stands beside the data.

    Returns
    -------
    dict
        ``attacks``: of each its trigger, the severity of the first finding that names it (empty:
        none) and the share of its rows that are flagged; ``other_high``, ``other_medium``:
        findings that name none of them; ``clean_rows_flagged``; ``is_good``: all triggers are
        named by a high finding, and nothing else is high.
    """
    findings = list(report.findings)
    flagged = {suspect.row for suspect in report.result.suspects if suspect.flagged}
    attacks, named, poisoned = [], set(), set[int]()
    for attack in described["attacks"]:
        own = set(attack["poisoned_rows"])
        poisoned |= own
        naming = [at for at, one in enumerate(findings) if _is_named(attack, one.trigger)]
        named.update(naming)
        attacks.append(
            {
                "trigger": " | ".join(" … ".join(parts) for parts in attack["triggers"]),
                "target_kind": attack["target_kind"],
                "severity": findings[naming[0]].severity if naming else "",
                "rows": len(own),
                "rows_flagged": len(own & flagged),
            }
        )
    others = [one.severity for at, one in enumerate(findings) if at not in named]
    return {
        "rows_scanned": report.coverage.scanned,
        "attacks": attacks,
        "other_high": others.count("high"),
        "other_medium": others.count("medium"),
        "clean_rows_flagged": len(flagged - poisoned),
        "is_good": "high" not in others and all(one["severity"] == "high" for one in attacks),
    }


def _is_named(attack: dict[str, Any], trigger: str) -> bool:
    return any(all(part.strip() in trigger for part in parts) for parts in attack["triggers"])


def main(report: str, attacks: str) -> None:
    """Print the verdict as JSON."""
    described = json.loads(Path(attacks).read_text(encoding="utf-8"))
    print(json.dumps(judge(Report.load(report), described)))


if __name__ == "__main__":
    main(*sys.argv[1:])
