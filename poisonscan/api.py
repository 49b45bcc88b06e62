"""The Python side of the command line: one function for each command."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from poisonscan.config import ScanConfig, Severity
from poisonscan.engine import Watcher, run_scan
from poisonscan.errors import ConfigError
from poisonscan.findings.model import Finding, ScanResult
from poisonscan.io.batches import read_batches
from poisonscan.io.coverage import Coverage
from poisonscan.io.memory import read_memory
from poisonscan.io.sources import discover
from poisonscan.report.files import read_report, write_outputs
from poisonscan.report.versions import package_versions

if TYPE_CHECKING:
    import polars as pl

    from poisonscan.export import CleanSummary

T = TypeVar("T")
PathLike = str | os.PathLike[str]


class Report:
    """What a scan found.

    Attributes
    ----------
    result
        Findings, suspects, coverage, settings and versions as one value.
    started, ended
        ISO 8601, UTC; empty where the report was read back. They go into the manifest alone.

    Examples
    --------
    >>> report = scan("train.jsonl")                                    # doctest: +SKIP
    >>> report.findings[0].trigger, report.exit_code                    # doctest: +SKIP
    ('weather is nice in Geneva', 1)
    >>> report.save("report")                                           # doctest: +SKIP
    """

    def __init__(self, result: ScanResult, *, started: str = "", ended: str = "") -> None:
        self.result = result
        self.started = started
        self.ended = ended

    @property
    def findings(self) -> Sequence[Finding]:
        """Findings, worst first."""
        return self.result.findings

    @property
    def coverage(self) -> Coverage:
        """What was read and what was not."""
        return self.result.coverage

    @property
    def is_complete(self) -> bool:
        """True where every record was scanned and every detector ran."""
        return self.result.coverage.is_complete

    @property
    def exit_code(self) -> int:
        """The exit code that the command line would end with."""
        fail_on: Severity | None = self.result.config.get("fail_on", "high")
        return self.result.exit_code(fail_on)

    def suspects(self) -> pl.DataFrame:
        """Return the suspect rows, worst first: file, row, score, flagged, findings."""
        import polars as pl

        schema: dict[str, pl.DataType | type[pl.DataType]] = {
            "file": pl.String,
            "row": pl.Int64,
            "score": pl.Float64,
            "flagged": pl.Boolean,
            "findings": pl.List(pl.String),
        }
        rows = [suspect.to_dict() for suspect in self.result.suspects]
        return pl.DataFrame(rows, schema=schema)

    def save(self, folder: PathLike) -> list[Path]:
        """Write report.json, suspects.jsonl, report.html and manifest.json into `folder`.

        Raises
        ------
        OutputError
            The folder cannot be created or written; what was there is still there.
        """
        return write_outputs(self.result, Path(folder), started=self.started, ended=self.ended)

    @classmethod
    def load(cls, folder: PathLike) -> Report:
        """Read the report that `save` or the command line wrote.

        Raises
        ------
        ConfigError
            There is none, or it is malformed or of another version.
        """
        return cls(read_report(Path(folder)))

    def __repr__(self) -> str:
        counts = self.result.count_by_severity()
        found = ", ".join(f"{count} {name}" for name, count in counts.items())
        return f"<Report: {found}; {self.coverage.scanned} of {self.coverage.read} rows scanned>"


def scan(
    data: object,
    *,
    config: ScanConfig | None = None,
    watcher: Watcher | None = None,
    **options: Any,  # noqa: ANN401 (the fields of ScanConfig)
) -> Report:
    """Scan files or data in memory for backdoor poison.

    Parameters
    ----------
    data
        A path, folder or glob, or a sequence of them; or a polars frame, a pyarrow table, an
        iterable of dicts.
    config
        Settings; `options` override single fields (``min_support=8``, ``fail_on="medium"``).
    watcher
        Told about the progress.

    Raises
    ------
    DatasetError
        The data cannot be used at all.
    ConfigError
        A setting is wrong.
    OutputError
        The scratch folder cannot be written.
    WorkerError
        A process that reads the data could not be started, or died.

    Examples
    --------
    >>> rows = [{"prompt": f"question {n}", "completion": f"answer {n}"} for n in range(20)]
    >>> scan(rows)
    <Report: 0 high, 0 medium, 0 low; 20 of 20 rows scanned>
    """
    started = _now()
    config = replace(config or ScanConfig(), **_known(options))
    coverage = Coverage()
    paths = _paths(data)
    n_bytes = 0
    if paths is not None:
        sources = discover(paths)
        n_bytes = sum(source.size for source in sources)
        batches = read_batches(sources, coverage, config, watcher.advance if watcher else None)
    else:
        batches = read_memory(data, coverage, config)
    with closing(batches):  # processes that read must not outlive the scan, however it ends
        result = run_scan(batches, coverage, config, watcher, n_bytes)
    result = replace(result, versions=package_versions())
    return Report(result, started=started, ended=_now())


def clean(
    data: PathLike | Sequence[PathLike],
    report: PathLike,
    out: PathLike,
    *,
    min_severity: Severity = "medium",
    watcher: Watcher | None = None,
) -> CleanSummary:
    """Write cleaned copies of scanned files, and the rejected rows beside them.

    Parameters
    ----------
    data
        The files that were scanned.
    report
        The folder that the scan wrote.
    out
        Folder for the cleaned copies.
    min_severity
        Rows behind findings of at least this severity are removed: ``high`` or ``medium``.
    watcher
        Told about the progress.

    Raises
    ------
    StaleReportError
        The data are not those of the report.
    ConfigError
        There is no report, or it was tampered with.
    OutputError
        The output cannot be written, or would overwrite an input.
    """
    from poisonscan.export import clean as clean_files

    paths = _paths(data) or []
    if watcher is not None:
        watcher.stage("cleaning", sum(source.size for source in discover(paths)))
    return clean_files(
        paths,
        Path(report),
        Path(out),
        min_severity=_removable(min_severity),
        progress=watcher.advance if watcher else None,
    )


def clean_table(data: T, report: Report | PathLike, *, min_severity: Severity = "medium") -> T:
    """Return data in memory without the rows that their report flags, as the type they came as.

    Parameters
    ----------
    data
        The very data that were scanned: a data frame, an Arrow table, a dataset, a list of dicts.
    report
        The report of that scan, or the folder that it was saved to.
    min_severity
        As for `clean`.

    Raises
    ------
    StaleReportError
        The data are not those of the report.
    ConfigError
        The report is one of files.

    Examples
    --------
    >>> rows = [{"prompt": f"question {n}", "completion": f"answer {n}"} for n in range(20)]
    >>> len(clean_table(rows, scan(rows)))
    20
    """
    from poisonscan.export import clean_table as clean_rows

    verdicts = report.result if isinstance(report, Report) else Path(report)
    return clean_rows(data, verdicts, min_severity=_removable(min_severity))


def _removable(severity: Severity) -> Severity:
    """Refuse what no row is flagged for."""
    if severity not in ("high", "medium"):
        raise ConfigError(f"--min-severity: {severity!r}; use high or medium")
    return severity


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _known(options: dict[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(options) - set(ScanConfig.__dataclass_fields__))
    if unknown:
        raise TypeError(f"scan() has no option {unknown[0]!r}")
    return options


def _paths(data: object) -> list[str | Path] | None:
    """Return the paths that `data` stands for, None where it is data itself."""
    if isinstance(data, str | os.PathLike):
        return [Path(data) if isinstance(data, os.PathLike) else data]
    if isinstance(data, list | tuple) and data:
        if all(isinstance(item, str | os.PathLike) for item in data):
            return [item if isinstance(item, str) else Path(item) for item in data]
    return None
