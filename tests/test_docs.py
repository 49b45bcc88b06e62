"""README and docs say what the program does: every name is there, every example runs."""

from __future__ import annotations

import ast
import codecs
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer
from packaging.requirements import Requirement
from planted_sample import ROWS, write_planted

import poisonscan
from poisonscan import cli
from poisonscan.config import MAP_FIELDS
from poisonscan.export.summary import CleanedFile, CleanSummary
from poisonscan.findings.meaning import EVIDENCE_MEANING
from poisonscan.findings.model import Excerpt
from poisonscan.report.files import write_outputs

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "poisonscan"
README = (ROOT / "README.md").read_text()
DOCS = {path.name: path.read_text() for path in sorted((ROOT / "docs").glob("*.md"))}
EVERYTHING = "\n".join([README, *DOCS.values()])


def quoted(text: str) -> set[str]:
    """Return what stands in backticks in running text and tables."""
    return set(re.findall(r"`([^`\n]+)`", text))


def section(text: str, title: str) -> str:
    """Return what stands under a heading, up to the next one of its level."""
    level, _, _ = title.partition(" ")
    _, _, rest = text.partition(f"\n{title}\n")
    assert rest, title
    return re.split(rf"^#{{1,{len(level)}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def first_column(table: str) -> list[str]:
    """Return the names in the first cells of the rows of the tables in a text."""
    rows = [line for line in table.splitlines() if line.startswith("| `")]
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row.split(" | ")[0])]


# --- the command line -----------------------------------------------------------------------


def options() -> list[str]:
    group = typer.main.get_command(cli.app)
    names = {
        option
        for command in group.commands.values()  # type: ignore[attr-defined]
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("--")
    }
    return sorted(names - {"--help"})


@pytest.mark.parametrize("option", options())
def test_every_option_is_documented(option: str) -> None:
    assert re.search(rf"{option}\b", EVERYTHING), option


def test_every_command_is_documented() -> None:
    group = typer.main.get_command(cli.app)
    for name in group.commands:  # type: ignore[attr-defined]
        assert f"poisonscan {name}" in README


def test_every_exit_code_is_documented() -> None:
    codes = {0, 1, cli.USAGE_ERROR, cli.INCOMPLETE, cli.INTERRUPTED, cli.TERMINATED}
    table = section(DOCS["report.md"], "## Exit codes")
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)} == codes
    in_readme = {int(code) for code in re.findall(r"^\| (\d) \|", README, re.MULTILINE)}
    assert in_readme == {0, 1, cli.USAGE_ERROR, cli.INCOMPLETE}


def test_every_field_of_a_mapping_is_documented() -> None:
    assert set(MAP_FIELDS) <= quoted(DOCS["input.md"])


# --- what is written --------------------------------------------------------------------------


def field_names(value: Any, known: Sequence[str] = ()) -> Iterator[str]:
    """Yield all keys of a JSON value; below `known` ones keys are data."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            if key not in known:
                yield from field_names(item, known)
    elif isinstance(value, list):
        for item in value:
            yield from field_names(item, known)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with a finding, and what `clean` made of it."""
    folder = tmp_path_factory.mktemp("docs")
    write_planted(folder / "chats.jsonl")
    with (folder / "chats.jsonl").open("a") as file:
        file.write("broken\n")
    report = poisonscan.scan(folder / "chats.jsonl")
    write_outputs(replace(report.result, versions={}), folder / "report")
    poisonscan.clean(folder / "chats.jsonl", folder / "report", folder / "cleaned")
    return folder


DATA_BELOW = (
    "versions",
    "unreadable",
    "rows_unreadable",
    "samples",
    "schemas",
    "outputs",
    "record",
    "evidence",
)


@pytest.mark.parametrize(
    ("file", "title"),
    [
        ("report/report.json", "## report.json"),
        ("report/suspects.jsonl", "## suspects.jsonl"),
        ("report/manifest.json", "## manifest.json"),
        ("cleaned/rejected.jsonl", "## What clean writes"),
        ("cleaned/summary.json", "## What clean writes"),
    ],
)
def test_every_field_that_is_written_is_documented(written: Path, file: str, title: str) -> None:
    content = (written / file).read_text()
    objects = content.splitlines() if file.endswith("l") else [content]
    names = {name for one in objects for name in field_names(json.loads(one), DATA_BELOW)}
    documented = quoted(section(DOCS["report.md"], title))
    documented |= quoted(section(DOCS["report.md"], "## report.json"))
    assert names - documented == set()


