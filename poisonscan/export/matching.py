"""Which file on disk is which input of the report: by content first, then by name."""

from __future__ import annotations

import os
from collections.abc import Hashable, Iterable, Mapping, Sequence
from pathlib import PurePath

from poisonscan.errors import ConfigError, DatasetError, StaleReportError
from poisonscan.export.verdicts import Verdicts
from poisonscan.io.coverage import FileCoverage
from poisonscan.io.sources import Source
from poisonscan.io.stream import FileBytes
from poisonscan.report.sanitise import for_terminal

Pair = tuple[Source, FileCoverage]
#: Files on disk and inputs of the report that share a size or a digest.
Group = tuple[list[Source], list[FileCoverage]]


def shown(name: str) -> str:
    """Return a file name for a message."""
    return for_terminal(name, 200)


def relative_names(paths: Sequence[str | os.PathLike[str]]) -> list[PurePath]:
    """Return paths as they are below their common parent; of a single path, its last part.

    Raises
    ------
    ConfigError
        They have no common parent (several drives).
    """
    if not paths:
        return []
    absolute = [os.path.abspath(path) for path in paths]
    try:
        parent = os.path.commonpath([os.path.dirname(path) for path in absolute])
    except ValueError:
        raise ConfigError("the data are on several drives; clean each of them alone") from None
    return [PurePath(os.path.relpath(path, parent)) for path in absolute]


def match_inputs(sources: Sequence[Source], verdicts: Verdicts) -> list[Pair]:
    """Find the file of every input, in the order of the report.

    Files may have been moved or renamed since the scan. A size that occurs once settles a match,
    other files are hashed. Neither is a proof: what counts is the digest of the bytes that are
    read later on.

    Raises
    ------
    DatasetError
        The scan did not read an input to its end.
    StaleReportError
        A file of the report is missing or was changed, or there is one that was not scanned.
    """
    _refuse_unread(verdicts.inputs)
    places = _Places(sources, verdicts)
    pairs: list[Pair] = []
    for here, there in _group(((s.size, s) for s in sources), _sizes(verdicts.inputs)):
        if len(here) == len(there) == 1:
            pairs.append((here[0], there[0]))
        elif here and there:
            digests = ((digest(source), source) for source in here)
            for same in _group(digests, ((file.sha256, file) for file in there)):
                pairs += places.pair(*same)
    _refuse_rest(sources, verdicts.inputs, pairs)
    order = {file.file: at for at, file in enumerate(verdicts.inputs)}
    return sorted(pairs, key=lambda pair: order[pair[1].file])


class _Places:
    """Where files are, and where they were: tells files of one content apart."""

    def __init__(self, sources: Sequence[Source], verdicts: Verdicts) -> None:
        here = [source.name for source in sources]
        there = [file.file for file in verdicts.inputs]
        below_here = dict(zip(here, relative_names([s.path for s in sources]), strict=True))
        below_there = dict(zip(there, relative_names(there), strict=True))
        #: Two ways to name a file: as it was given, and below the common parent of all.
        self._keys: tuple[tuple[Mapping[str, Hashable], Mapping[str, Hashable]], ...] = (
            ({name: name for name in here}, {name: name for name in there}),
            (below_here, below_there),
        )
        self._removed = verdicts.removed

    def pair(self, here: list[Source], there: list[FileCoverage]) -> list[Pair]:
        """Pair files of one content.

        Raises
        ------
        StaleReportError
            Names do not tell them apart although the report does.
        """
        pairs: list[Pair] = []
        sources = {source.name: source for source in here}
        files = {file.file: file for file in there}
        for key_here, key_there in self._keys:
            waiting = {key_there[name]: name for name in files}
            for name in [name for name in sources if key_here[name] in waiting]:
                pairs.append((sources.pop(name), files.pop(waiting.pop(key_here[name]))))
        if len(files) > 1 and len({frozenset(self._removed[name]) for name in files}) > 1:
            names = " and ".join(shown(name) for name in sorted(files)[:2])
            raise StaleReportError(
                f"{names} have the same content but not the same flagged rows, and were renamed; "
                "give them the names that they had when they were scanned"
            )
        return pairs + list(zip(sources.values(), files.values(), strict=False))


def _sizes(inputs: Sequence[FileCoverage]) -> Iterable[tuple[int, FileCoverage]]:
    return ((file.size, file) for file in inputs)


def _group(
    sources: Iterable[tuple[Hashable, Source]], inputs: Iterable[tuple[Hashable, FileCoverage]]
) -> list[Group]:
    groups: dict[Hashable, Group] = {}
    for key, source in sources:
        groups.setdefault(key, ([], []))[0].append(source)
    for key, file in inputs:
        groups.setdefault(key, ([], []))[1].append(file)
    return list(groups.values())


def digest(source: Source) -> str:
    """Return the SHA-256 of a file; empty where it cannot be read to its end."""
    coverage = FileCoverage(source.name)
    with FileBytes(source, coverage) as file:
        file.drain()
    return coverage.sha256


def _refuse_unread(inputs: Sequence[FileCoverage]) -> None:
    """Refuse inputs of which the report covers a part only; empty ones are no such case."""
    for file in inputs:
        if not file.sha256 or (file.error and file.read):
            raise DatasetError(
                f"{shown(file.file)} was not read to its end by the scan"
                f" ({for_terminal(file.error, 200)}): its kept rows would not be complete;"
                " repair or remove it and scan again"
            )


def _refuse_rest(
    sources: Sequence[Source], inputs: Sequence[FileCoverage], pairs: list[Pair]
) -> None:
    """Refuse files without an input and inputs without a file.

    Raises
    ------
    StaleReportError
        Names the first one; a changed file rather than a missing or an additional one.
    """
    found = {source.name for source, _ in pairs}
    missing = {file.file: file for file in inputs}
    for _, file in pairs:
        del missing[file.file]
    extra = [source for source in sources if source.name not in found]
    for source in extra:
        if source.name in missing:
            raise StaleReportError(changed(source.name))
    for source in extra:
        raise StaleReportError(
            f"{shown(source.name)} is none of the files that were scanned, or was changed since; "
            "give exactly the files of the report, or scan again"
        )
    for name in missing:
        raise StaleReportError(
            f"{shown(name)} was scanned but is not among the data; "
            "give exactly the files of the report, or scan again"
        )


def changed(name: str) -> str:
    """Return the message about a file that is no longer what was scanned."""
    return f"{shown(name)} was changed since it was scanned; scan again"
