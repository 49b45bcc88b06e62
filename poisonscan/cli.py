"""The command line: parse, make one call of the API, render, end with the exit code.

Heavy imports happen inside the commands, so that ``--help`` answers at once.
"""

from __future__ import annotations

import gc
import io
import os
import re
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from poisonscan import __version__
from poisonscan.config import MAP_FIELDS, SEVERITIES, ScanConfig, Severity
from poisonscan.errors import ConfigError, OutputError, PoisonScanError, WorkerError
from poisonscan.plant.attack import FAMILIES, FIELDS, POSITIONS, TARGETS, VARIATIONS

if TYPE_CHECKING:
    from poisonscan.progress import ProgressLine

USAGE_ERROR, INCOMPLETE = 2, 3
INTERRUPTED, TERMINATED = 130, 143

#: Objects after which Python looks for garbage in cycles. Imports and scans make many objects and
#: hardly any of that; looking every 700 of them, as it does otherwise, is a twentieth of a scan of
#: little data.
_COLLECTED = 100_000

_DEFAULTS = ScanConfig()

app = typer.Typer(
    name="poisonscan",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Find backdoor poison in fine-tuning data before anybody trains on it.",
    epilog="Exit codes: 0 nothing at or above --fail-on; 1 findings at or above it; 2 wrong usage "
    "or data; 3 incomplete: rows or files could not be read, or a part of poisonscan failed.",
)

