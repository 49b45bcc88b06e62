"""Which part may know which other part, read off the source."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "poisonscan"

#: Each line may import the lines above it, and itself where it is one name or marked so.
LAYERS = (
    ("errors", "records", "config", "memory", "threads", "scratch", "trimming"),
    ("kernels",),
    ("spool", "io", "accumulators", "embed"),
    ("candidates",),
    ("evidence",),
    ("findings",),
    ("report", "synth"),
    ("export",),
    ("plant",),
    ("engine", "api", "progress", "stopping"),
    ("cli",),
    ("__main__",),
)
#: Lines whose names may import each other.
COHERENT = (LAYERS[0], LAYERS[9])
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}

HEAVY = ("numpy", "polars", "sklearn", "scipy", "numba", "pyarrow", "torch", "rich", "jinja2")

FILES = sorted(PACKAGE.rglob("*.py"))


def part_of(path: Path) -> str:
    """Return the first name below the package: ``io`` for ``poisonscan/io/rows.py``."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imported_modules(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and module of every import, those inside functions included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import in line {node.lineno}"
            assert node.module is not None
            yield node.lineno, node.module
            for alias in node.names:  # `from poisonscan import api` imports a part as well
                if node.module == "poisonscan":
                    yield node.lineno, f"poisonscan.{alias.name}"


def forbidden_imports(path: Path, tree: ast.AST) -> list[str]:
    """Return what a file imports against the direction of `LAYERS`."""
    own = part_of(path)
    wrong = []
    for line, module in imported_modules(tree):
        name, _, rest = module.partition(".")
        part = rest.partition(".")[0]
        if name != "poisonscan" or part in ("", "__version__", own):
            continue
        is_coherent = any(own in names and part in names for names in COHERENT)
        if LEVEL[part] >= LEVEL[own] and not is_coherent:
            wrong.append(f"{path.relative_to(ROOT)}:{line} imports {module}")
    return wrong


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down_only(path: Path) -> None:
    if path == PACKAGE / "__init__.py":
        return  # names the public parts, imports them on first use (tested below)
    assert part_of(path) in LEVEL, "a new part needs a place in LAYERS"
    assert forbidden_imports(path, ast.parse(path.read_text())) == []


def test_the_check_sees_a_wrong_import() -> None:
    tree = ast.parse("def f():\n    from poisonscan.cli import main\n")
    wrong = forbidden_imports(PACKAGE / "io" / "rows.py", tree)
    assert wrong == ["poisonscan/io/rows.py:2 imports poisonscan.cli"]
    sideways = ast.parse("from poisonscan.embed.static import StaticModel")
    assert forbidden_imports(PACKAGE / "io" / "rows.py", sideways)
    down = ast.parse("from poisonscan.kernels.tokens import tokenise")
    assert forbidden_imports(PACKAGE / "io" / "rows.py", down) == []


def test_kernels_stand_alone() -> None:
    allowed = {*sys.stdlib_module_names, "numpy", "numba"}
    for path in sorted((PACKAGE / "kernels").glob("*.py")):
        for line, module in imported_modules(ast.parse(path.read_text())):
            is_kernel = module == "poisonscan.kernels" or module.startswith("poisonscan.kernels.")
            assert is_kernel or module.partition(".")[0] in allowed, f"{path.name}:{line} {module}"


def test_numba_is_used_in_kernels_only() -> None:
    for path in FILES:
        modules = {module.partition(".")[0] for _, module in imported_modules(_tree(path))}
        assert part_of(path) == "kernels" or "numba" not in modules, path


def test_nothing_prints() -> None:
    for path in FILES:
        calls = [
            node.lineno
            for node in ast.walk(_tree(path))
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "print"
        ]
        assert calls == [], path


def test_every_module_says_what_it_is_for() -> None:
    for path in FILES:
        assert ast.get_docstring(_tree(path)), path


@pytest.mark.parametrize(
    "code",
    [
        "import poisonscan",
        "import poisonscan; dir(poisonscan); poisonscan.ScanConfig(min_support=8)",
        "import poisonscan.cli",
        "from poisonscan.cli import main; main(['--help'])",
        "from poisonscan.cli import main; main(['scan', '--help'])",
        "from poisonscan.cli import main; main(['plant', '--help'])",
        "from poisonscan.cli import main; main(['--version'])",
        "from poisonscan.cli import main; main(['scan', 'data', '--fail-on', 'sometimes'])",
    ],
)
def test_nothing_heavy_is_imported_before_it_is_needed(code: str) -> None:
    # exact names: `rich` must not be found in `enrich`
    report = f"; import sys; print('LOADED', sorted(set({HEAVY}) & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code + report], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.strip().splitlines()[-1] == "LOADED []"


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())
