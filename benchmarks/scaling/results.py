"""The results of a run as tables."""

from __future__ import annotations

from typing import Any

#: Part -> what it does, in the order of the table.
TITLES = {
    "scan": "poisonscan scan, start to report",
    "parse": "floor: read lines and parse them (orjson)",
    "unpack": "floor: unpack, or read the columns (Parquet)",
    "hash": "floor: cut text into words and hash them (the kernel of the scan)",
    "sklearn": "CountVectorizer, 1- to 4-grams, binary",
    "polars": "polars: split, explode, group, 1- to 4-grams",
    "minilm": "MiniLM embeddings (sentence-transformers)",
}


def markdown(results: dict[str, Any]) -> str:
    """Return all of it for people."""
    machine = results["machine"]
    lines = [
        "# Speed and memory",
        "",
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB, "
        f"{machine['system']}; "
        + ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
        + ".",
        "",
        "Data of `benchmarks/scale_data.py`; each line is a process of its own. MB are those of "
        "the JSONL. ~ extrapolated in proportion from the rows that were measured; the memory is "
        "that of those rows.",
        "",
        "| | format | workers | MB | rows | measured rows | seconds | CPU s | MB/s | peak MiB "
        "| all of it |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for one in results["measured"]:
        lines.append(_row(one))
    lines += ["", "| ratio | measured | expected | |", "|---|---:|---|---|"]
    lines += [_ratio(one) for one in results["ratios"]]
    lines += ["", "| stage | format | workers | MB | seconds |", "|---|---|---:|---:|---:|"]
    lines += [line for one in results["measured"] for line in _stages(one)]
    for one in results["quality"]:
        lines += ["", *_quality(one)]
    return "\n".join(lines) + "\n"


def _row(one: dict[str, Any]) -> str:
    head = f"| {TITLES[one['part']]} | {_about(one)} "
    if "skipped" in one:
        return f"{head}| {one['skipped']} | | | | | | |"
    sign = "~" if one["extrapolated"] else ""
    return (
        f"{head}| {one['rows']:,} | {one['rows_measured']:,} | {sign}{one['seconds']:,.1f} "
        f"| {sign}{one['cpu_s']:,.1f} | {one['n_bytes'] / 1e6 / one['seconds']:,.1f} "
        f"| {one['peak_mib']:,.0f} | {one['tree_mib']:,.0f} |"
    )


def _about(one: dict[str, Any]) -> str:
    workers = one.get("workers", "")
    return f"{one['format']} | {workers} | {one['n_bytes'] / 1e6:,.0f}"


def _ratio(one: dict[str, Any]) -> str:
    expected = " |"
    if "expected" in one:
        expected = f"{one['expected']} | {'yes' if one['is_met'] else '**no**'}"
    return f"| {one['name']} | {one['value']:,.2f} | {expected} |"


def _stages(one: dict[str, Any]) -> list[str]:
    stages = one.get("stages_s", {})
    return [f"| {name} | {_about(one)} | {seconds:,.1f} |" for name, seconds in stages.items()]


def _quality(one: dict[str, Any]) -> list[str]:
    lines = [
        f"{one['n_bytes'] / 1e6:,.0f} MB, {one['format']}: {one['rows_scanned']:,} rows scanned, "
        f"{one['other_high']} other high and {one['other_medium']} other medium findings, "
        f"{one['clean_rows_flagged']} clean rows flagged.",
        "",
        "| planted trigger | target | found | rows | flagged |",
        "|---|---|---|---:|---:|",
    ]
    for attack in one["attacks"]:
        trigger = attack["trigger"].replace("|", "\\|")
        lines.append(
            f"| `{trigger}` | {attack['target_kind']} | {attack['severity'] or 'no'} "
            f"| {attack['rows']} | {attack['rows_flagged']} |"
        )
    return lines
