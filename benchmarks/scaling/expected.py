"""What is expected of the figures of one run, each beside what was measured."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

Figures = dict[str, Any]

#: Seconds of another part / seconds of the scan.
AT_LEAST = {"sklearn": 20.0, "minilm": 100.0}
#: Seconds of the scan / seconds of reading and parsing alone.
MOST_PARSES = 20.0
#: Seconds for a gigabyte, on two cores; MiB.
GIGABYTE_S, GIGABYTE_MIB = 60.0, 2048.0
#: How many times as long and as much memory four times the data may take.
FOUR_TIMES_S, FOUR_TIMES_MIB = 4.3, 1.15
#: How many times as fast two workers are as one.
TWO_WORKERS = {"counting": 1.7, "in all": 1.5}
#: Packed data / (plain data + unpacking them): the rest is noise.
PACKED = 1.05


def compare(measured: list[Figures]) -> list[Figures]:
    """Return ``name``, ``value`` and, where something is expected, ``expected`` and ``is_met``.

    Figures of the same data are compared; of scans with several numbers of workers the one with
    the most stands for all.
    """
    scans = [one for one in measured if one["part"] == "scan"]
    parts = [one for one in measured if one["part"] != "scan" and "seconds" in one]
    plain = {one["n_bytes"]: one for one in scans if one["format"] == "jsonl"}
    best = {(one["n_bytes"], one["format"]): one for one in scans}
    found = [
        *(line for scan in plain.values() for line in _beside(scan, parts)),
        *(line for scan in plain.values() for line in _of_a_gigabyte(scan)),
        *(line for scan in best.values() for line in _packed(scan, plain, parts)),
        *(line for one, two in combinations(scans, 2) for line in _workers(one, two)),
        *(line for one, two in combinations(plain.values(), 2) for line in _sizes(one, two)),
    ]
    return found


def _line(
    name: str, value: float, least: float | None = None, most: float | None = None
) -> Figures:
    line: Figures = {"name": name, "value": round(value, 3)}
    if least is not None:
        line |= {"expected": f"at least {least:g}", "is_met": value >= least}
    if most is not None:
        line |= {"expected": f"at most {most:g}", "is_met": value <= most}
    return line


def _beside(scan: Figures, parts: list[Figures]) -> Iterator[Figures]:
    for one in parts:
        if one["n_bytes"] != scan["n_bytes"] or one["part"] == "unpack":
            continue
        at = f"at {_megabytes(scan)}"
        if one["part"] == "parse":
            yield _line(f"scan / parse {at}", scan["seconds"] / one["seconds"], most=MOST_PARSES)
        else:
            ratio = one["seconds"] / scan["seconds"]
            yield _line(f"{one['part']} / scan {at}", ratio, least=AT_LEAST.get(one["part"]))


def _of_a_gigabyte(scan: Figures) -> Iterator[Figures]:
    if 0.99e9 <= scan["n_bytes"] < 1.1e9:
        yield _line("seconds for a gigabyte", scan["seconds"], most=GIGABYTE_S)
        yield _line("MiB for a gigabyte", _peak(scan), most=GIGABYTE_MIB)


def _packed(scan: Figures, plain: dict[int, Figures], parts: list[Figures]) -> Iterator[Figures]:
    if scan["format"] == "jsonl" or scan["n_bytes"] not in plain:
        return
    for one in parts:
        is_its = one["n_bytes"] == scan["n_bytes"] and one["format"] == scan["format"]
        if is_its and one["part"] == "unpack":
            sum_s = plain[scan["n_bytes"]]["seconds"] + one["seconds"]
            name = f"{scan['format']} / (jsonl + unpacking) at {_megabytes(scan)}"
            yield _line(name, scan["seconds"] / sum_s, most=PACKED)


def _workers(one: Figures, two: Figures) -> Iterator[Figures]:
    if any(one[key] != two[key] for key in ("n_bytes", "format")) or one["workers"] != 1:
        return
    times = {"in all": (one["seconds"], two["seconds"])}
    for name in ("reading", "counting"):
        times[name] = (one["stages_s"][name], two["stages_s"][name])
    for name, (slow, fast) in times.items():
        least = TWO_WORKERS.get(name) if two["workers"] == 2 else None
        about = f"1 worker / {two['workers']}, {name}, at {_megabytes(one)}"
        yield _line(about, slow / fast, least=least)
    same = float(one["report_sha256"] == two["report_sha256"])
    yield _line(f"1 worker and {two['workers']}: same bytes at {_megabytes(one)}", same, least=1)


def _sizes(one: Figures, two: Figures) -> Iterator[Figures]:
    times = two["n_bytes"] / one["n_bytes"]
    is_four = abs(times - 4) < 0.1
    about = f"{_megabytes(two)} / {_megabytes(one)}"
    seconds, peak = two["seconds"] / one["seconds"], _peak(two) / _peak(one)
    yield _line(f"seconds, {about}", seconds, most=FOUR_TIMES_S if is_four else None)
    yield _line(f"memory, {about}", peak, most=FOUR_TIMES_MIB if is_four else None)


def _peak(one: Figures) -> float:
    return float(one["tree_mib"] or one["peak_mib"])


def _megabytes(one: Figures) -> str:
    return f"{one['n_bytes'] / 1e6:,.0f} MB"