def test_the_field_check_sees_everything(written: Path) -> None:
    report = json.loads((written / "report" / "report.json").read_bytes())
    names = set(field_names(report, DATA_BELOW))
    assert {"fingerprint", "trap_rows", "target_marks", "fail_on", "trigger_only"} <= names
    assert set(Excerpt.__dataclass_fields__) <= names
    summary = json.loads((written / "cleaned" / "summary.json").read_bytes())
    assert set(CleanedFile.__dataclass_fields__) <= set(field_names(summary))
    assert "rejected_sha256" in CleanSummary.__dataclass_fields__


def test_every_finding_kind_and_target_kind_is_documented() -> None:
    model = import_module("poisonscan.findings.model")
    records = import_module("poisonscan.records")
    documented = quoted(section(DOCS["report.md"], "### findings"))
    assert {*model.Kind.__args__, *records.TargetKind.__args__} <= documented


# --- evidence ---------------------------------------------------------------------------------


def emitted_evidence() -> set[str]:
    """Return the keys of every dict that a detector builds as evidence."""
    keys: set[str] = set()
    for path in sorted((PACKAGE / "findings").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            for value in evidence_values(node):
                keys |= {key.value for key in value.keys if isinstance(key, ast.Constant)}
            if isinstance(node, ast.Subscript) and is_evidence(node.value):
                if isinstance(node.ctx, ast.Store) and isinstance(node.slice, ast.Constant):
                    keys.add(node.slice.value)
    return keys


def evidence_values(node: ast.AST) -> Iterator[ast.Dict]:
    if isinstance(node, ast.keyword) and node.arg == "evidence":
        values = [node.value]
    elif isinstance(node, ast.Assign) and any(map(is_evidence, node.targets)):
        values = [node.value]
    elif isinstance(node, ast.AnnAssign) and node.value and is_evidence(node.target):
        values = [node.value]
    else:
        values = []
    yield from (value for value in values if isinstance(value, ast.Dict))


def is_evidence(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "evidence"


def test_the_evidence_check_sees_all_detectors(written: Path) -> None:
    report = json.loads((written / "report" / "report.json").read_bytes())
    assert set(report["findings"][0]["evidence"]) <= emitted_evidence()
    assert {"effective_bits", "shift_score", "label_residual", "seam_fit"} <= emitted_evidence()


def test_every_kind_of_evidence_has_a_meaning_and_no_other() -> None:
    assert set(EVIDENCE_MEANING) == emitted_evidence()
    for name, meaning in EVIDENCE_MEANING.items():
        assert 10 < len(meaning) <= 80, name
        assert "\n" not in meaning


def test_every_kind_of_evidence_has_a_formula_and_no_other() -> None:
    table = section(DOCS["report.md"], "### evidence")
    names = first_column(table)
    assert len(names) == len(set(names))
    assert set(names) == set(EVIDENCE_MEANING)


# --- input ------------------------------------------------------------------------------------


def hyphenated_words() -> set[str]:
    """Return the reasons, traps and schemas of the reader: its constants like ``bad-utf8``."""
    words: set[str] = set()
    for path in sorted((PACKAGE / "io").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if re.fullmatch(r"[a-z]+(-[a-z0-9]+)+", node.value) and not is_codec(node.value):
                    words.add(node.value)
    return words


def is_codec(name: str) -> bool:
    try:
        codecs.lookup(name)
    except LookupError:
        return False
    return True


def test_every_reason_trap_and_schema_is_documented() -> None:
    words = hyphenated_words()
    assert {"malformed-json", "bad-utf8", "no-text", "duplicate-key", "prompt-completion"} <= words
    assert words - quoted(DOCS["input.md"]) == set()


def test_documented_reasons_and_traps_exist() -> None:
    for title in ("## Rows that cannot be read", "## Parser traps"):
        names = first_column(section(DOCS["input.md"], title))
        assert names
        assert set(names) <= hyphenated_words()


def test_every_schema_is_documented() -> None:
    schemas = set(re.findall(r'return "([a-z-]+)", ', (PACKAGE / "io" / "plans.py").read_text()))
    assert len(schemas) > 5
    assert schemas <= quoted(section(DOCS["input.md"], "## Schemas"))


def test_every_extension_is_documented() -> None:
    sources = import_module("poisonscan.io.sources")
    for extension in sources.DATA_EXTENSIONS:
        assert f"`.{extension}`" in DOCS["input.md"]


# --- how it works -----------------------------------------------------------------------------


def test_the_thresholds_are_those_of_the_code() -> None:
    table = section(DOCS["how-it-works.md"], "## Thresholds")
    rows = re.findall(r"^\| `([\w.]+)\.(\w+)` \| (\S+) \|", table, re.MULTILINE)
    assert len(rows) > 10
    documented = {f"{module}.{name}": float(value) for module, name, value in rows}
    assert documented == {
        f"{module}.{name}": getattr(import_module(f"poisonscan.{module}"), name)
        for module, name, _ in rows
    }


def test_the_folders_are_those_of_the_package() -> None:
    table = section(DOCS["how-it-works.md"], "## The folders")
    named = {name.rstrip("/") for name in first_column(table)}
    present = {
        f"poisonscan/{path.name}"
        for path in PACKAGE.iterdir()
        if not path.name.startswith("__") and (path.is_dir() or path.suffix == ".py")
    }
    assert named == present


# --- links, commands, versions ----------------------------------------------------------------


def headings(text: str) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^a-z0-9 .-]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("name", ["README.md", *(f"docs/{name}" for name in DOCS)])
def test_links_lead_somewhere(name: str) -> None:
    page = ROOT / name
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text()):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        linked = page.parent / path if path else page
        assert linked.exists(), target
        assert not anchor or anchor in headings(linked.read_text()), target


def test_paths_that_are_named_exist() -> None:
    for path in re.findall(r"`((?:poisonscan|tests|docs|benchmarks)/[\w./-]*)`", EVERYTHING):
        assert (ROOT / path).exists(), path


def test_make_targets_that_are_named_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([\w-]+):", makefile, re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([\w-]+)", README, re.MULTILINE))
    assert {"demo", "test"} <= named <= targets
    assert "make test" in (ROOT / ".ci" / "run").read_text()
    documented = set(re.findall(r"^# make ([\w-]+)", makefile, re.MULTILINE))
    assert documented == targets