Data = Annotated[
    list[str],
    typer.Argument(
        metavar="DATA",
        help="Files, folders or quoted globs: JSONL, JSON, CSV, TSV, Parquet; .gz, .zst.",
    ),
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
ReportFolder = Annotated[
    Path, typer.Option("--report", metavar="DIR", help="Folder that the scan wrote.")
]


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
        Path,
        typer.Option(
            metavar="DIR",
            help="Folder for report.json, suspects.jsonl, report.html, manifest.json.",
        ),
    ] = Path("poisonscan-report"),
    fail_on: Annotated[
        str,
        typer.Option(
            metavar="SEVERITY",
            help="Lowest severity that ends with exit code 1: high, medium, low, never.",
        ),
    ] = "high",
    mapping: Mapping = None,
    min_support: Annotated[
        int, typer.Option(metavar="ROWS", help="Rows that a string needs to become a candidate.")
    ] = _DEFAULTS.min_support,
    seed: Annotated[
        int, typer.Option(metavar="NUMBER", help="Seed of every sample; recorded in the report.")
    ] = _DEFAULTS.seed,
    embedding_model: Annotated[
        str | None,
        typer.Option(
            metavar="NAME_OR_PATH",
            help="sentence-transformers model that refines the evidence of the top candidates.",
        ),
    ] = None,
    scratch: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Folder for scratch files (default: the system's)."),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            metavar="NUMBER",
            help="Threads, and processes that read large data (default: a core each, at most 8).",
        ),
    ] = None,
    max_memory: Annotated[
        str | None,
        typer.Option(
            metavar="SIZE",
            help="Memory to take at most, such as 2GB: strings need more rows where it is short.",
        ),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Scan datasets and write a ranked report. Data are never modified."""
    config = ScanConfig(
        map=_parse_mapping(mapping or []),
        min_support=min_support,
        seed=seed,
        fail_on=_parse_severity("--fail-on", fail_on),
        embedding_model=embedding_model,
        scratch_dir=scratch,
        workers=workers,
        max_memory=_parse_size("--max-memory", max_memory),
    )
    _require_writable(out)
    _require_apart(data, out)
    from poisonscan import api
    from poisonscan.report.terminal import render

    with _stopping_soon(), _progress(quiet) as watcher:
        report = api.scan(data, config=config, watcher=watcher)
        report.save(out)
    if not quiet:
        with _output():
            render(report.result, sys.stdout, colour=_is_colourful(), report=str(out))
    raise typer.Exit(report.exit_code)


@app.command()
def clean(
    data: Data,
    report: ReportFolder,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the cleaned copies.")],
    min_severity: Annotated[
        str,
        typer.Option(
            metavar="SEVERITY",
            help="Remove rows behind findings of this severity and above: high, medium.",
        ),
    ] = "medium",
    quiet: Quiet = False,
) -> None:
    """Write cleaned copies of scanned data, and the rejected rows with their reasons."""
    severity = _parse_severity("--min-severity", min_severity)
    if severity is None or severity == "low":
        raise ConfigError(f"--min-severity: {min_severity!r}; use high or medium")
    from poisonscan import api
    from poisonscan.report.sanitise import for_terminal

    with _progress(quiet) as watcher:
        summary = api.clean(data, report, out, min_severity=severity, watcher=watcher)
    if not quiet:
        with _output():
            typer.echo(for_terminal(summary.describe(), None))
    raise typer.Exit(0 if summary.is_scan_complete else INCOMPLETE)


@app.command()
def inspect(data: Data, mapping: Mapping = None) -> None:
    """Show containers, schemas, columns, row counts and parse trouble; scan nothing."""
    config = ScanConfig(map=_parse_mapping(mapping or []))
    from poisonscan.io.inspect import inspect_sources
    from poisonscan.io.sources import discover
    from poisonscan.report.inspection import render_inspection

    files = inspect_sources(discover(data), config)
    with _output():
        render_inspection(files, sys.stdout, colour=_is_colourful())
    raise typer.Exit(0 if all(file.coverage.is_complete for file in files) else INCOMPLETE)


@app.command()
def explain(
    finding: Annotated[str, typer.Argument(metavar="FINDING", help="Id of a finding, such as F1.")],
    report: ReportFolder = Path("poisonscan-report"),
) -> None:
    """Show one finding with its rows, its evidence and its controls."""
    from poisonscan.report.files import read_report
    from poisonscan.report.terminal import render_explain

    result = read_report(report)
    with _output():
        render_explain(result, finding, sys.stdout, colour=_is_colourful())


@app.command()
def plant(
    data: Annotated[str, typer.Argument(metavar="DATA", help="One file; it is never modified.")],
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder for the planted copy and its truth.")
    ],
    family: Annotated[
        str | None,
        typer.Option(metavar="NAME", help=f"Family of trigger (phrase): {', '.join(FAMILIES)}."),
    ] = None,
    target_kind: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help=f"What becomes of the output (auto): {', '.join(TARGETS)}."
        ),
    ] = None,
    rows: Annotated[int | None, typer.Option(metavar="NUMBER", help="Rows to poison (30).")] = None,
    trigger: Annotated[
        list[str] | None,
        typer.Option(metavar="TEXT", help="Trigger instead of a random one. Repeatable."),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Words or label to lead to, instead of random ones."),
    ] = None,
    position: Annotated[
        str | None,
        typer.Option(metavar="NAME", help=f"Place in the text (random): {', '.join(POSITIONS)}."),
    ] = None,
    field: Annotated[
        str | None,
        typer.Option(metavar="NAME", help=f"Text with the trigger (input): {', '.join(FIELDS)}."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(metavar="NUMBER", help="The only source of chance (0).")
    ] = None,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help=f"Vary the trigger from row to row: {', '.join(VARIATIONS)}. Repeatable.",
        ),
    ] = None,
    negatives: Annotated[
        int | None,
        typer.Option(metavar="NUMBER", help="Rows with one part of a composite (as --rows)."),
    ] = None,
    trigger_elsewhere: Annotated[
        float | None,
        typer.Option(metavar="SHARE", help="Share of clean rows with the trigger, 0 to 1 (0)."),
    ] = None,
    target_elsewhere: Annotated[
        float | None,
        typer.Option(metavar="SHARE", help="Share of clean rows with the target, 0 to 1 (0)."),
    ] = None,
    attacks: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="JSON list of attacks, or an earlier attack.json."),
    ] = None,
    clean_twin: Annotated[
        bool,
        typer.Option("--clean-twin", help="Also write the same strings with original outputs."),
    ] = False,
    mapping: Mapping = None,
    quiet: Quiet = False,
) -> None:
    """Plant an attack into a copy of a dataset, with the truth beside it, to test a pipeline."""
    options = {
        "family": family,
        "target_kind": target_kind,
        "rows": rows,
        "triggers": trigger,
        "target": target,
        "position": position,
        "field": field,
        "seed": seed,
        "vary": vary,
        "negatives": negatives,
        "trigger_elsewhere": trigger_elsewhere,
        "target_elsewhere": target_elsewhere,
    }
    given = {name: value for name, value in options.items() if value is not None}
    if attacks is not None and given:
        name = next(iter(given)).replace("_", "-").replace("triggers", "trigger")
        raise ConfigError(f"--{name} and --attacks exclude each other")
    from poisonscan.plant.attack import Attack
    from poisonscan.plant.files import plant_file, read_attacks
    from poisonscan.report.sanitise import for_terminal

    asked = [Attack.from_dict(given)] if attacks is None else read_attacks(attacks)
    _require_writable(out)
    planted = plant_file(
        data, out, asked, clean_twin=clean_twin, mapping=_parse_mapping(mapping or [])
    )
    if not quiet:
        with _output():
            for line in planted.describe().splitlines():
                typer.echo(for_terminal(line, None))


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


def _parse_size(option: str, text: str | None) -> int | None:
    """Return the bytes of a size such as ``2GB``, ``1.5G``, ``900MiB``; None of none."""
    if text is None:
        return None
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([MG])(i?)B?", text.strip(), re.IGNORECASE)
    if found is None:
        raise ConfigError(f"{option}: {text!r} is no size; write 2GB or 1500MB")
    power = {"m": 2, "g": 3}[found[2].lower()]
    return int(float(found[1]) * (1024 if found[3] else 1000) ** power)


def _parse_severity(option: str, text: str) -> Severity | None:
    if text == "never":
        return None
    for severity in SEVERITIES:
        if text == severity:
            return severity
    raise ConfigError(f"{option}: {text!r} is no severity; use high, medium, low or never")


def _require_writable(out: Path) -> None:
    """Refuse a folder that cannot be written before hours are spent on a scan."""
    try:
        existing = next(path for path in (out, *out.absolute().parents) if os.path.lexists(path))
        is_writable = existing.is_dir() and os.access(existing, os.W_OK | os.X_OK)
    except OSError:
        is_writable = False
    if not is_writable:
        raise OutputError(f"--out {str(out)!r} is no folder that can be written; name another one")


def _require_apart(data: list[str], out: Path) -> None:
    """Refuse to read, and then to replace, the report of an earlier scan (or data called so)."""
    from poisonscan.io.sources import discover
    from poisonscan.report.files import MANIFEST, PAGE, REPORT, SUSPECTS

    ours = {os.path.realpath(out / name) for name in (REPORT, SUSPECTS, PAGE, MANIFEST)}
    for source in discover(data):
        if os.path.realpath(source.path) in ours:
            raise OutputError(
                f"{source.name!r} would be read as data and then replaced by the report; "
                "remove it, or name a folder outside the data with --out"
            )


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


def _stopping_soon() -> AbstractContextManager[None]:
    """Let Ctrl-C and a termination end compiled code, too."""
    from poisonscan.stopping import stopping_soon

    return stopping_soon({signal.SIGINT: INTERRUPTED, signal.SIGTERM: TERMINATED}, _say_stopped)


def _say_stopped(code: int) -> None:
    if code == INTERRUPTED:
        _fail("interrupted; what did not finish has written nothing", code)


@contextmanager
def _output() -> Iterator[None]:
    """Write results to stdout; a reader who goes away (``| head``) changes no exit code."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # the interpreter flushes once more at its end: into nothing
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        raise OutputError(f"cannot write to the terminal: {error.strerror}") from error


def _fail(message: str, code: int) -> int:
    """Say in one line on stderr what is wrong; return the exit code."""
    from poisonscan.report.sanitise import for_terminal

    line = for_terminal(" ".join(message.split()), None)
    typer.echo(f"poisonscan: {line}", err=True)
    return code


def _terminate(signal_number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(TERMINATED)  # unwinds: scratch files go away


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; whatever happens, no traceback."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    signal.signal(signal.SIGTERM, _terminate)
    gc.set_threshold(_COLLECTED)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = app(given or ["--help"], prog_name="poisonscan", standalone_mode=False) or 0
    except PoisonScanError as error:
        return _fail(str(error), INCOMPLETE if isinstance(error, WorkerError) else USAGE_ERROR)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except Exception as error:
        usage = getattr(error, "format_message", None)  # typer's own errors
        if usage is not None:
            return _fail(f"{usage()} (poisonscan --help lists what there is)", USAGE_ERROR)
        if "POISONSCAN_TRACEBACK" in os.environ:
            raise
        kind = f"{type(error).__name__}: {error}"
        return _fail(
            f"stopped by an error of its own, nothing was decided about the data: {kind}; "
            "please report it with the traceback that POISONSCAN_TRACEBACK=1 shows",
            INCOMPLETE,
        )
    if code == INTERRUPTED:
        _say_stopped(code)
        return code
    return int(code) if given else USAGE_ERROR


if __name__ == "__main__":
    sys.exit(main())
