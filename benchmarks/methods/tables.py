"""The Markdown tables of a comparison, from its JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from statistics import mean, median
from typing import Any

#: Group of files -> how the tables call it.
GROUPS = {"given": "research files", "planted": "own plants"}
NOT_RUN = "–"


def all_tables(results: Mapping[str, Any]) -> dict[str, str]:
    """Return name -> table, for every table that the page may show."""
    tables = {
        "machine": machine_table(results),
        "methods": methods_table(results),
        "skipped": skipped_table(results),
    }
    for group in GROUPS:
        if any(one["group"] == group for one in results["files"]):
            tables[f"summary {group}"] = summary_table(results, group)
            tables[f"cases {group}"] = files_table(results, group, "f1")
            tables[f"ranking {group}"] = files_table(results, group, "average_precision")
            tables[f"clean {group}"] = files_table(results, group, "clean")
    return {name: table for name, table in tables.items() if table}


def fill(page: str, tables: Mapping[str, str]) -> str:
    """Return a page with new tables in place of those behind ``<!-- table: NAME -->``."""

    def table(marker: re.Match[str]) -> str:
        return f"{marker[1]}{tables.get(marker[2], '')}\n"

    return re.sub(r"(<!-- table: ([\w ]+) -->\n)(?:\|.*\n)*", table, page)


def machine_table(results: Mapping[str, Any]) -> str:
    """Return where and with what the figures were measured."""
    machine = results["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    rows = [
        ["processor", f"{machine['processor']}, {machine['cores']} cores, {machine['system']}"],
        ["cores for each method", str(machine["cores_used"])],
        ["runs that the results come from", str(results["runs"])],
        ["seconds allowed for a file", f"{results['time_limit']:g}"],
        ["versions", versions],
    ]
    return _table(["what", "which"], rows, "ll")


def methods_table(results: Mapping[str, Any]) -> str:
    """Return what each method was given."""
    rows = [[one["title"], one["given"]] for one in results["methods"].values()]
    return _table(["method", "what it was given, and what it lacks"], rows, "ll")


def summary_table(results: Mapping[str, Any], group: str) -> str:
    """Return means over the poisoned files that each method ran on, and the clean ones."""
    names = {one["name"]: one for one in results["files"] if one["group"] == group}
    done = [one for one in results["results"] if one["file"] in names and "skipped" not in one]
    own = {one["file"]: one for one in done if one["method"] == "poisonscan"}
    rows = []
    for name, method in results["methods"].items():
        ran = [one for one in done if one["method"] == name]
        cases = [one for one in ran if "f1" in one]
        clean = [one for one in ran if "f1" not in one]
        shared = [own[one["file"]]["f1"] for one in cases if one["file"] in own]
        flagged = sum(one["flagged"] for one in clean)
        total = sum(names[one["file"]]["rows"] for one in clean)
        rows.append(
            [
                method["title"],
                str(len(cases)),
                *(_mean(one[key] for one in cases) for key in _FIGURES),
                _mean(shared),
                f"{100 * flagged / total:.2f} %" if total else NOT_RUN,
                f"{median(one['seconds'] for one in ran):.1f}" if ran else NOT_RUN,
                f"{max(one['peak_mib'] for one in ran):.0f}" if ran else NOT_RUN,
            ]
        )
    head = ["method", "files", "recall", "precision", "F1", "AP", "F1 of poisonscan there"]
    head += ["clean rows flagged", "seconds", "MiB"]
    return _table(head, rows, "l" + "r" * 9)


_FIGURES = ("recall", "precision", "f1", "average_precision")


def files_table(results: Mapping[str, Any], group: str, figure: str) -> str:
    """Return one figure by file and method; ``clean`` is the share of rows flagged, percent."""
    found = {(one["file"], one["method"]): one for one in results["results"]}
    is_clean = figure == "clean"
    rows = []
    for file in results["files"]:
        if file["group"] != group or (file["poisoned"] == 0) != is_clean:
            continue
        row = [file["name"]]
        for method in results["methods"]:
            one = found.get((file["name"], method), {})
            if is_clean and "flagged" in one:
                row.append(f"{100 * one['false_positive_rate']:.2f}")
            else:
                row.append(f"{one[figure]:.2f}" if figure in one else NOT_RUN)
        rows.append(row)
    if not rows:
        return ""
    titles = [one["title"] for one in results["methods"].values()]
    return _table(["rows", *titles], rows, "l" + "r" * len(titles))


def skipped_table(results: Mapping[str, Any]) -> str:
    """Return why methods did not run, and on how many files; empty where all did."""
    reasons: dict[tuple[str, str], int] = {}
    for one in results["results"]:
        if "skipped" in one:
            key = (results["methods"][one["method"]]["title"], one["skipped"])
            reasons[key] = reasons.get(key, 0) + 1
    rows = [[*key, str(count)] for key, count in sorted(reasons.items())]
    return _table(["method", "did not run because", "files"], rows, "llr") if rows else ""


def _mean(values: Iterable[float]) -> str:
    numbers = list(values)
    return f"{mean(numbers):.2f}" if numbers else NOT_RUN


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], align: str) -> str:
    rule = ["---:" if one == "r" else "---" for one in align]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *rows))
