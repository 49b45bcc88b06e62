"""`summary.json`: numbers that add up, or no summary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from poisonscan.config import Severity
from poisonscan.errors import OutputError
from poisonscan.export.matching import shown
from poisonscan.findings.model import SCHEMA_VERSION
from poisonscan.report.json_form import encode_document
from poisonscan.report.versions import TOOL, tool_version


@dataclass(frozen=True, slots=True)
class CleanedFile:
    """One input and what became of its rows.

    Attributes
    ----------
    file
        As in the report.
    output
        Below the output folder, parts joined by ``/``.
    read
        Rows that the scan found; `kept` were written, `flagged` rejected for their findings and
        `unreadable` (reason -> rows) because nobody can say what is in them.
    input_sha256, sha256, size
        Of the bytes read; of the bytes written.

    Raises
    ------
    OutputError
        The numbers do not add up.
    """

    file: str
    output: str
    container: str
    read: int
    kept: int
    flagged: int
    unreadable: Mapping[str, int]
    input_sha256: str
    sha256: str
    size: int

    def __post_init__(self) -> None:
        if self.kept + self.rejected != self.read:
            raise OutputError(
                f"{shown(self.file)}: {self.kept} kept and {self.rejected} rejected rows are not"
                f" the {self.read} rows of the scan; nothing was written"
            )

    @property
    def rejected(self) -> int:
        """Rows that are in ``rejected.jsonl``."""
        return self.flagged + sum(self.unreadable.values())


@dataclass(frozen=True, slots=True)
class CleanSummary:
    """What `clean` did.

    Attributes
    ----------
    folder
        The output folder.
    files
        In the order of the report.
    rejected
        Rows written to ``rejected.jsonl``.
    rejected_sha256
        Of that file.
    report_sha256
        Of the ``report.json`` that was followed.
    is_scan_complete
        False where that report says that something was not scanned.

    Raises
    ------
    OutputError
        The numbers do not add up.
    """

    folder: Path
    files: tuple[CleanedFile, ...]
    rejected: int
    rejected_sha256: str
    report_sha256: str
    min_severity: Severity
    is_scan_complete: bool

    def __post_init__(self) -> None:
        counted = sum(file.rejected for file in self.files)
        if counted != self.rejected:
            raise OutputError(
                f"{self.rejected} rejected rows were written, but {counted} rows were rejected;"
                " nothing is left of them"
            )

    @property
    def read(self) -> int:
        """Rows of all inputs."""
        return sum(file.read for file in self.files)

    @property
    def kept(self) -> int:
        """Rows that were written to the cleaned copies."""
        return sum(file.kept for file in self.files)

    @property
    def flagged(self) -> int:
        """Rows that were rejected for their findings."""
        return sum(file.flagged for file in self.files)

    @property
    def unreadable(self) -> int:
        """Rows that were rejected because they cannot be read."""
        return self.rejected - self.flagged

    def describe(self) -> str:
        """Return one line for people."""
        n_files = len(self.files)
        return (
            f"kept {self.kept:,} of {self.read:,} rows in {n_files} file{'s' * (n_files != 1)};"
            f" rejected {self.rejected:,}: {self.flagged:,} flagged, {self.unreadable:,} unreadable"
            f"; written to {shown(str(self.folder))}"
        )

    def encode(self) -> bytes:
        """Return `summary.json`; no clock, no machine: the same bytes for the same data."""
        return encode_document(
            {
                "schema_version": SCHEMA_VERSION,
                "tool": {"name": TOOL, "version": tool_version()},
                "report_sha256": self.report_sha256,
                "scan_complete": self.is_scan_complete,
                "min_severity": self.min_severity,
                "totals": {
                    "read": self.read,
                    "kept": self.kept,
                    "rejected": self.rejected,
                    "flagged": self.flagged,
                    "unreadable": self.unreadable,
                },
                "rejected_sha256": self.rejected_sha256,
                "files": [{**asdict(file), "rejected": file.rejected} for file in self.files],
            }
        )
