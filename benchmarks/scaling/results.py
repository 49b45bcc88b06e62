"""The results of a run as tables."""

from __future__ import annotations

from typing import Any

#: Part -> what it does, in the order of the table.
TITLES = {
    "scan": "poisonscan scan, start to report",
    "parse": "floor: read lines and parse them (orjson)",
    "hash": "floor: cut text into words and hash them (the kernel of the scan)",
    "sklearn": "CountVectorizer, 1- to 4-grams, binary",
    "polars": "polars: split, explode, group, 1- to 4-grams",
    "minilm": "MiniLM embeddings (sentence-transformers)",
}


def ratios(measured: list[dict[str, Any]]) -> dict[str, float]:
    """Return by what the seconds of each part are divided by those of the scan of the same rows."""
    found: dict[str, float] = {}
    scans = {one["n_bytes"]: one for one in measured if one["part"] == "scan"}
    for one in measured:
        if one["part"] != "scan" and "seconds" in one and one["n_bytes"] in scans:
            ratio = one["seconds"] / scans[one["n_bytes"]]["seconds"]
            found[f"{one['part']} / scan at {one['n_bytes'] / 1e6:,.0f} MB"] = round(ratio, 3)
    return found


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
        "| | format | MB | rows | measured rows | seconds | CPU s | MB/s | peak MiB | all of it |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for one in results["measured"]:
        lines.append(_row(one))
    lines += ["", "| | times the seconds of the scan |", "|---|---:|"]
    lines += [f"| {name} | {ratio:,.2f} |" for name, ratio in results["ratios"].items()]
    for one in results["quality"]:
        lines += ["", *_quality(one)]
    return "\n".join(lines) + "\n"


def _row(one: dict[str, Any]) -> str:
    head = f"| {TITLES[one['part']]} | {one['format']} | {one['n_bytes'] / 1e6:,.0f} "
    if "skipped" in one:
        return f"{head}| {one['skipped']} | | | | | | |"
    sign = "~" if one["extrapolated"] else ""
    return (
        f"{head}| {one['rows']:,} | {one['rows_measured']:,} | {sign}{one['seconds']:,.1f} "
        f"| {sign}{one['cpu_s']:,.1f} | {one['n_bytes'] / 1e6 / one['seconds']:,.1f} "
        f"| {one['peak_mib']:,.0f} | {one['tree_mib']:,.0f} |"
    )


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
