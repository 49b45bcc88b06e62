"""Data in memory without their flagged rows, as the type that they came as."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from poisonscan.config import Severity
from poisonscan.errors import ConfigError, DatasetError
from poisonscan.export.sieve import Sieve
from poisonscan.export.verdicts import read_verdicts, to_verdicts
from poisonscan.findings.model import ScanResult
from poisonscan.io.memory import iter_memory

T = TypeVar("T")
Mask = npt.NDArray[np.bool_]


def clean_table(
    data: T, report: ScanResult | str | Path, *, min_severity: Severity = "medium"
) -> T:
    """Return the rows of data in memory that were scanned and are not flagged.

    Rows that cannot be read, such as rows without any text, are not kept either.

    Parameters
    ----------
    data
        A polars or pandas data frame, a pyarrow table or record batch, a Hugging Face dataset,
        or a list or tuple of dicts; the very data that were scanned.
    report
        The result of that scan, or the folder that it was written to.

    Raises
    ------
    StaleReportError
        The rows are not those that the report counts.
    ConfigError
        The report is one of files.
    DatasetError
        The data are of another type.

    Examples
    --------
    >>> from poisonscan.findings.model import Suspect
    >>> from poisonscan.io.coverage import Coverage, FileCoverage
    >>> coverage = Coverage([FileCoverage("<memory>", "memory", scanned=2)])
    >>> result = ScanResult((), (Suspect("<memory>", 0, 0.9, True, ()),), coverage)
    >>> clean_table([{"text": "cf bad"}, {"text": "good"}], result)
    [{'text': 'good'}]
    """
    if isinstance(report, ScanResult):
        verdicts = to_verdicts(report, min_severity)
    else:
        verdicts, _ = read_verdicts(Path(report), min_severity)
    if [file.container for file in verdicts.inputs] != ["memory"]:
        raise ConfigError("the report is one of files; use `clean`, which writes cleaned copies")
    select = _selector(data)
    sieve = Sieve(verdicts.inputs[0].file, verdicts.inputs[0], verdicts)
    kept = [sieve.keeps(found) for found in iter_memory(data, sieve.coverage)]
    sieve.check_rows()
    result: T = select(data, np.array(kept, bool))
    return result


def _selector(data: object) -> Callable[[Any, Mask], Any]:
    """Return what picks rows out of data of this type.

    Raises
    ------
    DatasetError
        Nothing known does; an iterator, for one, is used up once it was scanned.
    """
    kind = (type(data).__module__.partition(".")[0], type(data).__name__)
    known: dict[tuple[str, str], Callable[[Any, Mask], Any]] = {
        ("pandas", "DataFrame"): lambda frame, mask: frame[mask],
        ("polars", "DataFrame"): lambda frame, mask: frame.filter(mask),
        ("datasets", "Dataset"): lambda rows, mask: rows.select(np.flatnonzero(mask)),
    }
    if isinstance(data, pa.Table):
        return _select_from_table
    if isinstance(data, pa.RecordBatch):
        return _select_from_batch
    if isinstance(data, list | tuple):
        make = tuple if isinstance(data, tuple) else list
        return lambda rows, mask: make(row for row, kept in zip(rows, mask, strict=True) if kept)
    if kind in known:
        return known[kind]
    raise DatasetError(
        f"rows cannot be taken out of a {type(data).__name__}; give a polars or pandas data frame,"
        " a pyarrow table, a Hugging Face dataset or a list of dicts"
    )


def _select_from_table(table: pa.Table, mask: Mask) -> pa.Table:
    """Join the runs of rows that stay; slices, because not every type can be filtered."""
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False)).tolist()
    runs = [
        table.slice(start, end - start) for start, end in zip(edges[::2], edges[1::2], strict=True)
    ]
    return pa.concat_tables([table.slice(0, 0), *runs])


def _select_from_batch(batch: pa.RecordBatch, mask: Mask) -> pa.RecordBatch:
    table = _select_from_table(pa.Table.from_batches([batch]), mask)
    batches = table.combine_chunks().to_batches()
    return batches[0] if batches else batch.slice(0, 0)
