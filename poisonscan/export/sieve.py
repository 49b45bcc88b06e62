"""Tells the rows of one input apart, and proves that they are the rows that were scanned."""

from __future__ import annotations

from typing import Protocol

from poisonscan.errors import DatasetError, StaleReportError
from poisonscan.export.matching import changed, shown
from poisonscan.export.verdicts import Verdicts
from poisonscan.findings.model import Suspect
from poisonscan.io.builder import add_record
from poisonscan.io.columns import RecordColumns
from poisonscan.io.coverage import FileCoverage
from poisonscan.io.rows import RawRow
from poisonscan.io.schemas import Normaliser
from poisonscan.records import Unreadable
from poisonscan.report.sanitise import for_terminal


class RejectionLog(Protocol):
    """Writes down what is not kept."""

    def add_flagged(self, file: str, found: RawRow, suspect: Suspect) -> None:
        """Note a row that the report flags."""

    def add_unreadable(self, file: str, found: RawRow, problem: Unreadable) -> None:
        """Note a row that a scan cannot read."""


class Sieve:
    """Goes through the rows of one input.

    Attributes
    ----------
    coverage
        Of this reading; its reader fills it in, and `keeps` counts rows in it as a scan does.
    flagged
        Flagged rows so far.
    """

    def __init__(self, name: str, expected: FileCoverage, verdicts: Verdicts) -> None:
        self.coverage = FileCoverage(name)
        self.flagged = 0
        self._expected = expected
        self._removed = verdicts.removed[expected.file]
        self._normaliser = Normaliser(verdicts.mapping)
        self._columns = RecordColumns()

    def keeps(self, found: RawRow, log: RejectionLog | None = None) -> bool:
        """Count one record; return whether it stays."""
        _, _, problem = add_record(self._normaliser, self._columns, found)
        self._columns.drop_row()
        if problem is not None:
            self.coverage.count_unreadable(found.row, problem.reason, problem.detail)
            if log is not None:
                log.add_unreadable(self._expected.file, found, problem)
            return False
        self.coverage.scanned += 1
        suspect = self._removed.get(found.row)
        if suspect is None:
            return True
        self.flagged += 1
        if log is not None:
            log.add_flagged(self._expected.file, found, suspect)
        return False

    def check(self) -> None:
        """Compare everything that was read with the report.

        Raises
        ------
        StaleReportError
            The bytes are not those that were scanned, or their rows are counted differently.
        DatasetError
            The file could not be read to its end.
        """
        require_same_bytes(self.coverage, self._expected)
        self.check_rows()

    def check_rows(self) -> None:
        """Compare the rows alone, for data that have no bytes.

        Raises
        ------
        StaleReportError
            There are other rows than the scan counted.
        """
        found, expected = self.coverage, self._expected
        if (found.scanned, found.unreadable) != (expected.scanned, expected.unreadable):
            raise StaleReportError(
                f"{shown(found.file)} has {_counts(found)}, but the report counts"
                f" {_counts(expected)}; scan again, with this version of poisonscan"
            )
        if self.flagged != len(self._removed):
            raise StaleReportError(
                f"{shown(found.file)} lacks {len(self._removed) - self.flagged} of the rows that"
                " the report flags; scan again"
            )


def require_same_bytes(found: FileCoverage, expected: FileCoverage) -> None:
    """Refuse a file that is not what was scanned, or that could not be read to its end.

    Raises
    ------
    StaleReportError
        The digests differ, or the bytes are read as another container.
    DatasetError
        Reading broke off.
    """
    is_same = found.sha256 == expected.sha256
    if not is_same and (found.sha256 or not found.error):  # a change explains the error, too
        raise StaleReportError(changed(found.file))
    if found.error:
        raise DatasetError(
            f"{shown(found.file)} cannot be read to its end"
            f" ({for_terminal(found.error, 200)}): its kept rows would not be complete;"
            " repair or remove it and scan again"
        )
    if found.container != expected.container:
        raise StaleReportError(
            f"{shown(found.file)} is read as {found.container}, but was scanned as"
            f" {for_terminal(expected.container, 40)}; give it the extension that it had"
        )


def _counts(file: FileCoverage) -> str:
    reasons = ", ".join(
        f"{count} {for_terminal(reason, 40)}" for reason, count in sorted(file.unreadable.items())
    )
    return f"{file.read} rows ({reasons})" if reasons else f"{file.read} rows"
