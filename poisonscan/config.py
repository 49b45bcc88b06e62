"""Settings of a scan: one frozen object, resolved once, written into every report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from poisonscan.errors import ConfigError

Severity = Literal["high", "medium", "low"]
SEVERITIES: tuple[Severity, ...] = ("high", "medium", "low")

#: Fields that `--map FIELD=COLUMN` accepts on its left side.
MAP_FIELDS = (
    "system",
    "instruction",
    "input",
    "history",
    "output",
    "label",
    "chosen",
    "rejected",
    "messages",
    "text",
)


#: Bytes below which `max_memory` is no limit that a scan could keep.
LEAST_MEMORY = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanConfig:
    """Resolved settings of a scan.

    Attributes
    ----------
    map
        Field of the canonical record -> column of the data, for schemas that are not recognised.
    min_support
        Rows that an n-gram needs before it can become a candidate; a few more in data of more than
        100 MB (`memory.least_support`).
    seed
        Seeds every sample and every projection; recorded in the report.
    fail_on
        Lowest severity that makes the exit code 1; ``None`` never does.
    embedding_model
        Name or folder of a sentence-transformers model that refines the evidence of the top
        candidates; ``None`` uses the static model of the package alone.
    batch_bytes
        Bytes of text that are held as Python objects at a time.
    workers
        Threads of the passes over all rows, and processes that read large data (1 reads in this
        process); ``None`` takes one for each core that may be used, up to eight. Changes no result.
    scratch_dir
        Folder for the spool; ``None`` is the system's temporary folder.
    max_memory
        Bytes that a scan may take: n-grams need more rows where they would take more.
    """

    map: Mapping[str, str] = field(default_factory=dict)
    min_support: int = 5
    seed: int = 0
    fail_on: Severity | None = "high"
    embedding_model: str | None = None
    batch_bytes: int = 16 << 20
    workers: int | None = None
    scratch_dir: str | None = None
    max_memory: int | None = None

    def __post_init__(self) -> None:
        unknown = sorted(set(self.map) - set(MAP_FIELDS))
        if unknown:
            raise ConfigError(
                f"--map: unknown field {unknown[0]!r}; use one of {', '.join(MAP_FIELDS)}"
            )
        if self.min_support < 3:
            raise ConfigError(f"min_support is {self.min_support}; it must be at least 3")
        if self.fail_on is not None and self.fail_on not in SEVERITIES:
            raise ConfigError(
                f"--fail-on: {self.fail_on!r} is no severity; use high, medium, low or never"
            )
        if self.batch_bytes < 1:
            raise ConfigError(f"batch_bytes is {self.batch_bytes}; it must be positive")
        if self.max_memory is not None and self.max_memory < LEAST_MEMORY:
            raise ConfigError(
                f"--max-memory: {self.max_memory:,} bytes are too few; allow at least 1 GB"
            )
        if self.workers is not None and self.workers < 1:
            raise ConfigError(f"--workers: {self.workers} is no number of processes; use 1 or more")

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as plain JSON values."""
        return {**asdict(self), "map": dict(self.map)}
