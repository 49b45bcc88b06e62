"""Data in memory keep their type and lose their flagged rows."""

from __future__ import annotations

import polars as pl
import pyarrow as pa
import pytest
from export_helpers import any_pace, finding, row_of, scan, write
from hypothesis import given
from hypothesis import strategies as st

from poisonscan.config import ScanConfig
from poisonscan.errors import ConfigError, DatasetError, StaleReportError
from poisonscan.export import clean, clean_table
from poisonscan.findings.model import ScanResult, Suspect
from poisonscan.io.coverage import Coverage
from poisonscan.io.memory import MEMORY_NAME, read_memory
from poisonscan.report.files import write_outputs

ROWS = [row_of(number) for number in range(8)]


def scan_memory(data: object, flagged: list[int]) -> ScanResult:
    coverage = Coverage()
    for _ in read_memory(data, coverage, ScanConfig()):
        pass
    suspects = [Suspect(MEMORY_NAME, row, 0.9, True, ("F1",)) for row in flagged]
    return ScanResult([finding()], suspects, coverage, ScanConfig().to_dict())


def chunked(rows: list[dict]) -> pa.Table:
    return pa.concat_tables([pa.Table.from_pylist(rows[:3]), pa.Table.from_pylist(rows[3:])])


def views(rows: list[dict]) -> pa.Table:
    schema = pa.schema([(name, pa.string_view()) for name in rows[0]], {"kept": "yes"})
    return pa.Table.from_pylist(rows, schema=schema)


MAKERS = {
    "polars": pl.DataFrame,
    "arrow": chunked,
    "arrow-views": views,
    "batch": pa.RecordBatch.from_pylist,
    "list": list,
    "tuple": tuple,
}


def rows_of(data: object) -> list[dict]:
    if isinstance(data, pl.DataFrame):
        return data.to_dicts()
    return data.to_pylist() if isinstance(data, pa.Table | pa.RecordBatch) else list(data)


@pytest.mark.parametrize("removed", [[], [0], [2, 3, 7], list(range(8))])
@pytest.mark.parametrize("kind", sorted(MAKERS))
def test_type_and_order_stay(kind, removed):
    data = MAKERS[kind](ROWS)
    cleaned = clean_table(data, scan_memory(data, removed))
    assert type(cleaned) is type(data)
    assert rows_of(cleaned) == [row for number, row in enumerate(ROWS) if number not in removed]
    if isinstance(data, pa.Table | pa.RecordBatch):
        assert cleaned.schema.equals(data.schema, check_metadata=True)
    if isinstance(data, pl.DataFrame):
        assert cleaned.schema == data.schema


@any_pace
@given(st.sets(st.integers(0, 7)), st.sampled_from(sorted(MAKERS)))
def test_any_subset(removed, kind):
    data = MAKERS[kind](ROWS)
    cleaned = clean_table(data, scan_memory(data, sorted(removed)))
    assert rows_of(cleaned) == [row for number, row in enumerate(ROWS) if number not in removed]


def test_pandas():
    pd = pytest.importorskip("pandas")
    data = pd.DataFrame(ROWS, index=range(100, 108))
    cleaned = clean_table(data, scan_memory(data, [1]))
    assert list(cleaned.index) == [100, *range(102, 108)]


def test_hugging_face_dataset():
    datasets = pytest.importorskip("datasets")
    data = datasets.Dataset.from_list(ROWS)
    cleaned = clean_table(data, scan_memory(data, [1]))
    assert cleaned.to_list() == ROWS[:1] + ROWS[2:]


@pytest.mark.parametrize("kind", sorted(MAKERS))
@pytest.mark.parametrize("n_rows", [7, 9])
def test_other_number_of_rows(kind, n_rows):
    report = scan_memory(MAKERS[kind](ROWS), [1])
    with pytest.raises(StaleReportError, match=f"{n_rows} rows.*8 rows"):
        clean_table(MAKERS[kind]([row_of(n) for n in range(n_rows)]), report)


def test_rows_that_cannot_be_read_are_not_kept():
    data = [ROWS[0], {}, "no row", ROWS[1], ROWS[2]]
    assert clean_table(data, scan_memory(data, [3])) == [ROWS[0], ROWS[2]]


def test_other_rows_are_unreadable_than_were():
    report = scan_memory([ROWS[0], {}, ROWS[1]], [])
    with pytest.raises(StaleReportError, match="no-text"):
        clean_table(ROWS[:3], report)


def test_report_folder_and_severity(tmp_path):
    result = scan_memory(ROWS, [1])
    findings = [finding(severity="medium")]
    write_outputs(ScanResult(findings, result.suspects, result.coverage, result.config), tmp_path)
    assert len(clean_table(ROWS, tmp_path)) == 7
    assert len(clean_table(ROWS, str(tmp_path), min_severity="high")) == 8


def test_report_of_the_other_kind(tmp_path):
    path = write(tmp_path, "a.jsonl", b'{"text": "a"}\n')
    with pytest.raises(ConfigError, match="one of files"):
        clean_table(ROWS, scan(tmp_path / "report", {path: []}))
    write_outputs(scan_memory(ROWS, [1]), tmp_path / "memory")
    with pytest.raises(ConfigError, match="in memory"):
        clean([path], tmp_path / "memory", tmp_path / "out")


@pytest.mark.parametrize("data", [iter(ROWS), "rows.jsonl", {"a": 1}, 17])
def test_data_that_rows_cannot_be_taken_from(data):
    with pytest.raises(DatasetError, match="cannot be taken"):
        clean_table(data, scan_memory(ROWS, [1]))
