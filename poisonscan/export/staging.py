"""Files that are built out of sight and appear together, or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePath

from poisonscan.errors import OutputError
from poisonscan.export.outputs import OutputFile
from poisonscan.report.sanitise import for_terminal

#: Begins the name of the hidden folder in which a run builds its files. Only a run that was
#: killed leaves one behind; it can be deleted.
PREFIX = ".poisonscan-clean-"


class Staging:
    """A hidden folder inside the output folder, on the same file system.

    Attributes
    ----------
    target
        The output folder.
    """

    def __init__(self, target: Path, folder: Path, protected: Iterable[Path]) -> None:
        self.target = target
        self._folder = folder
        self._protected = tuple(protected)
        self._built: dict[PurePath, Path] = {}

    def open(self, name: PurePath, compression: str = "") -> OutputFile:
        """Begin a file that is to be called `name` below the output folder."""
        self._built[name] = self._folder / f"{len(self._built)}.new"
        return OutputFile(self._built[name], compression)

    def refuse_overwriting(self, names: Iterable[PurePath]) -> None:
        """Refuse names that stand for a protected file, through whatever links.

        Raises
        ------
        OutputError
            One of them does.
        """
        paths = {_real(path) for path in self._protected}
        identities = {_identity(path) for path in self._protected} - {None}
        for name in names:
            final = self.target / name
            if _real(final) in paths or _identity(final) in identities:
                raise OutputError(
                    f"{for_terminal(str(final), 200)} is a file of the data or of the report, and"
                    " is never overwritten; choose another output folder"
                )
            if final.is_dir():
                raise OutputError(
                    f"{for_terminal(str(final), 200)} is a folder; choose another output folder"
                )

    def commit(self) -> None:
        """Move all files to their names; on failure the older files of these names return.

        The file that was begun last appears last and its predecessor disappears first: where it
        is, the set is complete.

        Raises
        ------
        OutputError
            A name has come to stand for a protected file.
        """
        self.refuse_overwriting(self._built)
        older: dict[Path, Path | None] = {}
        created: list[Path] = []
        finals = {self.target / name: built for name, built in self._built.items()}
        try:
            for final in finals:
                created += _make_folders(final.parent)
                older[final] = self._keep(final, len(older))
            list(finals)[-1].unlink(missing_ok=True)
            for final, built in finals.items():
                os.replace(built, final)
        except BaseException:
            for final, kept in older.items():
                with suppress(OSError):  # one that cannot return must not keep back the others
                    if kept is None:
                        final.unlink(missing_ok=True)
                    else:
                        os.replace(kept, final)
            _remove_empty(created)
            raise
        for folder in {final.parent for final in finals}:
            _sync_folder(folder)

    def _keep(self, final: Path, number: int) -> Path | None:
        """Give an existing file a second name; ``None`` where there is none."""
        if not os.path.lexists(final):
            return None
        kept = self._folder / f"{number}.old"
        try:
            os.link(final, kept, follow_symlinks=False)
        except (OSError, NotImplementedError):  # no hard links here: away for a moment
            os.replace(final, kept)
        return kept


@contextmanager
def staging(target: Path, protected: Iterable[Path]) -> Iterator[Staging]:
    """Open a staging folder in `target`, which is created; without `commit` nothing stays.

    Parameters
    ----------
    protected
        Files that are never overwritten.

    Raises
    ------
    OutputError
        `target` cannot be created or written, or has no room left.
    """
    created: list[Path] = []
    try:
        created = _make_folders(target)
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=target))
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        _remove_empty(created)
        raise _refused(target, error) from error
    try:
        yield Staging(target, folder, protected)
    except OSError as error:
        raise _refused(target, error) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _remove_empty(created)


def _make_folders(folder: Path) -> list[Path]:
    """Create a folder; return it and its parents as far as they are new, innermost first."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        _remove_empty(missing)
        raise
    return missing


def _remove_empty(folders: Sequence[Path]) -> None:
    for folder in sorted(folders, key=lambda path: -len(path.parts)):
        with suppress(OSError):  # it is not empty
            folder.rmdir()


def _real(path: Path) -> str:
    return os.path.normcase(os.path.realpath(path))


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _sync_folder(folder: Path) -> None:
    """Make the moves durable, on systems where a folder can be synced."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _refused(folder: Path, error: Exception) -> OutputError:
    reason = getattr(error, "strerror", None) or str(error)
    return OutputError(
        f"{for_terminal(str(folder), 200)}: cannot write the cleaned data:"
        f" {for_terminal(reason, 120)}; choose another folder"
    )
