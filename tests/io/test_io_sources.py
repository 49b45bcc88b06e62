from __future__ import annotations

import os
import socket

import pytest
from io_helpers import write

from poisonscan.errors import ConfigError, DatasetError
from poisonscan.io.sources import data_extension, discover


def names(*paths) -> list[str]:
    return [source.name for source in discover(paths)]


def test_folder_is_walked_in_sorted_order_without_hidden_and_foreign_files(tmp_path):
    for name in (
        "b.jsonl",
        "a.csv.gz",
        "sub/c.parquet",
        "sub/.hidden.jsonl",
        ".git/d.jsonl",
        "README.md",
        "picture.png",
        "dataset_info.json",
    ):
        write(tmp_path, name, b"x")
    assert names(tmp_path) == [
        str(tmp_path / "a.csv.gz"),
        str(tmp_path / "b.jsonl"),
        str(tmp_path / "sub" / "c.parquet"),
    ]


def test_name_is_what_the_user_would_write(tmp_path, monkeypatch):
    write(tmp_path, "data/x.jsonl", b"12345")
    monkeypatch.chdir(tmp_path)
    (source,) = discover(["data"])
    assert (source.name, source.size) == (os.path.join("data", "x.jsonl"), 5)


def test_explicit_file_of_any_name_is_listed(tmp_path):
    path = write(tmp_path, "part-00000", b"{}")
    assert names(path) == [str(path)]


def test_files_given_twice_are_listed_once_where_they_came_first(tmp_path):
    b = write(tmp_path, "b.jsonl", b"{}")
    a = write(tmp_path, "a.jsonl", b"{}")
    link = tmp_path / "link.jsonl"
    link.symlink_to(a)
    assert names(b, tmp_path, b, link) == [str(b), str(a)]


def test_link_loop_between_folders_ends(tmp_path):
    write(tmp_path, "data/x.jsonl", b"{}")
    (tmp_path / "data" / "loop").symlink_to(tmp_path / "data")
    assert names(tmp_path) == [str(tmp_path / "data" / "x.jsonl")]


def test_quoted_pattern_is_expanded(tmp_path):
    write(tmp_path, "b.jsonl", b"{}")
    write(tmp_path, "a.jsonl", b"{}")
    write(tmp_path, "README.md", b"{}")
    expected = [str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl")]
    assert names(str(tmp_path / "*.jsonl")) == expected
    assert names(str(tmp_path / "*")) == expected


def test_pattern_over_files_without_extension_means_them(tmp_path):
    write(tmp_path, "part-0", b"{}")
    write(tmp_path, "part-1", b"{}")
    assert len(names(str(tmp_path / "part-*"))) == 2


def test_file_name_with_pattern_characters_is_a_file(tmp_path):
    path = write(tmp_path, "data[1].jsonl", b"{}")
    assert names(path) == [str(path)]


def test_data_that_cannot_be_read_are_not_passed_over_in_a_folder(tmp_path):
    write(tmp_path, "a.jsonl", b"{}")
    write(tmp_path, "b.jsonl.bz2", b"BZh")
    write(tmp_path, "c.arrow", b"ARROW1")
    (tmp_path / "d.jsonl").symlink_to(tmp_path / "nowhere")
    assert len(names(tmp_path)) == 4


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("missing.jsonl", "does not exist"),
        ("*.jsonl", "matches no data file"),
        ("https://example.org/x.jsonl", "download it first"),
        ("nul\0byte", "does not exist"),
    ],
)
def test_nothing_there_is_one_clear_line(tmp_path, monkeypatch, path, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DatasetError, match=message) as caught:
        discover([path])
    assert repr(path) in str(caught.value)
    assert str(caught.value).isprintable()


def test_folder_without_data_is_an_error(tmp_path):
    write(tmp_path, "README.md", b"x")
    with pytest.raises(DatasetError, match=r"holds no data file .*\.parquet"):
        discover([tmp_path])


def test_no_path_is_wrong_usage():
    with pytest.raises(ConfigError, match="no data given"):
        discover([])


def test_special_files_are_refused_not_opened(tmp_path):
    fifo = tmp_path / "pipe.jsonl"
    os.mkfifo(fifo)
    with pytest.raises(DatasetError, match="no regular file"):
        discover([fifo])
    with pytest.raises(DatasetError, match="no regular file"):
        discover([tmp_path])
    with pytest.raises(DatasetError, match="no regular file"):
        discover(["/dev/null"])


def test_socket_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # socket paths must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s.jsonl")
        with pytest.raises(DatasetError, match="no regular file"):
            discover(["s.jsonl"])


@pytest.mark.parametrize(
    ("name", "extension"),
    [
        ("a.jsonl", "jsonl"),
        ("a.JSONL.GZ", "jsonl"),
        ("dir.csv/a.tsv.zst", "tsv"),
        ("a.gz", ""),
        ("a", ""),
    ],
)
def test_extension_below_compression(name, extension):
    assert data_extension(name) == extension
