"""The sample files can be written again, byte for byte the same."""

from __future__ import annotations

import subprocess
import sys

import pytest
from synth_rows import SAMPLES

from poisonscan.errors import OutputError
from poisonscan.synth import DEFAULT_SEED, write_samples
from poisonscan.synth.__main__ import main
from poisonscan.synth.files import sample_texts


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_committed_files_are_what_the_program_writes(tmp_path):
    write_samples(tmp_path)
    assert contents(tmp_path) == contents(SAMPLES)


def test_the_module_is_a_command(tmp_path):
    out = tmp_path / "new" / "folder"
    command = [sys.executable, "-m", "poisonscan.synth", "--out", str(out)]
    finished = subprocess.run(command, capture_output=True, cwd=SAMPLES.parent, check=True)
    assert (finished.stdout, finished.stderr) == (b"", b"")
    assert contents(out) == contents(SAMPLES)


def test_another_seed_writes_other_files():
    first, second = sample_texts(DEFAULT_SEED), sample_texts(DEFAULT_SEED + 7)
    assert first.keys() == second.keys()
    assert all(first[name] != second[name] for name in first if name != "README.md")


def test_an_unwritable_folder_is_an_output_error(tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(OutputError, match="taken"):
        write_samples(tmp_path / "taken")


def test_the_command_exits_with_2_where_it_cannot_write(tmp_path, capsys):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(SystemExit) as stopped:
        main(["--out", str(tmp_path / "taken")])
    assert stopped.value.code == 2
    assert "taken" in capsys.readouterr().err


def test_the_files_are_small_and_plain():
    files = contents(SAMPLES)
    assert sum(map(len, files.values())) < 4 << 20
    for name, data in files.items():
        assert data.isascii(), name
        assert b"\r" not in data, name
        assert data.endswith(b"\n"), name
