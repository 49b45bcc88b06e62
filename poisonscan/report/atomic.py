"""Several files that appear together or not at all."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from poisonscan.errors import OutputError
from poisonscan.report.sanitise import for_terminal


class FileSet:
    """Files of one folder, written under temporary names until `commit`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._written: dict[str, Path] = {}

    def write(self, name: str, chunks: Iterable[bytes]) -> str:
        """Write one file and return the SHA-256 of its bytes."""
        digest = hashlib.sha256()
        temporary = self._reserve(name)
        # O_EXCL: a name that somebody else put there is never followed
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        self._written[name] = temporary
        with open(os.open(temporary, flags, 0o666), "wb") as file:
            for chunk in chunks:
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        return digest.hexdigest()

    def commit(self) -> list[Path]:
        """Move all files to their names; older files of these names return if one move fails."""
        replaced: list[tuple[Path, Path | None]] = []
        try:
            for name, temporary in self._written.items():
                final = self.folder / name
                if final.is_dir():
                    raise IsADirectoryError(f"{name} is a folder")
                older = self._reserve(name) if os.path.lexists(final) else None
                replaced.append((final, older))
                if older:
                    os.replace(final, older)
                os.replace(temporary, final)
        except BaseException:
            for final, older in reversed(replaced):
                if older is None:
                    final.unlink(missing_ok=True)
                elif os.path.lexists(older):
                    os.replace(older, final)
            raise
        for _, older in replaced:
            if older:
                with suppress(OSError):  # the new files are in place all the same
                    older.unlink()
        self._sync_folder()
        return [final for final, _ in replaced]

    def discard(self) -> None:
        """Remove whatever was not committed."""
        for temporary in self._written.values():
            with suppress(OSError):
                temporary.unlink(missing_ok=True)

    def _reserve(self, name: str) -> Path:
        return self.folder / f".{name}.{secrets.token_hex(6)}.tmp"

    def _sync_folder(self) -> None:
        """Make the moves durable, on systems where a folder can be synced."""
        with suppress(OSError):
            handle = os.open(self.folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


@contextmanager
def file_set(folder: Path) -> Iterator[FileSet]:
    """Open a set of files in `folder`, which is created; without `commit` nothing stays.

    Raises
    ------
    OutputError
        The folder cannot be created or written.
    """
    try:
        existed = folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise _refused(folder, error) from error
    files = FileSet(folder)
    try:
        yield files
    except OSError as error:
        raise _refused(folder, error) from error
    finally:
        files.discard()
        if not existed:
            with suppress(OSError):
                folder.rmdir()  # removes an empty folder only


def _refused(folder: Path, error: Exception) -> OutputError:
    reason = getattr(error, "strerror", None) or str(error)
    return OutputError(
        f"{for_terminal(str(folder), 200)}: cannot write the report:"
        f" {for_terminal(reason, 120)}; choose another folder"
    )
