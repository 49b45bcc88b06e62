"""`poisonscan clean`: copies without the flagged rows, and the rejected rows beside them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePath

from poisonscan.config import Severity
from poisonscan.errors import DatasetError, OutputError, StaleReportError
from poisonscan.export import parquet
from poisonscan.export.keepers import keeper_for
from poisonscan.export.matching import changed, digest, match_inputs, relative_names, shown
from poisonscan.export.outputs import OutputFile
from poisonscan.export.rejects import Rejects
from poisonscan.export.sieve import Sieve, require_same_bytes
from poisonscan.export.staging import Staging, staging
from poisonscan.export.summary import CleanedFile, CleanSummary
from poisonscan.export.verdicts import Verdicts, read_verdicts
from poisonscan.io.coverage import FileCoverage
from poisonscan.io.raw import iter_raw
from poisonscan.io.sources import Source, discover
from poisonscan.io.stream import Progress
from poisonscan.report.files import MANIFEST, PAGE, REPORT, SUSPECTS

REJECTED = PurePath("rejected.jsonl")
SUMMARY = PurePath("summary.json")


def clean(
    paths: Sequence[str | Path],
    report_dir: str | Path,
    out_dir: str | Path,
    *,
    min_severity: Severity = "medium",
    progress: Progress | None = None,
) -> CleanSummary:
    """Write the rows of scanned files that the report does not flag.

    Kept rows are written as they are, in their order, into files of the same container,
    compression and name; rows that are flagged or that cannot be read go to ``rejected.jsonl``.
    Everything appears at the end and together, or nothing does.

    Parameters
    ----------
    paths
        Exactly the files that were scanned; they may have been moved or renamed since.
    report_dir
        What the scan wrote.
    out_dir
        Created where it is missing; results of an earlier call are replaced.
    min_severity
        ``medium`` removes all flagged rows, ``high`` those that belong to a high finding.
    progress
        Called with the number of bytes that were read from disk since the last call.

    Raises
    ------
    StaleReportError
        The data are not the data of the report.
    DatasetError
        A file cannot be read to its end.
    ConfigError
        There is no report, it was tampered with, or it is one of data in memory.
    OutputError
        The output cannot be written, or would overwrite a file of the data or of the report.
    """
    report, out = Path(report_dir), Path(out_dir)
    verdicts, fingerprint = read_verdicts(report, min_severity)
    verdicts.require_files()
    report_files = [report / name for name in (REPORT, SUSPECTS, PAGE, MANIFEST)]
    pairs = match_inputs(_discover(paths, report_files), verdicts)
    names = _output_names([source for source, _ in pairs])
    protected = [*report_files, *(source.path for source, _ in pairs)]
    with staging(out, protected) as stage:
        stage.refuse_overwriting([*names, REJECTED, SUMMARY])
        rejected_file = stage.open(REJECTED)
        with rejected_file:
            rejects = Rejects(rejected_file, verdicts)
            files = tuple(
                _clean_file(source, expected, verdicts, name, stage, rejects, progress)
                for (source, expected), name in zip(pairs, names, strict=True)
            )
        summary = CleanSummary(
            folder=out,
            files=files,
            rejected=rejects.count,
            rejected_sha256=rejected_file.sha256,
            report_sha256=fingerprint,
            min_severity=min_severity,
            is_scan_complete=verdicts.is_complete,
        )
        with stage.open(SUMMARY) as summary_file:
            summary_file.write(summary.encode())
        stage.commit()
    return summary


def _discover(paths: Sequence[str | Path], report_files: Sequence[Path]) -> list[Source]:
    """Find the data; a report that lies among them is no part of what was scanned for it."""
    try:
        sources = discover(paths)
    except DatasetError as error:
        raise StaleReportError(f"{error}; give exactly the files of the report") from None
    ours = {os.path.realpath(path) for path in report_files}
    return [source for source in sources if os.path.realpath(source.path) not in ours]


def _output_names(sources: Sequence[Source]) -> list[PurePath]:
    names = relative_names([source.path for source in sources])
    ours = {str(name): name for name in (REJECTED, SUMMARY)}
    for source, name in zip(sources, names, strict=True):
        if name.parts[0].casefold() in ours:
            raise OutputError(
                f"{shown(source.name)} would take the place of {name.parts[0].casefold()} in the"
                " output; rename it"
            )
    return names


def _clean_file(
    source: Source,
    expected: FileCoverage,
    verdicts: Verdicts,
    name: PurePath,
    stage: Staging,
    rejects: Rejects,
    progress: Progress | None,
) -> CleanedFile:
    container, _, compression = expected.container.partition("+")
    sieve = Sieve(source.name, expected, verdicts)
    with _telling_changes(source, expected), stage.open(name, compression) as out:
        if container == "parquet":
            kept = _keep_parquet(source, expected, sieve, out, rejects, progress)
        else:
            kept = _keep_text(source, container, sieve, out, rejects, progress)
            sieve.check()
    return CleanedFile(
        file=expected.file,
        output=name.as_posix().encode("utf-8", "backslashreplace").decode(),
        container=expected.container,
        read=expected.read,
        kept=kept,
        flagged=sieve.flagged,
        unreadable=dict(sorted(sieve.coverage.unreadable.items())),
        input_sha256=sieve.coverage.sha256,
        sha256=out.sha256,
        size=out.size,
    )


def _keep_text(
    source: Source,
    container: str,
    sieve: Sieve,
    out: OutputFile,
    rejects: Rejects,
    progress: Progress | None,
) -> int:
    keeper = keeper_for(container, out)
    kept = 0
    for found in iter_raw(source, sieve.coverage, with_gaps=True, progress=progress):
        raw = found.raw or b""
        if found.is_gap:
            keeper.gap(raw)
        elif sieve.keeps(found, rejects):
            keeper.keep(raw)
            kept += 1
        else:
            keeper.drop()
    keeper.finish()
    return kept


def _keep_parquet(
    source: Source,
    expected: FileCoverage,
    sieve: Sieve,
    out: OutputFile,
    rejects: Rejects,
    progress: Progress | None,
) -> int:
    rows = iter_raw(source, sieve.coverage, progress=progress)
    dropped = [found.row for found in rows if not sieve.keeps(found, rejects)]
    sieve.check()
    again = FileCoverage(source.name)
    kept = parquet.write_kept(source, again, dropped, out)
    require_same_bytes(again, expected)
    return kept


@contextmanager
def _telling_changes(source: Source, expected: FileCoverage) -> Iterator[None]:
    """Say of a file that can no longer be read at all whether it was changed."""
    try:
        yield
    except DatasetError:
        if digest(source) not in ("", expected.sha256):
            raise StaleReportError(changed(source.name)) from None
        raise
