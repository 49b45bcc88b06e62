"""The report for programs: `report.json`, `suspects.jsonl`, and the way back.

Both are pure functions of the result: no clock, no machine, numbers rounded to what they are good
for, and pure ASCII, so that `cat` shows a hostile string instead of obeying it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from poisonscan.errors import ConfigError
from poisonscan.findings.model import SCHEMA_VERSION, Finding, ScanResult, Suspect
from poisonscan.io.coverage import Coverage
from poisonscan.report.decode import decode, parse_json
from poisonscan.report.sanitise import for_terminal
from poisonscan.report.summary import summarise
from poisonscan.report.versions import TOOL, tool_version

#: Digits that survive a change of machine; more would be noise that breaks comparisons.
SIGNIFICANT_DIGITS = 6

#: Settings that say something about the machine and nothing about the result.
MACHINE_SETTINGS = ("batch_bytes", "scratch_dir", "workers")


def encode_report(result: ScanResult) -> bytes:
    """Return `report.json`."""
    summary = asdict(summarise(result))
    summary["complete"] = summary.pop("is_complete")
    return encode_document(
        {
            "schema_version": SCHEMA_VERSION,
            "tool": {"name": TOOL, "version": tool_version()},
            "summary": summary,
            "coverage": result.coverage.to_dict(),
            "config": portable_config(result.config),
            "versions": _sorted(result.versions),
            "findings": [_finding(finding) for finding in result.findings],
        }
    )


def encode_suspects(suspects: Iterable[Suspect]) -> Iterator[bytes]:
    """Yield the lines of `suspects.jsonl`."""
    encode = json.JSONEncoder(ensure_ascii=True, allow_nan=False).encode
    for suspect in suspects:
        yield encode(plain_value(suspect.to_dict())).encode("ascii") + b"\n"


def decode_report(report: bytes, suspects: Iterable[bytes], where: str) -> ScanResult:
    """Restore a result from its two files.

    Parameters
    ----------
    suspects
        Lines of `suspects.jsonl`.
    where
        The folder, for messages.

    Raises
    ------
    ConfigError
        A file is malformed, of another schema version, or the two are not of one scan.
    """
    name = f"{where}/report.json"
    plain = parse_document(report, name)
    body = decode(_Body, plain, name)
    listed = tuple(_decode_suspects(suspects, f"{where}/suspects.jsonl"))
    _check_ids(body, listed, where)
    return ScanResult(body.findings, listed, body.coverage, body.config, body.versions)


def parse_document(data: bytes, where: str) -> dict[str, Any]:
    """Parse a JSON object that carries our schema version.

    Raises
    ------
    ConfigError
        It is no such object.
    """
    plain = parse_json(data, where)
    if not isinstance(plain, dict) or "schema_version" not in plain:
        raise ConfigError(f"{where}: no schema_version; this is no file of a poisonscan report")
    version = plain["schema_version"]
    if version != SCHEMA_VERSION:
        raise ConfigError(
            f"{where}: schema_version is {for_terminal(repr(version), 40)}, this poisonscan reads"
            f" {SCHEMA_VERSION}; scan again"
        )
    return plain


def encode_document(plain: Mapping[str, Any]) -> bytes:
    """Return strict, indented ASCII JSON."""
    text = json.dumps(plain_value(plain), ensure_ascii=True, allow_nan=False, indent=2)
    return text.encode("ascii") + b"\n"


def plain_value(value: Any) -> Any:  # noqa: ANN401 (JSON is anything)
    """Return `value` as strict JSON: floats rounded, ``None`` for what is not finite."""
    if isinstance(value, (str, bool, int)) or value is None:
        return value
    if isinstance(value, Mapping):
        return {str(key): plain_value(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_value(item) for item in value]
    if isinstance(value, float):
        return float(f"{value:.{SIGNIFICANT_DIGITS}g}") if math.isfinite(value) else None
    if hasattr(value, "item"):  # a numpy scalar
        return plain_value(value.item())
    return str(value)


def portable_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings without what belongs to the machine, in a fixed order."""
    return {
        key: None if key in MACHINE_SETTINGS else value for key, value in _sorted(config).items()
    }


def _finding(finding: Finding) -> dict[str, Any]:
    ordered = replace(finding, counts=_sorted(finding.counts), evidence=_sorted(finding.evidence))
    return ordered.to_dict()


def _sorted(mapping: Mapping[str, Any]) -> dict[str, Any]:
    return dict(sorted(mapping.items()))


@dataclass(frozen=True, slots=True)
class _Counts:
    rows_flagged: int
    rows_listed: int


@dataclass(frozen=True, slots=True)
class _Body:
    """What of `report.json` makes a result; the rest is derived from it."""

    summary: _Counts
    coverage: Coverage
    config: dict[str, Any]
    versions: dict[str, str]
    findings: tuple[Finding, ...]


def _decode_suspects(lines: Iterable[bytes], where: str) -> Iterator[Suspect]:
    for number, line in enumerate(lines, 1):
        at = f"{where}:{number}"
        yield decode(Suspect, parse_json(line, at), at)


def _check_ids(body: _Body, suspects: tuple[Suspect, ...], where: str) -> None:
    """Refuse files that contradict each other: a cut-off list would leave poison in the data."""
    ids = {finding.id for finding in body.findings}
    if len(ids) < len(body.findings):
        raise ConfigError(f"{where}/report.json: two findings have the same id; scan again")
    counted = (body.summary.rows_listed, body.summary.rows_flagged)
    present = (len(suspects), sum(suspect.flagged for suspect in suspects))
    if counted != present:
        raise ConfigError(
            f"{where}: suspects.jsonl has {present[0]} rows, {present[1]} of them flagged, but"
            f" report.json says {counted[0]} and {counted[1]}; scan again"
        )
    if len({(suspect.file, suspect.row) for suspect in suspects}) < len(suspects):
        raise ConfigError(f"{where}/suspects.jsonl: a row is listed twice; scan again")
    unknown = next((name for row in suspects for name in row.findings if name not in ids), None)
    if unknown is not None:
        raise ConfigError(
            f"{where}/suspects.jsonl: finding {for_terminal(unknown, 40)} is not in report.json"
        )
