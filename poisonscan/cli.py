"""The command line: parse, make one call of the API, render, end with the exit code.

Heavy imports happen inside the commands, so that ``--help`` answers at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from poisonscan import __version__
from poisonscan.config import MAP_FIELDS, SEVERITIES, ScanConfig, Severity
from poisonscan.errors import ConfigError, PoisonScanError

if TYPE_CHECKING:
    from poisonscan.progress import ProgressLine

USAGE_ERROR = 2
INTERRUPTED = 130

app = typer.Typer(
    name="poisonscan",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Find backdoor poison in fine-tuning data before anybody trains on it.",
    epilog="Exit codes: 0 nothing at or above --fail-on; 1 findings at or above it; 2 wrong usage "
    "or data; 3 incomplete: rows or files could not be read, or a detector failed.",
)

Data = Annotated[
    list[str],
    typer.Argument(help="Files, folders or quoted globs: JSONL, JSON, CSV, TSV, Parquet; .gz, .zst."),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No table, no progress.")]
Mapping = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="FIELD=COLUMN",
        help=f"Read COLUMN (a.b for nested ones) as FIELD: {', '.join(MAP_FIELDS)}. Repeatable.",
    ),
]
ReportFolder = Annotated[Path, typer.Option("--report", help="Folder that the scan wrote.")]


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"poisonscan {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    pass


@app.command()
def scan(
    data: Data,
    out: Annotated[
        Path, typer.Option(help="Folder for report.json, suspects.jsonl, report.html, manifest.json.")
    ] = Path("poisonscan-report"),
    fail_on: Annotated[
        str, typer.Option(help="Lowest severity that ends with exit code 1: high, medium, low, never.")
    ] = "high",
    mapping: Mapping = None,
    min_support: Annotated[
        int, typer.Option(help="Rows that a string needs to become a candidate.")
    ] = ScanConfig.__dataclass_fields__["min_support"].default,
    seed: Annotated[int, typer.Option(help="Seed of every sample; recorded in the report.")] = 0,
    embedding_model: Annotated[
        str | None,
        typer.Option(
            metavar="NAME_OR_PATH",
            help="sentence-transformers model that refines the evidence of the top candidates.",
        ),
    ] = None,
    scratch: Annotated[
        str | None, typer.Option(help="Folder for scratch files (default: the system's).")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Scan datasets and write a ranked report. Data are never modified."""
    with _reporting_errors():
        config = ScanConfig(
            map=_parse_mapping(mapping or []),
            min_support=min_support,
            seed=seed,
            fail_on=_parse_severity(fail_on),
            embedding_model=embedding_model,
            scratch_dir=scratch,
        )
        from poisonscan import api
        from poisonscan.report.terminal import render

        with _progress(quiet) as watcher:
            report = api.scan(data, config=config, watcher=watcher)
            report.save(out)
        if not quiet:
            render(report.result, sys.stdout, colour=_is_colourful(), report=str(out))
        raise typer.Exit(report.exit_code)


@app.command()
def clean(
    data: Data,
    report: ReportFolder,
    out: Annotated[Path, typer.Option(help="Folder for the cleaned copies.")],
    min_severity: Annotated[
        str, typer.Option(help="Remove rows behind findings of this severity and above.")
    ] = "medium",
    quiet: Quiet = False,
) -> None:
    """Write cleaned copies of scanned data, and the rejected rows with their reasons."""
    with _reporting_errors():
        severity = _parse_severity(min_severity)
        if severity is None or severity == "low":
            raise ConfigError(f"--min-severity: {min_severity!r}; use high or medium")
        from poisonscan import api
        from poisonscan.report.sanitise import for_terminal

        summary = api.clean(list(data), report, out, min_severity=severity)
        if not quiet:
            typer.echo(for_terminal(summary.describe(), None))


@app.command()
def inspect(data: Data, mapping: Mapping = None) -> None:
    """Show containers, schemas, columns, row counts and parse trouble; scan nothing."""
    with _reporting_errors():
        config = ScanConfig(map=_parse_mapping(mapping or []))
        from poisonscan.io.inspect import inspect_sources
        from poisonscan.io.sources import discover
        from poisonscan.report.inspection import render_inspection

        files = inspect_sources(discover(data), config)
        render_inspection(files, sys.stdout)
        raise typer.Exit(0 if all(file.coverage.is_complete for file in files) else 3)


@app.command()
def explain(
    finding: Annotated[str, typer.Argument(help="Id of a finding, such as F1.")],
    report: ReportFolder = Path("poisonscan-report"),
) -> None:
    """Show one finding with its rows, its evidence and its controls."""
    with _reporting_errors():
        from poisonscan.report.files import read_report
        from poisonscan.report.terminal import render_explain

        render_explain(read_report(report), finding, sys.stdout, colour=_is_colourful())


def _parse_mapping(pairs: list[str]) -> dict[str, str]:
    mapping: dict[str, str] = {}
    for pair in pairs:
        field, equals, column = pair.partition("=")
        if not equals or not field or not column:
            raise ConfigError(f"--map: {pair!r} is not FIELD=COLUMN")
        if field in mapping:
            raise ConfigError(f"--map: {field!r} is mapped twice")
        mapping[field] = column
    return mapping


def _parse_severity(text: str) -> Severity | None:
    if text == "never":
        return None
    for severity in SEVERITIES:
        if text == severity:
            return severity
    raise ConfigError(f"{text!r} is no severity; use high, medium, low or never")


def _is_colourful() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


@contextmanager
def _progress(quiet: bool) -> Iterator[ProgressLine | None]:
    """Show progress where somebody is watching."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from poisonscan.progress import ProgressLine

    with ProgressLine() as line:
        yield line


@contextmanager
def _reporting_errors() -> Iterator[None]:
    """Turn errors into one line on stderr and exit code 2."""
    try:
        yield
    except PoisonScanError as error:
        _fail(str(error), USAGE_ERROR)
    except KeyboardInterrupt:
        _fail("interrupted; nothing was written", INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output went away: point stdout at nothing, so that the interpreter
        # does not complain when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(USAGE_ERROR) from None


def _fail(message: str, code: int) -> NoReturn:
    from poisonscan.report.sanitise import for_terminal

    line = for_terminal(" ".join(message.split()), None)
    typer.echo(f"poisonscan: {line}", err=True)
    raise typer.Exit(code)


def main() -> Any:  # noqa: ANN401 (typer's return value is the interpreter's business)
    """Run the command line."""
    return app()


if __name__ == "__main__":
    sys.exit(main())