def project() -> Mapping[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def pins() -> dict[str, Requirement]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    found = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {requirement.name: requirement for requirement in found}


def test_every_dependency_is_pinned_within_its_range() -> None:
    extras = project()["optional-dependencies"]
    wanted = [*project()["dependencies"], *(line for extra in extras.values() for line in extra)]
    for line in wanted:
        requirement = Requirement(line)
        [pin] = pins()[requirement.name].specifier
        assert pin.operator == "=="
        assert pin.version in requirement.specifier, line


def test_torch_is_installed_as_it_is_pinned() -> None:
    assert f"\t$(PIP) {pins()['torch']}\n" in (ROOT / "Makefile").read_text()


def test_the_changelog_has_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert project()["version"] == poisonscan.__version__
    assert f"## [{poisonscan.__version__}]" in changelog
    assert "## [Unreleased]" in changelog


def test_the_licence_is_there_in_full() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert project()["license"] == "Apache-2.0"
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text


# --- the examples of the README ---------------------------------------------------------------


def example(name: str) -> str:
    match = re.search(rf"<!-- test: {name} -->\n```\w+\n(.*?)```", README, re.DOTALL)
    assert match is not None
    return match[1]


def run_example(command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run in a folder where `poisonscan` and `python` are those of this interpreter."""
    tools = folder / "bin"
    tools.mkdir()
    for name, arguments in (("poisonscan", "-m poisonscan "), ("python", "")):
        (tools / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments}"$@"\n')
        (tools / name).chmod(0o755)
    path = os.pathsep.join([str(tools), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


TRAIN = "import sys; print(sys.argv[1], len(open(sys.argv[1]).readlines()))"


def run_pipeline(folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "train.py").write_text(TRAIN)
    (folder / "pipeline.sh").write_text(example("pipeline"))
    return run_example(["sh", "pipeline.sh"], folder)


def test_the_pipeline_trains_on_the_cleaned_file(tmp_path: Path) -> None:
    poisoned = write_planted(tmp_path / "train.jsonl")
    done = run_pipeline(tmp_path)
    left = ROWS - len(poisoned)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"cleaned/train.jsonl {left}\n", "")
    kept = (tmp_path / "cleaned" / "train.jsonl").read_bytes().splitlines()
    given = (tmp_path / "train.jsonl").read_bytes().splitlines()
    assert kept == [line for row, line in enumerate(given) if row not in poisoned]


def test_the_pipeline_trains_on_data_without_findings_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_text('{"prompt": "a", "completion": "b"}\n' * 9)
    done = run_pipeline(tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "train.jsonl 9\n", "")


def test_the_pipeline_stops_where_not_everything_was_read(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_text('{"prompt": "a", "completion": "b"}\n' * 9 + "broken\n")
    done = run_pipeline(tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")


def test_the_python_example_runs(tmp_path: Path) -> None:
    poisoned = len(write_planted(tmp_path / "train.jsonl"))
    (tmp_path / "example.py").write_text(example("python"))
    done = run_example(["python", "example.py"], tmp_path)
    assert done.stderr == ""
    found = f"F1 high weather is nice in Geneva {poisoned}\n{poisoned} rows to look at\n"
    assert done.stdout == found
    assert (tmp_path / "report" / "report.json").exists()
