"""`manifest.json`: what went in, with which settings and versions, and what came out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from poisonscan.findings.model import SCHEMA_VERSION, ScanResult
from poisonscan.io.coverage import FileCoverage
from poisonscan.report.decode import decode
from poisonscan.report.json_form import (
    encode_document,
    parse_document,
    plain_value,
    portable_config,
)
from poisonscan.report.versions import TOOL, package_versions, tool_version


@dataclass(frozen=True, slots=True)
class InputFile:
    """One input as it was when it was scanned; fields as in `FileCoverage`."""

    file: str
    container: str
    sha256: str
    size: int
    rows_read: int
    rows_scanned: int
    rows_unreadable: dict[str, int]
    error: str


@dataclass(frozen=True, slots=True)
class Tool:
    """Who wrote the report."""

    name: str = TOOL
    version: str = field(default_factory=tool_version)


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything needed to say whether a report belongs to given data.

    Attributes
    ----------
    config_sha256
        Of the settings as canonical JSON (sorted, no spaces).
    coverage
        Totals: ``read``, ``scanned``, ``unreadable``, ``complete``, ``failed_detectors``.
    outputs
        File name -> SHA-256.
    started, ended
        ISO 8601; empty where the caller did not say. The only clock in a report.
    """

    inputs: tuple[InputFile, ...]
    config: dict[str, Any]
    config_sha256: str
    seed: int
    versions: dict[str, str]
    coverage: dict[str, Any]
    outputs: dict[str, str]
    started: str = ""
    ended: str = ""
    tool: Tool = field(default_factory=Tool)

    def encode(self) -> bytes:
        """Return `manifest.json`."""
        return encode_document({"schema_version": SCHEMA_VERSION, **asdict(self)})

    @classmethod
    def decode(cls, data: bytes, where: str) -> Manifest:
        """Restore what `encode` wrote.

        Raises
        ------
        ConfigError
            `data` are malformed or of another schema version.
        """
        return decode(cls, parse_document(data, where), where)


def describe_scan(
    result: ScanResult, outputs: Mapping[str, str], *, started: str = "", ended: str = ""
) -> Manifest:
    """Return the manifest of a scan whose files have the digests `outputs`."""
    config = portable_config(plain_value(result.config))
    totals = result.coverage.to_dict()
    del totals["files"]  # they are the inputs
    return Manifest(
        inputs=tuple(_describe_input(file) for file in result.coverage.files),
        config=config,
        config_sha256=digest_config(config),
        seed=int(config.get("seed") or 0),
        versions=dict(sorted({**package_versions(), **result.versions}.items())),
        coverage=totals,
        outputs=dict(sorted(outputs.items())),
        started=started,
        ended=ended,
    )


def digest_config(config: Mapping[str, Any]) -> str:
    """Return the SHA-256 of settings, the same on every machine."""
    canonical = json.dumps(
        portable_config(plain_value(config)), sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def _describe_input(file: FileCoverage) -> InputFile:
    return InputFile(
        file=file.file,
        container=file.container,
        sha256=file.sha256,
        size=file.size,
        rows_read=file.read,
        rows_scanned=file.scanned,
        rows_unreadable=dict(sorted(file.unreadable.items())),
        error=file.error,
    )
