"""The folder of a scan: written as one, read back with suspicion."""

from __future__ import annotations

from pathlib import Path

from poisonscan.errors import ConfigError
from poisonscan.findings.model import ScanResult
from poisonscan.report.atomic import file_set
from poisonscan.report.json_form import decode_report, encode_report, encode_suspects
from poisonscan.report.manifest import Manifest, describe_scan
from poisonscan.report.sanitise import for_terminal

REPORT = "report.json"
SUSPECTS = "suspects.jsonl"
PAGE = "report.html"
MANIFEST = "manifest.json"


def write_outputs(
    result: ScanResult, folder: str | Path, *, started: str = "", ended: str = ""
) -> list[Path]:
    """Write the four files of a scan together; those of an earlier scan are replaced.

    All but the manifest are the same bytes for the same data and settings.

    Parameters
    ----------
    folder
        Created where it is missing.
    started, ended
        ISO 8601, for the manifest.

    Returns
    -------
    The files written, the manifest last.

    Raises
    ------
    OutputError
        The folder cannot be created or written; what was there is still there.
    """
    from poisonscan.report.html import render_page

    with file_set(Path(folder)) as files:
        outputs = {
            REPORT: files.write(REPORT, [encode_report(result)]),
            SUSPECTS: files.write(SUSPECTS, encode_suspects(result.suspects)),
            PAGE: files.write(PAGE, [render_page(result).encode("utf-8")]),
        }
        manifest = describe_scan(result, outputs, started=started, ended=ended)
        files.write(MANIFEST, [manifest.encode()])
        return files.commit()


def read_report(folder: str | Path) -> ScanResult:
    """Read what `write_outputs` wrote (numbers are rounded to six digits).

    Raises
    ------
    ConfigError
        There is no report, it is malformed, of another version, or of two scans.
    """
    report = _read(folder, REPORT)
    suspects = _read(folder, SUSPECTS).splitlines()
    return decode_report(report, suspects, _shown(folder))


def read_manifest(folder: str | Path) -> Manifest:
    """Read the manifest of a scan.

    Raises
    ------
    ConfigError
        There is none, or it is malformed or of another version.
    """
    return Manifest.decode(_read(folder, MANIFEST), f"{_shown(folder)}/{MANIFEST}")


def _read(folder: str | Path, name: str) -> bytes:
    try:
        return (Path(folder) / name).read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(
            f"{_shown(folder)}: cannot read {name}: {for_terminal(reason, 120)};"
            " --report takes the folder that `poisonscan scan --out` wrote"
        ) from error


def _shown(folder: str | Path) -> str:
    return for_terminal(str(folder), 200)
