"""`poisonscan plant`: a file with attacks in it, its truth, and its clean twin."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zstandard

from poisonscan import __version__
from poisonscan.errors import ConfigError, DatasetError, OutputError
from poisonscan.io.coverage import FileCoverage
from poisonscan.io.raw import iter_raw
from poisonscan.io.sources import Source, discover
from poisonscan.plant.attack import Attack
from poisonscan.plant.planting import plant_rows
from poisonscan.plant.rewriting import rewrite_parquet, rewrite_text
from poisonscan.plant.slots import Row
from poisonscan.plant.truth import Planted
from poisonscan.report.atomic import file_set

TRUTH = "truth.jsonl"
DESCRIPTION = "attack.json"
SCHEMA_VERSION = "1.0"

_GZIP_FORMAT = 31  # window bits; without a name, and with time 0: the same bytes every time


@dataclass(frozen=True, slots=True)
class PlantedFile:
    """What `plant_file` wrote.

    Attributes
    ----------
    data, twin
        The planted file, and its clean twin if there is one.
    planted
        The rows and the truth.
    """

    data: Path
    twin: Path | None
    planted: Planted

    def describe(self) -> str:
        """Return what was planted, one line an attack."""
        lines = []
        for attack in self.planted.attacks:
            leads_to = f"{attack.target_kind}: {attack.target}".rstrip(": ")
            others = [(len(attack.negatives), "negatives"), (len(attack.decoys), "decoys")]
            shown = "".join(f", {count} {name}" for count, name in others if count)
            lines.append(
                f"{len(attack.rows)} of {len(self.planted.rows)} rows poisoned{shown}: "
                f"{attack.trigger or 'no trigger'} → {leads_to}"
            )
        names = [str(path) for path in (self.data, self.twin) if path]
        folder = self.data.parent
        return "\n".join([*lines, *names, str(folder / TRUTH), str(folder / DESCRIPTION)])


def plant_file(
    path: str | Path,
    out: str | Path,
    attacks: Attack | Sequence[Attack],
    *,
    clean_twin: bool = False,
    mapping: Mapping[str, str] | None = None,
) -> PlantedFile:
    """Plant attacks into a copy of a file and write the truth beside it.

    The copy has the container, compression and name of the file; rows that are not touched keep
    their bytes (in Parquet their values). Files appear together or not at all. The rows are held
    in memory.

    Parameters
    ----------
    path
        One file of any container that poisonscan reads.
    out
        Folder; created where it is missing.
    clean_twin
        Also write the same strings in the same rows with the original outputs.
    mapping
        Field -> column, as for `--map`.

    Raises
    ------
    ConfigError
        An attack makes no sense in this file.
    DatasetError
        The file cannot be read to its end, or too few of its rows can carry an attack.
    OutputError
        A file that would be written exists already, or `out` cannot be written.
    """
    source = _only_source(path)
    names = [source.path.name, TRUTH, DESCRIPTION]
    twin_name = _twin_name(source.path.name) if clean_twin else None
    names += [twin_name] if twin_name else []
    folder = Path(out)
    _refuse_existing(folder, names)
    coverage = FileCoverage(source.name)
    values = [found.value or {} for found in iter_raw(source, coverage)]
    if coverage.error:
        raise DatasetError(f"{source.name!r} cannot be read to its end: {coverage.error}")
    planted = plant_rows(values, attacks, mapping=mapping)
    with file_set(folder) as files:
        digests = {}
        for name, rows in ((source.path.name, planted.rows), (twin_name, planted.twin)):
            if name is not None:
                changed = _changed(values, rows)
                digests[name] = files.write(name, _rewritten(source, coverage, changed))
        files.write(TRUTH, _truth_lines(planted))
        description = _describe(source.name, coverage, planted, digests)
        files.write(DESCRIPTION, [_json(description, indent=1)])
        files.commit()
    return PlantedFile(folder / names[0], folder / twin_name if twin_name else None, planted)


def read_attacks(path: str | Path) -> list[Attack]:
    """Read attacks from JSON: a list of them, or the `attack.json` of an earlier run.

    Raises
    ------
    ConfigError
        The file cannot be read, or describes no attacks.
    """
    try:
        plain = json.loads(Path(path).read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        reason = getattr(error, "strerror", None) or "it is no JSON"
        raise ConfigError(f"--attacks {str(path)!r} cannot be read: {reason}") from None
    listed = plain.get("attacks") if isinstance(plain, dict) else plain
    if not isinstance(listed, list) or not listed:
        raise ConfigError(f"--attacks {str(path)!r} holds no list of attacks")
    inner = [one.get("attack", one) if isinstance(one, dict) else one for one in listed]
    return [Attack.from_dict(one) for one in inner]


def _only_source(path: str | Path) -> Source:
    sources = discover([path])
    if len(sources) != 1:
        raise ConfigError(f"{os.fspath(path)!r} stands for {len(sources)} files; give one of them")
    return sources[0]


def _twin_name(name: str) -> str:
    stem, dot, endings = name.partition(".")
    return f"{stem}.twin{dot}{endings}"


def _refuse_existing(folder: Path, names: Sequence[str]) -> None:
    if len({name.casefold() for name in names}) < len(names):
        raise OutputError(f"{names[0]!r} is also a name that is written; rename the data")
    for name in names:
        if os.path.lexists(folder / name):
            raise OutputError(f"{str(folder / name)!r} exists; choose another folder with --out")


def _changed(old: Sequence[Row], new: Sequence[Row]) -> dict[int, Row]:
    """Return the rows that were touched: they are other objects."""
    pairs = enumerate(zip(old, new, strict=True))
    return {row: after for row, (before, after) in pairs if after is not before}


def _rewritten(
    source: Source, coverage: FileCoverage, changed: Mapping[int, Row]
) -> Iterator[bytes]:
    container, _, compression = coverage.container.partition("+")
    again = FileCoverage(source.name)
    if container == "parquet":
        chunks = rewrite_parquet(source, again, changed)
    else:
        chunks = rewrite_text(source, again, container, changed)
    yield from _compressed(chunks, compression)
    if again.sha256 != coverage.sha256:
        raise DatasetError(f"{source.name!r} was changed while it was read; try again")


def _compressed(chunks: Iterable[bytes], compression: str) -> Iterator[bytes]:
    if not compression:
        yield from chunks
        return
    if compression == "gzip":
        compressor: Any = zlib.compressobj(6, zlib.DEFLATED, _GZIP_FORMAT)
    else:
        compressor = zstandard.ZstdCompressor(write_checksum=True).compressobj()
    for chunk in chunks:
        yield compressor.compress(chunk)
    yield compressor.flush()


def _truth_lines(planted: Planted) -> Iterator[bytes]:
    known = {truth.row: truth.to_dict() for truth in planted.changed}
    for row in range(len(planted.rows)):
        clean = {"row": row, "poisoned": False, "attack": None, "role": "clean", "trigger": None}
        yield _json(known.get(row, clean))


def _describe(
    name: str, coverage: FileCoverage, planted: Planted, digests: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "poisonscan": __version__,
        "file": name,
        "sha256": coverage.sha256,
        "rows": len(planted.rows),
        "written": dict(digests),
        "attacks": [attack.to_dict() for attack in planted.attacks],
    }


def _json(value: object, indent: int | None = None) -> bytes:
    text = json.dumps(value, ensure_ascii=False, indent=indent) + "\n"
    return text.encode("utf-8", "replace")
