"""What the user points at becomes a list of files: single files, folders, patterns."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from poisonscan.errors import ConfigError, DatasetError

DATA_EXTENSIONS = ("jsonl", "ndjson", "json", "csv", "tsv", "parquet")
COMPRESSION_EXTENSIONS = (".gz", ".zst")
#: Data that trainers read and we do not: in a folder they are reported, never passed over.
FOREIGN_EXTENSIONS = ("arrow", "feather", "orc", "avro")
FOREIGN_COMPRESSIONS = (".bz2", ".xz", ".lz4", ".zip", ".br", ".7z")
#: Metadata beside the data of a dataset folder; the loaders of trainers ignore them as well.
METADATA_FILES = frozenset(
    {"config.json", "dataset_dict.json", "dataset_info.json", "dataset_infos.json", "state.json"}
)


@dataclass(frozen=True, slots=True)
class Source:
    """One input file.

    Attributes
    ----------
    path
        Where it is.
    name
        As the user would write it: the path given, or a path below the folder given.
    size
        Bytes on disk when it was found; 0 where that cannot be told.
    """

    path: Path
    name: str
    size: int

    @classmethod
    def of(cls, path: str | Path) -> Source:
        """Describe one file without looking into it."""
        path = Path(path)
        try:
            size = path.stat().st_size
        except (OSError, ValueError):
            size = 0
        # a file name may hold bytes that are no UTF-8; a report may not
        name = os.fspath(path).encode("utf-8", "backslashreplace").decode()
        return cls(path, name, size)


def data_extension(name: str | os.PathLike[str]) -> str:
    """Return the extension below a compression suffix, in lower case and without its dot."""
    stem = os.path.basename(os.fspath(name)).lower()
    for suffix in COMPRESSION_EXTENSIONS:
        stem = stem.removesuffix(suffix)
    return os.path.splitext(stem)[1][1:]


def discover(paths: Sequence[str | Path]) -> list[Source]:
    """Find the files behind paths, folders and patterns.

    A folder is walked in sorted order; hidden files and files that hold no data are passed
    over. A file that is reached twice is listed once, where it was reached first.

    Raises
    ------
    ConfigError
        No path is given.
    DatasetError
        A path does not exist, a pattern matches nothing, a folder holds no data, or something
        is neither file nor folder.
    """
    if not paths:
        raise ConfigError("no data given; name files, folders or patterns")
    found: dict[str, Source] = {}
    for path in paths:
        for file in _expand(os.fspath(path)):
            found.setdefault(os.path.realpath(file), Source.of(file))
    return list(found.values())


def _expand(path: str) -> list[str]:
    mode = _mode(path)
    if mode is not None and stat.S_ISDIR(mode):
        return _data_files(path)
    if mode is not None:
        if not stat.S_ISREG(mode):
            raise DatasetError(f"{path!r} is no regular file; write its data to a file first")
        return [path]
    if glob.has_magic(path):
        return _matches(path)
    if "://" in path:
        raise DatasetError(f"{path!r} is a URL; download it first, only local files are read")
    raise DatasetError(f"{path!r} does not exist; check the path")


def _mode(path: str) -> int | None:
    """Return the file mode behind links; ``None`` where there is nothing."""
    try:
        return os.stat(path).st_mode
    except PermissionError as error:
        raise DatasetError(f"{path!r} cannot be accessed: {error.strerror}") from None
    except (OSError, ValueError):
        return None


def _matches(pattern: str) -> list[str]:
    matches = sorted(glob.glob(pattern, recursive=True))
    folders = [path for path in matches if os.path.isdir(path)]
    files = [path for path in matches if not os.path.isdir(path)]
    # like in a folder, README.md does not count; but a pattern that only matches files
    # without an extension of ours means them: their content decides
    data = [path for path in files if _is_data(os.path.basename(path))]
    if not data and not folders:
        data = files
    if "**" not in pattern:
        data += [file for folder in folders for file in _walk(folder)]
    if not data:
        raise DatasetError(f"{pattern!r} matches no data file; check the pattern")
    for path in data:
        _require_regular(path)
    return data


def _data_files(folder: str) -> list[str]:
    files = list(_walk(folder))
    if not files:
        known = ", ".join(f".{extension}" for extension in DATA_EXTENSIONS)
        raise DatasetError(f"folder {folder!r} holds no data file ({known}, also .gz or .zst)")
    return files


def _walk(top: str) -> Iterator[str]:
    """Yield the data files below a folder, sorted by path; links to folders are followed once."""
    visited: set[tuple[int, int]] = set()
    pending = [top]
    while pending:
        path = pending.pop()
        mode = _mode(path)
        if mode is None or not stat.S_ISDIR(mode):
            if _is_data(os.path.basename(path)):
                _require_regular(path)
                yield path
            continue
        identity = os.stat(path)
        if (identity.st_dev, identity.st_ino) in visited:
            continue
        visited.add((identity.st_dev, identity.st_ino))
        try:
            names = sorted(os.listdir(path), reverse=True)
        except OSError as error:
            raise DatasetError(f"folder {path!r} cannot be listed: {error.strerror}") from None
        pending += [os.path.join(path, name) for name in names if not name.startswith(".")]


def _is_data(name: str) -> bool:
    lowered = name.lower()
    if lowered in METADATA_FILES:
        return False
    for suffix in FOREIGN_COMPRESSIONS:
        lowered = lowered.removesuffix(suffix)
    return data_extension(lowered) in DATA_EXTENSIONS + FOREIGN_EXTENSIONS


def _require_regular(path: str) -> None:
    mode = _mode(path)
    # a broken link is reported when it is opened: it does not stop the other files
    if mode is not None and not stat.S_ISREG(mode):
        raise DatasetError(f"{path!r} is no regular file; write its data to a file first")
